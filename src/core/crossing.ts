// Instructions that no block can hold: those that go from one page into the next, and those that are not in memory.

import { codePage, drops, endRecord, forgetJump, jumpKey, markPieces, watchCode } from "./blocks";
import { watchesCode } from "./debug";
import { decode } from "./decode";
import { fetchPage, pageWord } from "./memory";
import { FAILED } from "./paging";
import {
	CROSSED, CROSSED_KEY, CROSSED_LINEAR, CROSSED_SIZE, CROSSED_SLOTS, CROSSING, MODE_64, MODE_SIZE, NEVER, OP_CONTINUE, OP_RESUME, PAGE_HOST, PAGE_READ,
	RECORD_SIZE, REC_HEAT, REC_LEFT, REC_LENGTH, SCRATCH,
} from "./state";

/** An instruction that goes from one page into the next. It is kept where both pages' writes can be watched, else decoded each time. */
export function crossingInstruction(cpu: usize, page: u32, linear: u64, mode: u32): usize {
	let following = (linear & ~4095) + 4096;
	if ((mode & MODE_SIZE) != MODE_64) following &= 0xffffffff;
	const fetched = fetchPage(cpu, following);
	if (fetched == FAILED) return 0;
	const second = <u32>fetched;
	if (watchesCode || !isPlain(page) || !isPlain(second)) return decodeCrossing(SCRATCH, OP_RESUME, page, second, linear, mode);
	const slot = crossedSlot(linear);
	if (load<u64>(slot + CROSSED_LINEAR) == linear && load<u32>(slot + CROSSED_KEY) == jumpKey(cpu)) return slot;
	const before = drops;
	const first = codePage(cpu, page, mode);
	const next = codePage(cpu, second, mode);
	if (drops != before) return decodeCrossing(SCRATCH, OP_RESUME, page, second, linear, mode);
	forgetJump(load<u64>(slot + CROSSED_LINEAR), slot);
	decodeCrossing(slot, OP_CONTINUE, page, second, linear, mode);
	const offset = <u32>linear & 4095;
	markPieces(first, offset, 4096 - offset);
	// What turned out to be undefined has the length of what was known by then, but the next page's first bytes made it so.
	markPieces(next, 0, max<u32>(1, offset + load<u8>(slot + REC_LENGTH) - 4096));
	watchCode(page);
	watchCode(second);
	store<u64>(slot + CROSSED_LINEAR, linear);
	store<u32>(slot + CROSSED_KEY, jumpKey(cpu));
	return slot;
}

@inline
function crossedSlot(linear: u64): usize {
	return CROSSED + ((<u32>(linear >> 12) & (CROSSED_SLOTS - 1)) * CROSSED_SIZE);
}

@inline
export function isCrossed(record: usize): bool {
	return record - CROSSED < CROSSED_SLOTS * CROSSED_SIZE;
}

@inline
function isPlain(page: u32): bool {
	return (pageWord(page) & (PAGE_HOST | PAGE_READ)) == (PAGE_HOST | PAGE_READ);
}

/** Decodes it into a record, and a record behind that ends it. @returns the record */
function decodeCrossing(record: usize, end: u32, page: u32, second: u32, linear: u64, mode: u32): usize {
	const offset = <u32>linear & 4095;
	const here = 4096 - offset;
	memory.copy(CROSSING, (pageWord(page) & ~4095) + offset, here);
	const word = pageWord(second);
	if (word & PAGE_READ) memory.copy(CROSSING + here, word & ~4095, 16);
	else memory.fill(CROSSING + here, 0xff, 16);
	return decodeAssembled(record, end, offset, mode);
}

/** Decodes what CROSSING holds as the instruction at an offset of its page. */
function decodeAssembled(record: usize, end: u32, offset: u32, mode: u32): usize {
	const length = decode(record, CROSSING, 16, offset, mode);
	store<i16>(record + REC_LEFT, 0);
	store<u16>(record + REC_HEAT, <u16>NEVER);
	endRecord(record + RECORD_SIZE, end, offset + length);
	return record;
}

/** Code that is not in memory (a device's registers, nothing at all): all ones, which is an invalid opcode. */
export function codeInNothing(linear: u64, mode: u32): usize {
	memory.fill(CROSSING, 0xff, 16);
	return decodeAssembled(SCRATCH, OP_RESUME, <u32>linear & 4095, mode);
}
