// The x87 as nearly all programs use it: operands are normal numbers, all exceptions are masked, and results have 64 bits, are
// rounded to nearest and are normal, too. FADD, FSUB, FMUL and FDIV are worked out on the encodings themselves then, and narrower
// formats become registers' directly; arithmetic.ts and move.ts do the rest.

import { PE } from "../float/environment";
import { divide, high, low, multiply, remainder } from "../float/wide";
import { FCW } from "../state";

/** The operation as rows name it: destination op source. */
export const OP_ADD: u32 = 0;
export const OP_MUL: u32 = 1;
export const OP_SUB: u32 = 4;
export const OP_SUBR: u32 = 5;
export const OP_DIV: u32 = 6;
export const OP_DIVR: u32 = 7;

const INTEGER_BIT: u64 = 1 << 63;
const SIGN: u32 = 0x8000;
const BIAS: i32 = 16383;
/** Of biased exponents, which normal numbers have from 1 on. */
const SPECIAL: i32 = 0x7fff;
/** The control word's masks, precision and rounding; what they must be: all set, 64 bits, to nearest. */
const CONTROLS: u32 = 0xf3f;
const USUAL_CONTROLS: u32 = 0x33f;

/** The result's significand, and its sign and exponent. */
export let significand: u64 = 0;
export let signExponent: u32 = 0;
/** It was rounded away from zero; PE, or 0 where it is exact. */
export let wentUp: bool = false;
export let inexact: u32 = 0;

@inline
export function hasUsualControls(cpu: usize): bool {
	return (load<u16>(cpu + FCW) & CONTROLS) == USUAL_CONTROLS;
}

@inline
function isNormal(significand: u64, exponent: i32): bool {
	return <u32>(exponent - 1) < <u32>(SPECIAL - 1) && (significand & INTEGER_BIT) != 0;
}

/** The significand h, bit 63 set, with what lies below it, l, to nearest. False where the exponent is none of a normal number. */
@inline
function rounded(sign: u32, exponent: i32, h: u64, l: u64): bool {
	wentUp = l > INTEGER_BIT || (l == INTEGER_BIT && (h & 1) != 0);
	inexact = l ? PE : 0;
	if (wentUp) {
		h++;
		if (!h) {
			h = INTEGER_BIT;
			exponent++;
		}
	}
	significand = h;
	signExponent = sign | exponent;
	return <u32>(exponent - 1) < <u32>(SPECIAL - 1);
}

// --- other formats as registers have them ----------------------------------------------------------------------

/** From a format's biased exponents to those of registers. */
const F32_REBIAS: u32 = 16383 - 127;
const F64_REBIAS: u32 = 16383 - 1023;

@inline
export function isNormalF32(bits: u32): bool {
	return ((bits >> 23) & 0xff) - 1 < 0xfe;
}

@inline
export function significandOfF32(bits: u32): u64 {
	return INTEGER_BIT | (<u64>bits << 40);
}

@inline
export function signExponentOfF32(bits: u32): u32 {
	return ((bits >> 16) & SIGN) | (((bits >> 23) & 0xff) + F32_REBIAS);
}

@inline
export function isNormalF64(bits: u64): bool {
	return (<u32>(bits >> 52) & 0x7ff) - 1 < 0x7fe;
}

@inline
export function significandOfF64(bits: u64): u64 {
	return INTEGER_BIT | (bits << 11);
}

@inline
export function signExponentOfF64(bits: u64): u32 {
	return (<u32>(bits >> 48) & SIGN) | ((<u32>(bits >> 52) & 0x7ff) + F64_REBIAS);
}

@inline
export function significandOfInteger(value: i64): u64 {
	const magnitude = <u64>(value < 0 ? -value : value);
	return magnitude ? magnitude << clz(magnitude) : 0;
}

@inline
export function signExponentOfInteger(value: i64): u32 {
	if (!value) return 0;
	return (value < 0 ? SIGN : 0) | (16383 + 63 - <u32>clz(<u64>(value < 0 ? -value : value)));
}

// --- arithmetic ------------------------------------------------------------------------------------------------

/**
 * a op b, the operation as arithmetic.ts has it; false where it is not the usual case.
 * @param a @param b significands; with each its sign and exponent
 */
export function usual(op: u32, a: u64, aSignExponent: u32, b: u64, bSignExponent: u32): bool {
	const aExponent: i32 = aSignExponent & 0x7fff;
	const bExponent: i32 = bSignExponent & 0x7fff;
	if (!isNormal(a, aExponent) || !isNormal(b, bExponent)) return false;
	const sign = (aSignExponent ^ bSignExponent) & SIGN;
	if (op == OP_MUL) return product(sign, aExponent + bExponent - BIAS, a, b);
	if (op == OP_DIV) return quotient(sign, aExponent - bExponent + BIAS, a, b);
	if (op == OP_DIVR) return quotient(sign, bExponent - aExponent + BIAS, b, a);
	const aSign = (op == OP_SUBR ? ~aSignExponent : aSignExponent) & SIGN;
	const bSign = (op == OP_SUB ? ~bSignExponent : bSignExponent) & SIGN;
	if (aExponent > bExponent || (aExponent == bExponent && a >= b)) return sum(aSign, aExponent, a, bSign, bExponent, b);
	return sum(bSign, bExponent, b, aSign, aExponent, a);
}

@inline
function product(sign: u32, exponent: i32, a: u64, b: u64): bool {
	multiply(a, b);
	if (high & INTEGER_BIT) return rounded(sign, exponent + 1, high, low);
	return rounded(sign, exponent, (high << 1) | (low >> 63), low << 1);
}

/** The dividend is halved where the quotient would have a bit more. */
@inline
function quotient(sign: u32, exponent: i32, a: u64, b: u64): bool {
	const isLess = a < b;
	const digits = isLess ? divide(a, 0, b) : divide(a >> 1, a << 63, b);
	// What is left of the last place: none, less than half, half, more.
	const rest = remainder;
	const other = b - rest;
	const part: u64 = !rest ? 0 : rest < other ? 1 : rest == other ? INTEGER_BIT : INTEGER_BIT | 1;
	return rounded(sign, isLess ? exponent - 1 : exponent, digits, part);
}

/** The first is not the smaller in magnitude. */
@inline
function sum(aSign: u32, exponent: i32, a: u64, bSign: u32, bExponent: i32, b: u64): bool {
	const distance: u64 = exponent - bExponent;
	// The smaller one, moved to the other's exponent; whether anything was lost is kept in the lowest bit.
	let h: u64 = 0;
	let l: u64 = 1;
	if (distance == 0) {
		h = b;
		l = 0;
	} else if (distance < 64) {
		h = b >> distance;
		l = b << (64 - distance);
	} else if (distance == 64) l = b;
	else if (distance < 128) l = (b >> (distance - 64)) | u64(b << (128 - distance) != 0);
	if (aSign == bSign) {
		const total = a + h;
		if (total >= a) return rounded(aSign, exponent, total, l);
		return rounded(aSign, exponent + 1, (total >> 1) | INTEGER_BIT, (total << 63) | (l >> 1) | (l & 1));
	}
	h = a - h - u64(l != 0);
	l = 0 - l;
	if (!h) {
		// Of neighbours no more than the lower half is left, which is exact.
		if (!l) return false;
		h = l;
		l = 0;
		exponent -= 64;
	}
	const shift = clz(h);
	if (shift) {
		h = (h << shift) | (l >> (64 - shift));
		l <<= shift;
	}
	return rounded(aSign, exponent - <i32>shift, h, l);
}
