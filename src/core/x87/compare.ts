// FCOM FUCOM FICOM FCOMI FTST FXAM (SDM 1, "Comparison and Classification Instructions").

import { isForbidden } from "../float/environment";
import { fromI64 } from "../float/integers";
import { compare as order, UNORDERED } from "../float/operations";
import { A, B, INFINITY, NORMAL, setZero, UNSUPPORTED, unpackF32, unpackF64, ZERO } from "../float/unpacked";
import { CF, PF_FLAG, writeArithmetic, ZF } from "../flags";
import {
	CONDITIONS, finish, FSW_C0, FSW_C1, FSW_C2, FSW_C3, isEmpty, keepConditions, operandIndex, pop, readRegister, registerAt, setConditions, start, underflows,
} from "./stack";

const C3_C2_C0: u32 = FSW_C0 | FSW_C2 | FSW_C3;

/** Less, unordered, equal as C0, C2, C3. */
function conditionsOf(result: u32): u32 {
	return (result & 1 ? FSW_C0 : 0) | (result & 2 ? FSW_C2 : 0) | (result & 4 ? FSW_C3 : 0);
}

function flagsOf(result: u32): u32 {
	return (result & 1 ? CF : 0) | (result & 2 ? PF_FLAG : 0) | (result & 4 ? ZF : 0);
}

function popTimes(cpu: usize, pops: u32): void {
	if (isForbidden()) return;
	while (pops--) pop(cpu);
}

/** ST against B. */
function againstB(cpu: usize, quiet: bool, pops: u32): i32 {
	let result = UNORDERED;
	if (!underflows(cpu, 0)) {
		readRegister(cpu, 0, A);
		result = order(A, B, quiet);
	}
	setConditions(C3_C2_C0, conditionsOf(result));
	popTimes(cpu, pops);
	return finish(cpu);
}

export function compareF32(cpu: usize, record: usize, pops: u32, value: u32): i32 {
	start(cpu, record);
	unpackF32(B, value);
	return againstB(cpu, false, pops);
}

export function compareF64(cpu: usize, record: usize, pops: u32, value: u64): i32 {
	start(cpu, record);
	unpackF64(B, value);
	return againstB(cpu, false, pops);
}

export function compareInteger(cpu: usize, record: usize, pops: u32, value: i64): i32 {
	start(cpu, record);
	fromI64(B, value);
	return againstB(cpu, false, pops);
}

export function testTop(cpu: usize, record: usize): i32 {
	start(cpu, record);
	setZero(B, 0);
	return againstB(cpu, false, 0);
}

/** ST against ST(i); the answer of operations.ts. */
function registersCompared(cpu: usize, record: usize, quiet: u32): u32 {
	start(cpu, record);
	const i = operandIndex(record);
	if (underflows(cpu, 0) || underflows(cpu, i)) return UNORDERED;
	readRegister(cpu, 0, A);
	readRegister(cpu, i, B);
	return order(A, B, quiet != 0);
}

export function compareRegisters(cpu: usize, record: usize, quiet: u32, pops: u32): i32 {
	const result = registersCompared(cpu, record, quiet);
	setConditions(C3_C2_C0, conditionsOf(result));
	popTimes(cpu, pops);
	return finish(cpu);
}

/** FCOMI and its kin: the answer goes to EFLAGS. */
export function compareToFlags(cpu: usize, record: usize, quiet: u32, pops: u32): i32 {
	const result = registersCompared(cpu, record, quiet);
	keepConditions();
	writeArithmetic(cpu, flagsOf(result)); // also with #I unmasked
	popTimes(cpu, pops);
	return finish(cpu);
}

/** SDM 2A, "FXAM": C3 C2 C0 by class, C1 the sign, of an empty register too. */
function classOf(cpu: usize): u32 {
	readRegister(cpu, 0, A);
	if (isEmpty(cpu, 0)) return FSW_C3 | FSW_C0;
	if (A.kind == UNSUPPORTED) return 0;
	if (A.kind == ZERO) return FSW_C3;
	if (A.kind == INFINITY) return FSW_C2 | FSW_C0;
	if (A.kind == NORMAL) return A.denormal ? FSW_C3 | FSW_C2 : FSW_C2;
	return FSW_C0;
}

export function examine(cpu: usize, record: usize): i32 {
	start(cpu, record);
	const sign = load<u16>(registerAt(cpu, 0) + 8) >> 15 ? FSW_C1 : 0;
	setConditions(CONDITIONS, classOf(cpu) | sign);
	return finish(cpu);
}
