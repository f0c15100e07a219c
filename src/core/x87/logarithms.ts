// F2XM1 FYL2X FYL2XP1 FPATAN (SDM 1, "Logarithmic, Exponential, and Scale"; SDM 2A has the tables of special operands).

import { isForbidden, PE, raise, ZE } from "../float/environment";
import { fromI64 } from "../float/integers";
import { invalid, resolveX87 } from "../float/operations";
import { minus, over, plus, setOne, times } from "../float/precise";
import { roundF80 } from "../float/round";
import { arcTangent, logarithmOfRatio, powerLessOne, setPi } from "../float/series";
import {
	A, B, copy, INFINITY, INTEGER_BIT, NORMAL, noteDenormal, R, set, setInfinity, setZero, Unpacked, ZERO,
} from "../float/unpacked";
import { finish, pop, readRegister, start, underflows, writeRegister } from "./stack";

const X = changetype<Unpacked>(memory.data(32, 8));
const Y = changetype<Unpacked>(memory.data(32, 8));
const T = changetype<Unpacked>(memory.data(32, 8));
const U = changetype<Unpacked>(memory.data(32, 8));

/** Rounds an inexact result. */
function settle(u: Unpacked): void {
	u.low |= 1;
	copy(R, u);
	roundF80(R, 64);
}

// --- F2XM1 ---------------------------------------------------------------------------------------------------

function power(): void {
	noteDenormal(A);
	if (isForbidden()) return;
	copy(R, A);
	if (A.kind == ZERO) return;
	if (A.kind == INFINITY) {
		if (A.sign) set(R, NORMAL, 1, 0, INTEGER_BIT, 0);
	} else if (A.exponent >= 0) {
		const isUnit = A.exponent == 0 && A.high == INTEGER_BIT;
		if (isUnit && A.sign) R.exponent = -1;
		if (!isUnit) raise(PE); // undefined: it stays as it is
	} else {
		powerLessOne(T, A);
		settle(T);
	}
}

export function twoToXLessOne(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (!underflows(cpu, 0)) {
		readRegister(cpu, 0, A);
		if (!resolveX87(A, A)) power();
	}
	if (!isForbidden()) writeRegister(cpu, 0, R);
	return finish(cpu);
}

// --- two operands: ST(1) by ST, popped ---------------------------------------------------------------------------

/** True where both are numbers: A is ST, B is ST(1). */
function operands(cpu: usize): bool {
	if (underflows(cpu, 0) || underflows(cpu, 1)) return false;
	readRegister(cpu, 0, A);
	readRegister(cpu, 1, B);
	return !resolveX87(A, B);
}

function conclude(cpu: usize): i32 {
	if (!isForbidden()) {
		writeRegister(cpu, 1, R);
		pop(cpu);
	}
	return finish(cpu);
}

function note(): bool {
	noteDenormal(A);
	noteDenormal(B);
	return !isForbidden();
}

// --- FYL2X -----------------------------------------------------------------------------------------------------

/** log2(A) to T, A being positive; true where it is exact. */
function logarithm(): bool {
	let exponent = A.exponent;
	copy(X, A);
	X.exponent = 0;
	X.sign = 0;
	if (X.high > 0xb504f333f9de6484) {
		X.exponent = -1;
		exponent++;
	}
	fromI64(U, exponent);
	if (X.high == INTEGER_BIT && !X.low) {
		copy(T, U);
		return true;
	}
	// (x - 1) / (x + 1)
	setOne(Y);
	plus(T, X, Y);
	minus(X, X, Y);
	over(X, X, T);
	logarithmOfRatio(T, X);
	plus(T, T, U);
	return false;
}

/** B * T to R, the logarithm having been exact or not. */
function scaleLogarithm(exact: bool): void {
	times(T, T, B);
	if (exact && T.kind == ZERO) copy(R, T);
	else if (exact) {
		copy(R, T);
		roundF80(R, 64);
		raise(PE); // the processor says so of the logarithm of any power of two
	} else settle(T);
}

function isOne(u: Unpacked): bool {
	return u.kind == NORMAL && !u.sign && u.exponent == 0 && u.high == INTEGER_BIT;
}

/** SDM 2A, "FYL2X Results". */
function multiplyByLogarithm(): void {
	const above = A.kind == INFINITY || (A.kind == NORMAL && A.exponent >= 0);
	if (A.kind != ZERO && A.sign) invalid();
	else if (A.kind == ZERO) {
		if (B.kind == ZERO) invalid();
		else {
			if (B.kind == NORMAL) raise(ZE);
			setInfinity(R, B.sign ^ 1);
		}
	} else if (B.kind == INFINITY) {
		if (isOne(A)) invalid();
		else if (note()) setInfinity(R, B.sign ^ u32(!above));
	} else if (A.kind == INFINITY) {
		if (B.kind == ZERO) invalid();
		else if (note()) setInfinity(R, B.sign);
	} else if (note()) {
		if (B.kind == ZERO) setZero(R, B.sign ^ u32(!above));
		else scaleLogarithm(logarithm());
	}
}

export function yLog2X(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (operands(cpu)) multiplyByLogarithm();
	return conclude(cpu);
}

// --- FYL2XP1 -----------------------------------------------------------------------------------------------------

/** y * log2(1 + x), |x| below 1 - sqrt(1/2): x / (2 + x) is the series' argument. */
function nearOne(): void {
	setOne(Y);
	Y.exponent = 1;
	plus(T, A, Y);
	over(X, A, T);
	logarithmOfRatio(T, X);
	times(T, T, B);
	settle(T);
}

/** Beyond that the SDM leaves the result undefined: the mathematical one, or the operand where there is none. */
function farFromOne(): void {
	setOne(Y);
	copy(U, A);
	plus(A, A, Y);
	if (A.kind == NORMAL && !A.sign) scaleLogarithm(logarithm());
	else {
		copy(R, U);
		raise(PE);
	}
}

/** SDM 2A, "FYL2XP1 Results". */
function multiplyByLogarithmPlusOne(): void {
	if (A.kind == ZERO) {
		if (B.kind == INFINITY) invalid();
		else if (note()) setZero(R, A.sign ^ B.sign);
	} else if (A.kind == INFINITY) {
		if (A.sign || B.kind == ZERO) invalid();
		else if (note()) setInfinity(R, B.sign);
	} else if (B.kind == INFINITY) {
		if (note()) setInfinity(R, A.sign ^ B.sign);
	} else if (note()) {
		if (B.kind == ZERO) setZero(R, A.sign ^ B.sign);
		else if (A.exponent < -2) nearOne();
		else farFromOne();
	}
}

export function yLog2XPlusOne(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (operands(cpu)) multiplyByLogarithmPlusOne();
	return conclude(cpu);
}

// --- FPATAN -------------------------------------------------------------------------------------------------------

/** Multiples of pi for operands at the ends of their ranges: SDM 2A, "FPATAN Results". */
function isSpecial(): bool {
	const steep = B.kind == INFINITY || (A.kind == ZERO && B.kind != ZERO);
	const flat = B.kind == ZERO || (A.kind == INFINITY && B.kind != INFINITY);
	if (!steep && !flat) return false;
	if (flat && !A.sign) {
		setZero(R, B.sign);
		return true;
	}
	setPi(T, steep ? 1 : 0);
	if (B.kind == INFINITY && A.kind == INFINITY) threeQuartersOrQuarter();
	T.sign = B.sign;
	settle(T);
	return true;
}

function threeQuartersOrQuarter(): void {
	setPi(T, 2);
	if (!A.sign) return;
	setPi(U, 1);
	plus(T, T, U);
}

function arc(): void {
	if (!note() || isSpecial()) return;
	const sign = B.sign;
	const behind = A.sign != 0;
	copy(X, A);
	copy(Y, B);
	X.sign = Y.sign = 0;
	const steep = Y.exponent > X.exponent || (Y.exponent == X.exponent && Y.high > X.high);
	if (steep) over(U, X, Y);
	else over(U, Y, X);
	arcTangent(T, U);
	if (steep) {
		// pi / 2 - atan(x / y), or plus it on the other side.
		setPi(U, 1);
		if (behind) plus(T, U, T);
		else minus(T, U, T);
	} else if (behind) {
		setPi(U, 0);
		minus(T, U, T);
	}
	T.sign = sign;
	settle(T);
}

export function partialArcTangent(cpu: usize, record: usize): i32 {
	start(cpu, record);
	if (operands(cpu)) arc();
	return conclude(cpu);
}
