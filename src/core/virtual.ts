// Virtual-8086 mode extensions and protected-mode virtual interrupts: below IOPL 3 the program's interrupt flag is VIF, and
// INT n may stay inside the 8086 program (SDM 3B, "Interrupt and Exception Handling in Virtual-8086 Mode",
// "Protected-Mode Virtual Interrupts").

import { faulted, GP, raiseWith } from "./fault";
import { IF, IOPL, iopl, NT, readFlags, RF, setSystemFlags, TF, VIF, VIP, VM, writeFlags } from "./flags";
import { ownTlb, readSize } from "./memory";
import { codeSegmentChanged, isProtected, isVirtual8086 } from "./mode";
import { setRealStyle } from "./segments";
import { beginStack, commitStack, pushNext } from "./stack";
import { CPL, CR4, CS, FLAGS_SYSTEM, RIP, SEG_BASE, SEG_LIMIT, SEG_SELECTOR, STATUS_FAULT, STATUS_JUMP, STATUS_LEAVE, TR } from "./state";
import { SYSTEM_TLB } from "./tlb";

const CR4_VME: u32 = 1;
const CR4_PVI: u32 = 2;

/** Virtual-8086 code below IOPL 3 whose IF is VIF. */
export function hasVirtualFlag(cpu: usize): bool {
	return isVirtual8086(cpu) && iopl(cpu) < 3 && (load<u32>(cpu + CR4) & CR4_VME) != 0;
}

/** CLI and STI where the privilege does not suffice: they are VIF's under VME and PVI, else #GP. */
export function interruptFlagOfVirtual(cpu: usize, on: bool): i32 {
	const isPvi = isProtected(cpu) && !isVirtual8086(cpu) && load<u32>(cpu + CPL) == 3 && (load<u32>(cpu + CR4) & CR4_PVI) != 0;
	const flags = load<u32>(cpu + FLAGS_SYSTEM);
	if (!(isPvi || hasVirtualFlag(cpu)) || (on && flags & VIP)) return raiseWith(cpu, GP, 0);
	store<u32>(cpu + FLAGS_SYSTEM, on ? flags | VIF : flags & ~VIF);
	return STATUS_LEAVE;
}

/** What the program sees as FLAGS: VIF at IF's place, IOPL 3. */
export function virtualFlags(cpu: usize): u32 {
	const flags = readFlags(cpu, 0);
	return (flags & ~IF) | IOPL | (flags & VIF ? IF : 0);
}

/** POPF and IRET of a word: IF goes to VIF; #GP where it would let a pending interrupt in, or with TF. */
export function writeVirtualFlags(cpu: usize, value: u32, allowed: u32): bool {
	const flags = load<u32>(cpu + FLAGS_SYSTEM);
	if (value & TF || (value & IF && flags & VIP)) {
		raiseWith(cpu, GP, 0);
		return false;
	}
	writeFlags(cpu, value, allowed & 0xffff & ~(IF | IOPL | RF));
	const now = load<u32>(cpu + FLAGS_SYSTEM);
	setSystemFlags(cpu, value & IF ? now | VIF : now & ~VIF);
	return true;
}

/** Whether the TSS's bit map sends INT n through the IDT. Raises where the map cannot be read. */
function isRedirected(cpu: usize, vector: u32): bool {
	const base = load<u64>(cpu + TR + SEG_BASE);
	const map = <u32>readSize(cpu, SYSTEM_TLB, base + 102, 2);
	if (faulted(cpu)) return true;
	const at = map - 32 + (vector >> 3);
	if (map < 32 || at > load<u32>(cpu + TR + SEG_LIMIT)) {
		raiseWith(cpu, GP, 0);
		return true;
	}
	const bits = <u32>readSize(cpu, SYSTEM_TLB, base + at, 1);
	return faulted(cpu) || ((bits >> (vector & 7)) & 1) != 0;
}

/** INT n in virtual-8086 mode under VME, if it stays inside the program; 0 where it goes through the IDT. */
export function interruptInside(cpu: usize, vector: u32, next: u64): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_VME)) return 0;
	if (isRedirected(cpu, vector)) return faulted(cpu) ? STATUS_FAULT : 0;
	const isVirtual = iopl(cpu) < 3;
	const entry = <u32>readSize(cpu, ownTlb(cpu), vector * 4, 4);
	if (faulted(cpu)) return STATUS_FAULT;
	const flags = isVirtual ? virtualFlags(cpu) : readFlags(cpu, 0);
	beginStack(cpu);
	if (!pushNext(cpu, flags & 0xffff, 2) || !pushNext(cpu, load<u32>(cpu + CS + SEG_SELECTOR), 2) || !pushNext(cpu, next & 0xffff, 2)) {
		return STATUS_FAULT;
	}
	commitStack(cpu);
	setSystemFlags(cpu, load<u32>(cpu + FLAGS_SYSTEM) & ~(TF | NT | RF | (isVirtual ? VIF : IF)) | VM);
	setRealStyle(cpu, cpu + CS, entry >> 16);
	codeSegmentChanged(cpu);
	store<u64>(cpu + RIP, entry & 0xffff);
	return STATUS_JUMP;
}
