/** Packed integers: one function a family of instructions, over the lanes that the row names. */
import type { Semantics, Value } from "../builder.ts";
import {
	type Bytes,
	type Lanes,
	packed,
	repeat,
	type Vector,
	type VectorBinary,
	type VectorBuilder,
	type VectorShift,
	type VectorUnary,
} from "../vector.ts";

/** One operation of the host's on all lanes. */
export const lanes = (operation: VectorBinary): Semantics =>
	packed<[Vector, Vector]>((_, a, b) => a.binary(operation, b));
export const unary = (operation: VectorUnary): Semantics => packed<[Vector]>((_, a) => a.unary(operation));
/** PANDN and its like: the first operand is the one that is inverted. */
export const andNot = packed<[Vector, Vector]>((_, a, b) => b.binary("v128.andnot", a));

const ZERO = repeat(0, 8);
/** The widths of lanes that shifts know. */
type Shape = "i16x8" | "i32x4" | "i64x2";
const WIDTHS = { i8x16: 8, i16x8: 16, i32x4: 32, i64x2: 64 } as const;

/** All ones where the condition holds. */
const maskOf = (b: VectorBuilder, condition: Value): Vector =>
	b.splat("i32x4", b.constant(32, 0).sub(condition));

/** By 64 bits of the count; beyond the lane's width zeros or signs are what is left. */
const shiftBy = (b: VectorBuilder, operation: VectorShift, a: Vector, count: Value): Vector => {
	const shape = operation.split(".")[0] as Shape;
	const width = WIDTHS[shape];
	const within = count.ltU(width);
	if (operation.endsWith("shr_s")) {
		const most = b.constant(count.width, width - 1);
		return a.shift(operation, b.select(within, count, most).zext(32));
	}
	return a.shift(operation, count.zext(32)).binary("v128.and", maskOf(b, within));
};
export const shift = (operation: VectorShift): Semantics =>
	packed<[Vector, Vector]>((b, a, count) => shiftBy(b, operation, a, count.lane("i64x2", 0)));
export const shiftImmediate = (operation: VectorShift): Semantics =>
	packed<[Vector, Value]>((b, a, count) => shiftBy(b, operation, a, count.zext(32)));

/** The high halves of 16-bit products: of two doubleword vectors the upper words. */
const UPPER_WORDS: Bytes = [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31];
const LOWER_WORDS: Bytes = UPPER_WORDS.map((byte) => byte - 2);
const products = (a: Vector, b: Vector, sign: "s" | "u"): [Vector, Vector] => [
	a.binary(`i32x4.extmul_low_i16x8_${sign}`, b),
	a.binary(`i32x4.extmul_high_i16x8_${sign}`, b),
];
export const multiplyHigh = (sign: "s" | "u"): Semantics =>
	packed<[Vector, Vector]>((_, a, b) => {
		const [low, high] = products(a, b, sign);
		return low.shuffle(high, UPPER_WORDS);
	});
/** PMULHRSW: bit 14 rounds. */
export const multiplyRound = packed<[Vector, Vector]>((b, x, y) => {
	const one = b.vector(repeat(1, 32));
	const [low, high] = products(x, y, "s").map((product) =>
		product.shift("i32x4.shr_s", 14).binary("i32x4.add", one).shift("i32x4.shr_s", 1),
	);
	return low.shuffle(high, LOWER_WORDS);
});
const EVEN_DOUBLEWORDS: Bytes = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
/** PMULUDQ, PMULDQ: the even doublewords make quadwords. */
export const multiplyEven = (sign: "s" | "u"): Semantics =>
	packed<[Vector, Vector]>((_, a, b) =>
		a.permute(EVEN_DOUBLEWORDS).binary(`i64x2.extmul_low_i32x4_${sign}`, b.permute(EVEN_DOUBLEWORDS)),
	);
/** PMADDUBSW: unsigned bytes times signed ones, neighbours added with saturation. */
export const multiplyAddBytes = packed<[Vector, Vector]>((b, x, y) => {
	const even = x
		.binary("v128.and", b.vector(repeat(0xff, 16)))
		.binary("i16x8.mul", y.shift("i16x8.shl", 8).shift("i16x8.shr_s", 8));
	const odd = x.shift("i16x8.shr_u", 8).binary("i16x8.mul", y.shift("i16x8.shr_s", 8));
	return even.binary("i16x8.add_sat_s", odd);
});

/** PSADBW: the differences' magnitudes, summed over eight bytes. */
export const sumOfDifferences = packed<[Vector, Vector]>((b, x, y) => {
	const differences = x.binary("i8x16.sub_sat_u", y).binary("v128.or", y.binary("i8x16.sub_sat_u", x));
	const sums = differences.unary("i16x8.extadd_pairwise_i8x16_u").unary("i32x4.extadd_pairwise_i16x8_u");
	return sums
		.binary("i32x4.add", sums.shift("i64x2.shr_u", 32))
		.binary("v128.and", b.vector(repeat(0xffff, 64)));
});

/** Neighbours of both operands, the first of each pair and the second. */
const pairs = (a: Vector, b: Vector, width: 2 | 4): [Vector, Vector] => {
	const first = Array.from({ length: 16 }, (_, i) => Math.floor(i / width) * 2 * width + (i % width));
	return [
		a.shuffle(b, first),
		a.shuffle(
			b,
			first.map((byte) => byte + width),
		),
	];
};
/** PHADD and PHSUB. */
export const horizontal = (operation: VectorBinary): Semantics =>
	packed<[Vector, Vector]>((_, a, b) => {
		const [first, second] = pairs(a, b, operation.startsWith("i16x8") ? 2 : 4);
		return first.binary(operation, second);
	});

/** PSIGN: negated, kept or zeroed by the second operand's sign. */
export const sign = (shape: "i8x16" | "i16x8" | "i32x4"): Semantics =>
	packed<[Vector, Vector]>((b, a, by) => {
		const zero = b.vector(ZERO);
		const negative = by.binary(`${shape}.lt_s`, zero);
		const signed = a.binary("v128.xor", negative).binary(`${shape}.sub`, negative);
		return signed.binary("v128.and", by.binary(`${shape}.ne`, zero));
	});

/** BLENDV: the second operand where the mask's lanes are negative. */
export const blendVariable = (shape: "i8x16" | "i32x4" | "i64x2"): Semantics =>
	packed<[Vector, Vector, Vector]>((_, a, b, mask) =>
		b.select(mask.shift(`${shape}.shr_s`, WIDTHS[shape] - 1), a),
	);

/** MOVMSK: a bit for each lane; of a 256-bit operand both halves together. */
export const signMask = (shape: "i8x16" | "i32x4" | "i64x2"): Semantics =>
	packed<[Vector, Vector?]>((_, low, high) => {
		const bits = low.test(`${shape}.bitmask`);
		return high ? bits.or(high.test(`${shape}.bitmask`).shl(128 / WIDTHS[shape])) : bits;
	});

/** PTEST, VTESTPS, VTESTPD: ZF where no bit is in both, CF where none is in the second alone; of VTEST signs alone count. */
export const test = (shape?: "i32x4" | "i64x2"): Semantics =>
	packed<Vector[]>((b, ...operands) => {
		const half = operands.length / 2;
		const any = (combine: (x: Vector, y: Vector) => Vector): Value =>
			Array.from({ length: half }, (_, i) => {
				const bits = combine(operands[i], operands[half + i]);
				return shape ? bits.test(`${shape}.bitmask`) : bits.test("v128.any_true");
			}).reduce((one, other) => one.or(other));
		const both = any((x, y) => x.binary("v128.and", y));
		const secondAlone = any((x, y) => y.binary("v128.andnot", x));
		b.flags.result(b.constant(32, 1), secondAlone.isZero(), b.constant(32, 0));
		b.flags.setZero(both.isZero());
	});

/** VBROADCASTSS and SD from memory, which gives a value. */
export const broadcastScalar = (width: 4 | 8): Semantics =>
	packed<[Value]>((b, value) => {
		const all = b.splat(width === 4 ? "i32x4" : "i64x2", value);
		return b.length === 128 ? all : [all, all];
	});

/** MASKMOVDQU: the bytes whose mask is negative, to [rDI]. */
export const maskedMove = packed<[Vector, Vector]>((b, a, mask) => b.coreWith("maskedMove", [a, mask]));

/** For instructions whose immediate has bits for each half of a 256-bit operand: the upper half's are `bits` further up. */
export const byHalf = (
	bits: number,
	semantics: (b: VectorBuilder, immediate: Value, ...operands: Vector[]) => Vector,
): Semantics =>
	packed<Lanes[]>((b, ...operands) => {
		const immediate = (operands.at(-1) as Value).zext(32);
		const vectors = operands.slice(0, -1) as Vector[];
		if (b.length === 128) return semantics(b, immediate.and(255), ...vectors);
		const half = (which: number) => vectors.filter((_, i) => i % 2 === which);
		return [
			semantics(b, immediate.and(255), ...half(0)),
			semantics(b, immediate.and(255).shr(bits), ...half(1)),
		];
	});

/** What is widened, step by step, and the shape that comes of it. */
export type Extension = "i8x16" | "i16x8" | "i32x4";
const WIDER = { i8x16: "i16x8", i16x8: "i32x4", i32x4: "i64x2" } as const;
type Widening = `${"i16x8" | "i32x4" | "i64x2"}.extend_low_${Extension}_${"s" | "u"}` & VectorUnary;

/** PMOVSX, PMOVZX: of the lowest lanes; the upper half of a 256-bit result takes those above. */
export const extend = (sign: "s" | "u", steps: readonly Extension[]): Semantics => {
	const widen = (x: Vector): Vector =>
		steps.reduce((vector, step) => vector.unary(`${WIDER[step]}.extend_low_${step}_${sign}` as Widening), x);
	const taken = 16 >> steps.length;
	const above: Bytes = Array.from({ length: 16 }, (_, i) => (i + taken) & 15);
	return packed<[Vector]>((b, x) => (b.length === 128 ? widen(x) : [widen(x), widen(x.permute(above))]));
};

/** MPSADBW, of one half. */
export const sumsOfBlocks = (b: VectorBuilder, places: Value, x: Vector, y: Vector): Vector =>
	b.computeVector("sumsOfBlocks", [x, y, places]);

/** PCMPESTRI and the other three: what core/packed.ts is told. */
export const compareStrings = (explicit: boolean, result: "mask" | "index"): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, control) => {
		const how = (explicit ? 1 : 0) | (result === "mask" ? 2 : 0) | (b.isVex ? 4 : 0);
		b.coreWith("compareStrings", [x, y, control.zext(32), b.constant(32, how)]);
	});

/** VPSLLV, VPSRLV, VPSRAV: what core/packed.ts is told. */
export const shiftEach = (kind: "left" | "right" | "signed", quadwords: boolean): Semantics =>
	packed<[Vector, Vector]>((b, x, counts) => {
		const how = ["left", "right", "signed"].indexOf(kind) | (quadwords ? 16 : 0);
		return b.computeVector("shiftEach", [x, counts, b.constant(32, how)]);
	});

/** PHMINPOSUW, AES and SHA: what core/ computes from vectors and immediates. */
export const computed = (name: string): Semantics =>
	packed<Lanes[]>((b, ...operands) =>
		b.computeVector(
			name,
			operands.map((operand) => ("width" in operand && operand.width < 32 ? operand.zext(32) : operand)),
		),
	);
