/** Which rows stand in a random run of instructions, and how often. What transfers control is built by statements.ts. */
import { expand, type Variant } from "../../src/x86/expand.ts";
import { rows } from "../../src/x86/rows/index.ts";
import type { Random } from "../harness/random.ts";
import { type Bits, encode, type Form, formOf } from "./encode.ts";
import { PORT_END, PORT_EVENT } from "./layout.ts";
import type { Operands } from "./operands.ts";

/** They move the stack, or load what a program cannot go on without. */
const STRUCTURED =
	/^(J|CALL|RET|LOOP|IRET|SYS|HLT|PUSH|POP|ENTER|LEAVE|L[DEFGS]S |LGDT|LIDT|LLDT|LTR|LMSW|WRMSR|INVD|WBINVD|MOV (Sw|Cd|Dd)|OUT Ib)/;
/** They always raise an exception, or nearly always do: seldom. */
const EXCEPTIONAL =
	/^(INT|UD|BOUND|ESC|FEMMS|EMMS|WAIT|FX|CLI|CLTS|SWAPGS|STAC|CLAC|RDPMC|IN[S ]|OUTS|I?DIV|AAM)/;
const isString = (variant: Variant) => variant.operands.some(({ kind }) => kind === "X" || kind === "Y");

interface Choice {
	forms: Form[];
	weight: number;
}

export class Instructions {
	readonly #ordinary: Choice[] = [];
	readonly #exceptional: Choice[] = [];
	readonly #strings: Form[] = [];

	constructor(bits: Bits) {
		const byRow = new Map<unknown, Form[]>();
		for (const variant of expand(rows)) {
			const form = formOf(variant, bits);
			if (!form || STRUCTURED.test(variant.name)) continue;
			if (isString(variant)) this.#strings.push(form);
			byRow.set(variant.row, [...(byRow.get(variant.row) ?? []), form]);
		}
		for (const forms of byRow.values()) {
			const { name, options } = forms[0].variant;
			const list = EXCEPTIONAL.test(name) || isString(forms[0].variant) ? this.#exceptional : this.#ordinary;
			list.push({ forms, weight: options.cold || options.privileged ? 1 : 3 });
		}
	}

	/** Names of all rows that can be chosen. */
	get names(): string[] {
		return [...this.#ordinary, ...this.#exceptional].map(({ forms }) => forms[0].variant.name);
	}

	/** One instruction that goes on to the next, unless it raises an exception. */
	any(random: Random, operands: Operands): number[] {
		for (;;) {
			const from = random.chance(0.985) ? this.#ordinary : this.#exceptional;
			const { forms, weight } = random.pick(from);
			if (weight < 1 + random.below(3)) continue;
			const bytes = encode(random.pick(forms), operands);
			if (!isHarnessPort(bytes)) return bytes;
		}
	}

	/** A string instruction, repeated more often than not. */
	string(random: Random, operands: Operands): number[] {
		return encode(random.pick(this.#strings), operands, true);
	}
}

const isHarnessPort = (bytes: number[]) =>
	(bytes[0] & 0xf4) === 0xe4 && bytes[1] >= PORT_EVENT && bytes[1] <= PORT_END;

const known = new Map<Bits, Instructions>();

export function instructionsOf(bits: Bits): Instructions {
	const made = known.get(bits) ?? new Instructions(bits);
	known.set(bits, made);
	return made;
}
