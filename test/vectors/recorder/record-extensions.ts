/**
 * Records test/vectors/extensions/*.bin.gz: every user-mode row of the extensions, in every reading of it, executed by the
 * native recorder from two hundred states.
 *
 *	npx tsx record-extensions.ts RECORDER [NAME of one file]
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expand, type Variant } from "../../../src/x86/expand.ts";
import type { Row } from "../../../src/x86/row.ts";
import {
	digest,
	type ExtensionCase,
	type ExtensionState,
	emptyExtensionState,
	extensionStates,
	type Lanes,
	packExtensions,
} from "../extensions.ts";
import { background, Random, SLOTS } from "../states.ts";
import { encode } from "./encode.ts";
import { ALL_FLAGS, definedFlags, FAMILIES, immediateOf, isRecorded } from "./rows/extensions.ts";

const VARIANTS = 10;
const STATES = 20;
const INPUT_SIZE = 16 + 16 + 128 + 128 + 512;
const OUTPUT_SIZE = 128 + 128 + 512 + 24;

/** A reading that no bytes lead to: with a mandatory 66 the operand size is never 32. */
const isReachable = ({ encoding, operandSize, operands, options }: Variant): boolean =>
	!(
		encoding.prefix === "66" &&
		!encoding.vex &&
		operandSize === 32 &&
		operands.some((o) => /[vy]$/.test(o.notation))
	) && !(options.only === "legacy");

function lanesOf(name: string): Lanes {
	const mnemonic = name.split(" ")[0];
	if (/P[SH]|SS|(ADD|SUB|MUL|DIV|SQRT|MIN|MAX).*S$/.test(mnemonic) && !/PSH|PS[LRIU]|PSAD/.test(mnemonic))
		return "f32";
	return /PD|SD/.test(mnemonic) && !/VPD|^PD/.test(mnemonic) ? "f64" : "integer";
}

function planCase(variant: Variant): ExtensionCase {
	const { encoding, length, form, operandSize } = variant;
	const reading = [encoding.vex ? `VEX.${length}` : "", operandSize, form ?? ""]
		.filter((word) => word !== "")
		.join(" ");
	const name = `${variant.row[0]} ${variant.name} ${reading}`;
	const seed =
		[...name].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0;
	const random = new Random(seed ^ 0x5eed);
	return {
		name,
		row: `${variant.row[0]} ${variant.row[1]}`,
		seed,
		lanes: lanesOf(variant.row[1]),
		flags: definedFlags(variant.row[1]),
		states: STATES,
		variants: Array.from({ length: VARIANTS }, () => encode(variant, random, immediateOf(variant.row[1]))),
	};
}

const plan = (rows: readonly Row[]): ExtensionCase[] =>
	expand(rows.filter((row) => isRecorded(row[1])))
		.filter(isReachable)
		.map(planCase);

function encodeInput(code: string, input: ExtensionState, target: DataView): void {
	const bytes = Buffer.from(code, "hex");
	[bytes.length, input.flags, input.mxcsr, 0].forEach((value, i) => target.setUint32(4 * i, value, true));
	const to = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
	to.set(bytes, 16);
	to.set(new Uint8Array(input.words.buffer), 32);
	to.set(new Uint8Array(input.vectors.buffer), 32 + SLOTS * 8);
}

function execute(recorder: string, cases: ExtensionCase[]): Buffer {
	const total = cases.reduce((sum, of) => sum + of.variants.length * of.states, 0);
	const inputs = new ArrayBuffer(total * INPUT_SIZE);
	let at = 0;
	for (const { variant, input } of extensionStates(cases)) {
		encodeInput(variant.code, input, new DataView(inputs, at, INPUT_SIZE));
		at += INPUT_SIZE;
	}
	const input = Buffer.concat([background(), new Uint8Array(inputs)]);
	const run = spawnSync(recorder, { input, maxBuffer: 2 ** 31, stdio: ["pipe", "pipe", "inherit"] });
	if (run.status !== 0) throw new Error(`the recorder ended with ${run.status ?? run.signal}`);
	return run.stdout;
}

function digests(cases: ExtensionCase[], outputs: Buffer): Uint32Array {
	const found: number[] = [];
	const out = { ...emptyExtensionState(), rip: 0, vector: 0, error: 0 };
	let at = 0;
	for (const { of } of extensionStates(cases)) {
		for (let i = 0; i < SLOTS * 2; i++) out.words[i] = outputs.readUInt32LE(at + 4 * i);
		for (let i = 0; i < out.vectors.length; i++)
			out.vectors[i] = outputs.readUInt32LE(at + SLOTS * 8 + 4 * i);
		const tail = at + SLOTS * 8 + 512;
		[out.mxcsr, out.flags, out.rip] = [0, 4, 8].map((offset) => outputs.readUInt32LE(tail + offset));
		out.flags &= ALL_FLAGS;
		out.vector = outputs.readInt32LE(tail + 12);
		out.error = out.vector < 0 ? 0 : outputs.readUInt32LE(tail + 16);
		found.push(digest(of, out));
		at += OUTPUT_SIZE;
	}
	return Uint32Array.from(found);
}

function processorName(): string {
	const info = readFileSync("/proc/cpuinfo", "utf8");
	const field = (name: string) => info.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "?";
	return `${field("vendor_id")} family ${field("cpu family")} model ${field("model")} stepping ${field("stepping")}`;
}

const [recorder, only] = process.argv.slice(2);
for (const [name, rows] of Object.entries(FAMILIES)) {
	if (only && only !== name) continue;
	const cases = plan(rows);
	const outputs = execute(recorder, cases);
	if (process.env.OUTPUTS) writeFileSync(`${process.env.OUTPUTS}/${name}.outputs`, outputs);
	const file = packExtensions({ processor: processorName(), cases, digests: digests(cases, outputs) });
	const path = fileURLToPath(new URL(`../extensions/${name}.bin.gz`, import.meta.url));
	writeFileSync(path, file);
	console.log(`${path}: ${cases.length} cases, ${file.length} bytes`);
}
