// Debug registers: breakpoints on instructions, data and ports, general detect, and the traps that wait for the end of
// an instruction (SDM 3B, "Debug, Branch Profile, TSC ...").
//
// What is not armed costs nothing. A watched page has no TLB tag, so that every access to it comes to the slow path
// (memory.ts); there the instruction is taken back and executed again alone, which makes its trap exact. Of a page with an
// instruction breakpoint no block is kept: it runs instruction by instruction, and no region is made meanwhile.

import { dropAll } from "./blocks";
import { DB, raise } from "./fault";
import { flag, RF } from "./flags";
import { ATTENTION, ATTENTION_STEP, CR4, DEBUG_PENDING, DR } from "./state";
import { flushAll } from "./tlb";

const DR6: usize = 48;
const DR7: usize = 56;
export const DR6_BD: u32 = 0x2000;
export const DR6_BS: u32 = 0x4000;
const DR6_BT: u32 = 0x8000;
const DR7_GD: u32 = 0x2000;
/** L0..L3 and LE, which a task switch clears. */
const DR7_LOCAL: u64 = 0x155;
const CR4_DE: u32 = 8;

// What a breakpoint stops at (R/W of DR7).
const ON_EXECUTE: u32 = 0;
const ON_WRITE: u32 = 1;
const ON_PORT: u32 = 2;

/** Breakpoints enabled, by kind. */
export let watchesCode: bool = false;
export let watchesData: bool = false;
let watchesPorts: bool = false;

/** An instruction runs alone: what it meets is noted, not taken back. */
let alone: bool = false;

export function setAlone(on: bool): void {
	alone = on;
}

export function isAlone(): bool {
	return alone;
}

function control(cpu: usize): u32 {
	return load<u32>(cpu + DR + DR7);
}

function isEnabled(cpu: usize, i: u32): bool {
	return ((control(cpu) >> (i * 2)) & 3) != 0;
}

function kindOf(cpu: usize, i: u32): u32 {
	return (control(cpu) >> (16 + i * 4)) & 3;
}

/** 1, 2, 8 or 4 bytes. */
function lengthOf(cpu: usize, i: u32): u32 {
	const code = (control(cpu) >> (18 + i * 4)) & 3;
	return code == 2 ? 8 : code + 1;
}

function addressOf(cpu: usize, i: u32): u64 {
	return load<u64>(cpu + DR + i * 8) & ~<u64>(lengthOf(cpu, i) - 1);
}

/** After any change of a debug register. */
export function debugChanged(cpu: usize): void {
	const before = watchesCode;
	let code = false;
	let data = false;
	watchesPorts = false;
	for (let i: u32 = 0; i < 4; i++) {
		if (!isEnabled(cpu, i)) continue;
		const kind = kindOf(cpu, i);
		if (kind == ON_EXECUTE) code = true;
		else if (kind == ON_PORT) watchesPorts = (load<u32>(cpu + CR4) & CR4_DE) != 0 || watchesPorts;
		else data = true;
	}
	watchesCode = code;
	if (data) flushAll();
	watchesData = data;
	if (before || code) dropAll(cpu);
}

/** Bits of DR6 for the breakpoints that [at, at + size) meets. */
function met(cpu: usize, at: u64, size: u32, isWrite: bool, ports: bool): u32 {
	let bits: u32 = 0;
	for (let i: u32 = 0; i < 4; i++) {
		const kind = kindOf(cpu, i);
		if (!isEnabled(cpu, i) || kind == ON_EXECUTE || (kind == ON_PORT) != ports) continue;
		if (kind == ON_WRITE && !isWrite) continue;
		const first = addressOf(cpu, i);
		if (at < first + lengthOf(cpu, i) && first < at + size) bits |= 1 << i;
	}
	return bits;
}

/** Whether bytes lie in a page that has a data breakpoint. */
export function inWatchedPage(cpu: usize, at: u64, size: u32): bool {
	for (let i: u32 = 0; i < 4; i++) {
		const kind = kindOf(cpu, i);
		if (!isEnabled(cpu, i) || kind == ON_EXECUTE || kind == ON_PORT) continue;
		const page = load<u64>(cpu + DR + i * 8) & ~<u64>4095;
		if (page == (at & ~<u64>4095) || page == ((at + size - 1) & ~<u64>4095)) return true;
	}
	return false;
}

/** A trap #DB is due when the instruction has ended. */
function pend(cpu: usize, bits: u32): void {
	if (!bits) return;
	store<u32>(cpu + DEBUG_PENDING, load<u32>(cpu + DEBUG_PENDING) | bits);
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_STEP);
}

export function noteData(cpu: usize, at: u64, size: u32, isWrite: bool): void {
	pend(cpu, met(cpu, at, size, isWrite, false));
}

/** Whether accesses of ports are to be noted, one by one. */
@inline
export function portsWatched(): bool {
	return watchesPorts;
}

@inline
export function notePort(cpu: usize, port: u32, size: u32): void {
	if (watchesPorts) pend(cpu, met(cpu, port, size, true, true));
}

/** The T flag of the TSS that was switched to. */
export function taskTrap(cpu: usize): void {
	pend(cpu, DR6_BT);
}

export function localBreakpointsOff(cpu: usize): void {
	const before = load<u64>(cpu + DR + DR7);
	if (!(before & DR7_LOCAL)) return;
	store<u64>(cpu + DR + DR7, before & ~DR7_LOCAL);
	debugChanged(cpu);
}

/** Whether a linear page has an instruction breakpoint. */
export function codePageWatched(cpu: usize, linear: u64): bool {
	for (let i: u32 = 0; i < 4; i++) {
		if (isEnabled(cpu, i) && kindOf(cpu, i) == ON_EXECUTE && (load<u64>(cpu + DR + i * 8) ^ linear) < 4096) return true;
	}
	return false;
}

/** Raises #DB where an instruction breakpoint lies at `linear`, unless RF holds it off once. */
export function stopsAt(cpu: usize, linear: u64): bool {
	let bits: u32 = 0;
	for (let i: u32 = 0; i < 4; i++) {
		if (isEnabled(cpu, i) && kindOf(cpu, i) == ON_EXECUTE && load<u64>(cpu + DR + i * 8) == linear) bits |= 1 << i;
	}
	if (!bits || flag(cpu, RF)) return false;
	raiseDebug(cpu, bits);
	return true;
}

/** Sets bits of DR6 and raises #DB. */
export function raiseDebug(cpu: usize, bits: u32): i32 {
	store<u64>(cpu + DR + DR6, load<u64>(cpu + DR + DR6) | bits);
	return raise(cpu, DB);
}

/** MOV to or from a debug register while DR7.GD is set. */
export function detects(cpu: usize): bool {
	if (!(control(cpu) & DR7_GD)) return false;
	raiseDebug(cpu, DR6_BD);
	return true;
}

/** The debug exception's handler can use the debug registers. */
export function enterDebugHandler(cpu: usize): void {
	store<u64>(cpu + DR + DR7, load<u64>(cpu + DR + DR7) & ~<u64>DR7_GD);
}
