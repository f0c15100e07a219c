/** Whether something that should stay as it is grows. */

export interface Growth {
	/** The largest value in the first half, and in the second. */
	first: number;
	second: number;
	grows: boolean;
}

/** What may be added to the first half's largest value: garbage that is yet to be collected. */
const SHARE = 0.05;

/**
 * @param samples  at even intervals, from when everything was warm
 * @param slack    what may be added besides, in the value's own unit
 * @returns undefined where there are not three samples in each half
 */
export function growthOf(samples: number[], slack: number): Growth | undefined {
	const half = samples.length >> 1;
	if (half < 3) return undefined;
	const [first, second] = [Math.max(...samples.slice(0, half)), Math.max(...samples.slice(half))];
	return { first, second, grows: second > first * (1 + SHARE) + slack };
}
