import { expect } from "chai";
import { type CodeSize, disassemble1 } from "../../src/x86/disassembler/index.ts";
import { prefixIndices } from "../../src/x86/encoding.ts";
import { expand, slots, type Variant } from "../../src/x86/expand.ts";
import { findFeature } from "../../src/x86/features.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { icedOpinion } from "../harness/iced.ts";
import { Random } from "../vectors/states.ts";

const STRINGS = Number(process.env.STRINGS ?? 20_000);
const ADDRESS = 0x1000n;
/** What the rows need besides the feature that they name. */
const BASE = new Set(
	"INTEL8086 INTEL8086_ONLY INTEL186 INTEL286 INTEL386 INTEL386_ONLY INTEL486 X64 CMOV CX8 CMPXCHG16B MULTIBYTENOP FPU287 FPU387".split(
		" ",
	),
);

/** Prefixes that mean nothing to the processor of now and that iced shows: branch hints, MPX, HLE, CET. */
const HINTS = /\b(hint-not-taken|hint-taken|bnd|xacquire|xrelease|notrack|rep(?= ret)) /g;

/** The same thing by another name. */
const SYNONYMS: [RegExp, string][] = [
	[/\bret far\b/, "retf"],
	[/\bfwait$/, "wait"],
	[/^prefetch(_reserved|_exclusive|w|wt1)( .*)/, "prefetch$2"], // 0F 0D /0, /3 .. /7
	[/^xchg ([er]?ax), \1$/, "nop"], // 90 with an operand size
	[/^nop (.+), \w+$/, "nop $1"], // reserved NOPs, which the manual gives one operand or two
	[/\bst(?!\()/g, "st(0)"],
	[/^(f\w+) st\(0\), (.*\[.*)/, "$1 $2"], // the manual leaves the top of the stack out where memory is the other operand
	[/^(f\w+ .*\[.*\]), st\(0\)$/, "$1"],
	[/^fld st\(0\), (st\(\d\))$/, "fld $1"],
	[/^(fstp?) (st\(\d\)), st\(0\)$/, "$1 $2"],
];

const usual = (text: string): string =>
	SYNONYMS.reduce((t, [from, to]) => t.replace(from, to), text.replace(HINTS, ""));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** What both say, where they do not say the same; undefined where they do. */
function difference(bytes: Uint8Array, mode: CodeSize): string | undefined {
	const theirs = icedOpinion(bytes, mode, ADDRESS);
	const ours = disassemble1(bytes, ADDRESS, mode);
	const known = theirs.features.every((name) => BASE.has(name) || FEATURES.has(name));
	// Newer processors give a meaning to what older ones take for something else, or refuse.
	if (theirs.valid && !known) return undefined;
	const same = usual(theirs.text) === usual(ours.text);
	if (same && (!theirs.valid || theirs.length === ours.bytes.length)) return undefined;
	const length = Math.max(theirs.valid ? theirs.length : 0, ours.bytes.length);
	return `${mode} ${hex(bytes.subarray(0, length))}: ${theirs.text} | ${ours.text} (${theirs.features})`;
}

/** Features whose rows are all there. */
const FEATURES = new Set(
	rows.flatMap((row) => row[4]?.feature ?? []).filter((name) => findFeature(name)?.done),
);

/** Random bytes, with prefixes and the 0F map more often than chance has them. */
function randomBytes(random: Random): Uint8Array {
	const bytes = Uint8Array.from({ length: 15 }, () => random.next() & 0xff);
	let at = 0;
	while (random.chance(3) && at < 3)
		bytes[at++] = random.pick([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x64, 0x48, 0x41]);
	if (random.chance(3)) bytes[at] = 0x0f;
	return bytes;
}

const PREFIXES = "66 67 F0 F2 F3 26 2E 36 3E 64 65 48 41 44 42 4F 6667 66F3 66F2 F348 6648 F066 F0F2 F348";
const MAPS = ["", "0F", "0F38", "0F3A"];
const MANDATORY = ["", "66", "F2", "F3"];
const TAIL = "24C5887766554433221100";

/** Encodings of a variant: each opcode that leads to it, with registers or with memory. */
function encodings(variant: Variant, mode: CodeSize): string[] {
	const places = slots(variant).filter(
		({ long, size, prefix }) =>
			(long === 1) === (mode === 64) &&
			size === (mode === 16 ? 0 : 1) &&
			prefix === prefixIndices(variant.encoding)[0],
	);
	const heads = places.map(({ map, opcode, prefix, reg, memory, rm }) => {
		const modrms = memory ? [0x04, 0x05, 0x44, 0x86] : rm === undefined ? [0xc0, 0xc5] : [0xc0 + rm];
		const tails = variant.encoding.modrm ? modrms.map((low) => byte(low | (reg << 3))) : [""];
		return tails.map((modrm) => MANDATORY[prefix] + MAPS[map] + byte(opcode) + modrm);
	});
	return [...new Set(heads.flat())];
}

const byte = (value: number): string => value.toString(16).padStart(2, "0");

/** The first few of a list, with how many there are. */
const some = (list: string[]): string[] =>
	list.length > 20 ? [...list.slice(0, 20), `${list.length} in all`] : list;

describe("the disassembler", function () {
	this.timeout(120_000);

	for (const mode of [64, 32, 16] as const) {
		it(`reads random ${mode}-bit bytes as an independent one does: validity, length, operands`, () => {
			const random = new Random(mode + 2);
			const wrong: string[] = [];
			for (let i = 0; i < STRINGS; i++) wrong.push(difference(randomBytes(random), mode) ?? "");
			expect(some(wrong.filter(Boolean))).to.deep.equal([]);
		});

		it(`reads every row's ${mode}-bit encodings as it does, with every prefix`, () => {
			const wrong = new Set<string>();
			const all = new Set(expand(rows).flatMap((variant) => encodings(variant, mode)));
			for (const encoding of all)
				for (const prefix of ["", ...PREFIXES.split(" ")]) {
					const bytes = Buffer.from(prefix + encoding + TAIL, "hex").subarray(0, 15);
					const found = difference(bytes, mode);
					if (found) wrong.add(found);
				}
			expect(all.size).to.be.greaterThan(1000);
			expect(some([...wrong])).to.deep.equal([]);
		});
	}

	it("names what branches and RIP-relative operands point at", () => {
		const name = (address: bigint) => (address === 0x1010n ? "kmain" : undefined);
		const text = (code: string) => disassemble1(Buffer.from(code, "hex"), ADDRESS, 64, name).text;
		expect(text("e80b000000")).to.equal("call 0x1010 <kmain>");
		expect(text("488d0509000000")).to.equal("lea rax, [rip+9] <kmain>");
		expect(text("eb00")).to.equal("jmp 0x1002");
	});

	it("says of bytes that begin no instruction that they are bad, one at a time", () => {
		const bad = disassemble1(Uint8Array.of(0x06, 0x90), ADDRESS, 64);
		expect(bad).to.deep.equal({ address: ADDRESS, bytes: Uint8Array.of(0x06), text: "(bad)" });
	});
});
