/** What floating-point operations take for granted, and how it is made sure of: see float.ts. */
import type { Bit, Value } from "../builder.ts";
import {
	type Bytes,
	type Doubt,
	type Fact,
	type Floats,
	repeat,
	type Vector,
	type VectorBuilder,
} from "../vector.ts";

const ZERO = repeat(0, 8);
export const SMALLEST: Record<Floats, Bytes> = {
	f32x4: repeat(0x00800000, 32),
	f64x2: repeat(0x0010000000000000n, 64),
};
export const INFINITY: Record<Floats, Bytes> = {
	f32x4: repeat(0x7f800000, 32),
	f64x2: repeat(0x7ff0000000000000n, 64),
};

/** One lane, or all of them. */
export type Extent = "scalar" | "packed";

const MXCSR_PE = 0x20;
const MXCSR_MASKS = 0x1f80;
const MXCSR_ROUNDING = 0x6000;

/** Nearest, all masked, and PE is set: what is rounded leaves MXCSR as it is. */
export const isUsual = (b: VectorBuilder): Bit =>
	b.mxcsrIs(MXCSR_MASKS | MXCSR_ROUNDING | MXCSR_PE, MXCSR_MASKS | MXCSR_PE);
/** Of two halves core/ must see both or none where an exception is unmasked, for they raise it together. */
export const areTogether = (b: VectorBuilder): Bit =>
	b.length === 128 ? b.constant(32, 1) : b.mxcsrIs(MXCSR_MASKS, MXCSR_MASKS);

/** A number's bits without its sign, one place up: exponents compare as numbers do. */
export const magnitudeBits = (shape: Floats, x: Vector): Value =>
	x.lane(shape === "f64x2" ? "i64x2" : "i32x4", 0).shl(1);
/** Exponent 1, one place up. */
const ONE_EXPONENT: Record<Floats, bigint> = { f32x4: 1n << 24n, f64x2: 1n << 53n };
const EXPONENTS: Record<Floats, bigint> = { f32x4: 255n, f64x2: 2047n };

const INTEGERS = { f32x4: "i32x4", f64x2: "i64x2" } as const;
/** Where the exponent lies in a doubleword, one place up: of a double the upper one. */
const UNIT = { f32x4: 1n << 24n, f64x2: 1n << 21n };
const LANES = { f32x4: 4, f64x2: 2 };

/** Nonzero where an exponent is not from 2 to the highest but one. @param lanes how many count */
export function isUnusual(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	x: Vector,
	lanes = LANES[shape],
): Value {
	const count = EXPONENTS[shape] - 2n;
	if (extent === "scalar") {
		const one = ONE_EXPONENT[shape];
		const bits = magnitudeBits(shape, x);
		return b.constant(bits.width, count * one).leU(bits.sub(b.constant(bits.width, 2n * one)));
	}
	// Signed comparison of doublewords: the least that is usual goes to the least number.
	const unit = UNIT[shape];
	const least = b.vector(repeat((2n * unit) ^ 0x80000000n, 32));
	const most = b.vector(repeat((count * unit - 1n) ^ 0x80000000n, 32));
	const from = x.shift(`${INTEGERS[shape]}.shl`, 1).binary("i32x4.sub", least);
	const unusual = from.binary("i32x4.gt_s", most).test(`${INTEGERS[shape]}.bitmask`);
	return lanes === LANES[shape] ? unusual : unusual.and(2 ** lanes - 1);
}

export const magnitude = (shape: Floats, a: Vector): Vector => a.unary(`${shape}.abs`);
export const without = (mask: Vector, other: Vector): Vector => mask.binary("v128.andnot", other);
/** Lanes that are denormal. */
export function denormal(b: VectorBuilder, shape: Floats, a: Vector): Vector {
	const small = magnitude(shape, a).binary(`${shape}.lt`, b.vector(SMALLEST[shape]));
	return small.binary("v128.and", a.binary(`${shape}.ne`, b.vector(ZERO)));
}
export const isFinite_ = (b: VectorBuilder, shape: Floats, a: Vector): Vector =>
	magnitude(shape, a).binary(`${shape}.lt`, b.vector(INFINITY[shape]));

/** Whether a mask holds, in the lanes that count. */
export function holds(shape: Floats, extent: Extent, mask: Vector): Bit {
	if (extent === "scalar") return mask.lane("i32x4", 0).ne(0);
	return mask.test(shape === "f64x2" ? "i64x2.all_true" : "i32x4.all_true");
}

const fact = (shape: Floats, extent: Extent, what: "normal" | "number"): Fact => `${shape} ${extent} ${what}`;

/** That an operand is not denormal. */
export function normal(b: VectorBuilder, shape: Floats, extent: Extent, x: Vector): Doubt[] {
	if (b.knows(x, fact(shape, extent, "normal"))) return [];
	b.learn(x, fact(shape, extent, "normal"));
	if (extent === "scalar") {
		// Zero, less one, is more than any.
		const bits = magnitudeBits(shape, x);
		return [{ raised: bits.sub(1).ltU(b.constant(bits.width, ONE_EXPONENT[shape] - 1n)) }];
	}
	return [
		{
			raised: isUnusual(b, shape, extent, x),
			settled: () => denormal(b, shape, x).test("v128.any_true").isZero(),
		},
	];
}

/** That an operand is neither denormal nor a NaN: nothing is raised, whatever MXCSR masks. */
export function plain(b: VectorBuilder, shape: Floats, extent: Extent, x: Vector): Doubt[] {
	const facts = [fact(shape, extent, "normal"), fact(shape, extent, "number")];
	if (facts.every((one) => b.knows(x, one))) return [];
	for (const one of facts) b.learn(x, one);
	const settled = () => {
		if (extent === "packed")
			return holds(shape, extent, without(x.binary(`${shape}.eq`, x), denormal(b, shape, x)));
		const bits = magnitudeBits(shape, x);
		return bits.isZero().or(bits.eq(b.constant(bits.width, EXPONENTS[shape] * ONE_EXPONENT[shape])));
	};
	return [{ raised: isUnusual(b, shape, extent, x), settled }];
}

/** IE, and its mask. */
const MXCSR_INVALID = 0x81;

/** That an operand is not denormal, nor, unless IE is set already, a NaN. */
export function quietly(b: VectorBuilder, shape: Floats, extent: Extent, x: Vector): Doubt[] {
	const facts = [fact(shape, extent, "normal"), fact(shape, extent, "number")];
	if (facts.every((one) => b.knows(x, one))) return [];
	b.learn(x, facts[0]);
	const settled = () => {
		const raisedBefore = b.mxcsr.and(MXCSR_INVALID).eq(MXCSR_INVALID);
		const anything = b.splat("i32x4", b.constant(32, 0).sub(raisedBefore));
		const allowed = x.binary(`${shape}.eq`, x).binary("v128.or", anything);
		return holds(shape, extent, without(allowed, denormal(b, shape, x)));
	};
	return [{ raised: isUnusual(b, shape, extent, x), settled }];
}

/** What has come out of an operation without a doubt is neither denormal nor a NaN. */
export function proved(b: VectorBuilder, shape: Floats, extent: Extent, result: Vector): Vector {
	for (const what of ["normal", "number"] as const) b.learn(result, fact(shape, extent, what));
	return result;
}
