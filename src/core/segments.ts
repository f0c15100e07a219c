// Segmentation: descriptors, segment registers, and the check of an address against its segment.

import { faulted, GP, NP, raise, raiseWith, SS_FAULT, TS, UD } from "./fault";
import { flag, readFlags, writeArithmetic, ZF } from "./flags";
import { afterWrites, isLong, ownTlb, readSize, writeSize } from "./memory";
import { ATTR_CE, ATTR_CODE, ATTR_P, ATTR_RW, ATTR_S, is64, isRealStyle, updateMode } from "./mode";
import { isHidden } from "./system";
import {
	ATTENTION, ATTENTION_SHADOW, CPL, GDTR, IDTR, INFO_OPERAND_SHIFT, INFO_SEGMENT, LDTR, REC_INFO, REC_REG, SEG_ATTRIBUTES, SEG_BASE,
	SEG_LIMIT, SEG_SELECTOR, SEGMENT_SIZE, SEGMENTS, SS, STATUS_FAULT, STATUS_LEAVE, STATUS_NEXT, TR,
} from "./state";
import { SYSTEM_TLB } from "./tlb";

/** Of `segmented`'s last parameter. */
const SEGMENTED_WRITE: u32 = 0x10000;
/** What `segmented` answers for an address that the segment forbids: no TLB entry has it. */
const FORBIDDEN: u64 = 0x7000000000000000;

/** The descriptor that `fetchDescriptor` read, and where. */
export let descriptor: u64 = 0;
export let descriptorAt: u64 = 0;

export const FOUND: i32 = 1;
/** The selector points past its table. */
export const OUTSIDE: i32 = 0;
/** Reading it raised an exception. */
export const UNREADABLE: i32 = -1;

export function fetchDescriptor(cpu: usize, selector: u32): i32 {
	const local = (selector & 4) != 0;
	const base = local ? load<u64>(cpu + LDTR + SEG_BASE) : load<u64>(cpu + GDTR);
	const limit: u32 = local ? load<u32>(cpu + LDTR + SEG_LIMIT) : load<u32>(cpu + GDTR + 8);
	if (local && !(load<u32>(cpu + LDTR + SEG_ATTRIBUTES) & ATTR_P)) return OUTSIDE;
	if ((selector | 7) > limit) return OUTSIDE;
	descriptorAt = base + (selector & 0xfff8);
	descriptor = readSize(cpu, SYSTEM_TLB, descriptorAt, 8);
	return faulted(cpu) ? UNREADABLE : FOUND;
}

@inline
export function attributesOf(raw: u64): u32 {
	return <u32>(raw >> 40) & 0xf0ff;
}

@inline
export function dplOf(raw: u64): u32 {
	return <u32>(raw >> 45) & 3;
}

export function baseOf(raw: u64): u64 {
	return ((raw >> 16) & 0xffffff) | ((raw >> 56) << 24);
}

export function limitOf(raw: u64): u32 {
	const limit = <u32>(raw & 0xffff) | (<u32>(raw >> 32) & 0xf0000);
	return raw & 0x0080000000000000 ? (limit << 12) | 0xfff : limit;
}

/** Loads a register's hidden part from a descriptor. */
export function setSegment(cpu: usize, segment: usize, selector: u32, raw: u64): void {
	store<u32>(segment + SEG_SELECTOR, selector);
	store<u64>(segment + SEG_BASE, baseOf(raw));
	store<u32>(segment + SEG_LIMIT, limitOf(raw));
	store<u32>(segment + SEG_ATTRIBUTES, attributesOf(raw));
}

/** A null selector: unusable, but the base stays (FS and GS in 64-bit mode; AMD and Intel differ, software expects zero). */
export function setNull(segment: usize, selector: u32): void {
	store<u32>(segment + SEG_SELECTOR, selector);
	store<u64>(segment + SEG_BASE, 0);
	store<u32>(segment + SEG_LIMIT, 0);
	store<u32>(segment + SEG_ATTRIBUTES, 0);
}

/** Real-address mode leaves limit and rights as they are; virtual-8086 mode sets both. */
export function setRealStyle(cpu: usize, segment: usize, selector: u32): void {
	store<u32>(segment + SEG_SELECTOR, selector);
	store<u64>(segment + SEG_BASE, selector << 4);
	if (!flag(cpu, 0x20000)) return;
	store<u32>(segment + SEG_LIMIT, 0xffff);
	store<u32>(segment + SEG_ATTRIBUTES, 0xf3);
}

/** Sets the accessed bit of the descriptor that was fetched last. */
export function markAccessed(cpu: usize): void {
	if (descriptor & 0x0000010000000000) return;
	descriptor |= 0x0000010000000000;
	writeSize(cpu, SYSTEM_TLB, descriptorAt + 5, descriptor >> 40, 1);
}

/** Loads SS for privilege `cpl`; false with the exception `wrong` (#GP, or #TS from a task's stack) raised. */
export function loadStackSegment(cpu: usize, selector: u32, cpl: u32, wrong: u32): bool {
	if (!(selector & ~3)) {
		// A null SS is allowed in 64-bit code below ring 3.
		if (is64(cpu) && cpl != 3 && (selector & 3) == cpl && wrong == GP) {
			setNull(cpu + SS, selector);
			return true;
		}
		raiseWith(cpu, wrong, 0);
		return false;
	}
	if (!checkStackSegment(cpu, selector, cpl, wrong)) return false;
	markAccessed(cpu);
	if (faulted(cpu)) return false;
	setSegment(cpu, cpu + SS, selector, descriptor);
	return true;
}

/** Reads the descriptor and checks that it can be the stack of privilege `cpl`. */
export function checkStackSegment(cpu: usize, selector: u32, cpl: u32, wrong: u32): bool {
	const found = fetchDescriptor(cpu, selector);
	if (found == UNREADABLE) return false;
	const attributes = attributesOf(descriptor);
	const writableData = (attributes & (ATTR_S | ATTR_CODE | ATTR_RW)) == (ATTR_S | ATTR_RW);
	if (found == OUTSIDE || (selector & 3) != cpl || dplOf(descriptor) != cpl || !writableData) {
		raiseWith(cpu, wrong, selector & ~3);
		return false;
	}
	if (attributes & ATTR_P) return true;
	raiseWith(cpu, SS_FAULT, selector & ~3);
	return false;
}

/** Loads DS, ES, FS or GS. */
export function loadDataSegment(cpu: usize, segment: usize, selector: u32): bool {
	if (!(selector & ~3)) {
		setNull(segment, selector);
		return true;
	}
	const found = fetchDescriptor(cpu, selector);
	if (found == UNREADABLE) return false;
	const attributes = attributesOf(descriptor);
	const code = (attributes & ATTR_CODE) != 0;
	const readable = (attributes & ATTR_S) != 0 && (!code || (attributes & ATTR_RW) != 0);
	const conforming = code && (attributes & ATTR_CE) != 0;
	const privilege = max(load<u32>(cpu + CPL), selector & 3);
	if (found == OUTSIDE || !readable || (!conforming && privilege > dplOf(descriptor))) {
		raiseWith(cpu, GP, selector & ~3);
		return false;
	}
	if (!(attributes & ATTR_P)) {
		raiseWith(cpu, NP, selector & ~3);
		return false;
	}
	markAccessed(cpu);
	if (faulted(cpu)) return false;
	setSegment(cpu, segment, selector, descriptor);
	return true;
}

/** MOV Sw, POP Sw, LxS. */
export function loadSegment(cpu: usize, number: u32, selector: u32): bool {
	const segment = cpu + SEGMENTS + number * SEGMENT_SIZE;
	if (isRealStyle(cpu)) setRealStyle(cpu, segment, selector);
	else if (segment == cpu + SS) {
		if (!loadStackSegment(cpu, selector, load<u32>(cpu + CPL), GP)) return false;
	} else if (!loadDataSegment(cpu, segment, selector)) return false;
	updateMode(cpu);
	return true;
}

export function loadSegmentRegister(cpu: usize, record: usize, number: u32, selector: u32): i32 {
	if (number == 1 || number > 5) return raise(cpu, UD);
	if (!loadSegment(cpu, number, selector & 0xffff)) return STATUS_FAULT;
	if (number == 2) store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_SHADOW);
	return STATUS_LEAVE;
}

// --- addresses ------------------------------------------------------------------------------------------

/** Whether bytes [offset, offset + size) lie outside the segment's limit. */
export function beyondLimit(segment: usize, offset: u64, size: u32): bool {
	const limit: u64 = load<u32>(segment + SEG_LIMIT);
	const attributes = load<u32>(segment + SEG_ATTRIBUTES);
	const last = offset + size - 1;
	// With a limit of 4 GiB nothing is beyond it: an access that wraps goes on at offset 0.
	if ((attributes & (ATTR_CODE | ATTR_CE)) != ATTR_CE) return last > limit && limit != 0xffffffff;
	const top: u64 = attributes & 0x4000 ? 0xffffffff : 0xffff; // expand-down
	return offset <= limit || last > top;
}

function forbidden(cpu: usize, number: u32): u64 {
	raiseWith(cpu, number == 2 ? SS_FAULT : GP, 0);
	return FORBIDDEN;
}

/**
 * The linear address of an operand whose segment matters.
 * @param access the operand's size in bytes, SEGMENTED_WRITE added where it is written
 */
export function segmented(cpu: usize, record: usize, offset: u64, access: u32): u64 {
	const number: u32 = load<u16>(record + REC_INFO) & INFO_SEGMENT;
	return linearIn(cpu, number, offset, access & 0xffff, (access & SEGMENTED_WRITE) != 0);
}

export function linearIn(cpu: usize, number: u32, offset: u64, size: u32, write: bool): u64 {
	const segment = cpu + SEGMENTS + number * SEGMENT_SIZE;
	const base = load<u64>(segment + SEG_BASE);
	if (is64(cpu)) return number >= 4 ? base + offset : offset;
	const attributes = load<u32>(segment + SEG_ATTRIBUTES);
	if (!isRealStyle(cpu)) {
		const code = (attributes & ATTR_CODE) != 0;
		const may = write ? !code && (attributes & ATTR_RW) != 0 : !code || (attributes & ATTR_RW) != 0;
		if (!(attributes & ATTR_P) || !may) return forbidden(cpu, number);
	}
	if (beyondLimit(segment, offset, max(size, 1))) return forbidden(cpu, number);
	return (base + offset) & 0xffffffff;
}

// --- tables and the instructions about them ----------------------------------------------------------------

function systemSegment(cpu: usize, segment: usize, selector: u32, typeMask: u32): i32 {
	const found = fetchDescriptor(cpu, selector);
	if (found == UNREADABLE) return STATUS_FAULT;
	const attributes = attributesOf(descriptor);
	if (found == OUTSIDE || selector & 4 || attributes & ATTR_S || !((1 << (attributes & 15)) & typeMask)) return raiseWith(cpu, GP, selector & ~3);
	if (!(attributes & ATTR_P)) return raiseWith(cpu, NP, selector & ~3);
	const raw = descriptor;
	let high: u64 = 0;
	if (isLong(cpu)) {
		if ((selector | 7) + 8 > load<u32>(cpu + GDTR + 8)) return raiseWith(cpu, GP, selector & ~3);
		high = readSize(cpu, SYSTEM_TLB, descriptorAt + 8, 8);
		if (faulted(cpu)) return STATUS_FAULT;
	}
	setSegment(cpu, segment, selector, raw);
	store<u64>(segment + SEG_BASE, baseOf(raw) | (high << 32));
	return STATUS_NEXT;
}

export function loadLdt(cpu: usize, record: usize, selector: u32): i32 {
	if (isRealStyle(cpu)) return raise(cpu, UD);
	if (load<u32>(cpu + CPL)) return raiseWith(cpu, GP, 0);
	selector &= 0xffff;
	if (!(selector & ~3)) {
		setNull(cpu + LDTR, selector);
		return STATUS_LEAVE;
	}
	const status = systemSegment(cpu, cpu + LDTR, selector, 1 << 2);
	return status == STATUS_NEXT ? STATUS_LEAVE : status;
}

export function loadTask(cpu: usize, record: usize, selector: u32): i32 {
	if (isRealStyle(cpu)) return raise(cpu, UD);
	if (load<u32>(cpu + CPL)) return raiseWith(cpu, GP, 0);
	selector &= 0xffff;
	if (!(selector & ~3)) return raiseWith(cpu, GP, 0);
	const available: u32 = isLong(cpu) ? 1 << 9 : (1 << 9) | (1 << 1);
	if (systemSegment(cpu, cpu + TR, selector, available) != STATUS_NEXT) return STATUS_FAULT;
	// The descriptor, and its copy in the register, become busy.
	writeSize(cpu, SYSTEM_TLB, descriptorAt + 5, (descriptor >> 40) | 2, 1);
	if (faulted(cpu)) return STATUS_FAULT;
	store<u32>(cpu + TR + SEG_ATTRIBUTES, load<u32>(cpu + TR + SEG_ATTRIBUTES) | 2);
	return STATUS_LEAVE;
}

export function ldtSelector(cpu: usize, record: usize): u32 {
	if (isRealStyle(cpu)) raise(cpu, UD);
	else isHidden(cpu);
	return load<u32>(cpu + LDTR + SEG_SELECTOR);
}

export function taskSelector(cpu: usize, record: usize): u32 {
	if (isRealStyle(cpu)) raise(cpu, UD);
	else isHidden(cpu);
	return load<u32>(cpu + TR + SEG_SELECTOR);
}

function storeTable(cpu: usize, table: usize, address: u64): i32 {
	if (isHidden(cpu)) return STATUS_FAULT;
	const wide: u32 = is64(cpu) ? 8 : 4;
	const tlb = ownTlb(cpu);
	if (!writeSize(cpu, tlb, address, load<u32>(table + 8), 2)) return STATUS_FAULT;
	return writeSize(cpu, tlb, address + 2, load<u64>(table), wide) ? afterWrites() : STATUS_FAULT;
}

function loadTable(cpu: usize, record: usize, table: usize, address: u64): i32 {
	const wide: u32 = is64(cpu) ? 8 : 4;
	const tlb = ownTlb(cpu);
	const limit = <u32>readSize(cpu, tlb, address, 2);
	if (faulted(cpu)) return STATUS_FAULT;
	let base = readSize(cpu, tlb, address + 2, wide);
	if (faulted(cpu)) return STATUS_FAULT;
	// With a 16-bit operand size the base has 24 bits.
	if (wide == 4 && ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 1) base &= 0xffffff;
	store<u64>(table, base);
	store<u32>(table + 8, limit);
	return STATUS_LEAVE;
}

export function storeGdt(cpu: usize, record: usize, address: u64): i32 {
	return storeTable(cpu, cpu + GDTR, address);
}

export function storeIdt(cpu: usize, record: usize, address: u64): i32 {
	return storeTable(cpu, cpu + IDTR, address);
}

export function loadGdt(cpu: usize, record: usize, address: u64): i32 {
	return loadTable(cpu, record, cpu + GDTR, address);
}

export function loadIdt(cpu: usize, record: usize, address: u64): i32 {
	return loadTable(cpu, record, cpu + IDTR, address);
}

// --- LAR, LSL, VERR, VERW: what a selector would allow -------------------------------------------------------

function setZeroFlag(cpu: usize, on: bool): i32 {
	writeArithmetic(cpu, on ? readFlags(cpu, 0) | ZF : readFlags(cpu, 0) & ~ZF);
	return STATUS_NEXT;
}

/** Whether the selector's descriptor can be seen at this privilege; system types as `systemTypes` allows. */
function visible(cpu: usize, selector: u32, systemTypes: u32): bool {
	if (!(selector & ~3) || fetchDescriptor(cpu, selector) != FOUND) return false;
	const attributes = attributesOf(descriptor);
	if (!(attributes & ATTR_S) && !((1 << (attributes & 15)) & systemTypes)) return false;
	const conforming = (attributes & (ATTR_S | ATTR_CODE | ATTR_CE)) == (ATTR_S | ATTR_CODE | ATTR_CE);
	return conforming || max(load<u32>(cpu + CPL), selector & 3) <= dplOf(descriptor);
}

function writeRegister(cpu: usize, record: usize, value: u32): void {
	const at = cpu + load<u16>(record + REC_REG);
	if (((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 1) store<u16>(at, <u16>value);
	else store<u64>(at, value);
}

export function loadAccessRights(cpu: usize, record: usize, selector: u32): i32 {
	if (isRealStyle(cpu)) return raise(cpu, UD);
	const types: u32 = isLong(cpu) ? 0x1a04 : 0x1a3e; // LDT, TSS, call gates; task gates outside IA-32e
	const seen = visible(cpu, selector & 0xffff, types);
	if (faulted(cpu)) return STATUS_FAULT;
	if (seen) writeRegister(cpu, record, <u32>(descriptor >> 32) & 0x00f0ff00);
	return setZeroFlag(cpu, seen);
}

export function loadSegmentLimit(cpu: usize, record: usize, selector: u32): i32 {
	if (isRealStyle(cpu)) return raise(cpu, UD);
	const types: u32 = isLong(cpu) ? 0x0a04 : 0x0a0e;
	const seen = visible(cpu, selector & 0xffff, types);
	if (faulted(cpu)) return STATUS_FAULT;
	if (seen) writeRegister(cpu, record, limitOf(descriptor));
	return setZeroFlag(cpu, seen);
}

function verify(cpu: usize, selector: u32, write: bool): i32 {
	if (isRealStyle(cpu)) return raise(cpu, UD);
	const seen = visible(cpu, selector & 0xffff, 0);
	if (faulted(cpu)) return STATUS_FAULT;
	const attributes = attributesOf(descriptor);
	const code = (attributes & ATTR_CODE) != 0;
	const may = write ? !code && (attributes & ATTR_RW) != 0 : !code || (attributes & ATTR_RW) != 0;
	return setZeroFlag(cpu, seen && may);
}

export function verifyRead(cpu: usize, record: usize, selector: u32): i32 {
	return verify(cpu, selector, false);
}

export function verifyWrite(cpu: usize, record: usize, selector: u32): i32 {
	return verify(cpu, selector, true);
}

/** ARPL is undefined in real-address and virtual-8086 mode. */
export function requireProtected(cpu: usize, record: usize): u32 {
	if (isRealStyle(cpu)) raise(cpu, UD);
	return 0;
}
