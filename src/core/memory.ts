// Linear memory: the TLB's slow side, and the accessors that the rest of the core uses. Fast probes
// are in the generated code; what misses comes here.
//
// Every access answers a host address. Where the bytes are not one piece of RAM that may be touched
// directly (a page crossing, a device, a page that holds decoded code), it is the bounce buffer's: a
// read has filled it, a write is carried out by `flushBounce` after the bytes were stored.

import { busReadMemory, busWriteMemory } from "./bus";
import { invalidateCode } from "./blocks";
import { inWatchedPage, isAlone, noteData, watchesData } from "./debug";
import { AC_FAULT, faulted, GP, raise, raiseWith, RETRY, SS_FAULT } from "./fault";
import { FAILED, walk } from "./paging";
import {
	BOUNCE, CANONICAL_SHIFT, CPL, CR0, CR4, EFER, FLAGS_SYSTEM, INFO_SEGMENT, NO_RECORD, PAGE_CODE, PAGE_DIRTY, PAGE_HOST, PAGE_MAP, PAGE_READ,
	PAGE_SHADOW, PAGE_WATCHED, PAGE_WRITE, RAM, REC_INFO, RECORD, STATUS_LEAVE, STATUS_NEXT, TLB, TLB_BASE, TLB_BYTES, TLB_EXECUTE, TLB_PHYSICAL,
	TLB_READ, TLB_SUPERVISOR, TLB_SUPERVISOR_AC, TLB_USER, TLB_USER_ALIGNED, TLB_WRITE,
} from "./state";
import { entryOf, fill, probe, SYSTEM_TLB, USER_ALIGNED_TLB, USER_TLB } from "./tlb";

export const READ: u32 = 0;
export const WRITE: u32 = 1;
export const EXECUTE: u32 = 2;

// The write that waits in the bounce buffer: physical addresses of its two pieces.
let bounceFirst: u32 = 0;
let bounceSecond: u32 = 0;
let bounceSplit: u32 = 0;
let bounceSize: u32 = 0;

@inline
export function pageWord(physical: u32): u32 {
	return load<u32>(PAGE_MAP + ((<usize>physical >> 12) << 2));
}

@inline
export function setPageWord(physical: u32, word: u32): void {
	store<u32>(PAGE_MAP + ((<usize>physical >> 12) << 2), word);
}

@inline
export function isLong(cpu: usize): bool {
	return (load<u32>(cpu + EFER) & 0x400) != 0;
}

let canonicalShift: u64 = 16;

/** How wide linear addresses are: after CR4.LA57 may have changed. */
export function setCanonicalShift(cpu: usize): void {
	canonicalShift = load<u32>(cpu + CR4) & 0x1000 ? 7 : 16;
	store<u32>(cpu + CANONICAL_SHIFT, <u32>canonicalShift);
}

export function isCanonical(linear: u64): bool {
	return <u64>((<i64>(linear << canonicalShift)) >> canonicalShift) == linear;
}

// --- the slow path -----------------------------------------------------------------------------------------

export function readSlow(cpu: usize, record: usize, linear: u64, size: u32): usize {
	store<u32>(cpu + RECORD, <u32>record);
	return access(cpu, load<u32>(cpu + TLB_BASE), linear, size, READ, false);
}

export function writeSlow(cpu: usize, record: usize, linear: u64, size: u32): usize {
	store<u32>(cpu + RECORD, <u32>record);
	return access(cpu, load<u32>(cpu + TLB_BASE), linear, size, WRITE, false);
}

/** For operands that are read and written: the bounce buffer holds what was there. */
export function updateSlow(cpu: usize, record: usize, linear: u64, size: u32): usize {
	store<u32>(cpu + RECORD, <u32>record);
	return access(cpu, load<u32>(cpu + TLB_BASE), linear, size, WRITE, true);
}

/** An access of the stack is under way: #SS instead of #GP, whatever segment the operand has. */
let onStack: bool = false;

export function pushSlow(cpu: usize, record: usize, linear: u64, size: u32): usize {
	store<u32>(cpu + RECORD, <u32>record);
	return stackAccess(cpu, load<u32>(cpu + TLB_BASE), linear, size, WRITE);
}

export function popSlow(cpu: usize, record: usize, linear: u64, size: u32): usize {
	store<u32>(cpu + RECORD, <u32>record);
	return stackAccess(cpu, load<u32>(cpu + TLB_BASE), linear, size, READ);
}

function stackAccess(cpu: usize, tlb: usize, linear: u64, size: u32, kind: u32): usize {
	onStack = true;
	const pointer = access(cpu, tlb, linear, size, kind, false);
	onStack = false;
	return pointer;
}

function access(cpu: usize, tlb: usize, linear: u64, size: u32, kind: u32, update: bool): usize {
	if (faulted(cpu)) return 0; // the segment forbade it
	// Bytes that are not canonical come before a page fault on those that are.
	if (isLong(cpu) && isCanonical(linear) && !isCanonical(linear + size - 1)) {
		notCanonical(cpu);
		return 0;
	}
	const watched = watchesData && inWatchedPage(cpu, linear, size);
	if (watched) {
		if (!isAlone() && load<u32>(cpu + RECORD) != NO_RECORD) {
			raise(cpu, RETRY);
			return 0;
		}
		noteData(cpu, linear, size, kind == WRITE);
	}
	const checked = tlb == USER_ALIGNED_TLB;
	if (checked && isMisaligned(linear, size)) {
		raiseWith(cpu, AC_FAULT, 0);
		return 0;
	}
	const first = translateTo(cpu, tlb, linear, kind);
	if (first == FAILED) return 0;
	const inFirst: u32 = 4096 - (<u32>linear & 4095);
	if (inFirst < size) return accessCrossing(cpu, tlb, linear, <u32>first, size, kind, update);
	const word = pageWord(<u32>first);
	if (kind == READ) {
		if (!(word & PAGE_READ)) return bounceRead(<u32>first, size);
		if (!watched && !checked) fill(cpu, tlb, linear, <u32>first, TLB_READ);
		return (word & ~4095) + (<u32>first & 4095);
	}
	if ((word & (PAGE_WRITE | PAGE_CODE | PAGE_WATCHED)) == PAGE_WRITE) {
		if (watched || checked) return (word & ~4095) + (<u32>first & 4095);
		fill(cpu, tlb, linear, <u32>first, TLB_WRITE);
		if (word & PAGE_READ) store<u64>(entryOf(tlb, linear) + TLB_READ, linear & ~4095);
		return (word & ~4095) + (<u32>first & 4095);
	}
	return bounceWrite(<u32>first, 0, size, size, update);
}

/** Of operands of 2, 4 and 8 bytes (SDM 3A, "Interrupt 17 - Alignment Check Exception"). */
function isMisaligned(linear: u64, size: u32): bool {
	return size <= 8 && (size & (size - 1)) == 0 && (linear & (size - 1)) != 0;
}

function accessCrossing(cpu: usize, tlb: usize, linear: u64, first: u32, size: u32, kind: u32, update: bool): usize {
	const inFirst: u32 = 4096 - (<u32>linear & 4095);
	let next = linear + inFirst;
	if (!isLong(cpu)) next &= 0xffffffff;
	const second = translateTo(cpu, tlb, next, kind);
	if (second == FAILED) return 0;
	if (kind == WRITE) return bounceWrite(first, <u32>second, inFirst, size, update);
	readPhysical(BOUNCE, first, inFirst);
	readPhysical(BOUNCE + inFirst, <u32>second, size - inFirst);
	return BOUNCE;
}

function notCanonical(cpu: usize): void {
	const record = load<u32>(cpu + RECORD);
	const stack = onStack || (load<u16>(record + REC_INFO) & INFO_SEGMENT) == 2;
	raiseWith(cpu, stack ? SS_FAULT : GP, 0);
}

/** The physical address, or FAILED with the exception raised. */
export function translateTo(cpu: usize, tlb: usize, linear: u64, kind: u32): u64 {
	if (isLong(cpu)) {
		if (!isCanonical(linear)) {
			notCanonical(cpu);
			return FAILED;
		}
	} else linear &= 0xffffffff;
	return walk(cpu, linear, kind, tlb == USER_TLB || tlb == USER_ALIGNED_TLB, tlb == SYSTEM_TLB);
}

function bounceRead(physical: u32, size: u32): usize {
	readPhysical(BOUNCE, physical, size);
	return BOUNCE;
}

function bounceWrite(first: u32, second: u32, inFirst: u32, size: u32, update: bool): usize {
	bounceFirst = first;
	bounceSecond = second;
	bounceSplit = inFirst;
	bounceSize = size;
	if (update) {
		readPhysical(BOUNCE, first, inFirst);
		if (size > inFirst) readPhysical(BOUNCE + inFirst, second, size - inFirst);
	}
	return BOUNCE;
}

/** A write since `afterWrites` met a device or decoded code. */
let seen: bool = false;

/** What an instruction that wrote to memory answers: the block may have changed under it. */
export function afterWrites(): i32 {
	const status = seen ? STATUS_LEAVE : STATUS_NEXT;
	seen = false;
	return status;
}

/** Carries out the write that was stored to the bounce buffer. */
export function flushBounce(cpu: usize, record: usize): void {
	seen = true;
	store<u32>(cpu + RECORD, <u32>record);
	writePhysical(bounceFirst, BOUNCE, bounceSplit);
	if (bounceSize > bounceSplit) writePhysical(bounceSecond, BOUNCE + bounceSplit, bounceSize - bounceSplit);
}

// --- physical memory, a piece inside one page -------------------------------------------------------------

/** The widest power of two that fits the rest and the address's alignment, at most 4. */
function chunk(physical: u32, rest: u32): u32 {
	if (rest >= 4 && !(physical & 3)) return 4;
	if (rest >= 2 && !(physical & 1)) return 2;
	return 1;
}

export function readPhysical(to: usize, physical: u32, size: u32): void {
	const word = pageWord(physical);
	if (word & PAGE_READ) {
		memory.copy(to, (word & ~4095) + (physical & 4095), size);
		return;
	}
	while (size) {
		const part = chunk(physical, size);
		const value = busReadMemory(physical, part);
		if (part == 4) store<u32>(to, value);
		else if (part == 2) store<u16>(to, <u16>value);
		else store<u8>(to, <u8>value);
		to += part;
		physical += part;
		size -= part;
	}
}

export function writePhysical(physical: u32, from: usize, size: u32): void {
	let word = pageWord(physical);
	if (word & PAGE_WRITE) {
		if (word & PAGE_CODE) {
			invalidateCode(physical, size);
			word = pageWord(physical);
		}
		if (word & PAGE_WATCHED) setPageWord(physical, (word & ~PAGE_WATCHED) | PAGE_DIRTY);
		memory.copy((word & ~4095) + (physical & 4095), from, size);
		return;
	}
	if (word & PAGE_SHADOW) memory.copy(RAM + physical, from, size);
	if (word & (PAGE_HOST | PAGE_SHADOW)) return; // a ROM, perhaps with RAM beneath
	while (size) {
		const part = chunk(physical, size);
		const value: u32 = part == 4 ? load<u32>(from) : part == 2 ? load<u16>(from) : load<u8>(from);
		busWriteMemory(physical, value, part);
		from += part;
		physical += part;
		size -= part;
	}
}

// --- accessors for the rest of the core ----------------------------------------------------------------------

@inline
export function ownTlb(cpu: usize): usize {
	return load<u32>(cpu + TLB_BASE);
}

/** Host address of bytes to read; 0 with the exception raised. */
export function readable(cpu: usize, tlb: usize, linear: u64, size: u32): usize {
	const pointer = probe(tlb, linear, size, TLB_READ);
	return pointer ? pointer : access(cpu, tlb, linear, size, READ, false);
}

/** Host address of bytes to write; 0 with the exception raised. `written` must follow the store. */
export function writable(cpu: usize, tlb: usize, linear: u64, size: u32): usize {
	const pointer = probe(tlb, linear, size, TLB_WRITE);
	return pointer ? pointer : access(cpu, tlb, linear, size, WRITE, false);
}

/** As writable, with what was there to be read first: a device is not read for a mere write. */
export function updatable(cpu: usize, tlb: usize, linear: u64, size: u32): usize {
	const pointer = probe(tlb, linear, size, TLB_WRITE);
	return pointer ? pointer : access(cpu, tlb, linear, size, WRITE, true);
}

/** Host address where a direct access is known to be allowed, else 0; nothing is looked up, nothing is reached. */
export function directly(tlb: usize, linear: u64, size: u32, kind: u32): usize {
	return probe(tlb, linear, size, kind == WRITE ? TLB_WRITE : TLB_READ);
}

@inline
export function written(cpu: usize, pointer: usize): void {
	if (pointer == BOUNCE) flushBounce(cpu, load<u32>(cpu + RECORD));
}

/** Reads 1, 2, 4 or 8 bytes, zero-extended; 0 with the exception raised (ask `faulted`). */
export function readSize(cpu: usize, tlb: usize, linear: u64, size: u32): u64 {
	let pointer = probe(tlb, linear, size, TLB_READ);
	if (!pointer) pointer = access(cpu, tlb, linear, size, READ, false);
	return pointer ? loadSize(pointer, size) : 0;
}

export function writeSize(cpu: usize, tlb: usize, linear: u64, value: u64, size: u32): bool {
	const pointer = writable(cpu, tlb, linear, size);
	if (!pointer) return false;
	storeSize(pointer, value, size);
	written(cpu, pointer);
	return true;
}

/** As readSize and writeSize, for what lies on the stack. */
export function readStack(cpu: usize, tlb: usize, linear: u64, size: u32): u64 {
	onStack = true;
	const value = readSize(cpu, tlb, linear, size);
	onStack = false;
	return value;
}

export function writeStack(cpu: usize, tlb: usize, linear: u64, value: u64, size: u32): bool {
	onStack = true;
	const done = writeSize(cpu, tlb, linear, value, size);
	onStack = false;
	return done;
}

@inline
export function loadSize(pointer: usize, size: u32): u64 {
	if (size == 8) return load<u64>(pointer);
	if (size == 4) return load<u32>(pointer);
	if (size == 2) return load<u16>(pointer);
	return load<u8>(pointer);
}

@inline
export function storeSize(pointer: usize, value: u64, size: u32): void {
	if (size == 8) store<u64>(pointer, value);
	else if (size == 4) store<u32>(pointer, <u32>value);
	else if (size == 2) store<u16>(pointer, <u16>value);
	else store<u8>(pointer, <u8>value);
}

/** The TLB that CPL, and EFLAGS.AC under SMAP, call for. */
export function tlbFor(cpu: usize): usize {
	return TLB + tlbNumber(cpu) * TLB_BYTES;
}

@inline
export function tlbNumber(cpu: usize): u32 {
	if (load<u32>(cpu + CPL) == 3) {
		const aligned = (load<u32>(cpu + CR0) & 0x40000) != 0 && (load<u32>(cpu + FLAGS_SYSTEM) & 0x40000) != 0; // AM, AC
		return aligned ? TLB_USER_ALIGNED : TLB_USER;
	}
	const smapLifted = (load<u32>(cpu + CR4) & 0x200000) != 0 && (load<u32>(cpu + FLAGS_SYSTEM) & 0x40000) != 0;
	return smapLifted ? TLB_SUPERVISOR_AC : TLB_SUPERVISOR;
}

/** Physical page of an instruction fetch, through the TLB's execute tag; FAILED with the exception raised. */
export function fetchPage(cpu: usize, linear: u64): u64 {
	const tlb = ownTlb(cpu);
	const entry = entryOf(tlb, linear);
	if (load<u64>(entry + TLB_EXECUTE) == (linear & ~4095)) return load<u32>(entry + TLB_PHYSICAL) & ~4095;
	const physical = translateTo(cpu, tlb, linear, EXECUTE);
	if (physical == FAILED) return FAILED;
	if (tlb != USER_ALIGNED_TLB) fill(cpu, tlb, linear, <u32>physical, TLB_EXECUTE);
	return physical & ~4095;
}
