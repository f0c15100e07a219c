// Where the time goes, by the engine's own profiler: it looks a thousand times a second or so at what runs, WebAssembly and
// JavaScript alike. What is measured pays nothing for it but the looks.

import { type Profiler, Session } from "node:inspector";

/** A function on the stack. */
export interface Frame {
	/** As the engine has it: empty for a closure, in parentheses for what is no function. */
	name: string;
	/** Its file or WebAssembly module; empty for the engine's own. */
	url: string;
	/** Where it begins in its file, from 0. */
	line: number;
}

/** What ran, innermost first, and for how long. */
export interface Sample {
	stack: Frame[];
	milliseconds: number;
}

const INTERVAL_MICROSECONDS = 500;

export class Sampler {
	readonly #session = new Session();

	constructor() {
		this.#session.connect();
		this.#session.post("Profiler.enable");
		this.#session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
		this.#session.post("Profiler.start");
	}

	/** Ends the sampling. @returns a sample for each different stack */
	stop(): Promise<Sample[]> {
		return new Promise((resolve, reject) => {
			this.#session.post("Profiler.stop", (error, result) => {
				this.#session.disconnect();
				if (error) reject(error);
				else resolve(samplesOf(result.profile));
			});
		});
	}
}

function samplesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Sample[] {
	const times = new Map<number, number>();
	samples.forEach((id, i) => times.set(id, (times.get(id) ?? 0) + timeDeltas[i] / 1000));
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const parents = new Map(
		nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
	);
	const stackOf = (id: number | undefined): Frame[] => {
		const frame = id === undefined ? undefined : byId.get(id)?.callFrame;
		if (!frame) return [];
		return [
			{ name: frame.functionName, url: frame.url, line: frame.lineNumber },
			...stackOf(parents.get(id!)),
		];
	};
	return [...times].map(([id, milliseconds]) => ({ stack: stackOf(id), milliseconds }));
}
