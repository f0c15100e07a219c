/**
 * Vectors of the extensions: SSE to AVX2 and the general-purpose instructions that came after the 64-bit architecture.
 *
 * As in format.ts the inputs follow from a seed. Of an output only a digest of 32 bits is kept, over everything that the
 * instruction may change: results of vector instructions are as random as their operands and would not compress. README.md
 * has the layout.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { constrain, drawSlot, Random, type Setup, SLOTS } from "./states.ts";

/** What the lanes of a case's operands mostly are. */
export type Lanes = "integer" | "f32" | "f64";

export interface ExtensionVariant {
	/** The instruction's bytes, in hexadecimal. */
	code: string;
	setup: Setup[];
	/** YMM1 holds small numbers of so many bytes: the indices of a gather. */
	indices?: 4 | 8;
}

export interface ExtensionCase {
	/** The row's encoding and instruction, and which reading of it. */
	name: string;
	/** The row's encoding and instruction alone. */
	row: string;
	seed: number;
	lanes: Lanes;
	/** RFLAGS that are compared. */
	flags: number;
	variants: ExtensionVariant[];
	/** States drawn for each variant. */
	states: number;
}

export const VECTORS = 16;
export const VECTOR_BYTES = 32;

/** What an instruction sees and leaves: registers, 128 bytes of memory, flags. */
export interface ExtensionState {
	/** RAX..R15 and the area, as the slots of states.ts. */
	words: Uint32Array;
	slots: BigUint64Array;
	/** YMM0..YMM15. */
	vectors: Uint32Array;
	mxcsr: number;
	flags: number;
}

export interface ExtensionOutput extends ExtensionState {
	rip: number;
	/** -1 for none. */
	vector: number;
	error: number;
}

export function emptyExtensionState(): ExtensionState {
	const words = new Uint32Array(SLOTS * 2);
	const vectors = new Uint32Array((VECTORS * VECTOR_BYTES) / 4);
	return { words, slots: new BigUint64Array(words.buffer), vectors, mxcsr: 0, flags: 0 };
}

/** Zero, denormals, the smallest normal number, one and its neighbours, halves, limits of integers, infinity, NaNs. */
const F32_CORNERS = [
	0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x3f000000, 0x3fc00000,
	0x40200000, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000, 0x7f7fffff, 0x7f800000,
	0x7fc00000, 0x7f800001, 0x7fabcdef, 0x34000000, 0x00400000, 0x33800000, 0x477fe000, 0x477ff000, 0x38800000,
	0x33000000, 0x387fe000,
];
const F64_CORNERS = [
	0n,
	1n,
	0x000fffff_ffffffffn,
	0x00100000_00000000n,
	0x00100000_00000001n,
	0x3ff00000_00000000n,
	0x3ff00000_00000001n,
	0x3fefffff_ffffffffn,
	0x3fe00000_00000000n,
	0x3ff80000_00000000n,
	0x40040000_00000000n,
	0x41dfffff_ffc00000n,
	0x41dfffff_ffe00000n,
	0x41e00000_00000000n,
	0x41efffff_fff00000n,
	0x43dfffff_ffffffffn,
	0x43e00000_00000000n,
	0x7fefffff_ffffffffn,
	0x7ff00000_00000000n,
	0x7ff80000_00000000n,
	0x7ff00000_00000001n,
	0x7ff4abcd_12345678n,
	0x00080000_00000000n,
	0x380fffff_ffffffffn,
	0x36a00000_00000000n,
	0x47efffff_efffffffn,
	0x47efffff_f0000000n,
	0x3ca00000_00000000n,
];
const INTEGER_CORNERS = [0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0xfe];
const EXPONENTS_NEAR = 6;

function drawF32(random: Random): number {
	const sign = random.chance(2) ? 0x80000000 : 0;
	const kind = random.below(6);
	if (kind < 2) return (random.pick(F32_CORNERS) | sign) >>> 0;
	const fraction = random.chance(3)
		? (random.next() << random.below(23)) & 0x7fffff
		: random.next() & 0x7fffff;
	const exponent =
		kind === 2
			? random.pick([0, 1, 2, 20, 120, 150, 157, 190, 250, 253, 254])
			: kind === 3
				? random.below(256)
				: 127 - EXPONENTS_NEAR + random.below(2 * EXPONENTS_NEAR);
	return (sign | (exponent << 23) | fraction) >>> 0;
}

function drawF64(random: Random): bigint {
	const sign = random.chance(2) ? 1n << 63n : 0n;
	const kind = random.below(6);
	if (kind < 2) return random.pick(F64_CORNERS) | sign;
	const bits = (BigInt(random.next()) << 20n) ^ BigInt(random.next());
	const fraction = (random.chance(3) ? bits << BigInt(random.below(52)) : bits) & 0xfffff_ffffffffn;
	const exponent =
		kind === 2
			? random.pick([0, 1, 2, 20, 400, 900, 1050, 1085, 2000, 2045, 2046])
			: kind === 3
				? random.below(2048)
				: 1023 - EXPONENTS_NEAR + random.below(2 * EXPONENTS_NEAR);
	return sign | (BigInt(exponent) << 52n) | fraction;
}

/** Bytes, words, doublewords or quadwords at the corners of their ranges. */
function drawIntegers(random: Random, target: Uint8Array): void {
	const width = random.pick([1, 2, 4, 8]);
	for (let at = 0; at < target.length; at += width) {
		const fill = random.pick([0, 0xff, 0x7f, 0x80]);
		for (let i = 0; i < width; i++) target[at + i] = fill;
		target[at] = random.pick(INTEGER_CORNERS);
		target[at + width - 1] = random.chance(2) ? random.pick(INTEGER_CORNERS) : target[at + width - 1];
	}
}

function drawVector(random: Random, lanes: Lanes, target: Uint8Array): void {
	const view = new DataView(target.buffer, target.byteOffset, target.length);
	const kind = random.below(4);
	const as =
		lanes !== "integer" && kind > 0
			? lanes
			: lanes === "integer" && kind === 3
				? random.pick(["f32", "f64"] as const)
				: "integer";
	for (let at = 0; as === "f32" && at < target.length; at += 4) view.setUint32(at, drawF32(random), true);
	for (let at = 0; as === "f64" && at < target.length; at += 8) view.setBigUint64(at, drawF64(random), true);
	if (as === "integer" && random.chance(2)) drawIntegers(random, target);
	else if (as === "integer")
		for (let at = 0; at < target.length; at += 4) view.setUint32(at, random.next(), true);
}

const MXCSR_DEFAULT = 0x1f80;
/** Half of the states as programs mostly have it; the others with any rounding, DAZ, FTZ, sticky flags and, seldom, masks. */
function drawMxcsr(random: Random): number {
	if (random.chance(3)) return MXCSR_DEFAULT | 0x20;
	const sticky = random.chance(2) ? random.below(64) : 0;
	if (random.chance(3)) return MXCSR_DEFAULT | sticky;
	const rounding = random.below(4) << 13;
	const zeros = (random.chance(3) ? 0x40 : 0) | (random.chance(3) ? 0x8000 : 0);
	const masks = random.chance(5) ? random.below(64) << 7 : 0x1f80;
	return sticky | rounding | zeros | masks;
}

/** Few enough that most elements lie in the two pages; some are negative. */
function drawIndices(random: Random, bytes: 4 | 8, vectors: Uint32Array): void {
	for (let at = 8; at < 16; at += bytes / 4) {
		const index = random.below(48) - 16;
		vectors[at] = index;
		if (bytes === 8) vectors[at + 1] = index >> 31;
	}
}

/** Sixteen registers are drawn, and the area as vectors too. */
function draw(random: Random, of: ExtensionCase, variant: ExtensionVariant, state: ExtensionState): void {
	for (let slot = 0; slot < SLOTS / 2; slot++) drawSlot(random, state.words, slot);
	const area = new Uint8Array(state.words.buffer, SLOTS * 4);
	const vectors = new Uint8Array(state.vectors.buffer);
	for (let at = 0; at < area.length; at += 16) drawVector(random, of.lanes, area.subarray(at, at + 16));
	for (let at = 0; at < vectors.length; at += 16) {
		if (at >= 32 && random.chance(12)) vectors.copyWithin(at, at - 32, at - 16);
		else drawVector(random, of.lanes, vectors.subarray(at, at + 16));
	}
	for (const setup of variant.setup) constrain(random, state.words, setup);
	if (variant.indices) drawIndices(random, variant.indices, state.vectors);
	state.flags = 0x202 | (random.next() & 0xcd5);
	state.mxcsr = drawMxcsr(random);
}

/** Every state of the cases in file order. The state object is reused. */
export function* extensionStates(
	cases: readonly ExtensionCase[],
): Generator<{ of: ExtensionCase; variant: ExtensionVariant; input: ExtensionState }> {
	const input = emptyExtensionState();
	for (const of of cases) {
		const random = new Random(of.seed);
		for (const variant of of.variants)
			for (let i = 0; i < of.states; i++) {
				draw(random, of, variant, input);
				yield { of, variant, input };
			}
	}
}

const mix = (hash: number, word: number): number => {
	const h = Math.imul(hash ^ word, 0x85ebca6b);
	return h ^ (h >>> 15);
};

/** FNV's successor in spirit: multiply and fold, over all that an instruction leaves. */
export function digest(of: ExtensionCase, out: ExtensionOutput): number {
	let hash = 0x811c9dc5;
	for (const word of out.words) hash = mix(hash, word);
	for (const word of out.vectors) hash = mix(hash, word);
	for (const word of [out.mxcsr, out.flags & of.flags, out.rip, out.vector, out.error])
		hash = mix(hash, word);
	return hash >>> 0;
}

export interface ExtensionFile {
	processor: string;
	cases: ExtensionCase[];
	/** One digest a state. */
	digests: Uint32Array;
}

export function packExtensions({ processor, cases, digests }: ExtensionFile): Uint8Array {
	const json = new TextEncoder().encode(JSON.stringify({ processor, cases }));
	const length = new Uint8Array(Uint32Array.of(json.length).buffer);
	return gzipSync(Buffer.concat([length, json, new Uint8Array(digests.buffer)]), { level: 9 });
}

export function unpackExtensions(file: Uint8Array): ExtensionFile {
	const bytes = gunzipSync(file);
	const length = bytes.readUInt32LE(0);
	const header = JSON.parse(bytes.toString("utf8", 4, 4 + length)) as Omit<ExtensionFile, "digests">;
	return { ...header, digests: new Uint32Array(Uint8Array.from(bytes.subarray(4 + length)).buffer) };
}
