/** Where a region begins: which page it runs in, by which of its entries it was entered, and whether it may run at all. */
import * as S from "../../core/state.ts";
import type { Body } from "../wasm.ts";
import type { BasicBlock } from "./discover.ts";
import { answer, REMAINING, RIP } from "./links.ts";
import type { RegionSource } from "./source.ts";

/**
 * RIP of the page's first byte goes to a local.
 * @param offset a local that keeps where RIP lies in its page, if there are two entries
 */
export function findPage(body: Body, { entry, mode }: RegionSource, pageBase: number, offset: number): void {
	body.local("local.get", RIP);
	if (entry.isGate) {
		offsetOfRip(body, mode.size === 64);
		body.local("local.tee", offset);
		body.op("i64.extend_i32_u");
	} else body.constant("i64", entry.offset);
	body.op("i64.sub");
	body.local("local.set", pageBase);
}

/** Leaves where the linear address of RIP lies in its page on the stack. @param flat CS has no base */
function offsetOfRip(body: Body, flat: boolean): void {
	body.local("local.get", RIP);
	body.op("i32.wrap_i64");
	if (!flat) {
		body.constant("i32", S.CPU);
		body.memory("i32.load", S.CS + S.SEG_BASE);
		body.op("i32.add");
	}
	body.constant("i32", 4095);
	body.op("i32.and");
}

/** Leaves whether RIP was at a block when the region was entered. */
export function isEnteredAt(body: Body, block: BasicBlock, offset: number): void {
	body.local("local.get", offset);
	body.constant("i32", block.offset);
	body.op("i32.eq");
}

/** Returns where the budget does not suffice for so many; nothing has run, or all state is in its place. */
export function unlessBudget(body: Body, instructions: number): void {
	if (!instructions) return;
	body.local("local.get", REMAINING);
	body.constant("i32", instructions);
	body.op("i32.lt_s");
	body.open("if");
	returnToInterpreter(body);
	body.end();
}

/** Returns, all state being in its place: the interpreter executes what comes next. */
export function returnToInterpreter(body: Body): void {
	body.constant("i32", S.CPU);
	body.constant("i32", 1);
	body.memory("i32.store", S.REGION_LEFT);
	answer(body);
}

/** Compares RIP on the stack with the code segment's limit. */
export function isBeyondCode(body: Body): void {
	body.constant("i32", S.CPU);
	body.memory("i64.load32_u", S.CS + S.SEG_LIMIT);
	body.op("i64.gt_u");
}
