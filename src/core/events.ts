// Interrupts and exceptions: delivery through the interrupt table of each mode, what follows when that
// fails (SDM 3A, "Interrupt 8 - Double Fault Exception"), and what is looked at between blocks.

import { busAcknowledge } from "./bus";
import { DR6_BS, enterDebugHandler, raiseDebug } from "./debug";
import { clearFault, DB, DE, DF, faulted, FREEZE, GP, NP, PF, raiseWith, RETRY, SS_FAULT, TS } from "./fault";
import { AC, flag, IF, NT, readFlags, RF, setSystemFlags, TF, VM } from "./flags";
import { readSize, isLong, isCanonical, tlbFor } from "./memory";
import { ATTR_CE, ATTR_CODE, ATTR_P, ATTR_S, codeSegmentChanged, isProtected, isVirtual8086 } from "./mode";
import {
	attributesOf, checkStackSegment, descriptor, dplOf, fetchDescriptor, limitOf, markAccessed, OUTSIDE, setNull, setSegment, UNREADABLE,
} from "./segments";
import { beginStackAt, commitStack, cursor, pushNext, stackMask } from "./stack";
import { BY_INTERRUPT, isTaskGate, switchTo, takeSwitched, taskWordSize } from "./task";
import {
	ATTENTION, ATTENTION_HALTED, ATTENTION_INTR, ATTENTION_NMI, ATTENTION_NMI_BLOCKED, ATTENTION_SHADOW, ATTENTION_SHUTDOWN, ATTENTION_STEP,
	CPL, CR2, CS, DEBUG_PENDING, DELIVERIES, DELIVERY_COUNT, DELIVERY_CR2, DELIVERY_CS, DELIVERY_ERROR, DELIVERY_FAILURE, DELIVERY_HAS_ERROR, DELIVERY_LIMIT,
	DELIVERY_RIP, DELIVERY_SIZE, DELIVERY_VECTOR, DS, ES, FAILURE_CODE_SEGMENT, FAILURE_GATE_DPL, FAILURE_GATE_NOT_PRESENT, FAILURE_GATE_TYPE,
	FAILURE_IDT_LIMIT, FAILURE_IDT_READ, FAILURE_NONE, FAILURE_PUSH, FAILURE_TASK, FAILURE_RIP, FAILURE_STACK_SEGMENT, FAILURE_TSS, FAULT_ERROR, FAULT_HAS_ERROR,
	FAULT_VECTOR, FLAGS_SYSTEM, FS, SCRATCH_SEGMENT, GS, IDTR, NO_RECORD, RECORD, REMAINING, RIP, RSP, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, SEG_SELECTOR, SEGMENT_SIZE, SS,
	STEPPING, STOP, STOP_HALT, STOP_SHUTDOWN, TR,
} from "./state";
import { SYSTEM_TLB } from "./tlb";

// --- between blocks -------------------------------------------------------------------------------------

export const GO_ON: i32 = 0;
export const ONE_INSTRUCTION: i32 = 1;
export const LEAVE_RUN: i32 = 2;

function attentionOff(cpu: usize, bits: u32): void {
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) & ~bits);
}

/** What ATTENTION asks for: traps and interrupts are delivered, then says how to go on. */
export function attend(cpu: usize): i32 {
	const attention = load<u32>(cpu + ATTENTION);
	if (attention & ATTENTION_SHUTDOWN) return leaveRun(cpu, STOP_SHUTDOWN);
	if (attention & ATTENTION_SHADOW) {
		attentionOff(cpu, ATTENTION_SHADOW);
		if (flag(cpu, TF)) store<u32>(cpu + STEPPING, 1);
		return ONE_INSTRUCTION;
	}
	const traps = load<u32>(cpu + DEBUG_PENDING) | (load<u32>(cpu + STEPPING) ? DR6_BS : 0);
	if (traps) {
		attentionOff(cpu, ATTENTION_HALTED);
		raiseDebug(cpu, traps);
		deliverFault(cpu, load<u64>(cpu + RIP));
	}
	interrupts(cpu);
	const now = load<u32>(cpu + ATTENTION);
	if (now & ATTENTION_SHUTDOWN) return leaveRun(cpu, STOP_SHUTDOWN);
	if (now & ATTENTION_HALTED) return leaveRun(cpu, STOP_HALT);
	if (!flag(cpu, TF)) {
		attentionOff(cpu, ATTENTION_STEP);
		if (retries) {
			retries = false;
			return ONE_INSTRUCTION;
		}
		// Through a trap gate IF stays set, and a pin that stays high interrupts again after one instruction.
		return now & ATTENTION_INTR && flag(cpu, IF) ? ONE_INSTRUCTION : GO_ON;
	}
	store<u32>(cpu + STEPPING, 1);
	return ONE_INSTRUCTION;
}

function leaveRun(cpu: usize, why: u32): i32 {
	store<u32>(cpu + STOP, why);
	return LEAVE_RUN;
}

function interrupts(cpu: usize): void {
	const attention = load<u32>(cpu + ATTENTION);
	if (attention & ATTENTION_NMI && !(attention & ATTENTION_NMI_BLOCKED)) {
		store<u32>(cpu + ATTENTION, (attention & ~(ATTENTION_NMI | ATTENTION_HALTED)) | ATTENTION_NMI_BLOCKED);
		deliver(cpu, 2, false, 0, EXTERNAL, load<u64>(cpu + RIP), load<u64>(cpu + RIP));
	} else if (attention & ATTENTION_INTR && flag(cpu, IF)) {
		attentionOff(cpu, ATTENTION_HALTED);
		deliver(cpu, busAcknowledge(), false, 0, EXTERNAL, load<u64>(cpu + RIP), load<u64>(cpu + RIP));
	}
}

// --- from an event to its handler, or to shutdown -------------------------------------------------------------

/** Where an event comes from: the EXT bit of error codes, and whether a gate's DPL is checked. */
export const EXTERNAL: u32 = 0;
export const FAULT_EVENT: u32 = 1;
export const SOFTWARE: u32 = 2;
/** INT1: like software, but the gate's DPL does not matter. */
export const TRAP: u32 = 3;

let failure: u32 = FAILURE_NONE;
let failureDetail: u32 = 0;

/** Delivers the exception that waits in FAULT_VECTOR, with `rip` as where it happened. */
export function deliverFault(cpu: usize, rip: u64): void {
	const vector = load<u32>(cpu + FAULT_VECTOR) - 1;
	if (vector == FREEZE) {
		clearFault(cpu);
		store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_HALTED);
		return;
	}
	const error = load<u32>(cpu + FAULT_ERROR);
	const hasError = load<u32>(cpu + FAULT_HAS_ERROR) != 0;
	if (vector == RETRY) {
		retry(cpu, rip);
		return;
	}
	// The instruction has not been: what it would have trapped for, it will when it is executed again.
	store<u32>(cpu + DEBUG_PENDING, 0);
	deliver(cpu, vector, hasError, error, FAULT_EVENT, rip, rip);
}

/** The next instruction runs alone, for it touches a page with a data breakpoint. */
let retries: bool = false;

/** Takes an instruction back as if it had not begun, its place in the budget included. */
function retry(cpu: usize, rip: u64): void {
	clearFault(cpu);
	retries = true;
	store<u64>(cpu + RIP, rip);
	store<u32>(cpu + RECORD, NO_RECORD);
	store<i32>(cpu + REMAINING, load<i32>(cpu + REMAINING) + 1);
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_STEP);
}

function isContributory(vector: u32): bool {
	return vector == DE || (vector >= TS && vector <= GP);
}

/** SDM 3A, "Conditions for Generating a Double Fault". */
function isDouble(first: u32, second: u32): bool {
	if (isContributory(first)) return isContributory(second);
	return first == PF && (second == PF || isContributory(second));
}

/**
 * Delivers an event and whatever its delivery raises, down to shutdown.
 * @param rip what the handler is to return to
 * @param instruction where a fault of the delivery itself is said to have happened
 */
export function deliver(cpu: usize, vector: u32, hasError: bool, error: u32, source: u32, rip: u64, instruction: u64): void {
	store<u32>(cpu + RECORD, NO_RECORD);
	store<u32>(cpu + DELIVERY_COUNT, 0);
	store<u32>(cpu + STEPPING, 0);
	for (;;) {
		clearFault(cpu);
		failure = FAILURE_NONE;
		if (deliverOnce(cpu, vector, hasError, error, source, rip)) {
			if (vector == DB) enterDebugHandler(cpu);
			lastVector = vector;
			lastError = hasError ? error : NO_ERROR;
			lastHandler = load<u64>(cpu + RIP);
			deliveries++;
			return;
		}
		// What fails after a task switch fails in the new task.
		if (takeSwitched()) instruction = load<u64>(cpu + RIP);
		remember(cpu, vector, hasError, error, rip);
		const second = load<u32>(cpu + FAULT_VECTOR) - 1;
		if (vector == DF && source == FAULT_EVENT) break; // INT 8 is no double fault
		const double = source == FAULT_EVENT && isDouble(vector, second);
		vector = double ? DF : second;
		hasError = double ? true : load<u32>(cpu + FAULT_HAS_ERROR) != 0;
		error = double ? 0 : load<u32>(cpu + FAULT_ERROR);
		source = FAULT_EVENT;
		rip = instruction;
	}
	clearFault(cpu);
	store<u64>(cpu + RIP, rip);
	store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_SHUTDOWN);
}

// The last event that reached its handler, for a trace. No part of the machine's state.
let deliveries: u32 = 0;
let lastVector: u32 = 0;
let lastError: i64 = 0;
let lastHandler: u64 = 0;
const NO_ERROR: i64 = -1;

/** How many events have reached their handlers; of the last one the vector, the error code (-1 for none) and the handler's RIP. */
export function deliveredCount(): u32 {
	return deliveries;
}
export function deliveredVector(): u32 {
	return lastVector;
}
export function deliveredError(): i64 {
	return lastError;
}
export function deliveredTo(): u64 {
	return lastHandler;
}

/** Writes down a delivery that failed; a shutdown shows them. */
function remember(cpu: usize, vector: u32, hasError: bool, error: u32, rip: u64): void {
	const count = load<u32>(cpu + DELIVERY_COUNT);
	if (count >= DELIVERY_LIMIT) return;
	const at = cpu + DELIVERIES + count * DELIVERY_SIZE;
	store<u32>(at + DELIVERY_VECTOR, vector);
	store<u32>(at + DELIVERY_ERROR, error);
	store<u32>(at + DELIVERY_HAS_ERROR, hasError ? 1 : 0);
	store<u32>(at + DELIVERY_CS, load<u32>(cpu + CS + SEG_SELECTOR));
	store<u64>(at + DELIVERY_RIP, rip);
	store<u64>(at + DELIVERY_CR2, load<u64>(cpu + CR2));
	store<u32>(at + DELIVERY_FAILURE, failure | (failureDetail << 8));
	store<u32>(cpu + DELIVERY_COUNT, count + 1);
}

function deliverOnce(cpu: usize, vector: u32, hasError: bool, error: u32, source: u32, rip: u64): bool {
	if (!isProtected(cpu)) return deliverReal(cpu, vector, rip);
	return deliverThroughGate(cpu, vector, hasError, error, source, rip);
}

/** Says why, and raises what the failure is. False, so that it can be returned. */
function fail(cpu: usize, why: u32, detail: u32, vector: u32, error: u32): bool {
	failure = why;
	failureDetail = detail;
	raiseWith(cpu, vector, error);
	return false;
}

/** The failure is an exception that is already raised. */
function failed(why: u32, detail: u32): bool {
	failure = why;
	failureDetail = detail;
	return false;
}

// --- real-address mode ----------------------------------------------------------------------------------------

function deliverReal(cpu: usize, vector: u32, rip: u64): bool {
	if (vector * 4 + 3 > load<u32>(cpu + IDTR + 8)) return fail(cpu, FAILURE_IDT_LIMIT, vector, GP, vector * 8 + 2);
	const entry = <u32>readSize(cpu, SYSTEM_TLB, load<u64>(cpu + IDTR) + vector * 4, 4);
	if (faulted(cpu)) return failed(FAILURE_IDT_READ, vector);
	beginStackAt(cpu, cpu + SS, load<u64>(cpu + RSP), stackMask(cpu), tlbFor(cpu));
	const flags = readFlags(cpu, 0);
	if (!pushNext(cpu, flags & 0xffff, 2) || !pushNext(cpu, load<u32>(cpu + CS + SEG_SELECTOR), 2) || !pushNext(cpu, rip & 0xffff, 2)) {
		return failed(FAILURE_PUSH, <u32>cursor());
	}
	commitStack(cpu);
	setSystemFlags(cpu, flags & ~(IF | TF | AC));
	store<u32>(cpu + CS + SEG_SELECTOR, entry >> 16);
	store<u64>(cpu + CS + SEG_BASE, (entry >> 16) << 4);
	store<u64>(cpu + RIP, entry & 0xffff);
	return true;
}

// --- protected mode and IA-32e mode -------------------------------------------------------------------------------

const IDT_BIT: u32 = 2;

// The gate under way.
let gateLow: u64 = 0;
let gateHigh: u64 = 0;
let gateSelector: u32 = 0;
let gateOffset: u64 = 0;
let newCpl: u32 = 0;
let codeDescriptor: u64 = 0;
let external: u32 = 0;

function readGate(cpu: usize, vector: u32, source: u32): bool {
	const long = isLong(cpu);
	const size: u32 = long ? 16 : 8;
	const error = vector * 8 + IDT_BIT + external;
	if (vector * size + size - 1 > load<u32>(cpu + IDTR + 8)) return fail(cpu, FAILURE_IDT_LIMIT, vector, GP, error);
	const at = load<u64>(cpu + IDTR) + vector * size;
	gateLow = readSize(cpu, SYSTEM_TLB, at, 8);
	gateHigh = long && !faulted(cpu) ? readSize(cpu, SYSTEM_TLB, at + 8, 8) : 0;
	if (faulted(cpu)) return failed(FAILURE_IDT_READ, vector);
	const type = <u32>(gateLow >> 40) & 31;
	const valid = (type & 0x1e) == 0x0e || (!long && ((type & 0x1e) == 6 || isTaskGate(type)));
	if (!valid) return fail(cpu, FAILURE_GATE_TYPE, vector, GP, error);
	if (source == SOFTWARE && dplOf(gateLow) < load<u32>(cpu + CPL)) return fail(cpu, FAILURE_GATE_DPL, vector, GP, error);
	if (!(gateLow & 0x0000800000000000)) return fail(cpu, FAILURE_GATE_NOT_PRESENT, vector, NP, error);
	gateSelector = <u32>(gateLow >> 16) & 0xffff;
	gateOffset = (gateLow & 0xffff) | ((gateLow >> 32) & 0xffff0000) | (gateHigh << 32);
	if (!(type & 8)) gateOffset &= 0xffff;
	return true;
}

/** The handler's code segment: sets newCpl and codeDescriptor. */
function readGateCode(cpu: usize): bool {
	const error = (gateSelector & ~3) + external;
	if (!(gateSelector & ~3)) return fail(cpu, FAILURE_CODE_SEGMENT, gateSelector, GP, external);
	const found = fetchDescriptor(cpu, gateSelector);
	if (found == UNREADABLE) return failed(FAILURE_CODE_SEGMENT, gateSelector);
	const attributes = attributesOf(descriptor);
	const cpl = load<u32>(cpu + CPL);
	const isCode = (attributes & (ATTR_S | ATTR_CODE)) == (ATTR_S | ATTR_CODE);
	if (found == OUTSIDE || !isCode || dplOf(descriptor) > cpl) return fail(cpu, FAILURE_CODE_SEGMENT, gateSelector, GP, error);
	if (!(attributes & ATTR_P)) return fail(cpu, FAILURE_CODE_SEGMENT, gateSelector, NP, error);
	if (isLong(cpu) && (attributes & 0x6000) != 0x2000) return fail(cpu, FAILURE_CODE_SEGMENT, gateSelector, GP, error);
	newCpl = attributes & ATTR_CE ? cpl : dplOf(descriptor);
	if (isVirtual8086(cpu) && newCpl != 0) return fail(cpu, FAILURE_CODE_SEGMENT, gateSelector, GP, error);
	markAccessed(cpu);
	codeDescriptor = descriptor;
	return !faulted(cpu) || failed(FAILURE_CODE_SEGMENT, gateSelector);
}

function deliverThroughGate(cpu: usize, vector: u32, hasError: bool, error: u32, source: u32, rip: u64): bool {
	external = source == EXTERNAL || source == FAULT_EVENT ? 1 : 0;
	if (!readGate(cpu, vector, source)) return false;
	if (isTaskGate(<u32>(gateLow >> 40) & 31)) return deliverToTask(cpu, hasError, error, rip);
	if (!readGateCode(cpu)) return false;
	let flags = readFlags(cpu, 0);
	// Faults (not traps, not interrupts) are pushed with RF, so that their instruction is not stopped again.
	if (source == FAULT_EVENT && vector != DB && vector != DF) flags |= RF;
	const delivered = isLong(cpu) ? deliverLong(cpu, hasError, error, flags, rip) : deliverLegacy(cpu, hasError, error, flags, rip);
	if (!delivered) return false;
	let clear = TF | NT | RF | VM;
	if (!(gateLow & 0x0000010000000000)) clear |= IF; // an interrupt gate
	setSystemFlags(cpu, load<u32>(cpu + FLAGS_SYSTEM) & ~clear);
	codeSegmentChanged(cpu);
	return true;
}

/** The handler is a task: an error code goes to its stack. */
function deliverToTask(cpu: usize, hasError: bool, error: u32, rip: u64): bool {
	if (!switchTo(cpu, gateSelector, BY_INTERRUPT, rip, external)) return failed(FAILURE_TASK, gateSelector);
	if (!hasError) return true;
	beginStackAt(cpu, cpu + SS, load<u64>(cpu + RSP), stackMask(cpu), tlbFor(cpu));
	if (!pushNext(cpu, error, taskWordSize())) return failed(FAILURE_PUSH, 0);
	commitStack(cpu);
	return true;
}

function enterHandler(cpu: usize): void {
	setSegment(cpu, cpu + CS, (gateSelector & ~3) | newCpl, codeDescriptor);
	if (is64Segment()) store<u64>(cpu + CS + SEG_BASE, 0);
	store<u32>(cpu + CPL, newCpl);
	store<u64>(cpu + RIP, gateOffset);
}

function is64Segment(): bool {
	return (attributesOf(codeDescriptor) & 0x2000) != 0;
}

function handlerTlb(cpu: usize): usize {
	const before = load<u32>(cpu + CPL);
	store<u32>(cpu + CPL, newCpl);
	const tlb = tlbFor(cpu);
	store<u32>(cpu + CPL, before);
	return tlb;
}

/** SDM 3A, "64-Bit Mode Stack Frame": always SS:RSP, aligned to 16, from the IST or the TSS or as it is. */
function deliverLong(cpu: usize, hasError: bool, error: u32, flags: u32, rip: u64): bool {
	const inner = newCpl != load<u32>(cpu + CPL);
	const ist = <u32>(gateLow >> 32) & 7;
	let rsp = load<u64>(cpu + RSP);
	if (ist || inner) {
		const offset: u32 = ist ? 28 + ist * 8 : 4 + newCpl * 8;
		if (offset + 7 > load<u32>(cpu + TR + SEG_LIMIT)) {
			return fail(cpu, FAILURE_TSS, offset, TS, (load<u32>(cpu + TR + SEG_SELECTOR) & ~3) + external);
		}
		rsp = readSize(cpu, SYSTEM_TLB, load<u64>(cpu + TR + SEG_BASE) + offset, 8);
		if (faulted(cpu)) return failed(FAILURE_TSS, offset);
	}
	if (!isCanonical(rsp)) return fail(cpu, FAILURE_PUSH, 0, SS_FAULT, external);
	if (!isCanonical(gateOffset)) return fail(cpu, FAILURE_RIP, 0, GP, external);
	beginStackAt(cpu, cpu + SS, rsp & ~15, 0xffffffffffffffff, handlerTlb(cpu));
	const pushed =
		pushNext(cpu, load<u32>(cpu + SS + SEG_SELECTOR), 8) && pushNext(cpu, load<u64>(cpu + RSP), 8) && pushNext(cpu, flags, 8) &&
		pushNext(cpu, load<u32>(cpu + CS + SEG_SELECTOR), 8) && pushNext(cpu, rip, 8) && (!hasError || pushNext(cpu, error, 8));
	if (!pushed) return failed(FAILURE_PUSH, 0);
	if (inner) setNull(cpu + SS, newCpl);
	store<u64>(cpu + RSP, cursor());
	enterHandler(cpu);
	return true;
}

/** What fails from now on is the program's own doing: error codes without EXT. */
export function notExternal(): void {
	external = 0;
}

/** Reads SS:ESP of the new privilege from a 32- or 16-bit TSS. */
let innerSs: u32 = 0;
let innerEsp: u64 = 0;
export function readInnerStack(cpu: usize, cpl: u32): bool {
	const wide = (load<u32>(cpu + TR + SEG_ATTRIBUTES) & 8) != 0;
	const size: u32 = wide ? 4 : 2;
	const offset: u32 = wide ? 4 + cpl * 8 : 2 + cpl * 4;
	if (offset + size + 1 > load<u32>(cpu + TR + SEG_LIMIT)) return fail(cpu, FAILURE_TSS, offset, TS, (load<u32>(cpu + TR + SEG_SELECTOR) & ~3) + external);
	const base = load<u64>(cpu + TR + SEG_BASE);
	innerEsp = readSize(cpu, SYSTEM_TLB, base + offset, size);
	innerSs = faulted(cpu) ? 0 : <u32>readSize(cpu, SYSTEM_TLB, base + offset + size, 2);
	if (faulted(cpu)) return failed(FAILURE_TSS, offset);
	if (!(innerSs & ~3)) return fail(cpu, FAILURE_STACK_SEGMENT, innerSs, TS, external);
	if (!checkStackSegment(cpu, innerSs, cpl, TS)) return failed(FAILURE_STACK_SEGMENT, innerSs);
	markAccessed(cpu);
	return !faulted(cpu);
}

/** Points the cursor at the inner stack, whose descriptor was fetched last. SS itself changes with `commitInnerStack`. */
let innerSegment: u64 = 0;

export function beginInnerStack(cpu: usize, through: usize): void {
	innerSegment = descriptor;
	setSegment(cpu, SCRATCH_SEGMENT, innerSs, innerSegment);
	const bits: u64 = load<u32>(SCRATCH_SEGMENT + SEG_ATTRIBUTES) & 0x4000 ? 0xffffffff : 0xffff;
	beginStackAt(cpu, SCRATCH_SEGMENT, innerEsp, bits, through);
}

export function commitInnerStack(cpu: usize): void {
	setSegment(cpu, cpu + SS, innerSs, innerSegment);
	commitStack(cpu);
}

function deliverLegacy(cpu: usize, hasError: bool, error: u32, flags: u32, rip: u64): bool {
	const size: u32 = gateLow & 0x0000080000000000 ? 4 : 2;
	const inner = newCpl != load<u32>(cpu + CPL);
	const virtual = isVirtual8086(cpu);
	const code = load<u32>(cpu + CS + SEG_SELECTOR);
	if (inner) {
		if (!readInnerStack(cpu, newCpl)) return false;
		beginInnerStack(cpu, handlerTlb(cpu));
		if (virtual && !pushDataSegments(cpu, size)) return failed(FAILURE_PUSH, 0);
		if (!pushNext(cpu, load<u32>(cpu + SS + SEG_SELECTOR), size) || !pushNext(cpu, load<u64>(cpu + RSP), size)) return failed(FAILURE_PUSH, 0);
	} else beginStackAt(cpu, cpu + SS, load<u64>(cpu + RSP), stackMask(cpu), tlbFor(cpu));
	if (gateOffset > limitOf(codeDescriptor)) return fail(cpu, FAILURE_RIP, 0, GP, external);
	const pushed = pushNext(cpu, flags, size) && pushNext(cpu, code, size) && pushNext(cpu, rip, size) && (!hasError || pushNext(cpu, error, size));
	if (!pushed) return failed(FAILURE_PUSH, 0);
	if (virtual) for (let at: usize = ES; at <= GS; at += SEGMENT_SIZE) if (at != CS && at != SS) setNull(cpu + at, 0);
	if (inner) commitInnerStack(cpu);
	else commitStack(cpu);
	enterHandler(cpu);
	return true;
}

function pushDataSegments(cpu: usize, size: u32): bool {
	return (
		pushNext(cpu, load<u32>(cpu + GS + SEG_SELECTOR), size) && pushNext(cpu, load<u32>(cpu + FS + SEG_SELECTOR), size) &&
		pushNext(cpu, load<u32>(cpu + DS + SEG_SELECTOR), size) && pushNext(cpu, load<u32>(cpu + ES + SEG_SELECTOR), size)
	);
}
