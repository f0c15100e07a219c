// Numbers of 128 significant bits, for what must be right to the last of 64: an operation's relative error is
// below 2^-125. They are Unpacked numbers that are NORMAL or ZERO.

import { addNumbers } from "./operations";
import { copy, INTEGER_BIT, NORMAL, normalize, R, set, setZero, Unpacked, ZERO } from "./unpacked";
import * as wide from "./wide";

/** A place for an intermediate result. */
@inline
export function number(data: usize): Unpacked {
	return changetype<Unpacked>(data);
}

export function setOne(r: Unpacked): void {
	set(r, NORMAL, 0, 0, INTEGER_BIT, 0);
}

/** r = a + b; r may be either. */
export function plus(r: Unpacked, a: Unpacked, b: Unpacked): void {
	addNumbers(a, b);
	copy(r, R);
}

export function minus(r: Unpacked, a: Unpacked, b: Unpacked): void {
	copy(NEGATED, b);
	NEGATED.sign ^= 1;
	addNumbers(a, NEGATED);
	copy(r, R);
}

const NEGATED = changetype<Unpacked>(memory.data(32, 8));

/** r = a * b: the upper half of the 256-bit product, but for the carries of its lowest quarter. */
export function times(r: Unpacked, a: Unpacked, b: Unpacked): void {
	const sign = a.sign ^ b.sign;
	if (a.kind == ZERO || b.kind == ZERO) {
		setZero(r, sign);
		return;
	}
	const exponent = a.exponent + b.exponent + 1;
	wide.multiply(a.high, b.low);
	const first = wide.high;
	wide.multiply(a.low, b.high);
	const cross = wide.high + first;
	const carry = u64(cross < first);
	wide.multiply(a.high, b.high);
	wide.add(wide.high, wide.low, carry, cross);
	set(r, NORMAL, sign, exponent, wide.high, wide.low);
	normalize(r);
}

/** r = a / n. @param n from 1 to 2^32 - 1 */
export function dividedBy(r: Unpacked, a: Unpacked, n: u32): void {
	if (a.kind == ZERO) {
		setZero(r, a.sign);
		return;
	}
	const shift = <u32>clz(<u64>n);
	const divisor = <u64>n << shift;
	// a.high:a.low:0 / divisor, whose first digit fits as a is halved.
	const first = wide.divide(a.high >> 1, (a.high << 63) | (a.low >> 1), divisor);
	const second = wide.divide(wide.remainder, a.low << 63, divisor);
	set(r, NORMAL, a.sign, a.exponent + 1 - (64 - <i32>shift), first, second);
	normalize(r);
}

/** r = a / b, by the quotient of a and b's upper half and one correction. */
export function over(r: Unpacked, a: Unpacked, b: Unpacked): void {
	const sign = a.sign ^ b.sign;
	if (a.kind == ZERO) {
		setZero(r, sign);
		return;
	}
	// 1 / b to 64 bits, then two Newton steps: y' = y + y * (1 - b * y).
	copy(DIVISOR, b);
	DIVISOR.sign = 0;
	const estimate = DIVISOR.high == INTEGER_BIT ? <u64>-1 : wide.divide(INTEGER_BIT, 0, DIVISOR.high);
	set(INVERSE, NORMAL, 0, -1 - DIVISOR.exponent, estimate, 0);
	for (let i = 0; i < 2; i++) {
		times(ERROR, DIVISOR, INVERSE);
		setOne(UNIT);
		minus(ERROR, UNIT, ERROR);
		times(ERROR, ERROR, INVERSE);
		plus(INVERSE, INVERSE, ERROR);
	}
	times(r, a, INVERSE);
	r.sign = sign;
}

const DIVISOR = changetype<Unpacked>(memory.data(32, 8));
const INVERSE = changetype<Unpacked>(memory.data(32, 8));
const ERROR = changetype<Unpacked>(memory.data(32, 8));
const UNIT = changetype<Unpacked>(memory.data(32, 8));
