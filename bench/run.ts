/** One run of one program on one runner, as it comes back from the process that it ran in. */
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import type { Phase } from "./marks.ts";

export interface Run {
	phases: Phase[];
	/** The process's largest resident set in MiB, where the host tells. */
	peak?: number;
	counters?: Counters;
}

/** What bench/worker.ts is told by its parent. */
export interface Order {
	runner: "compiler" | "interpreter" | "v86";
	kind: "image" | "disc";
	file: string;
	clock: Clock;
}

/** What it answers. */
export type Answer = { run: Run } | { failure: string };

/** The prompt that ends the way from power-on. */
export const PROMPT = "rocket> ";
/** Milliseconds of wall time for one program. */
export const TIME_LIMIT = 300_000;
