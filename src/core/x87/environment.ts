// The environment and the state in memory: FLDENV FNSTENV FRSTOR FNSAVE in the four layouts of SDM 1,
// "Saving the x87 FPU's Environment with FSTENV/FNSTENV and FSAVE/FNSAVE".
//
// This CPU model saves CS and DS of the last instruction as zero (CPUID: FPU CS and FPU DS are deprecated).

import { readSize, writeSize, ownTlb, readable, updatable, afterWrites } from "../memory";
import { isRealStyle } from "../mode";
import { faulted } from "../fault";
import {
	FCW, FDP, FIP, FOP, FTW, INFO_OPERAND_SHIFT, REC_INFO, STATUS_FAULT, STATUS_NEXT, X87_REGISTER_SIZE, X87_REGISTERS,
} from "../state";
import { initializeX87, setControlWord, summarize } from "./control";
import { controlWord, EXCEPTIONS, registerAt, setStatusWord, statusWord } from "./stack";

const EMPTY: u32 = 3;
const SPECIAL: u32 = 2;
const ZERO: u32 = 1;
const VALID: u32 = 0;

function tagOf(cpu: usize, number: u32): u32 {
	if (!(load<u8>(cpu + FTW) & (1 << number))) return EMPTY;
	const at = cpu + X87_REGISTERS + number * X87_REGISTER_SIZE;
	const exponent = load<u16>(at, 8) & 0x7fff;
	const significand = load<u64>(at);
	if (exponent == 0 && significand == 0) return ZERO;
	return exponent == 0 || exponent == 0x7fff || !(significand >> 63) ? SPECIAL : VALID;
}

function tagWord(cpu: usize): u32 {
	let tags: u32 = 0;
	for (let i: u32 = 0; i < 8; i++) tags |= tagOf(cpu, i) << (2 * i);
	return tags;
}

/** Whether a register is empty is all that counts; the rest follows from what it holds. */
function setTagWord(cpu: usize, tags: u32): void {
	let abridged: u32 = 0;
	for (let i: u32 = 0; i < 8; i++) if (((tags >> (2 * i)) & 3) != EMPTY) abridged |= 1 << i;
	store<u8>(cpu + FTW, <u8>abridged);
}

// --- pieces of memory ----------------------------------------------------------------------------------------

/** Whether all of it can be read or written, with the exception raised where not: it spans two pages at most. */
export function reaches(cpu: usize, linear: u64, size: u32, write: bool): bool {
	const tlb = ownTlb(cpu);
	const first = write ? updatable(cpu, tlb, linear, 1) : readable(cpu, tlb, linear, 1);
	if (!first) return false;
	return (write ? updatable(cpu, tlb, linear + size - 1, 1) : readable(cpu, tlb, linear + size - 1, 1)) != 0;
}

@inline
function put(cpu: usize, linear: u64, value: u64, size: u32): void {
	writeSize(cpu, ownTlb(cpu), linear, value, size);
}

@inline
function get(cpu: usize, linear: u64, size: u32): u64 {
	return readSize(cpu, ownTlb(cpu), linear, size);
}

// --- layouts ----------------------------------------------------------------------------------------------------

function isWide(record: usize): bool {
	return ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) != 1;
}

@inline
function environmentSize(wide: bool): u32 {
	return wide ? 28 : 14;
}

/** The word behind an instruction or data pointer: in real-address mode the pointer's upper bits with the opcode. */
function upperWord(cpu: usize, pointer: u64, opcode: u32, wide: bool): u64 {
	if (!isRealStyle(cpu)) return wide ? opcode << 16 : 0;
	return ((wide ? (pointer >> 16) & 0xffff : (pointer >> 16) & 15) << 12) | opcode;
}

function putEnvironment(cpu: usize, linear: u64, wide: bool): void {
	const step: u32 = wide ? 4 : 2;
	const reserved: u64 = wide ? 0xffff0000 : 0;
	const opcode = load<u16>(cpu + FOP);
	put(cpu, linear, controlWord(cpu) | reserved, step);
	put(cpu, linear + step, statusWord(cpu) | reserved, step);
	put(cpu, linear + 2 * step, tagWord(cpu) | reserved, step);
	const fip = load<u64>(cpu + FIP);
	const fdp = load<u64>(cpu + FDP);
	put(cpu, linear + 3 * step, fip, step);
	put(cpu, linear + 4 * step, upperWord(cpu, fip, opcode, wide), step);
	put(cpu, linear + 5 * step, fdp, step);
	put(cpu, linear + 6 * step, upperWord(cpu, fdp, 0, wide) | (isRealStyle(cpu) ? 0 : reserved), step);
}

/** The pointer's lower part at `linear`, the rest in the word behind it. */
function getPointer(cpu: usize, linear: u64, wide: bool): u64 {
	const step: u32 = wide ? 4 : 2;
	const low = get(cpu, linear, step);
	if (!isRealStyle(cpu)) return low;
	const upper = get(cpu, linear + step, step) >> 12;
	return (low & 0xffff) | ((upper & (wide ? 0xffff : 15)) << 16);
}

function getEnvironment(cpu: usize, linear: u64, wide: bool): void {
	const step: u32 = wide ? 4 : 2;
	const behind = <u32>get(cpu, linear + 4 * step, step);
	store<u64>(cpu + FIP, getPointer(cpu, linear + 3 * step, wide));
	store<u64>(cpu + FDP, getPointer(cpu, linear + 5 * step, wide));
	if (isRealStyle(cpu)) store<u16>(cpu + FOP, behind & 0x7ff);
	else if (wide) store<u16>(cpu + FOP, (behind >> 16) & 0x7ff);
	setTagWord(cpu, <u32>get(cpu, linear + 2 * step, step));
	setStatusWord(cpu, <u32>get(cpu, linear + step, step) & 0xffff);
	setControlWord(cpu, <u32>get(cpu, linear, step));
}

// --- instructions ---------------------------------------------------------------------------------------------------

export function storeEnvironment(cpu: usize, record: usize, linear: u64): i32 {
	const wide = isWide(record);
	if (!reaches(cpu, linear, environmentSize(wide), true)) return STATUS_FAULT;
	putEnvironment(cpu, linear, wide);
	store<u16>(cpu + FCW, <u16>(controlWord(cpu) | EXCEPTIONS));
	summarize(cpu);
	return afterWrites();
}

export function loadEnvironment(cpu: usize, record: usize, linear: u64): i32 {
	const wide = isWide(record);
	if (!reaches(cpu, linear, environmentSize(wide), false)) return STATUS_FAULT;
	getEnvironment(cpu, linear, wide);
	return STATUS_NEXT;
}

export function saveState(cpu: usize, record: usize, linear: u64): i32 {
	const wide = isWide(record);
	const size = environmentSize(wide);
	if (!reaches(cpu, linear, size + 80, true)) return STATUS_FAULT;
	putEnvironment(cpu, linear, wide);
	for (let i: u32 = 0; i < 8; i++) {
		const at = registerAt(cpu, i);
		put(cpu, linear + size + i * 10, load<u64>(at), 8);
		put(cpu, linear + size + i * 10 + 8, load<u16>(at, 8), 2);
	}
	initializeX87(cpu, record);
	return afterWrites();
}

export function restoreState(cpu: usize, record: usize, linear: u64): i32 {
	const wide = isWide(record);
	const size = environmentSize(wide);
	if (!reaches(cpu, linear, size + 80, false)) return STATUS_FAULT;
	getEnvironment(cpu, linear, wide);
	for (let i: u32 = 0; i < 8; i++) {
		const at = registerAt(cpu, i);
		store<u64>(at, get(cpu, linear + size + i * 10, 8));
		store<u16>(at, <u16>get(cpu, linear + size + i * 10 + 8, 2), 8);
	}
	return faulted(cpu) ? STATUS_FAULT : STATUS_NEXT;
}
