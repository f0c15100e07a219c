/**
 * Variants of rows back to bytes. What an instruction is made of comes from the row: opcode, ModRM, which
 * prefixes select the variant. What stands in the operands is asked from a chooser.
 */
import { prefixIndices } from "../../src/x86/encoding.ts";
import { type Slot, slots, type Variant } from "../../src/x86/expand.ts";
import type { Access } from "../../src/x86/row.ts";
import type { Random } from "../harness/random.ts";

export type Bits = 16 | 32 | 64;

/** A memory operand: ModRM's mod and rm, REX.X and REX.B, and the bytes behind ModRM. */
export interface Address {
	mod: number;
	rm: number;
	rex?: number;
	bytes: number[];
	segment?: number;
}

export interface Chooser {
	/** A register for an operand of `width` bits; above 7 only where `rex` may be used. */
	register(access: Access, width: number, wide: boolean): number;
	/** @param bits of the address size */
	address(bits: Bits): Address;
	/** An address whose index is a vector register, in 32- and 64-bit mode. */
	vectorAddress(): Address;
	immediate(bytes: number): number[];
	readonly random: Random;
}

/** Prefixes that select a variant; of a VEX prefix W and L. */
interface Selection {
	operandPrefix: boolean;
	wide: boolean;
	repeat: number;
	long: boolean;
}

/** A variant that a mode has, with every selection of prefixes that leads to it. */
export interface Form {
	variant: Variant;
	bits: Bits;
	selections: Selection[];
	immediates: string[];
}

const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const REPEATS = [0, 0, 0xf2, 0xf3];

/** VEX.pp by the prefixes' indices: none, 66, F2, F3. */
const VEX_PP = [0, 1, 3, 2];

function selects(slot: Slot, bits: Bits, { operandPrefix, wide, repeat }: Selection): boolean {
	const size = wide ? 2 : (bits !== 16) !== operandPrefix ? 1 : 0;
	const prefix = repeat || (operandPrefix ? 1 : 0);
	return slot.size === size && slot.prefix === prefix && slot.long === (bits === 64 ? 1 : 0);
}

/** The variant as an instruction of a mode; undefined where the mode does not have it. */
export function formOf(variant: Variant, bits: Bits): Form | undefined {
	const places = slots(variant);
	const selections = variant.encoding.vex ? vexSelections(places, bits) : legacySelections(places, bits);
	if (!selections.length) return undefined;
	const immediates = variant.row[0].split(" ").filter((token) => /^([ic][bwzv]|\/is4)$/.test(token));
	return { variant, bits, selections, immediates };
}

function legacySelections(places: Slot[], bits: Bits): Selection[] {
	const selections: Selection[] = [];
	for (const repeat of [0, 2, 3])
		for (const operandPrefix of [false, true])
			for (const wide of bits === 64 ? [false, true] : [false]) {
				const selection = { operandPrefix, wide, repeat, long: false };
				if (places.some((slot) => selects(slot, bits, selection))) selections.push(selection);
			}
	return selections;
}

function vexSelections(places: Slot[], bits: Bits): Selection[] {
	const sizes = new Set(places.filter((slot) => (slot.long === 1) === (bits === 64)).map(({ size }) => size));
	return [...sizes].map((size) => ({
		operandPrefix: false,
		wide: size > 1,
		repeat: 0,
		long: (size & 1) !== 0,
	}));
}

/** The instruction's bytes. @param repeated whether a REP prefix that is no part of the opcode may stand */
export function encode(form: Form, chooser: Chooser, repeated = false): number[] {
	return new Encoder(form, chooser, repeated).bytes();
}

class Encoder {
	readonly #selection: Selection;
	readonly #addressPrefix: boolean;
	/** REX bits: W, R, X, B; 0x40 where a REX prefix is there whether needed or not. */
	#rex = 0;
	/** AH, CH and DH may be meant: no REX prefix will stand. */
	readonly #highBytes: boolean;
	#segment: number | undefined;
	#opcode: number;
	#reg = 0;
	#rm: Address = { mod: 3, rm: 0, bytes: [] };
	/** VEX.vvvv, and the register in the immediate's upper half. */
	#vvvv = 0;
	#is4 = 0;

	constructor(
		private readonly form: Form,
		private readonly chooser: Chooser,
		private readonly repeated: boolean,
	) {
		this.#selection = this.#select();
		this.#addressPrefix = chooser.random.chance(0.02);
		this.#opcode = form.variant.opcode;
		if (this.#selection.wide && !form.variant.encoding.vex) this.#rex |= 8;
		this.#highBytes = form.bits !== 64 || (onlyByteRegisters(form.variant) && chooser.random.chance(0.3));
		if (form.bits === 64 && !this.#highBytes && chooser.random.chance(0.08)) this.#rex |= 0x40;
	}

	bytes(): number[] {
		const { form, chooser } = this;
		const { encoding, options } = form.variant;
		this.#operands();
		const modrm = encoding.modrm ? [encoding.exact ?? this.#modrm()] : [];
		if (encoding.vex) {
			const before = this.#segment === undefined ? [] : [this.#segment];
			if (this.#addressPrefix) before.push(0x67);
			return [...before, ...this.#vex(), this.#opcode, ...modrm, ...this.#rm.bytes, ...this.#trailing()];
		}
		const { operandPrefix, repeat } = this.#selection;
		const prefixes: number[] = [];
		if (options.lock && form.variant.form === "memory" && chooser.random.chance(0.1)) prefixes.push(0xf0);
		if (this.#segment !== undefined) prefixes.push(this.#segment);
		if (this.#addressPrefix) prefixes.push(0x67);
		if (operandPrefix) prefixes.push(0x66);
		if (repeat) prefixes.push(REPEATS[repeat]);
		if (this.#rex) prefixes.push(0x40 | this.#rex);
		return [
			...prefixes,
			...MAPS[encoding.map],
			this.#opcode,
			...modrm,
			...this.#rm.bytes,
			...this.#trailing(),
		];
	}

	/** SDM 2A, "The VEX Prefix": in two bytes where that will do, more often than not. */
	#vex(): number[] {
		const { encoding } = this.form.variant;
		const { wide, long } = this.#selection;
		const rex = this.#rex;
		const last = ((~this.#vvvv & 15) << 3) | (long ? 4 : 0) | VEX_PP[prefixIndices(encoding)[0]];
		if (!(rex & 3) && !wide && encoding.map === 1 && this.chooser.random.chance(0.8))
			return [0xc5, (rex & 4 ? 0 : 0x80) | last];
		return [0xc4, ((~rex & 7) << 5) | encoding.map, (wide ? 0x80 : 0) | last];
	}

	/** Prefixes that do nothing are rare in programs. */
	#select(): Selection {
		const { form, chooser, repeated } = this;
		const own = form.variant.encoding.prefix;
		const plain = form.selections.filter(
			({ repeat }) => !repeat || own === "F2" || own === "F3" || (repeated && chooser.random.chance(0.7)),
		);
		const from = plain.length ? plain : form.selections;
		const simplest = from.reduce((a, b) => (cost(b) < cost(a) ? b : a));
		return chooser.random.chance(repeated ? 0.5 : 0.06) ? chooser.random.pick(from) : simplest;
	}

	#operands(): void {
		const { form, chooser } = this;
		const { encoding, operands } = form.variant;
		if (encoding.plus === "i") this.#rm = { mod: 3, rm: chooser.random.below(8), bytes: [] };
		for (const operand of operands) {
			const { kind, access, width } = operand;
			if (VECTOR_KINDS.has(kind)) this.#vectorOperand(kind);
			else if (kind === "B") this.#vvvv = this.#register(access, width);
			else if (kind === "Z") this.#inOpcode(this.#register(access, width));
			else if (kind === "G") this.#setReg(this.#register(access, width));
			else if (kind === "S" || kind === "C" || kind === "D") this.#setReg(chooser.immediate(1)[0] & 7);
			else if (kind === "E" || kind === "R" || kind === "M") this.#setRm(kind, access, width);
			else if ((kind === "X" || kind === "Y" || kind === "O") && chooser.random.chance(0.1))
				this.#segment = 0x36;
		}
		if (encoding.digit !== undefined) this.#reg = encoding.digit;
	}

	/** An XMM, YMM or MMX register, or memory. */
	#vectorOperand(kind: string): void {
		const { form, chooser } = this;
		const media = kind === "P" || kind === "Q" || kind === "N";
		const number = chooser.random.below(form.bits === 64 && !media ? 16 : 8);
		if (kind === "V" || kind === "P") this.#setReg(number);
		else if (kind === "H") this.#vvvv = number;
		else if (kind === "L") this.#is4 = number;
		else if (form.variant.form === "memory") this.#setMemory();
		else this.#setRegister(number);
	}

	#register(access: Access, width: number): number {
		if (width === 8 && this.#highBytes && this.chooser.random.chance(0.4))
			return 4 + this.chooser.random.below(3);
		return this.chooser.register(access, width, this.form.bits === 64 && !this.#highBytes);
	}

	#setReg(number: number): void {
		this.#reg = number & 7;
		if (number > 7) this.#rex |= 4;
	}

	#inOpcode(number: number): void {
		this.#opcode |= number & 7;
		if (number > 7) this.#rex |= 1;
	}

	#setRm(kind: string, access: Access, width: number): void {
		if (this.form.variant.form === "register" || kind === "R")
			this.#setRegister(this.#register(access, width));
		else this.#setMemory();
	}

	#setRegister(number: number): void {
		this.#rm = { mod: 3, rm: number & 7, bytes: [] };
		if (number > 7) this.#rex |= 1;
	}

	#setMemory(): void {
		const { form, chooser } = this;
		const vsib = form.variant.options.vsib && this.#addressBits() !== 16;
		this.#rm = vsib ? chooser.vectorAddress() : chooser.address(this.#addressBits());
		this.#rex |= this.#rm.rex ?? 0;
		this.#segment = this.#rm.segment;
	}

	#modrm(): number {
		return (this.#rm.mod << 6) | (this.#reg << 3) | this.#rm.rm;
	}

	#addressBits(): Bits {
		const { bits } = this.form;
		if (!this.#addressPrefix) return bits;
		return bits === 32 ? 16 : 32;
	}

	#trailing(): number[] {
		const { form, chooser } = this;
		const { operandSize, operands } = form.variant;
		const sizes: Record<string, number> = {
			b: 1,
			w: 2,
			z: operandSize === 16 ? 2 : 4,
			v: operandSize / 8,
		};
		const bytes = form.immediates.flatMap((token) =>
			token === "/is4" ? [this.#is4 << 4] : chooser.immediate(sizes[token[1]]),
		);
		if (operands.some(({ kind }) => kind === "O")) {
			const { bytes: offset } = chooser.address(16);
			const value = [...offset, 0, 2, 0, 0, 0, 0, 0, 0];
			bytes.push(...value.slice(0, this.#addressBits() / 8));
		}
		return bytes;
	}
}

const onlyByteRegisters = ({ form, operands }: Variant) =>
	form === "register" && operands.every(({ width }) => width === 8);
const VECTOR_KINDS = new Set(["V", "H", "W", "U", "L", "P", "Q", "N"]);
const cost = ({ operandPrefix, wide, repeat }: Selection) => +operandPrefix + +wide + +(repeat !== 0);
