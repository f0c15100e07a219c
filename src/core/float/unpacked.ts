// A floating-point number taken apart, whatever its format: single, double or double extended
// (SDM 1, "Floating-Point Data Types and Encodings").
//
// The value of a NORMAL is (-1)^sign * high.low * 2^exponent with the binary point after bit 63 of
// `high`, which is set. A NaN's significand lies in `high` as the double extended format has it (bit 63
// the integer bit, bit 62 the quiet bit), so conversion between formats is truncation.

import { DE, denormalsAreZero, raise } from "./environment";

export const ZERO: u32 = 0;
export const NORMAL: u32 = 1;
export const INFINITY: u32 = 2;
export const QNAN: u32 = 3;
export const SNAN: u32 = 4;
/** Pseudo-NaNs, pseudo-infinities and unnormals: no processor since the 387 takes them (SDM 1, "Unsupported Double Extended-Precision Floating-Point Encodings"). */
export const UNSUPPORTED: u32 = 5;

@unmanaged
export class Unpacked {
	high: u64;
	low: u64;
	exponent: i32;
	sign: u32;
	kind: u32;
	/** It came from a denormal. */
	denormal: u32;
}

const SIZE: i32 = 32;
/** The operands and the result of the operation under way. */
export const A = changetype<Unpacked>(memory.data(SIZE, 8));
export const B = changetype<Unpacked>(memory.data(SIZE, 8));
export const C = changetype<Unpacked>(memory.data(SIZE, 8));
export const R = changetype<Unpacked>(memory.data(SIZE, 8));

export const INTEGER_BIT: u64 = 1 << 63;
export const QUIET_BIT: u64 = 1 << 62;

export function set(u: Unpacked, kind: u32, sign: u32, exponent: i32, high: u64, low: u64): void {
	u.kind = kind;
	u.sign = sign;
	u.exponent = exponent;
	u.high = high;
	u.low = low;
	u.denormal = 0;
}

export function copy(to: Unpacked, from: Unpacked): void {
	memory.copy(changetype<usize>(to), changetype<usize>(from), SIZE);
}

export function setZero(u: Unpacked, sign: u32): void {
	set(u, ZERO, sign, 0, 0, 0);
}

export function setInfinity(u: Unpacked, sign: u32): void {
	set(u, INFINITY, sign, 0, INTEGER_BIT, 0);
}

/** The real indefinite: the QNaN that a masked invalid operation gives. */
export function setIndefinite(u: Unpacked): void {
	set(u, QNAN, 1, 0, INTEGER_BIT | QUIET_BIT, 0);
}

@inline
export function isNan(u: Unpacked): bool {
	return u.kind == QNAN || u.kind == SNAN;
}

/** A number whose leading one is anywhere in high:low; zero stays a zero of its sign. */
export function normalize(u: Unpacked): void {
	if (!(u.high | u.low)) {
		setZero(u, u.sign);
		return;
	}
	if (!u.high) {
		u.high = u.low;
		u.low = 0;
		u.exponent -= 64;
	}
	const shift = <u32>clz(u.high);
	if (!shift) return;
	u.high = (u.high << shift) | (u.low >> (64 - shift));
	u.low <<= shift;
	u.exponent -= shift;
}

function unpackDenormal(u: Unpacked, sign: u32, exponent: i32, significand: u64): void {
	set(u, NORMAL, sign, exponent, significand, 0);
	normalize(u);
	u.denormal = 1;
}

/** @param fraction left-justified below the integer bit */
function unpackIeee(u: Unpacked, sign: u32, biased: i32, fraction: u64, bias: i32): void {
	if (biased == 2 * bias + 1) {
		if (fraction) set(u, fraction & QUIET_BIT ? QNAN : SNAN, sign, 0, INTEGER_BIT | fraction, 0);
		else setInfinity(u, sign);
	} else if (biased) set(u, NORMAL, sign, biased - bias, INTEGER_BIT | fraction, 0);
	else if (!fraction || denormalsAreZero) setZero(u, sign);
	else unpackDenormal(u, sign, 1 - bias, fraction);
}

export function unpackF32(u: Unpacked, bits: u32): void {
	unpackIeee(u, bits >> 31, (bits >> 23) & 0xff, <u64>(bits & 0x7fffff) << 40, 127);
}

export function unpackF64(u: Unpacked, bits: u64): void {
	unpackIeee(u, <u32>(bits >> 63), <i32>(bits >> 52) & 0x7ff, (bits << 12) >> 1, 1023);
}

export function unpackF80(u: Unpacked, significand: u64, signExponent: u32): void {
	const sign = (signExponent >> 15) & 1;
	const biased: i32 = signExponent & 0x7fff;
	const integer = (significand & INTEGER_BIT) != 0;
	if (biased == 0) {
		// A pseudo-denormal has the integer bit: its value is that of exponent 1 all the same.
		if (significand) unpackDenormal(u, sign, -16382, significand);
		else setZero(u, sign);
	} else if (!integer) set(u, UNSUPPORTED, sign, 0, significand, 0);
	else if (biased < 0x7fff) set(u, NORMAL, sign, biased - 16383, significand, 0);
	else if (significand == INTEGER_BIT) setInfinity(u, sign);
	else set(u, significand & QUIET_BIT ? QNAN : SNAN, sign, 0, significand, 0);
}

/** #D where an operand that takes part is denormal. */
export function noteDenormal(u: Unpacked): void {
	if (u.denormal) raise(DE);
}

// --- back to bits: `u` has been rounded to the format (a denormal has bit 63 of `high` clear) ---------------------

function biasedExponent(u: Unpacked, bias: i32): u64 {
	if (u.kind == ZERO) return 0;
	if (u.kind != NORMAL) return 2 * bias + 1;
	return u.high & INTEGER_BIT ? u.exponent + bias : 0;
}

export function packF32(u: Unpacked): u32 {
	const fraction = u.kind == ZERO ? 0 : <u32>(u.high >> 40) & 0x7fffff;
	return (u.sign << 31) | (<u32>biasedExponent(u, 127) << 23) | fraction;
}

export function packF64(u: Unpacked): u64 {
	const fraction = u.kind == ZERO ? 0 : (u.high << 1) >> 12;
	return (<u64>u.sign << 63) | (biasedExponent(u, 1023) << 52) | fraction;
}

/** Sign and exponent of the double extended format; its significand is `high`. */
export function packF80(u: Unpacked): u32 {
	return (u.sign << 15) | <u32>biasedExponent(u, 16383);
}
