/**
 * Short loops become loops of several turns. Beside its block, each turn of a loop asks whether the budget suffices, lets the engine
 * look whether somebody wants it to stop, and jumps back; now that is done once for all of them.
 *
 * Where a loop goes through memory, the turns' accesses lie side by side: a guard asks for all of them, and where they are not possible
 * together, as at a page's end, there is one turn more that asks for itself.
 */
import * as S from "../../core/state.ts";
import type { BasicBlock, Instruction } from "./discover.ts";

/** Instructions of all turns, and how many turns there are at most. */
const LARGEST = 32;
const MOST_TURNS = 4;

export function unroll(view: DataView, blocks: readonly BasicBlock[]): void {
	for (const block of blocks) {
		if (block.taken !== block) continue;
		const turns = Math.min(MOST_TURNS, Math.floor(LARGEST / block.instructions.length));
		if (turns < 2) continue;
		const start = goesThroughMemory(view, block) ? guarded(block) : block;
		let last = start;
		for (let turn = 1; turn < turns; turn++) {
			const next: BasicBlock = { ...start, taken: block };
			last.taken = next;
			last = next;
		}
	}
}

/** Makes a loop's block the guard before its turns. @returns the first of them */
function guarded(block: BasicBlock): BasicBlock {
	const first = { ...block };
	const alone = { ...block };
	Object.assign(block, { instructions: [], isGuard: true, taken: alone, follows: first });
	return first;
}

/** Whether an access is by a register to which each turn adds a known number. */
function goesThroughMemory(view: DataView, { instructions }: BasicBlock): boolean {
	const u16 = ({ record }: Instruction, field: number) => view.getUint16(record + field, true);
	const bases = new Set<number>();
	const moved = new Set<number>();
	for (const instruction of instructions) {
		const { name, form, operands } = instruction.variant!;
		if (form === "memory") {
			if (u16(instruction, S.REC_INDEX) !== S.ZERO) continue;
			const base = u16(instruction, S.REC_BASE);
			if (!name.startsWith("LEA ")) bases.add(base);
			else if (base === u16(instruction, S.REC_REG)) moved.add(base);
		} else if (/^(ADD|SUB|INC|DEC) /.test(name) && (operands[1]?.kind ?? "I") === "I")
			moved.add(u16(instruction, S.REC_RM));
	}
	return [...bases].some((base) => moved.has(base));
}
