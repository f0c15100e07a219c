/** A process that is told what to run, runs it, and answers. */
import { peakMemory } from "./memory.ts";
import type { Answer, Order, Run } from "./run.ts";

export async function obey(run: (order: Order) => Promise<Run>): Promise<void> {
	const order = await new Promise<Order>((resolve) => process.once("message", resolve));
	let answer: Answer;
	try {
		answer = { run: { ...(await run(order)), peak: peakMemory("self") } };
	} catch (error) {
		answer = { failure: (error as Error).message };
	}
	process.send!(answer, () => process.exit());
}
