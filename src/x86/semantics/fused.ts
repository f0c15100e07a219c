/**
 * Fused multiply-add without hardware for it: a product and a sum with one rounding, by error-free transformations
 * (T. J. Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971; D. E. Knuth, TAOCP 2, 4.2.2). What
 * they cannot decide, and all that float.ts calls doubtful, is left to core/.
 */
import type { Value } from "../builder.ts";
import { type Bytes, type Floats, repeat, type Vector, type VectorBuilder } from "../vector.ts";
import { type Extent, holds, isUnusual, isUsual, magnitudeBits, normal, proved } from "./doubt.ts";

type V = Vector;
const BYTES = Array.from({ length: 16 }, (_, i) => i);
const zero = (b: VectorBuilder): V => b.vector(repeat(0, 8));

/** The rounding error of a sum. */
function sumError(sum: V, x: V, y: V): V {
	const part = sum.binary("f64x2.sub", x);
	const first = x.binary("f64x2.sub", sum.binary("f64x2.sub", part));
	return first.binary("f64x2.add", y.binary("f64x2.sub", part));
}

/** The upper 26 bits of a significand, to nearest, and what is left, which has a sign and 26 bits too. */
function split(b: VectorBuilder, x: V): [V, V] {
	const high = x
		.binary("i64x2.add", b.vector(repeat(1n << 26n, 64)))
		.binary("v128.and", b.vector(repeat(-1n << 27n, 64)));
	return [high, x.binary("f64x2.sub", high)];
}

/** The rounding error of a product, exact unless something is very small. */
function productError(b: VectorBuilder, product: V, x: V, y: V): V {
	const [[xh, xl], [yh, yl]] = [split(b, x), split(b, y)];
	const plus = (sum: V, p: V, q: V) => sum.binary("f64x2.add", p.binary("f64x2.mul", q));
	const high = xh.binary("f64x2.mul", yh).binary("f64x2.sub", product);
	return plus(plus(plus(high, xh, yl), xl, yh), xl, yl);
}

const anyLane = (extent: Extent, mask: V): Value =>
	extent === "scalar" ? mask.lane("i32x4", 0) : mask.test("v128.any_true");

/** 2^-900: products above it have errors that are no denormals. */
const SMALL = repeat(0x07b0_0000_0000_0000n, 64);
const ABOVE_ONE = repeat(0x3ff0_0000_0000_0002n, 64);
const BELOW_ONE = repeat(0x3fef_ffff_ffff_fffcn, 64);

/**
 * x * y + z of doubles. The exact value is sum + rest, and rest is known but for one rounding: where sums with a rest that is
 * a little less and a little more agree, that rounding does not matter. Where the product was exact the sum is the result.
 */
function doubles(b: VectorBuilder, extent: Extent, x: V, y: V, z: V): V {
	const product = x.binary("f64x2.mul", y);
	const error = productError(b, product, x, y);
	const sum = product.binary("f64x2.add", z);
	const rest = sumError(sum, product, z).binary("f64x2.add", error);
	const result = sum.binary("f64x2.add", rest);
	const withRest = (factor: Bytes) => sum.binary("f64x2.add", rest.binary("f64x2.mul", b.vector(factor)));
	const isZero = (a: V) => a.binary("f64x2.eq", zero(b));
	const decided = withRest(BELOW_ONE)
		.binary("f64x2.eq", withRest(ABOVE_ONE))
		.binary("v128.or", isZero(error));
	const small = product.unary("f64x2.abs").binary("f64x2.lt", b.vector(SMALL));
	const unfit = small.binary("v128.andnot", isZero(x).binary("v128.or", isZero(y)));
	b.sure([
		...[x, y, z].flatMap((operand) => normal(b, "f64x2", extent, operand)),
		{ raised: anyLane(extent, unfit.binary("v128.or", decided.unary("v128.not"))) },
		{
			raised: isUnusual(b, "f64x2", extent, result),
			// A zero has the sign of the sum, which another sum may have lost.
			settled: () =>
				holds("f64x2", extent, isZero(result).binary("v128.and", sum.binary("i64x2.eq", result))),
		},
	]);
	return result;
}

/** x * y + z of singles that have become doubles: the product is exact, and the sum decides unless it lies between two singles. */
function singles(b: VectorBuilder, extent: Extent, x: V, y: V, z: V): V {
	const product = x.binary("f64x2.mul", y);
	const sum = product.binary("f64x2.add", z);
	const tail = sum.binary("v128.and", b.vector(repeat(0x1fff_ffffn, 64)));
	const between = tail.binary("i64x2.eq", b.vector(repeat(0x1000_0000n, 64)));
	b.sure([
		{
			raised: anyLane(extent, between),
			settled: () => {
				const rounded = sumError(sum, product, z).binary("f64x2.ne", zero(b));
				return anyLane(extent, between.binary("v128.and", rounded)).isZero();
			},
		},
	]);
	return sum;
}

/** To singles; a zero must have been one. */
function narrowed(b: VectorBuilder, extent: Extent, sum: V): V {
	const result = sum.unary("f32x4.demote_f64x2_zero");
	b.sure([
		{
			raised: isUnusual(b, "f32x4", extent, result, 2),
			settled: () => {
				if (extent === "scalar") return magnitudeBits("f64x2", sum).isZero();
				const usual = sum.unary("f64x2.abs").binary("f64x2.gt", b.vector(repeat(0x3820000000000000n, 64)));
				const finite = sum.unary("f64x2.abs").binary("f64x2.lt", b.vector(repeat(0x47e0000000000000n, 64)));
				const isZero = sum.binary("f64x2.eq", zero(b));
				return holds("f64x2", extent, usual.binary("v128.and", finite).binary("v128.or", isZero));
			},
		},
	]);
	return result;
}

const UPPER_SINGLES: Bytes = BYTES.map((i) => 8 + (i & 7));
const LOWER_QUADWORDS: Bytes = BYTES.map((i) => (i < 8 ? i : i + 8));

function fusedSingles(b: VectorBuilder, extent: Extent, operands: V[]): V {
	b.sure(operands.flatMap((operand) => normal(b, "f32x4", extent, operand)));
	const half = (parts: V[]): V => {
		const [x, y, z] = parts.map((part) => part.unary("f64x2.promote_low_f32x4"));
		return narrowed(b, extent, singles(b, extent, x, y, z));
	};
	const low = half(operands);
	if (extent === "scalar") return low;
	return low.shuffle(half(operands.map((operand) => operand.permute(UPPER_SINGLES))), LOWER_QUADWORDS);
}

/** Where the signs are: in all lanes, in the even or in the odd ones. */
const SIGNS: Record<Floats, bigint> = { f32x4: 0x8000_0000_8000_0000n, f64x2: 1n << 63n };
const EVEN: Record<Floats, Bytes> = {
	f32x4: repeat(0x8000_0000n, 64),
	f64x2: BYTES.map((i) => (i === 7 ? 0x80 : 0)),
};
const ODD: Record<Floats, Bytes> = {
	f32x4: repeat(0x8000_0000_0000_0000n, 64),
	f64x2: BYTES.map((i) => (i === 15 ? 0x80 : 0)),
};

/** a * c + sum, with the signs that the form turns: fast, or nothing comes back at all. */
export function fusedFast(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	form: string,
	[a, c, sum]: [V, V, V],
): V {
	isUsual(b);
	const all = repeat(SIGNS[shape], 64);
	const turned = (x: V, signs: Bytes) => {
		const result = x.binary("v128.xor", b.vector(signs));
		for (const what of ["normal", "number"] as const)
			if (b.knows(x, `${shape} ${extent} ${what}`)) b.learn(result, `${shape} ${extent} ${what}`);
		return result;
	};
	const x = form.startsWith("fn") ? turned(a, all) : a;
	const signs = form === "fmaddsub" ? EVEN[shape] : form === "fmsubadd" ? ODD[shape] : all;
	const z = form === "fmadd" || form === "fnmadd" ? sum : turned(sum, signs);
	const result = shape === "f64x2" ? doubles(b, extent, x, c, z) : fusedSingles(b, extent, [x, c, z]);
	return proved(b, shape, extent, result);
}
