/**
 * Floating point of SSE and AVX: the host's instruction where nothing can come of it but a rounded number, core/ where more
 * can.
 *
 * WebAssembly rounds to nearest, keeps denormals, and says nothing of exceptions; NaNs come out as the host likes. So the fast
 * way is right only where the guest would see the same. With MXCSR as programs have it (nearest, all exceptions masked) and PE
 * already set, which it is after the first inexact result, an operation can change nothing but its destination unless
 *   - an operand is denormal (DE, and DAZ),
 *   - the result is infinite or a NaN: overflow, division by zero, an invalid operation, or an operand that was one of the two,
 *   - the result is tiny (UE, and FTZ): not above the smallest normal number, since tininess counts before the result is cut to
 *     the denormal's precision, and a tiny result may have been rounded up to that number. Zero is exact where a factor or
 *     the dividend is zero, and where it is a sum.
 * These are doubts (vector.ts). A quick look asks whether a number's exponent is one of the usual, all but the lowest two and
 * the highest; where it is not, a closer look asks what it is. What has been looked at, or has come out of such an operation,
 * need not be looked at again (`Fact`). What is in doubt is computed in core/ with flags, rounding and NaNs as the SDM has
 * them (SDM 1, "SSE and SSE2 Floating-Point Exceptions").
 */
import type { Bit, Builder, Semantics, Value } from "../builder.ts";
import {
	type Bytes,
	type Doubt,
	type Floats,
	type Lanes,
	packed,
	repeat,
	type Vector,
	type VectorBuilder,
} from "../vector.ts";
import {
	areTogether,
	type Extent,
	holds,
	isFinite_,
	isUnusual,
	isUsual,
	magnitude,
	magnitudeBits,
	normal,
	plain,
	proved,
	SMALLEST,
	without,
} from "./doubt.ts";

export type { Extent } from "./doubt.ts";
export { compareFlags, compareMask } from "./order.ts";

const ZERO = repeat(0, 8);
/** 2^31 and 2^63: from there on a single or a double is no integer of 32 or 64 bits. */
const TOO_LARGE: Record<Floats, Bytes> = {
	f32x4: repeat(0x4f000000, 32),
	f64x2: repeat(0x41e0000000000000n, 64),
};
const MUCH_TOO_LARGE: Record<Floats, Bytes> = {
	f32x4: repeat(0x5f000000, 32),
	f64x2: repeat(0x43e0000000000000n, 64),
};

/** What core/sse.ts is told: the operation, and of what it is one. */
const OPERATIONS = { add: 0, sub: 1, mul: 2, div: 3, sqrt: 4, min: 5, max: 6, addsub: 7 } as const;
export type Operation = keyof typeof OPERATIONS;
const DOUBLE = 16;
const SCALAR = 32;
const FIRST_HALF = 64;
const SECOND_HALF = 128;

/** Of two halves core/ must see both or none where an exception is unmasked: they raise it together. */
const halfOf = (b: VectorBuilder): number => (b.length === 128 ? 0 : b.half ? SECOND_HALF : FIRST_HALF);
export const howOf = (b: VectorBuilder, shape: Floats, extent: Extent): number =>
	(shape === "f64x2" ? DOUBLE : 0) | (extent === "scalar" ? SCALAR : halfOf(b));

/** Lane 0 of the result, the others of the first operand. */
const LOW_LANE: Record<Floats, Bytes> = {
	f32x4: [0, 1, 2, 3, ...Array.from({ length: 12 }, (_, i) => 20 + i)],
	f64x2: [0, 1, 2, 3, 4, 5, 6, 7, ...Array.from({ length: 8 }, (_, i) => 24 + i)],
};
/** What is known of the result's lowest lane stays known. */
export function merge(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	first: Vector,
	result: Vector,
): Vector {
	if (extent === "packed") return result;
	const merged = result.shuffle(first, LOW_LANE[shape]);
	for (const what of ["normal", "number"] as const)
		if (b.knows(result, `${shape} scalar ${what}`)) b.learn(merged, `${shape} scalar ${what}`);
	return merged;
}

/** The fast result, or core/'s. */
function careful(b: VectorBuilder, sure: Bit, result: Vector, name: string, operands: Lanes[]): Vector {
	return b.either<Vector>(
		sure,
		() => result,
		() => b.computeVector(name, operands, true),
	);
}

type Binary = "add" | "sub" | "mul" | "div";

/** Lanes that are no tiny results: above the smallest normal number, zero for a reason, or no numbers. */
function notTiny(
	b: VectorBuilder,
	shape: Floats,
	verb: Binary,
	result: Vector,
	[x, y]: [Vector, Vector],
): Vector {
	const small = magnitude(shape, result).binary(`${shape}.le`, b.vector(SMALLEST[shape]));
	const isZero = (a: Vector) => a.binary(`${shape}.eq`, b.vector(ZERO));
	let zero = isZero(result);
	if (verb === "mul") zero = zero.binary("v128.and", isZero(x).binary("v128.or", isZero(y)));
	if (verb === "div") zero = zero.binary("v128.and", isZero(x));
	return without(small, zero).unary("v128.not");
}

/** Whether a scalar that is no usual result is a zero that is exact. */
function isExactZero(shape: Floats, verb: Binary, result: Vector, [x, y]: [Vector, Vector]): Bit {
	const isZero = (a: Vector) => magnitudeBits(shape, a).isZero();
	const zero = isZero(result);
	if (verb === "mul") return zero.and(isZero(x).or(isZero(y)));
	return verb === "div" ? zero.and(isZero(x)) : zero;
}

/** That a result is an ordinary number. */
function ordinary(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	verb: Binary,
	result: Vector,
	operands: [Vector, Vector],
): Doubt {
	return {
		raised: isUnusual(b, shape, extent, result),
		settled: () => {
			if (extent === "scalar") return isExactZero(shape, verb, result, operands);
			const finite = isFinite_(b, shape, result);
			return holds(shape, extent, finite.binary("v128.and", notTiny(b, shape, verb, result, operands)));
		},
	};
}

function compute(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	verb: Binary,
	x: Vector,
	y: Vector,
): Vector {
	const usual = isUsual(b);
	const result = x.binary(`${shape}.${verb}`, y);
	const operands = [...normal(b, shape, extent, x), ...normal(b, shape, extent, y)];
	if (extent === "packed" && b.isThorough) {
		b.sure(operands);
		return packedResult(b, shape, verb, result, [x, y]);
	}
	const sure = usual.and(b.sure([...operands, ordinary(b, shape, extent, verb, result, [x, y])]));
	const how = b.constant(32, OPERATIONS[verb] | howOf(b, shape, extent));
	return proved(b, shape, extent, careful(b, sure, result, "floatArithmetic", [x, y, how]));
}

/** Each NaN as the SDM has it: the first operand's, else the second's, quieted; else the one that stands for no number. */
function quieted(b: VectorBuilder, shape: Floats, result: Vector, [x, y]: [Vector, Vector]): Vector {
	const isNan = (a: Vector) => a.binary(`${shape}.ne`, a);
	const quiet = (a: Vector) => a.binary("v128.or", b.vector(QUIET[shape]));
	const second = quiet(y).select(isNan(y), b.vector(INDEFINITE[shape]));
	return quiet(x).select(isNan(x), second).select(isNan(result), result);
}
const QUIET: Record<Floats, Bytes> = { f32x4: repeat(0x00400000, 32), f64x2: repeat(1n << 51n, 64) };
const INDEFINITE: Record<Floats, Bytes> = {
	f32x4: repeat(0xffc00000, 32),
	f64x2: repeat(0xfff8000000000000n, 64),
};
/** What infinities and NaNs come of: with these flags set, and no division by zero, they leave MXCSR as it is. */
const MXCSR_IE_OE = 9;

/**
 * A packed result where nothing is known to be usual: programs let lanes that they have given up overflow. An
 * infinity or a NaN is right if what it might raise has been raised before.
 */
function packedResult(
	b: VectorBuilder,
	shape: Floats,
	verb: Binary,
	result: Vector,
	operands: [Vector, Vector],
): Vector {
	b.learn(result, `${shape} packed normal`);
	return b.amended(isUnusual(b, shape, "packed", result), result, () => {
		const raisedBefore = b.mxcsr.and(MXCSR_IE_OE).eq(MXCSR_IE_OE);
		const divisors = operands[1].binary(`${shape}.eq`, b.vector(ZERO)).test("v128.any_true");
		const free = verb === "div" ? raisedBefore.and(divisors.isZero()) : raisedBefore;
		const finite = holds(shape, "packed", isFinite_(b, shape, result));
		const right = holds(shape, "packed", notTiny(b, shape, verb, result, operands));
		b.sure([{ raised: right.and(finite.or(free)).isZero() }]);
		return quieted(b, shape, result, operands);
	});
}

export const arithmetic = (verb: Binary, shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => merge(b, shape, extent, x, compute(b, shape, extent, verb, x, y)));

/** A root is never tiny, and of a negative number it is a NaN. */
export const sqrtPacked = (shape: Floats): Semantics =>
	packed<[Vector]>((b, x) => root(b, shape, "packed", x));
export const sqrtScalar = (shape: Floats): Semantics =>
	packed<[Vector, Vector]>((b, first, x) => merge(b, shape, "scalar", first, root(b, shape, "scalar", x)));
function root(b: VectorBuilder, shape: Floats, extent: Extent, x: Vector): Vector {
	const usual = isUsual(b);
	const result = x.unary(`${shape}.sqrt`);
	const finite: Doubt = {
		raised: isUnusual(b, shape, extent, result),
		settled: () =>
			extent === "scalar"
				? magnitudeBits(shape, result).isZero()
				: holds(shape, extent, isFinite_(b, shape, result)),
	};
	const sure = usual.and(b.sure([...normal(b, shape, extent, x), finite]));
	const how = b.constant(32, OPERATIONS.sqrt | howOf(b, shape, extent));
	return proved(b, shape, extent, careful(b, sure, result, "floatArithmetic", [x, x, how]));
}

/** MIN, MAX: the second operand unless the first is less or greater, which is how WebAssembly's pseudo-minimum chooses. */
export const extreme = (verb: "min" | "max", shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const together = areTogether(b);
		const result = y.binary(`${shape}.p${verb}`, x);
		const sure = together.and(b.sure([...plain(b, shape, extent, x), ...plain(b, shape, extent, y)]));
		const how = b.constant(32, OPERATIONS[verb] | howOf(b, shape, extent));
		const least = careful(b, sure, result, "floatArithmetic", [x, y, how]);
		return merge(b, shape, extent, x, proved(b, shape, extent, least));
	});

/** ADDSUB: odd lanes are sums, even ones differences. */
const ODD: Record<Floats, Bytes> = {
	f32x4: repeat(0xffffffff00000000n, 64),
	f64x2: [...new Array<number>(8).fill(0), ...new Array<number>(8).fill(255)],
};
export const addsub = (shape: Floats): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const usual = isUsual(b);
		const odd = b.vector(ODD[shape]);
		const result = x.binary(`${shape}.add`, y).select(odd, x.binary(`${shape}.sub`, y));
		const doubts = [
			...normal(b, shape, "packed", x),
			...normal(b, shape, "packed", y),
			ordinary(b, shape, "packed", "add", result, [x, y]),
		];
		const sure = usual.and(b.sure(doubts));
		const how = b.constant(32, OPERATIONS.addsub | howOf(b, shape, "packed"));
		return proved(b, shape, "packed", careful(b, sure, result, "floatArithmetic", [x, y, how]));
	});

/** HADD, HSUB: of neighbours. */
const EVENS: Record<Floats, Bytes> = {
	f32x4: [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
	f64x2: [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
};
export const horizontal = (verb: "add" | "sub", shape: Floats): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const width = shape === "f32x4" ? 4 : 8;
		const first = x.shuffle(y, EVENS[shape]);
		const second = x.shuffle(
			y,
			EVENS[shape].map((byte) => byte + width),
		);
		return compute(b, shape, "packed", verb, first, second);
	});

// --- conversions --------------------------------------------------------------------------------------------------

/** What core/sse.ts's convertPacked is told. */
const CONVERSIONS = {
	ps2dq: 0,
	tps2dq: 1,
	dq2ps: 2,
	pd2dq: 3,
	tpd2dq: 4,
	pd2ps: 5,
	ps2pd: 6,
	ss2sd: 7,
	sd2ss: 8,
} as const;

const convert = (
	b: VectorBuilder,
	kind: keyof typeof CONVERSIONS,
	x: Vector,
	fast: Bit,
	result: Vector,
): Vector => careful(b, fast, result, "floatConvert", [x, b.constant(32, CONVERSIONS[kind] | halfOf(b))]);

export const cvtdq2pd = (_: VectorBuilder, x: Vector): Vector => x.unary("f64x2.convert_low_i32x4_s");
export const cvtdq2ps = packed<[Vector]>((b, x) =>
	proved(b, "f32x4", "packed", convert(b, "dq2ps", x, isUsual(b), x.unary("f32x4.convert_i32x4_s"))),
);
const toIntegers =
	(shape: Floats, truncate: boolean) =>
	(b: VectorBuilder, x: Vector): Vector => {
		const usual = isUsual(b);
		const whole = truncate ? x : x.unary(`${shape}.nearest`);
		const result = whole.unary(
			shape === "f32x4" ? "i32x4.trunc_sat_f32x4_s" : "i32x4.trunc_sat_f64x2_s_zero",
		);
		const fits = magnitude(shape, whole).binary(`${shape}.lt`, b.vector(TOO_LARGE[shape]));
		const kind = shape === "f32x4" ? (truncate ? "tps2dq" : "ps2dq") : truncate ? "tpd2dq" : "pd2dq";
		const sure = usual.and(b.sure([{ raised: holds(shape, "packed", fits).isZero() }]));
		return convert(b, kind, x, sure, result);
	};
export const cvtps2dq = packed<[Vector]>(toIntegers("f32x4", false));
export const cvttps2dq = packed<[Vector]>(toIntegers("f32x4", true));
export const cvtpd2dq = toIntegers("f64x2", false);
export const cvttpd2dq = toIntegers("f64x2", true);

/** Exact, but for NaNs and denormals; the other two lanes of the source count for nothing. */
const LOW_SINGLES: Bytes = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];
const widen = (b: VectorBuilder, extent: Extent, source: Vector): Vector => {
	const x = extent === "packed" ? source.permute(LOW_SINGLES) : source;
	const together = areTogether(b);
	const sure = together.and(b.sure(plain(b, "f32x4", extent, x)));
	const result = x.unary("f64x2.promote_low_f32x4");
	const kind = extent === "packed" ? "ps2pd" : "ss2sd";
	return proved(b, "f64x2", extent, convert(b, kind, x, sure, result));
};
export const cvtps2pd = (b: VectorBuilder, x: Vector): Vector => widen(b, "packed", x);
export const cvtss2sd = packed<[Vector, Vector]>((b, first, x) =>
	merge(b, "f64x2", "scalar", first, widen(b, "scalar", x)),
);

/** To lanes of twice the width: a 256-bit result comes from both halves of one vector. */
export const widened = (half: (b: VectorBuilder, x: Vector) => Vector): Semantics =>
	packed<[Vector]>((b, x) => (b.length === 128 ? half(b, x) : inHalves(b, [x, x.permute(HIGH_HALF)], half)));
/** To lanes of half the width: a 256-bit source gives one vector. */
export const narrowed = (half: (b: VectorBuilder, x: Vector) => Vector): Semantics =>
	packed<Vector[]>((b, ...source) => {
		const [low, high] = inHalves(b, source, half);
		return high ? low.shuffle(high, LOW_HALVES) : low;
	});
const inHalves = (
	b: VectorBuilder,
	halves: Vector[],
	of: (b: VectorBuilder, x: Vector) => Vector,
): Vector[] =>
	halves.map((x, i) => {
		b.half = i;
		return of(b, x);
	});
const HIGH_HALF: Bytes = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const LOW_HALVES: Bytes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Two lanes at most; zero is exact where it was zero before. */
const narrow = (b: VectorBuilder, extent: Extent, x: Vector): Vector => {
	const usual = isUsual(b);
	const result = x.unary("f32x4.demote_f64x2_zero");
	const doubt: Doubt = {
		raised: isUnusual(b, "f32x4", extent, result, 2),
		settled: () => {
			const back = result.unary("f64x2.promote_low_f32x4");
			const large = b.vector(SMALLEST_SINGLE).binary("f64x2.lt", magnitude("f64x2", back));
			const sound = isFinite_(b, "f64x2", back).binary("v128.and", large);
			const zero = x.binary("f64x2.eq", b.vector(ZERO));
			return holds("f64x2", extent, sound.binary("v128.or", zero));
		},
	};
	const sure = usual.and(b.sure([doubt]));
	const kind = extent === "packed" ? "pd2ps" : "sd2ss";
	return proved(b, "f32x4", "scalar", convert(b, kind, x, sure, result));
};
/** The smallest normal single, as a double. */
const SMALLEST_SINGLE = repeat(0x3810000000000000n, 64);
export const cvtpd2ps = (b: VectorBuilder, x: Vector): Vector => narrow(b, "packed", x);
export const cvtsd2ss = packed<[Vector, Vector]>((b, first, x) =>
	merge(b, "f32x4", "scalar", first, narrow(b, "scalar", x)),
);

/** CVTSI2SS, CVTSI2SD: a 32-bit integer is a double exactly. */
export const fromInteger = (shape: Floats): Semantics =>
	packed<[Vector, Value]>((b, first, value) => {
		const result = proved(b, shape, "packed", b.converted(shape, value));
		if (shape === "f64x2" && value.width === 32) return merge(b, shape, "scalar", first, result);
		const slow = () => {
			const how = b.constant(32, shape === "f64x2" ? DOUBLE : 0);
			return b.splat("i64x2", b.computeFrom("integerToFloat", 64, [value.sext(64), how], true));
		};
		const converted = b.either<Vector>(isUsual(b), () => result, slow);
		return merge(b, shape, "scalar", first, proved(b, shape, "scalar", converted));
	});

/** CVTSS2SI, CVTTSD2SI and so on, to a general register. */
export const toInteger = (shape: Floats, truncate: boolean): Semantics =>
	packed<[Vector]>((b, x) => {
		const width = b.width as 32 | 64;
		const usual = isUsual(b);
		const whole = truncate ? x : x.unary(`${shape}.nearest`);
		const limit = b.vector((width === 64 ? MUCH_TOO_LARGE : TOO_LARGE)[shape]);
		const fits = magnitude(shape, whole).compare(`${shape}.lt`, limit);
		const how = (shape === "f64x2" ? DOUBLE : 0) | (width === 64 ? 2 : 0) | (truncate ? 1 : 0);
		return b.either<Value>(
			usual.and(b.sure([{ raised: fits.isZero() }])),
			() => whole.truncated(shape, width),
			() => {
				const operands = [x.lane("i64x2", 0), b.constant(32, how)];
				return b.computeFrom("floatToInteger", 64, operands, true).zext(width);
			},
		);
	});

/** The x87's registers become MMX registers: after the conversion, which may fault. */
const enterMmx = (b: Builder): void => void b.compute("enterMmx", 32, []);

/** From memory no MMX register is touched, and processors leave the x87's as they are, whatever the SDM says of CVTPI2PS. */
export const mmxToSingles = (register: boolean): Semantics =>
	packed<[Vector, Value]>((b, first, value) => {
		const x = b.splat("i64x2", value);
		const result = convert(b, "dq2ps", x, isUsual(b), x.unary("f32x4.convert_i32x4_s"));
		if (register) enterMmx(b);
		return merge(b, "f64x2", "scalar", first, result);
	});
export const mmxToDoubles = (register: boolean): Semantics =>
	packed<[Value]>((b, value) => {
		if (register) enterMmx(b);
		return b.splat("i64x2", value).unary("f64x2.convert_low_i32x4_s");
	});
export const toMmx = (shape: Floats, truncate: boolean): Semantics =>
	packed<[Vector]>((b, x) => {
		const source = shape === "f32x4" ? x.permute(LOW_SINGLES) : x;
		const result = toIntegers(shape, truncate)(b, source).lane("i64x2", 0);
		enterMmx(b);
		return result;
	});
export const movq2dq = packed<[Value]>((b, value) => {
	enterMmx(b);
	return b.vector(ZERO).withLane("i64x2", 0, value);
});
export const movdq2q = packed<[Vector]>((b, x) => {
	enterMmx(b);
	return x.lane("i64x2", 0);
});

// --- the rest -------------------------------------------------------------------------------------------------------

/** RCP, RSQRT: approximations to twelve bits that raise nothing. */
export const approximate = (name: "reciprocal" | "reciprocalRoot", extent: Extent): Semantics =>
	extent === "packed"
		? packed<[Vector]>((b, x) => b.computeVector(name, [x]))
		: packed<[Vector, Vector]>((b, first, x) => merge(b, "f32x4", extent, first, b.computeVector(name, [x])));

/** ROUND: the immediate names the rounding, or MXCSR's, and may keep PE as it is. */
export const roundPacked = (shape: Floats): Semantics =>
	packed<[Vector, Value]>((b, x, how) => rounded(b, shape, "packed", x, how));
export const roundScalar = (shape: Floats): Semantics =>
	packed<[Vector, Vector, Value]>((b, first, x, how) =>
		merge(b, shape, "scalar", first, rounded(b, shape, "scalar", x, how)),
	);
const ROUNDINGS = ["nearest", "floor", "ceil", "trunc"] as const;
const BY_MXCSR = 4;
const rounded = (b: VectorBuilder, shape: Floats, extent: Extent, x: Vector, mode: Value): Vector => {
	const how = b.constant(32, howOf(b, shape, extent));
	const slow = () => b.computeVector("floatRound", [x, mode.zext(32), how], true);
	if (mode.known === undefined) return slow();
	const known = Number(mode.known);
	const usual = isUsual(b);
	const verb = ROUNDINGS[known & BY_MXCSR ? 0 : known & 3];
	const sure = usual.and(b.sure(plain(b, shape, extent, x)));
	return proved(
		b,
		shape,
		extent,
		b.either<Vector>(sure, () => x.unary(`${shape}.${verb}`), slow),
	);
};

/** DPPS, DPPD. */
export const dotProduct = (shape: Floats): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, mask) =>
		b.computeVector("dotProduct", [x, y, mask.zext(32), b.constant(32, howOf(b, shape, "packed"))], true),
	);
