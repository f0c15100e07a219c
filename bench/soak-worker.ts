/** The soak's guest, in a process of its own: reports how far it has come until its parent ends it. */
import { getHeapCodeStatistics, getHeapStatistics } from "node:v8";
import { boot } from "../src/cli/api.ts";
import { type Counters, readCounters } from "./counters.ts";
import { Marks } from "./marks.ts";

export interface SoakOrder {
	file: string;
	/** How long, and how often to report. */
	seconds: number;
	every: number;
	compiler: boolean;
}

export type SoakReport =
	| { kind: "sample"; seconds: number; functions: number; laps: number; counters: Counters; engine: Engine }
	| { kind: "end"; failure?: string };

/** What the engine says of its own memory, in bytes: where growth would have to be looked for. */
export interface Engine {
	heap: number;
	external: number;
	/** Machine code and metadata of JavaScript; WebAssembly's is in neither. */
	code: number;
	malloced: number;
}

/** Guest seconds that no run reaches. */
const FOR_EVER = 1e9;

function engineMemory(): Engine {
	const { used_heap_size, external_memory, malloced_memory } = getHeapStatistics();
	const { code_and_metadata_size } = getHeapCodeStatistics();
	return {
		heap: used_heap_size,
		external: external_memory,
		code: code_and_metadata_size,
		malloced: malloced_memory,
	};
}

async function soak({ file, seconds, every, compiler }: SoakOrder): Promise<void> {
	let [functions, laps] = [0, 0];
	let wrong: string | undefined;
	const marks = new Marks(undefined, ({ name, count, checksum }) => {
		if (name === "beat") functions = count!;
		if (name === "lap") laps = count!;
		if (name === "wrong") wrong = `a function returned ${checksum}, which is wrong`;
	});
	const session = await boot({ kernel: file, compiler, onSerial: marks.push, wallTimeout: seconds + 300 });
	const began = performance.now();
	const elapsed = () => (performance.now() - began) / 1000;
	for (let next = every; elapsed() < seconds; next += every) {
		const ending = await session.run(FOR_EVER, () => elapsed() >= next || wrong !== undefined);
		if (wrong ?? ending) throw new Error(wrong ?? `the guest ended by ${ending!.kind}`);
		report({
			kind: "sample",
			seconds: elapsed(),
			functions,
			laps,
			counters: readCounters(session),
			engine: engineMemory(),
		});
	}
}

const report = (message: SoakReport) => process.send!(message);

process.once("message", (order: SoakOrder) => {
	soak(order).then(
		() => report({ kind: "end" }),
		(error: Error) => report({ kind: "end", failure: error.message }),
	);
});
