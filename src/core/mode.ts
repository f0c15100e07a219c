// What segments, control registers and flags mean for decoding and for reaching memory, worked out
// whenever one of them changes.

import { updateJumpKey } from "./blocks";
import { tlbFor } from "./memory";
import {
	CR0, CS, DS, EFER, ES, FLAGS_SYSTEM, MODE, MODE_32, MODE_64, MODE_FLAT, MODE_SIZE, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, SS, TLB_BASE,
} from "./state";

export const ATTR_P: u32 = 0x80;
export const ATTR_S: u32 = 0x10;
export const ATTR_CODE: u32 = 8;
/** Of a code segment: readable; of a data segment: writable. */
export const ATTR_RW: u32 = 2;
/** Of a code segment: conforming; of a data segment: expand-down. */
export const ATTR_CE: u32 = 4;
export const ATTR_ACCESSED: u32 = 1;
export const ATTR_L: u32 = 0x2000;
export const ATTR_D: u32 = 0x4000;

const VM_FLAG: u32 = 0x20000;

export function isProtected(cpu: usize): bool {
	return (load<u32>(cpu + CR0) & 1) != 0;
}

export function isVirtual8086(cpu: usize): bool {
	return (load<u32>(cpu + FLAGS_SYSTEM) & VM_FLAG) != 0;
}

/** Real-address or virtual-8086 mode: a segment is its selector times 16. */
export function isRealStyle(cpu: usize): bool {
	return !isProtected(cpu) || isVirtual8086(cpu);
}

@inline
export function is64(cpu: usize): bool {
	return (load<u32>(cpu + MODE) & MODE_SIZE) == MODE_64;
}

function isFlat(segment: usize): bool {
	const attributes = load<u32>(segment + SEG_ATTRIBUTES);
	const writable = (attributes & (ATTR_P | ATTR_CODE | ATTR_RW | ATTR_CE)) == (ATTR_P | ATTR_RW);
	return writable && load<u64>(segment + SEG_BASE) == 0 && load<u32>(segment + SEG_LIMIT) == 0xffffffff;
}

export function updateMode(cpu: usize): void {
	const code = load<u32>(cpu + CS + SEG_ATTRIBUTES);
	let mode: u32 = 0;
	if (load<u32>(cpu + EFER) & 0x400 && code & ATTR_L) mode = MODE_64;
	else {
		if (code & ATTR_D) mode = MODE_32;
		if (!isRealStyle(cpu) && isFlat(cpu + DS) && isFlat(cpu + ES) && isFlat(cpu + SS)) mode |= MODE_FLAT;
	}
	store<u32>(cpu + MODE, mode);
	store<u32>(cpu + TLB_BASE, <u32>tlbFor(cpu));
	updateJumpKey(cpu);
}

/** After a load of CS. */
export function codeSegmentChanged(cpu: usize): void {
	updateMode(cpu);
}
