// The arithmetic operations on unpacked numbers: A op B (op C) to R, exact but for the sticky bit at the
// end of R.low, to be rounded by the caller. Also which NaN comes out, which differs between the x87
// and SSE (SDM 1, "Rules for Handling NaNs").

import { DOWN, IE, isForbidden, raise, rounding, ZE } from "./environment";
import {
	A, B, C, copy, INFINITY, INTEGER_BIT, isNan, normalize, NORMAL, noteDenormal, QNAN, QUIET_BIT, R, set, setIndefinite, setInfinity, setZero, SNAN,
	UNSUPPORTED, Unpacked, ZERO,
} from "./unpacked";
import * as wide from "./wide";

export const ADD: u32 = 0;
export const SUB: u32 = 1;
export const MUL: u32 = 2;
export const DIV: u32 = 3;
export const SQRT: u32 = 4;

/** #I: R is the indefinite. */
export function invalid(): void {
	raise(IE);
	setIndefinite(R);
}

function quieted(u: Unpacked): void {
	copy(R, u);
	R.kind = QNAN;
	R.high |= QUIET_BIT;
}

/** Of two NaNs the x87 takes the one with the greater significand, the positive one of equals; a quiet one before a signalling one. */
function chooseX87(a: Unpacked, b: Unpacked): void {
	if (!isNan(b)) quieted(a);
	else if (!isNan(a)) quieted(b);
	else if (a.kind != b.kind) quieted(a.kind == QNAN ? a : b);
	else if (a.high != b.high) quieted(a.high > b.high ? a : b);
	else quieted(a.sign ? b : a);
}

/** True where an operand is no number: R is the result then. */
export function resolveX87(a: Unpacked, b: Unpacked): bool {
	if (a.kind == UNSUPPORTED || b.kind == UNSUPPORTED) {
		invalid();
		return true;
	}
	if (!isNan(a) && !isNan(b)) return false;
	if (a.kind == SNAN || b.kind == SNAN) raise(IE);
	chooseX87(a, b);
	return true;
}

/** SSE takes the first NaN operand. */
export function resolveSse(a: Unpacked, b: Unpacked): bool {
	if (!isNan(a) && !isNan(b)) return false;
	if (a.kind == SNAN || b.kind == SNAN) raise(IE);
	quieted(isNan(a) ? a : b);
	return true;
}

/** A op B to R, no operand being a NaN. */
export function operate(op: u32): void {
	if (op == SQRT) {
		squareRoot();
		return;
	}
	if (op == SUB) B.sign ^= 1;
	if (op <= SUB) addNumbers(A, B);
	else if (op == MUL) multiply();
	else divide();
	if (isForbidden()) return;
	if (R.kind != QNAN && !(op == DIV && B.kind == ZERO)) {
		noteDenormal(A);
		noteDenormal(B);
	}
}

// --- addition -----------------------------------------------------------------------------------------------

/** a + b to R, both of up to 128 significant bits. */
export function addNumbers(a: Unpacked, b: Unpacked): void {
	if (a.kind == INFINITY || b.kind == INFINITY) {
		if (a.kind == b.kind && a.sign != b.sign) invalid();
		else setInfinity(R, a.kind == INFINITY ? a.sign : b.sign);
	} else if (a.kind == ZERO && b.kind == ZERO) setZero(R, a.sign == b.sign ? a.sign : u32(rounding == DOWN));
	else if (a.kind == ZERO) copy(R, b);
	else if (b.kind == ZERO) copy(R, a);
	else if (a.exponent > b.exponent || (a.exponent == b.exponent && !wide.isLess(a.high, a.low, b.high, b.low))) addOrdered(a, b);
	else addOrdered(b, a);
}

/** As above, the magnitude of `a` not being the smaller. */
function addOrdered(a: Unpacked, b: Unpacked): void {
	wide.shiftRightJam(b.high, b.low, <u32>min(a.exponent - b.exponent, 200));
	if (a.sign == b.sign) {
		const h = wide.high;
		wide.add(a.high, a.low, h, wide.low);
		if (wide.high < h || (wide.high == h && a.high)) carry(a);
		else set(R, NORMAL, a.sign, a.exponent, wide.high, wide.low);
		return;
	}
	wide.subtract(a.high, a.low, wide.high, wide.low);
	if (wide.high | wide.low) {
		set(R, NORMAL, a.sign, a.exponent, wide.high, wide.low);
		normalize(R);
	} else setZero(R, u32(rounding == DOWN));
}

/** The sum in wide's halves has lost its top bit. */
function carry(a: Unpacked): void {
	wide.shiftRightJam(wide.high, wide.low, 1);
	set(R, NORMAL, a.sign, a.exponent + 1, wide.high | INTEGER_BIT, wide.low);
}

// --- multiplication, division, square root ----------------------------------------------------------------

/** A * B to R, exactly. */
function multiply(): void {
	const sign = A.sign ^ B.sign;
	if (A.kind == INFINITY || B.kind == INFINITY) {
		if (A.kind == ZERO || B.kind == ZERO) invalid();
		else setInfinity(R, sign);
	} else if (A.kind == ZERO || B.kind == ZERO) setZero(R, sign);
	else {
		wide.multiply(A.high, B.high);
		set(R, NORMAL, sign, A.exponent + B.exponent + 1, wide.high, wide.low);
		normalize(R);
	}
}

function divide(): void {
	const sign = A.sign ^ B.sign;
	if (A.kind == INFINITY) {
		if (B.kind == INFINITY) invalid();
		else setInfinity(R, sign);
	} else if (B.kind == INFINITY) setZero(R, sign);
	else if (B.kind == ZERO) {
		if (A.kind == ZERO) invalid();
		else {
			raise(ZE);
			setInfinity(R, sign);
		}
	} else if (A.kind == ZERO) setZero(R, sign);
	else divideNumbers(sign);
}

/** The dividend is halved, so that the quotient of the first step fits 64 bits. */
function divideNumbers(sign: u32): void {
	const first = wide.divide(A.high >> 1, A.high << 63, B.high);
	const second = wide.divide(wide.remainder, 0, B.high);
	set(R, NORMAL, sign, A.exponent - B.exponent, first, second | u64(wide.remainder != 0));
	normalize(R);
}

function squareRoot(): void {
	if (A.kind == ZERO) setZero(R, A.sign);
	else if (A.sign) invalid();
	else if (A.kind == INFINITY) setInfinity(R, 0);
	else {
		// The radicand in [2^126, 2^128), its exponent even.
		const odd = A.exponent & 1;
		const root = odd ? wide.squareRoot(A.high, 0) : wide.squareRoot(A.high >> 1, A.high << 63);
		const exact = !(wide.high | wide.low);
		// Beyond half a place when the rest exceeds the root: (root + 1/2)^2 = root^2 + root + 1/4.
		const beyond = wide.high != 0 || wide.low > root;
		set(R, NORMAL, 0, (A.exponent - odd) >> 1, root, exact ? 0 : beyond ? INTEGER_BIT | 1 : 1);
		noteDenormal(A);
	}
}

// --- fused multiply-add ------------------------------------------------------------------------------------

/** A * B + C to R with one rounding. NaNs are taken in the order A, B, C. */
export function fuse(): void {
	const impossible = (A.kind == INFINITY && B.kind == ZERO) || (A.kind == ZERO && B.kind == INFINITY);
	if (isNan(A) || isNan(B) || isNan(C)) {
		if (A.kind == SNAN || B.kind == SNAN || C.kind == SNAN) raise(IE);
		quieted(isNan(A) ? A : isNan(B) ? B : C);
		return;
	}
	if (impossible) {
		invalid();
		return;
	}
	multiply();
	copy(PRODUCT, R);
	addNumbers(PRODUCT, C);
	if (R.kind == QNAN) return;
	noteDenormal(A);
	noteDenormal(B);
	noteDenormal(C);
}

const PRODUCT = changetype<Unpacked>(memory.data(32, 8));

// --- comparison ----------------------------------------------------------------------------------------------

/** As the x87's C3 C2 C0 and as ZF PF CF have them: bit 0 less, bit 1 unordered, bit 2 equal. */
export const GREATER: u32 = 0;
export const LESS: u32 = 1;
export const EQUAL: u32 = 4;
export const UNORDERED: u32 = 7;

/** @param quiet only a signalling NaN is invalid */
export function compare(a: Unpacked, b: Unpacked, quiet: bool): u32 {
	const unsupported = a.kind == UNSUPPORTED || b.kind == UNSUPPORTED;
	if (unsupported || isNan(a) || isNan(b)) {
		if (unsupported || !quiet || a.kind == SNAN || b.kind == SNAN) raise(IE);
		return UNORDERED;
	}
	noteDenormal(a);
	noteDenormal(b);
	if (a.kind == ZERO && b.kind == ZERO) return EQUAL;
	if (a.kind == ZERO) return b.sign ? GREATER : LESS;
	if (b.kind == ZERO || a.sign != b.sign) return a.sign ? LESS : GREATER;
	const order = magnitude(a, b);
	return order == EQUAL ? EQUAL : (order == LESS) != (a.sign != 0) ? LESS : GREATER;
}

/** Neither is zero. */
function magnitude(a: Unpacked, b: Unpacked): u32 {
	if (a.kind != b.kind) return a.kind == INFINITY ? GREATER : LESS;
	if (a.kind == INFINITY) return EQUAL;
	if (a.exponent != b.exponent) return a.exponent < b.exponent ? LESS : GREATER;
	return a.high == b.high ? EQUAL : a.high < b.high ? LESS : GREATER;
}
