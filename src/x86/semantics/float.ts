/**
 * Floating point of SSE and AVX: the host's instruction where nothing can come of it but a rounded number, core/ where more
 * can.
 *
 * WebAssembly rounds to nearest, keeps denormals, and says nothing of exceptions; NaNs come out as the host likes. So the fast
 * way is right only where the guest would see the same. With MXCSR as programs have it (nearest, DAZ and FTZ clear,
 * all exceptions masked) and PE already set, which it is after the first inexact result, an operation can change nothing but its
 * destination unless
 *   - an operand is denormal (DE),
 *   - the result is infinite or a NaN: overflow, division by zero, an invalid operation, or an operand that was one of the two,
 *   - the result is tiny: not above the smallest normal number, since tininess counts before the result is cut to
 *     the denormal's precision, and a tiny result may have been rounded up to that number. A sum that tiny is exact, so for ADD
 *     and SUB this does not matter; zero from a zero factor or dividend is exact too.
 * All three are comparisons of magnitudes on whole vectors. What fails them, or finds another MXCSR, is computed again in core/
 * with flags, rounding and NaNs as the SDM has them (SDM 1, "SSE and SSE2 Floating-Point Exceptions").
 */
import type { Bit, Builder, Semantics, Value } from "../builder.ts";
import {
	type Bytes,
	type Floats,
	type Lanes,
	packed,
	repeat,
	type Vector,
	type VectorBuilder,
} from "../vector.ts";

const ZERO = repeat(0, 8);
const SMALLEST: Record<Floats, Bytes> = {
	f32x4: repeat(0x00800000, 32),
	f64x2: repeat(0x0010000000000000n, 64),
};
const INFINITY: Record<Floats, Bytes> = {
	f32x4: repeat(0x7f800000, 32),
	f64x2: repeat(0x7ff0000000000000n, 64),
};
/** 2^31: from there on a single or a double is no 32-bit integer. */
const TOO_LARGE: Record<Floats, Bytes> = {
	f32x4: repeat(0x4f000000, 32),
	f64x2: repeat(0x41e0000000000000n, 64),
};

const MXCSR_PE = 0x20;
const MXCSR_DAZ = 0x40;
const MXCSR_MASKS = 0x1f80;
/** DAZ, the masks, RC and FTZ, as after reset, with PE. */
const MXCSR_CONTROL = 0xffc0;
const MXCSR_USUAL = 0x1f80 | MXCSR_PE;

/** What core/sse.ts is told: the operation, and of what it is one. */
const OPERATIONS = { add: 0, sub: 1, mul: 2, div: 3, sqrt: 4, min: 5, max: 6, addsub: 7 } as const;
export type Operation = keyof typeof OPERATIONS;
const DOUBLE = 16;
const SCALAR = 32;
const FIRST_HALF = 64;
const SECOND_HALF = 128;

/** One lane, or all of them. */
export type Extent = "scalar" | "packed";
/** Of two halves core/ must see both or none where an exception is unmasked: they raise it together. */
const halfOf = (b: VectorBuilder): number => (b.length === 128 ? 0 : b.half ? SECOND_HALF : FIRST_HALF);
export const howOf = (b: VectorBuilder, shape: Floats, extent: Extent): number =>
	(shape === "f64x2" ? DOUBLE : 0) | (extent === "scalar" ? SCALAR : halfOf(b));

const isUsual = (b: VectorBuilder): Bit => b.mxcsr.and(MXCSR_CONTROL | MXCSR_PE).eq(MXCSR_USUAL);
/** DAZ is clear; and for the halves' sake all is masked. */
const keepsDenormals = (b: VectorBuilder): Bit =>
	b.length === 128 ? b.mxcsr.and(MXCSR_DAZ).isZero() : b.mxcsr.and(MXCSR_MASKS | MXCSR_DAZ).eq(MXCSR_MASKS);

/** Whether a mask holds, in the lanes that count. */
function holds(shape: Floats, extent: Extent, mask: Vector): Bit {
	if (extent === "scalar") return mask.lane("i32x4", 0).ne(0);
	return mask.test(shape === "f64x2" ? "i64x2.all_true" : "i32x4.all_true");
}

const magnitude = (shape: Floats, a: Vector): Vector => a.unary(`${shape}.abs`);
/** Lanes that are denormal. */
function denormal(b: VectorBuilder, shape: Floats, a: Vector): Vector {
	const small = magnitude(shape, a).binary(`${shape}.lt`, b.vector(SMALLEST[shape]));
	return small.binary("v128.and", a.binary(`${shape}.ne`, b.vector(ZERO)));
}
const isFinite_ = (b: VectorBuilder, shape: Floats, a: Vector): Vector =>
	magnitude(shape, a).binary(`${shape}.lt`, b.vector(INFINITY[shape]));
const without = (mask: Vector, other: Vector): Vector => mask.binary("v128.andnot", other);

/** Lanes whose result is tiny although no operand that makes it zero is zero. */
function tiny(b: VectorBuilder, shape: Floats, result: Vector, factors: Vector[]): Vector {
	const small = magnitude(shape, result).binary(`${shape}.le`, b.vector(SMALLEST[shape]));
	return factors.reduce(
		(mask, factor) => mask.binary("v128.and", factor.binary(`${shape}.ne`, b.vector(ZERO))),
		small,
	);
}

/** Lane 0 of the result, the others of the first operand. */
const LOW_LANE: Record<Floats, Bytes> = {
	f32x4: [0, 1, 2, 3, ...Array.from({ length: 12 }, (_, i) => 20 + i)],
	f64x2: [0, 1, 2, 3, 4, 5, 6, 7, ...Array.from({ length: 8 }, (_, i) => 24 + i)],
};
const merge = (shape: Floats, extent: Extent, first: Vector, result: Vector): Vector =>
	extent === "packed" ? result : result.shuffle(first, LOW_LANE[shape]);

/** The fast result, or core/'s. */
function careful(b: VectorBuilder, fast: Bit, result: Vector, name: string, operands: Lanes[]): Vector {
	return b.either<Vector>(
		fast,
		() => result,
		() => b.computeVector(name, operands, true),
	);
}

type Binary = "add" | "sub" | "mul" | "div";
/** The factors without which a result is tiny: of a quotient the dividend alone. */
const factorsOf = (verb: Binary, x: Vector, y: Vector): Vector[] =>
	verb === "mul" ? [x, y] : verb === "div" ? [x] : [];

function compute(
	b: VectorBuilder,
	shape: Floats,
	extent: Extent,
	verb: Binary,
	x: Vector,
	y: Vector,
): Vector {
	const result = x.binary(`${shape}.${verb}`, y);
	let sound = isFinite_(b, shape, result);
	for (const operand of [x, y]) sound = without(sound, denormal(b, shape, operand));
	const factors = factorsOf(verb, x, y);
	if (factors.length) sound = without(sound, tiny(b, shape, result, factors));
	const fast = isUsual(b).and(holds(shape, extent, sound));
	const how = b.constant(32, OPERATIONS[verb] | howOf(b, shape, extent));
	return careful(b, fast, result, "floatArithmetic", [x, y, how]);
}

export const arithmetic = (verb: Binary, shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => merge(shape, extent, x, compute(b, shape, extent, verb, x, y)));

/** A root is never tiny, and of a negative number it is a NaN. */
export const sqrtPacked = (shape: Floats): Semantics =>
	packed<[Vector]>((b, x) => root(b, shape, "packed", x));
export const sqrtScalar = (shape: Floats): Semantics =>
	packed<[Vector, Vector]>((b, first, x) => merge(shape, "scalar", first, root(b, shape, "scalar", x)));
function root(b: VectorBuilder, shape: Floats, extent: Extent, x: Vector): Vector {
	const result = x.unary(`${shape}.sqrt`);
	const sound = without(isFinite_(b, shape, result), denormal(b, shape, x));
	const how = b.constant(32, OPERATIONS.sqrt | howOf(b, shape, extent));
	return careful(b, isUsual(b).and(holds(shape, extent, sound)), result, "floatArithmetic", [x, x, how]);
}

/** Neither operand is a NaN or denormal: nothing is raised, whatever MXCSR masks. */
function plain(b: VectorBuilder, shape: Floats, x: Vector, y: Vector): Vector {
	const ordered = x.binary(`${shape}.eq`, x).binary("v128.and", y.binary(`${shape}.eq`, y));
	return without(without(ordered, denormal(b, shape, x)), denormal(b, shape, y));
}

/** MIN, MAX: the second operand unless the first is less or greater, which is how WebAssembly's pseudo-minimum chooses. */
export const extreme = (verb: "min" | "max", shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const result = y.binary(`${shape}.p${verb}`, x);
		const fast = keepsDenormals(b).and(holds(shape, extent, plain(b, shape, x, y)));
		const how = b.constant(32, OPERATIONS[verb] | howOf(b, shape, extent));
		return merge(shape, extent, x, careful(b, fast, result, "floatArithmetic", [x, y, how]));
	});

/** ADDSUB: odd lanes are sums, even ones differences. */
const ODD: Record<Floats, Bytes> = {
	f32x4: repeat(0xffffffff00000000n, 64),
	f64x2: [...new Array<number>(8).fill(0), ...new Array<number>(8).fill(255)],
};
export const addsub = (shape: Floats): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const odd = b.vector(ODD[shape]);
		const result = x.binary(`${shape}.add`, y).select(odd, x.binary(`${shape}.sub`, y));
		let sound = isFinite_(b, shape, result);
		for (const operand of [x, y]) sound = without(sound, denormal(b, shape, operand));
		const how = b.constant(32, OPERATIONS.addsub | howOf(b, shape, "packed"));
		return careful(b, isUsual(b).and(holds(shape, "packed", sound)), result, "floatArithmetic", [x, y, how]);
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

// --- comparisons ------------------------------------------------------------------------------------------------

/** COMIS, UCOMIS: ZF, PF and CF; the others are cleared. */
export const compareFlags = (shape: Floats, quiet: boolean): Semantics =>
	packed<[Vector, Vector]>((b, x, y) => {
		const fast = keepsDenormals(b).and(holds(shape, "scalar", plain(b, shape, x, y)));
		const bit = (verb: "lt" | "eq") => x.binary(`${shape}.${verb}`, y).lane("i32x4", 0);
		const flags = b.either<Value>(
			fast,
			() => bit("lt").and(1).or(bit("eq").and(ZF)),
			() => {
				const how = b.constant(32, howOf(b, shape, "scalar") | (quiet ? 1 : 0));
				return b.computeFrom("floatCompare", 32, [x, y, how], true);
			},
		);
		setOrder(b, flags);
	});
const PF = 4;
const ZF = 0x40;
/** A result of 1 has none of SF, ZF and PF, a result of 3 has PF. */
function setOrder(b: Builder, flags: Value): void {
	b.flags.result(flags.and(PF).shr(1).add(1), flags.and(1), b.constant(32, 0));
	b.flags.setZero(flags.and(ZF).ne(0));
}

/** CMP: all ones where the predicate holds. Without a VEX prefix there are eight predicates. */
export const compareMask = (shape: Floats, extent: Extent): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, predicate) => {
		const which = predicate.zext(32).and(b.isVex ? 31 : 7);
		const result = b.computeVector(
			"floatCompareMask",
			[x, y, which, b.constant(32, howOf(b, shape, extent))],
			true,
		);
		return merge(shape, extent, x, result);
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
	convert(b, "dq2ps", x, isUsual(b), x.unary("f32x4.convert_i32x4_s")),
);
const toIntegers =
	(shape: Floats, truncate: boolean) =>
	(b: VectorBuilder, x: Vector): Vector => {
		const whole = truncate ? x : x.unary(`${shape}.nearest`);
		const result = whole.unary(
			shape === "f32x4" ? "i32x4.trunc_sat_f32x4_s" : "i32x4.trunc_sat_f64x2_s_zero",
		);
		const fits = magnitude(shape, whole).binary(`${shape}.lt`, b.vector(TOO_LARGE[shape]));
		const kind = shape === "f32x4" ? (truncate ? "tps2dq" : "ps2dq") : truncate ? "tpd2dq" : "pd2dq";
		return convert(b, kind, x, isUsual(b).and(holds(shape, "packed", fits)), result);
	};
export const cvtps2dq = packed<[Vector]>(toIntegers("f32x4", false));
export const cvttps2dq = packed<[Vector]>(toIntegers("f32x4", true));
export const cvtpd2dq = toIntegers("f64x2", false);
export const cvttpd2dq = toIntegers("f64x2", true);

/** Exact, but for NaNs and denormals; the other two lanes of the source count for nothing. */
const LOW_SINGLES: Bytes = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];
const LOW_SINGLE: Bytes = repeat(0x03020100, 32);
const widen = (b: VectorBuilder, extent: Extent, source: Vector): Vector => {
	const x = source.permute(extent === "packed" ? LOW_SINGLES : LOW_SINGLE);
	const sound = without(x.binary("f32x4.eq", x), denormal(b, "f32x4", x));
	const fast = keepsDenormals(b).and(holds("f32x4", "packed", sound));
	return convert(b, extent === "packed" ? "ps2pd" : "ss2sd", x, fast, x.unary("f64x2.promote_low_f32x4"));
};
export const cvtps2pd = (b: VectorBuilder, x: Vector): Vector => widen(b, "packed", x);
export const cvtss2sd = packed<[Vector, Vector]>((b, first, x) =>
	merge("f64x2", "scalar", first, widen(b, "scalar", x)),
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

const narrow = (b: VectorBuilder, extent: Extent, x: Vector): Vector => {
	const result = x.unary("f32x4.demote_f64x2_zero");
	const back = result.unary("f64x2.promote_low_f32x4");
	const small = magnitude("f64x2", back).binary("f64x2.le", b.vector(repeat(0x3810000000000000n, 64)));
	const lost = small.binary("v128.and", x.binary("f64x2.ne", b.vector(ZERO)));
	const sound = without(isFinite_(b, "f64x2", back), lost);
	const fast = isUsual(b).and(holds("f64x2", extent, sound));
	return convert(b, extent === "packed" ? "pd2ps" : "sd2ss", x, fast, result);
};
export const cvtpd2ps = (b: VectorBuilder, x: Vector): Vector => narrow(b, "packed", x);
export const cvtsd2ss = packed<[Vector, Vector]>((b, first, x) =>
	merge("f32x4", "scalar", first, narrow(b, "scalar", x)),
);

/** CVTSI2SS, CVTSI2SD: a 32-bit integer is a double exactly. */
export const fromInteger = (shape: Floats): Semantics =>
	packed<[Vector, Value]>((b, first, value) => {
		if (shape === "f64x2" && value.width === 32)
			return merge(shape, "scalar", first, b.splat("i32x4", value).unary("f64x2.convert_low_i32x4_s"));
		const how = b.constant(32, shape === "f64x2" ? DOUBLE : 0);
		const bits = b.computeFrom("integerToFloat", 64, [value.sext(64), how], true);
		return merge(shape, "scalar", first, b.splat("i64x2", bits));
	});

/** CVTSS2SI, CVTTSD2SI and so on, to a general register. */
export const toInteger = (shape: Floats, truncate: boolean): Semantics =>
	packed<[Vector]>((b, x) => {
		const how = b.constant(
			32,
			(shape === "f64x2" ? DOUBLE : 0) | (b.width === 64 ? 2 : 0) | (truncate ? 1 : 0),
		);
		return b.computeFrom("floatToInteger", 64, [x.lane("i64x2", 0), how], true).zext(b.width);
	});

/** The x87's registers become MMX registers: after the conversion, which may fault. */
const enterMmx = (b: Builder): void => void b.compute("enterMmx", 32, []);

export const mmxToSingles = packed<[Vector, Value]>((b, first, value) => {
	const x = b.splat("i64x2", value);
	const result = convert(b, "dq2ps", x, isUsual(b), x.unary("f32x4.convert_i32x4_s"));
	enterMmx(b);
	return merge("f64x2", "scalar", first, result);
});
/** From memory no MMX register is touched. */
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
		: packed<[Vector, Vector]>((b, first, x) => merge("f32x4", extent, first, b.computeVector(name, [x])));

/** ROUND: the immediate names the rounding, or MXCSR's, and may keep PE as it is. */
export const roundPacked = (shape: Floats): Semantics =>
	packed<[Vector, Value]>((b, x, how) => rounded(b, shape, "packed", x, how));
export const roundScalar = (shape: Floats): Semantics =>
	packed<[Vector, Vector, Value]>((b, first, x, how) =>
		merge(shape, "scalar", first, rounded(b, shape, "scalar", x, how)),
	);
const rounded = (b: VectorBuilder, shape: Floats, extent: Extent, x: Vector, how: Value): Vector =>
	b.computeVector("floatRound", [x, how.zext(32), b.constant(32, howOf(b, shape, extent))], true);

/** DPPS, DPPD. */
export const dotProduct = (shape: Floats): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, mask) =>
		b.computeVector("dotProduct", [x, y, mask.zext(32), b.constant(32, howOf(b, shape, "packed"))], true),
	);
