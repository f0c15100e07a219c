// A draft's function: how it is entered, and where its blocks' ways out lead.

import { CPU, REGION_LEFT } from "../state";
import {
	CALL_CHAIN, CALL_HOT, CALL_WINDOW, LOCAL_ADDRESS, LOCAL_B, LOCAL_KIND, LOCAL_PAGE, LOCAL_PLACE, LOCAL_REMAINING, LOCAL_RIP, LONGEST_RUN,
} from "../stencil";
import { answer, draftBlocks, tailCall, WAY_AWAY, WAY_BAIL, WAY_CHAIN, WAY_WINDOW } from "./block";
import { storeFlags } from "./code";
import { functionOfBlock, offsetOfBlock } from "./page";
import {
	access, constant32, constant64, get, I32, NOTHING, op, OP_BLOCK, OP_BR, OP_BR_IF, OP_CALL, OP_END, OP_I32_ADD, OP_I32_AND, OP_I32_EQ, OP_I32_LOAD,
	OP_I32_LT_S, OP_I32_OR, OP_I32_SHR_U, OP_I32_STORE, OP_I32_SUB, OP_I32_WRAP_I64, OP_I64_ADD, OP_I64_AND, OP_I64_EXTEND_I32_U, OP_IF, OP_LOCAL_TEE, OP_LOOP,
	OP_RETURN, opWith, set,
} from "./wasm";

/**
 * @param own the number of the module's first own function
 * @param hot entries after which a block is hot
 * @param records the page's table of blocks
 * @param gate where the function's entries are counted
 * @param step as what: as the most that one of its blocks counts
 */
export function draftBody(first: u32, end: u32, own: u32, hot: u32, records: usize, gate: u32, step: u32): void {
	const self = own + functionOfBlock(first);
	for (let way = WAY_CHAIN + 1; way-- > 0; ) {
		op(OP_BLOCK);
		op(way == WAY_CHAIN || way == WAY_AWAY ? NOTHING : I32);
	}
	get(LOCAL_RIP);
	constant64(-4096);
	op(OP_I64_AND);
	set(LOCAL_PAGE);
	enter(hot, gate, step);
	// At a loop's start the engine's baseline compiler puts all locals into memory, and its registers are free for what comes.
	op(OP_LOOP);
	op(NOTHING);
	op(OP_END);
	for (let i = first + 1; i < end; i++) {
		op(OP_BLOCK);
		op(NOTHING);
	}
	findEntry(first, end);
	draftBlocks(first, end, own);
	op(OP_END);
	turnAway(self, records, gate);
	op(OP_END);
	moveWindow(self);
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
 * Counts the entry, and turns away where the budget may not suffice, or where as many entries have been counted as make a
 * block hot.
 */
function enter(hot: u32, gate: u32, step: u32): void {
	get(LOCAL_RIP);
	op(OP_I32_WRAP_I64);
	constant32(4095);
	op(OP_I32_AND);
	set(LOCAL_PLACE);
	constant32(0);
	constant32(0);
	access(OP_I32_LOAD, gate);
	constant32(step);
	op(OP_I32_ADD);
	opWith(OP_LOCAL_TEE, LOCAL_KIND);
	access(OP_I32_STORE, gate);
	get(LOCAL_REMAINING);
	constant32(LONGEST_RUN);
	op(OP_I32_SUB);
	constant32(hot);
	get(LOCAL_KIND);
	op(OP_I32_SUB);
	op(OP_I32_OR);
	constant32(0);
	op(OP_I32_LT_S);
	opWith(OP_BR_IF, WAY_AWAY);
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

/** Nothing has run. Where the budget does not suffice the interpreter goes on; it also has what is hot, and the rest is entered after all. */
function turnAway(self: u32, records: usize, gate: u32): void {
	get(LOCAL_PLACE);
	get(LOCAL_REMAINING);
	constant32(LONGEST_RUN);
	op(OP_I32_LT_S);
	opWith(OP_BR_IF, WAY_BAIL - WAY_AWAY - 1);
	constant32(<i32>records);
	constant32(gate);
	opWith(OP_CALL, CALL_HOT);
	op(OP_IF);
	op(NOTHING);
	answer();
	op(OP_END);
	tailCall(self);
}

/** A block's window, of which the locals tell, does not reach where it should: if it can be moved there the block is entered once more. */
function moveWindow(self: u32): void {
	set(LOCAL_PLACE);
	get(LOCAL_ADDRESS);
	get(LOCAL_B);
	get(LOCAL_KIND);
	opWith(OP_CALL, CALL_WINDOW);
	op(OP_IF);
	op(NOTHING);
	ripOfPlace();
	set(LOCAL_RIP);
	tailCall(self);
	op(OP_END);
	get(LOCAL_PLACE);
	opWith(OP_BR, WAY_BAIL - WAY_WINDOW - 1);
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

/** The end of all bails: their place is on the stack. */
function interpretNext(): void {
	set(LOCAL_PLACE);
	constant32(CPU);
	constant32(1);
	access(OP_I32_STORE, REGION_LEFT);
	ripOfPlace();
	remainingOfPlace();
}
