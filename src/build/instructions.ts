/**
 * Writes docs/instructions.md: npx tsx src/build/instructions.ts
 *
 * Every row of the instruction set: its feature, whether hot code with it is compiled, and what proves it. A row is proved by
 * vectors where a recorded file under test/vectors has its encodings, and by a system program where a program under
 * test/guest/system contains it (build/test/system holds them, built by their Makefile).
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { readElf, SHF_EXECINSTR } from "../image/elf.ts";
import { isCompiled } from "../translate/region/expressible.ts";
import { type CodeSize, decode } from "../x86/disassembler/decode.ts";
import { expand, type Variant } from "../x86/expand.ts";
import type { Row } from "../x86/row.ts";
import { rows } from "../x86/rows/index.ts";

const OUT = "docs/instructions.md";
const VECTORS = "test/vectors";
const PROGRAMS = "test/guest/system";
const BUILT = "build/test/system";

/** What proves a row: names of vector files' modes, names of programs. */
interface Proof {
	vectors: Set<string>;
	programs: Set<string>;
}

type Proofs = Map<Row, Proof>;

function proofOf(proofs: Proofs, row: Row): Proof {
	const known = proofs.get(row);
	if (known) return known;
	const proof = { vectors: new Set<string>(), programs: new Set<string>() };
	proofs.set(row, proof);
	return proof;
}

// --- vectors ----------------------------------------------------------------------------------------

interface Header {
	cases: { mode?: CodeSize; codes?: string[]; variants?: { code: string }[] }[];
}

function vectorFiles(folder: string): string[] {
	return readdirSync(folder, { recursive: true })
		.map(String)
		.filter((name) => name.endsWith(".bin.gz"))
		.sort()
		.map((name) => join(folder, name));
}

/** Every vector file begins with the length of a JSON header and the header, whatever follows. */
function readHeader(path: string): Header {
	const bytes = gunzipSync(readFileSync(path));
	const length = bytes.readUInt32LE(0);
	return JSON.parse(bytes.subarray(4, 4 + length).toString());
}

function addVectors(proofs: Proofs): void {
	for (const path of vectorFiles(VECTORS))
		for (const { mode = 64, codes, variants } of readHeader(path).cases)
			for (const code of codes ?? variants!.map((variant) => variant.code)) {
				const found = decode(Buffer.from(code, "hex"), mode);
				if (found) proofOf(proofs, found.variant.row).vectors.add(`${mode}`);
			}
}

// --- system programs -----------------------------------------------------------------------------------

function addPrograms(proofs: Proofs): void {
	for (const [folder, mode] of [
		["long", 64],
		["protected", 32],
	] as const)
		for (const file of readdirSync(join(PROGRAMS, folder)).sort()) {
			const name = file.replace(/\.c$/, "");
			// A program's own object file: the kit that all share proves nothing.
			const path = join(BUILT, `${name}.o`);
			if (!existsSync(path)) throw new Error(`${path} is missing: run make -C ${PROGRAMS}`);
			for (const variant of instructionsOf(readFileSync(path), mode))
				proofOf(proofs, variant.row).programs.add(name);
		}
}

/** Every instruction of an object file's code, one behind the other. */
function instructionsOf(file: Uint8Array, mode: CodeSize): Variant[] {
	const found: Variant[] = [];
	for (const { flags, offset, size } of readElf(file).sections) {
		if (!(flags & SHF_EXECINSTR)) continue;
		for (let at = offset; at < offset + size; ) {
			const instruction = decode(file.subarray(at, offset + size), mode);
			if (instruction) found.push(instruction.variant);
			at += instruction?.length ?? 1;
		}
	}
	return found;
}

// --- the page -----------------------------------------------------------------------------------------------

function line(row: Row, variants: Variant[], proofs: Proofs): string {
	const [encoding, instruction, , , options] = row;
	const { vectors, programs } = proofOf(proofs, row);
	const compiled = variants.filter(isCompiled).length;
	const runs =
		compiled === 0 ? "interpreted" : compiled === variants.length ? "compiled" : "compiled in part";
	const proof = [
		...(vectors.size ? [`vectors ${[...vectors].sort().reverse().join(" ")}`] : []),
		...(vectors.size ? [] : [...programs].slice(0, 3)),
	];
	return `| \`${encoding}\` | ${instruction} | ${options?.feature ?? ""} | ${runs} | ${proof.join(", ") || "**none**"} |`;
}

/** The page's text. @throws where a system program has not been built */
export function instructionsPage(): string {
	const proofs: Proofs = new Map();
	addVectors(proofs);
	addPrograms(proofs);
	const byRow = new Map<Row, Variant[]>();
	for (const variant of expand(rows)) byRow.set(variant.row, [...(byRow.get(variant.row) ?? []), variant]);
	const lines = rows.map((row) => line(row, byRow.get(row) ?? [], proofs));
	const count = (text: string) => lines.filter((one) => one.includes(text)).length;
	return [
		"# Instructions",
		"",
		"Generated by `npx tsx src/build/instructions.ts` from the rows of `src/x86/rows`: every encoding that the processor has. An",
		"absent feature's encodings raise #UD. *Compiled* rows run as WebAssembly where code is hot, the others are interpreted then",
		"too. *vectors* are states recorded on a real processor, by code size; a name is a program under `test/guest/system` that",
		"executes the instruction and is compared with QEMU or with the manual.",
		"",
		"Left out: system management mode, so RSM raises #UD, as it does outside that mode on every processor.",
		"",
		`${rows.length} rows: ${count("| vectors")} proved by vectors, ${rows.length - count("| vectors") - count("**none**")} by system programs alone, ${count("**none**")} by nothing.`,
		"",
		"| encoding | instruction | feature | runs | proof |",
		"|---|---|---|---|---|",
		...lines,
		"",
	].join("\n");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
	writeFileSync(OUT, instructionsPage());
