/**
 * Runs one program in Gantry or in v86 in a process of its own, so that memory, garbage and compiled code are
 * this run's. bench/runners.ts bundles it, starts it and tells it what to run.
 */
import { boot } from "../src/cli/api.ts";
import type { Session } from "../src/script/session.ts";
import { readCounters } from "./counters.ts";
import { Marks } from "./marks.ts";
import { peakMemory } from "./memory.ts";
import { type Answer, type Order, PROMPT, type Run, TIME_LIMIT } from "./run.ts";
import { runV86 } from "./v86.ts";

async function runImage(file: string, compiler: boolean): Promise<Run> {
	let session: Session | undefined;
	const marks = new Marks({
		now: () => performance.now(),
		retired: () => session?.machine.processor.retired ?? 0,
	});
	const seconds = TIME_LIMIT / 1000;
	session = await boot({ kernel: file, compiler, onSerial: marks.push, wallTimeout: seconds });
	const ending = await session.run(seconds);
	if (ending?.kind !== "exit") throw new Error(`the guest ended by ${ending?.kind ?? "its time limit"}`);
	const counters = readCounters(session);
	session.close();
	return { phases: marks.phases, counters };
}

async function runDisc(file: string, compiler: boolean): Promise<Run> {
	const from = performance.now();
	const session = await boot({ cdrom: file, compiler });
	await session.serial.expect(PROMPT, { within: 60 });
	const ms = performance.now() - from;
	const phases = [{ name: "prompt", ms, checksum: "00000000", instructions: session.instructions }];
	const counters = readCounters(session);
	session.close();
	return { phases, counters };
}

function run({ runner, kind, file }: Order): Promise<Run> {
	if (runner === "v86") return runV86(file);
	return (kind === "image" ? runImage : runDisc)(file, runner === "compiler");
}

process.once("message", async (order: Order) => {
	let answer: Answer;
	try {
		answer = { run: { ...(await run(order)), peak: peakMemory("self") } };
	} catch (error) {
		answer = { failure: (error as Error).message };
	}
	process.send!(answer, () => process.exit());
});
