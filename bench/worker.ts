/**
 * Runs one program in Gantry in a process of its own, so that memory, garbage and compiled code are this run's.
 * bench/runners.ts bundles it, starts it and tells it what to run.
 */
import { boot } from "../src/cli/api.ts";
import type { Session } from "../src/script/session.ts";
import { clockOf } from "./clock.ts";
import { readCounters, timeCompiler } from "./counters.ts";
import { Marks } from "./marks.ts";
import { obey } from "./order.ts";
import { type Order, PROMPT, type Run, TIME_LIMIT } from "./run.ts";

async function runImage({ file, clock, runner }: Order): Promise<Run> {
	let session: Session | undefined;
	const marks = new Marks({
		now: clockOf(clock),
		retired: () => session?.machine.processor.retired ?? 0,
	});
	const seconds = TIME_LIMIT / 1000;
	const compiler = runner === "compiler";
	session = await boot({ kernel: file, compiler, onSerial: marks.push, wallTimeout: seconds });
	const ending = await session.run(seconds);
	if (ending?.kind !== "exit") throw new Error(`the guest ended by ${ending?.kind ?? "its time limit"}`);
	const counters = readCounters(session);
	session.close();
	return { phases: marks.phases, counters };
}

async function runDisc({ file, clock, runner }: Order): Promise<Run> {
	const now = clockOf(clock);
	const from = now();
	const session = await boot({ cdrom: file, compiler: runner === "compiler" });
	await session.serial.expect(PROMPT, { within: 60 });
	const ms = now() - from;
	const phases = [{ name: "prompt", ms, checksum: "00000000", instructions: session.instructions }];
	const counters = readCounters(session);
	session.close();
	return { phases, counters };
}

/** Waits for an order, runs it, and sends what came of it. */
export const main = (): Promise<void> =>
	obey((order) => {
		timeCompiler(clockOf(order.clock));
		return order.kind === "image" ? runImage(order) : runDisc(order);
	});

export { boot };
