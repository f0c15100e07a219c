/**
 * Short loops become loops of several turns. Beside its block, each turn of a loop asks whether the budget suffices, lets the engine
 * look whether somebody wants it to stop, and jumps back; now that is done once for all of them.
 */
import type { BasicBlock } from "./discover.ts";

/** Instructions of all turns, and how many turns there are at most. */
const LARGEST = 24;
const MOST_TURNS = 3;

export function unroll(blocks: readonly BasicBlock[]): void {
	for (const block of blocks) {
		if (block.taken !== block) continue;
		const turns = Math.min(MOST_TURNS, Math.floor(LARGEST / block.instructions.length));
		let last = block;
		for (let turn = 1; turn < turns; turn++) {
			const next: BasicBlock = { ...block, taken: block };
			last.taken = next;
			last = next;
		}
	}
}
