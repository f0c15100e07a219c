// The code of a block's instructions: stencils with their holes filled, and what is known of the flags between them.

import {
	CPU, INFO_SEGMENT, INFO_SEGMENTED, KIND_ADC, KIND_DEC, KIND_INC, KIND_SBB, KIND_WIDTH_SHIFT, PAGE_BASE, PENDING_A, PENDING_B, PENDING_KIND, REC_BASE,
	REC_DISPLACEMENT, REC_IMMEDIATE, REC_INDEX, REC_INFO, REC_MASK, REC_NEXT, REC_REG, REC_RM, REC_SCALE, SEG_BASE, SEGMENT_SIZE, SEGMENTS, STENCILS,
	TLB_ADDEND, TLB_READ, TLB_WRITE, ZERO,
} from "../state";
import {
	CALL_SETTLE, CONDITION_KINDS, CONDITION_PAIRS, CONDITION_WIDTHS, END_NEXT, HOLE_CONDITION, HOLE_DELTA, HOLE_END, HOLE_HOST, HOLE_IMMEDIATE16,
	HOLE_IMMEDIATE32, HOLE_IMMEDIATE64, HOLE_IMMEDIATE8, HOLE_NEXT, HOLE_REG, HOLE_RM, HOLE_TLB_ADDEND, HOLE_TLB_READ, HOLE_TLB_WRITE, HOLE_UNLESS_BAIL,
	LOCAL_A, LOCAL_ADDRESS, LOCAL_B, LOCAL_HOST, LOCAL_KIND, LOCAL_PAGE, LONGEST_BLOCK, STENCIL_HEADER, STENCIL_KIND, STENCIL_LINEAR, STENCIL_OFFSET,
	STENCIL_READS_FLAGS, STENCIL_SETTLED, STENCIL_TEMPORARIES,
} from "../stencil";
import { deltaOf, groupOf } from "./groups";
import { endOf, stencilOf } from "./records";
import {
	access, constant32, constant64, copy, get, NOTHING, op, OP_CALL, OP_END, OP_I32_EQZ, OP_I32_LOAD, OP_I32_STORE, OP_I64_ADD, OP_I64_AND, OP_I64_LOAD,
	OP_I64_SHL, OP_I64_STORE, OP_IF, OP_LOCAL_TEE, opWith, set, signed, unsigned,
} from "./wasm";

/** Which TLB the code goes through: its address. */
export let tlb: u32 = 0;
/** Temporaries that the function's stencils need, an i32 and an i64 in turn. */
export let temporaries: u32 = 0;

export function beginFunction(tlbAddress: u32): void {
	tlb = tlbAddress;
	temporaries = 1;
}

/** How many labels of its own are around the code of the block under way. */
export let inner: u32 = 0;
/** Where an instruction is and, above, how many from it on have not run though they were taken from the budget: what a bail tells. */
let place: u32 = 0;
/** The number of the instruction under way in its block. */
let number: u32 = 0;
/** Of the bails that stand behind the block: their places, and what kind of flags is in locals there, or NOT_IN_LOCALS. */
let bails: u32 = 0;
const bailPlaces = new StaticArray<u32>(<i32>LONGEST_BLOCK * 4);
const bailKinds = new StaticArray<u32>(<i32>LONGEST_BLOCK * 4);

/** Nothing is known where a block begins. */
export function beginBlock(): void {
	bails = 0;
	known = UNKNOWN;
	inLocals = false;
}

/** What follows is reached only if the i32 on the stack is not zero. */
export function enterIf(): void {
	op(OP_IF);
	op(NOTHING);
	inner++;
}

export function leaveIf(): void {
	op(OP_END);
	inner--;
}

/** Ends the arm that the last bail left open: its place goes to `bailPlace`, the flags to `bailKind`. @returns whether there was one */
export function leaveBail(): bool {
	if (!bails) return false;
	leaveIf();
	bails--;
	bailPlace = unchecked(bailPlaces[bails]);
	bailKind = unchecked(bailKinds[bails]);
	return true;
}
export let bailPlace: u32 = 0;
export let bailKind: u32 = 0;

// --- flags ---------------------------------------------------------------------------------------------

/** What is known of the flags here: nothing, that none are pending, or the kind and width of those that locals have. */
const UNKNOWN: u32 = 0xffff;
const SETTLED: u32 = 0;
let known: u32 = UNKNOWN;
/** Only the locals have them. */
let inLocals: bool = false;
export const NOT_IN_LOCALS: u32 = 0;

/** Whether what a kind says depends on more than the instruction: the stencil has set LOCAL_KIND then. */
export function isKindLocal(kind: u32): bool {
	const type = kind & 0xff;
	return type == KIND_ADC || type == KIND_SBB || type == KIND_INC || type == KIND_DEC;
}

/** What only locals have goes to the state block, where others look. */
export function leaveFlags(): void {
	if (!inLocals) return;
	inLocals = false;
	storeFlags(known, isKindLocal(known));
}

export function storeFlags(kind: u32, isLocal: bool): void {
	constant32(CPU);
	if (isLocal) get(LOCAL_KIND);
	else constant32(kind);
	access(OP_I32_STORE, PENDING_KIND);
	constant32(CPU);
	get(LOCAL_A);
	access(OP_I64_STORE, PENDING_A);
	constant32(CPU);
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
	constant32(CPU);
	access(OP_I32_LOAD, PENDING_KIND);
	op(OP_IF);
	op(NOTHING);
	constant32(CPU);
	opWith(OP_CALL, CALL_SETTLE);
	op(OP_END);
	known = SETTLED;
}

// --- instructions --------------------------------------------------------------------------------------

/**
 * @param i its number in the block
 * @param at what a bail before the instruction would tell
 */
export function instruction(record: usize, i: u32, leavesFlags: bool, at: u32): void {
	place = at;
	number = i;
	const inGroup = groupOf(i) != 0;
	// What a branch leads to looks for flags in the state block.
	if (endOf(record) != END_NEXT) leaveFlags();
	const stencil: usize = STENCILS + stencilOf(record, leavesFlags, inGroup);
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
		case HOLE_HOST:
			unsigned(LOCAL_HOST + groupOf(number) - 1);
			return;
		case HOLE_DELTA:
			unsigned(deltaOf(number));
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

/** As a stencil has it (translate/draft/frame.ts, "cpu"). */
export function state(offset: u32): void {
	constant32(CPU);
	access(OP_I64_LOAD, offset);
}
