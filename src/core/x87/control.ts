// Whether the x87 may be used, its pending exceptions, and the control and status words (SDM 1, "x87 FPU
// Control Instructions" and "Software Exception Handling").

import { faulted, FREEZE, MF, NM, raise, UD } from "../fault";
import { writable, ownTlb, written, afterWrites } from "../memory";
import {
	CR0, FCW, FDP, FIP, FOP, FSW, FTW, IGNNE, STATUS_FAULT, STATUS_NEXT, X87_REGISTER_SIZE, X87_REGISTERS,
} from "../state";
import { controlWord, CR0_NE, EXCEPTIONS, FSW_B, FSW_ES, FSW_SF, setStatusWord, statusWord } from "./stack";

const CR0_MP: u32 = 2;
const CR0_EM: u32 = 4;
const CR0_TS: u32 = 8;

// --- may it run? ---------------------------------------------------------------------------------------------

/** Before an instruction that does not wait: #NM where there is to be no x87, or its state is another task's. */
export function requireX87(cpu: usize, record: usize): u32 {
	if (load<u32>(cpu + CR0) & (CR0_EM | CR0_TS)) raise(cpu, NM);
	return 0;
}

/**
 * A pending exception is #MF. Without CR0.NE the interrupt controller has been told by FERR#, and the processor
 * stands still until an interrupt comes, unless IGNNE# lets it go on (SDM 1, "MS-DOS Compatibility Sub-mode").
 */
function reportPending(cpu: usize): void {
	if (!(statusWord(cpu) & FSW_ES)) return;
	if (load<u32>(cpu + CR0) & CR0_NE) raise(cpu, MF);
	else if (!load<u32>(cpu + IGNNE)) raise(cpu, FREEZE);
}

/** Before any other: a pending exception is reported first. */
export function requireNoPending(cpu: usize, record: usize): u32 {
	requireX87(cpu, record);
	if (!faulted(cpu)) reportPending(cpu);
	return 0;
}

/** Before an instruction on MMX registers: EM means that there are none. */
export function requireMmx(cpu: usize, record: usize): u32 {
	if (load<u32>(cpu + CR0) & CR0_EM) raise(cpu, UD);
	else requireNoPending(cpu, record);
	return 0;
}

/** Before FXSAVE and FXRSTOR, which neither wait nor report. */
export function requireState(cpu: usize, record: usize): u32 {
	return requireX87(cpu, record);
}

/** WAIT: #NM when both MP and TS are set, then what is pending. */
export function waitForFpu(cpu: usize, record: usize): i32 {
	if ((load<u32>(cpu + CR0) & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) return raise(cpu, NM);
	reportPending(cpu);
	return faulted(cpu) ? STATUS_FAULT : STATUS_NEXT;
}

// --- control and status word ------------------------------------------------------------------------------------

/** ES and B follow from the flags and their masks. */
export function summarize(cpu: usize): void {
	const status = statusWord(cpu) & ~(FSW_ES | FSW_B);
	const pending = (status & ~controlWord(cpu) & EXCEPTIONS) != 0;
	setStatusWord(cpu, pending ? status | FSW_ES | FSW_B : status);
	if (!pending) store<u32>(cpu + IGNNE, 0);
}

/** Bit 6 reads as one, bits 7 and 13 and up as zero. */
export function setControlWord(cpu: usize, value: u32): void {
	store<u16>(cpu + FCW, <u16>((value & 0x1f7f) | 0x40));
	summarize(cpu);
}

export function loadControlWord(cpu: usize, record: usize, value: u32): i32 {
	setControlWord(cpu, value);
	return STATUS_NEXT;
}

function storeWord(cpu: usize, linear: u64, value: u32): i32 {
	const to = writable(cpu, ownTlb(cpu), linear, 2);
	if (!to) return STATUS_FAULT;
	store<u16>(to, <u16>value);
	written(cpu, to);
	return afterWrites();
}

export function storeControlWord(cpu: usize, record: usize, linear: u64): i32 {
	return storeWord(cpu, linear, controlWord(cpu));
}

export function storeStatusWord(cpu: usize, record: usize, linear: u64): i32 {
	return storeWord(cpu, linear, statusWord(cpu));
}

export function readStatusWord(cpu: usize, record: usize): u32 {
	return statusWord(cpu);
}

/** FNCLEX. */
export function clearExceptions(cpu: usize, record: usize): i32 {
	setStatusWord(cpu, statusWord(cpu) & ~(FSW_B | FSW_ES | FSW_SF | EXCEPTIONS));
	store<u32>(cpu + IGNNE, 0);
	return STATUS_NEXT;
}

/** FNINIT: everything but what the registers hold. */
export function initializeX87(cpu: usize, record: usize): i32 {
	store<u16>(cpu + FCW, 0x37f);
	store<u16>(cpu + FSW, 0);
	store<u8>(cpu + FTW, 0);
	store<u16>(cpu + FOP, 0);
	store<u64>(cpu + FIP, 0);
	store<u64>(cpu + FDP, 0);
	store<u32>(cpu + IGNNE, 0);
	return STATUS_NEXT;
}

/** After RESET (SDM 3A, "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT"); INIT leaves the x87 alone. */
export function resetX87(cpu: usize): void {
	initializeX87(cpu, 0);
	store<u16>(cpu + FCW, 0x40);
	store<u8>(cpu + FTW, 0xff);
	memory.fill(cpu + X87_REGISTERS, 0, 8 * X87_REGISTER_SIZE);
}

/** FNENI, FNDISI and FNSETPM did something on the 8087 and the 287. */
export function formerControl(cpu: usize, record: usize): i32 {
	return STATUS_NEXT;
}
