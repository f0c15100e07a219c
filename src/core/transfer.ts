// Far transfers: JMP, CALL, RET and IRET between segments and privileges, call gates, software
// interrupts. Tasks are in task.ts.

import { BP, BR, DB, faulted, GP, NP, OF, raise, raiseWith } from "./fault";
import { changeable, flag, iopl, NT, OF_FLAG, readFlags, RF, setSystemFlags, VIF, VIP, VM, writeFlags, ARITHMETIC } from "./flags";
import { watchesCode } from "./debug";
import { beginInnerStack, commitInnerStack, deliver, deliverFault, notExternal, readInnerStack, SOFTWARE, TRAP } from "./events";
import { isCanonical, isLong, ownTlb, readSize } from "./memory";
import {
	ATTR_CE, ATTR_CODE, ATTR_P, ATTR_S, codeSegmentChanged, is64, isProtected, isRealStyle, isVirtual8086,
} from "./mode";
import {
	attributesOf, descriptor, descriptorAt, dplOf, fetchDescriptor, limitOf, loadSegment, loadStackSegment, markAccessed, OUTSIDE,
	setNull, setRealStyle, setSegment, UNREADABLE,
} from "./segments";
import { beginStack, beginStackAt, commitStack, cursor, popNext, pushNext, setStackPointer, skip, stackMask } from "./stack";
import { backLink, BY_CALL, BY_JUMP, BY_RETURN, isTaskGate, isTss, switchTo, switchToDescriptor, takeSwitched } from "./task";
import { hasVirtualFlag, interruptInside, writeVirtualFlags } from "./virtual";
import {
	ATTENTION, ATTENTION_NMI_BLOCKED, CPL, CS, DS, ES, FS, GS, INFO_OPERAND_SHIFT, PAGE_BASE, REC_IMMEDIATE, REC_INFO, REC_LENGTH,
	REC_NEXT, REC_REG, RECORD, RIP, RSP, SEG_ATTRIBUTES, SEG_BASE, SEG_SELECTOR, SEGMENT_SIZE, SCRATCH_SELECTORS, SS,
	STATUS_FAULT, STATUS_JUMP, STATUS_NEXT, TR,
} from "./state";
import { SYSTEM_TLB } from "./tlb";

export function operandBytes(record: usize): u32 {
	return 1 << ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3);
}

/** RIP of the instruction after. */
export function nextRip(cpu: usize, record: usize): u64 {
	const next = load<u64>(cpu + PAGE_BASE) + load<u16>(record + REC_NEXT);
	return is64(cpu) ? next : next & 0xffffffff;
}

export function goTo(cpu: usize, rip: u64): i32 {
	store<u64>(cpu + RIP, rip);
	return STATUS_JUMP;
}

// --- loading CS ----------------------------------------------------------------------------------------------

/** The code segment a transfer goes to. */
let target: u64 = 0;
let targetSelector: u32 = 0;

/**
 * Reads a code descriptor for a JMP or CALL that keeps CPL; false with the exception raised. A system
 * descriptor (a gate) is left in `descriptor` for the caller when `gates` is set.
 */
function checkCode(cpu: usize, selector: u32, cpl: u32): bool {
	const attributes = attributesOf(descriptor);
	const isCode = (attributes & (ATTR_S | ATTR_CODE)) == (ATTR_S | ATTR_CODE);
	const dpl = dplOf(descriptor);
	const allowed = attributes & ATTR_CE ? dpl <= cpl : dpl == cpl && (selector & 3) <= cpl;
	const impossible = isLong(cpu) && (attributes & 0x6000) == 0x6000; // L and D together
	if (!isCode || !allowed || impossible) {
		raiseWith(cpu, GP, selector & ~3);
		return false;
	}
	if (!(attributes & ATTR_P)) {
		raiseWith(cpu, NP, selector & ~3);
		return false;
	}
	return true;
}

function find(cpu: usize, selector: u32): bool {
	if (!(selector & ~3)) {
		raiseWith(cpu, GP, 0);
		return false;
	}
	const found = fetchDescriptor(cpu, selector);
	if (found == OUTSIDE) raiseWith(cpu, GP, selector & ~3);
	return found != OUTSIDE && found != UNREADABLE;
}

function loadCode(cpu: usize, selector: u32, raw: u64, cpl: u32): void {
	setSegment(cpu, cpu + CS, (selector & ~3) | cpl, raw);
	if (isLong(cpu) && attributesOf(raw) & 0x2000) store<u64>(cpu + CS + SEG_BASE, 0);
	store<u32>(cpu + CPL, cpl);
	codeSegmentChanged(cpu);
}

/** Whether RIP may be `rip` in the segment of `raw`; raises #GP(0) where not. */
function checkRip(cpu: usize, raw: u64, rip: u64): bool {
	const long = isLong(cpu) && (attributesOf(raw) & 0x2000) != 0;
	if (long ? isCanonical(rip) : rip <= limitOf(raw)) return true;
	raiseWith(cpu, GP, 0);
	return false;
}

// --- JMP and CALL --------------------------------------------------------------------------------------------

export function jumpFarDirect(cpu: usize, record: usize): i32 {
	const pointer = load<u64>(record + REC_IMMEDIATE);
	return jump(cpu, record, <u32>(pointer >> 32) & 0xffff, pointer & 0xffffffff);
}

export function callFarDirect(cpu: usize, record: usize): i32 {
	const pointer = load<u64>(record + REC_IMMEDIATE);
	return call(cpu, record, <u32>(pointer >> 32) & 0xffff, pointer & 0xffffffff);
}

let farOffset: u64 = 0;
let farSelector: u32 = 0;

function readFarPointer(cpu: usize, record: usize, address: u64): bool {
	store<u32>(cpu + RECORD, <u32>record);
	const size = operandBytes(record);
	farOffset = readSize(cpu, ownTlb(cpu), address, size);
	if (!faulted(cpu)) farSelector = <u32>readSize(cpu, ownTlb(cpu), address + size, 2);
	return !faulted(cpu);
}

export function jumpFar(cpu: usize, record: usize, address: u64): i32 {
	return readFarPointer(cpu, record, address) ? jump(cpu, record, farSelector, farOffset) : STATUS_FAULT;
}

export function callFar(cpu: usize, record: usize, address: u64): i32 {
	return readFarPointer(cpu, record, address) ? call(cpu, record, farSelector, farOffset) : STATUS_FAULT;
}

/** LDS, LES, LSS, LFS, LGS. */
export function loadFarPointer(cpu: usize, record: usize, number: u32, address: u64): i32 {
	if (!readFarPointer(cpu, record, address) || !loadSegment(cpu, number, farSelector)) return STATUS_FAULT;
	const at = cpu + load<u16>(record + REC_REG);
	if (operandBytes(record) == 2) store<u16>(at, <u16>farOffset);
	else store<u64>(at, farOffset);
	return goTo(cpu, nextRip(cpu, record));
}

function jump(cpu: usize, record: usize, selector: u32, offset: u64): i32 {
	if (isRealStyle(cpu)) {
		setRealStyle(cpu, cpu + CS, selector);
		codeSegmentChanged(cpu);
		return goTo(cpu, offset);
	}
	if (!find(cpu, selector)) return STATUS_FAULT;
	if (!(attributesOf(descriptor) & ATTR_S)) return throughSystem(cpu, record, selector, false);
	const cpl = load<u32>(cpu + CPL);
	if (!checkCode(cpu, selector, cpl) || !checkRip(cpu, descriptor, offset)) return STATUS_FAULT;
	markAccessed(cpu);
	if (faulted(cpu)) return STATUS_FAULT;
	loadCode(cpu, selector, descriptor, cpl);
	return goTo(cpu, offset);
}

function call(cpu: usize, record: usize, selector: u32, offset: u64): i32 {
	const size = operandBytes(record);
	const from: u64 = load<u32>(cpu + CS + SEG_SELECTOR);
	const back = nextRip(cpu, record);
	store<u32>(cpu + RECORD, <u32>record);
	if (isRealStyle(cpu)) {
		beginStack(cpu);
		if (!pushNext(cpu, from, size) || !pushNext(cpu, back, size)) return STATUS_FAULT;
		commitStack(cpu);
		setRealStyle(cpu, cpu + CS, selector);
		codeSegmentChanged(cpu);
		return goTo(cpu, offset);
	}
	if (!find(cpu, selector)) return STATUS_FAULT;
	if (!(attributesOf(descriptor) & ATTR_S)) return throughSystem(cpu, record, selector, true);
	const cpl = load<u32>(cpu + CPL);
	if (!checkCode(cpu, selector, cpl)) return STATUS_FAULT;
	markAccessed(cpu);
	const raw = descriptor;
	if (faulted(cpu) || !checkRip(cpu, raw, offset)) return STATUS_FAULT;
	beginStack(cpu);
	if (!pushNext(cpu, from, size) || !pushNext(cpu, back, size)) return STATUS_FAULT;
	commitStack(cpu);
	loadCode(cpu, selector, raw, cpl);
	return goTo(cpu, offset);
}

// --- call gates (SDM 3A, "Call Gates") ------------------------------------------------------------------------

const GATE_286: u32 = 4;
const GATE_386: u32 = 12;

let gate: u64 = 0;
let gateOffset: u64 = 0;

function readCallGate(cpu: usize, selector: u32): bool {
	gate = descriptor;
	const type = attributesOf(gate) & 15;
	const long = isLong(cpu);
	const valid = type == GATE_386 || (!long && type == GATE_286);
	const cpl = load<u32>(cpu + CPL);
	if (!valid || dplOf(gate) < cpl || dplOf(gate) < (selector & 3)) {
		raiseWith(cpu, GP, selector & ~3);
		return false;
	}
	if (!(attributesOf(gate) & ATTR_P)) {
		raiseWith(cpu, NP, selector & ~3);
		return false;
	}
	gateOffset = (gate & 0xffff) | (type == GATE_386 ? (gate >> 32) & 0xffff0000 : 0);
	if (long) {
		const upper = readSize(cpu, SYSTEM_TLB, descriptorAt + 8, 8);
		if (faulted(cpu)) return false;
		if (upper & 0x00001f0000000000) {
			raiseWith(cpu, GP, selector & ~3); // the upper half must not look like a descriptor
			return false;
		}
		gateOffset |= upper << 32;
	}
	return find(cpu, <u32>(gate >> 16) & 0xffff);
}

/** A call gate, or outside IA-32e mode a task: a TSS or a gate to one. */
function throughSystem(cpu: usize, record: usize, selector: u32, isCall: bool): i32 {
	const attributes = attributesOf(descriptor);
	const isGate = isTaskGate(attributes);
	if (isLong(cpu) || !(isGate || isTss(attributes))) return throughGate(cpu, record, selector, isCall);
	const dpl = dplOf(descriptor);
	if (dpl < load<u32>(cpu + CPL) || dpl < (selector & 3) || (!isGate && selector & 4)) return raiseWith(cpu, GP, selector & ~3);
	if (isGate && !(attributes & ATTR_P)) return raiseWith(cpu, NP, selector & ~3);
	const by = isCall ? BY_CALL : BY_JUMP;
	const next = nextRip(cpu, record);
	const done = isGate ? switchTo(cpu, <u32>(descriptor >> 16) & 0xffff, by, next, 0) : switchToDescriptor(cpu, selector, by, next, 0);
	return afterSwitch(cpu, done);
}

/** What the new task's own state raised is delivered there. */
function afterSwitch(cpu: usize, done: bool): i32 {
	const inNewTask = takeSwitched();
	if (!done && !inNewTask) return STATUS_FAULT;
	if (!done) deliverFault(cpu, load<u64>(cpu + RIP));
	return STATUS_JUMP;
}

function throughGate(cpu: usize, record: usize, selector: u32, isCall: bool): i32 {
	if (!readCallGate(cpu, selector)) return STATUS_FAULT;
	const code = <u32>(gate >> 16) & 0xffff;
	const cpl = load<u32>(cpu + CPL);
	const attributes = attributesOf(descriptor);
	const dpl = dplOf(descriptor);
	const isCode = (attributes & (ATTR_S | ATTR_CODE)) == (ATTR_S | ATTR_CODE);
	const conforming = (attributes & ATTR_CE) != 0;
	const wrongMode = isLong(cpu) && (attributes & 0x6000) != 0x2000;
	if (!isCode || wrongMode || dpl > cpl || (!isCall && !conforming && dpl != cpl)) return raiseWith(cpu, GP, code & ~3);
	if (!(attributes & ATTR_P)) return raiseWith(cpu, NP, code & ~3);
	markAccessed(cpu);
	const raw = descriptor;
	if (faulted(cpu) || !checkRip(cpu, raw, gateOffset)) return STATUS_FAULT;
	if (isCall && !conforming && dpl < cpl) return callInner(cpu, record, code, raw, dpl);
	if (isCall) {
		const size = gateBytes(cpu);
		beginStack(cpu);
		if (!pushNext(cpu, load<u32>(cpu + CS + SEG_SELECTOR), size) || !pushNext(cpu, nextRip(cpu, record), size)) return STATUS_FAULT;
		commitStack(cpu);
	}
	loadCode(cpu, code, raw, cpl);
	return goTo(cpu, gateOffset);
}

function gateBytes(cpu: usize): u32 {
	if (isLong(cpu)) return 8;
	return (attributesOf(gate) & 15) == GATE_386 ? 4 : 2;
}

/** A call to more privileged code: a new stack, the old one's address and the parameters on it. */
function callInner(cpu: usize, record: usize, selector: u32, raw: u64, cpl: u32): i32 {
	const size = gateBytes(cpu);
	const oldSs: u64 = load<u32>(cpu + SS + SEG_SELECTOR);
	const oldRsp = load<u64>(cpu + RSP);
	const from: u64 = load<u32>(cpu + CS + SEG_SELECTOR);
	const back = nextRip(cpu, record);
	if (isLong(cpu)) {
		const rsp = readSize(cpu, SYSTEM_TLB, load<u64>(cpu + TR + SEG_BASE) + 4 + cpl * 8, 8);
		if (faulted(cpu)) return STATUS_FAULT;
		beginStackAt(cpu, cpu + SS, rsp, 0xffffffffffffffff, SYSTEM_TLB);
		if (!pushNext(cpu, oldSs, 8) || !pushNext(cpu, oldRsp, 8) || !pushNext(cpu, from, 8) || !pushNext(cpu, back, 8)) return STATUS_FAULT;
		setNull(cpu + SS, cpl);
		store<u64>(cpu + RSP, cursor());
	} else {
		notExternal();
		if (!readInnerStack(cpu, cpl)) return STATUS_FAULT;
		beginInnerStack(cpu, SYSTEM_TLB);
		if (!pushNext(cpu, oldSs, size) || !pushNext(cpu, oldRsp, size) || !copyParameters(cpu, oldRsp, size)) return STATUS_FAULT;
		if (!pushNext(cpu, from, size) || !pushNext(cpu, back, size)) return STATUS_FAULT;
		commitInnerStack(cpu);
	}
	loadCode(cpu, selector, raw, cpl);
	return goTo(cpu, gateOffset);
}

function copyParameters(cpu: usize, oldRsp: u64, size: u32): bool {
	const count = <u32>(gate >> 32) & 31;
	const bits = stackMask(cpu);
	const base = load<u64>(cpu + SS + SEG_BASE);
	for (let i = <i32>count - 1; i >= 0; i--) {
		const value = readSize(cpu, ownTlb(cpu), (base + ((oldRsp + i * size) & bits)) & 0xffffffff, size);
		if (faulted(cpu) || !pushNext(cpu, value, size)) return false;
	}
	return true;
}

// --- RETF and IRET ---------------------------------------------------------------------------------------------

/** After a return to an outer ring: segments that the ring may not see become null. */
function dropPrivilegedSegments(cpu: usize, cpl: u32): void {
	for (let at: usize = ES; at <= GS; at += SEGMENT_SIZE) {
		if (at == CS || at == SS) continue;
		const attributes = load<u32>(cpu + at + SEG_ATTRIBUTES);
		const conforming = (attributes & (ATTR_CODE | ATTR_CE)) == (ATTR_CODE | ATTR_CE);
		if (!conforming && attributes & ATTR_S && ((attributes >> 5) & 3) < cpl) setNull(cpu + at, 0);
	}
}

/** Checks the code segment of a return; its descriptor is left in `target`. */
function checkReturnCode(cpu: usize, selector: u32, rip: u64): bool {
	if (!find(cpu, selector)) return false;
	const attributes = attributesOf(descriptor);
	const rpl = selector & 3;
	const isCode = (attributes & (ATTR_S | ATTR_CODE)) == (ATTR_S | ATTR_CODE);
	const allowed = attributes & ATTR_CE ? dplOf(descriptor) <= rpl : dplOf(descriptor) == rpl;
	const impossible = isLong(cpu) && (attributes & 0x6000) == 0x6000; // L and D together
	if (!isCode || !allowed || impossible || rpl < load<u32>(cpu + CPL)) {
		raiseWith(cpu, GP, selector & ~3);
		return false;
	}
	if (!(attributes & ATTR_P)) {
		raiseWith(cpu, NP, selector & ~3);
		return false;
	}
	markAccessed(cpu);
	target = descriptor;
	targetSelector = selector;
	return !faulted(cpu) && checkRip(cpu, target, rip);
}

/** SS:RSP of the outer ring were popped: loads CS, SS, RSP. */
function returnOuter(cpu: usize, rip: u64, ss: u32, rsp: u64): bool {
	const cpl = targetSelector & 3;
	const long = isLong(cpu) && (attributesOf(target) & 0x2000) != 0;
	if (!(ss & ~3) && long && cpl != 3 && (ss & 3) == cpl) setNull(cpu + SS, ss);
	else if (!loadStackSegment(cpu, ss, cpl, GP)) return false;
	if (cpl != load<u32>(cpu + CPL)) dropPrivilegedSegments(cpu, cpl);
	loadCode(cpu, targetSelector, target, cpl);
	if (long) store<u64>(cpu + RSP, rsp);
	else setStackPointer(cpu, rsp);
	store<u64>(cpu + RIP, rip);
	return true;
}

export function returnFar(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	const release = load<u64>(record + REC_IMMEDIATE) & 0xffff;
	store<u32>(cpu + RECORD, <u32>record);
	beginStack(cpu);
	const rip = popNext(cpu, size);
	const selector = faulted(cpu) ? 0 : <u32>popNext(cpu, size) & 0xffff;
	if (faulted(cpu)) return STATUS_FAULT;
	if (isRealStyle(cpu)) {
		skip(release);
		commitStack(cpu);
		setRealStyle(cpu, cpu + CS, selector);
		codeSegmentChanged(cpu);
		return goTo(cpu, rip);
	}
	if (!checkReturnCode(cpu, selector, rip)) return STATUS_FAULT;
	skip(release);
	if ((selector & 3) == load<u32>(cpu + CPL)) {
		commitStack(cpu);
		loadCode(cpu, selector, target, selector & 3);
		return goTo(cpu, rip);
	}
	const rsp = popNext(cpu, size);
	const ss = faulted(cpu) ? 0 : <u32>popNext(cpu, size) & 0xffff;
	if (faulted(cpu) || !returnOuter(cpu, rip, ss, rsp)) return STATUS_FAULT;
	setStackPointer(cpu, load<u64>(cpu + RSP) + release);
	return STATUS_JUMP;
}

export function interruptReturn(cpu: usize, record: usize): i32 {
	const size = operandBytes(record);
	store<u32>(cpu + RECORD, <u32>record);
	const virtual = hasVirtualFlag(cpu);
	if (isVirtual8086(cpu) && iopl(cpu) < 3 && !(virtual && size == 2)) return raiseWith(cpu, GP, 0);
	if (isProtected(cpu) && !isVirtual8086(cpu) && flag(cpu, NT)) return returnToTask(cpu, record);
	beginStack(cpu);
	const rip = popNext(cpu, size);
	const selector = faulted(cpu) ? 0 : <u32>popNext(cpu, size) & 0xffff;
	const flags = faulted(cpu) ? 0 : <u32>popNext(cpu, size);
	if (faulted(cpu)) return STATUS_FAULT;
	// RF matters where an instruction breakpoint may be met, and nowhere else.
	let allowed = changeable(cpu) | RF;
	if (!isRealStyle(cpu) && load<u32>(cpu + CPL) == 0) allowed |= VIF | VIP;
	if (size == 2) allowed &= 0xffff;
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) & ~ATTENTION_NMI_BLOCKED);
	if (isRealStyle(cpu)) {
		if (virtual && !writeVirtualFlags(cpu, flags, allowed)) return STATUS_FAULT;
		commitStack(cpu);
		setRealStyle(cpu, cpu + CS, selector);
		codeSegmentChanged(cpu);
		if (!virtual) writeFlags(cpu, watchesCode ? flags : flags & ~RF, allowed);
		return goTo(cpu, rip);
	}
	if (size == 4 && flags & VM && load<u32>(cpu + CPL) == 0 && !isLong(cpu)) return returnToVirtual8086(cpu, rip, selector, flags);
	if (!checkReturnCode(cpu, selector, rip)) return STATUS_FAULT;
	const outer = (selector & 3) != load<u32>(cpu + CPL);
	if (!outer && !is64(cpu)) {
		commitStack(cpu);
		loadCode(cpu, selector, target, selector & 3);
		store<u64>(cpu + RIP, rip);
	} else {
		const rsp = popNext(cpu, size);
		const ss = faulted(cpu) ? 0 : <u32>popNext(cpu, size) & 0xffff;
		if (faulted(cpu) || !returnOuter(cpu, rip, ss, rsp)) return STATUS_FAULT;
	}
	writeFlags(cpu, watchesCode ? flags : flags & ~RF, allowed);
	return STATUS_JUMP;
}

/** IRET with NT set goes back along the TSS's link; IA-32e mode has no tasks. */
function returnToTask(cpu: usize, record: usize): i32 {
	if (isLong(cpu)) return raiseWith(cpu, GP, 0);
	const link = backLink(cpu);
	if (faulted(cpu)) return STATUS_FAULT;
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) & ~ATTENTION_NMI_BLOCKED);
	return afterSwitch(cpu, switchTo(cpu, link, BY_RETURN, nextRip(cpu, record), 0));
}

function returnToVirtual8086(cpu: usize, rip: u64, selector: u32, flags: u32): i32 {
	const rsp = popNext(cpu, 4);
	const selectors: usize = SCRATCH_SELECTORS;
	// SS, ES, DS, FS, GS in the order of the frame.
	for (let i = 0; i < 5; i++) {
		store<u32>(selectors + i * 4, <u32>popNext(cpu, 4) & 0xffff);
		if (faulted(cpu)) return STATUS_FAULT;
	}
	setSystemFlags(cpu, flags & ~RF);
	writeFlags(cpu, flags, ARITHMETIC);
	store<u32>(cpu + CPL, 3);
	setRealStyle(cpu, cpu + CS, selector);
	setRealStyle(cpu, cpu + SS, load<u32>(selectors));
	setRealStyle(cpu, cpu + ES, load<u32>(selectors + 4));
	setRealStyle(cpu, cpu + DS, load<u32>(selectors + 8));
	setRealStyle(cpu, cpu + FS, load<u32>(selectors + 12));
	setRealStyle(cpu, cpu + GS, load<u32>(selectors + 16));
	store<u64>(cpu + RSP, rsp);
	codeSegmentChanged(cpu);
	return goTo(cpu, rip & 0xffff);
}

// --- software interrupts -----------------------------------------------------------------------------------------

function interrupt(cpu: usize, record: usize, vector: u32, source: u32): i32 {
	const next = nextRip(cpu, record);
	deliver(cpu, vector, false, 0, source, next, next - load<u8>(record + REC_LENGTH));
	return STATUS_JUMP;
}

export function softwareInterrupt(cpu: usize, record: usize): i32 {
	const vector: u32 = load<u8>(record + REC_IMMEDIATE);
	if (isVirtual8086(cpu)) {
		store<u32>(cpu + RECORD, <u32>record);
		const inside = interruptInside(cpu, vector, nextRip(cpu, record));
		if (inside) return inside;
		if (iopl(cpu) < 3) return raiseWith(cpu, GP, 0);
	}
	return interrupt(cpu, record, vector, SOFTWARE);
}

export function breakpoint(cpu: usize, record: usize): i32 {
	return interrupt(cpu, record, BP, SOFTWARE);
}

export function overflowTrap(cpu: usize, record: usize): i32 {
	return readFlags(cpu, 0) & OF_FLAG ? interrupt(cpu, record, OF, SOFTWARE) : goTo(cpu, nextRip(cpu, record));
}

export function debugTrap(cpu: usize, record: usize): i32 {
	return interrupt(cpu, record, DB, TRAP);
}

export function checkBounds(cpu: usize, record: usize, address: u64): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	const size = operandBytes(record);
	const low = readSize(cpu, ownTlb(cpu), address, size);
	const top = faulted(cpu) ? 0 : readSize(cpu, ownTlb(cpu), address + size, size);
	if (faulted(cpu)) return STATUS_FAULT;
	const at = cpu + load<u16>(record + REC_REG);
	const index: i32 = size == 2 ? load<i16>(at) : load<i32>(at);
	const inside = size == 2 ? index >= <i16>low && index <= <i16>top : index >= <i32>low && index <= <i32>top;
	return inside ? STATUS_NEXT : raise(cpu, BR);
}
