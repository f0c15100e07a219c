// String instructions. One call does as many iterations as the budget's granularity allows: a repeated
// instruction stops after REPEAT_LIMIT iterations and is executed again, so that interrupts and the
// clock are looked at. Each such piece counts as one instruction, whatever the host did to make it fast.

import { busReadPort, busReadPortMany, busWritePort } from "./bus";
import { notePort, portsWatched } from "./debug";
import { faulted } from "./fault";
import { flag, DF_FLAG, TF } from "./flags";
import { directly, loadSize, ownTlb, READ, readSize, storeSize, writable, WRITE, writeSize, written } from "./memory";
import { is64, isProtected } from "./mode";
import { portForbidden, portSize } from "./ports";
import { beyondLimit, linearIn } from "./segments";
import {
	DEBUG_PENDING, ES, FLAGS_CARRIES, FLAGS_META, FLAGS_RESULT, INFO_OPERAND_SHIFT, INFO_REP, INFO_REPNE, INFO_SEGMENT, INFO_SEGMENTED, RAX, RCX, RDI, RDX, REC_INFO,
	REC_MASK, RECORD, RSI, SEG_BASE, STATUS_AGAIN, STATUS_FAULT, STATUS_LEAVE, STATUS_NEXT,
} from "./state";

/** Iterations of a repeated instruction that count as one instruction. */
const REPEAT_LIMIT: u64 = 1024;
/** Iterations that a region has done in one go. */
const MOST_AT_ONCE: u64 = 1 << 18;
/** Bytes below which a loop is faster than memory.copy and memory.fill. */
const FEW: u32 = 96;

// The instruction under way.
let mask: u64 = 0;
let step: u64 = 0;
let size: u32 = 0;
let segment: u32 = 0;
let sourceFlat: bool = false;
let destinationFlat: bool = false;

function operandBytes(record: usize): u32 {
	return 1 << ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3);
}

function begin(cpu: usize, record: usize, bytes: u32): void {
	store<u32>(cpu + RECORD, <u32>record);
	const info: u32 = load<u16>(record + REC_INFO);
	mask = load<u64>(record + REC_MASK);
	size = bytes;
	step = flag(cpu, DF_FLAG) ? <u64>(-(<i64>bytes)) : bytes;
	segment = info & INFO_SEGMENT;
	sourceFlat = !(info & INFO_SEGMENTED);
	destinationFlat = is64(cpu) || (sourceFlat && segment != 1);
}

function sourceAddress(cpu: usize): u64 {
	const offset = load<u64>(cpu + RSI) & mask;
	return sourceFlat ? offset : linearIn(cpu, segment, offset, size, false);
}

function destinationAddress(cpu: usize, write: bool): u64 {
	const offset = load<u64>(cpu + RDI) & mask;
	return destinationFlat ? offset : linearIn(cpu, 0, offset, size, write);
}

function setIndex(cpu: usize, register: usize, value: u64): void {
	if (mask == 0xffff) store<u16>(cpu + register, <u16>value);
	else store<u64>(cpu + register, value & mask);
}

function advance(cpu: usize, register: usize, count: u64): void {
	setIndex(cpu, register, load<u64>(cpu + register) + step * count);
}

function count(cpu: usize): u64 {
	return load<u64>(cpu + RCX) & mask;
}

function isRepeated(record: usize): bool {
	return (load<u16>(record + REC_INFO) & (INFO_REP | INFO_REPNE)) != 0;
}

// --- one iteration each; false with an exception raised ---------------------------------------------------------

function moveOnce(cpu: usize): bool {
	const value = readSize(cpu, ownTlb(cpu), sourceAddress(cpu), size);
	if (faulted(cpu) || !writeSize(cpu, ownTlb(cpu), destinationAddress(cpu, true), value, size)) return false;
	advance(cpu, RSI, 1);
	advance(cpu, RDI, 1);
	return true;
}

function storeOnce(cpu: usize): bool {
	if (!writeSize(cpu, ownTlb(cpu), destinationAddress(cpu, true), load<u64>(cpu + RAX), size)) return false;
	advance(cpu, RDI, 1);
	return true;
}

function loadOnce(cpu: usize): bool {
	const value = readSize(cpu, ownTlb(cpu), sourceAddress(cpu), size);
	if (faulted(cpu)) return false;
	if (size == 4) store<u64>(cpu + RAX, value);
	else storeSize(cpu + RAX, value, size);
	advance(cpu, RSI, 1);
	return true;
}

/** The flags of a - b, as CMP leaves them. */
function compare(cpu: usize, a: u64, b: u64): void {
	const shift: i64 = 64 - size * 8;
	const left = (<i64>a << shift) >> shift;
	const right = (<i64>b << shift) >> shift;
	const result = ((left - right) << shift) >> shift;
	store<i64>(cpu + FLAGS_RESULT, result);
	store<i64>(cpu + FLAGS_CARRIES, (~left & right) | ((~left | right) & result));
	store<i64>(cpu + FLAGS_META, shift);
}

function scanOnce(cpu: usize): bool {
	const value = readSize(cpu, ownTlb(cpu), destinationAddress(cpu, false), size);
	if (faulted(cpu)) return false;
	compare(cpu, load<u64>(cpu + RAX), value);
	advance(cpu, RDI, 1);
	return true;
}

function compareOnce(cpu: usize): bool {
	// In this order: where both fault, a processor reports the destination.
	const destination = readSize(cpu, ownTlb(cpu), destinationAddress(cpu, false), size);
	if (faulted(cpu)) return false;
	const source = readSize(cpu, ownTlb(cpu), sourceAddress(cpu), size);
	if (faulted(cpu)) return false;
	compare(cpu, source, destination);
	advance(cpu, RSI, 1);
	advance(cpu, RDI, 1);
	return true;
}

/** The destination is checked before the port is read: a fault must not lose the datum. */
function inputOnce(cpu: usize): bool {
	const at = destinationAddress(cpu, true);
	const pointer = writable(cpu, ownTlb(cpu), at, size);
	if (!pointer) return false;
	notePort(cpu, load<u16>(cpu + RDX), size);
	storeSize(pointer, busReadPort(load<u16>(cpu + RDX), size), size);
	written(cpu, pointer);
	advance(cpu, RDI, 1);
	return true;
}

function outputOnce(cpu: usize): bool {
	const value = readSize(cpu, ownTlb(cpu), sourceAddress(cpu), size);
	if (faulted(cpu)) return false;
	notePort(cpu, load<u16>(cpu + RDX), size);
	busWritePort(load<u16>(cpu + RDX), <u32>value, size);
	advance(cpu, RSI, 1);
	return true;
}

const MOVE: u32 = 0;
const STORE: u32 = 1;
const LOAD: u32 = 2;
const SCAN: u32 = 3;
const COMPARE: u32 = 4;
const INPUT: u32 = 5;
const OUTPUT: u32 = 6;

function once(cpu: usize, verb: u32): bool {
	if (verb == MOVE) return moveOnce(cpu);
	if (verb == STORE) return storeOnce(cpu);
	if (verb == LOAD) return loadOnce(cpu);
	if (verb == SCAN) return scanOnce(cpu);
	if (verb == COMPARE) return compareOnce(cpu);
	if (verb == INPUT) return inputOnce(cpu);
	return outputOnce(cpu);
}

// --- many iterations at once -----------------------------------------------------------------------------------

/** Elements from an address to the end of its page, going up. */
@inline
function toPageEnd(address: u64, bytes: u32): u64 {
	return (4096 - (address & 4095)) / bytes;
}

/** Element by element, upwards: what overlaps is repeated, unlike by memory.copy. */
function moveUp(target: usize, source: usize, n: u32, bytes: u32): void {
	const length = n * bytes;
	if (source >= target || target >= source + length) {
		if (length > FEW) memory.copy(target, source, length);
		else moveFew(target, source, length);
		return;
	}
	for (const end = target + n * bytes; target < end; target += bytes, source += bytes) {
		storeSize(target, loadSize(source, bytes), bytes);
	}
}

/** Quadwords first: a source further up is read before it is written. */
function moveFew(target: usize, source: usize, length: u32): void {
	for (; length >= 8; length -= 8, target += 8, source += 8) store<u64>(target, load<u64>(source));
	for (; length; length--, target++, source++) store<u8>(target, load<u8>(source));
}

function fillUp(target: usize, value: u64, n: u32, bytes: u32): void {
	const everyByte = <u64>(<u8>value) * 0x0101010101010101;
	if (n * bytes > FEW && (value ^ everyByte) << (64 - 8 * bytes) == 0) memory.fill(target, <u8>value, n * bytes);
	else {
		// A few elements, and then all that is there again and again.
		const length = n * bytes;
		let done = min(length, FEW);
		for (let at: u32 = 0; at < done; at += bytes) storeSize(target + at, value, bytes);
		for (; done < length; done *= 2) memory.copy(target + done, target, min(done, length - done));
	}
}

/**
 * MOVS or STOS of several elements inside one page each, upwards; 0 where one iteration at a time is
 * right: near a page's end, a device, code, overlapping moves, or downwards.
 */
function bulk(cpu: usize, verb: u32, most: u64): u64 {
	if (step != size || !destinationFlat || (verb == MOVE && !sourceFlat)) return 0;
	const to = load<u64>(cpu + RDI) & mask;
	const from = load<u64>(cpu + RSI) & mask;
	let n = min(most, toPageEnd(to, size));
	if (verb == MOVE) n = min(n, toPageEnd(from, size));
	if (n < 2) return 0;
	// Only where one iteration has been before: anything else may fault, or reach a device.
	const source = verb == MOVE ? directly(ownTlb(cpu), from, size, READ) : 0;
	const target = directly(ownTlb(cpu), to, size, WRITE);
	if (!target || (verb == MOVE && !source)) return 0;
	if (verb == MOVE) {
		moveUp(target, source, <u32>n, size);
		advance(cpu, RSI, n);
	} else fillUp(target, load<u64>(cpu + RAX), <u32>n, size);
	advance(cpu, RDI, n);
	return n;
}

/** The same for INS, as far as the device has elements at hand; also in real mode, where a BIOS reads discs. */
function bulkInput(cpu: usize, most: u64): u64 {
	if (step != size || portsWatched() || (!destinationFlat && isProtected(cpu))) return 0;
	const offset = load<u64>(cpu + RDI) & mask;
	const to = destinationFlat ? offset : offset + load<u64>(cpu + ES + SEG_BASE);
	const n = min(most, toPageEnd(to, size));
	if (n < 2 || offset + n * size - 1 > mask) return 0;
	if (!destinationFlat && beyondLimit(cpu + ES, offset, <u32>n * size)) return 0;
	const target = directly(ownTlb(cpu), to, size, WRITE);
	if (!target) return 0;
	const read = busReadPortMany(load<u16>(cpu + RDX), size, target, <u32>n);
	advance(cpu, RDI, read);
	return read;
}

function run(cpu: usize, record: usize, bytes: u32, verb: u32): i32 {
	begin(cpu, record, bytes);
	if (verb >= INPUT && portForbidden(cpu, load<u16>(cpu + RDX), bytes)) return STATUS_FAULT;
	if (!isRepeated(record)) return once(cpu, verb) ? ending(verb) : STATUS_FAULT;
	const compares = verb == SCAN || verb == COMPARE;
	const whileEqual = (load<u16>(record + REC_INFO) & INFO_REP) != 0;
	const result = load<i64>(cpu + FLAGS_RESULT);
	const carries = load<i64>(cpu + FLAGS_CARRIES);
	const meta = load<i64>(cpu + FLAGS_META);
	// A single step ends after one iteration, a breakpoint's trap after the one that met it.
	let budget = flag(cpu, TF) ? 1 : REPEAT_LIMIT;
	while (count(cpu)) {
		if (!budget) return STATUS_AGAIN;
		const most = min(budget, count(cpu));
		let done: u64 = verb <= STORE ? bulk(cpu, verb, most) : verb == INPUT ? bulkInput(cpu, most) : 0;
		if (!done) {
			if (!once(cpu, verb)) {
				if (!compares || whileEqual) return STATUS_FAULT;
				// SDM 2B, "REP": after a fault under REPNE the flags are those from before the instruction.
				store<i64>(cpu + FLAGS_RESULT, result);
				store<i64>(cpu + FLAGS_CARRIES, carries);
				store<i64>(cpu + FLAGS_META, meta);
				return STATUS_FAULT;
			}
			done = 1;
		}
		setIndex(cpu, RCX, count(cpu) - done);
		budget = load<u32>(cpu + DEBUG_PENDING) ? 0 : budget - done;
		if (compares && (load<u64>(cpu + FLAGS_RESULT) == 0) != whileEqual) break;
	}
	return ending(verb);
}

/** Writes may have met code or a device, and ports certainly met one. */
function ending(verb: u32): i32 {
	return verb == LOAD || verb == SCAN || verb == COMPARE ? STATUS_NEXT : STATUS_LEAVE;
}

export function moveStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, MOVE);
}

export function moveString(cpu: usize, record: usize): i32 {
	return run(cpu, record, operandBytes(record), MOVE);
}

export function storeStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, STORE);
}

export function storeString(cpu: usize, record: usize): i32 {
	return run(cpu, record, operandBytes(record), STORE);
}

export function loadStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, LOAD);
}

export function loadString(cpu: usize, record: usize): i32 {
	return run(cpu, record, operandBytes(record), LOAD);
}

export function scanStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, SCAN);
}

export function scanString(cpu: usize, record: usize): i32 {
	return run(cpu, record, operandBytes(record), SCAN);
}

export function compareStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, COMPARE);
}

export function compareString(cpu: usize, record: usize): i32 {
	return run(cpu, record, operandBytes(record), COMPARE);
}

export function inputStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, INPUT);
}

export function inputString(cpu: usize, record: usize): i32 {
	return run(cpu, record, portSize(record), INPUT);
}

export function outputStringByte(cpu: usize, record: usize): i32 {
	return run(cpu, record, 1, OUTPUT);
}

export function outputString(cpu: usize, record: usize): i32 {
	return run(cpu, record, portSize(record), OUTPUT);
}

// --- what regions call: upwards and directly, or not at all ------------------------------------------------------

/** Whether elements from an address on can be reached directly, none of them in two pages. */
function allDirect(tlb: usize, address: u64, n: u64, bytes: u32, kind: u32): bool {
	const last = address + n * bytes - 1;
	if ((address ^ last) >> 12 && address & (bytes - 1)) return false;
	for (let page = address; page <= last; page = (page | 4095) + 1) if (!directly(tlb, page, 1, kind)) return false;
	return true;
}

/** How many instructions so many iterations count as; 0 where they are too many, or go down. */
function instructionsOf(cpu: usize, n: u64, spare: i32): u32 {
	if (n > MOST_AT_ONCE || flag(cpu, DF_FLAG)) return 0;
	const pieces = <u32>((n + REPEAT_LIMIT - 1) / REPEAT_LIMIT);
	if (pieces <= 1) return 1;
	return <i32>pieces > spare ? 0 : pieces;
}

/** REP MOVS of `n` elements. @returns how many instructions that is, of `spare` at most besides the first; 0 where nothing was done */
export function moveDirectly(cpu: usize, record: usize, tlb: usize, to: u64, from: u64, n: u64, bytes: u32, spare: i32): u32 {
	const instructions = instructionsOf(cpu, n, spare);
	if (!instructions || !n) return instructions;
	if (n <= 512) {
		const target = directly(tlb, to, <u32>n * bytes, WRITE);
		const source = directly(tlb, from, <u32>n * bytes, READ);
		if (target && source) {
			moveUp(target, source, <u32>n, bytes);
			return instructions;
		}
	}
	if (!allDirect(tlb, to, n, bytes, WRITE) || !allDirect(tlb, from, n, bytes, READ)) return 0;
	while (n) {
		const some = min(n, min(toPageEnd(to, bytes), toPageEnd(from, bytes)));
		moveUp(directly(tlb, to, 1, WRITE), directly(tlb, from, 1, READ), <u32>some, bytes);
		to += some * bytes;
		from += some * bytes;
		n -= some;
	}
	return instructions;
}

/** As moveDirectly, for REP STOS. */
export function storeDirectly(cpu: usize, record: usize, tlb: usize, to: u64, value: u64, n: u64, bytes: u32, spare: i32): u32 {
	const instructions = instructionsOf(cpu, n, spare);
	if (!instructions || !n) return instructions;
	if (!allDirect(tlb, to, n, bytes, WRITE)) return 0;
	while (n) {
		const some = min(n, toPageEnd(to, bytes));
		fillUp(directly(tlb, to, 1, WRITE), value, <u32>some, bytes);
		to += some * bytes;
		n -= some;
	}
	return instructions;
}

/** How many iterations a repeated SCAS takes; 0 where that is not known. */
export function scanDirectly(cpu: usize, record: usize, tlb: usize, at: u64, value: u64, n: u64, bytes: u32, whileEqual: u32): u32 {
	if (flag(cpu, DF_FLAG)) return 0;
	const wanted = value << (64 - 8 * bytes);
	const most = <u32>min(n, REPEAT_LIMIT);
	for (let i: u32 = 0; i < most; i++, at += bytes) {
		const pointer = directly(tlb, at, bytes, READ);
		if (!pointer) return 0;
		if ((loadSize(pointer, bytes) << (64 - 8 * bytes) == wanted) != (whileEqual != 0)) return i + 1;
	}
	return n <= REPEAT_LIMIT ? <u32>n : 0;
}

/** How many iterations a repeated CMPS takes; 0 where that is not known. */
export function compareDirectly(cpu: usize, record: usize, tlb: usize, at: u64, other: u64, n: u64, bytes: u32, whileEqual: u32): u32 {
	if (flag(cpu, DF_FLAG)) return 0;
	const most = <u32>min(n, REPEAT_LIMIT);
	for (let i: u32 = 0; i < most; i++, at += bytes, other += bytes) {
		const pointer = directly(tlb, at, bytes, READ);
		const second = directly(tlb, other, bytes, READ);
		if (!pointer || !second) return 0;
		if ((loadSize(pointer, bytes) == loadSize(second, bytes)) != (whileEqual != 0)) return i + 1;
	}
	return n <= REPEAT_LIMIT ? <u32>n : 0;
}

/** XLAT: AL from [rBX + AL]. */
export function translateByte(cpu: usize, record: usize): i32 {
	begin(cpu, record, 1);
	const offset = (load<u64>(cpu + 24) + load<u8>(cpu + RAX)) & mask;
	const linear = sourceFlat ? offset : linearIn(cpu, segment, offset, 1, false);
	const value = readSize(cpu, ownTlb(cpu), linear, 1);
	if (faulted(cpu)) return STATUS_FAULT;
	store<u8>(cpu + RAX, <u8>value);
	return STATUS_NEXT;
}
