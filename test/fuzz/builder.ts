/** What statements are made from: an assembler, a choice of operands, and what is only known at the end. */
import type { Random } from "../harness/random.ts";
import { Assembler, type Label, little } from "./assembler.ts";
import { absolute } from "./handlers.ts";
import { type Flavour, type Instructions, instructionsOf, randomFlavour } from "./instructions.ts";
import { ALIAS, ARENA, ARENA_SIZE, CODE, DEVICE, PAGE, VARIABLES } from "./layout.ts";
import { reach, type Setup } from "./modes.ts";
import { Operands } from "./operands.ts";

/** Iterations of the whole program that are left. */
export const OUTER = VARIABLES + 0xfe0;

/** An address of code that is written where it is needed once it is known. */
interface LabelUse {
	at: number;
	size: number;
	label: Label;
}

export class Builder {
	readonly code: Assembler;
	readonly operands: Operands;
	readonly instructions: Instructions;
	readonly flavour: Flavour;
	/** Bytes of code that programs change: what comes of it decodes to an instruction of the same length. */
	readonly patches: number[] = [];
	/** Words, 2, 4 or 8 bytes. */
	readonly word: number;
	#uses: LabelUse[] = [];
	/** Operands that are to name a patch, chosen among all of them. */
	#patchUses: { at: number; size: number; base: number }[] = [];
	#nextVariable = VARIABLES;

	constructor(
		readonly random: Random,
		readonly setup: Setup,
	) {
		this.code = new Assembler(setup.bits);
		this.operands = new Operands(random, setup.bits, setup.segmented);
		this.instructions = instructionsOf(setup.bits);
		this.flavour = randomFlavour(random);
		this.word = setup.bits / 8;
	}

	/** Room for variables of the program, by its linear address. */
	variable(bytes = 8): number {
		const at = this.#nextVariable;
		this.#nextVariable += (bytes + 7) & ~7;
		if (this.#nextVariable > OUTER) throw new Error("too many variables");
		return at;
	}

	/** An instruction whose memory operand is an absolute address. */
	onMemory(opcode: number[], reg: number, linear: number, immediate: number[] = []): void {
		const { prefix, offset } = reach(this.setup, linear);
		const { bits } = this.code;
		this.code.emit(...(prefix ? [prefix] : []), ...opcode, ...absolute(bits, reg, offset), ...immediate);
	}

	/** What stands before an instruction and as its displacement, for an operand at an address plus an index. */
	displacement(linear: number): { prefix: number[]; bytes: number[] } {
		const { prefix, offset } = reach(this.setup, linear);
		return { prefix: prefix ? [prefix] : [], bytes: little(offset, this.code.bits === 16 ? 2 : 4) };
	}

	/** As `onMemory`; the operand will be one of the program's patches, or near it. */
	onPatch(opcode: number[], reg: number, immediate: number[] = []): void {
		const { code, random, setup } = this;
		const { prefix, offset } = reach(setup, CODE);
		const alias = setup.paging && !setup.segmented && random.chance(0.3) ? ALIAS : 0;
		const size = code.bits === 16 ? 2 : 4;
		code.emit(...(prefix ? [prefix] : []), ...opcode, ...absolute(code.bits, reg, 0), ...immediate);
		this.#patchUses.push({ at: code.at - immediate.length - size, size, base: offset - CODE + alias });
	}

	/** MOV register, the label's address. */
	moveLabel(register: number, label: Label): void {
		const { code } = this;
		const low = register & 7;
		if (code.bits === 64) code.emit(0x48 | (register > 7 ? 1 : 0), 0xc7, 0xc0 | low, 0, 0, 0, 0);
		else code.emit(0xb8 | low, ...new Array(this.word).fill(0));
		const size = Math.min(this.word, 4);
		this.#uses.push({ at: code.at - size, size, label });
	}

	/** A table of labels in memory. @returns its linear address */
	table(labels: Label[]): number {
		const at = this.variable(labels.length * this.word);
		labels.forEach((label, i) => this.#uses.push({ at: at + i * this.word, size: this.word, label }));
		return at;
	}

	/** A far pointer to a label of the program in memory. @returns its linear address */
	farPointer(label: Label): number {
		const at = this.variable(this.word + 2);
		this.#uses.push({ at, size: this.word, label });
		this.code.image.set(little(this.setup.registers.segments[1].selector, 2), at + this.word);
		return at;
	}

	/** A far JMP or CALL to a label. */
	farImmediate(opcode: number, label: Label): void {
		const { code, word } = this;
		code.emit(opcode, ...new Array(word).fill(0), ...little(this.setup.registers.segments[1].selector, 2));
		this.#uses.push({ at: code.at - 2 - word, size: word, label });
	}

	/** Writes what was not known before. */
	finish(): void {
		const { code, setup, random } = this;
		for (const { at, size, label } of this.#uses) {
			if (label.at === undefined) throw new Error("a label was not placed");
			code.image.set(little(setup.rip(label.at), size), at);
		}
		for (const { at, size, base } of this.#patchUses) {
			const target = this.patches.length ? random.pick(this.patches) : code.at;
			code.image.set(little(base + target, size), at);
		}
	}

	// --- small pieces that many statements use ---------------------------------------------------------------

	straight(count: number): void {
		const { random, operands, code } = this;
		for (; count > 0; count--) {
			if (random.chance(0.05)) code.move(random.pick(operands.roles.data), this.edge());
			code.emit(...this.instructions.any(random, operands, this.flavour));
		}
	}

	/** A number next to where some width's signs and carries change. */
	edge(width = this.random.pick([8, 16, 32, 64])): bigint {
		const { random } = this;
		const value = random.chance(0.5)
			? 1n << BigInt(width - 1)
			: random.chance(0.5)
				? 1n << BigInt(width)
				: 0n;
		return value + random.pick([0n, 0n, 0n, -1n, 1n, 2n]);
	}

	/** An instruction that may be changed later on: its immediate, or which operation it is. */
	patchable(): void {
		const { code, random, patches } = this;
		const register = random.pick([0, 1, 2]);
		if (random.chance(0.5)) {
			code.emit(
				0x81,
				0xc0 | (random.below(8) << 3) | register,
				...this.operands.immediate(code.bits === 16 ? 2 : 4),
			);
			patches.push(code.at - 2, code.at - 1);
		} else {
			code.emit((random.below(8) << 3) | 1, 0xc0 | (random.below(3) << 3) | register);
			patches.push(code.at - 2);
		}
	}

	/** Skips what follows in most rounds of the program. */
	seldom(end: Label): void {
		this.onMemory([0xf6], 0, OUTER, [this.random.pick([1, 3, 3, 7])]);
		this.code.branch(0x75, end);
	}

	/** Pointers point somewhere again. */
	reload(probability: number): void {
		const { code, random, operands } = this;
		for (const register of operands.roles.pointers)
			if (random.chance(probability)) code.move(register, this.pointer(3));
		if (random.chance(probability)) code.move(operands.roles.index, random.below(24));
	}

	/** An offset in a data segment that is likely to lie in the arena. */
	pointer(segment: number): number | bigint {
		const { random, setup } = this;
		if (setup.bits === 64 && random.chance(0.01)) return 0x8000_0000_0000n;
		const base = setup.segmented ? setup.bases[segment] : 0;
		const offset = this.#place() - base;
		return setup.bits === 16 ? offset & 0xffff : offset >>> 0;
	}

	/** Aligned as vectors and save areas want it, or not at all. */
	#inPage(): number {
		return this.random.below(PAGE) & this.random.pick([-1, -1, -16, -64]);
	}

	#place(): number {
		const { random, setup } = this;
		const kind = random.below(100);
		if (kind < 3) return CODE + random.below(0xc000);
		if (kind === 3) return DEVICE + random.below(0x2000);
		const page = ARENA + PAGE * random.below(ARENA_SIZE / PAGE);
		const inside = random.chance(0.3) ? PAGE - 1 - random.below(24) : this.#inPage();
		const alias = setup.paging && setup.bits !== 16 && !setup.segmented && random.chance(0.1);
		return page + inside + (alias ? ALIAS : 0);
	}
}
