/**
 * Bytes to one decoded instruction: prefixes, opcode, ModRM and SIB, displacement, immediate. The processor has a
 * decoder of its own (core/decode.ts), made for speed; this one keeps what a reader wants to see.
 */
import { expand, type Operand, type Variant } from "../expand.ts";
import { rows } from "../rows/index.ts";
import { OpcodeMap } from "./opcode-map.ts";

/** Bits of the code segment: which of the three kinds of code the bytes are. */
export type CodeSize = 16 | 32 | 64;

export interface Prefixes {
	/** 40..4F, or 0. */
	rex: number;
	operandSize: boolean;
	addressSize: boolean;
	/** F2, F3 or 0. */
	repeat: number;
	lock: boolean;
	/** Number of the segment register in the encoding's order, where one was named. */
	segment?: number;
	vex?: Vex;
}

/** SDM 2A, "VEX Prefix Instructions". */
interface Vex {
	map: number;
	/** As `Slot.prefix` counts. */
	prefix: number;
	/** W * 2 + L. */
	size: number;
	/** vvvv, not inverted. */
	register: number;
}

/** A memory operand: registers by number, -1 for none. */
export interface Address {
	base: number;
	index: number;
	scale: number;
	displacement: bigint;
	/** Relative to the next instruction. */
	ripRelative: boolean;
	/** 16, 32 or 64: of the registers. */
	size: CodeSize;
}

export interface Instruction {
	variant: Variant;
	length: number;
	mode: CodeSize;
	prefixes: Prefixes;
	/** 16, 32 or 64, after prefixes. */
	operandSize: CodeSize;
	addressSize: CodeSize;
	/** ModRM.reg and ModRM.rm with their REX bits; rm is also the register in the opcode. */
	reg: number;
	rm: number;
	address?: Address;
	/** The register that VEX.vvvv names. */
	vvvv: number;
	/** Immediates in their order, sign-extended. */
	immediates: bigint[];
}

/** SDM 2A, "Instruction Prefixes". */
export const LONGEST = 15;

let opcodes: OpcodeMap | undefined;

/** The instruction at the start of `bytes`; undefined where there is none, or where it does not end inside them. */
export function decode(bytes: Uint8Array, mode: CodeSize): Instruction | undefined {
	opcodes ??= new OpcodeMap(expand(rows));
	return new Decoder(bytes.subarray(0, LONGEST), mode, opcodes).instruction();
}

const SEGMENT_PREFIXES: Record<number, number> = { 38: 0, 46: 1, 54: 2, 62: 3, 100: 4, 101: 5 };

class Decoder {
	readonly #bytes: Uint8Array;
	readonly #mode: CodeSize;
	readonly #opcodes: OpcodeMap;
	#position = 0;
	#short = false;
	#prefixes: Prefixes = { rex: 0, operandSize: false, addressSize: false, repeat: 0, lock: false };

	constructor(bytes: Uint8Array, mode: CodeSize, opcodes: OpcodeMap) {
		this.#bytes = bytes;
		this.#mode = mode;
		this.#opcodes = opcodes;
	}

	instruction(): Instruction | undefined {
		const { map, opcode } = this.#opcode();
		const { vex } = this.#prefixes;
		if (vex && (vex.map < 1 || vex.map > 3)) return undefined;
		let modrm = this.#bytes[this.#position] ?? 0xc0;
		const ignoresMod = map === 1 && (opcode & 0xfc) === 0x20; // MOV of control and debug registers
		if (ignoresMod) modrm |= 0xc0;
		const size = this.#operandSize();
		// 90 is NOP, but with REX.B it is XCHG with R8; F3 90 stays PAUSE.
		const { rex, repeat } = this.#prefixes;
		const exchange = map === 0 && opcode === 0x90 && rex & 1 && repeat !== 0xf3;
		const variant = this.#opcodes.find({
			map,
			opcode: exchange ? 0x91 : opcode,
			prefix: this.#prefixIndex(),
			long: this.#mode === 64,
			size: vex ? vex.size : Math.log2(size / 16),
			modrm,
		});
		if (!variant || this.#short) return undefined;
		if (variant.options.vsib && ((modrm & 7) !== 4 || this.#addressSize() === 16)) return undefined;
		const instruction = this.#rest(variant, size, modrm, opcode);
		return this.#short || !isAllowed(instruction) ? undefined : instruction;
	}

	#rest(variant: Variant, size: CodeSize, modrm: number, opcode: number): Instruction {
		const { rex } = this.#prefixes;
		if (variant.encoding.modrm) this.#position++;
		if (this.#position > this.#bytes.length) this.#short = true;
		const addressSize = this.#addressSize();
		const address =
			variant.form === "memory" ? this.#address(modrm, addressSize, variant.options.vsib) : undefined;
		const inOpcode = variant.encoding.plus === "r";
		const { default64, force64, modal } = variant.options;
		const ownSize = default64 || force64 || modal || variant.encoding.vex;
		const operandSize = ownSize ? (variant.operandSize as CodeSize) : size;
		const immediates = this.#immediates(variant, operandSize, addressSize);
		return {
			variant,
			length: this.#position,
			mode: this.#mode,
			prefixes: this.#prefixes,
			operandSize,
			addressSize,
			reg: ((modrm >> 3) & 7) | ((rex & 4) << 1),
			rm: ((inOpcode ? opcode : modrm) & 7) | ((rex & 1) << 3),
			address,
			vvvv: (this.#prefixes.vex?.register ?? 0) & (this.#mode === 64 ? 15 : 7),
			immediates,
		};
	}

	#next(): number {
		if (this.#position >= this.#bytes.length) this.#short = true;
		return this.#bytes[this.#position++] ?? 0;
	}

	#signed(size: number): bigint {
		let value = 0n;
		for (let i = 0; i < size; i++) value |= BigInt(this.#next()) << BigInt(i * 8);
		return BigInt.asIntN(size * 8, value);
	}

	#opcode(): { map: number; opcode: number } {
		const first = this.#readPrefixes();
		const isVex = this.#mode === 64 || (this.#bytes[this.#position] ?? 0) >= 0xc0;
		if ((first === 0xc4 || first === 0xc5) && isVex) return this.#vex(first);
		if (first !== 0x0f) return { map: 0, opcode: first };
		const second = this.#next();
		if (second === 0x38) return { map: 2, opcode: this.#next() };
		if (second === 0x3a) return { map: 3, opcode: this.#next() };
		return { map: 1, opcode: second };
	}

	/** REX, 66, F2, F3 and LOCK may not stand before it. */
	#vex(opcode: number): { map: number; opcode: number } {
		const { rex, operandSize, repeat, lock } = this.#prefixes;
		const first = this.#next();
		const last = opcode === 0xc4 ? this.#next() : first;
		const w = opcode === 0xc4 ? last >> 7 : 0;
		const extensions = opcode === 0xc4 ? (~first >> 5) & 7 : (~first >> 5) & 4;
		const bare = !rex && !operandSize && !repeat && !lock;
		const map = !bare ? 0 : opcode === 0xc4 ? first & 31 : 1;
		const prefix = [0, 1, 3, 2][last & 3];
		this.#prefixes.vex = { map, prefix, size: w * 2 + ((last >> 2) & 1), register: (~last >> 3) & 15 };
		this.#prefixes.rex = this.#mode === 64 ? 0x40 | (w << 3) | extensions : 0;
		return { map: map + VEX_MAPS, opcode: this.#next() };
	}

	/** Reads prefixes and answers the first byte that is none. */
	#readPrefixes(): number {
		const prefixes = this.#prefixes;
		for (;;) {
			const byte = this.#next();
			if (this.#short) return byte;
			const segment = SEGMENT_PREFIXES[byte];
			if (byte === 0x66) prefixes.operandSize = true;
			else if (byte === 0x67) prefixes.addressSize = true;
			else if (byte === 0xf0) prefixes.lock = true;
			else if (byte === 0xf2 || byte === 0xf3) prefixes.repeat = byte;
			else if (segment !== undefined) {
				if (segment >= 4 || this.#mode !== 64) prefixes.segment = segment;
			} else if (this.#mode === 64 && (byte & 0xf0) === 0x40) {
				prefixes.rex = byte;
				continue;
			} else return byte;
			prefixes.rex = 0; // a REX prefix that is not last is ignored
		}
	}

	#operandSize(): CodeSize {
		if (this.#prefixes.rex & 8) return 64;
		return (this.#mode !== 16) !== this.#prefixes.operandSize ? 32 : 16;
	}

	#addressSize(): CodeSize {
		const { addressSize } = this.#prefixes;
		if (this.#mode === 64) return addressSize ? 32 : 64;
		return (this.#mode === 32) !== addressSize ? 32 : 16;
	}

	#prefixIndex(): number {
		const { repeat, operandSize, vex } = this.#prefixes;
		if (vex) return vex.prefix;
		if (repeat) return repeat === 0xf3 ? 3 : 2;
		return operandSize ? 1 : 0;
	}

	#address(modrm: number, size: CodeSize, vsib = false): Address {
		return size === 16 ? this.#address16(modrm) : this.#address32(modrm, size, vsib);
	}

	// SDM 2A, "16-Bit Addressing Forms with the ModR/M Byte"
	#address16(modrm: number): Address {
		const mod = modrm >> 6;
		const rm = modrm & 7;
		const absolute = mod === 0 && rm === 6;
		const base = absolute ? -1 : [BX, BX, BP, BP, SI, DI, BP, BX][rm];
		const index = rm < 4 ? [SI, DI][rm & 1] : -1;
		const displacement = mod === 1 ? this.#signed(1) : mod === 2 || absolute ? this.#signed(2) : 0n;
		return { base, index, scale: 1, displacement, ripRelative: false, size: 16 };
	}

	// SDM 2A, "32-Bit Addressing Forms with the ModR/M Byte" and "... with the SIB Byte"
	#address32(modrm: number, size: CodeSize, vsib: boolean): Address {
		const { rex } = this.#prefixes;
		const mod = modrm >> 6;
		let low = modrm & 7;
		let index = -1;
		let scale = 1;
		const hasSib = low === 4;
		if (hasSib) {
			const sib = this.#next();
			low = sib & 7;
			const number = ((sib >> 3) & 7) | ((rex & 2) << 2);
			if (number !== 4 || vsib) index = number;
			scale = 1 << (sib >> 6);
		}
		const noBase = low === 5 && mod === 0;
		const base = noBase ? -1 : low | ((rex & 1) << 3);
		const displacement = mod === 1 ? this.#signed(1) : mod === 2 || noBase ? this.#signed(4) : 0n;
		const ripRelative = noBase && !hasSib && this.#mode === 64;
		return { base, index, scale, displacement, ripRelative, size };
	}

	#immediates(variant: Variant, operandSize: CodeSize, addressSize: CodeSize): bigint[] {
		return variant.operands.flatMap((operand) => {
			const bytes = immediateBytes(operand, operandSize, addressSize);
			if (operand.kind === "A") return [this.#signed(bytes), this.#signed(2)];
			return bytes ? [this.#signed(bytes)] : [];
		});
	}
}

/** Maps under a VEX prefix follow those without (expand.ts, `Slot.map`). */
const VEX_MAPS = 4;
const BX = 3;
const BP = 5;
const SI = 6;
const DI = 7;

/** Bytes that an operand takes behind ModRM. */
function immediateBytes({ kind, notation }: Operand, operandSize: CodeSize, addressSize: CodeSize): number {
	if (kind === "O") return addressSize / 8;
	if (kind === "A") return operandSize === 16 ? 2 : 4;
	if (kind === "L") return 1;
	if (kind !== "I" && kind !== "J") return 0;
	const suffix = notation.slice(1);
	if (suffix === "b" || suffix === "bs") return 1;
	if (suffix === "w") return 2;
	const widest = suffix === "z" ? 4 : 8;
	return Math.min(operandSize / 8, widest);
}

const LAST_SEGMENT = 5;
const CS = 1;

/** What a decoder by tables lets pass and the processor refuses as undefined. */
function isAllowed({ variant, prefixes, reg, vvvv, address }: Instruction): boolean {
	const { options, form, operands } = variant;
	// SDM 2C, "VPGATHERDD": destination, index and mask are three registers.
	if (options.vsib && new Set([reg, vvvv, address!.index]).size < 3) return false;
	if (prefixes.lock && !(options.lock && form === "memory")) return false;
	if (prefixes.vex?.register && !operands.some(({ kind }) => kind === "H" || kind === "B")) return false;
	const special = operands.find(({ kind }) => "SCD".includes(kind));
	if (special?.kind === "S")
		return (reg & 7) <= LAST_SEGMENT && !((reg & 7) === CS && special.access === "n");
	if (special?.kind === "C") return [0, 2, 3, 4, 8].includes(reg);
	return special?.kind !== "D" || reg < 8;
}
