/** Code on its way into memory: bytes with labels, and a note of where each instruction begins and how long it is. */
import type { Bits } from "./encode.ts";
import { CODE, CODE_END, RAM_SIZE } from "./layout.ts";

/** Where an instruction lies, and its bytes' number. */
export type Span = [at: number, length: number];

interface Fix {
	/** Where the displacement lies, its size, and where the instruction ends. */
	at: number;
	size: number;
	end: number;
}

export class Label {
	at: number | undefined;
	readonly fixes: Fix[] = [];
}

export const little = (value: number | bigint, bytes: number): number[] =>
	Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));

export const CONDITION_NOT_ZERO = 5;

/** The general registers' numbers. */
export const [AX, CX, DX, BX, SP, BP, SI, DI] = [0, 1, 2, 3, 4, 5, 6, 7];

export class Assembler {
	readonly image = new Uint8Array(RAM_SIZE);
	/** As at LENGTHS. */
	readonly lengths = new Uint8Array(CODE_END - CODE);
	readonly spans: Span[] = [];
	at = CODE;

	constructor(public bits: Bits) {}

	/** One instruction. */
	emit(...bytes: number[]): void {
		this.image.set(bytes, this.at);
		if (this.at >= CODE && this.at < CODE_END) this.lengths[this.at - CODE] = bytes.length;
		this.spans.push([this.at, bytes.length]);
		this.at += bytes.length;
	}

	place(label: Label): void {
		label.at = this.at;
		for (const fix of label.fixes) this.#fix(fix, this.at);
	}

	/** A relative branch; `opcode` is that of the short form: 70h to 7Fh, EBh, or E8h for CALL. */
	branch(opcode: number, label: Label, short = false): void {
		const size = short || (opcode >= 0xe0 && opcode <= 0xe3) ? 1 : this.bits === 16 ? 2 : 4;
		const bytes =
			size === 1 ? [opcode] : opcode === 0xeb ? [0xe9] : opcode === 0xe8 ? [0xe8] : [0x0f, opcode + 0x10];
		this.emit(...bytes, ...new Array(size).fill(0));
		const fix = { at: this.at - size, size, end: this.at };
		if (label.at === undefined) label.fixes.push(fix);
		else this.#fix(fix, label.at);
	}

	/** Whether a short branch from here would reach the label. */
	isNear(label: Label): boolean {
		return label.at !== undefined && this.at - label.at < 0x70;
	}

	// --- what is needed around random instructions, in the natural operand size ------------------------------

	move(register: number, value: number | bigint): void {
		const low = register & 7;
		if (this.bits === 64) {
			const fits = BigInt.asIntN(32, BigInt(value)) === BigInt.asIntN(64, BigInt(value));
			const rex = 0x48 | (register > 7 ? 1 : 0);
			if (fits) this.emit(rex, 0xc7, 0xc0 | low, ...little(value, 4));
			else this.emit(rex, 0xb8 | low, ...little(value, 8));
		} else this.emit(0xb8 | low, ...little(value, this.bits / 8));
	}

	push(register: number): void {
		this.emit(...(register > 7 ? [0x41] : []), 0x50 | (register & 7));
	}

	pop(register: number): void {
		this.emit(...(register > 7 ? [0x41] : []), 0x58 | (register & 7));
	}

	/** The same code once more, at another place. */
	duplicate(from: number, length: number, to: number): void {
		this.image.copyWithin(to, from, from + length);
		this.lengths.copyWithin(to - CODE, from - CODE, from - CODE + length);
	}

	#fix({ at, size, end }: Fix, target: number): void {
		const distance = target - end;
		if (size === 1 && (distance < -128 || distance > 127)) throw new Error(`a short branch of ${distance}`);
		this.image.set(little(distance, size), at);
	}
}
