// A block's code: its entry, its instructions, where it goes on, and behind it what is not expected.

import {
	CALL_LIMIT, CPU, FIRST_VARIANT, PAGE_BASE, REC_IMMEDIATE, REC_NEXT, REC_OP, RECORD_SIZE, TLB, TLB_ADDEND, TLB_BYTES, TLB_ENTRIES, TLB_ENTRY, TLB_READ,
	TLB_WRITE, WINDOW_ADDEND, WINDOW_BYTES, WINDOW_SET, WINDOW_SIZE, WINDOWS,
} from "../state";
import {
	CALL_CHAIN, END_BRANCH, END_CALL, END_INDIRECT, END_JUMP, END_NEXT, END_RETURN, LOCAL_A, LOCAL_ADDRESS, LOCAL_B, LOCAL_DEPTH, LOCAL_HOST,
	LOCAL_KIND, LOCAL_PAGE, LOCAL_REMAINING, LOCAL_RIP, LONGEST_RUN,
} from "../stencil";
import { bailKind, bailPlace, beginBlock, enterIf, inner, instruction, isKindLocal, leaveBail, leaveFlags, leaveIf, NOT_IN_LOCALS, state, tlb } from "./code";
import { findGroups, groups, groupWrites, lowOfGroup, MOST_GROUPS, rootOfGroup, widthOfGroup } from "./groups";
import { flagsThatMatter, functionOfBlock, labelAt, measure, recordOfBlock, stepOf } from "./page";
import { endOf, offsetOf, stencilOf } from "./records";
import {
	access, constant32, constant64, get, NOTHING, op, OP_BR, OP_BR_IF, OP_CALL, OP_END, OP_I32_ADD, OP_I32_AND, OP_I32_GE_U, OP_I32_LOAD, OP_I32_LOAD16_U,
	OP_I32_LT_S, OP_I32_OR, OP_I32_SHR_U, OP_I32_STORE16, OP_I32_WRAP_I64, OP_I64_ADD, OP_I64_LE_U, OP_I64_LOAD, OP_I64_LT_U, OP_I64_NE, OP_I64_OR, OP_I64_SUB,
	OP_I64_XOR, OP_IF, OP_LOCAL_TEE, OP_RETURN, OP_RETURN_CALL, OP_SIMD, opWith, set, SIMD_I32X4_SPLAT,
} from "./wasm";
import { wordOf } from "./words";

/** The labels around a function's blocks, from within: a place is on the stack but for the first and the last. */
export const WAY_AWAY: u32 = 0;
export const WAY_WINDOW: u32 = 1;
export const WAY_BAIL_WITH_FLAGS: u32 = 2;
export const WAY_BAIL: u32 = 3;
/** To RIP, for which a local is set. */
export const WAY_CHAIN: u32 = 4;

/** The widest group that is looked up by its page: wider ones would often lie in two. */
const WIDEST_IN_PAGE: u32 = 1024;

/** The block under way, the first that is not in its function, and the number of the module's first own function. */
let block: u32 = 0;
let endBlock: u32 = 0;
let firstFunction: u32 = 0;

/**
 * Drafts the blocks of a function, each behind its label.
 * @param own the number of the module's first own function
 */
export function draftBlocks(first: u32, end: u32, own: u32): void {
	endBlock = end;
	firstFunction = own;
	for (block = first; block < end; block++) {
		if (block != first) op(OP_END);
		draftBlock();
	}
}

/** The depth of a label that leads out of the function. */
@inline
function depthOf(way: u32): u32 {
	return endBlock - block - 1 + inner + way;
}

function draftBlock(): void {
	const record = recordOfBlock(block);
	const count = measure(record);
	findGroups(record, count);
	const matter = flagsThatMatter(record, count);
	beginBlock();
	for (let group: u32 = 0; group < groups; group++) locate(group);
	enter(record, count);
	let at = record;
	for (let i: u32 = 0; i < count; i++, at += RECORD_SIZE)
		instruction(at, i, (matter >> i) & 1 ? true : false, offsetOf(at) | ((count - i) << 12));
	const last = at - RECORD_SIZE;
	if (endOf(last) != END_NEXT) goOn(last);
	else leaveBehind(at, load<u16>(last + REC_NEXT));
	while (leaveBail()) bailWith(bailPlace, bailKind);
	for (let group = groups; group-- > 0; ) giveUp(group, offsetOf(record));
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

// --- its entry -----------------------------------------------------------------------------------------

/** The window of each group that has one. */
const windows = new StaticArray<u32>(<i32>MOST_GROUPS);

/** Works out where a group's memory is: what follows is reached only if it is there. */
function locate(group: u32): void {
	const root = rootOfGroup(group);
	if (root == PAGE_BASE) get(LOCAL_PAGE);
	else state(root);
	constant64(lowOfGroup(group));
	op(OP_I64_ADD);
	set(LOCAL_ADDRESS);
	if (widthOfGroup(group) > WIDEST_IN_PAGE) inWindow(group);
	else inPage(group);
	op(OP_I32_ADD);
	set(LOCAL_HOST + group);
}

/** By the TLB, as one access would be looked up. */
function inPage(group: u32): void {
	get(LOCAL_ADDRESS);
	op(OP_I32_WRAP_I64);
	constant32(12 - ctz(TLB_ENTRY));
	op(OP_I32_SHR_U);
	constant32((TLB_ENTRIES - 1) * TLB_ENTRY);
	op(OP_I32_AND);
	opWith(OP_LOCAL_TEE, LOCAL_KIND);
	access(OP_I64_LOAD, tlb + (groupWrites(group) ? TLB_WRITE : TLB_READ));
	get(LOCAL_ADDRESS);
	op(OP_I64_XOR);
	constant64(4096 - widthOfGroup(group));
	op(OP_I64_LE_U);
	enterIf();
	get(LOCAL_ADDRESS);
	op(OP_I32_WRAP_I64);
	get(LOCAL_KIND);
	access(OP_I32_LOAD, tlb + TLB_ADDEND);
}

/** By a window: its size is a power of two, so two offsets are in it where their bits together are. */
function inWindow(group: u32): void {
	const window = nextWindow((((tlb - TLB) / TLB_BYTES) << 1) | (groupWrites(group) ? 1 : 0));
	unchecked((windows[group] = window));
	get(LOCAL_ADDRESS);
	constant32(0);
	access(OP_I64_LOAD, window);
	op(OP_I64_SUB);
	opWith(OP_LOCAL_TEE, LOCAL_A);
	get(LOCAL_A);
	constant64(widthOfGroup(group) - 1);
	op(OP_I64_ADD);
	op(OP_I64_OR);
	constant32(0);
	access(OP_I64_LOAD, window + WINDOW_BYTES);
	op(OP_I64_LT_U);
	enterIf();
	get(LOCAL_ADDRESS);
	op(OP_I32_WRAP_I64);
	constant32(0);
	access(OP_I32_LOAD, window + WINDOW_ADDEND);
}

/** Which window of each set was given to a block last: they take turns. */
const turns = new StaticArray<u32>(8);

function nextWindow(set: u32): u32 {
	const turn = (unchecked(turns[set]) + 1) % WINDOW_SET;
	unchecked((turns[set] = turn));
	return WINDOWS + (set * WINDOW_SET + turn) * WINDOW_SIZE;
}

/** Where a group's memory is not known to be there the block is the interpreter's, unless a window can be moved. */
function giveUp(group: u32, place: u32): void {
	leaveIf();
	if (widthOfGroup(group) <= WIDEST_IN_PAGE) {
		bail(place);
		return;
	}
	constant64(widthOfGroup(group) - 1);
	set(LOCAL_B);
	constant32(unchecked(windows[group]));
	set(LOCAL_KIND);
	constant32(place);
	opWith(OP_BR, depthOf(WAY_WINDOW));
}

/** Takes the block's instructions from the budget, which the function has asked for, and counts that it is entered. */
function enter(record: usize, count: u32): void {
	const entries = <u32>wordOf(record);
	constant32(0);
	constant32(0);
	access(OP_I32_LOAD16_U, entries);
	constant32(stepOf(count));
	op(OP_I32_ADD);
	access(OP_I32_STORE16, entries);
	get(LOCAL_REMAINING);
	constant32(-<i32>count);
	op(OP_I32_ADD);
	set(LOCAL_REMAINING);
}

/** Behind a block's last instruction, which is no branch: a label, or what stays the interpreter's. */
function leaveBehind(next: usize, offset: u32): void {
	leaveFlags();
	const isInterpreters = load<u16>(next + REC_OP) >= FIRST_VARIANT && !stencilOf(next, true);
	if (isInterpreters && !(offset < 4096 && labelAt(offset))) bail(offset);
	else goTo(offset);
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

export function answer(): void {
	get(LOCAL_RIP);
	get(LOCAL_REMAINING);
	op(OP_RETURN);
}

function parameters(): void {
	constant32(CPU);
	get(LOCAL_RIP);
	get(LOCAL_REMAINING);
	get(LOCAL_DEPTH);
}

/** What looks for a region has one parameter more: translate/region/links.ts says why. */
function passNothing(callee: u32): void {
	if (callee != CALL_CHAIN) return;
	constant32(0);
	opWith(OP_SIMD, SIMD_I32X4_SPLAT);
}

export function tailCall(callee: u32): void {
	parameters();
	passNothing(callee);
	opWith(OP_RETURN_CALL, callee);
}

/** A guest's call, RIP in its local: as in a region, what comes back to another address than `next` goes further back, and so does what may not run on. */
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
	passNothing(callee);
	opWith(OP_CALL, callee);
	set(LOCAL_REMAINING);
	opWith(OP_LOCAL_TEE, LOCAL_RIP);
	ripAt(next);
	op(OP_I64_NE);
	get(LOCAL_REMAINING);
	constant32(LONGEST_RUN);
	op(OP_I32_LT_S);
	op(OP_I32_OR);
	op(OP_IF);
	op(NOTHING);
	answer();
	op(OP_END);
	goTo(next);
}
