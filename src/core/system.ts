// Control and debug registers, HLT, and what else changes the processor as a whole.

import { busNow } from "./bus";
import { dropAll, newGeneration } from "./blocks";
import { debugChanged, detects } from "./debug";
import { faulted, GP, NM, raise, raiseWith, UD } from "./fault";
import { AC, flag, IF, iopl, setSystemFlags } from "./flags";
import { readPhysical } from "./memory";
import { ATTR_L, is64, isProtected, controlsChanged } from "./mode";
import { interruptFlagOfVirtual } from "./virtual";
import {
	ATTENTION, ATTENTION_HALTED, ATTENTION_SHADOW, BOUNCE, CPL, CR0, CR2, CR3, CR4, CR8, CS, DR, EFER, FLAGS_SYSTEM, GS, KERNEL_GS_BASE, MODEL_CR4, RAX, RCX, RDX,
	REC_IMMEDIATE, RECORD, SEG_ATTRIBUTES, SEG_BASE, STATUS_FAULT, STATUS_LEAVE, STATUS_NEXT, TR, TSC_AUX, TSC_OFFSET, LARGE_PAGES,
} from "./state";
import { flushAll, flushLocal, flushPage } from "./tlb";

export const CR0_PE: u32 = 1;
const CR0_EM: u32 = 4;
const CR0_TS: u32 = 8;
const CR0_ET: u32 = 0x10;
const CR0_NW: u32 = 0x20000000;
const CR0_CD: u32 = 0x40000000;
const CR0_PG: u32 = 0x80000000;
/** PE MP EM TS ET NE WP AM NW CD PG */
const CR0_DEFINED: u32 = 0xe005003f;
const CR4_TSD: u32 = 4;
const CR4_DE: u32 = 8;
const CR4_PAE: u32 = 0x20;
const CR4_UMIP: u32 = 0x800;
const CR4_LA57: u32 = 0x1000;
const CR4_PCIDE: u32 = 0x20000;
const CR4_TLB: u32 = 0x007210b0; // bits whose change makes translations stale
const EFER_LME: u32 = 0x100;
const EFER_LMA: u32 = 0x400;

function general(cpu: usize): i32 {
	return raiseWith(cpu, GP, 0);
}

// --- control registers ------------------------------------------------------------------------------------

/** CR1, CR5..7 and CR9..15 do not exist at any privilege. */
function controlForbidden(cpu: usize, number: u32): bool {
	if (number == 1 || number > 8 || (number > 4 && number < 8)) raise(cpu, UD);
	else if (load<u32>(cpu + CPL)) general(cpu);
	return faulted(cpu);
}

export function readControl(cpu: usize, record: usize, number: u32): u64 {
	if (controlForbidden(cpu, number)) return 0;
	if (number == 0) return load<u64>(cpu + CR0);
	if (number == 2) return load<u64>(cpu + CR2);
	if (number == 3) return load<u64>(cpu + CR3);
	if (number == 4) return load<u64>(cpu + CR4);
	return load<u64>(cpu + CR8);
}

export function writeControl(cpu: usize, record: usize, number: u32, value: u64): i32 {
	if (controlForbidden(cpu, number)) return STATUS_FAULT;
	if (number == 0) return writeCr0(cpu, value);
	if (number == 2) {
		store<u64>(cpu + CR2, value);
		return STATUS_LEAVE;
	}
	if (number == 3) return writeCr3(cpu, value);
	if (number == 4) return writeCr4(cpu, value);
	if (value > 15) return general(cpu);
	store<u64>(cpu + CR8, value);
	return STATUS_LEAVE;
}

/** Every translation is stale. */
function translationChanged(cpu: usize): void {
	flushAll();
	store<u32>(cpu + LARGE_PAGES, 0);
	newGeneration(cpu);
	controlsChanged(cpu);
}

function writeCr0(cpu: usize, value: u64): i32 {
	const paging = (value & CR0_PG) != 0;
	const inconsistent = (paging && !(value & CR0_PE)) || (value & CR0_NW && !(value & CR0_CD));
	if (value >> 32 || inconsistent || (!paging && load<u32>(cpu + CR4) & CR4_PCIDE)) return general(cpu);
	const before = load<u32>(cpu + CR0);
	const efer = load<u32>(cpu + EFER);
	if (paging && !(before & CR0_PG) && efer & EFER_LME) {
		// Entering IA-32e mode (SDM 3A, "Initializing IA-32e Mode").
		const tss286 = (load<u32>(cpu + TR + SEG_ATTRIBUTES) & 8) == 0 && (load<u32>(cpu + TR + SEG_ATTRIBUTES) & 0x80) != 0;
		if (!(load<u32>(cpu + CR4) & CR4_PAE) || load<u32>(cpu + CS + SEG_ATTRIBUTES) & ATTR_L || tss286) return general(cpu);
		store<u32>(cpu + EFER, efer | EFER_LMA);
	} else if (!paging && before & CR0_PG && efer & EFER_LMA) {
		if (is64(cpu)) return general(cpu);
		store<u32>(cpu + EFER, efer & ~EFER_LMA);
	}
	store<u64>(cpu + CR0, (<u32>value & CR0_DEFINED) | CR0_ET);
	translationChanged(cpu);
	return STATUS_LEAVE;
}

const PDPTE_RESERVED: u64 = 0xffffff00000001e6;

/** With PAE paging, MOV to CR3 loads the four PDPTEs: none that is present may have reserved bits. */
export function pointersAllowed(cpu: usize, cr3: u64): bool {
	const pae = load<u32>(cpu + CR4) & CR4_PAE && load<u32>(cpu + CR0) & CR0_PG && !(load<u32>(cpu + EFER) & EFER_LMA);
	if (!pae) return true;
	for (let i: u32 = 0; i < 4; i++) {
		readPhysical(BOUNCE, (<u32>cr3 & 0xffffffe0) + i * 8, 8);
		const entry = load<u64>(BOUNCE);
		if (entry & 1 && entry & PDPTE_RESERVED) return false;
	}
	return true;
}

function writeCr3(cpu: usize, value: u64): i32 {
	// Bit 63 with PCIDs: what is cached of the new one may stay. It need not, and here nothing is cached by PCID.
	if (load<u32>(cpu + CR4) & CR4_PCIDE) value &= 0x7fffffffffffffff;
	if (load<u32>(cpu + EFER) & EFER_LMA && value >> 40) return general(cpu);
	if (!pointersAllowed(cpu, value)) return general(cpu);
	store<u64>(cpu + CR3, value);
	if (load<u32>(cpu + CR4) & 0x80) flushLocal();
	else flushAll();
	newGeneration(cpu);
	return STATUS_LEAVE;
}

function writeCr4(cpu: usize, value: u64): i32 {
	if (value & ~load<u64>(MODEL_CR4)) return general(cpu);
	const before = load<u32>(cpu + CR4);
	const long = (load<u32>(cpu + EFER) & EFER_LMA) != 0;
	if (long && (!(value & CR4_PAE) || (before ^ <u32>value) & CR4_LA57)) return general(cpu);
	const newPcids = (value & CR4_PCIDE) != 0 && !(before & CR4_PCIDE);
	if (newPcids && (!long || load<u32>(cpu + CR3) & 0xfff)) return general(cpu);
	store<u64>(cpu + CR4, value);
	if ((before ^ <u32>value) & CR4_DE) debugChanged(cpu);
	if ((before ^ <u32>value) & CR4_TLB) translationChanged(cpu);
	else controlsChanged(cpu);
	return STATUS_LEAVE;
}

/** UMIP: SGDT, SIDT, SLDT, STR and SMSW are privileged. True with #GP raised. */
export function isHidden(cpu: usize): bool {
	if (!(load<u32>(cpu + CR4) & CR4_UMIP) || !load<u32>(cpu + CPL)) return false;
	general(cpu);
	return true;
}

export function machineStatus(cpu: usize, record: usize): u64 {
	isHidden(cpu);
	return load<u64>(cpu + CR0);
}

/** LMSW: PE MP EM TS; PE cannot be cleared by it. */
export function loadMachineStatus(cpu: usize, record: usize, value: u32): i32 {
	const before = load<u64>(cpu + CR0);
	return writeCr0(cpu, (before & ~<u64>14) | (value & 15) | (before & 1));
}

export function clearTaskSwitched(cpu: usize, record: usize): i32 {
	store<u64>(cpu + CR0, load<u64>(cpu + CR0) & ~<u64>CR0_TS);
	controlsChanged(cpu);
	return STATUS_LEAVE;
}

export function invalidatePage(cpu: usize, record: usize, linear: u64): i32 {
	flushPage(cpu, linear);
	newGeneration(cpu);
	return STATUS_LEAVE;
}

/** CR0.PG off, everything stale: for loaders that set state from outside. */
export function stateReplaced(cpu: usize): void {
	dropAll(cpu);
	translationChanged(cpu);
	debugChanged(cpu);
}

// --- debug registers --------------------------------------------------------

function debugNumber(cpu: usize, number: u32): i32 {
	if (number > 7 || ((number == 4 || number == 5) && load<u32>(cpu + CR4) & 8)) return -1;
	return number == 4 || number == 5 ? number + 2 : number;
}

export function readDebug(cpu: usize, record: usize, number: u32): u64 {
	const which = debugNumber(cpu, number);
	if (which < 0) {
		raise(cpu, UD);
		return 0;
	}
	if (detects(cpu)) return 0;
	return load<u64>(cpu + DR + which * 8);
}

export function writeDebug(cpu: usize, record: usize, number: u32, value: u64): i32 {
	const which = debugNumber(cpu, number);
	if (which < 0) return raise(cpu, UD);
	if (detects(cpu)) return STATUS_FAULT;
	if (which >= 6) {
		if (value >> 32) return general(cpu);
		value = which == 6 ? (value & 0xe00f) | 0xffff0ff0 : (value & 0xffff2fff) | 0x400;
	}
	store<u64>(cpu + DR + which * 8, value);
	debugChanged(cpu);
	return STATUS_LEAVE;
}

// --- interrupts and halting ----------------------------------------------------------------------------------

export function clearInterruptFlag(cpu: usize, record: usize): i32 {
	if (isProtected(cpu) && load<u32>(cpu + CPL) > iopl(cpu)) return interruptFlagOfVirtual(cpu, false);
	store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) & ~IF);
	return STATUS_NEXT;
}

export function setInterruptFlag(cpu: usize, record: usize): i32 {
	if (isProtected(cpu) && load<u32>(cpu + CPL) > iopl(cpu)) return interruptFlagOfVirtual(cpu, true);
	if (!flag(cpu, IF)) store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_SHADOW);
	store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) | IF);
	return STATUS_LEAVE;
}

export function halt(cpu: usize, record: usize): i32 {
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_HALTED);
	return STATUS_LEAVE;
}

export function clearAccess(cpu: usize, record: usize): i32 {
	if (!isProtected(cpu)) return raise(cpu, UD);
	setSystemFlags(cpu, load<u32>(cpu + FLAGS_SYSTEM) & ~AC);
	return STATUS_LEAVE;
}

export function setAccess(cpu: usize, record: usize): i32 {
	if (!isProtected(cpu)) return raise(cpu, UD);
	setSystemFlags(cpu, load<u32>(cpu + FLAGS_SYSTEM) | AC);
	return STATUS_LEAVE;
}

export function swapGs(cpu: usize, record: usize): i32 {
	const base = load<u64>(cpu + GS + SEG_BASE);
	store<u64>(cpu + GS + SEG_BASE, load<u64>(cpu + KERNEL_GS_BASE));
	store<u64>(cpu + KERNEL_GS_BASE, base);
	return STATUS_NEXT;
}

// --- time, and what the model does not have --------------------------------------------------------------------

export function timestamp(cpu: usize): u64 {
	return <u64>busNow() + load<u64>(cpu + TSC_OFFSET);
}

function setEdxEax(cpu: usize, value: u64): void {
	store<u64>(cpu + RAX, value & 0xffffffff);
	store<u64>(cpu + RDX, value >> 32);
}

export function readTimestamp(cpu: usize, record: usize): i32 {
	if (load<u32>(cpu + CR4) & CR4_TSD && load<u32>(cpu + CPL)) return general(cpu);
	store<u32>(cpu + RECORD, <u32>record);
	setEdxEax(cpu, timestamp(cpu));
	return STATUS_NEXT;
}

export function readTimestampAndProcessor(cpu: usize, record: usize): i32 {
	const status = readTimestamp(cpu, record);
	if (status == STATUS_NEXT) store<u64>(cpu + RCX, load<u32>(cpu + TSC_AUX));
	return status;
}

export function processorNumber(cpu: usize, record: usize): u64 {
	return load<u32>(cpu + TSC_AUX);
}

/** No counter exists: every index is invalid. */
export function readPerformance(cpu: usize, record: usize): i32 {
	return general(cpu);
}

/** What does not decode: #UD, or #GP where it is longer than 15 bytes. */
export function undefinedOpcode(cpu: usize, record: usize): i32 {
	return load<u64>(record + REC_IMMEDIATE) ? general(cpu) : raise(cpu, UD);
}
