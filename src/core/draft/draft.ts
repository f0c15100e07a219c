// Drafts: warm blocks as WebAssembly, made in two microseconds an instruction. A draft is what the interpreter would do, one
// stencil (core/stencil.ts) behind another: registers stay in the state block, and all that is known from one instruction to the next is
// what set the flags, and whether somebody will look. So little is gained on each instruction, but none is dispatched any more, and
// a host that cannot foresee where the interpreter goes next waits longest for that.
//
// A page's warm blocks become functions of some blocks each, in an order in which most ways lead forward. A function has the form
// of a region (translate/region/links.ts), begins at the block that RIP names, and goes forward inside; back and to other
// functions it goes by tail calls. A block counts its entries, and one that is hot leaves its place to a region.
//
// The engine's baseline compiler makes of each branch that is seldom taken a jump over what it leads to, and a host remembers only so many
// jumps. So what is expected is inside an `if`, and with it all that follows in the block; what is not stands behind the block.

import { blocksOf } from "../blocks";
import {
	CPU, DRAFT_CODE, DRAFT_CODE_END, DRAFT_DOORS, DRAFT_DOORS_END, DRAFT_GATES, DRAFT_GATES_END, DRAFT_HEAT_SHIFT, HOT, HOT_AFTER, MODE_TLB_SHIFT, REC_HEAT, REGION_LEFT, TLB, TLB_BYTES,
	WARM_AFTER,
} from "../state";
import { CALL_CHAIN, CALL_HOT, LOCAL_KIND, LOCAL_PAGE, LOCAL_PLACE, LOCAL_REMAINING, LOCAL_RIP } from "../stencil";
import { answer, draftBlocks, tailCall, WAY_BAIL, WAYS_OUT } from "./block";
import { beginFunction, storeFlags, temporaries } from "./code";
import { blocks, collect, functionOfBlock, instructions, LONGEST_RUN, offsetOfBlock, recordOfBlock } from "./page";
import {
	access, constant32, constant64, get, I32, I64, NOTHING, op, OP_BLOCK, OP_BR_IF, OP_CALL, OP_END, OP_I32_ADD, OP_I32_AND, OP_I32_EQ, OP_I32_LOAD, OP_I32_LT_S, OP_I32_OR,
	OP_I32_SHR_U, OP_I32_STORE, OP_I32_SUB, OP_I32_WRAP_I64, OP_I64_ADD, OP_I64_AND, OP_I64_EXTEND_I32_U, OP_IF, OP_LOCAL_TEE, OP_LOOP, OP_RETURN, opWith, set, unsigned, unsignedWide, WIDE_SIZE, writeAt, written,
} from "./wasm";
import { wordOf } from "./words";

/** Bytes that an instruction and a block may need at most, with its function's beginning and end; and those before a function's code for its locals. */
const LARGEST_INSTRUCTION: u32 = 448;
const LARGEST_BLOCK: u32 = 768;
const LOCALS_ROOM: usize = 64;
/** Bytes of an entry in DRAFT_DOORS. */
const DOOR: usize = 8;

let doors: usize = DRAFT_DOORS;
let codeTop: usize = DRAFT_CODE;
let functions: u32 = 0;
/** The number of the first own function in the module. */
let firstFunction: u32 = 0;
/** How many functions there is room for in the table. */
let mostFunctions: u32 = 0;

/**
 * @param imports how many functions the module imports
 * @param most how many of its own it may have
 */
export function beginDrafts(imports: u32, most: u32): void {
	mostFunctions = most;
	doors = DRAFT_DOORS;
	codeTop = DRAFT_CODE;
	functions = 0;
	firstFunction = imports;
}

export function draftFunctions(): u32 {
	return functions;
}

/** Where the module's code ends. */
export function draftCodeEnd(): usize {
	return codeTop;
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

/** Which TLB the code of the page goes through: its address. */
let tlb: u32 = 0;
let hotAfter: u32 = 0;
/** The page's table of blocks. */
let records: usize = 0;
/** Where the entries of the function under way are counted, all together. Functions take these places in turn. */
let gate: u32 = DRAFT_GATES;

/**
 * Drafts the blocks of a page that were entered a quarter as often as makes one warm, or more.
 * @returns false where there is no room for it in this module
 */
export function draftPage(cpu: usize, page: u32, mode: u32): bool {
	tlb = TLB + ((mode >> MODE_TLB_SHIFT) & 3) * TLB_BYTES;
	hotAfter = load<u32>(cpu + HOT_AFTER);
	records = blocksOf(cpu, page, mode);
	collect(records, load<u32>(cpu + WARM_AFTER) >> 2, functions);
	if (functions + blocks > mostFunctions || doors + blocks * DOOR > DRAFT_DOORS_END) return false;
	if (codeTop + instructions * LARGEST_INSTRUCTION + blocks * LARGEST_BLOCK > DRAFT_CODE_END) return false;
	let first: u32 = 0;
	while (first < blocks) first = draftFunction(first);
	return true;
}

// --- functions -----------------------------------------------------------------------------------------

/** @returns the first block that is not in it */
function draftFunction(first: u32): u32 {
	const number = functionOfBlock(first);
	let end = first;
	while (end < blocks && functionOfBlock(end) == number) end++;
	beginFunction(tlb);
	gate = gate + 4 < DRAFT_GATES_END ? gate + 4 : DRAFT_GATES;
	store<u32>(gate, 0);
	const code = codeTop + LOCALS_ROOM;
	writeAt(code);
	body(first, end);
	writeDown(code, written());
	functions++;
	for (let block = first; block < end; block++) {
		store<u32>(doors, <u32>recordOfBlock(block));
		store<u32>(doors + 4, number);
		doors += DOOR;
	}
	return end;
}

/** Moves the code to behind its size and locals: those before LOCAL_TEMPORARIES, then an i32 and an i64 in turn. */
function writeDown(code: usize, end: usize): void {
	const body = codeTop + WIDE_SIZE;
	writeAt(body);
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
	const bodyEnd = from + (end - code);
	writeAt(codeTop);
	unsignedWide(<u32>(bodyEnd - body));
	codeTop = bodyEnd;
}

function body(first: u32, end: u32): void {
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
	enter();
	// At a loop's start the engine's baseline compiler puts all locals into memory, and its registers are free for what comes.
	op(OP_LOOP);
	op(NOTHING);
	op(OP_END);
	for (let i = first + 1; i < end; i++) {
		op(OP_BLOCK);
		op(NOTHING);
	}
	findEntry(first, end);
	draftBlocks(first, end, firstFunction);
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

/**
 * Counts the entry, and leaves at once where the budget may not suffice, or where a block is the interpreter's and its region's from now on.
 * Only once as many entries have been counted as make a block hot is it asked whether this one is.
 */
function enter(): void {
	get(LOCAL_RIP);
	op(OP_I32_WRAP_I64);
	constant32(4095);
	op(OP_I32_AND);
	set(LOCAL_PLACE);
	constant32(0);
	constant32(0);
	access(OP_I32_LOAD, gate);
	constant32(1);
	op(OP_I32_ADD);
	opWith(OP_LOCAL_TEE, LOCAL_KIND);
	access(OP_I32_STORE, gate);
	get(LOCAL_REMAINING);
	constant32(LONGEST_RUN);
	op(OP_I32_SUB);
	constant32(hotAfter);
	get(LOCAL_KIND);
	op(OP_I32_SUB);
	op(OP_I32_OR);
	constant32(0);
	op(OP_I32_LT_S);
	op(OP_IF);
	op(NOTHING);
	get(LOCAL_PLACE);
	get(LOCAL_REMAINING);
	constant32(LONGEST_RUN);
	op(OP_I32_LT_S);
	opWith(OP_BR_IF, WAY_BAIL + 1);
	constant32(<i32>records);
	opWith(OP_CALL, CALL_HOT);
	op(OP_IF);
	op(NOTHING);
	answer();
	op(OP_END);
	op(OP_END);
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
function findEntry(first: u32, end: u32): void {
	for (let i = first + 1; i < end; i++) {
		get(LOCAL_PLACE);
		constant32(offsetOfBlock(i));
		op(OP_I32_EQ);
		opWith(OP_BR_IF, i - first - 1);
	}
}

/** The end of all bails: their place is on the stack. */
function interpretNext(): void {
	set(LOCAL_PLACE);
	constant32(CPU);
	constant32(1);
	access(OP_I32_STORE, REGION_LEFT);
	ripOfPlace();
	remainingOfPlace();
}
