/** What came with AVX, AVX2, FMA and F16C and has no form without a VEX prefix. Rows that are `whole` get 256-bit operands as two vectors. */
import type { Semantics, Value } from "../builder.ts";
import {
	type Bytes,
	type Floats,
	type Lanes,
	packed,
	repeat,
	type Vector,
	type VectorBuilder,
} from "../vector.ts";
import { howOf, merge } from "./float.ts";
import { fusedFast } from "./fused.ts";

const BYTES = Array.from({ length: 16 }, (_, i) => i);
const maskOf = (b: VectorBuilder, condition: Value): Vector =>
	b.splat("i32x4", b.constant(32, 0).sub(condition));

/** The first lane in all lanes, of both halves. */
export const broadcast = (width: 1 | 2 | 4 | 8 | 16): Semantics => {
	const control: Bytes = BYTES.map((i) => i % width);
	return packed<[Vector]>((b, x) => {
		const lane = x.permute(control);
		return b.length === 128 ? lane : [lane, lane];
	});
};

/** VPERM2F128: two bits choose each half among the four of both operands, a third makes it zero. */
export const permuteHalves = packed<[Vector, Vector, Vector, Vector, Value]>(
	(b, h0, h1, w0, w1, immediate) => {
		const half = (shift: number): Vector => {
			const field = immediate.zext(32).shr(shift).and(0xb);
			return [h0, h1, w0, w1]
				.map((source, i) => source.binary("v128.and", maskOf(b, field.eq(i))))
				.reduce((a, c) => a.binary("v128.or", c));
		};
		return [half(0), half(4)];
	},
);
export const insertHalf = packed<[Vector, Vector, Vector, Value]>((b, h0, h1, from, immediate) => {
	const upper = maskOf(b, immediate.zext(32).and(1));
	return [h0.select(upper, from), from.select(upper, h1)];
});
export const extractHalf = packed<[Vector, Vector, Value]>((b, low, high, immediate) =>
	high.select(maskOf(b, immediate.zext(32).and(1)), low),
);

const quadwords =
	(shift: number) =>
	(immediate: number): Bytes =>
		BYTES.map((i) => ((immediate >> (shift + (i < 8 ? 0 : 2))) & 3) * 8 + (i & 7));
const lowQuadwords = quadwords(0);
const highQuadwords = quadwords(4);
/** VPERMQ, VPERMPD: any quadword to any place. */
export const permuteQuadwords = packed<[Vector, Vector, Value]>((b, w0, w1, immediate) => [
	w0.shuffle(w1, b.control(immediate, lowQuadwords)),
	w0.shuffle(w1, b.control(immediate, highQuadwords)),
]);

/** Numbers of doublewords to the numbers of their bytes. */
const FOUR_BYTES = repeat(0x03020100, 32);
const doublewordControl = (b: VectorBuilder, numbers: Vector, mask: number): Vector =>
	numbers
		.binary("v128.and", b.vector(repeat(mask, 32)))
		.binary("i32x4.mul", b.vector(repeat(0x04040404, 32)))
		.binary("i32x4.add", b.vector(FOUR_BYTES));
/** VPERMD, VPERMPS: any doubleword to any place, as the first operand's lanes say. */
export const permuteDoublewords = packed<[Vector, Vector, Vector, Vector]>((b, i0, i1, w0, w1) =>
	[i0, i1].map((numbers) => w0.shuffle(w1, doublewordControl(b, numbers, 7))),
);
/** VPERMILPS, VPERMILPD with a register: inside each half. The latter looks at bit 1. */
export const permuteSingles = packed<[Vector, Vector]>((b, x, numbers) =>
	x.permute(doublewordControl(b, numbers, 3)),
);
const EIGHT_BYTES = repeat(0x0706050403020100n, 64);
export const permuteDoubles = packed<[Vector, Vector]>((b, x, numbers) => {
	const upper = numbers.shift("i64x2.shl", 62).shift("i64x2.shr_s", 63);
	return x.permute(upper.binary("v128.and", b.vector(repeat(8, 8))).binary("v128.or", b.vector(EIGHT_BYTES)));
});
const doubles = (immediate: number): Bytes => BYTES.map((i) => ((immediate >> (i >> 3)) & 1) * 8 + (i & 7));
export const permuteDoublesBoth = (b: VectorBuilder, immediate: Value, x: Vector): Vector =>
	x.permute(b.control(immediate, doubles));

// --- memory under a mask ---------------------------------------------------------------------------------------------

/** Lanes whose mask is clear are neither read nor written, and cannot fault. */
const upperAddress = (address: Value): Value => address.add(16);
export const maskedLoad = (bytes: 4 | 8): Semantics =>
	packed<Lanes[]>((b, ...operands) => {
		const address = operands.at(-1) as Value;
		const load = (mask: Lanes, from: Value) =>
			b.computeVector("maskedLoad", [mask, from, b.constant(32, bytes)], true);
		const low = load(operands[0], address);
		return b.length === 128 ? low : [low, load(operands[1], upperAddress(address))];
	});
/** Address, then masks, then values, low halves first. */
export const maskedStore = (bytes: 4 | 8): Semantics =>
	packed<Lanes[]>((b, address, ...vectors) => {
		const zero = b.vector(repeat(0, 8));
		const [m0, m1, v0, v1] = b.length === 128 ? [vectors[0], zero, vectors[1], zero] : vectors;
		b.coreWith("maskedStore", [address, m0, m1, v0, v1, b.constant(32, bytes)]);
	});
/** VGATHER: destination, mask and addresses are core/'s. @param index bytes of an index @param data bytes of an element */
export const gather = (index: 4 | 8, data: 4 | 8): Semantics =>
	packed<Lanes[]>((b) => {
		const how = index | (data << 4) | (b.length === 256 ? 0x100 : 0);
		b.coreWith("gather", [b.constant(32, how)]);
	});

export const zeroUpper = packed<Lanes[]>((b) => b.coreWith("zeroUpper", []));
export const zeroAll = packed<Lanes[]>((b) => b.coreWith("zeroAll", []));

// --- fused multiply-add ---------------------------------------------------------------------------------------------------

/** Which of product and sum are negated: by turns for FMADDSUB (odd lanes add) and FMSUBADD (even ones do). */
const FORMS = { fmadd: 0, fmsub: 1, fnmadd: 2, fnmsub: 3, fmaddsub: 4, fmsubadd: 5 } as const;
export type Form = keyof typeof FORMS;
/** Destination, second and third operand are multiplied and added in the order that the digits say. */
export type Order = "132" | "213" | "231";

export const fused = (form: Form, order: Order, shape: Floats, extent: "packed" | "scalar"): Semantics =>
	packed<[Vector, Vector, Vector]>((b, first, second, third) => {
		const [a, c, sum] = {
			"132": [first, third, second],
			"213": [second, first, third],
			"231": [second, third, first],
		}[order];
		const how = b.constant(32, FORMS[form] | howOf(b, shape, extent));
		const result = b.isThorough
			? fusedFast(b, shape, extent, form, [a, c, sum])
			: b.computeVector("fuse", [a, c, sum, how], true);
		return merge(b, shape, extent, first, result);
	});

// --- halves of singles ------------------------------------------------------------------------------------------------------

export const cvtph2ps = (b: VectorBuilder, x: Vector): Vector =>
	b.computeVector("halvesToSingles", [x, b.constant(32, howOf(b, "f32x4", "packed"))], true);
/** The immediate names the rounding, or MXCSR's. Four halves a vector of singles. */
export const cvtps2ph = packed<Lanes[]>((b, ...operands) => {
	const mode = (operands.at(-1) as Value).zext(32);
	const [low, high] = (operands.slice(0, -1) as Vector[]).map((x, i) => {
		b.half = i;
		return b.computeVector("singlesToHalves", [x, mode, b.constant(32, howOf(b, "f32x4", "packed"))], true);
	});
	return high ? low.shuffle(high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]) : low;
});
