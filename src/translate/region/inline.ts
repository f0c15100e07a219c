/**
 * Calls whose callee becomes part of the region: its blocks are there once more for each such call, so registers and flags stay
 * where they are, and the return address is looked at but not jumped to. Where something else was called, or where RET finds
 * another address, the region goes the ordinary way.
 */
import {
	type BasicBlock,
	discover,
	type Instruction,
	isBranch,
	isCall,
	isReturn,
	type RecordReader,
} from "./discover.ts";

/** Instructions of a callee. */
const LARGEST_CALLEE = 40;
/** Calls inside one another. */
const DEEPEST = 4;

export interface CallReader extends RecordReader {
	/** The code segment's size; calls and returns of another operand size stay what they are. */
	size: number;
	/** Where a call goes, as an offset in the page, if it goes there often; an indirect call: where it went last. */
	callee(call: Instruction): number | undefined;
}

/**
 * @param room so many instructions may be added
 * @returns how many may still be
 */
export function inlineCalls(reader: CallReader, blocks: BasicBlock[], room: number, depth = DEEPEST): number {
	let left = room;
	for (const block of blocks) {
		const call = block.instructions.at(-1);
		if (!call || !block.follows || !goes(reader, call, isCall)) continue;
		const target = reader.callee(call);
		const body = target === undefined ? undefined : discover(reader, target, LARGEST_CALLEE + 1);
		if (!body) continue;
		const size = body.reduce((sum, { instructions }) => sum + instructions.length, 0);
		const returns = body.filter(({ instructions }) => goes(reader, instructions.at(-1), isReturn));
		if (size > Math.min(LARGEST_CALLEE, left) || !returns.length) continue;
		left -= size;
		if (depth > 1) left = inlineCalls(reader, body, left, depth - 1);
		for (const end of returns) end.follows = block.follows;
		block.taken = body[0];
		block.follows = isBranch(call.variant!)
			? undefined
			: { offset: call.offset, instructions: [], follows: block.follows, call };
	}
	return left;
}

function goes(reader: CallReader, instruction: Instruction | undefined, how: typeof isCall): boolean {
	const variant = instruction?.variant;
	return variant !== undefined && how(variant) && variant.operandSize === reader.size;
}
