// What segments, control registers and flags mean for decoding and for reaching memory, worked out
// whenever one of them changes.

import { updateJumpKey } from "./blocks";
import { NM, UD } from "./fault";
import { setCanonicalShift, tlbNumber } from "./memory";
import {
	AVX_FAULT, CR0, CR4, CS, DS, EFER, ES, FLAGS_SYSTEM, MODE, MODE_32, MODE_64, MODE_FLAT, MODE_SIZE, MODE_TLB_SHIFT, MODE_WIDE_STACK, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, SEG_READ_TOP, SEG_WRITE_TOP, SEGMENT_SIZE, SEGMENTS, SS, SSE_FAULT, TLB, TLB_BASE, TLB_BYTES, VEX_FAULT, XCR0,
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
const CR0_EM: u32 = 4;
const CR0_TS: u32 = 8;
const CR4_OSFXSR: u32 = 0x200;
const CR4_OSXSAVE: u32 = 0x40000;

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

/** What compiled code compares the end of an access with: the limit, or nothing at all where the segment's rights forbid it. */
function updateTops(cpu: usize, segment: usize): void {
	const attributes = load<u32>(segment + SEG_ATTRIBUTES);
	const limit = load<u32>(segment + SEG_LIMIT);
	const top = max(limit + 1, limit);
	const code = (attributes & ATTR_CODE) != 0;
	const expandsDown = !code && (attributes & ATTR_CE) != 0;
	const rightful = isRealStyle(cpu) || (attributes & ATTR_P) != 0;
	const reads = isRealStyle(cpu) || !code || (attributes & ATTR_RW) != 0;
	const writes = isRealStyle(cpu) || (!code && (attributes & ATTR_RW) != 0);
	const open = rightful && !expandsDown;
	store<u32>(segment + SEG_READ_TOP, open && reads ? top : 0);
	store<u32>(segment + SEG_WRITE_TOP, open && writes ? top : 0);
}

/** Which exceptions the vector extensions raise (SDM 2A, "Exceptions Type 1 (Aligned Memory Reference)" and the others). */
function updateExtensions(cpu: usize): void {
	const cr0 = load<u32>(cpu + CR0);
	const cr4 = load<u32>(cpu + CR4);
	const switched: u32 = cr0 & CR0_TS ? NM + 1 : 0;
	const vex: u32 = isRealStyle(cpu) ? UD + 1 : 0;
	const saved = cr4 & CR4_OSXSAVE && (load<u32>(cpu + XCR0) & 6) == 6;
	store<u32>(cpu + SSE_FAULT, cr0 & CR0_EM || !(cr4 & CR4_OSFXSR) ? UD + 1 : switched);
	store<u32>(cpu + AVX_FAULT, vex || !saved ? UD + 1 : switched);
	store<u32>(cpu + VEX_FAULT, vex);
}

/** After a change of CR0, CR4, EFER, XCR0 or EFLAGS.VM. */
export function controlsChanged(cpu: usize): void {
	setCanonicalShift(cpu);
	updateExtensions(cpu);
	updateMode(cpu);
}

/** After a change of a segment, of CPL or of EFLAGS.AC: what each system call does, so nothing is looked at that those cannot change. */
export function updateMode(cpu: usize): void {
	const code = load<u32>(cpu + CS + SEG_ATTRIBUTES);
	let mode: u32 = 0;
	if (load<u32>(cpu + EFER) & 0x400 && code & ATTR_L) mode = MODE_64;
	else {
		for (let i: u32 = 0; i < 6; i++) updateTops(cpu, cpu + SEGMENTS + i * SEGMENT_SIZE);
		if (code & ATTR_D) mode = MODE_32;
		if (load<u32>(cpu + SS + SEG_ATTRIBUTES) & ATTR_D) mode |= MODE_WIDE_STACK;
		if (!isRealStyle(cpu) && isFlat(cpu + DS) && isFlat(cpu + ES) && isFlat(cpu + SS)) mode |= MODE_FLAT;
	}
	const tlb = tlbNumber(cpu);
	store<u32>(cpu + MODE, mode | (tlb << MODE_TLB_SHIFT));
	store<u32>(cpu + TLB_BASE, TLB + tlb * TLB_BYTES);
	updateJumpKey(cpu);
}

/** After a load of CS. */
export function codeSegmentChanged(cpu: usize): void {
	updateMode(cpu);
}
