// The stack: PUSH and POP outside 64-bit mode, and the cursor that gates, far transfers and the long
// stack instructions use. The cursor moves first and is committed to RSP when nothing can fault any more.

import { changeable, iopl, readFlags, RF, VIF, VIP, VM, writeFlags } from "./flags";
import { faulted, GP, raiseWith, SS_FAULT } from "./fault";
import { afterWrites, loadSize, ownTlb, readStack, storeSize, writable, writeSize, writeStack } from "./memory";
import { is64, isVirtual8086 } from "./mode";
import { beyondLimit, linearIn, loadSegment } from "./segments";
import { hasVirtualFlag, virtualFlags, writeVirtualFlags } from "./virtual";
import {
	ATTENTION, ATTENTION_SHADOW, INFO_OPERAND_SHIFT, REC_BASE, REC_DISPLACEMENT, REC_IMMEDIATE, REC_INDEX, REC_INFO,
	REC_MASK, REC_SCALE, RECORD, RBP, RSP, SEG_ATTRIBUTES, SEG_BASE, SEG_SELECTOR, SEGMENT_SIZE, SEGMENTS, SS, STATUS_FAULT, STATUS_LEAVE,
	STATUS_NEXT, INFO_SEGMENT, INFO_SEGMENTED, TLB_READ, TLB_WRITE,
} from "./state";
import { probe } from "./tlb";

/** Bits of RSP that the stack uses. */
export function stackMask(cpu: usize): u64 {
	if (is64(cpu)) return 0xffffffffffffffff;
	return load<u32>(cpu + SS + SEG_ATTRIBUTES) & 0x4000 ? 0xffffffff : 0xffff;
}

// The cursor.
let pointer: u64 = 0;
let mask: u64 = 0;
let base: u64 = 0;
let segment: usize = 0;
let tlb: usize = 0;

/** Starts at RSP of the present stack. */
export function beginStack(cpu: usize): void {
	beginStackAt(cpu, cpu + SS, load<u64>(cpu + RSP), stackMask(cpu), ownTlb(cpu));
}

export function beginStackAt(cpu: usize, at: usize, rsp: u64, bits: u64, through: usize): void {
	pointer = rsp;
	mask = bits;
	segment = at;
	base = bits == 0xffffffffffffffff ? 0 : load<u64>(at + SEG_BASE);
	tlb = through;
}

function linear(cpu: usize, offset: u64, size: u32): u64 {
	if (mask == 0xffffffffffffffff) return offset;
	if (beyondLimit(segment, offset, size)) raiseWith(cpu, SS_FAULT, 0);
	return (base + offset) & 0xffffffff;
}

export function pushNext(cpu: usize, value: u64, size: u32): bool {
	const direct = mask == 0xffffffffffffffff ? probe(tlb, pointer - size, size, TLB_WRITE) : 0;
	if (direct) {
		storeSize(direct, value, size);
		pointer -= size;
		return true;
	}
	const offset = (pointer - size) & mask;
	const at = linear(cpu, offset, size);
	if (faulted(cpu) || !writeStack(cpu, tlb, at, value, size)) return false;
	pointer = offset;
	return true;
}

/** The next value; ask `faulted`. */
export function popNext(cpu: usize, size: u32): u64 {
	const direct = mask == 0xffffffffffffffff ? probe(tlb, pointer, size, TLB_READ) : 0;
	if (direct) {
		pointer += size;
		return loadSize(direct, size);
	}
	const offset = pointer & mask;
	const at = linear(cpu, offset, size);
	if (faulted(cpu)) return 0;
	const value = readStack(cpu, tlb, at, size);
	pointer = (pointer + size) & mask;
	return value;
}

export function skip(bytes: u64): void {
	pointer = (pointer + bytes) & mask;
}

export function cursor(): u64 {
	return pointer;
}

/** RSP becomes the cursor; bits that the stack does not use stay. */
export function commitStack(cpu: usize): void {
	setStackPointer(cpu, pointer);
}

export function setStackPointer(cpu: usize, value: u64): void {
	const bits = stackMask(cpu);
	if (bits == 0xffffffff) store<u64>(cpu + RSP, value & bits);
	else store<u64>(cpu + RSP, (load<u64>(cpu + RSP) & ~bits) | (value & bits));
}

// --- what rows call ------------------------------------------------------------------------------------------

function here(cpu: usize, record: usize): void {
	store<u32>(cpu + RECORD, <u32>record);
	beginStack(cpu);
}

@inline
function operandBytes(record: usize): u32 {
	// INFO holds 0 for 8 bits, 1 for 16, 2 for 32, 3 for 64.
	return 1 << ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3);
}

/** 1 where it faulted, 2 where the block may have changed under it. */
export function pushValue(cpu: usize, record: usize, value: u32, size: u32): u32 {
	here(cpu, record);
	if (!pushNext(cpu, value, size)) return 1;
	commitStack(cpu);
	return afterWrites() == STATUS_LEAVE ? 2 : 0;
}

export function popValue(cpu: usize, record: usize, size: u32): u32 {
	here(cpu, record);
	const value = <u32>popNext(cpu, size);
	if (!faulted(cpu)) commitStack(cpu);
	return value;
}

/** What popValue would give; RSP stays. */
export function peekValue(cpu: usize, record: usize, size: u32): u32 {
	here(cpu, record);
	return <u32>popNext(cpu, size);
}

export function releaseStack(cpu: usize, record: usize, bytes: u32): u32 {
	setStackPointer(cpu, load<u64>(cpu + RSP) + (bytes & 0xffff));
	return 0;
}

/** POP M: the address is formed with RSP as it is after the pop. */
export function popMemory(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	here(cpu, record);
	const value = popNext(cpu, size);
	if (faulted(cpu)) return STATUS_FAULT;
	const before = load<u64>(cpu + RSP);
	commitStack(cpu);
	const at = effective(cpu, record, size);
	if (!faulted(cpu) && writeSize(cpu, ownTlb(cpu), at, value, size)) return STATUS_LEAVE;
	store<u64>(cpu + RSP, before);
	return STATUS_FAULT;
}

/** The linear address of a memory operand that is written. */
function effective(cpu: usize, record: usize, size: u32): u64 {
	const from = load<u64>(cpu + load<u16>(record + REC_BASE));
	const index = load<u64>(cpu + load<u16>(record + REC_INDEX)) << load<u8>(record + REC_SCALE);
	const offset = (from + index + load<u64>(record + REC_DISPLACEMENT)) & load<u64>(record + REC_MASK);
	const info: u32 = load<u16>(record + REC_INFO);
	return info & INFO_SEGMENTED ? linearIn(cpu, info & INFO_SEGMENT, offset, size, true) : offset;
}

export function pushSegment(cpu: usize, record: usize, number: u32): i32 {
	const selector: u64 = load<u32>(cpu + SEGMENTS + number * SEGMENT_SIZE + SEG_SELECTOR);
	const size = operandBytes(record);
	here(cpu, record);
	// With a 32-bit operand size only the low word is written on processors of now (SDM 2B, "PUSH").
	if (size == 4) {
		skip(<u64>-4);
		const at = linear(cpu, pointer, 2);
		if (faulted(cpu) || !writeStack(cpu, tlb, at, selector, 2)) return STATUS_FAULT;
	} else if (!pushNext(cpu, selector, size)) return STATUS_FAULT;
	commitStack(cpu);
	return afterWrites();
}

export function popSegment(cpu: usize, record: usize, number: u32): i32 {
	here(cpu, record);
	const size = operandBytes(record);
	const selector = <u32>popNext(cpu, 2);
	if (faulted(cpu)) return STATUS_FAULT;
	skip(size - 2);
	const after = cursor();
	if (!loadSegment(cpu, number, selector)) return STATUS_FAULT;
	// The stack pointer is that of the stack it was popped from.
	if (number == 2) {
		store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_SHADOW);
	}
	store<u64>(cpu + RSP, (load<u64>(cpu + RSP) & ~mask) | (after & mask));
	return STATUS_LEAVE;
}

export function pushAll(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	here(cpu, record);
	for (let i = 0; i < 8; i++) if (!pushNext(cpu, load<u64>(cpu + i * 8), size)) return STATUS_FAULT;
	commitStack(cpu);
	return afterWrites();
}

export function popAll(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	here(cpu, record);
	// All eight are read before a register changes.
	const start = pointer;
	for (let i = 0; i < 8; i++) {
		popNext(cpu, size);
		if (faulted(cpu)) return STATUS_FAULT;
	}
	pointer = start;
	for (let i = 7; i >= 0; i--) {
		const value = popNext(cpu, size);
		if (i == 4) continue; // ESP is not loaded
		if (size == 2) store<u16>(cpu + i * 8, <u16>value);
		else store<u64>(cpu + i * 8, value);
	}
	commitStack(cpu);
	return STATUS_NEXT;
}

export function enter(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	const immediate = load<u64>(record + REC_IMMEDIATE);
	const level = <u32>(immediate >> 16) & 31;
	here(cpu, record);
	let frame = load<u64>(cpu + RBP);
	if (!pushNext(cpu, frame, size)) return STATUS_FAULT;
	// Bits that a 16-bit stack pointer does not have come from ESP all the same.
	const newFrame = (load<u64>(cpu + RSP) & ~mask) | pointer;
	for (let i: u32 = 1; i < level; i++) {
		frame -= size;
		const at = linear(cpu, frame & mask, size);
		if (faulted(cpu)) return STATUS_FAULT;
		const saved = readStack(cpu, tlb, at, size);
		if (faulted(cpu) || !pushNext(cpu, saved, size)) return STATUS_FAULT;
	}
	if (level && !pushNext(cpu, newFrame, size)) return STATUS_FAULT;
	skip(<u64>-(<i64>(immediate & 0xffff)));
	// The new top must be writable (SDM 2A, "ENTER").
	const top = linear(cpu, pointer, size);
	if (faulted(cpu)) return STATUS_FAULT;
	if (!writable(cpu, tlb, top, size)) return STATUS_FAULT;
	if (size == 2) store<u16>(cpu + RBP, <u16>newFrame);
	else store<u64>(cpu + RBP, size == 4 ? newFrame & 0xffffffff : newFrame);
	commitStack(cpu);
	return afterWrites();
}

export function leave(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	here(cpu, record);
	pointer = load<u64>(cpu + RBP) & mask;
	const saved = popNext(cpu, size);
	if (faulted(cpu)) return STATUS_FAULT;
	commitStack(cpu);
	if (size == 2) store<u16>(cpu + RBP, <u16>saved);
	else store<u64>(cpu + RBP, saved);
	return STATUS_NEXT;
}

/** Virtual-8086 mode below IOPL 3 may not touch IF: the monitor does, or with VME a word's IF is VIF. */
function flagsForbidden(cpu: usize, record: usize): bool {
	return isVirtual8086(cpu) && iopl(cpu) < 3 && !(hasVirtualFlag(cpu) && operandBytes(record) == 2);
}

export function pushFlags(cpu: usize, record: usize): i32 {
	if (flagsForbidden(cpu, record)) return raiseWith(cpu, GP, 0);
	here(cpu, record);
	const flags = hasVirtualFlag(cpu) ? virtualFlags(cpu) : readFlags(cpu, record);
	if (!pushNext(cpu, flags & ~(VM | RF), operandBytes(record))) return STATUS_FAULT;
	commitStack(cpu);
	return afterWrites();
}

export function popFlags(cpu: usize, record: usize): i32 {
	if (flagsForbidden(cpu, record)) return raiseWith(cpu, GP, 0);
	const size = operandBytes(record);
	here(cpu, record);
	const value = <u32>popNext(cpu, size);
	if (faulted(cpu)) return STATUS_FAULT;
	if (hasVirtualFlag(cpu)) {
		if (!writeVirtualFlags(cpu, value, changeable(cpu))) return STATUS_FAULT;
		commitStack(cpu);
		return STATUS_LEAVE;
	}
	commitStack(cpu);
	let allowed = changeable(cpu) | RF | VIF | VIP;
	if (size == 2) allowed &= 0xffff;
	writeFlags(cpu, value & ~(RF | VIF | VIP), allowed);
	return STATUS_LEAVE;
}
