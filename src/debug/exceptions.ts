// The processor's exceptions in words: names, mnemonics and what their error codes say
// (SDM 3A, "Interrupt and Exception Handling").

import type { Delivery } from "../bus/processor.ts";

const NAMES: Record<number, [mnemonic: string, name: string]> = {
	0: ["#DE", "divide error"],
	1: ["#DB", "debug exception"],
	2: ["NMI", "non-maskable interrupt"],
	3: ["#BP", "breakpoint"],
	4: ["#OF", "overflow"],
	5: ["#BR", "bound range exceeded"],
	6: ["#UD", "invalid opcode"],
	7: ["#NM", "device not available"],
	8: ["#DF", "double fault"],
	10: ["#TS", "invalid TSS"],
	11: ["#NP", "segment not present"],
	12: ["#SS", "stack-segment fault"],
	13: ["#GP", "general protection"],
	14: ["#PF", "page fault"],
	16: ["#MF", "x87 floating-point error"],
	17: ["#AC", "alignment check"],
	18: ["#MC", "machine check"],
	19: ["#XM", "SIMD floating-point exception"],
};

const PAGE_FAULT = 14;
const DOUBLE_FAULT = 8;
/** Exceptions whose error code is a selector. */
const SELECTOR_ERRORS = new Set([10, 11, 12, 13]);

/** "#PF page fault", "interrupt 20h". */
export function exceptionName(vector: number): string {
	const known = NAMES[vector];
	return known ? `${known[0]} ${known[1]}` : `interrupt ${vector.toString(16)}h`;
}

/** "#PF page fault: writing to 0x10: the page is not present". */
export function describeDelivery(delivery: Pick<Delivery, "vector" | "errorCode" | "cr2">): string {
	const { vector, errorCode } = delivery;
	const name = exceptionName(vector);
	if (errorCode === undefined) return name;
	if (vector === PAGE_FAULT) return `${name}: ${pageFault(errorCode, delivery.cr2)}`;
	if (SELECTOR_ERRORS.has(vector)) return `${name}: ${selectorError(errorCode)}`;
	return vector === DOUBLE_FAULT ? name : `${name}, error code 0x${errorCode.toString(16)}`;
}

const PF_P = 0x01;
const PF_W = 0x02;
const PF_U = 0x04;
const PF_RSVD = 0x08;
const PF_I = 0x10;

/** "writing to 0x10 (supervisor): the page is not present". */
export function pageFault(errorCode: number, cr2: bigint): string {
	const doing = errorCode & PF_I ? "executing at" : errorCode & PF_W ? "writing to" : "reading from";
	const who = errorCode & PF_U ? "user" : "supervisor";
	return `${doing} 0x${cr2.toString(16)} (${who}): ${pageFaultReason(errorCode)}`;
}

function pageFaultReason(errorCode: number): string {
	if (errorCode & PF_RSVD) return "a reserved bit is set in a paging entry";
	return errorCode & PF_P ? "the page's rights forbid it" : "the page is not present";
}

const EXT = 0x1;
const IDT = 0x2;
const TI = 0x4;

/** "error code 0x6a, IDT entry 13": SDM 3A, "Error Code". */
function selectorError(errorCode: number): string {
	const code = `error code 0x${errorCode.toString(16)}`;
	if ((errorCode & ~EXT) === 0) return code;
	const index = errorCode >> 3;
	if (errorCode & IDT) return `${code}, IDT entry ${index}`;
	return `${code}, ${errorCode & TI ? "LDT" : "GDT"} entry ${index}`;
}
