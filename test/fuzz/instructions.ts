/**
 * Which rows stand in a random run of instructions, and how often. What transfers control, and what a program cannot go
 * on without, is built by statements.ts and system.ts, from the same rows or by hand.
 */
import { expand, type Variant } from "../../src/x86/expand.ts";
import { rows } from "../../src/x86/rows/index.ts";
import type { Random } from "../harness/random.ts";
import { type Bits, encode, type Form, formOf } from "./encode.ts";
import { PORT_END, PORT_EVENT } from "./layout.ts";
import type { Operands } from "./operands.ts";

/** They move the stack, or load what a program cannot go on without. */
const STRUCTURED =
	/^(J|CALL|RET|LOOP|IRET|SYS|HLT|PUSH|POP[AF]? |POP[AF]$|ENTER|LEAVE|L[DEFGS]S |LGDT|LIDT|LLDT|LTR|LMSW|WRMSR|RDMSR|SWAPGS|XSETBV|WRPKRU|W[RD][FG]S|INVPCID|MOV (Cd|Dd))/;
/** They always raise an exception, or nearly always do: seldom. */
const EXCEPTIONAL =
	/^(INT|UD|BOUND|FEMMS|CLI|CLTS|STAC|CLAC|RDPMC|IN[S ]|OUTS|I?DIV|AAM|MONITOR|MWAIT|INVD|WBINVD|F?XRSTOR|XRSTOR|FRSTOR|FLDENV)/;
const VECTOR_KINDS = new Set(["V", "H", "W", "U", "L"]);
const MEDIA_KINDS = new Set(["P", "Q", "N"]);
const isString = (variant: Variant) => variant.operands.some(({ kind }) => kind === "X" || kind === "Y");

interface Choice {
	forms: Form[];
	weight: number;
}

const KINDS = ["integer", "vector", "media", "x87", "exceptional"] as const;
type Kind = (typeof KINDS)[number];

/** What a program's instructions are: of a hundred, how many of each kind. */
export type Flavour = Record<Kind, number>;
const FLAVOURS: [weight: number, flavour: Flavour][] = [
	[9, { integer: 99, vector: 0, media: 0, x87: 0, exceptional: 1 }],
	[5, { integer: 60, vector: 38, media: 0, x87: 0, exceptional: 2 }],
	[2, { integer: 60, vector: 8, media: 8, x87: 22, exceptional: 2 }],
	[1, { integer: 50, vector: 12, media: 28, x87: 6, exceptional: 4 }],
];

export function randomFlavour(random: Random): Flavour {
	let at = random.below(FLAVOURS.reduce((sum, [weight]) => sum + weight, 0));
	return FLAVOURS.find(([weight]) => {
		at -= weight;
		return at < 0;
	})![1];
}

function kindOf(variant: Variant): Kind {
	const { name, operands, options } = variant;
	if (EXCEPTIONAL.test(name) || isString(variant)) return "exceptional";
	if (options.vector || operands.some(({ kind, vector }) => vector || VECTOR_KINDS.has(kind)))
		return "vector";
	if (operands.some(({ kind }) => MEDIA_KINDS.has(kind)) || options.check === "requireMmx") return "media";
	return options.feature === "FPU" || options.check === "requireX87" ? "x87" : "integer";
}

export class Instructions {
	readonly #choices: Record<Kind, Choice[]> = {
		integer: [],
		vector: [],
		media: [],
		x87: [],
		exceptional: [],
	};
	readonly #strings: Form[] = [];
	/** By name, for statements that need one of them. */
	readonly #named = new Map<string, Form[]>();

	constructor(bits: Bits) {
		const byRow = new Map<unknown, Form[]>();
		for (const variant of expand(rows)) {
			const form = formOf(variant, bits);
			if (!form) continue;
			this.#named.set(variant.name, [...(this.#named.get(variant.name) ?? []), form]);
			if (STRUCTURED.test(variant.name)) continue;
			if (isString(variant)) this.#strings.push(form);
			byRow.set(variant.row, [...(byRow.get(variant.row) ?? []), form]);
		}
		for (const forms of byRow.values()) {
			const { options } = forms[0].variant;
			const kind = kindOf(forms[0].variant);
			const rare = kind === "integer" && (options.cold || options.privileged);
			this.#choices[kind].push({ forms, weight: rare ? 1 : 3 });
		}
	}

	/** Names of all rows that can be chosen. */
	get names(): string[] {
		return KINDS.flatMap((kind) => this.#choices[kind]).map(({ forms }) => forms[0].variant.name);
	}

	/** One instruction that goes on to the next, unless it raises an exception. */
	any(random: Random, operands: Operands, flavour: Flavour): number[] {
		for (;;) {
			const from = this.#choices[pickKind(random, flavour)];
			if (!from.length) continue;
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

	/** One of the forms of an instruction; undefined where the mode has none. */
	named(name: string, random: Random, operands: Operands): { bytes: number[]; form: Form } | undefined {
		const forms = this.#named.get(name);
		if (!forms) return undefined;
		const form = random.pick(forms);
		return { bytes: encode(form, operands), form };
	}

	/** Names of instructions that begin so. */
	called(pattern: RegExp): string[] {
		return [...this.#named.keys()].filter((name) => pattern.test(name));
	}
}

function pickKind(random: Random, flavour: Flavour): Kind {
	let at = random.below(100);
	return KINDS.find((kind) => {
		at -= flavour[kind];
		return at < 0;
	})!;
}

const isHarnessPort = (bytes: number[]) =>
	(bytes[0] & 0xf4) === 0xe4 && bytes[1] >= PORT_EVENT && bytes[1] <= PORT_END;

const known = new Map<Bits, Instructions>();

export function instructionsOf(bits: Bits): Instructions {
	const made = known.get(bits) ?? new Instructions(bits);
	known.set(bits, made);
	return made;
}
