// Which blocks of a page are drafted, and in which order: most ways are to lead forward.

import { DRAFT_BLOCKS, DRAFT_LABELS, HOT, REC_HEAT, REC_IMMEDIATE, REC_NEXT, RECORD_SIZE } from "../state";
import {
	END_BRANCH, END_INDIRECT, END_JUMP, END_NEXT, END_RETURN, LONGEST_BLOCK, LONGEST_RUN, STENCIL_BAILS, STENCIL_READS_FLAGS, STENCIL_SETS_FLAGS,
} from "../stencil";
import { groupOf } from "./groups";
import { endOf, offsetOf, propertiesOf, stencilOf } from "./records";
import { begins, draftHeat } from "./words";

const MOST_BLOCKS: u32 = 32;

/** The physical page's table of records by offset. */
let table: usize = 0;
/** How many blocks are to be drafted, and how many instructions they have at most. */
export let blocks: u32 = 0;
export let instructions: u32 = 0;

@inline
export function labelAt(offset: u32): u32 {
	return load<u16>(DRAFT_LABELS + (offset << 1));
}

@inline
export function recordOfBlock(block: u32): usize {
	return load<u32>(DRAFT_BLOCKS + (block << 3));
}

@inline
export function offsetOfBlock(block: u32): u32 {
	return load<u16>(DRAFT_BLOCKS + (block << 3) + 4);
}

@inline
export function functionOfBlock(block: u32): u32 {
	return load<u16>(DRAFT_BLOCKS + (block << 3) + 6);
}

/** Whether the interpreter may enter it: it does not where its block goes on behind a branch. */
export function isDoor(block: u32): bool {
	return load<u32>(table + (offsetOfBlock(block) << 2)) == <u32>recordOfBlock(block);
}

/** Of a block that is to be drafted and has no number yet, in DRAFT_LABELS. */
const UNNUMBERED: u16 = 0xffff;

/**
 * Notes the blocks to draft, and parts them into functions: what can be reached from one block goes on where it came from, if
 * that can be done, and lies behind all that leads there, but for loops (a depth-first search, its blocks in reverse order of leaving).
 * @param records the page's table of blocks
 * @param least entries that a block must have
 * @param firstFunction the number of the first of its functions
 */
export function collect(records: usize, least: u32, firstFunction: u32): void {
	table = records;
	memory.fill(DRAFT_LABELS, 0, 4096 * 2);
	for (let offset: u32 = 0; offset < 4096; offset++) {
		const record: usize = load<u32>(table + (offset << 2));
		if (record && isWarm(record, least)) setLabel(offset, UNNUMBERED);
	}
	blocks = 0;
	instructions = 0;
	let number = firstFunction;
	for (let offset: u32 = 0; offset < 4096; offset++) {
		if (labelAt(offset) != UNNUMBERED) continue;
		const first = blocks;
		visit(offset, load<u32>(table + (offset << 2)));
		reverse(first);
		number = partIntoFunctions(first, number);
	}
}

@inline
function setLabel(offset: u32, label: u16): void {
	store<u16>(DRAFT_LABELS + (offset << 1), label);
}

/** Appends the block at an offset, behind those that can be reached from it and have not been visited yet. */
function visit(offset: u32, record: usize): void {
	setLabel(offset, UNNUMBERED - 1);
	const count = measure(record);
	instructions += count;
	const last = record + (count - 1) * RECORD_SIZE;
	const end = endOf(last);
	if (end == END_JUMP || end == END_BRANCH) visitIf(load<i64>(last + REC_IMMEDIATE));
	const next = <u32>load<u16>(last + REC_NEXT);
	if (end == END_BRANCH && goesOn(last, next)) visit(next, last + RECORD_SIZE);
	else if (end != END_JUMP && end != END_INDIRECT && end != END_RETURN) visitIf(next);
	const entry = DRAFT_BLOCKS + (blocks++ << 3);
	store<u32>(entry, <u32>record);
	store<u16>(entry + 4, <u16>offset);
}

function visitIf(offset: i64): void {
	if (offset < 0 || offset > 4095 || labelAt(<u32>offset) != UNNUMBERED) return;
	visit(<u32>offset, load<u32>(table + (<u32>offset << 2)));
}

/** Whether the interpreter's block goes on behind a branch, where no block begins by itself. */
function goesOn(branch: usize, next: u32): bool {
	return next < 4096 && !labelAt(next) && !load<u32>(table + (next << 2)) && begins(branch + RECORD_SIZE);
}

function reverse(first: u32): void {
	for (let low = first, high = blocks - 1; low < high; low++, high--) {
		const entry = load<u64>(DRAFT_BLOCKS + (low << 3));
		store<u64>(DRAFT_BLOCKS + (low << 3), load<u64>(DRAFT_BLOCKS + (high << 3)));
		store<u64>(DRAFT_BLOCKS + (high << 3), entry);
	}
}

/** Numbers the blocks from `first` on, and their functions from `number` on. @returns the next function's number */
function partIntoFunctions(first: u32, number: u32): u32 {
	let held: u32 = 0;
	for (let i = first; i < blocks; i++) {
		if (i - first == MOST_BLOCKS || held > LONGEST_RUN - LONGEST_BLOCK) {
			number++;
			held = 0;
			first = i;
		}
		setLabel(offsetOfBlock(i), <u16>(i + 1));
		held += measure(recordOfBlock(i));
		store<u16>(DRAFT_BLOCKS + (i << 3) + 6, <u16>number);
	}
	return number + 1;
}

function isWarm(record: usize, least: u32): bool {
	const heat = <u32>load<u16>(record + REC_HEAT);
	return heat >= least && heat < HOT && !draftHeat(record) && begins(record);
}

/** Counts what is drafted of a block: up to the next label, a branch, or what stays the interpreter's. */
export function measure(record: usize): u32 {
	let count: u32 = 0;
	for (let at = record; count < LONGEST_BLOCK && stencilOf(at, true); at += RECORD_SIZE) {
		if (count && labelAt(offsetOf(at))) break;
		count++;
		if (endOf(at) != END_NEXT) break;
	}
	return count;
}

/** What an entry of a block with so many instructions counts. */
@inline
export function stepOf(count: u32): u32 {
	return 1 + (count >> 4);
}

/** Which instructions of a block have flags that may be looked at, by number: a block is no longer than 64. Its groups have been found. */
export function flagsThatMatter(record: usize, count: u32): u64 {
	let matter: u64 = 0;
	let live = true;
	for (let i = count; i-- > 0; ) {
		const at = record + i * RECORD_SIZE;
		const inGroup = groupOf(i) != 0;
		if (live) matter |= <u64>1 << i;
		if (propertiesOf(at, true, inGroup) & STENCIL_SETS_FLAGS) live = false;
		if (propertiesOf(at, false, inGroup) & (STENCIL_READS_FLAGS | STENCIL_BAILS)) live = true;
	}
	return matter;
}
