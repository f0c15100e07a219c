// FSIN FCOS FSINCOS FPTAN (SDM 1, "Trigonometric Instructions"). The argument is reduced by the 66-bit pi that
// the SDM gives ("Approximation of Pi"), so results near its multiples are the processor's, not the mathematician's.

import { isForbidden } from "../float/environment";
import { invalid, resolveX87 } from "../float/operations";
import { over } from "../float/precise";
import { roundF80 } from "../float/round";
import { cosine, sine } from "../float/series";
import { A, copy, INFINITY, INTEGER_BIT, NORMAL, normalize, noteDenormal, R, set, setZero, Unpacked, ZERO } from "../float/unpacked";
import { finish, FSW_C2, overflows, push, readRegister, setConditions, start, underflows, writeRegister } from "./stack";

/** Half of pi as 66 bits behind one before the point: 3.243F6A88 85A308D3h / 2, its lowest bit being 2^-65. */
const HALF_PI_HIGH: u64 = 3;
const HALF_PI_LOW: u64 = 0x243f6a8885a308d3;

/** What is left of the argument, from -pi/4 to pi/4, and how many quarter turns were taken off. */
const REDUCED = changetype<Unpacked>(memory.data(32, 8));
const SINE = changetype<Unpacked>(memory.data(32, 8));
const COSINE = changetype<Unpacked>(memory.data(32, 8));
let quadrant: u32 = 0;
/** Of the argument: sin and tan are odd. */
let negative: u32 = 0;

/** |A| to REDUCED and `quadrant`. */
function reduce(): void {
	copy(REDUCED, A);
	negative = A.sign;
	REDUCED.sign = 0;
	quadrant = 0;
	if (A.kind == ZERO || A.exponent < -1) return;
	let high: u64 = 0;
	let low = A.high;
	// The argument in units of 2^-65 is its significand shifted left by exponent + 2; the remainder is kept below half a pi.
	for (let i = 0; i < A.exponent + 2; i++) {
		high = (high << 1) | (low >> 63);
		low <<= 1;
		quadrant <<= 1;
		if (high < HALF_PI_HIGH || (high == HALF_PI_HIGH && low < HALF_PI_LOW)) continue;
		high -= HALF_PI_HIGH + u64(low < HALF_PI_LOW);
		low -= HALF_PI_LOW;
		quadrant++;
	}
	nearest(high, low);
}

/** Takes another quarter turn off where that leaves less. */
function nearest(high: u64, low: u64): void {
	const twiceHigh = (high << 1) | (low >> 63);
	const more = twiceHigh > HALF_PI_HIGH || (twiceHigh == HALF_PI_HIGH && low << 1 > HALF_PI_LOW);
	if (more) {
		high = HALF_PI_HIGH - high - u64(HALF_PI_LOW < low);
		low = HALF_PI_LOW - low;
		quadrant++;
	}
	set(REDUCED, NORMAL, more ? 1 : 0, 62, high, low);
	if (high | low) normalize(REDUCED);
	else setZero(REDUCED, 0);
}

/** sin and cos of the argument, from those of what is left of it. */
function evaluate(): void {
	if (REDUCED.kind == ZERO) {
		setZero(SINE, REDUCED.sign);
		set(COSINE, NORMAL, 0, 0, INTEGER_BIT, 0);
	} else {
		sine(SINE, REDUCED);
		cosine(COSINE, REDUCED);
	}
	if (quadrant & 1) {
		copy(R, SINE);
		copy(SINE, COSINE);
		copy(COSINE, R);
		COSINE.sign ^= 1;
	}
	if (quadrant & 2) {
		SINE.sign ^= 1;
		COSINE.sign ^= 1;
	}
	SINE.sign ^= negative;
}

/** Whether ST can be reduced; if not, R is what it becomes, or C2 says that it stays. */
function reducible(cpu: usize): bool {
	if (underflows(cpu, 0)) return false;
	readRegister(cpu, 0, A);
	if (resolveX87(A, A)) return false;
	if (A.kind == INFINITY) {
		invalid();
		return false;
	}
	if (A.kind == NORMAL && A.exponent >= 63) {
		setConditions(FSW_C2, FSW_C2);
		copy(R, A);
		return false;
	}
	noteDenormal(A);
	return true;
}

/** A result of a series is never exact, but where its argument was zero. */
function settle(u: Unpacked): void {
	if (A.kind != ZERO) u.low |= 1;
	copy(R, u);
	roundF80(R, 64);
}

export function sineX87(cpu: usize, record: usize): i32 {
	return sineOrCosine(cpu, record, false);
}

export function cosineX87(cpu: usize, record: usize): i32 {
	return sineOrCosine(cpu, record, true);
}

function sineOrCosine(cpu: usize, record: usize, second: bool): i32 {
	start(cpu, record);
	setConditions(FSW_C2, 0);
	if (reducible(cpu) && !isForbidden()) {
		reduce();
		evaluate();
		settle(second ? COSINE : SINE);
	}
	if (!isForbidden()) writeRegister(cpu, 0, R);
	return finish(cpu);
}

/** FSINCOS and FPTAN push a second result. */
function twoResults(cpu: usize, record: usize, tangent: bool): i32 {
	start(cpu, record);
	setConditions(FSW_C2, 0);
	if (underflows(cpu, 0) || overflows(cpu)) {
		if (isForbidden()) return finish(cpu);
		writeRegister(cpu, 0, R);
		push(cpu, R);
		return finish(cpu);
	}
	if (!reducible(cpu)) return alike(cpu);
	if (isForbidden()) return finish(cpu);
	reduce();
	evaluate();
	if (tangent) {
		over(SINE, SINE, COSINE);
		settle(SINE);
		writeRegister(cpu, 0, R);
		set(R, NORMAL, 0, 0, INTEGER_BIT, 0);
	} else {
		settle(SINE);
		writeRegister(cpu, 0, R);
		settle(COSINE);
	}
	push(cpu, R);
	return finish(cpu);
}

/** Both results are R: a NaN, or nothing at all where the argument is out of range. */
function alike(cpu: usize): i32 {
	if (isForbidden() || (R.kind == NORMAL && A.kind == NORMAL)) return finish(cpu);
	writeRegister(cpu, 0, R);
	push(cpu, R);
	return finish(cpu);
}

export function sineAndCosine(cpu: usize, record: usize): i32 {
	return twoResults(cpu, record, false);
}

export function tangentX87(cpu: usize, record: usize): i32 {
	return twoResults(cpu, record, true);
}
