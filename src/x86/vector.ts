/**
 * 128 bits of a vector register or of memory, as lanes. Operations go by their WebAssembly names (WebAssembly Core
 * Specification, "Vector Instructions"): they are what the host's processor does in one instruction.
 */
import type { Value } from "./builder.ts";

type Integers = "i8x16" | "i16x8" | "i32x4" | "i64x2";
type Floats = "f32x4" | "f64x2";
export type Shape = Integers | Floats;
type Order = "lt_s" | "gt_s" | "le_s" | "ge_s";

export type VectorUnary =
	| `${Integers}.${"abs" | "neg"}`
	| `${Floats}.${"abs" | "neg" | "sqrt" | "ceil" | "floor" | "trunc" | "nearest"}`
	| "v128.not"
	| `i16x8.extend_${"low" | "high"}_i8x16_${"s" | "u"}`
	| `i32x4.extend_${"low" | "high"}_i16x8_${"s" | "u"}`
	| `i64x2.extend_${"low" | "high"}_i32x4_${"s" | "u"}`
	| "i32x4.trunc_sat_f32x4_s"
	| "f32x4.convert_i32x4_s"
	| "i32x4.trunc_sat_f64x2_s_zero"
	| "f64x2.convert_low_i32x4_s"
	| "f32x4.demote_f64x2_zero"
	| "f64x2.promote_low_f32x4";

export type VectorBinary =
	| `v128.${"and" | "andnot" | "or" | "xor"}`
	| `${Integers}.${"add" | "sub" | "eq" | "ne" | Order}`
	| `${"i8x16" | "i16x8" | "i32x4"}.${"min" | "max"}_${"s" | "u"}`
	| `${"i8x16" | "i16x8"}.${"add" | "sub"}_sat_${"s" | "u"}`
	| `${"i8x16" | "i16x8"}.avgr_u`
	| `${"i8x16" | "i16x8" | "i32x4"}.${"lt" | "gt" | "le" | "ge"}_u`
	| `${"i16x8" | "i32x4" | "i64x2"}.mul`
	| `i8x16.narrow_i16x8_${"s" | "u"}`
	| `i16x8.narrow_i32x4_${"s" | "u"}`
	| `i32x4.extmul_${"low" | "high"}_i16x8_${"s" | "u"}`
	| `i64x2.extmul_${"low" | "high"}_i32x4_${"s" | "u"}`
	| `i16x8.extmul_${"low" | "high"}_i8x16_${"s" | "u"}`
	| "i32x4.dot_i16x8_s"
	| "i16x8.q15mulr_sat_s"
	| "i8x16.swizzle"
	| `${Floats}.${"add" | "sub" | "mul" | "div" | "min" | "max" | "pmin" | "pmax" | "eq" | "ne" | "lt" | "gt" | "le" | "ge"}`;

export type VectorShift = `${Integers}.${"shl" | "shr_s" | "shr_u"}`;
export type VectorTest = "v128.any_true" | `${Integers}.${"all_true" | "bitmask"}`;

export interface Vector {
	/** Its sixteen bytes, where they are known now. */
	readonly known?: readonly number[];
	unary(operation: VectorUnary): Vector;
	binary(operation: VectorBinary, other: Vector): Vector;
	/** By a count of 32 bits, taken modulo the lane's width. */
	shift(operation: VectorShift, count: Value | number): Vector;
	/** A 32-bit value: 0 or 1, or a bit for each lane. */
	test(operation: VectorTest): Value;
	/** One lane: 64 bits of i64x2, 32 of i32x4, else 16 or 8. */
	lane(shape: Integers, index: number): Value;
	withLane(shape: Integers, index: number, value: Value): Vector;
	/** Bytes of this (0..15) and the other (16..31), as the control's bytes say; 255 gives zero. */
	shuffle(other: Vector, control: Vector | readonly number[]): Vector;
	/** Bits of this where the mask's are set, else of the other. */
	select(mask: Vector, other: Vector): Vector;
}
