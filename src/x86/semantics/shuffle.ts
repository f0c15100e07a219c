/**
 * Instructions that move lanes: loads, stores, unpacking, shuffles, inserts and extracts. Where an immediate says which lane goes
 * where, a function from its value to the byte numbers of the result does (`VectorBuilder.control`).
 */
import type { Semantics, Value } from "../builder.ts";
import { type Bytes, packed, repeat, type Vector, type VectorBuilder } from "../vector.ts";

const ZERO = repeat(0, 8);
/** In a control: the byte is zero. */
const NOTHING = 255;
const BYTES = Array.from({ length: 16 }, (_, i) => i);

/** The bytes of lanes: `lane(i)` says which lane, of the first operand's and then of the second's, is the result's lane i. */
const lanesOf = (width: number, lane: (i: number) => number): Bytes =>
	BYTES.map((i) => {
		const from = lane(Math.floor(i / width));
		return from < 0 ? NOTHING : from * width + (i % width);
	});

export const move = packed<[Vector]>((_, a) => a);

// --- parts of registers ------------------------------------------------------------------------------------

/** A scalar that memory or a general register gave: zeros above. */
export const fromScalar = packed<[Value]>((b, value) =>
	value.width === 64
		? b.vector(ZERO).withLane("i64x2", 0, value)
		: b.vector(ZERO).withLane("i32x4", 0, value),
);
export const toScalar = (shape: "i32x4" | "i64x2", index = 0): Semantics =>
	packed<[Vector]>((_, a) => a.lane(shape, index));
/** MOVD, MOVQ to a general register or memory: as wide as it is. */
export const toGeneral = packed<[Vector]>((b, a) =>
	b.width === 64 ? a.lane("i64x2", 0) : a.lane("i32x4", 0),
);
export const lowQuadword = packed<[Vector]>((_, a) => a.permute(lanesOf(8, (i) => (i ? -1 : 0))));

/** The destination with its low or high quadword from memory. */
export const withQuadword = (index: 0 | 1): Semantics =>
	packed<[Vector, Value]>((_, a, value) => a.withLane("i64x2", index, value));
/** The second operand's lanes from `first` on instead of the first's: a static choice of lanes of both. */
export const arrange = (width: 1 | 2 | 4 | 8, ...lanes: readonly number[]): Semantics => {
	const control = lanesOf(width, (i) => lanes[i]);
	return packed<[Vector, Vector]>((_, a, b) => a.shuffle(b, control));
};
/** A static choice of one operand's lanes. */
export const rearrange = (width: 1 | 2 | 4 | 8, ...lanes: readonly number[]): Semantics => {
	const control = lanesOf(width, (i) => lanes[i]);
	return packed<[Vector]>((_, a) => a.permute(control));
};
/** PUNPCK, UNPCK: lanes of both in turn, from the low or the high half on. */
export const unpack = (width: 1 | 2 | 4 | 8, half: "low" | "high"): Semantics => {
	const count = 16 / width;
	const start = half === "low" ? 0 : count / 2;
	return arrange(width, ...Array.from({ length: count }, (_, i) => start + (i >> 1) + (i & 1 ? count : 0)));
};

// --- by an immediate -----------------------------------------------------------------------------------------

const field = (immediate: number, index: number): number => (immediate >> (2 * index)) & 3;

const shufd = (immediate: number): Bytes => lanesOf(4, (i) => field(immediate, i));
const shuflw = (immediate: number): Bytes => lanesOf(2, (i) => (i < 4 ? field(immediate, i) : i));
const shufhw = (immediate: number): Bytes => lanesOf(2, (i) => (i < 4 ? i : 4 + field(immediate, i - 4)));
const shiftLeftBytes = (count: number): Bytes => BYTES.map((i) => (i >= count ? i - count : NOTHING));
const shiftRightBytes = (count: number): Bytes => BYTES.map((i) => (i + count < 16 ? i + count : NOTHING));

const byImmediate = (control: (immediate: number) => Bytes): Semantics =>
	packed<[Vector, Value]>((b, a, immediate) => a.permute(b.control(immediate, control)));
export const pshufd = byImmediate(shufd);
export const pshuflw = byImmediate(shuflw);
export const pshufhw = byImmediate(shufhw);
export const pslldq = byImmediate(shiftLeftBytes);
export const psrldq = byImmediate(shiftRightBytes);

const shufps = (immediate: number): Bytes => lanesOf(4, (i) => field(immediate, i) + (i < 2 ? 0 : 4));
const shufpd = (immediate: number): Bytes => lanesOf(8, (i) => ((immediate >> i) & 1) + 2 * i);
const alignr = (count: number): Bytes => BYTES.map((i) => (i + count < 32 ? i + count : NOTHING));
const blendWords = (immediate: number): Bytes => lanesOf(2, (i) => i + ((immediate >> i) & 1 ? 8 : 0));
const blendDoublewords = (immediate: number): Bytes => lanesOf(4, (i) => i + ((immediate >> i) & 1 ? 4 : 0));
const blendQuadwords = (immediate: number): Bytes => lanesOf(8, (i) => i + ((immediate >> i) & 1 ? 2 : 0));

type Both = (b: VectorBuilder, immediate: Value, x: Vector, y: Vector) => Vector;
const ofBoth =
	(control: (immediate: number) => Bytes): Both =>
	(b, immediate, x, y) =>
		x.shuffle(y, b.control(immediate, control));
const sameForHalves = (both: Both): Semantics =>
	packed<[Vector, Vector, Value]>((b, x, y, immediate) => both(b, immediate, x, y));
export const shufpsBoth = ofBoth(shufps);
export const shufpdBoth = ofBoth(shufpd);
export const blendps = ofBoth(blendDoublewords);
export const blendpd = ofBoth(blendQuadwords);
export const pshufps = sameForHalves(shufpsBoth);
export const pblendw = sameForHalves(ofBoth(blendWords));
/** The first operand's bytes lie above the second's. */
export const palignr = packed<[Vector, Vector, Value]>((b, x, y, immediate) =>
	y.shuffle(x, b.control(immediate, alignr)),
);

/** PSHUFB: a control byte with its top bit set gives zero. */
export const pshufb = packed<[Vector, Vector]>((b, a, control) =>
	a.permute(control.binary("v128.and", b.vector(repeat(0x8f, 8)))),
);

// --- one lane --------------------------------------------------------------------------------------------------

const insertByte = (immediate: number): Bytes => BYTES.map((i) => (i === (immediate & 15) ? 16 : i));
const insertWord = (immediate: number): Bytes => lanesOf(2, (i) => (i === (immediate & 7) ? 8 : i));
const insertDoubleword = (immediate: number): Bytes => lanesOf(4, (i) => (i === (immediate & 3) ? 4 : i));
const insertQuadword = (immediate: number): Bytes => lanesOf(8, (i) => (i === (immediate & 1) ? 2 : i));
const extractByte = (immediate: number): Bytes => BYTES.map((i) => (i === 0 ? immediate & 15 : NOTHING));
const extractWord = (immediate: number): Bytes => lanesOf(2, (i) => (i === 0 ? immediate & 7 : -1));
const extractDoubleword = (immediate: number): Bytes => lanesOf(4, (i) => (i === 0 ? immediate & 3 : -1));
const extractQuadword = (immediate: number): Bytes => lanesOf(8, (i) => (i === 0 ? immediate & 1 : -1));

const insertion = (control: (immediate: number) => Bytes): Semantics =>
	packed<[Vector, Value, Value]>((b, a, value, immediate) =>
		a.shuffle(
			value.width === 64 ? b.splat("i64x2", value) : b.splat("i32x4", value.zext(32)),
			b.control(immediate, control),
		),
	);
export const pinsrb = insertion(insertByte);
export const pinsrw = insertion(insertWord);
/** Of doublewords or quadwords, as wide as the general register is. */
export const pinsrd = packed<[Vector, Value, Value]>((b, a, value, immediate) =>
	value.width === 64
		? a.shuffle(b.splat("i64x2", value), b.control(immediate, insertQuadword))
		: a.shuffle(b.splat("i32x4", value), b.control(immediate, insertDoubleword)),
);

const extraction = (control: (immediate: number) => Bytes): Semantics =>
	packed<[Vector, Value]>((b, a, immediate) =>
		a.permute(b.control(immediate, control)).lane("i64x2", 0).zext(b.width),
	);
export const pextrb = extraction(extractByte);
export const pextrw = extraction(extractWord);
export const extractps = extraction(extractDoubleword);
export const pextrd = packed<[Vector, Value]>((b, a, immediate) =>
	b.width === 64
		? a.permute(b.control(immediate, extractQuadword)).lane("i64x2", 0)
		: a.permute(b.control(immediate, extractDoubleword)).lane("i32x4", 0),
);

/** INSERTPS: bits 7..6 name the source's lane, 5..4 the destination's, 3..0 the lanes that become zero. */
const insertps = (immediate: number): Bytes =>
	lanesOf(4, (i) => ((immediate >> i) & 1 ? -1 : i === ((immediate >> 4) & 3) ? 4 + (immediate >> 6) : i));
export const insertpsRegister = packed<[Vector, Vector, Value]>((b, a, from, immediate) =>
	a.shuffle(from, b.control(immediate, insertps)),
);
/** From memory there is one lane, whatever the immediate says. */
const insertpsLow = (immediate: number): Bytes => insertps(immediate & 0x3f);
export const insertpsMemory = packed<[Vector, Value, Value]>((b, a, from, immediate) =>
	a.shuffle(b.splat("i32x4", from), b.control(immediate, insertpsLow)),
);
