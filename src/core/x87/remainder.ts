// FPREM and FPREM1: exact partial remainders (SDM 2A, "FPREM" and "FPREM1").

import { isForbidden } from "../float/environment";
import { invalid, resolveX87 } from "../float/operations";
import { roundF80 } from "../float/round";
import { A, B, copy, INFINITY, NORMAL, normalize, noteDenormal, R, set, setZero, ZERO } from "../float/unpacked";
import { CONDITIONS, finish, FSW_C0, FSW_C1, FSW_C2, FSW_C3, readRegister, setConditions, start, underflows, writeRegister } from "./stack";

let quotient: u64 = 0;
let rest: u64 = 0;
let carry: bool = false;

/** `steps` steps of long division of `rest` by `divisor`, both below 2 * divisor: rest is the remainder, doubled after every step but the last. */
function divideLong(divisor: u64, steps: i32): void {
	quotient = 0;
	carry = false;
	for (let i = 0; i < steps; i++) {
		if (i) {
			carry = rest >> 63 != 0;
			rest <<= 1;
		}
		quotient <<= 1;
		if (carry || rest >= divisor) {
			rest -= divisor;
			quotient |= 1;
		}
		carry = false;
	}
}

/** Bits 0, 1 and 2 of the quotient, as C1, C3 and C0. */
function quotientConditions(): u32 {
	return (quotient & 1 ? FSW_C1 : 0) | (quotient & 2 ? FSW_C3 : 0) | (quotient & 4 ? FSW_C0 : 0);
}

/** Rounds the quotient to the nearest, the remainder then being at most half the divisor. */
function nearest(divisor: u64, exponent: i32): void {
	// rest and divisor are at the divisor's exponent: is 2 * rest greater than it, or equal with an odd quotient?
	const twice = rest << 1;
	const over = rest >> 63 != 0 || twice > divisor || (twice == divisor && quotient & 1);
	set(R, NORMAL, A.sign, exponent, rest, 0);
	if (!over) return;
	quotient++;
	set(R, NORMAL, A.sign ^ 1, exponent, divisor - rest, 0);
}

/** The whole remainder: exponents are less than 64 apart. */
function complete(distance: i32, toNearest: bool): void {
	setConditions(CONDITIONS, 0);
	if (distance < -1 || (distance == -1 && !toNearest)) {
		copy(R, A);
		return;
	}
	if (distance == -1) {
		// The dividend lies in [divisor / 4, divisor): compare at half the divisor.
		quotient = 0;
		rest = A.high;
		const over = rest > B.high; // 2 * A > B, as A has one exponent less
		if (!over) copy(R, A);
		else {
			quotient = 1;
			subtractFromDivisor();
		}
	} else {
		rest = A.high;
		divideLong(B.high, distance + 1);
		if (toNearest) nearest(B.high, B.exponent);
		else set(R, NORMAL, A.sign, B.exponent, rest, 0);
	}
	setConditions(CONDITIONS, quotientConditions());
}

/** R = -(B - |A|), A having an exponent one less. */
function subtractFromDivisor(): void {
	const half = A.high >> 1;
	const lost = A.high << 63;
	set(R, NORMAL, A.sign ^ 1, B.exponent, B.high - half - u64(lost != 0), lost);
}

/** Part of the way: as many bits of the quotient as make the distance a multiple of 32. */
function partial(distance: i32): void {
	const steps = 32 + (distance & 31);
	rest = A.high;
	divideLong(B.high, steps + 1);
	set(R, NORMAL, A.sign, A.exponent - steps, rest, 0);
	setConditions(CONDITIONS, FSW_C2);
}

function reduce(toNearest: bool): void {
	if (A.kind == INFINITY || B.kind == ZERO) {
		invalid();
		return;
	}
	noteDenormal(A);
	noteDenormal(B);
	if (isForbidden()) return;
	if (A.kind == ZERO || B.kind == INFINITY) {
		setConditions(CONDITIONS, 0);
		copy(R, A);
	} else {
		const distance = A.exponent - B.exponent;
		if (distance < 64) complete(distance, toNearest);
		else partial(distance);
		if (R.high | R.low) normalize(R);
		else setZero(R, A.sign);
	}
	roundF80(R, 64);
}

/** @param toNearest FPREM1, the remainder of IEEE 754 */
export function partialRemainder(cpu: usize, record: usize, toNearest: u32): i32 {
	start(cpu, record);
	setConditions(FSW_C2, 0);
	if (!underflows(cpu, 0) && !underflows(cpu, 1)) {
		readRegister(cpu, 0, A);
		readRegister(cpu, 1, B);
		if (!resolveX87(A, B)) reduce(toNearest != 0);
	}
	if (!isForbidden()) writeRegister(cpu, 0, R);
	return finish(cpu);
}
