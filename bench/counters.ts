/** What the compiler tells about itself, as far as it does; everything is since power-on. */
import type { Session } from "../src/script/session.ts";

export interface Counters {
	/** Regions compiled, and those of them that are still there. */
	regions: number;
	live?: number;
	/** Bytes of WebAssembly made, and of what is still there. */
	bytes?: number;
	liveBytes?: number;
	/** Milliseconds spent compiling. */
	compileMs?: number;
	evictions?: number;
}

/** The one place that knows where the processor keeps its counters. */
export function readCounters(session: Session): Counters {
	return { regions: session.regions };
}
