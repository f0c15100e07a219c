/**
 * Where a vector's code and data lie, and how its input state follows from a seed.
 *
 * A vector file stores outputs only. Inputs are drawn by `drawState` from a case's seed and a variant's
 * setup, in the recorder and again in the replay, so this file is part of the file format (README.md):
 * changing what it draws makes every recorded file wrong. The files carry a hash of their inputs, and
 * the reader refuses a file whose hash does not match.
 */

/** A state is 32 quadwords: RAX..R15 in encoding order, then the 128 bytes of the data area. */
export const SLOTS = 32;
export const GENERAL = 16;

/** Two places for code and data: out of the way, and below 64 KiB for 16-bit offsets. */
export const WORLDS = {
	high: { code: 0x2000_0800, data: 0x2001_0000 },
	low: { code: 0x3800, data: 0x8000 },
} as const;
export type World = keyof typeof WORLDS;

/** Two pages of data; nothing is mapped before or after them. */
export const DATA_SIZE = 0x2000;
/** The area lies across the boundary of the two pages, so that some accesses cross it. */
export const AREA = 0xfc0;
/** A page that user code may only read, this far from the start of the data. */
export const READ_ONLY = 0x4000;
export const GS_BASE = 0x1234_5000;

export const CODE_SELECTOR = { 64: 0x33, 32: 0x23, 16: 0x07 } as const;
export const STACK_SELECTOR = { 64: 0x2b, 32: 0x2b, 16: 0x0f } as const;
export const DATA_SELECTOR = 0x2b;
export type Mode = keyof typeof CODE_SELECTOR;

/**
 * One constraint on an input: the low `bytes` (1, 2, 4 or 8) bytes of the slot become a number drawn
 * from base .. base+spread-1; the other bytes stay as drawn. A fraction of a slot is an offset inside it:
 * 16.5 starts at the area's fifth byte.
 */
export type Setup = [slot: number, bytes: number, base: number, spread: number];

export interface Variant {
	/** The instruction's bytes, in hexadecimal. */
	code: string;
	world: World;
	setup: Setup[];
	/** SS DS ES, where they are not those of the mode. */
	segments?: Selectors;
}

export type Selectors = [ss: number, ds: number, es: number];

/** CS SS DS ES before the instruction. */
export function selectorsOf(variant: Variant, mode: Mode): number[] {
	return [CODE_SELECTOR[mode], ...(variant.segments ?? [STACK_SELECTOR[mode], DATA_SELECTOR, DATA_SELECTOR])];
}

/** The LDT: 16-bit code and stack, then segments whose base is the high data, to show limits and rights. */
export const LDT_ENTRIES: { base: number; limit: number; attributes: number }[] = [
	{ base: 0, limit: 0xffff, attributes: 0x00fb },
	{ base: 0, limit: 0xffff, attributes: 0x00f3 },
	{ base: WORLDS.high.data, limit: 0xfff, attributes: 0x40f3 },
	{ base: WORLDS.high.data, limit: 0xfff, attributes: 0x40f7 }, // expand-down, to 4 GiB
	{ base: WORLDS.high.data, limit: 0xfff, attributes: 0x00f7 }, // expand-down, to 64 KiB; SP
	{ base: WORLDS.high.data, limit: 0x1fff, attributes: 0x40f1 }, // read-only
	{ base: WORLDS.high.data, limit: 0x1fff, attributes: 0x40fb }, // readable code
];

export interface State {
	/** Low and high halves of the 32 slots. */
	words: Uint32Array;
	/** The same memory as 64-bit values. */
	slots: BigUint64Array;
	flags: number;
}

/** Bob Jenkins' small fast counter generator ("sfc32"), 128 bits of state. */
export class Random {
	#a = 0;
	#b = 0;
	#c = 0;
	#d = 1;

	constructor(seed: number) {
		this.#a = seed | 0;
		this.#b = Math.imul(seed, 0x9e3779b1) | 0;
		this.#c = 0x2545f491;
		for (let i = 0; i < 12; i++) this.next();
	}

	/** A number in 0 .. 2^32-1. */
	next(): number {
		const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
		this.#d = (this.#d + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = (this.#c << 21) | (this.#c >>> 11);
		this.#c = (this.#c + t) | 0;
		return t >>> 0;
	}

	below(limit: number): number {
		return Math.floor((this.next() / 2 ** 32) * limit);
	}

	chance(oneIn: number): boolean {
		return this.below(oneIn) === 0;
	}

	pick<T>(choices: readonly T[]): T {
		return choices[this.below(choices.length)];
	}
}

/** Every power of two and its neighbours at the widths where carries and signs change. */
const CORNERS: [low: number, high: number][] = [
	[0, 0],
	[1, 0],
	[2, 0],
	[0xffffffff, 0xffffffff],
	[0xfffffffe, 0xffffffff],
	[0x7f, 0],
	[0x80, 0],
	[0xff, 0],
	[0xffffff80, 0xffffffff],
	[0x100, 0],
	[0x7fff, 0],
	[0x8000, 0],
	[0xffff, 0],
	[0xffff8000, 0xffffffff],
	[0x10000, 0],
	[0x7fffffff, 0],
	[0x80000000, 0],
	[0xffffffff, 0],
	[0x80000000, 0xffffffff],
	[0, 1],
	[0xffffffff, 0x7fffffff],
	[0, 0x80000000],
	[0x7f7f7f7f, 0x7f7f7f7f],
	[0x80808080, 0x80808080],
	[0x9a99999a, 0x99999999],
	[0x09090909, 0x90909090],
];

const FLAGS_FIXED = 0x202; // bit 1 and IF, as user code runs
const FLAGS_DRAWN = 0xcd5; // OF DF SF ZF AF PF CF

export function emptyState(): State {
	const words = new Uint32Array(SLOTS * 2);
	return { words, slots: new BigUint64Array(words.buffer), flags: 0 };
}

/** Draws the next state of a variant. */
export function drawState(random: Random, variant: Variant, state: State): void {
	for (let slot = 0; slot < SLOTS; slot++) drawSlot(random, state.words, slot);
	for (const setup of variant.setup) constrain(random, state.words, setup);
	state.flags = FLAGS_FIXED | (random.next() & FLAGS_DRAWN);
}

export function drawSlot(random: Random, words: Uint32Array, slot: number): void {
	const at = slot * 2;
	const kind = random.below(8);
	if (kind < 2) {
		[words[at], words[at + 1]] = random.pick(CORNERS);
	} else if (kind < 4 && slot > 0) {
		const other = random.below(slot) * 2;
		words[at] = words[other] + random.below(3) - 1;
		words[at + 1] = words[other + 1];
	} else if (kind === 4) {
		words[at] = random.next() >>> random.below(32);
		words[at + 1] = 0;
	} else {
		words[at] = random.next();
		words[at + 1] = random.next();
	}
}

const bytesOf = new DataView(new ArrayBuffer(8));

export function constrain(random: Random, words: Uint32Array, [slot, bytes, base, spread]: Setup): void {
	const value = BigInt.asUintN(64, BigInt(base + random.below(spread)));
	bytesOf.setBigUint64(0, value, true);
	const target = new Uint8Array(words.buffer, slot * 8, bytes);
	for (let i = 0; i < bytes; i++) target[i] = bytesOf.getUint8(i);
}

/** What the data pages (and the read-only page) hold before the area is written over it. */
export function background(): Uint8Array {
	const random = new Random(0x6761_6e74);
	return Uint8Array.from({ length: DATA_SIZE }, () => random.next() & 0xff);
}

/** FNV-1a over a state, chained: what the file's input hash is made of. */
export function hashState(hash: number, state: State): number {
	let h = Math.imul(hash ^ state.flags, 0x01000193);
	for (const word of state.words) h = Math.imul(h ^ word, 0x01000193);
	return h >>> 0;
}
