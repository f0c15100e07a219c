// FADD FSUB FMUL FDIV in all their forms, FSQRT FABS FCHS FRNDINT FSCALE FXTRACT (SDM 1, "Basic Arithmetic Instructions").

import { isForbidden, PE, raise, setRoundedUp, ZE } from "../float/environment";
import { toIntegralX87 } from "../float/extended";
import { fromI64 } from "../float/integers";
import { ADD, DIV, invalid, MUL, operate, resolveX87, SQRT, SUB } from "../float/operations";
import { roundF80 } from "../float/round";
import {
	A, B, C, copy, INFINITY, NORMAL, noteDenormal, R, setInfinity, setZero, unpackF32, unpackF64, ZERO,
} from "../float/unpacked";
import { STATUS_NEXT } from "../state";
import {
	areFull, finish, finishUsual, numberedAt, numberUnder, operandIndex, overflows, pop, precision, push, readRegister, registerAt, start, statusWord, underflows,
	writeRegister,
} from "./stack";
import {
	hasUsualControls, inexact, isNormalF32, isNormalF64, OP_ADD, OP_DIVR, OP_MUL, OP_SUBR, signExponent, signExponentOfF32, signExponentOfF64, signExponentOfInteger,
	significand, significandOfF32, significandOfF64, significandOfInteger, usual, wentUp,
} from "./usual";

/** A op B to R, rounded. */
function compute(cpu: usize, op: u32): void {
	if (op == OP_SUBR || op == OP_DIVR) {
		copy(C, A);
		copy(A, B);
		copy(B, C);
	}
	if (!resolveX87(A, B)) operate(op == OP_ADD ? ADD : op == OP_MUL ? MUL : op <= OP_SUBR ? SUB : DIV);
	if (!isForbidden()) roundF80(R, precision(cpu));
}

// --- the usual case -------------------------------------------------------------------------------------------

/** ST op the operand, if that is the usual case: all of the instruction is done then. */
@inline
function usualWithTop(cpu: usize, record: usize, op: u32, operand: u64, signExponent: u32): bool {
	const status = statusWord(cpu);
	const top = numberUnder(status, 0);
	if (!hasUsualControls(cpu) || !areFull(cpu, top, top)) return false;
	return usualTo(cpu, record, status, op, numberedAt(cpu, top), operand, signExponent, 0);
}

/** ST(to) op ST(from), likewise; one of them is ST. */
@inline
function usualRegisters(cpu: usize, record: usize, op: u32, to: u32, from: u32, pops: u32): bool {
	const status = statusWord(cpu);
	const toNumber = numberUnder(status, to);
	const fromNumber = numberUnder(status, from);
	if (!hasUsualControls(cpu) || !areFull(cpu, toNumber, fromNumber)) return false;
	const operand = numberedAt(cpu, fromNumber);
	return usualTo(cpu, record, status, op, numberedAt(cpu, toNumber), load<u64>(operand), load<u16>(operand, 8), pops);
}

/** @param at the register that is the first operand and gets the result */
@inline
function usualTo(cpu: usize, record: usize, status: u32, op: u32, at: usize, operand: u64, operandSignExponent: u32, pops: u32): bool {
	if (!usual(op, load<u64>(at), load<u16>(at, 8), operand, operandSignExponent)) return false;
	store<u64>(at, significand);
	store<u16>(at, <u16>signExponent, 8);
	finishUsual(cpu, record, status, inexact, wentUp, pops);
	return true;
}

// --- what is not ----------------------------------------------------------------------------------------------

/** The memory operand is in B. */
function withTop(cpu: usize, op: u32): i32 {
	if (!underflows(cpu, 0)) {
		readRegister(cpu, 0, A);
		compute(cpu, op);
	}
	if (!isForbidden()) writeRegister(cpu, 0, R);
	return finish(cpu);
}

export function arithmeticF32(cpu: usize, record: usize, op: u32, value: u32): i32 {
	if (isNormalF32(value) && usualWithTop(cpu, record, op, significandOfF32(value), signExponentOfF32(value))) return STATUS_NEXT;
	start(cpu, record);
	unpackF32(B, value);
	return withTop(cpu, op);
}

export function arithmeticF64(cpu: usize, record: usize, op: u32, value: u64): i32 {
	if (isNormalF64(value) && usualWithTop(cpu, record, op, significandOfF64(value), signExponentOfF64(value))) return STATUS_NEXT;
	start(cpu, record);
	unpackF64(B, value);
	return withTop(cpu, op);
}

/** FIADD and the others. */
export function arithmeticInteger(cpu: usize, record: usize, op: u32, value: i64): i32 {
	if (usualWithTop(cpu, record, op, significandOfInteger(value), signExponentOfInteger(value))) return STATUS_NEXT;
	start(cpu, record);
	fromI64(B, value);
	return withTop(cpu, op);
}

/** @param toTop the destination is ST, else ST(i); @param pops the number of pops */
export function arithmeticRegisters(cpu: usize, record: usize, op: u32, toTop: u32, pops: u32): i32 {
	const i = operandIndex(record);
	const to = toTop ? 0 : i;
	if (usualRegisters(cpu, record, op, to, toTop ? i : 0, pops)) return STATUS_NEXT;
	start(cpu, record);
	if (!underflows(cpu, 0) && !underflows(cpu, i)) {
		readRegister(cpu, to, A);
		readRegister(cpu, toTop ? i : 0, B);
		compute(cpu, op);
	}
	if (!isForbidden()) {
		writeRegister(cpu, to, R);
		if (pops) pop(cpu);
	}
	return finish(cpu);
}

/** Writes R to ST unless an unmasked exception forbids it. */
function replaceTop(cpu: usize): i32 {
	if (!isForbidden()) writeRegister(cpu, 0, R);
	return finish(cpu);
}

export function squareRootX87(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (underflows(cpu, 0)) return replaceTop(cpu);
	readRegister(cpu, 0, A);
	if (!resolveX87(A, A)) operate(SQRT);
	if (!isForbidden()) roundF80(R, precision(cpu));
	return replaceTop(cpu);
}

/** FABS and FCHS: the sign bit alone, whatever the number is. */
export function changeSign(cpu: usize, record: usize, keep: u32): i32 {
	start(cpu, record);
	if (underflows(cpu, 0)) return replaceTop(cpu);
	const at = registerAt(cpu, 0) + 8;
	store<u16>(at, keep ? load<u16>(at) & 0x7fff : load<u16>(at) ^ 0x8000);
	return finish(cpu);
}

export function roundToInteger(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (underflows(cpu, 0)) return replaceTop(cpu);
	readRegister(cpu, 0, R);
	copy(A, R);
	toIntegralX87(A);
	copy(R, A);
	return replaceTop(cpu);
}

// --- FSCALE ------------------------------------------------------------------------------------------------

/** Beyond any exponent that a result can have. */
const HUGE: i32 = 0x10000;

/** The whole part of B, cut to what makes a difference. */
function wholeOf(): i32 {
	if (B.exponent < 0) return 0;
	const size = B.exponent > 16 ? HUGE : <i32>(B.high >> (63 - B.exponent));
	return B.sign ? -size : size;
}

function scaleByInfinity(): void {
	const grows = !B.sign;
	if (grows ? A.kind == ZERO : A.kind == INFINITY) invalid();
	else if (grows) setInfinity(R, A.sign);
	else setZero(R, A.sign);
}

function scaleTop(): void {
	if (B.kind == INFINITY) scaleByInfinity();
	else {
		copy(R, A);
		if (R.kind == NORMAL && B.kind == NORMAL) R.exponent += wholeOf();
	}
	if (A.kind == INFINITY || R.kind <= INFINITY) {
		noteDenormal(A);
		noteDenormal(B);
	}
	if (isForbidden()) return;
	roundF80(R, 64);
	if (R.kind == NORMAL) beyondWrapping();
}

/** An unmasked overflow or underflow so great that the wrapped exponent does not fit either. */
function beyondWrapping(): void {
	if (R.exponent > 16383 || R.exponent < -16382) raise(PE);
	if (R.exponent > 16383) {
		setInfinity(R, R.sign);
		setRoundedUp(true);
	} else if (R.exponent < -16382) setZero(R, R.sign);
}

export function scale(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (!underflows(cpu, 0) && !underflows(cpu, 1)) {
		readRegister(cpu, 0, A);
		readRegister(cpu, 1, B);
		if (!resolveX87(A, B)) scaleTop();
	}
	return replaceTop(cpu);
}

// --- FXTRACT -------------------------------------------------------------------------------------------------

/** The exponent replaces ST, the significand is pushed. */
export function extract(cpu: usize, record: usize): i32 {
	start(cpu, record);
	const fails = underflows(cpu, 0) || overflows(cpu);
	if (!fails) {
		readRegister(cpu, 0, A);
		split();
	} else copy(C, R);
	if (isForbidden()) return finish(cpu);
	writeRegister(cpu, 0, C);
	push(cpu, R);
	return finish(cpu);
}

/** A's exponent to C, its significand to R. */
function split(): void {
	if (resolveX87(A, A)) copy(C, R);
	else if (A.kind == INFINITY) {
		setInfinity(C, 0);
		copy(R, A);
	} else if (A.kind == ZERO) {
		raise(ZE);
		setInfinity(C, 1);
		copy(R, A);
	} else {
		noteDenormal(A);
		fromI64(C, A.exponent);
		copy(R, A);
		R.exponent = 0;
	}
}
