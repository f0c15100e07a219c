/**
 * What belongs to a region: the basic blocks reachable from a hot block inside its page, read from
 * the decoded records.
 */
import * as S from "../../core/state.ts";
import type { Variant } from "../../x86/expand.ts";

/** One decoded instruction. */
export interface Instruction {
	/** Its record's address. */
	record: number;
	/** Offset in the page, and of the instruction after. */
	offset: number;
	next: number;
	/** Undefined where it is no instruction: the end of a block that was cut. */
	variant?: Variant;
}

/** A run of instructions that is entered at its start only. */
export interface BasicBlock {
	offset: number;
	instructions: Instruction[];
	/**
	 * Blocks of the region that may follow: the branch's target first, or the callee of a call that is part of the region; then
	 * what falls through, or what RET goes back to if its call is.
	 */
	taken?: BasicBlock;
	follows?: BasicBlock;
	/** A block without instructions: where an indirect call does not go to the callee that was expected. */
	call?: Instruction;
	/** A block without instructions: the region is entered at `taken` or at `follows`. */
	isGate?: true;
	/** A block without instructions: to `follows`, whose accesses to memory are asked for here, or to `taken` where one is not possible. */
	isGuard?: true;
}

export interface RecordReader {
	view: DataView;
	/** By REC_OP; undefined where it is no instruction. */
	variantOf(op: number): Variant | undefined;
	/** The record of the block at an offset of the page, if it was entered before; else 0. */
	blockAt(offset: number): number;
	/** Lets `blockAt` know what lies behind a block that was cut: nothing need have entered it. */
	decodeBehind(offset: number): void;
	/** Whether the compiler can express the instruction. */
	compiles(instruction: Instruction): boolean;
}

/** To an offset from the next instruction: it is the only operand then. */
export const isBranch = (variant: Variant): boolean => variant.operands[0]?.kind === "J";
export const isConditional = (variant: Variant): boolean => isBranch(variant) && !variant.options.ends;
export const isReturn = (variant: Variant): boolean => variant.name.startsWith("RET");
export const isCall = (variant: Variant): boolean => variant.name.startsWith("CALL");

/** Where a record's instruction lies in its page. */
export const offsetOf = (view: DataView, record: number): number =>
	view.getUint16(record + S.REC_NEXT, true) - view.getUint8(record + S.REC_LENGTH);

function readInstruction(reader: RecordReader, record: number): Instruction {
	const op = reader.view.getUint16(record + S.REC_OP, true);
	return {
		record,
		offset: offsetOf(reader.view, record),
		next: reader.view.getUint16(record + S.REC_NEXT, true),
		variant: reader.variantOf(op),
	};
}

/** Where a relative branch goes, as an offset from the page's first byte. */
export function branchTarget(reader: { view: DataView }, instruction: Instruction): number {
	return Number(reader.view.getBigInt64(instruction.record + S.REC_IMMEDIATE, true));
}

/**
 * The region's blocks, the entry first; undefined where not even the first instruction compiles.
 * @param largest about so many instructions
 */
export function discover(reader: RecordReader, entry: number, largest: number): BasicBlock[] | undefined {
	const instructions = new Map<number, Instruction>();
	const leaders = new Set([entry]);
	const work = [entry];
	for (let at = work.pop(); at !== undefined; at = work.pop())
		walk(reader, at, largest, instructions, leaders, work);
	const offsets = [...leaders].filter((offset) => instructions.has(offset));
	if (offsets[0] !== entry) return undefined;
	const blocks = new Map(offsets.map((offset) => [offset, { offset, instructions: [] } as BasicBlock]));
	for (const block of blocks.values()) fill(reader, block, blocks, instructions);
	return [...blocks.values()];
}

/**
 * Collects the instructions that lie behind one another from `at` on; what they branch to begins blocks and is
 * walked later. Code that was never entered has no record and stays out: it is cold, or becomes hot by itself.
 */
function walk(
	reader: RecordReader,
	at: number,
	largest: number,
	seen: Map<number, Instruction>,
	leaders: Set<number>,
	work: number[],
): void {
	const leads = (offset: number) => {
		if (offset < 0 || offset >= 4096 || leaders.has(offset)) return;
		leaders.add(offset);
		work.push(offset);
	};
	for (let record = reader.blockAt(at); record && seen.size < largest; record += S.RECORD_SIZE) {
		const instruction = readInstruction(reader, record);
		const { variant, offset, next } = instruction;
		if (!variant) {
			if (next < 4096 && reader.view.getUint16(record + S.REC_OP, true) === S.OP_CONTINUE)
				reader.decodeBehind(next);
			leads(next);
			return;
		}
		if (seen.has(offset)) {
			leaders.add(offset);
			return;
		}
		if (!reader.compiles(instruction)) return;
		seen.set(offset, instruction);
		if (isBranch(variant) && !isCall(variant)) leads(branchTarget(reader, instruction));
		if (isConditional(variant)) leaders.add(next);
		else if (variant.options.ends) {
			if (isCall(variant)) leads(next);
			return;
		}
	}
}

/** Gives a block its instructions, up to the next leader or a branch, and its successors. */
function fill(
	reader: RecordReader,
	block: BasicBlock,
	blocks: Map<number, BasicBlock>,
	instructions: Map<number, Instruction>,
): void {
	for (let at = block.offset; ; ) {
		if (at !== block.offset && blocks.has(at)) {
			block.follows = blocks.get(at);
			return;
		}
		const instruction = instructions.get(at);
		if (!instruction) return;
		block.instructions.push(instruction);
		const variant = instruction.variant!;
		if (isBranch(variant) && !isCall(variant)) {
			block.taken = blocks.get(branchTarget(reader, instruction));
			if (isConditional(variant)) block.follows = blocks.get(instruction.next);
			return;
		}
		if (variant.options.ends) {
			if (isCall(variant)) block.follows = blocks.get(instruction.next);
			return;
		}
		at = instruction.next;
	}
}
