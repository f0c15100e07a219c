// String instructions. One call does as many iterations as the budget's granularity allows: a repeated
// instruction stops after REPEAT_LIMIT iterations and is executed again, so that interrupts and the
// clock are looked at. Each such piece counts as one instruction, whatever the host did to make it fast.

import { busReadPort, busWritePort } from "./bus";
import { notePort } from "./debug";
import { faulted } from "./fault";
import { flag, DF_FLAG, TF } from "./flags";
import { directly, ownTlb, READ, readSize, storeSize, writable, WRITE, writeSize, written } from "./memory";
import { is64 } from "./mode";
import { portForbidden, portSize } from "./ports";
import { linearIn } from "./segments";
import {
	DEBUG_PENDING, FLAGS_CARRIES, FLAGS_META, FLAGS_RESULT, INFO_OPERAND_SHIFT, INFO_REP, INFO_REPNE, INFO_SEGMENT, INFO_SEGMENTED, RAX, RCX, RDI, RDX, REC_INFO,
	REC_MASK, RECORD, RSI, STATUS_AGAIN, STATUS_FAULT, STATUS_LEAVE, STATUS_NEXT,
} from "./state";

/** Iterations of a repeated instruction that count as one instruction. */
const REPEAT_LIMIT: u64 = 1024;

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
function toPageEnd(address: u64): u64 {
	return (4096 - (address & 4095)) / size;
}

/**
 * MOVS or STOS of several elements inside one page each, upwards; 0 where one iteration at a time is
 * right: near a page's end, a device, code, overlapping moves, or downwards.
 */
function bulk(cpu: usize, verb: u32, most: u64): u64 {
	if (step != size || !destinationFlat || (verb == MOVE && !sourceFlat)) return 0;
	const to = load<u64>(cpu + RDI) & mask;
	let n = min(most, toPageEnd(to));
	const from = load<u64>(cpu + RSI) & mask;
	if (verb == MOVE) n = min(n, toPageEnd(from));
	if (n < 2) return 0;
	const bytes = <u32>n * size;
	// Only where one iteration has been before: anything else may fault, or reach a device.
	const source = verb == MOVE ? directly(ownTlb(cpu), from, size, READ) : 0;
	const target = directly(ownTlb(cpu), to, size, WRITE);
	if (!target || (verb == MOVE && !source)) return 0;
	if (verb == MOVE) {
		// An overlapping move upwards repeats what it wrote: not what memory.copy does.
		if (source < target && target < source + bytes) return 0;
		memory.copy(target, source, bytes);
		advance(cpu, RSI, n);
	} else fillMemory(cpu, target, bytes);
	advance(cpu, RDI, n);
	return n;
}

function fillMemory(cpu: usize, target: usize, bytes: u32): void {
	const value = load<u64>(cpu + RAX);
	if (size == 1) memory.fill(target, <u8>value, bytes);
	else for (let at = target; at < target + bytes; at += size) storeSize(at, value, size);
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
		let done: u64 = verb <= STORE ? bulk(cpu, verb, min(budget, count(cpu))) : 0;
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
