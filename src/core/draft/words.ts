// Each block's word (DRAFT_WORDS): how often its draft was entered, and what REC_HEAT is where the draft takes the block's place.

import { CPU, DRAFT_HEAT_SHIFT, DRAFT_WORDS, HOT_AFTER, MODE_64, MODE_SIZE, REC_HEAT, RECORD_PER_WORD, RECORDS } from "../state";
import { LARGEST_STEP } from "../stencil";
import { stencilOf } from "./records";

@inline
export function wordOf(record: usize): usize {
	return DRAFT_WORDS + (record - RECORDS) / RECORD_PER_WORD;
}

/** Of a block that a draft was asked for. */
const ASKED: u32 = 1;

/** For a block that has just been decoded. */
@inline
export function forgetDraft(record: usize): void {
	store<u32>(wordOf(record), 0);
}

/** REC_HEAT of a block where its draft takes its place; 0 where it has none. */
@inline
export function draftHeat(record: usize): u32 {
	return load<u32>(wordOf(record)) >> DRAFT_HEAT_SHIFT;
}

/** Whether a draft can begin with the record's instruction. */
@inline
export function begins(record: usize): bool {
	return stencilOf(record, true) != 0;
}

/**
 * A block has become warm. If it has a draft, that takes its place (again), counting from the start.
 * @returns whether a draft of its page is wanted
 */
export function wantsDraft(record: usize, mode: u32): bool {
	const heat = draftHeat(record);
	if (!heat) {
		if (load<u32>(wordOf(record)) || (mode & MODE_SIZE) != MODE_64 || !begins(record)) return false;
		store<u32>(wordOf(record), ASKED);
		return true;
	}
	store<u16>(wordOf(record), 0);
	store<u16>(record + REC_HEAT, <u16>heat);
	return false;
}

/**
 * Called by a draft whose function was entered as often as makes a block hot, at an offset of its page.
 * @param records the page's table of blocks
 * @param gate where the function's entries are counted: if this block is not hot it cannot be before so many more
 * @returns 1 where the block was entered often enough: the interpreter is to ask for its region. Its count goes no further.
 */
export function draftIsHot(offset: u32, records: usize, gate: usize): u32 {
	const record: usize = load<u32>(records + (offset << 2));
	const hotAfter = load<u32>(CPU + HOT_AFTER);
	const entries: u32 = record ? load<u16>(wordOf(record)) : 0;
	if (entries < hotAfter) {
		store<u32>(gate, entries - LARGEST_STEP);
		return 0;
	}
	store<u16>(wordOf(record), <u16>hotAfter);
	if (load<u16>(record + REC_HEAT) == draftHeat(record)) store<u16>(record + REC_HEAT, <u16>hotAfter);
	return 1;
}
