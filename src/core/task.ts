// Hardware task switches: by JMP, CALL, IRET, interrupts and exceptions, directly to a TSS or through a task gate, for
// 32- and 16-bit TSSs (SDM 3A, "Task Management"). IA-32e mode has none.

import { clearFault, faulted, GP, NP, raiseWith, SS_FAULT, TS } from "./fault";
import { ARITHMETIC, NT, readFlags, setSystemFlags, SYSTEM, VM, writeArithmetic } from "./flags";
import { newGeneration } from "./blocks";
import { pointersAllowed } from "./system";
import { readSize, writable, writeSize } from "./memory";
import { ATTR_CE, ATTR_CODE, ATTR_P, ATTR_RW, ATTR_S, controlsChanged } from "./mode";
import {
	attributesOf, baseOf, descriptor, descriptorAt, dplOf, fetchDescriptor, limitOf, markAccessed, OUTSIDE, setNull, setRealStyle, setSegment, UNREADABLE,
} from "./segments";
import { localBreakpointsOff, taskTrap } from "./debug";
import {
	CPL, CR0, CR3, CR4, CS, DS, ES, FS, GDTR, GS, LDTR, NO_RECORD, RAX, RECORD, RIP, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, SEG_SELECTOR, SEGMENT_SIZE, SS, TR,
} from "./state";
import { flushAll, flushLocal, SYSTEM_TLB } from "./tlb";

/** What leads to a task: decides the busy bits, NT and the back link. */
export const BY_JUMP: u32 = 0;
export const BY_CALL: u32 = 1;
export const BY_INTERRUPT: u32 = 2;
export const BY_RETURN: u32 = 3;

const AVAILABLE_286: u32 = 1;
const AVAILABLE_386: u32 = 9;
const BUSY: u32 = 2;
const TYPE: u32 = 31;
const TASK_GATE: u32 = 5;

const CR0_TS: u64 = 8;
const CR0_PG: u32 = 0x80000000;
const CR4_PGE: u32 = 0x80;

/** The smallest limits (SDM 3A, "TSS Descriptor"). */
const LIMIT_286: u32 = 0x2b;
const LIMIT_386: u32 = 0x67;

// Offsets in a 32-bit TSS; a 16-bit one has words from IP_286 on in the same order, without FS and GS.
const LINK: u32 = 0;
const CR3_386: u32 = 0x1c;
const EIP_386: u32 = 0x20;
const SEGMENTS_386: u32 = 0x48;
const LDT_386: u32 = 0x60;
const TRAP_386: u32 = 0x64;
const IP_286: u32 = 0x0e;
const SEGMENTS_286: u32 = 0x22;
const LDT_286: u32 = 0x2a;

// The incoming task.
let selector: u32 = 0;
let raw: u64 = 0;
let rawAt: u64 = 0;
let base: u64 = 0;
let wide: bool = false;
let external: u32 = 0;

function fail(cpu: usize, vector: u32, error: u32): bool {
	raiseWith(cpu, vector, (error & ~3) + external);
	return false;
}

/** Whether a descriptor's type, less the busy bit, is a TSS's. */
export function isTss(attributes: u32): bool {
	const type = attributes & TYPE & ~BUSY;
	return type == AVAILABLE_286 || type == AVAILABLE_386;
}

export function isTaskGate(attributes: u32): bool {
	return (attributes & TYPE) == TASK_GATE;
}

/** The new task is there: what was raised is its own. */
let switched: bool = false;

/** Whether the exception that waits belongs to the new task; asked once. */
export function takeSwitched(): bool {
	const was = switched;
	switched = false;
	return was;
}

/** Bytes of a word on the new task's stack. */
export function taskWordSize(): u32 {
	return wide ? 4 : 2;
}

/** Through the selector of a task gate or a back link; the descriptor is read here. */
export function switchTo(cpu: usize, to: u32, by: u32, next: u64, ext: u32): bool {
	switched = false;
	external = ext;
	const wrong = by == BY_RETURN ? TS : GP;
	const found = to & 4 || !(to & ~3) ? OUTSIDE : fetchDescriptor(cpu, to);
	if (found == UNREADABLE) return false;
	return found == OUTSIDE ? fail(cpu, wrong, to) : switchToDescriptor(cpu, to, by, next, ext);
}

/**
 * Switches to the task of a TSS whose descriptor `fetchDescriptor` has left, its privilege checked already.
 * @param next RIP that the outgoing task goes on at
 * @param ext the EXT bit of error codes
 * @returns false with an exception raised: before the switch in the old task, afterwards (`takeSwitched`) in the new one
 */
export function switchToDescriptor(cpu: usize, to: u32, by: u32, next: u64, ext: u32): bool {
	switched = false;
	external = ext;
	selector = to;
	raw = descriptor;
	rawAt = descriptorAt;
	const attributes = attributesOf(raw);
	const isBusy = (attributes & BUSY) != 0;
	if (!isTss(attributes) || isBusy != (by == BY_RETURN)) return fail(cpu, by == BY_RETURN ? TS : GP, to);
	if (!(attributes & ATTR_P)) return fail(cpu, NP, to);
	wide = (attributes & 8) != 0;
	base = baseOf(raw);
	if (limitOf(raw) < (wide ? LIMIT_386 : LIMIT_286)) return fail(cpu, TS, to);
	if (!reachable(cpu, by)) return false;
	store<u32>(cpu + RECORD, NO_RECORD); // nothing takes it back from here on
	leaveTask(cpu, by, next);
	return enterTask(cpu, by);
}

/** Both TSSs must be in memory before anything changes. */
function reachable(cpu: usize, by: u32): bool {
	const old = load<u64>(cpu + TR + SEG_BASE);
	const oldWide = (load<u32>(cpu + TR + SEG_ATTRIBUTES) & 8) != 0;
	const limit: u32 = wide ? LIMIT_386 : LIMIT_286;
	return (
		writable(cpu, SYSTEM_TLB, old, 1) != 0 &&
		writable(cpu, SYSTEM_TLB, old + (oldWide ? LDT_386 : LDT_286), 1) != 0 &&
		readSize(cpu, SYSTEM_TLB, base + limit, 1) >= 0 && !faulted(cpu) &&
		(by == BY_JUMP || by == BY_RETURN ? readSize(cpu, SYSTEM_TLB, base, 1) >= 0 && !faulted(cpu) : writable(cpu, SYSTEM_TLB, base, 1) != 0)
	);
}

function setBusy(cpu: usize, at: u64, on: bool): void {
	const access = readSize(cpu, SYSTEM_TLB, at + 5, 1);
	writeSize(cpu, SYSTEM_TLB, at + 5, on ? access | BUSY : access & ~<u64>BUSY, 1);
}

function leaveTask(cpu: usize, by: u32, next: u64): void {
	const old = load<u32>(cpu + TR + SEG_SELECTOR);
	if (by == BY_JUMP || by == BY_RETURN) setBusy(cpu, load<u64>(cpu + GDTR) + (old & 0xfff8), false);
	let flags = readFlags(cpu, 0);
	if (by == BY_RETURN) flags &= ~NT;
	saveState(cpu, flags, next);
	if (by == BY_CALL || by == BY_INTERRUPT) writeSize(cpu, SYSTEM_TLB, base + LINK, old, 2);
	if (by != BY_RETURN) setBusy(cpu, rawAt, true);
}

function saveState(cpu: usize, flags: u32, next: u64): void {
	const at = load<u64>(cpu + TR + SEG_BASE);
	const isWide = (load<u32>(cpu + TR + SEG_ATTRIBUTES) & 8) != 0;
	const size: u32 = isWide ? 4 : 2;
	let to = at + (isWide ? EIP_386 : IP_286);
	writeSize(cpu, SYSTEM_TLB, to, next, size);
	writeSize(cpu, SYSTEM_TLB, to + size, flags, size);
	to += size * 2;
	for (let i: u32 = 0; i < 8; i++) writeSize(cpu, SYSTEM_TLB, to + i * size, load<u64>(cpu + RAX + i * 8), size);
	to = at + (isWide ? SEGMENTS_386 : SEGMENTS_286);
	const segments: u32 = isWide ? 6 : 4;
	for (let i: u32 = 0; i < segments; i++) {
		writeSize(cpu, SYSTEM_TLB, to + i * size, load<u32>(cpu + ES + i * SEGMENT_SIZE + SEG_SELECTOR), 2);
	}
}

// --- the new task -----------------------------------------------------------------------------------------------

/** From here on what fails belongs to the new task. */
function enterTask(cpu: usize, by: u32): bool {
	switched = true;
	setSegment(cpu, cpu + TR, selector, raw);
	store<u32>(cpu + TR + SEG_ATTRIBUTES, attributesOf(raw) | BUSY);
	store<u64>(cpu + CR0, load<u64>(cpu + CR0) | CR0_TS);
	localBreakpointsOff(cpu);
	const size: u32 = wide ? 4 : 2;
	if (wide && load<u32>(cpu + CR0) & CR0_PG && !loadCr3(cpu, readSize(cpu, SYSTEM_TLB, base + CR3_386, 4))) return false;
	let from = base + (wide ? EIP_386 : IP_286);
	store<u64>(cpu + RIP, readSize(cpu, SYSTEM_TLB, from, size));
	let flags = <u32>readSize(cpu, SYSTEM_TLB, from + size, size);
	if (by == BY_CALL || by == BY_INTERRUPT) flags |= NT;
	from += size * 2;
	for (let i: u32 = 0; i < 8; i++) store<u64>(cpu + RAX + i * 8, readSize(cpu, SYSTEM_TLB, from + i * size, size));
	writeArithmetic(cpu, flags & ARITHMETIC);
	setSystemFlags(cpu, flags & SYSTEM);
	const ok = loadSegments(cpu, (flags & VM) != 0);
	if (wide && readSize(cpu, SYSTEM_TLB, base + TRAP_386, 2) & 1) taskTrap(cpu);
	controlsChanged(cpu);
	return ok && !faulted(cpu);
}

function loadCr3(cpu: usize, value: u64): bool {
	if (value == load<u64>(cpu + CR3)) return true;
	if (!pointersAllowed(cpu, value)) return fail(cpu, GP, 0);
	store<u64>(cpu + CR3, value);
	if (load<u32>(cpu + CR4) & CR4_PGE) flushLocal();
	else flushAll();
	newGeneration(cpu);
	return true;
}

function selectorIn(cpu: usize, number: u32): u32 {
	if (!wide && number > 3) return 0; // a 16-bit TSS has no FS and GS
	const at = base + (wide ? SEGMENTS_386 + number * 4 : SEGMENTS_286 + number * 2);
	return <u32>readSize(cpu, SYSTEM_TLB, at, 2);
}

/**
 * All are loaded as they are, then checked: after a failure the state is the new task's all the same (SDM 3A,
 * "Interrupt 11 - Segment Not Present": "without performing any additional limit, present, or type checks").
 */
function loadSegments(cpu: usize, virtual: bool): bool {
	const code = selectorIn(cpu, 1);
	store<u32>(cpu + CPL, virtual ? 3 : code & 3);
	const ldt = <u32>readSize(cpu, SYSTEM_TLB, base + (wide ? LDT_386 : LDT_286), 2);
	loadUnchecked(cpu, cpu + LDTR, ldt & 4 ? 0 : ldt);
	for (let i: u32 = 0; i < 6; i++) {
		const segment = cpu + ES + i * SEGMENT_SIZE;
		if (virtual) setRealStyle(cpu, segment, selectorIn(cpu, i));
		else loadUnchecked(cpu, segment, selectorIn(cpu, i));
	}
	if (!loadTaskLdt(cpu, ldt)) return false;
	if (virtual) return true;
	return (
		loadTaskCode(cpu, code) && loadTaskStack(cpu, selectorIn(cpu, 2)) && loadTaskData(cpu, cpu + ES, selectorIn(cpu, 0)) &&
		loadTaskData(cpu, cpu + DS, selectorIn(cpu, 3)) && loadTaskData(cpu, cpu + FS, selectorIn(cpu, 4)) && loadTaskData(cpu, cpu + GS, selectorIn(cpu, 5))
	);
}

function loadUnchecked(cpu: usize, segment: usize, to: u32): void {
	if (to & ~3 && fetchDescriptor(cpu, to) > 0) setSegment(cpu, segment, to, descriptor);
	else setNull(segment, to);
	clearFault(cpu); // the check that follows raises it again
}

function loadTaskLdt(cpu: usize, to: u32): bool {
	setNull(cpu + LDTR, to);
	if (!(to & ~3)) return true;
	const found = to & 4 ? OUTSIDE : fetchDescriptor(cpu, to);
	if (found == UNREADABLE) return false;
	const attributes = attributesOf(descriptor);
	if (found == OUTSIDE || (attributes & TYPE) != 2 || !(attributes & ATTR_P)) return fail(cpu, TS, to);
	setSegment(cpu, cpu + LDTR, to, descriptor);
	return true;
}

/** Reads a segment's descriptor; #TS where there is none. */
function findForTask(cpu: usize, to: u32): bool {
	const found = to & ~3 ? fetchDescriptor(cpu, to) : OUTSIDE;
	return found == UNREADABLE ? false : found == OUTSIDE ? fail(cpu, TS, to) : true;
}

function commit(cpu: usize, segment: usize, to: u32): bool {
	markAccessed(cpu);
	if (faulted(cpu)) return false;
	setSegment(cpu, segment, to, descriptor);
	return true;
}

function loadTaskCode(cpu: usize, to: u32): bool {
	if (!findForTask(cpu, to)) return false;
	const attributes = attributesOf(descriptor);
	const dpl = dplOf(descriptor);
	const isCode = (attributes & (ATTR_S | ATTR_CODE)) == (ATTR_S | ATTR_CODE);
	if (!isCode || (attributes & ATTR_CE ? dpl > (to & 3) : dpl != (to & 3))) return fail(cpu, TS, to);
	if (!(attributes & ATTR_P)) return fail(cpu, NP, to);
	return commit(cpu, cpu + CS, to);
}

function loadTaskStack(cpu: usize, to: u32): bool {
	if (!findForTask(cpu, to)) return false;
	const attributes = attributesOf(descriptor);
	const cpl = load<u32>(cpu + CPL);
	const isWritable = (attributes & (ATTR_S | ATTR_CODE | ATTR_RW)) == (ATTR_S | ATTR_RW);
	if (!isWritable || dplOf(descriptor) != cpl || (to & 3) != cpl) return fail(cpu, TS, to);
	if (!(attributes & ATTR_P)) return fail(cpu, SS_FAULT, to);
	return commit(cpu, cpu + SS, to);
}

function loadTaskData(cpu: usize, segment: usize, to: u32): bool {
	if (!(to & ~3)) return true;
	if (!findForTask(cpu, to)) return false;
	const attributes = attributesOf(descriptor);
	const code = (attributes & ATTR_CODE) != 0;
	const readable = (attributes & ATTR_S) != 0 && (!code || (attributes & ATTR_RW) != 0);
	const conforming = code && (attributes & ATTR_CE) != 0;
	if (!readable || (!conforming && max(load<u32>(cpu + CPL), to & 3) > dplOf(descriptor))) return fail(cpu, TS, to);
	if (!(attributes & ATTR_P)) return fail(cpu, NP, to);
	return commit(cpu, segment, to);
}

/** The TSS's back link, for IRET with NT set. */
export function backLink(cpu: usize): u32 {
	return <u32>readSize(cpu, SYSTEM_TLB, load<u64>(cpu + TR + SEG_BASE) + LINK, 2);
}
