// Drafts: warm blocks as WebAssembly, made in two microseconds an instruction. A draft is what the interpreter would do, one
// stencil (core/stencil.ts) behind another: registers stay in the state block, and all that is known from one instruction to the next is
// what set the flags, and whether somebody will look. So little is gained on each instruction, but none is dispatched any more, and
// a host that cannot foresee where the interpreter goes next waits longest for that.
//
// A page's warm blocks become functions of some blocks each, in an order in which most ways lead forward. A function has the form
// of a region (translate/region/links.ts), begins at the block that RIP names, and goes forward inside; back and to other
// functions it goes by tail calls. A block counts its entries, and one that is hot leaves its place to a region. Accesses that lie together
// (groups.ts) are asked for once, before their block.
//
// The engine's baseline compiler makes of each branch that is seldom taken a jump over what it leads to, and a host remembers only so many
// jumps. So what is expected is inside an `if`, and with it all that follows in the block; what is not stands behind the block.

import { blocksOf } from "../blocks";
import {
	DRAFT_CODE, DRAFT_CODE_END, DRAFT_DOORS, DRAFT_DOORS_END, DRAFT_GATES, DRAFT_GATES_END, DRAFT_HEAT_SHIFT, HOT, HOT_AFTER, MODE_TLB_SHIFT, REC_HEAT,
	TLB, TLB_BYTES, WARM_AFTER,
} from "../state";
import { beginFunction, temporaries } from "./code";
import { draftBody } from "./function";
import { blocks, collect, functionOfBlock, instructions, isDoor, measure, recordOfBlock, stepOf } from "./page";
import { I32, I64, op, unsigned, unsignedWide, WIDE_SIZE, writeAt, written } from "./wasm";
import { wordOf } from "./words";

/** Bytes that an instruction and a block may need at most, with its function's beginning and end; and those before a function's code for its locals. */
const LARGEST_INSTRUCTION: u32 = 448;
const LARGEST_BLOCK: u32 = 1024;
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
	let step: u32 = 1;
	while (end < blocks && functionOfBlock(end) == number) step = max(step, stepOf(measure(recordOfBlock(end++))));
	beginFunction(tlb);
	gate = gate + 4 < DRAFT_GATES_END ? gate + 4 : DRAFT_GATES;
	store<u32>(gate, 0);
	const code = codeTop + LOCALS_ROOM;
	writeAt(code);
	draftBody(first, end, firstFunction, hotAfter, records, gate, step);
	writeDown(code, written());
	functions++;
	for (let block = first; block < end; block++) {
		if (!isDoor(block)) continue;
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
	unsigned(3);
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
