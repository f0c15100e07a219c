/**
 * 128 bits of a vector register or of memory, as lanes. Operations go by their WebAssembly names (WebAssembly Core
 * Specification, "Vector Instructions"): they are what the host's processor does in one instruction or two. Semantics of
 * 256-bit instructions are run for each half, unless the row says otherwise.
 */
import type { Bit, Builder, Semantics, Value, Width } from "./builder.ts";

type Integers = "i8x16" | "i16x8" | "i32x4" | "i64x2";
export type Floats = "f32x4" | "f64x2";
type Order = "lt_s" | "gt_s" | "le_s" | "ge_s";

export type VectorUnary =
	| `${Integers}.${"abs" | "neg"}`
	| `${Floats}.${"abs" | "neg" | "sqrt" | "ceil" | "floor" | "trunc" | "nearest"}`
	| "v128.not"
	| `i16x8.extend_${"low" | "high"}_i8x16_${"s" | "u"}`
	| `i32x4.extend_${"low" | "high"}_i16x8_${"s" | "u"}`
	| `i64x2.extend_${"low" | "high"}_i32x4_${"s" | "u"}`
	| "i16x8.extadd_pairwise_i8x16_u"
	| "i32x4.extadd_pairwise_i16x8_u"
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
	| `${Floats}.${"add" | "sub" | "mul" | "div" | "min" | "max" | "pmin" | "pmax" | "eq" | "ne" | "lt" | "gt" | "le" | "ge"}`;

export type VectorShift = `${Integers}.${"shl" | "shr_s" | "shr_u"}`;
export type VectorTest = "v128.any_true" | `${Integers}.${"all_true" | "bitmask"}`;

/** Sixteen bytes, lowest first. */
export type Bytes = readonly number[];

export interface Vector {
	/** Its bytes, where they are known now. */
	readonly known?: Bytes;
	unary(operation: VectorUnary): Vector;
	binary(operation: VectorBinary, other: Vector): Vector;
	/** By a count that is taken modulo the lane's width. */
	shift(operation: VectorShift, count: Value | number): Vector;
	/** A 32-bit value: 0 or 1, or a bit for each lane. */
	test(operation: VectorTest): Value;
	/** One lane, of the shape's width. */
	lane(shape: Integers, index: number): Value;
	withLane(shape: Integers, index: number, value: Value): Vector;
	/** Its own bytes in another order: the control's bytes are numbers of its bytes, or 255 for zero. */
	permute(control: Vector | Bytes): Vector;
	/** Bytes of this (0..15) and the other (16..31); 255 gives zero. */
	shuffle(other: Vector, control: Vector | Bytes): Vector;
	/** Its bits where the mask's are set, else the other's. */
	select(mask: Vector, other: Vector): Vector;
	/** Lane 0 and the other's, compared; false where one is a NaN. */
	compare(operation: `${Floats}.${"lt" | "le" | "eq"}`, other: Vector): Bit;
	/** Lane 0 as a signed integer, cut towards zero: its nearest where it does not fit. */
	truncated(shape: Floats, width: 32 | 64): Value;
}

export type Lanes = Value | Vector;

/** Something that a fast way takes for granted. */
export interface Doubt {
	/** Nonzero where it does not hold, or a quick look cannot tell. */
	raised: Value;
	/** A closer look, where the quick one cannot tell: whether it holds. */
	settled?: () => Bit;
}

/** What may be known of a vector's floating-point lanes, all or the lowest: none is denormal, none is a NaN. */
export type Fact = `${Floats} ${"packed" | "scalar"} ${"normal" | "number"}`;

/** What semantics of vector instructions are written against. */
export interface VectorBuilder extends Builder {
	/** Of the instruction's vectors: 128 or 256. */
	readonly length: 128 | 256;
	vector(bytes: Bytes): Vector;
	/** The value in every lane. */
	splat(shape: Integers, value: Value): Vector;
	/** A vector that follows from an 8-bit immediate alone. `bytes` must always be the same function: the tables are kept by it. */
	control(immediate: Value, bytes: (immediate: number) => Bytes): Vector;
	/** One of two computations. */
	either<T extends Lanes>(condition: Value, then: () => T, otherwise: () => T): T;
	/** Whether this is the reading with a VEX prefix. */
	readonly isVex: boolean;
	/** MXCSR, 32 bits. */
	readonly mxcsr: Value;
	/** Whether MXCSR's bits under the mask are these. */
	mxcsrIs(mask: number, bits: number): Bit;
	/** Whether no doubt holds. Where a doubtful instruction is left to somebody else, that happens here, and the answer is known. */
	sure(doubts: Doubt[]): Bit;
	/** A result, or where `unusual` is not zero what `amend` makes of it, which may have doubts of its own. Only where thorough. */
	amended(unusual: Value, result: Vector, amend: () => Vector): Vector;
	/** Whether closer looks and long fast ways are worth their code. */
	readonly isThorough: boolean;
	/** Whether a fact is known of a vector while its code is emitted; and makes it known. */
	knows(vector: Vector, fact: Fact): boolean;
	learn(vector: Vector, fact: Fact): void;
	/** A signed integer as a floating-point number, rounded to nearest, in every lane. */
	converted(shape: Floats, value: Value): Vector;
	/** As `core`, with vectors among the operands. */
	coreWith(name: string, operands: Lanes[]): void;
	/** As `compute`, with a vector as result. */
	computeVector(name: string, operands: Lanes[], mayFault?: boolean): Vector;
	/** As `compute`, with vectors among the operands. */
	computeFrom(name: string, width: Width, operands: Lanes[], mayFault?: boolean): Value;
}

/** Semantics whose operands are vectors, or values among vectors: as `Semantics` in all else. */
export type PackedSemantics<T extends (Lanes | undefined)[]> = (
	b: VectorBuilder,
	...operands: T
) => Lanes | Lanes[] | void;

/** Rows have one type of semantics; the frame gives what the notation of each operand calls for. */
export const packed = <T extends (Lanes | undefined)[]>(semantics: PackedSemantics<T>): Semantics =>
	semantics as unknown as Semantics;

/** A constant whose lanes are all one number. */
export function repeat(lane: bigint | number, width: 8 | 16 | 32 | 64): Bytes {
	const value = BigInt.asUintN(width, BigInt(lane));
	return Array.from({ length: 16 }, (_, i) => Number((value >> BigInt((8 * i) % width)) & 0xffn));
}
