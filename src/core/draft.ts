// Drafts: warm blocks as WebAssembly, made in about a microsecond an instruction. A draft is what the interpreter would do, one
// stencil (stencil.ts) behind another: registers and flags stay in the state block, nothing is known from one instruction to the
// next but whether flags will be read. So little is gained on each instruction, but no instruction is dispatched any more,
// and a host that cannot foresee where the interpreter goes next waits longest for that.
//
// A page's warm blocks become functions of some blocks each, in an order in which most ways lead forward. A function has the form
// of a region (translate/region/links.ts), begins at the block that RIP names, and goes forward inside; back and to other
// functions it goes by tail calls. A block counts its entries, and one that is hot leaves its place to a region.
//
// The engine's baseline compiler makes of each branch that is seldom taken a jump over what it leads to, and a host remembers only so many
// jumps. So what is expected is inside an `if`, and with it all that follows in the block; what is not stands behind the block.

import { blocksOf } from "./blocks";
import {
	CALL_LIMIT, DRAFT_BLOCKS, DRAFT_CODE, DRAFT_CODE_END, DRAFT_DOORS, DRAFT_DOORS_END, DRAFT_HEAT_SHIFT, DRAFT_LABELS, DRAFT_WORDS, FIRST_VARIANT, HOT, HOT_AFTER,
	INFO_SEGMENT, INFO_SEGMENTED, KIND_ADC, KIND_DEC, KIND_INC, KIND_SBB, KIND_WIDTH_SHIFT, MODE_64, MODE_SIZE, MODE_TLB_SHIFT, PAGE_BASE, PENDING_A, PENDING_B, PENDING_KIND, REC_BASE, REC_DISPLACEMENT, REC_HEAT,
	REC_IMMEDIATE, REC_INDEX, REC_INFO, REC_LENGTH, REC_MASK, REC_NEXT, REC_OP, REC_REG, REC_RM, REC_SCALE, RECORD_PER_WORD, RECORD_SIZE, RECORDS, REGION_LEFT,
	SEG_BASE, SEGMENT_SIZE, SEGMENTS, STENCILS, TLB, TLB_ADDEND, TLB_BYTES, TLB_READ, TLB_WRITE, WARM_AFTER, ZERO,
} from "./state";
import {
	CALL_CHAIN, CALL_HOT, CALL_SETTLE, CONDITION_KINDS, CONDITION_PAIRS, CONDITION_WIDTHS, END_BRANCH, END_CALL, END_INDIRECT, END_JUMP, END_NEXT, END_RETURN,
	HOLE_CONDITION, HOLE_END, HOLE_IMMEDIATE16, HOLE_IMMEDIATE32, HOLE_IMMEDIATE64, HOLE_IMMEDIATE8, HOLE_NEXT, HOLE_REG, HOLE_RM, HOLE_TLB_ADDEND,
	HOLE_TLB_READ, HOLE_TLB_WRITE, HOLE_UNLESS_BAIL, LOCAL_A, LOCAL_ADDRESS, LOCAL_B, LOCAL_CPU, LOCAL_DEPTH, LOCAL_KIND, LOCAL_PAGE, LOCAL_PLACE, LOCAL_REMAINING, LOCAL_RIP,
	STENCIL_BAILS, STENCIL_CASES, STENCIL_END, STENCIL_HEADER, STENCIL_KIND, STENCIL_LINEAR, STENCIL_OFFSET, STENCIL_READS_FLAGS, STENCIL_SETS_FLAGS, STENCIL_SETTLED,
	STENCIL_TEMPORARIES,
} from "./stencil";
import {
	access, constant32, constant64, copy, get, I32, I64, NOTHING, op, OP_BLOCK, OP_BR, OP_BR_IF, OP_CALL, OP_END, OP_I32_ADD, OP_I32_AND, OP_I32_EQ,
	OP_I32_EQZ, OP_I32_GE_S, OP_I32_GE_U, OP_I32_LOAD, OP_I32_LOAD16_U, OP_I32_LT_S, OP_I32_OR, OP_I32_SHR_U, OP_I32_STORE, OP_I32_STORE16, OP_I32_SUB,
	OP_I32_WRAP_I64, OP_I64_ADD, OP_I64_AND, OP_I64_EXTEND_I32_U, OP_I64_LOAD, OP_I64_NE, OP_I64_SHL, OP_I64_STORE, OP_IF, OP_LOCAL_TEE, OP_RETURN, OP_RETURN_CALL, opWith, set,
	signed, unsigned, writeAt, written,
} from "./wasm";

/** What a function holds at most, about. */
const MOST_INSTRUCTIONS: u32 = 400;
const MOST_BLOCKS: u32 = 32;
const LONGEST_BLOCK: u32 = 64;
/** Bytes that an instruction and a block may need at most, with its function's beginning and end; and those before a function's code for its locals. */
const LARGEST_INSTRUCTION: u32 = 448;
const LARGEST_BLOCK: u32 = 768;
const LOCALS_ROOM: usize = 64;
/** How many blocks a page has at most, one for each byte. */
const DOOR: usize = 8;

// --- words ------------------------------------------------------------------------------------------------

@inline
function wordOf(record: usize): usize {
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
function draftHeat(record: usize): u32 {
	return load<u32>(wordOf(record)) >> DRAFT_HEAT_SHIFT;
}

/** Whether a draft can begin with the record's instruction. */
@inline
function begins(record: usize): bool {
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

/** Called by a draft before a block that was entered often enough: the interpreter is to ask for its region. The count goes no further. */
export function draftIsHot(cpu: usize, record: usize): void {
	store<u16>(wordOf(record), <u16>load<u32>(cpu + HOT_AFTER));
	if (load<u16>(record + REC_HEAT) == draftHeat(record)) store<u16>(record + REC_HEAT, <u16>load<u32>(cpu + HOT_AFTER));
}

// --- what is under way ---------------------------------------------------------------------------------

let doors: usize = DRAFT_DOORS;
let codeTop: usize = DRAFT_CODE;
let functions: u32 = 0;
/** The number of the first own function in the module. */
let firstFunction: u32 = 0;

/** @param imports how many functions the module imports */
export function beginDrafts(imports: u32): void {
	doors = DRAFT_DOORS;
	codeTop = DRAFT_CODE;
	functions = 0;
	firstFunction = imports;
}

export function draftFunctions(): u32 {
	return functions;
}

export function draftDoors(): u32 {
	return <u32>((doors - DRAFT_DOORS) / DOOR);
}

/** The drafts take their blocks' places; the first function has the place `place` in the table. */
export function installDrafts(place: u32): void {
	for (let door: usize = DRAFT_DOORS; door < doors; door += DOOR) {
		const record: usize = load<u32>(door);
		const heat = HOT + place + load<u32>(door + 4);
		store<u32>(wordOf(record), heat << DRAFT_HEAT_SHIFT);
		store<u16>(record + REC_HEAT, <u16>heat);
	}
}

// --- the blocks of a page ------------------------------------------------------------------------------

/** The physical page's table of records by offset, and which TLB its code goes through. */
let table: usize = 0;
let tlb: u32 = 0;
let hotAfter: u32 = 0;
let blocks: u32 = 0;
let instructions: u32 = 0;

@inline
function labelAt(offset: u32): u32 {
	return load<u16>(DRAFT_LABELS + (offset << 1));
}

@inline
function offsetOfBlock(block: u32): u32 {
	return load<u16>(DRAFT_BLOCKS + (block << 2));
}

@inline
function functionOfBlock(block: u32): u32 {
	return load<u16>(DRAFT_BLOCKS + (block << 2) + 2);
}

@inline
function recordOfBlock(block: u32): usize {
	return load<u32>(table + (offsetOfBlock(block) << 2));
}

/**
 * Drafts the blocks of a page that were entered half as often as makes one warm, or more.
 * @returns false where there is no room for it in this module
 */
export function draftPage(cpu: usize, page: u32, mode: u32): bool {
	table = blocksOf(cpu, page, mode);
	tlb = TLB + ((mode >> MODE_TLB_SHIFT) & 3) * TLB_BYTES;
	hotAfter = load<u32>(cpu + HOT_AFTER);
	collect(load<u32>(cpu + WARM_AFTER) >> 2);
	if (doors + blocks * DOOR > DRAFT_DOORS_END) return false;
	if (codeTop + instructions * LARGEST_INSTRUCTION + blocks * LARGEST_BLOCK > DRAFT_CODE_END) return false;
	let first: u32 = 0;
	while (first < blocks) first = draftFunction(first);
	return true;
}

/** Of a block that is to be drafted and has no number yet, in DRAFT_LABELS. */
const UNNUMBERED: u16 = 0xffff;

/**
 * Notes the blocks to draft, and parts them into functions: what can be reached from one block goes on where it came from, if
 * that can be done, and lies behind all that leads there, but for loops (a depth-first search, its blocks in reverse order of leaving).
 */
function collect(least: u32): void {
	memory.fill(DRAFT_LABELS, 0, 4096 * 2);
	for (let offset: u32 = 0; offset < 4096; offset++) {
		const record: usize = load<u32>(table + (offset << 2));
		if (record && isWarm(record, least)) setLabel(offset, UNNUMBERED);
	}
	blocks = 0;
	instructions = 0;
	let number = functions;
	for (let offset: u32 = 0; offset < 4096; offset++) {
		if (labelAt(offset) != UNNUMBERED) continue;
		const first = blocks;
		visit(offset);
		reverse(first);
		number = partIntoFunctions(first, number);
	}
}

@inline
function setLabel(offset: u32, label: u16): void {
	store<u16>(DRAFT_LABELS + (offset << 1), label);
}

/** Appends the block at an offset, behind those that can be reached from it and have not been visited yet. */
function visit(offset: u32): void {
	setLabel(offset, UNNUMBERED - 1);
	const record: usize = load<u32>(table + (offset << 2));
	const count = measure(record);
	instructions += count;
	const last = record + (count - 1) * RECORD_SIZE;
	const end = endOf(last);
	if (end == END_JUMP || end == END_BRANCH) visitIf(load<i64>(last + REC_IMMEDIATE));
	if (end != END_JUMP && end != END_INDIRECT && end != END_RETURN) visitIf(load<u16>(last + REC_NEXT));
	store<u16>(DRAFT_BLOCKS + (blocks++ << 2), <u16>offset);
}

function visitIf(offset: i64): void {
	if (offset >= 0 && offset < 4096 && labelAt(<u32>offset) == UNNUMBERED) visit(<u32>offset);
}

function reverse(first: u32): void {
	for (let low = first, high = blocks - 1; low < high; low++, high--) {
		const offset = offsetOfBlock(low);
		store<u16>(DRAFT_BLOCKS + (low << 2), <u16>offsetOfBlock(high));
		store<u16>(DRAFT_BLOCKS + (high << 2), <u16>offset);
	}
}

/** Numbers the blocks from `first` on, and their functions from `number` on. @returns the next function's number */
function partIntoFunctions(first: u32, number: u32): u32 {
	let held: u32 = 0;
	for (let i = first; i < blocks; i++) {
		if (i - first == MOST_BLOCKS || held > MOST_INSTRUCTIONS) {
			number++;
			held = 0;
			first = i;
		}
		setLabel(offsetOfBlock(i), <u16>(i + 1));
		held += measure(recordOfBlock(i));
		store<u16>(DRAFT_BLOCKS + (i << 2) + 2, <u16>number);
	}
	return number + 1;
}

function isWarm(record: usize, least: u32): bool {
	const heat = <u32>load<u16>(record + REC_HEAT);
	return heat >= least && heat < HOT && !draftHeat(record) && begins(record);
}

// --- functions -----------------------------------------------------------------------------------------

/** The function's blocks, and the block under way. */
let firstBlock: u32 = 0;
let endBlock: u32 = 0;
let block: u32 = 0;
/** Temporaries that its stencils need, an i32 and an i64 in turn. */
let temporaries: u32 = 0;

/** @returns the first block that is not in it */
function draftFunction(first: u32): u32 {
	const number = functionOfBlock(first);
	let end = first;
	while (end < blocks && functionOfBlock(end) == number) end++;
	firstBlock = first;
	endBlock = end;
	temporaries = 1;
	const code = codeTop + LOCALS_ROOM;
	writeAt(code);
	body();
	writeDown(code, written());
	functions++;
	for (block = first; block < end; block++) {
		store<u32>(doors, <u32>recordOfBlock(block));
		store<u32>(doors + 4, number);
		doors += DOOR;
	}
	return end;
}

/** Moves the code to behind its size and locals: those before LOCAL_TEMPORARIES, then an i32 and an i64 in turn. */
function writeDown(code: usize, end: usize): void {
	writeAt(codeTop + 4);
	unsigned(2 + temporaries);
	unsigned(4);
	op(I64);
	unsigned(1);
	op(I32);
	for (let i: u32 = 0; i < temporaries; i++) {
		unsigned(1);
		op(i & 1 ? I64 : I32);
	}
	const from = written();
	memory.copy(from, code, end - code);
	store<u32>(codeTop, <u32>(from + (end - code) - codeTop - 4));
	codeTop = from + (end - code);
}

function body(): void {
	op(OP_BLOCK);
	op(NOTHING);
	for (let way = WAYS_OUT; way > 1; way--) {
		op(OP_BLOCK);
		op(I32);
	}
	get(LOCAL_RIP);
	constant64(-4096);
	op(OP_I64_AND);
	set(LOCAL_PAGE);
	op(0x03);
	op(NOTHING);
	op(OP_END);
	for (let i = firstBlock + 1; i < endBlock; i++) {
		op(OP_BLOCK);
		op(NOTHING);
	}
	findEntry();
	for (block = firstBlock; block < endBlock; block++) {
		if (block != firstBlock) op(OP_END);
		draftBlock();
	}
	turnAway();
	op(OP_END);
	set(LOCAL_PLACE);
	storeFlags(0, true);
	get(LOCAL_PLACE);
	op(OP_END);
	interpretNext();
	op(OP_RETURN);
	op(OP_END);
	tailCall(CALL_CHAIN);
	op(OP_END);
}

/** The labels around a function's blocks, from within: a place is on the stack but for the last. */
const WAY_TURN_AWAY: u32 = 0;
const WAY_BAIL_WITH_FLAGS: u32 = 1;
const WAY_BAIL: u32 = 2;
/** To RIP, for which a local is set. */
const WAY_CHAIN: u32 = 3;
const WAYS_OUT: u32 = 4;

/**
 * A block was entered, and either the budget does not suffice or it is the interpreter's and its region's from now on: then its count
 * stays where it is. Its place is on the stack, its record in LOCAL_KIND, and nothing of it has run.
 */
function turnAway(): void {
	op(OP_END);
	get(LOCAL_REMAINING);
	constant32(0);
	op(OP_I32_LT_S);
	opWith(OP_BR_IF, WAY_BAIL - WAY_TURN_AWAY - 1);
	set(LOCAL_PLACE);
	get(LOCAL_CPU);
	get(LOCAL_KIND);
	opWith(OP_CALL, CALL_HOT);
	ripOfPlace();
	remainingOfPlace();
	op(OP_RETURN);
}

/** What the place says on the stack: RIP, and what remains when its instructions are given back. */
function ripOfPlace(): void {
	get(LOCAL_PLACE);
	constant32(4095);
	op(OP_I32_AND);
	op(OP_I64_EXTEND_I32_U);
	get(LOCAL_PAGE);
	op(OP_I64_ADD);
}

function remainingOfPlace(): void {
	get(LOCAL_REMAINING);
	get(LOCAL_PLACE);
	constant32(12);
	op(OP_I32_SHR_U);
	op(OP_I32_ADD);
}

/** To the block that RIP names, which is the first if it is no other. */
function findEntry(): void {
	if (endBlock - firstBlock < 2) return;
	get(LOCAL_RIP);
	op(OP_I32_WRAP_I64);
	constant32(4095);
	op(OP_I32_AND);
	set(LOCAL_PLACE);
	for (let i = firstBlock + 1; i < endBlock; i++) {
		get(LOCAL_PLACE);
		constant32(offsetOfBlock(i));
		op(OP_I32_EQ);
		opWith(OP_BR_IF, i - firstBlock - 1);
	}
}

/** The end of all bails: their place is on the stack. */
function interpretNext(): void {
	set(LOCAL_PLACE);
	get(LOCAL_CPU);
	constant32(1);
	access(OP_I32_STORE, REGION_LEFT);
	ripOfPlace();
	remainingOfPlace();
}

// --- blocks --------------------------------------------------------------------------------------------

/** How many labels of its own are around the code of the block under way. */
let inner: u32 = 0;
/** Which instructions of the block under way have flags that may be looked at, by number; a block is no longer than 64. */
let flagsMatter: u64 = 0;
/** Where an instruction is and, above, how many from it on have not run though they were taken from the budget: what a bail tells. */
let place: u32 = 0;
/** Of the bails that stand behind the block: their places, and what kind of flags is in locals there, or NOT_IN_LOCALS. */
let bails: u32 = 0;
const bailPlaces = new StaticArray<u32>(<i32>LONGEST_BLOCK * 4);
const bailKinds = new StaticArray<u32>(<i32>LONGEST_BLOCK * 4);

/** The depth of a label that leads out of the function. */
@inline
function depthOf(way: u32): u32 {
	return endBlock - block - 1 + inner + way;
}

function draftBlock(): void {
	const record = recordOfBlock(block);
	const count = measure(record);
	bails = 0;
	known = UNKNOWN;
	inLocals = false;
	enter(record, count);
	let at = record;
	for (let i: u32 = 0; i < count; i++, at += RECORD_SIZE) {
		place = offsetOf(at) | ((count - i) << 12);
		if (endOf(at) != END_NEXT) leaveFlags();
		instruction(at, (flagsMatter >> i) & 1 ? true : false);
	}
	const last = at - RECORD_SIZE;
	if (endOf(last) != END_NEXT) goOn(last);
	else leaveBehind(at, load<u16>(last + REC_NEXT));
	while (bails) {
		leaveIf();
		bails--;
		bailWith(unchecked(bailPlaces[bails]), unchecked(bailKinds[bails]));
	}
	leaveIf();
	constant32(<i32>record);
	set(LOCAL_KIND);
	constant32(offsetOf(record) | (count << 12));
	opWith(OP_BR, depthOf(WAY_TURN_AWAY));
}

/** What follows is reached only if the i32 on the stack is not zero. */
function enterIf(): void {
	op(OP_IF);
	op(NOTHING);
	inner++;
}

function leaveIf(): void {
	op(OP_END);
	inner--;
}

function bail(at: u32): void {
	constant32(at);
	opWith(OP_BR, depthOf(WAY_BAIL));
}

/** The same where flags may be in locals. */
function bailWith(at: u32, kind: u32): void {
	if (kind == NOT_IN_LOCALS) {
		bail(at);
		return;
	}
	if (!isKindLocal(kind)) {
		constant32(kind);
		set(LOCAL_KIND);
	}
	constant32(at);
	opWith(OP_BR, depthOf(WAY_BAIL_WITH_FLAGS));
}

/** Counts what is drafted of a block: up to the next label, a branch, or what stays the interpreter's; and finds out which flags matter. */
function measure(record: usize): u32 {
	let count: u32 = 0;
	let at = record;
	while (count < LONGEST_BLOCK && stencilOf(at, true)) {
		if (count && labelAt(offsetOf(at))) break;
		count++;
		if (endOf(at) != END_NEXT) break;
		at += RECORD_SIZE;
	}
	flagsMatter = 0;
	let live = true;
	for (let i = count; i > 0; i--) {
		const at = record + (i - 1) * RECORD_SIZE;
		if (live) flagsMatter |= <u64>1 << (i - 1);
		if (propertiesOf(at, true) & STENCIL_SETS_FLAGS) live = false;
		if (propertiesOf(at, false) & (STENCIL_READS_FLAGS | STENCIL_BAILS)) live = true;
	}
	return count;
}

/** Takes the block's instructions from the budget, and counts that it is entered: unless either is in the way, it runs. */
function enter(record: usize, count: u32): void {
	const entries = <u32>wordOf(record);
	constant32(0);
	constant32(0);
	access(OP_I32_LOAD16_U, entries);
	constant32(1 + (count >> 4));
	op(OP_I32_ADD);
	opWith(OP_LOCAL_TEE, LOCAL_PLACE);
	access(OP_I32_STORE16, entries);
	get(LOCAL_REMAINING);
	constant32(-<i32>count);
	op(OP_I32_ADD);
	opWith(OP_LOCAL_TEE, LOCAL_REMAINING);
	constant32(hotAfter);
	get(LOCAL_PLACE);
	op(OP_I32_SUB);
	op(OP_I32_OR);
	constant32(0);
	op(OP_I32_GE_S);
	enterIf();
}

/** Behind a block's last instruction, which is no branch: a label, or what stays the interpreter's. */
function leaveBehind(next: usize, offset: u32): void {
	leaveFlags();
	const isInterpreters = load<u16>(next + REC_OP) >= FIRST_VARIANT && !stencilOf(next, true);
	if (isInterpreters && !(offset < 4096 && labelAt(offset))) bail(offset);
	else goTo(offset);
}

@inline
function offsetOf(record: usize): u32 {
	return load<u16>(record + REC_NEXT) - load<u8>(record + REC_LENGTH);
}

// --- where it goes -------------------------------------------------------------------------------------

function goOn(record: usize): void {
	const end = endOf(record);
	const target = load<i64>(record + REC_IMMEDIATE);
	const next = <u32>load<u16>(record + REC_NEXT);
	if (end == END_JUMP) goTo(target);
	else if (end == END_BRANCH) branch(target, next);
	else if (end == END_CALL) {
		ripAt(target);
		set(LOCAL_RIP);
		call(functionAt(target), next);
	} else {
		set(LOCAL_RIP);
		if (end == END_RETURN) answer();
		else if (end == END_INDIRECT) go(CALL_CHAIN);
		else call(CALL_CHAIN, next);
	}
}

function branch(target: i64, next: u32): void {
	const forward = forwardLabel(target);
	if (forward >= 0) opWith(OP_BR_IF, forward);
	else {
		enterIf();
		goTo(target);
		leaveIf();
	}
	goTo(next);
}

/** The depth of the label at an offset of the page that lies further on in the function; -1 where it does not. */
function forwardLabel(offset: i64): i32 {
	if (offset < 0 || offset > 4095) return -1;
	const label = labelAt(<u32>offset);
	if (!label || label - 1 <= block || label - 1 >= endBlock) return -1;
	return label - 1 - block - 1 + inner;
}

/** The function that has the block at an offset; what looks for one where there is none. */
function functionAt(offset: i64): u32 {
	if (offset < 0 || offset > 4095) return CALL_CHAIN;
	const label = labelAt(<u32>offset);
	return label ? firstFunction + functionOfBlock(label - 1) : CALL_CHAIN;
}

/** To an offset from the page's first byte. */
function goTo(offset: i64): void {
	const forward = forwardLabel(offset);
	if (forward >= 0) {
		opWith(OP_BR, forward);
		return;
	}
	ripAt(offset);
	set(LOCAL_RIP);
	go(functionAt(offset));
}

/** To a function, or to what looks for one. */
function go(callee: u32): void {
	if (callee == CALL_CHAIN) opWith(OP_BR, depthOf(WAY_CHAIN));
	else tailCall(callee);
}

function ripAt(offset: i64): void {
	get(LOCAL_PAGE);
	constant64(offset);
	op(OP_I64_ADD);
}

function answer(): void {
	get(LOCAL_RIP);
	get(LOCAL_REMAINING);
	op(OP_RETURN);
}

function parameters(): void {
	get(LOCAL_CPU);
	get(LOCAL_RIP);
	get(LOCAL_REMAINING);
	get(LOCAL_DEPTH);
}

function tailCall(callee: u32): void {
	parameters();
	opWith(OP_RETURN_CALL, callee);
}

/** A guest's call, RIP in its local: as in a region, what comes back to another address than `next` goes further back. */
function call(callee: u32, next: u32): void {
	get(LOCAL_DEPTH);
	constant32(CALL_LIMIT);
	op(OP_I32_GE_U);
	op(OP_IF);
	op(NOTHING);
	answer();
	op(OP_END);
	parameters();
	constant32(1);
	op(OP_I32_ADD);
	opWith(OP_CALL, callee);
	set(LOCAL_REMAINING);
	opWith(OP_LOCAL_TEE, LOCAL_RIP);
	ripAt(next);
	op(OP_I64_NE);
	op(OP_IF);
	op(NOTHING);
	answer();
	op(OP_END);
	goTo(next);
}

// --- flags ---------------------------------------------------------------------------------------------

/** What is known of the flags here: nothing, that none are pending, or the kind and width of those that locals have. */
const UNKNOWN: u32 = 0xffff;
const SETTLED: u32 = 0;
let known: u32 = UNKNOWN;
/** Only the locals have them. */
let inLocals: bool = false;
const NOT_IN_LOCALS: u32 = 0;

/** Whether what a kind says depends on more than the instruction: the stencil has set LOCAL_KIND then. */
function isKindLocal(kind: u32): bool {
	const type = kind & 0xff;
	return type == KIND_ADC || type == KIND_SBB || type == KIND_INC || type == KIND_DEC;
}

/** What only locals have goes to the state block, where others look. */
function leaveFlags(): void {
	if (!inLocals) return;
	inLocals = false;
	storeFlags(known, isKindLocal(known));
}

function storeFlags(kind: u32, isLocal: bool): void {
	get(LOCAL_CPU);
	if (isLocal) get(LOCAL_KIND);
	else constant32(kind);
	access(OP_I32_STORE, PENDING_KIND);
	get(LOCAL_CPU);
	get(LOCAL_A);
	access(OP_I64_STORE, PENDING_A);
	get(LOCAL_CPU);
	get(LOCAL_B);
	access(OP_I64_STORE, PENDING_B);
}

/** @returns where the stencil of a condition lies, by what is known; 0 where that does not tell it */
function conditionStencil(code: u32): u32 {
	const kind = known & 0xff;
	if (kind >= CONDITION_KINDS) return 0;
	const width = known >> KIND_WIDTH_SHIFT;
	const widths: u32 = width ? ctz(width) - 3 : 0;
	return load<u32>(STENCILS + ((((kind * CONDITION_WIDTHS + widths) * CONDITION_PAIRS) + (code >> 1)) << 2));
}

/** Sees to it that flags are as a stencil wants them. */
function prepareFlags(properties: u32): void {
	if (properties & STENCIL_SETTLED ? known != SETTLED : properties & STENCIL_READS_FLAGS && !conditionStencil(0)) settle();
}

function settle(): void {
	leaveFlags();
	get(LOCAL_CPU);
	access(OP_I32_LOAD, PENDING_KIND);
	op(OP_IF);
	op(NOTHING);
	get(LOCAL_CPU);
	opWith(OP_CALL, CALL_SETTLE);
	op(OP_END);
	known = SETTLED;
}

// --- instructions --------------------------------------------------------------------------------------

/** Where a record's stencil lies, one that leaves flags behind or one that does not; 0 where it has none. */
@inline
function stencilOf(record: usize, leavesFlags: bool): u32 {
	// AH, CH, DH and BH stay the interpreter's: the registers are written whole.
	if ((load<u16>(record + REC_RM) | load<u16>(record + REC_REG)) & 7) return 0;
	return load<u32>(STENCILS + STENCIL_CASES + (<usize>load<u16>(record + REC_OP) << 3) + (leavesFlags ? 0 : 4));
}

@inline
function propertiesOf(record: usize, leavesFlags: bool): u32 {
	return load<u8>(STENCILS + stencilOf(record, leavesFlags));
}

@inline
function endOf(record: usize): u32 {
	return load<u8>(STENCILS + stencilOf(record, true) + STENCIL_END);
}

function instruction(record: usize, leavesFlags: bool): void {
	const stencil: usize = STENCILS + stencilOf(record, leavesFlags);
	const properties = <u32>load<u8>(stencil);
	prepareFlags(properties);
	if (properties & (STENCIL_LINEAR | STENCIL_OFFSET)) address(record, (properties & STENCIL_LINEAR) != 0);
	copyStencil(stencil, record);
	const kind = <u32>load<u16>(stencil + STENCIL_KIND);
	if (!kind) return;
	known = kind;
	inLocals = true;
}

function copyStencil(stencil: usize, record: usize): void {
	const narrow = <u32>load<u8>(stencil + STENCIL_TEMPORARIES);
	const wide = <u32>load<u8>(stencil + STENCIL_TEMPORARIES + 1);
	temporaries = max(temporaries, max(narrow * 2 - (narrow ? 1 : 0), wide * 2));
	for (let at = stencil + STENCIL_HEADER; ; ) {
		const length: usize = load<u8>(at);
		copy(at + 1, length);
		at += length + 1;
		const hole = <u32>load<u8>(at);
		if (hole == HOLE_END) return;
		fill(hole, record, load<u8>(at + 1));
		at += 2;
	}
}

function fill(hole: u32, record: usize, which: u32): void {
	switch (hole) {
		case HOLE_RM:
			unsigned(load<u16>(record + REC_RM));
			return;
		case HOLE_REG:
			unsigned(load<u16>(record + REC_REG));
			return;
		case HOLE_IMMEDIATE8:
			signed(load<i8>(record + REC_IMMEDIATE));
			return;
		case HOLE_IMMEDIATE16:
			signed(load<i16>(record + REC_IMMEDIATE));
			return;
		case HOLE_IMMEDIATE32:
			signed(load<i32>(record + REC_IMMEDIATE));
			return;
		case HOLE_IMMEDIATE64:
			signed(load<i64>(record + REC_IMMEDIATE));
			return;
		case HOLE_NEXT:
			signed(load<u16>(record + REC_NEXT));
			return;
		case HOLE_TLB_READ:
			unsigned(tlb + TLB_READ);
			return;
		case HOLE_TLB_WRITE:
			unsigned(tlb + TLB_WRITE);
			return;
		case HOLE_TLB_ADDEND:
			unsigned(tlb + TLB_ADDEND);
			return;
		case HOLE_CONDITION:
			copyStencil(STENCILS + conditionStencil(which), record);
			if (which & 1) op(OP_I32_EQZ);
			return;
		case HOLE_UNLESS_BAIL:
			enterIf();
			unchecked((bailPlaces[bails] = place));
			unchecked((bailKinds[bails++] = inLocals ? known : NOT_IN_LOCALS));
	}
}

/** base + (index << scale) + displacement, cut to the address size, and the segment's base where it has one. */
function address(record: usize, isLinear: bool): void {
	const base = <u32>load<u16>(record + REC_BASE);
	const index = <u32>load<u16>(record + REC_INDEX);
	const displacement = load<i64>(record + REC_DISPLACEMENT);
	let terms: u32 = 0;
	if (base == PAGE_BASE) get(LOCAL_PAGE);
	else if (base != ZERO) state(base);
	if (base != ZERO) terms++;
	if (index != ZERO) {
		state(index);
		scale(load<u8>(record + REC_SCALE));
		if (terms++) op(OP_I64_ADD);
	}
	if (displacement || !terms) {
		constant64(displacement);
		if (terms) op(OP_I64_ADD);
	}
	const mask = load<i64>(record + REC_MASK);
	if (mask != -1) {
		constant64(mask);
		op(OP_I64_AND);
	}
	const info = <u32>load<u16>(record + REC_INFO);
	if (isLinear && info & INFO_SEGMENTED) {
		state(SEGMENTS + (info & INFO_SEGMENT) * SEGMENT_SIZE + SEG_BASE);
		op(OP_I64_ADD);
	}
	set(LOCAL_ADDRESS);
}

function scale(by: u32): void {
	if (!by) return;
	constant64(by);
	op(OP_I64_SHL);
}

function state(offset: u32): void {
	get(LOCAL_CPU);
	opWith(OP_LOCAL_TEE, LOCAL_CPU);
	access(OP_I64_LOAD, offset);
}
