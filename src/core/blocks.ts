// Blocks: runs of decoded instructions, found by where their first byte lies in physical memory and by
// the mode they were decoded for. The jump cache in front finds them by linear address.
//
// A block never leaves its page; branches inside a page are linked record to record, so dropping a
// page's blocks drops every link to them. Block memory is given out in order and reclaimed all at once.

import { decode, endsBlock, NEEDS_MORE } from "./decode";
import { attend, deliverFault, LEAVE_RUN, ONE_INSTRUCTION } from "./events";
import { codePageWatched, setAlone, stopsAt, watchesCode } from "./debug";
import { RF } from "./flags";
import { clearFault, faulted, GP, raiseWith } from "./fault";
import { fetchPage, pageWord, setPageWord } from "./memory";
import { codeInNothing, crossingInstruction, isCrossed } from "./crossing";
import { FAILED, translateQuietly } from "./paging";
import { requestDraft, requestRegion } from "./bus";
import { forgetDraft, wantsDraft } from "./draft/words";
import {
	ATTENTION, ATTENTION_SHUTDOWN, CODE_HASH, CODE_HASH_ENTRIES, CODE_PAGE_ENTRIES, CODE_PAGE_SIZE, CODE_PAGES, CODE_PAGES_END, CS, FLAGS_SYSTEM, GENERATION,
	GENERATION_SHIFT, HOT, HOT_AFTER, JUMP_CACHE, JUMP_ENTRIES, JUMP_ENTRY, JUMP_KEY, JUMP_OTHER, JUMP_RECORD, JUMP_RECORD_KEY, JUMP_REGION, JUMP_REGION_KEY,
	MODE, MODE_64, MODE_SIZE, NEVER, NO_RECORD, OP_CONTINUE, OP_RESUME, PAGE_BASE, PAGE_CODE, PAGE_HOST, QUEUED, REC_HEAT, REC_LEFT, REC_LENGTH, REC_LINK,
	REC_NEXT, REC_OP, RECORD, RECORD_SIZE, RECORDS, RECORDS_END, REMAINING, RIP, SCRATCH, SEG_BASE, SEG_LIMIT, STATUS_AGAIN, STATUS_FAULT, STATUS_LEAVE, STOP,
	STOP_LIMIT, STOP_SHUTDOWN, WARM_AFTER,
} from "./state";
import { LONGEST_BLOCK } from "./stencil";
import { withdrawWrites } from "./tlb";

// A code page's header.
const PAGE_KEY = 0; // u32: physical page | 1
const PAGE_MODE = 4;
const PAGE_CHAIN = 8;
const PAGE_PIECES = 16; // 128 bits: which 32-byte pieces hold decoded bytes

let codePageTop: usize = CODE_PAGES;
let recordTop: usize = RECORDS;
/** How often all blocks were dropped: a record from before is not to be touched. */
export let drops: u32 = 0;

// --- what the jump cache's entries must match ----------------------------------------------------------

/** No entry has it, not even an empty one: no generation reaches so far. */
const NO_KEY: u32 = 0xffffffff;
/** No processor has it, not even one that has NO_KEY. */
const NO_REGION: u32 = 0xfffffffe;

/** One instruction runs, then it is looked afresh: no link is followed, no entry is used. */
let stepping: bool = false;

@inline
export function jumpKey(cpu: usize): u32 {
	return load<u32>(cpu + MODE) | (load<u32>(cpu + GENERATION) << GENERATION_SHIFT);
}

/** What generated code compares with: nothing matches where the code segment's limit has to be looked at. */
@inline
export function updateJumpKey(cpu: usize): void {
	const anywhere = is64Mode(cpu) || load<u32>(cpu + CS + SEG_LIMIT) == 0xffffffff;
	store<u32>(cpu + JUMP_KEY, anywhere && !stepping ? jumpKey(cpu) : NO_KEY);
}

@inline
function is64Mode(cpu: usize): bool {
	return (load<u32>(cpu + MODE) & MODE_SIZE) == MODE_64;
}

let generation: u32 = 0;
const LAST_GENERATION: u32 = (<u32>0xffffffff >> GENERATION_SHIFT) - 1;

/** Every entry of the jump cache becomes stale: the mapping or the code has changed. */
export function newGeneration(cpu: usize): void {
	generation++;
	if (generation > LAST_GENERATION) {
		generation = 1;
		memory.fill(JUMP_CACHE, 0, JUMP_ENTRIES * JUMP_ENTRY);
	}
	store<u32>(cpu + GENERATION, generation);
	updateJumpKey(cpu);
}

// The same hash as translate/region/links.ts, "jumpCacheEntry".
function jumpEntry(linear: u64): usize {
	const low = <u32>linear;
	return JUMP_CACHE + ((low ^ (low >> 13)) & (JUMP_ENTRIES - 1)) * JUMP_ENTRY;
}

// --- code pages --------------------------------------------------------------------------------------

function hashHead(page: u32): usize {
	return CODE_HASH + (((page >> 12) & (CODE_HASH_ENTRIES - 1)) << 2);
}

export function codePage(cpu: usize, page: u32, mode: u32): usize {
	const head = hashHead(page);
	for (let at: usize = load<u32>(head); at; at = load<u32>(at + PAGE_CHAIN)) {
		if (load<u32>(at + PAGE_KEY) == (page | 1) && load<u32>(at + PAGE_MODE) == mode) return at;
	}
	if (codePageTop + CODE_PAGE_SIZE > CODE_PAGES_END) dropAll(cpu);
	const at = codePageTop;
	codePageTop += CODE_PAGE_SIZE;
	memory.fill(at, 0, CODE_PAGE_SIZE);
	store<u32>(at + PAGE_KEY, page | 1);
	store<u32>(at + PAGE_MODE, mode);
	store<u32>(at + PAGE_CHAIN, load<u32>(head));
	store<u32>(head, <u32>at);
	return at;
}

/** Forgets every block; the next look-up decodes afresh. */
export function dropAll(cpu: usize): void {
	for (let at: usize = CODE_PAGES; at < codePageTop; at += CODE_PAGE_SIZE) {
		const page = load<u32>(at + PAGE_KEY) & ~1;
		setPageWord(page, pageWord(page) & ~PAGE_CODE);
	}
	memory.fill(CODE_HASH, 0, CODE_HASH_ENTRIES * 4);
	codePageTop = CODE_PAGES;
	recordTop = RECORDS;
	drops++;
	newGeneration(cpu);
}

/** The processor whose jump cache this is. */
let owner: usize = 0;
export function setOwner(cpu: usize): void {
	owner = cpu;
}

/** Bytes inside one page are about to change: blocks decoded from them are dropped, exactly those pages' blocks. */
export function invalidateCode(physical: u32, size: u32): void {
	const page = physical & ~4095;
	const first = (physical & 4095) >> 5;
	const last = ((physical & 4095) + size - 1) >> 5;
	let dropped = false;
	let holds = false;
	for (let at: usize = load<u32>(hashHead(page)); at; at = load<u32>(at + PAGE_CHAIN)) {
		if (load<u32>(at + PAGE_KEY) != (page | 1)) continue;
		if (!anyPiece(at, first, last)) {
			holds = true;
			continue;
		}
		memory.fill(at + PAGE_PIECES, 0, CODE_PAGE_SIZE - PAGE_PIECES);
		dropped = true;
	}
	if (dropped) newGeneration(owner);
	if (!holds && dropped) setPageWord(page, pageWord(page) & ~PAGE_CODE);
}

function anyPiece(at: usize, first: u32, last: u32): bool {
	for (let piece = first; piece <= last; piece++) {
		if (load<u8>(at + PAGE_PIECES + (piece >> 3)) & (1 << (piece & 7))) return true;
	}
	return false;
}

export function markPieces(at: usize, offset: u32, length: u32): void {
	for (let piece = offset >> 5; piece <= (offset + length - 1) >> 5; piece++) {
		const byte = at + PAGE_PIECES + (piece >> 3);
		store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(piece & 7)));
	}
}

/** Host memory changed from outside (a device's DMA): one page's worth. */
export function noticeWrite(physical: u32, size: u32): void {
	if (pageWord(physical) & PAGE_CODE) invalidateCode(physical, size);
}

// --- decoding a block ----------------------------------------------------------------------------------

export function endRecord(record: usize, op: u32, offset: u32): void {
	memory.fill(record, 0, RECORD_SIZE);
	store<u16>(record + REC_OP, <u16>op);
	store<u16>(record + REC_NEXT, <u16>offset);
	store<i16>(record + REC_LEFT, -1);
}

/** REC_LEFT of `count` records: how many follow. */
function number(start: usize, count: u32): void {
	for (let i: u32 = 0; i < count; i++) store<i16>(start + i * RECORD_SIZE + REC_LEFT, <i16>(count - 1 - i));
}

/** Decodes the block at `offset` of a physical page; 0 when its first instruction goes into the next page. */
function decodeBlock(cpu: usize, page: u32, offset: u32, mode: u32): usize {
	if (recordTop + (LONGEST_BLOCK + 1) * RECORD_SIZE > RECORDS_END) dropAll(cpu);
	const code = codePage(cpu, page, mode);
	const host = pageWord(page) & ~4095;
	const start = recordTop;
	const first = offset;
	let record = start;
	let count: u32 = 0;
	let ended = false;
	while (count < LONGEST_BLOCK && offset < 4096 && !ended) {
		const length = decode(record, host + offset, 4096 - offset, offset, mode);
		if (length == NEEDS_MORE) break;
		markPieces(code, offset, length);
		offset += length;
		record += RECORD_SIZE;
		ended = endsBlock;
		count++;
	}
	if (!count) return 0;
	if (!ended) {
		endRecord(record, OP_CONTINUE, offset);
		record += RECORD_SIZE;
	}
	number(start, count);
	recordTop = record;
	store<u32>(code + CODE_PAGE_ENTRIES + (first << 2), <u32>start);
	forgetDraft(start);
	watchCode(page);
	return start;
}

export function watchCode(page: u32): void {
	const word = pageWord(page);
	if (word & PAGE_CODE) return;
	setPageWord(page, word | PAGE_CODE);
	withdrawWrites(page);
}

// --- looking up ------------------------------------------------------------------------------------------

/** Bytes from RIP to the end of the code segment, less one; more than a page where the limit is far. */
let room: u64 = 0;

/** The linear address of RIP in the code segment, and PAGE_BASE set to match. #GP is raised past the limit. */
function enterPage(cpu: usize): u64 {
	maskRip(cpu);
	const rip = load<u64>(cpu + RIP);
	let linear = rip;
	room = 4096;
	if (!is64Mode(cpu)) {
		linear = (rip + load<u64>(cpu + CS + SEG_BASE)) & 0xffffffff;
		const limit: u64 = load<u32>(cpu + CS + SEG_LIMIT);
		if (rip > limit) raiseWith(cpu, GP, 0);
		room = limit - rip;
	}
	store<u64>(cpu + PAGE_BASE, rip - (linear & 4095));
	return linear;
}

/** The block at RIP; 0 with an exception raised. */
function blockAt(cpu: usize): usize {
	const linear = enterPage(cpu);
	if (faulted(cpu)) return 0;
	if (watchesCode && !passesBreakpoints(cpu, linear)) return 0;
	if (room < 4095 - (linear & 4095)) return insideLimit(cpu, blockOf(cpu, linear));
	return blockOf(cpu, linear);
}

/** False with #DB raised. In a page with a breakpoint the instruction runs alone; RF has done its work when it begins. */
function passesBreakpoints(cpu: usize, linear: u64): bool {
	if (codePageWatched(cpu, linear)) {
		if (stopsAt(cpu, linear)) return false;
		stepping = true;
	}
	store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) & ~RF);
	return true;
}

/** The segment ends inside this page: instruction for instruction, each of which must end before that. */
function insideLimit(cpu: usize, block: usize): usize {
	if (!block) return 0;
	if (<u64>load<u8>(block + REC_LENGTH) > room + 1) {
		raiseWith(cpu, GP, 0);
		return 0;
	}
	return copyBlock(block, 1);
}

@inline
function isJumpTo(entry: usize, linear: u64, key: u32): bool {
	return load<u64>(entry) == linear && load<u32>(entry + JUMP_RECORD_KEY) == key;
}

function blockOf(cpu: usize, linear: u64): usize {
	const entry = jumpEntry(linear);
	const other = JUMP_CACHE + ((entry - JUMP_CACHE) ^ JUMP_OTHER);
	const key = jumpKey(cpu);
	if (isJumpTo(entry, linear, key)) return load<u32>(entry + JUMP_RECORD);
	if (isJumpTo(other, linear, key)) return load<u32>(other + JUMP_RECORD);
	const fetched = fetchPage(cpu, linear);
	if (fetched == FAILED) return 0;
	const page = <u32>fetched;
	const mode = load<u32>(cpu + MODE);
	if (!(pageWord(page) & PAGE_HOST)) return codeInNothing(linear, mode);
	let block: usize = load<u32>(codePage(cpu, page, mode) + CODE_PAGE_ENTRIES + ((<usize>linear & 4095) << 2));
	if (!block) block = decodeBlock(cpu, page, <u32>linear & 4095, mode);
	if (!block) block = crossingInstruction(cpu, page, linear, mode);
	if (!block || block == SCRATCH || (watchesCode && codePageWatched(cpu, linear))) return block;
	// Two that belong here would drive each other out at each turn; one that was driven here before has had its turn.
	if (load<u32>(entry + JUMP_RECORD_KEY) == key && jumpEntry(load<u64>(entry)) == entry) memory.copy(other, entry, JUMP_ENTRY);
	store<u64>(entry, linear);
	store<u32>(entry + JUMP_RECORD_KEY, jumpKey(cpu));
	store<u32>(entry + JUMP_RECORD, <u32>block);
	linkJump(entry);
	return block;
}

/** The jump cache no longer leads from an address to a record. */
export function forgetJump(linear: u64, record: usize): void {
	const entry = jumpEntry(linear);
	clearJump(entry, record);
	clearJump(JUMP_CACHE + ((entry - JUMP_CACHE) ^ JUMP_OTHER), record);
}

function clearJump(entry: usize, record: usize): void {
	if (load<u32>(entry + JUMP_RECORD) == <u32>record) memory.fill(entry, 0, JUMP_ENTRY);
}

/** A jump cache's entry leads to its record's region, if that has one. */
function linkJump(entry: usize): void {
	const heat = <u32>load<u16>(load<u32>(entry + JUMP_RECORD) + REC_HEAT);
	const hasRegion = heat >= HOT && heat < QUEUED;
	store<u32>(entry + JUMP_REGION_KEY, hasRegion ? load<u32>(entry + JUMP_RECORD_KEY) : NO_REGION);
	store<u32>(entry + JUMP_REGION, heat - HOT);
}

/** For the compiler, when regions have come or gone. */
export function linkJumps(): void {
	for (let at: usize = JUMP_CACHE; at < JUMP_CACHE + JUMP_ENTRIES * JUMP_ENTRY; at += JUMP_ENTRY)
		if (load<u32>(at + JUMP_RECORD)) linkJump(at);
}

/** For the compiler: the table of a physical page's blocks, a u32 for each byte: the block, if it was entered there before; else 0. */
export function blocksOf(cpu: usize, page: u32, mode: u32): usize {
	return codePage(cpu, page, mode) + CODE_PAGE_ENTRIES;
}

/**
 * For the compiler, behind a block that was cut at its greatest length: the block at `offset`, decoded if nothing has
 * entered it yet. 0 where it cannot be without dropping others.
 */
export function continuedBlock(cpu: usize, page: u32, mode: u32, offset: u32): usize {
	const known: usize = load<u32>(blocksOf(cpu, page, mode) + (offset << 2));
	if (known || recordTop + (LONGEST_BLOCK + 1) * RECORD_SIZE > RECORDS_END) return known;
	return decodeBlock(cpu, page, offset, mode);
}

/** How often all blocks were dropped: records from before are gone. */
export function dropCount(): u32 {
	return drops;
}

/**
 * A block's count has passed one of the marks at which the compiler may be asked: for a draft where it is warm, for a region where it
 * is hot.
 */
export function askForCode(cpu: usize, block: usize): void {
	if (watchesCode) {
		store<u16>(block + REC_HEAT, 0);
		return;
	}
	const heat = <u32>load<u16>(block + REC_HEAT);
	const mode = load<u32>(cpu + MODE);
	const isHot = heat >= load<u32>(cpu + HOT_AFTER);
	if (!isHot && (heat < load<u32>(cpu + WARM_AFTER) || !wantsDraft(block, mode))) return;
	const rip = load<u64>(cpu + PAGE_BASE) + load<u16>(block + REC_NEXT) - load<u8>(block + REC_LENGTH);
	const linear = is64Mode(cpu) ? rip : (rip + load<u64>(cpu + CS + SEG_BASE)) & 0xffffffff;
	const physical = translateQuietly(cpu, linear);
	if (physical == FAILED) store<u16>(block + REC_HEAT, <u16>NEVER);
	else if (isHot) requestRegion(<u32>block, <u32>physical & ~4095);
	else requestDraft(<u32>physical & ~4095, mode);
}

/** What runs next: looks at the budget and at interrupts first. 0 ends the run, STOP says why. */
export function findBlock(cpu: usize): usize {
	store<u32>(cpu + RECORD, NO_RECORD);
	while (true) {
		// Traps and interrupts wait for the next run, which executes an instruction after them: a run must not show where it was cut.
		if (load<i32>(cpu + REMAINING) <= 0) {
			store<u32>(cpu + STOP, load<u32>(cpu + ATTENTION) & ATTENTION_SHUTDOWN ? STOP_SHUTDOWN : STOP_LIMIT);
			return 0;
		}
		stepping = false;
		if (load<u32>(cpu + ATTENTION)) {
			const what = attend(cpu);
			if (what == LEAVE_RUN) return 0;
			stepping = what == ONE_INSTRUCTION;
		}
		const block = blockAt(cpu);
		if (block) {
			if (block == SCRATCH) stepping = true;
			setAlone(stepping);
			updateJumpKey(cpu);
			return stepping ? copyBlock(block, 1) : block;
		}
		deliverFault(cpu, load<u64>(cpu + RIP));
		store<i32>(cpu + REMAINING, load<i32>(cpu + REMAINING) - 1);
	}
}

/** The first `count` instructions of a block, ended by a look-up. */
function copyBlock(block: usize, count: u32): usize {
	if (block != SCRATCH) memory.copy(SCRATCH, block, count * RECORD_SIZE);
	const last = SCRATCH + (count - 1) * RECORD_SIZE;
	endRecord(last + RECORD_SIZE, OP_RESUME, load<u16>(last + REC_NEXT));
	number(SCRATCH, count);
	store<u16>(SCRATCH + REC_HEAT, <u16>NEVER);
	// A link would lead past the next look.
	if (count == 1) store<u32>(SCRATCH + REC_LINK, 0);
	return SCRATCH;
}

/** A block is longer than the budget: as much of it as may run, or 0 at the end of the run. */
export function shortenBlock(cpu: usize, block: usize): usize {
	const remaining = load<i32>(cpu + REMAINING);
	if (remaining > 0) return copyBlock(block, remaining);
	store<u64>(cpu + RIP, load<u64>(cpu + PAGE_BASE) + load<u16>(block + REC_NEXT) - load<u8>(block + REC_LENGTH));
	maskRip(cpu);
	store<u32>(cpu + RECORD, NO_RECORD);
	store<u32>(cpu + STOP, STOP_LIMIT);
	return 0;
}

function maskRip(cpu: usize): void {
	if (!is64Mode(cpu)) store<u64>(cpu + RIP, load<u64>(cpu + RIP) & 0xffffffff);
}

/** The target of a direct branch; linked if it lies in the same page. 0 where RIP must be looked up. */
export function linkBranch(cpu: usize, record: usize, target: u64): usize {
	store<u64>(cpu + RIP, target);
	const offset = target - load<u64>(cpu + PAGE_BASE);
	if (stepping || offset >= 4096 || load<i32>(cpu + REMAINING) <= 0) return 0;
	const before = drops;
	const block = blockAt(cpu);
	if (faulted(cpu)) {
		// Looked up again, it faults again, as the instruction at the target.
		clearFault(cpu);
		return 0;
	}
	// What crosses pages is dropped without a search for links.
	if (block == SCRATCH || isCrossed(block)) return 0;
	if (drops == before) store<u32>(record + REC_LINK, <u32>block);
	return block;
}

/** A record that did not go on to the next: puts RIP and the budget right, delivers what was raised. */
export function endInstruction(cpu: usize, record: usize, status: i32): void {
	const next = load<u64>(cpu + PAGE_BASE) + load<u16>(record + REC_NEXT);
	const left = max(<i32>load<i16>(record + REC_LEFT), 0);
	store<i32>(cpu + REMAINING, load<i32>(cpu + REMAINING) + left);
	store<u64>(cpu + RIP, status == STATUS_LEAVE ? next : next - load<u8>(record + REC_LENGTH));
	maskRip(cpu);
	if (status == STATUS_FAULT) deliverFault(cpu, load<u64>(cpu + RIP));
	else if (status == STATUS_AGAIN) {
		store<u32>(cpu + RECORD, NO_RECORD);
		// The rest of a repeated instruction is not stopped at again.
		if (watchesCode) store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) | RF);
	}
}
