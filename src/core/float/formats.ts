// Whole operations on singles and doubles as SSE has them: bits in, bits out. The environment says how
// they round; what they raise is collected there until `begin`. What they answer with an unmasked
// exception pending (`raised & ~masked`) means nothing.

import { flushToZero, IE, raise, setFlushToZero } from "./environment";
import { fromI64, fromMagnitude, toInteger } from "./integers";
import { ADD, compare, DIV, fuse, MUL, operate, resolveSse, SQRT, SUB } from "./operations";
import { round, roundF32, roundF64, roundToIntegral } from "./round";
import {
	A, B, C, copy, NORMAL, noteDenormal, packF32, packF64, QNAN, QUIET_BIT, R, SNAN, unpackF32, unpackF64, ZERO,
} from "./unpacked";

function binary(op: u32): void {
	if (!resolveSse(A, B)) operate(op);
}

function f32Binary(op: u32, a: u32, b: u32): u32 {
	unpackF32(A, a);
	unpackF32(B, b);
	binary(op);
	roundF32(R);
	return packF32(R);
}

function f64Binary(op: u32, a: u64, b: u64): u64 {
	unpackF64(A, a);
	unpackF64(B, b);
	binary(op);
	roundF64(R);
	return packF64(R);
}

export function f32Add(a: u32, b: u32): u32 {
	return f32Binary(ADD, a, b);
}
export function f32Sub(a: u32, b: u32): u32 {
	return f32Binary(SUB, a, b);
}
export function f32Mul(a: u32, b: u32): u32 {
	return f32Binary(MUL, a, b);
}
export function f32Div(a: u32, b: u32): u32 {
	return f32Binary(DIV, a, b);
}
export function f32Sqrt(a: u32): u32 {
	return f32Binary(SQRT, a, 0);
}
export function f64Add(a: u64, b: u64): u64 {
	return f64Binary(ADD, a, b);
}
export function f64Sub(a: u64, b: u64): u64 {
	return f64Binary(SUB, a, b);
}
export function f64Mul(a: u64, b: u64): u64 {
	return f64Binary(MUL, a, b);
}
export function f64Div(a: u64, b: u64): u64 {
	return f64Binary(DIV, a, b);
}
export function f64Sqrt(a: u64): u64 {
	return f64Binary(SQRT, a, 0);
}

/** a * b + c, rounded once. Of several NaNs the first in this order is the result; in VFMADD213 `a` is the second operand, `b` the first. */
export function f32Fma(a: u32, b: u32, c: u32): u32 {
	unpackF32(A, a);
	unpackF32(B, b);
	unpackF32(C, c);
	fuse();
	roundF32(R);
	return packF32(R);
}

export function f64Fma(a: u64, b: u64, c: u64): u64 {
	unpackF64(A, a);
	unpackF64(B, b);
	unpackF64(C, c);
	fuse();
	roundF64(R);
	return packF64(R);
}

/** LESS, EQUAL, GREATER or UNORDERED (operations.ts). @param quiet as UCOMIS and the quiet predicates: only a signalling NaN is invalid */
export function f32Compare(a: u32, b: u32, quiet: bool): u32 {
	unpackF32(A, a);
	unpackF32(B, b);
	return compare(A, B, quiet);
}

export function f64Compare(a: u64, b: u64, quiet: bool): u32 {
	unpackF64(A, a);
	unpackF64(B, b);
	return compare(A, B, quiet);
}

/** A NaN goes through quieted. */
function converted(): void {
	noteDenormal(A);
	if (A.kind == SNAN) {
		raise(IE);
		A.kind = QNAN;
		A.high |= QUIET_BIT;
	}
}

export function f32ToF64(a: u32): u64 {
	unpackF32(A, a);
	converted();
	roundF64(A);
	return packF64(A);
}

export function f64ToF32(a: u64): u32 {
	unpackF64(A, a);
	converted();
	roundF32(A);
	return packF32(A);
}

/** To a signed integer of 32 or 64 bits; the integer indefinite where it does not fit. #D is not reported by these conversions. */
export function f32ToInteger(a: u32, bits: u32, truncate: bool): i64 {
	unpackF32(A, a);
	return toInteger(A, bits, truncate);
}

export function f64ToInteger(a: u64, bits: u32, truncate: bool): i64 {
	unpackF64(A, a);
	return toInteger(A, bits, truncate);
}

export function integerToF32(value: i64): u32 {
	fromI64(A, value);
	roundF32(A);
	return packF32(A);
}

export function integerToF64(value: i64): u64 {
	fromI64(A, value);
	roundF64(A);
	return packF64(A);
}

/** ROUNDSS and ROUNDSD in the rounding mode of now. #D is not reported; the caller drops #P where the immediate says so. */
export function f32ToIntegral(a: u32): u32 {
	unpackF32(A, a);
	A.denormal = 0;
	converted();
	roundToIntegral(A);
	return packF32(A);
}

export function f64ToIntegral(a: u64): u64 {
	unpackF64(A, a);
	A.denormal = 0;
	converted();
	roundToIntegral(A);
	return packF64(A);
}

/** VCVTPH2PS: exact; DAZ does not apply and #D is not reported for halves. */
export function f16ToF32(a: u32): u32 {
	const sign = (a >> 15) & 1;
	const exponent: i32 = (a >> 10) & 31;
	const fraction = a & 0x3ff;
	if (exponent && exponent < 31) return (sign << 31) | ((exponent + 112) << 23) | (fraction << 13);
	if (exponent) {
		if (fraction && !(fraction & 0x200)) raise(IE);
		return (sign << 31) | 0x7f800000 | (fraction ? 0x400000 | (fraction << 13) : 0);
	}
	if (!fraction) return sign << 31;
	fromMagnitude(A, sign, fraction);
	A.exponent -= 24;
	return packF32(A);
}

/** VCVTPS2PH: FTZ does not apply to halves; the caller sets the rounding. */
export function f32ToF16(a: u32): u32 {
	unpackF32(A, a);
	converted();
	copy(R, A);
	const flush = flushToZero;
	setFlushToZero(false);
	round(R, 11, -14, 15, false);
	setFlushToZero(flush);
	if (R.kind == ZERO) return R.sign << 15;
	const fraction = <u32>(R.high >> 53) & 0x3ff;
	if (R.kind != NORMAL) return (R.sign << 15) | 0x7c00 | fraction;
	const normal = <i64>R.high < 0;
	return (R.sign << 15) | (normal ? (R.exponent + 15) << 10 : 0) | fraction;
}
