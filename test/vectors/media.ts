/**
 * Vectors of x87 and MMX instructions: how their inputs are drawn, and how what a processor answered is stored
 * (README.md, "x87 and MMX"). As with states.ts, changing what is drawn makes the recorded files wrong.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { Random } from "./states.ts";

/** Where code and the memory operand lie; RDI holds the latter. */
export const CODE = 0x2000_0800;
export const DATA = 0x2001_0100;
export const MEMORY = 512;

/** A state as FXSAVE with REX.W has it (the first 160 bytes), then RAX, the flags, and the memory operand. */
export const FX = 512;
export const RAX_AT = 512;
export const FLAGS_AT = 520;
export const MEMORY_AT = 528;
export const STATE = MEMORY_AT + MEMORY;
export const FCW_AT = 0;
export const FSW_AT = 2;
export const FTW_AT = 4;
export const REGISTERS_AT = 32;

/** What the memory operand is drawn as. */
export type MemoryKind =
	| "f32"
	| "f64"
	| "f80"
	| "i16"
	| "i32"
	| "i64"
	| "bcd"
	| "environment"
	| "state"
	| "fxstate"
	| "word"
	| "zero"
	| "bits";

export interface MediaCase {
	/** The row's encoding and instruction. */
	name: string;
	seed: number;
	/** Byte strings, in hexadecimal. */
	codes: string[];
	/** States drawn for each. */
	states: number;
	memory: MemoryKind;
	/** An instruction that does not wait: exceptions may be pending. */
	control?: boolean;
	/** ST and ST(1) are drawn from where the instruction is defined. */
	domain?: "power" | "near one" | "angle";
	/** XMM registers and MXCSR are drawn too. */
	vectors?: boolean;
}

const bias = 16383;
const MXCSR_AT = 24;
const XMM_AT = 160;
const XMM_BYTES = 256;

class Drawer {
	readonly bytes = new Uint8Array(STATE);
	readonly view = new DataView(this.bytes.buffer);
	constructor(private readonly random: Random) {}

	/** A fraction with few bits, many, or bits at both ends. */
	fraction(bits: number): bigint {
		const { random } = this;
		const mask = (1n << BigInt(bits)) - 1n;
		const x = ((BigInt(random.next()) << 32n) | BigInt(random.next())) & mask;
		const by = BigInt(random.below(bits));
		const choices = [0n, 1n, mask, 1n << BigInt(bits - 1), (x << by) & mask, x >> by, x, x, x];
		return random.pick(choices);
	}

	exponent(bits: number): number {
		const { random } = this;
		const maximum = 2 ** bits - 1;
		const middle = maximum >> 1;
		switch (random.below(16)) {
			case 0:
				return 0;
			case 1:
				return maximum;
			case 2:
				return 1 + random.below(3);
			case 3:
				return maximum - 1 - random.below(3);
			case 4:
				return random.below(maximum + 1);
			case 5:
				return Math.min(middle + 8 + random.below(64), maximum);
			case 6:
				return (middle >> 1) + random.below(20);
			case 7:
				return middle + (middle >> 1) - random.below(20);
			default:
				return middle - 8 + random.below(24);
		}
	}

	f80(at: number): void {
		const exponent = this.exponent(15);
		const integer = this.random.chance(24) ? exponent === 0 : exponent !== 0;
		this.view.setBigUint64(at, (integer ? 1n << 63n : 0n) | this.fraction(63), true);
		this.view.setUint16(at + 8, (this.random.below(2) << 15) | exponent, true);
	}

	/** An operand of a function that is defined for |x| below a power of two. */
	limited(at: number, exponent: number): void {
		this.view.setBigUint64(at, (1n << 63n) | this.fraction(63), true);
		this.view.setUint16(at + 8, (this.random.below(2) << 15) | (bias + exponent), true);
	}

	domain(kind: MediaCase["domain"]): void {
		const { random } = this;
		if (random.chance(5)) return; // special operands as drawn
		const top = REGISTERS_AT;
		if (kind === "power") this.limited(top, -1 - random.below(random.chance(3) ? 80 : 8));
		if (kind === "near one") this.limited(top, -3 - random.below(random.chance(3) ? 80 : 8));
		if (kind === "angle") this.limited(top, random.chance(3) ? random.below(63) : 4 - random.below(20));
	}

	memory(kind: MemoryKind): void {
		const { view, random } = this;
		const at = MEMORY_AT;
		for (let i = 0; i < MEMORY; i += 4)
			view.setUint32(at + i, kind === "bits" || (i < 16 && kind !== "zero") ? random.next() : 0, true);
		const sign = random.below(2);
		if (kind === "f32")
			view.setUint32(
				at,
				(sign * 2 ** 31 + this.exponent(8) * 2 ** 23 + Number(this.fraction(23))) >>> 0,
				true,
			);
		if (kind === "f64")
			view.setBigUint64(
				at,
				(BigInt(sign) << 63n) | (BigInt(this.exponent(11)) << 52n) | this.fraction(52),
				true,
			);
		if (kind === "f80") this.f80(at);
		if (kind === "i16" || kind === "i32" || kind === "i64") view.setBigInt64(at, this.integer(), true);
		if (kind === "bcd") this.decimal(at);
		if (kind === "word") view.setUint16(at, random.next() & 0xffff, true);
		if (kind === "environment" || kind === "state") this.environment(at);
		if (kind === "fxstate") this.fxstate(at);
	}

	integer(): bigint {
		const { random } = this;
		const x = BigInt.asIntN(64, (BigInt(random.next()) << 32n) | BigInt(random.next()));
		return random.pick([
			0n,
			1n,
			-1n,
			x,
			x >> 20n,
			x >> 40n,
			-0x8000n,
			0x7fffn,
			-0x8000_0000n,
			1n << 63n,
			1n << 62n,
		]);
	}

	decimal(at: number): void {
		for (let i = 0; i < 9; i++) this.bytes[at + i] = this.random.below(10) * 16 + this.random.below(10);
		if (this.random.chance(3)) this.bytes.fill(0, at + this.random.below(9), at + 9);
		this.bytes[at + 9] = this.random.below(2) * 0x80;
	}

	/** FLDENV's image in the 32-bit layout, and registers behind it. */
	environment(at: number): void {
		const { view, random } = this;
		for (let word = 0; word < 7; word++) view.setUint32(at + 4 * word, random.next(), true);
		for (let i = 0; i < 8; i++) this.f80(at + 28 + 10 * i);
	}

	fxstate(at: number): void {
		const { view, random } = this;
		for (let i = 0; i < MEMORY; i += 4) view.setUint32(at + i, random.next(), true);
		view.setUint32(at + 24, random.next() & 0xffff & ~0x3f, true);
		for (let i = 0; i < 8; i++) this.f80(at + REGISTERS_AT + 16 * i);
		// Pointers in canonical addresses: they are reals for the processor.
		view.setUint32(at + 12, 0, true);
		view.setUint32(at + 20, 0, true);
	}

	/** Numbers of one kind in each XMM register, mostly of an integer's size; MXCSR with any rounding, and sticky flags. */
	vectors(): void {
		const { view, random } = this;
		for (let at = XMM_AT; at < XMM_AT + XMM_BYTES; at += 16) {
			const singles = random.chance(2);
			for (let word = 0; word < 4; word++) view.setUint32(at + 4 * word, random.next(), true);
			if (random.chance(4)) continue;
			const top = (bias: number, bits: number) =>
				((random.below(2) << 31) | ((bias - 3 + random.below(38)) << bits) | random.below(2 ** bits)) >>> 0;
			for (let word = singles ? 0 : 1; word < 4; word += singles ? 1 : 2)
				view.setUint32(at + 4 * word, singles ? top(127, 23) : top(1023, 20), true);
		}
		const zeros = random.chance(4) ? 0x8040 : 0;
		view.setUint32(MXCSR_AT, 0x1f80 | (random.below(4) << 13) | zeros | random.below(64), true);
	}

	/** Control, status and tag word. */
	control(pending: boolean): void {
		const { view, random } = this;
		const masks = random.below(3) ? 0x3f : random.next() & 0x3f;
		const precision = random.pick([0, 2, 3, 3, 3]);
		const control =
			0x40 | masks | (precision << 8) | (random.below(4) << 10) | (random.below(8) === 0 ? 0x1000 : 0);
		const flags = random.next() & (pending ? 0x3f : masks);
		const unmasked = (flags & ~masks) !== 0;
		const status = (random.next() & 0x4740) | (random.below(8) << 11) | flags | (unmasked ? 0x8080 : 0);
		const top = (status >> 11) & 7;
		const tags = random.pick([
			0xff,
			0xff,
			0xff,
			0,
			random.next() & 0xff,
			0xff & ~(1 << ((top + 7) & 7)),
			0xff & ~(1 << ((top + 7) & 7)),
			3 << top,
		]);
		view.setUint16(FCW_AT, control, true);
		view.setUint16(FSW_AT, status, true);
		view.setUint8(FTW_AT, (tags | (tags >> 8)) & 0xff);
		view.setUint16(6, 0x123, true);
		view.setUint32(8, 0x1111_2222, true);
		view.setUint32(16, 0x3333_4444, true);
	}
}

/** Every input of the cases in file order. The bytes are reused. */
export function* mediaStates(
	cases: readonly MediaCase[],
): Generator<{ of: MediaCase; code: string; input: Uint8Array }> {
	for (const of of cases) {
		const random = new Random(of.seed);
		const drawer = new Drawer(random);
		drawer.view.setUint32(24, 0x1f80, true); // MXCSR
		drawer.view.setUint32(28, 0xffff, true);
		for (const code of of.codes)
			for (let i = 0; i < of.states; i++) {
				drawer.control(of.control ?? false);
				for (let n = 0; n < 8; n++) drawer.f80(REGISTERS_AT + 16 * n);
				// Operands whose exponents lie close show cancellation.
				if (random.chance(3))
					drawer.view.setUint16(
						REGISTERS_AT + 8,
						drawer.view.getUint16(REGISTERS_AT + 24, true) ^ (random.below(2) << 15) ^ random.below(4),
						true,
					);
				drawer.domain(of.domain);
				drawer.memory(of.memory);
				if (of.vectors) drawer.vectors();
				drawer.view.setBigUint64(RAX_AT, drawer.fraction(63), true);
				drawer.view.setBigUint64(FLAGS_AT, BigInt(0x202 | (random.next() & 0x8d5)), true);
				yield { of, code, input: drawer.bytes };
			}
	}
}

interface Header {
	processor: string;
	cases: MediaCase[];
	/** FNV-1a over all inputs. */
	inputs: number;
	states: number;
}

function hash(seed: number, bytes: Uint8Array): number {
	let h = seed;
	for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
	return h >>> 0;
}

/**
 * FXSAVE has the registers as ST(0)..ST(7). In files they lie by their physical number, so that those which an instruction
 * leaves alone stay where they are when TOP moves.
 */
function reorder(from: Uint8Array, to: Uint8Array, toPhysical: boolean): void {
	to.set(from);
	const top = (from[FSW_AT + 1] >> 3) & 7;
	for (let i = 0; i < 8; i++) {
		const relative = REGISTERS_AT + 16 * i;
		const physical = REGISTERS_AT + 16 * ((top + i) & 7);
		const [source, target] = toPhysical ? [relative, physical] : [physical, relative];
		to.set(from.subarray(source, source + 16), target);
	}
}

/** A gzip of a length, a JSON header, and for each byte of a state the column of what it was XORed with. */
export function packMedia(processor: string, cases: MediaCase[], outputs: Uint8Array[]): Uint8Array {
	const columns = new Uint8Array(outputs.length * STATE);
	const before = new Uint8Array(STATE);
	const after = new Uint8Array(STATE);
	let index = 0;
	let inputs = 0x811c9dc5;
	for (const { input } of mediaStates(cases)) {
		inputs = hash(inputs, input);
		reorder(input, before, true);
		reorder(outputs[index], after, true);
		for (let i = 0; i < STATE; i++) columns[i * outputs.length + index] = after[i] ^ before[i];
		index++;
	}
	const header: Header = { processor, cases, inputs, states: outputs.length };
	const json = new TextEncoder().encode(JSON.stringify(header));
	const length = new Uint8Array(4);
	new DataView(length.buffer).setUint32(0, json.length, true);
	return gzipSync(Buffer.concat([length, json, columns]), { level: 9 });
}

/**
 * Every vector of a file. The input's bytes are reused.
 * @throws where the inputs drawn now are not those that were recorded
 */
export function* readMedia(
	file: Uint8Array,
): Generator<{ of: MediaCase; code: string; input: Uint8Array; output: Uint8Array }> {
	const bytes = gunzipSync(file);
	const length = bytes.readUInt32LE(0);
	const header = JSON.parse(bytes.toString("utf8", 4, 4 + length)) as Header;
	const columns = bytes.subarray(4 + length);
	const before = new Uint8Array(STATE);
	const after = new Uint8Array(STATE);
	const output = new Uint8Array(STATE);
	let inputs = 0x811c9dc5;
	let index = 0;
	for (const { of, code, input } of mediaStates(header.cases)) {
		inputs = hash(inputs, input);
		reorder(input, before, true);
		for (let i = 0; i < STATE; i++) after[i] = columns[i * header.states + index] ^ before[i];
		reorder(after, output, false);
		index++;
		yield { of, code, input, output };
	}
	if (inputs !== header.inputs)
		throw new Error("test/vectors/media.ts no longer draws the inputs that were recorded");
}
