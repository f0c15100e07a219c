// The x87's register stack, its tags and its status word (SDM 1, "x87 FPU Execution Environment"), and
// how an instruction begins and ends.

import { BEFORE, begin, isForbidden, masked, OE, raised, roundedUp, UE } from "../float/environment";
import { invalid } from "../float/operations";
import { packF80, R, setIndefinite, Unpacked, unpackF80 } from "../float/unpacked";
import { busFloatError } from "../bus";
import {
	CR0, FCW, FDP, FIP, FOP, FSW, FTW, PAGE_BASE, REC_BASE, REC_DISPLACEMENT, REC_IMMEDIATE, REC_INDEX, REC_LENGTH, REC_MASK, REC_NEXT, REC_SCALE,
	STATUS_LEAVE, STATUS_NEXT, X87_REGISTER_SIZE, X87_REGISTERS,
} from "../state";

/** Exceptions are #MF; else the world outside is told of them. */
export const CR0_NE: u32 = 0x20;
export const FSW_SF: u32 = 0x40;
/** An unmasked exception is pending; B has been its copy since the 387. */
export const FSW_ES: u32 = 0x80;
export const FSW_B: u32 = 0x8000;
export const FSW_C0: u32 = 0x100;
export const FSW_C1: u32 = 0x200;
export const FSW_C2: u32 = 0x400;
export const FSW_C3: u32 = 0x4000;
export const CONDITIONS: u32 = FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3;
const FSW_TOP_SHIFT: u32 = 11;
const FSW_TOP: u32 = 0x3800;
const FSW_C1_SHIFT: u32 = 9;
export const EXCEPTIONS: u32 = 0x3f;

@inline
export function controlWord(cpu: usize): u32 {
	return load<u16>(cpu + FCW);
}

@inline
export function statusWord(cpu: usize): u32 {
	return load<u16>(cpu + FSW);
}

@inline
export function setStatusWord(cpu: usize, value: u32): void {
	store<u16>(cpu + FSW, <u16>value);
}

/** Significand bits that the precision control allows: 24, 53 or 64. The reserved encoding behaves as 64. */
export function precision(cpu: usize): u32 {
	const control = (controlWord(cpu) >> 8) & 3;
	return control == 0 ? 24 : control == 2 ? 53 : 64;
}

// --- registers --------------------------------------------------------------------------------------------

/** ST(i) under a status word: its number. */
@inline
export function numberUnder(status: u32, i: u32): u32 {
	return ((status >> FSW_TOP_SHIFT) + i) & 7;
}

/** Where a register lies that is known by its number. */
@inline
export function numberedAt(cpu: usize, number: u32): usize {
	return cpu + X87_REGISTERS + number * X87_REGISTER_SIZE;
}

@inline
export function top(cpu: usize): u32 {
	return numberUnder(statusWord(cpu), 0);
}

export function setTop(cpu: usize, value: u32): void {
	setStatusWord(cpu, (statusWord(cpu) & ~FSW_TOP) | ((value & 7) << FSW_TOP_SHIFT));
}

@inline
function physical(cpu: usize, i: u32): u32 {
	return numberUnder(statusWord(cpu), i);
}

/** Where ST(i) lies. */
@inline
export function registerAt(cpu: usize, i: u32): usize {
	return numberedAt(cpu, physical(cpu, i));
}

export function isEmpty(cpu: usize, i: u32): bool {
	return !(load<u8>(cpu + FTW) & (1 << physical(cpu, i)));
}

export function setEmpty(cpu: usize, i: u32): void {
	store<u8>(cpu + FTW, <u8>(<u32>load<u8>(cpu + FTW) & ~(1 << physical(cpu, i))));
}

function setFull(cpu: usize, i: u32): void {
	store<u8>(cpu + FTW, <u8>(<u32>load<u8>(cpu + FTW) | (1 << physical(cpu, i))));
}

export function readRegister(cpu: usize, i: u32, to: Unpacked): void {
	const at = registerAt(cpu, i);
	unpackF80(to, load<u64>(at), load<u16>(at, 8));
}

export function writeRegister(cpu: usize, i: u32, from: Unpacked): void {
	writeBits(cpu, i, from.high, packF80(from));
}

export function writeBits(cpu: usize, i: u32, significand: u64, signExponent: u32): void {
	const at = registerAt(cpu, i);
	store<u64>(at, significand);
	store<u16>(at, <u16>signExponent, 8);
	setFull(cpu, i);
}

export function pop(cpu: usize): void {
	setEmpty(cpu, 0);
	setTop(cpu, top(cpu) + 1);
}

// --- stack faults --------------------------------------------------------------------------------------------

let stackFault: bool = false;
/** C1 of this instruction, where rounding does not say. */
let overflowed: bool = false;

/** #IS: C1 says whether the stack overflowed or underflowed. R is the indefinite. */
function stackInvalid(overflow: bool): void {
	stackFault = true;
	overflowed = overflow;
	invalid();
}

/** True, with #IS raised, where ST(i) is empty. */
export function underflows(cpu: usize, i: u32): bool {
	if (!isEmpty(cpu, i)) return false;
	stackInvalid(false);
	return true;
}

/** True, with #IS raised, where nothing can be pushed. */
export function overflows(cpu: usize): bool {
	if (isEmpty(cpu, 7)) return false;
	stackInvalid(true);
	return true;
}


export function push(cpu: usize, from: Unpacked): void {
	setTop(cpu, top(cpu) - 1);
	writeRegister(cpu, 0, from);
}

/** Pushes what was computed to R unless the stack is full. */
export function pushResult(cpu: usize): void {
	const full = overflows(cpu);
	if (isForbidden()) return;
	if (full) setIndefinite(R);
	push(cpu, R);
}

// --- an instruction's beginning and end ------------------------------------------------------------------------

let conditions: u32 = 0;
let conditionMask: u32 = 0;
let instruction: usize = 0;

/** Starts an instruction that is no control instruction. */
export function start(cpu: usize, record: usize): void {
	const control = controlWord(cpu);
	begin((control >> 10) & 3, control & EXCEPTIONS, false, false);
	stackFault = overflowed = false;
	conditions = 0;
	conditionMask = FSW_C1;
	instruction = record;
}

/** Condition codes that this instruction sets, besides C1 by rounding and stack faults. */
export function setConditions(mask: u32, value: u32): void {
	conditionMask |= mask;
	conditions = (conditions & ~mask) | value;
}

/** For the few that leave C1 as it was: FCOMI, FCMOV, FNOP. A stack fault clears it all the same. */
export function keepConditions(): void {
	conditionMask = 0;
}

export function operandIndex(record: usize): u32 {
	return load<u8>(record + REC_IMMEDIATE) & 7;
}

/** The offset that the record's memory operand has in its segment. */
export function effectiveOffset(cpu: usize, record: usize): u64 {
	const base = load<u64>(cpu + load<u16>(record + REC_BASE));
	const index = load<u64>(cpu + load<u16>(record + REC_INDEX)) << load<u8>(record + REC_SCALE);
	return (base + index + load<u64>(record + REC_DISPLACEMENT)) & load<u64>(record + REC_MASK);
}

/** Where the instruction was. */
@inline
function rememberPlace(cpu: usize, record: usize): void {
	store<u64>(cpu + FIP, load<u64>(cpu + PAGE_BASE) + load<u16>(record + REC_NEXT) - load<u8>(record + REC_LENGTH));
}

/** And what it worked on where it left an unmasked exception (CPUID's FDP_EXCPTN_ONLY). */
function remember(cpu: usize, pending: bool): void {
	const record = instruction;
	rememberPlace(cpu, record);
	if (!pending) return;
	store<u16>(cpu + FOP, load<u16>(record + REC_IMMEDIATE) & 0x7ff);
	if (load<u8>(record + REC_IMMEDIATE) < 0xc0) store<u64>(cpu + FDP, effectiveOffset(cpu, record));
}

/** Ends it: its exceptions and condition codes go to the status word. */
export function finish(cpu: usize): i32 {
	const up = stackFault ? overflowed : roundedUp;
	const codes = conditions | (up ? FSW_C1 : 0);
	const mask = stackFault ? conditionMask | FSW_C1 : conditionMask;
	let status = (statusWord(cpu) & ~mask) | (codes & mask) | raised;
	if (stackFault) status |= FSW_SF;
	const pending = (raised & ~masked) != 0;
	if (pending) status |= FSW_ES | FSW_B;
	setStatusWord(cpu, status);
	remember(cpu, pending);
	if (!pending || load<u32>(cpu + CR0) & CR0_NE) return STATUS_NEXT;
	busFloatError();
	return STATUS_LEAVE;
}

/**
 * Ends one that was not started: without a stack fault, and with no exception but PE, which is masked.
 * @param status the status word before it
 * @param pops 0 or 1
 */
@inline
export function finishUsual(cpu: usize, record: usize, status: u32, inexact: u32, wentUp: bool, pops: u32): void {
	const next = (status & ~(FSW_TOP | FSW_C1)) | (u32(wentUp) << FSW_C1_SHIFT) | inexact;
	setStatusWord(cpu, next | ((status + (pops << FSW_TOP_SHIFT)) & FSW_TOP));
	if (pops) store<u8>(cpu + FTW, <u8>(<u32>load<u8>(cpu + FTW) & ~(1 << numberUnder(status, 0))));
	rememberPlace(cpu, record);
}

/** Whether two registers, known by their numbers, hold something. */
@inline
export function areFull(cpu: usize, a: u32, b: u32): bool {
	const tags: u32 = load<u8>(cpu + FTW);
	return ((tags >> a) & (tags >> b) & 1) != 0;
}

/** All of an instruction that pushes bits as they are; false, with nothing done, where the stack is full. */
export function pushUsual(cpu: usize, record: usize, significand: u64, signExponent: u32): bool {
	const status = statusWord(cpu);
	const above = numberUnder(status, -1);
	const tags: u32 = load<u8>(cpu + FTW);
	if (tags & (1 << above)) return false;
	const at = numberedAt(cpu, above);
	store<u64>(at, significand);
	store<u16>(at, <u16>signExponent, 8);
	store<u8>(cpu + FTW, <u8>(tags | (1 << above)));
	setStatusWord(cpu, (status & ~(FSW_TOP | FSW_C1)) | (above << FSW_TOP_SHIFT));
	rememberPlace(cpu, record);
	return true;
}

/** Whether a result may go to memory: neither #I, #D, #Z nor, as with registers, #O and #U may be unmasked. */
@inline
export function storesToMemory(): bool {
	return !(raised & ~masked & (BEFORE | OE | UE));
}

