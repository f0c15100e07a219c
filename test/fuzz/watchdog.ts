/** Ends the process when one program takes for ever: compiled code that does not come back cannot be interrupted. */
import { Worker } from "node:worker_threads";

const PATIENCE = 240_000;

/** What the other thread does: looks from time to time whether the seed is still the same. */
const WATCH = `
	const { workerData } = require("node:worker_threads");
	const { writeSync } = require("node:fs");
	const seed = new Int32Array(workerData.buffer);
	let last = -1;
	setInterval(() => {
		if (seed[0] === last) {
			writeSync(2, "seed " + last + " does not come to an end\\n");
			process.kill(process.pid, "SIGKILL");
		}
		last = seed[0];
	}, workerData.patience);
`;

/** @returns to be told each seed before it runs: a number that was not the last one */
export function watch(): (seed: number) => void {
	const buffer = new SharedArrayBuffer(4);
	const seeds = new Int32Array(buffer);
	new Worker(WATCH, { eval: true, workerData: { buffer, patience: PATIENCE } }).unref();
	return (seed) => {
		seeds[0] = seed;
	};
}
