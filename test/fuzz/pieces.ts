/** Statements that are no more than a few instructions: runs of random ones, flags, the stack, strings. */
import { Label } from "./assembler.ts";
import type { Builder } from "./builder.ts";

const REP_COUNTS = [0, 1, 3, 17, 40, 40, 3000];

export abstract class Pieces {
	constructor(protected readonly b: Builder) {}

	/** Some statements. */
	abstract block(depth: number, count?: number): void;

	straight(): void {
		const { b } = this;
		b.straight(b.random.between(1, 7));
		if (b.random.chance(0.25)) b.patchable();
		if (b.random.chance(0.1)) b.reload(0.4);
	}

	/** Something that sets flags, on numbers where they change, and what reads them. */
	arithmetic(): void {
		const { b } = this;
		const { code, random } = b;
		const [one, two] = [random.pick([0, 1, 2]), random.pick([0, 1, 2])];
		const [prefix, width] = random.pick<[number[], number]>(
			code.bits === 64
				? [
						[[], 32],
						[[0x48], 64],
						[[0x66], 16],
					]
				: [
						[[], code.bits],
						[[0x66], 48 - code.bits],
					],
		);
		code.move(one, b.edge(width));
		if (random.chance(0.6)) code.move(two, b.edge(width));
		const digit = random.below(8) << 3;
		const kind = random.below(6);
		if (kind === 0) code.emit(...prefix, 0xff, 0xc0 | (digit & 8) | one);
		else if (kind === 1) code.emit(...prefix, 0xf7, 0xd8 | one);
		else if (kind === 2)
			code.emit(...prefix, 0x83, 0xc0 | digit | one, random.pick([0, 1, 0xff, 0x7f, 0x80]));
		else if (kind === 3)
			code.emit(...prefix, 0xc1, 0xc0 | digit | one, random.pick([0, 1, 1, 7, 31, 32, 63]));
		else code.emit(...prefix, digit | 1, 0xc0 | (two << 3) | one);
		for (let uses = random.between(1, 3); uses > 0; uses--) this.#useFlags();
	}

	#useFlags(): void {
		const { b } = this;
		const { code, random } = b;
		const [condition, to, from] = [random.below(16), random.pick([0, 1, 2]), random.pick([0, 1, 2])];
		const kind = random.below(5);
		if (kind < 2) code.emit(0x0f, 0x90 | condition, 0xc0 | to);
		else if (kind === 2) code.emit(0x0f, 0x40 | condition, 0xc0 | (to << 3) | from);
		else if (kind === 3) code.emit(random.pick([0x11, 0x19]), 0xc0 | (from << 3) | to);
		else {
			const end = new Label();
			code.branch(0x70 | condition, end, true);
			b.straight(1);
			code.place(end);
		}
	}

	// --- the stack, flags, strings -----------------------------------------------------------------------------

	stack(depth: number): void {
		const { b } = this;
		const { code, random } = b;
		const words = random.between(1, 3);
		if (random.chance(0.3)) {
			const rex = code.bits === 64 ? [0x48] : [];
			code.emit(...rex, 0x83, 0xec, words * b.word);
			this.block(depth, 1);
			code.emit(...rex, 0x83, 0xc4, words * b.word);
			return;
		}
		for (let i = 0; i < words; i++) {
			if (random.chance(0.3)) code.emit(0x6a, random.below(256));
			else code.push(random.below(code.bits === 64 ? 16 : 8));
		}
		b.straight(random.between(0, 3));
		for (let i = 0; i < words; i++) code.pop(random.below(3));
	}

	/** TF for a few instructions, or just there and back. */
	flags(): void {
		const { b } = this;
		b.code.emit(0x9c);
		if (b.random.chance(0.3)) {
			this.#changeFlags(0x0d, 0x100);
			b.straight(b.random.between(1, 4));
			b.code.emit(0x9c);
			this.#changeFlags(0x25, 0xfeff);
		} else b.code.emit(0x9d);
	}

	#changeFlags(opcode: number, mask: number): void {
		const { code } = this.b;
		code.pop(0);
		code.emit(opcode, mask & 0xff, mask >>> 8, ...(code.bits === 16 ? [] : [0, 0]));
		code.push(0);
		code.emit(0x9d);
	}

	/** Another segment for a while, or the first one again. */
	segment(): void {
		const { b } = this;
		const { others, registers } = b.setup;
		const number = b.random.pick([0, 2, 2, 3, 4, 5]);
		const selector = b.random.chance(0.5) ? others[number] : registers.segments[number].selector;
		b.code.move(0, selector);
		b.code.emit(0x8e, 0xc0 | (number << 3));
	}

	string(): void {
		const { b } = this;
		b.code.move(1, b.random.pick(REP_COUNTS));
		if (b.random.chance(0.8)) b.code.move(6, b.pointer(3));
		if (b.random.chance(0.8)) b.code.move(7, b.pointer(0));
		b.code.emit(b.random.chance(0.8) ? 0xfc : 0xfd);
		b.code.emit(...b.instructions.string(b.random, b.operands));
	}

	/** A division that succeeds more often than not. */
	division(): void {
		const { b } = this;
		const { code, random } = b;
		const isByte = random.chance(0.25);
		const divisor = random.pick(isByte ? [1, 3] : [1, 3, 6]);
		const isExtended = random.chance(0.3);
		const size = random.chance(0.2) ? [0x66] : code.bits === 64 && random.chance(0.5) ? [0x48] : [];
		if (isByte) code.emit(...(isExtended ? [...(code.bits === 16 ? [] : [0x66]), 0x98] : [0x30, 0xe4]));
		else if (isExtended) code.emit(...size, 0x99);
		else code.emit(0x31, 0xd2);
		if (random.chance(0.6)) code.emit(0x83, 0xc8 | divisor, 1 + random.below(9));
		const modrm = 0xf0 | (random.below(2) << 3) | divisor;
		code.emit(...(isByte ? [0xf6] : [...size, 0xf7]), modrm);
	}
}
