// Colours for terminals: 24 bits to the 256 that xterm has, sixteen of its own left out because users repaint them.

const CUBE = [0, 95, 135, 175, 215, 255];
const CUBE_START = 16;
const GREY_START = 232;
const GREYS = 24;

const cache = new Map<number, number>();

/** The number of the nearest of xterm's colours 16 to 255. */
export function xtermColour(rgb: number): number {
	const known = cache.get(rgb);
	if (known !== undefined) return known;
	const channels = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255];
	const steps = channels.map(nearestStep);
	const cube = steps.map((step) => CUBE[step]);
	const grey = Math.max(0, Math.min(GREYS - 1, Math.round((sum(channels) / 3 - 8) / 10)));
	const level = 8 + grey * 10;
	const useGrey = distance(channels, [level, level, level]) < distance(channels, cube);
	const colour = useGrey ? GREY_START + grey : CUBE_START + steps[0] * 36 + steps[1] * 6 + steps[2];
	if (cache.size < 65536) cache.set(rgb, colour);
	return colour;
}

function nearestStep(value: number): number {
	let best = 0;
	for (let i = 1; i < CUBE.length; i++)
		if (Math.abs(CUBE[i] - value) < Math.abs(CUBE[best] - value)) best = i;
	return best;
}

function sum(values: number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function distance(a: number[], b: number[]): number {
	return a.reduce((total, value, i) => total + (value - b[i]) ** 2, 0);
}
