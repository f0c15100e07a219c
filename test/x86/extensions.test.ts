import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { MXCSR, VECTORS } from "../../src/core/state.ts";
import {
	digest,
	type ExtensionCase,
	type ExtensionOutput,
	type ExtensionState,
	type ExtensionVariant,
	emptyExtensionState,
	extensionStates,
	unpackExtensions,
} from "../vectors/extensions.ts";
import { AREA, SLOTS, WORLDS } from "../vectors/states.ts";
import { Bench, type Outcome } from "./bench.ts";
import { disassemble } from "./disassemble.ts";
import { everything } from "./open.ts";

const FOLDER = new URL("../vectors/extensions/", import.meta.url);
/** CF PF AF ZF SF TF IF DF OF; RF and what user code cannot change are left out. */
const FLAGS = 0xfd5;
const SHOWN = 2;
/** A region is made of each reading, so fewer states of each do. */
const EVERY = 8;
/** With the recorder's OUTPUTS a disagreement is shown in full; without, its inputs and what Gantry made of them. */
const OUTPUTS = process.env.OUTPUTS;
const OUTPUT_SIZE = 128 + 128 + 512 + 24;

/** Puts vector registers and MXCSR into a saved state. */
const extendWith = (input: ExtensionState) => (saved: Uint8Array) => {
	const view = new DataView(saved.buffer, saved.byteOffset);
	saved.set(new Uint8Array(input.vectors.buffer), VECTORS);
	view.setUint32(MXCSR, input.mxcsr, true);
};

function outputOf(bench: Bench, outcome: Outcome): ExtensionOutput {
	const saved = bench.processor.save();
	const words = new Uint32Array(SLOTS * 2);
	new BigUint64Array(words.buffer).set(outcome.general);
	new Uint8Array(words.buffer).set(bench.data("high").subarray(AREA, AREA + 128), 128);
	return {
		words,
		slots: new BigUint64Array(words.buffer),
		vectors: new Uint32Array(saved.slice(VECTORS, VECTORS + 512).buffer),
		mxcsr: new DataView(saved.buffer).getUint32(MXCSR, true),
		flags: outcome.flags & FLAGS,
		rip: Number(outcome.rip & 0xffff_ffffn),
		vector: outcome.exception?.vector ?? -1,
		error: outcome.exception?.errorCode ?? 0,
	};
}

const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
const vector = (words: Uint32Array, n: number) =>
	[...words.subarray(8 * n, 8 * n + 8)].reverse().map(hex).join(" ");

/** What of two states differs, one line a field. */
function differences(before: ExtensionOutput | ExtensionState, after: ExtensionOutput): string[] {
	const lines: string[] = [];
	for (let n = 0; n < 16; n++) {
		if (before.slots[n] !== after.slots[n])
			lines.push(`r${n} ${before.slots[n].toString(16)} -> ${after.slots[n].toString(16)}`);
		if (vector(before.vectors, n) !== vector(after.vectors, n))
			lines.push(`ymm${n} ${vector(before.vectors, n)}\n               -> ${vector(after.vectors, n)}`);
	}
	const area = (state: ExtensionState) => Buffer.from(state.words.buffer, 128, 128).toString("hex");
	if (area(before) !== area(after)) lines.push(`area ${area(before)}\n           -> ${area(after)}`);
	for (const field of ["mxcsr", "flags", "rip", "vector", "error"] as const)
		if (field in before && (before as ExtensionOutput)[field] !== after[field])
			lines.push(
				`${field} ${(before as ExtensionOutput)[field].toString(16)} -> ${after[field].toString(16)}`,
			);
	return lines;
}

function recorded(outputs: Buffer, index: number): ExtensionOutput {
	const out = { ...emptyExtensionState(), rip: 0, vector: 0, error: 0 };
	const at = index * OUTPUT_SIZE;
	for (let i = 0; i < SLOTS * 2; i++) out.words[i] = outputs.readUInt32LE(at + 4 * i);
	for (let i = 0; i < out.vectors.length; i++) out.vectors[i] = outputs.readUInt32LE(at + SLOTS * 8 + 4 * i);
	const tail = at + SLOTS * 8 + 512;
	[out.mxcsr, out.flags, out.rip] = [0, 4, 8].map((offset) => outputs.readUInt32LE(tail + offset));
	out.flags &= FLAGS;
	out.vector = outputs.readInt32LE(tail + 12);
	out.error = out.vector < 0 ? 0 : outputs.readUInt32LE(tail + 16);
	return out;
}

/** One disagreement, as text. */
function explain(
	variant: ExtensionVariant,
	input: ExtensionState,
	got: ExtensionOutput,
	wanted?: ExtensionOutput,
): string {
	const code = disassemble(Buffer.from(variant.code, "hex"), 64, WORLDS.high.code);
	const operands = [...Array(16).keys()]
		.filter((n) => new RegExp(`[xy]mm${n}\\b`).test(code))
		.map((n) => `      ymm${n} = ${vector(input.vectors, n)}`);
	return [
		`    ${variant.code}  ${code}   mxcsr ${hex(input.mxcsr)} flags ${hex(input.flags & FLAGS)}`,
		...operands,
		...(wanted
			? ["      processor -> Gantry", ...differences(wanted, got).map((line) => `        ${line}`)]
			: differences(input, got).map((line) => `        ${line}`)),
	].join("\n");
}

function replayFile(name: string, compiled: boolean): { states: number; text: string } {
	const bench = new Bench(false, everything(), compiled);
	const { cases, digests } = unpackExtensions(readFileSync(new URL(`${name}.bin.gz`, FOLDER)));
	const raw =
		OUTPUTS && existsSync(`${OUTPUTS}/${name}.outputs`)
			? readFileSync(`${OUTPUTS}/${name}.outputs`)
			: undefined;
	const wrong = new Map<ExtensionCase, { count: number; shown: string[] }>();
	let index = 0;
	let loaded: ExtensionVariant | undefined;
	for (const { of, variant, input } of extensionStates(cases)) {
		if (compiled && index % EVERY) {
			index++;
			continue;
		}
		if (variant !== loaded) bench.loadCode("high", Buffer.from(variant.code, "hex"));
		loaded = variant;
		const outcome = bench.execute(
			64,
			{ ...variant, world: "high" },
			input.slots,
			input.flags,
			extendWith(input),
		);
		const got = outputOf(bench, outcome);
		if (digest(of, got) !== digests[index]) {
			const entry = wrong.get(of) ?? { count: 0, shown: [] };
			wrong.set(of, entry);
			if (entry.count++ < SHOWN) entry.shown.push(explain(variant, input, got, raw && recorded(raw, index)));
		}
		index++;
	}
	const text = [...wrong].map(
		([of, { count, shown }]) =>
			`  ${of.name}: ${count} of ${of.states * of.variants.length}\n${shown.join("\n")}`,
	);
	return { states: index, text: text.join("\n") };
}

describe("the extensions do what a real processor did", function () {
	this.timeout(240_000);

	for (const file of readdirSync(FOLDER)) {
		const name = file.replace(".bin.gz", "");
		it(`from two hundred states of every reading of every row: ${name}`, () => {
			const { states, text } = replayFile(name, false);
			expect(states).to.be.greaterThan(1_000);
			if (text) throw new Error(text);
		});
		it(`and in regions that are made of each: ${name}`, () => {
			const { states, text } = replayFile(name, true);
			expect(states).to.be.greaterThan(1_000);
			if (text) throw new Error(text);
		});
	}
});
