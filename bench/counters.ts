/** What the compiler tells about itself, and how long it took; everything is since power-on. */
import type { Session } from "../src/script/session.ts";
import { Regions } from "../src/translate/region/regions.ts";

export interface Counters {
	/** Regions compiled, and those of them that are still there. */
	regions: number;
	/** Functions of drafts. */
	drafts: number;
	live: number;
	modules: number;
	/** Bytes of WebAssembly made, and of what is still there. */
	bytes: number;
	liveBytes: number;
	evictions: number;
	/** How often compiled code was left for the interpreter. */
	exits: number;
	/** Milliseconds that the guest waited for the compiler: Gantry's part and the engine's first one. */
	compileMs: number;
}

let compiling = 0;

/** Times the compiler from outside, from now on: it may not read a clock itself. */
export function timeCompiler(now: () => number): void {
	const { compile } = Regions.prototype;
	Regions.prototype.compile = function (this: Regions) {
		const from = now();
		compile.call(this);
		compiling += now() - from;
	};
}

/** The one place that knows where the processor keeps its counters. */
export function readCounters(session: Session): Counters {
	const { regionStats, regionExits } = session.machine.processor;
	const { compiled, drafts, live, modules, bytes, liveBytes, evicted } = regionStats;
	const exits = regionExits.reduce((sum, { count }) => sum + count, 0);
	return {
		regions: compiled,
		drafts,
		live,
		modules,
		bytes,
		liveBytes,
		evictions: evicted,
		exits,
		compileMs: compiling,
	};
}
