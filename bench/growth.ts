/** Whether something that should stay as it is grows. */

export interface Sample {
	/** Since the run began. */
	seconds: number;
	/** Of whatever is watched. */
	value: number;
}

export interface Growth {
	/** The largest value in the middle third of the run, and in its last third. The first third is warm-up. */
	middle: number;
	last: number;
	grows: boolean;
}

/** What may be added to the middle's largest value: garbage that is yet to be collected. */
const SHARE = 0.05;

/**
 * @param slack  what may be added besides, in the value's own unit
 * @returns undefined where there are not two samples in each of the thirds
 */
export function growthOf(samples: Sample[], slack: number): Growth | undefined {
	if (samples.length === 0) return undefined;
	const whole = samples[samples.length - 1].seconds;
	const third = (number: number) =>
		samples
			.filter(({ seconds }) => seconds > (whole * number) / 3 && seconds <= (whole * (number + 1)) / 3)
			.map(({ value }) => value);
	const [inMiddle, inLast] = [third(1), third(2)];
	if (inMiddle.length < 2 || inLast.length < 2) return undefined;
	const [middle, last] = [Math.max(...inMiddle), Math.max(...inLast)];
	return { middle, last, grows: last > middle * (1 + SHARE) + slack };
}
