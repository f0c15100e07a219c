// Two readings of one string of bytes: iced-x86's and the disassembler's. What follows is every way in which the two may
// differ and both be right; docs/decoding.md gives the manual's words for each.

import { type CodeSize, disassemble1 } from "../../src/x86/disassembler/index.ts";
import { findFeature } from "../../src/x86/features.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { icedOpinion } from "../harness/iced.ts";

const ADDRESS = 0x1000n;

/** What the rows need besides the feature that they name. */
const BASE =
	"INTEL8086 INTEL8086_ONLY INTEL186 INTEL286 INTEL386 INTEL386_ONLY INTEL486 X64 CMOV CX8 CMPXCHG16B MULTIBYTENOP FPU287 FPU387 RDPMC PAUSE CLFSH PREFETCHW CPUID".split(
		" ",
	);
/** Features whose rows are all there. */
const FEATURES = new Set([
	...BASE,
	...rows.flatMap((row) => row[4]?.feature ?? []).filter((name) => findFeature(name)?.done),
]);

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
	[/^(v?pcmpestr[im])64/, "$1"], // with REX.W or VEX.W, which the manual gives no name of its own
	[/^(fstp?) (st\(\d\)), st\(0\)$/, "$1 $2"],
];

const usual = (text: string): string =>
	SYNONYMS.reduce((t, [from, to]) => t.replace(from, to), text.replace(HINTS, ""));

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/**
 * What a processor without a newer feature makes of its encodings, where that is not #UD: reserved NOPs and prefetches, and
 * WBINVD for WBNOINVD's ignored F3.
 */
const BEFORE = new Set(["(bad)", "nop", "prefetch", "prefetchw", "prefetchwt1", "wbinvd"]);

/** How often what only newer or other processors have was taken for what, by feature and what it is here. */
export type Newer = Map<string, number>;

/** What both say, where they do not say the same; undefined where they do. */
export function difference(bytes: Uint8Array, mode: CodeSize, newer?: Newer): string | undefined {
	const theirs = icedOpinion(bytes, mode, ADDRESS);
	const ours = disassemble1(bytes, ADDRESS, mode);
	if (theirs.valid && !theirs.features.every((name) => FEATURES.has(name))) {
		const word = ours.text.split(" ")[0];
		const what = `${theirs.features.join("+")}: ${word}`;
		newer?.set(what, (newer.get(what) ?? 0) + 1);
		if (BEFORE.has(word)) return undefined;
	}
	const same = theirs.text === ours.text || usual(theirs.text) === usual(ours.text);
	if (same && (!theirs.valid || theirs.length === ours.bytes.length)) return undefined;
	const length = Math.max(theirs.valid ? theirs.length : 0, ours.bytes.length);
	return `${mode} ${hex(bytes.subarray(0, length))}: ${theirs.text} | ${ours.text} (${theirs.features})`;
}
