/**
 * Records the vector files: draws cases from the rows, has the native recorder execute them, and packs
 * what it saw.
 *
 *	npx tsx record.ts RECORDER [NAME of one file]
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Case, type Output, RESULT_UNDEFINED, type Run, states, VectorWriter } from "../format.ts";
import {
	background,
	GENERAL,
	type Mode,
	Random,
	SLOTS,
	type State,
	selectorsOf,
	type Variant,
} from "../states.ts";
import {
	type Assembled,
	assemble,
	type Facts,
	hasMemoryForm,
	hasRegisterForm,
	type Row,
	sizesOf,
} from "./assemble.ts";
import { arithmeticRows } from "./rows/arithmetic.ts";
import { controlRows } from "./rows/control.ts";
import { dataRows } from "./rows/data.ts";
import { faultRows } from "./rows/faults.ts";
import { segmentRows } from "./rows/segments.ts";
import { stringRows } from "./rows/strings.ts";

/** A case with what the file does not keep: how undefined flags follow. */
interface Planned extends Case {
	row: Row;
	size: number;
	variants: Assembled[];
}

const ROWS = [...arithmeticRows, ...dataRows, ...stringRows, ...controlRows, ...faultRows];
const FILES: [name: string, mode: Mode, rows: Row[]][] = [
	["long", 64, ROWS],
	["protected", 32, ROWS],
	["segment16", 16, ROWS],
	["segments", 32, segmentRows],
];

/** Variants and states of a case; what has no operands is soon shown. */
const amount = (row: Row): [variants: number, states: number] =>
	row.setup || row.place || row.segmented || /[A-Z][bvwyz]\b/.test(row.name) ? [10, 20] : [4, 50];
const amountOfFault = (row: Row): [variants: number, states: number] =>
	faultRows.includes(row) ? [6, row.place ? 20 : 6] : amount(row);

function plan(mode: Mode, rows: Row[]): Planned[] {
	const planned: Planned[] = [];
	for (const row of rows) {
		if (row.modes && !row.modes.includes(mode)) continue;
		for (const size of sizesOf(row, mode)) {
			for (const kind of kindsOf(row)) {
				const name = [row.name, size, kind].filter((word) => word !== "").join(" ");
				planned.push(planCase(row, name, mode, size, kind === "mem"));
			}
		}
	}
	return planned;
}

const kindsOf = (row: Row): string[] => {
	if (row.e) return [row.e];
	const kinds = [...(hasRegisterForm(row) ? ["reg"] : []), ...(hasMemoryForm(row) ? ["mem"] : [])];
	return kinds.length ? kinds : [""];
};

function planCase(row: Row, name: string, mode: Mode, size: number, memory: boolean): Planned {
	const seed =
		[...`${name} ${mode} ${row.opcode}`].reduce(
			(hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193),
			0x811c9dc5,
		) >>> 0;
	const random = new Random(seed ^ 0x5eed);
	const [variants, count] = amountOfFault(row);
	return {
		name,
		mode,
		seed,
		states: count,
		row,
		size,
		variants: Array.from({ length: variants }, () => assemble(row, mode, size, memory, random)),
	};
}

/** `struct input` of recorder.c. */
const INPUT_SIZE = 32 + 16 + SLOTS * 8;
/** `struct output` of recorder.c. */
const DIFF_BYTES = 384;
const OUTPUT_SIZE = 128 + 16 + 8 + 12 + DIFF_BYTES + 4;
const NO_EXCEPTION = 0xffff;

function encodeInputs(cases: Planned[]): Uint8Array {
	const total = cases.reduce((sum, of) => sum + of.variants.length * of.states, 0);
	const bytes = new Uint8Array(total * INPUT_SIZE);
	const view = new DataView(bytes.buffer);
	let at = 0;
	for (const { of, variant, input } of states(cases)) {
		const code = Buffer.from(variant.code, "hex");
		const [cs, ss, ds, es] = selectorsOf(variant, of.mode);
		const header = [cs, ss, variant.world === "low" ? 1 : 0, code.length, input.flags, ds, es];
		header.forEach((value, i) => {
			view.setUint32(at + 4 * i, value, true);
		});
		bytes.set(code, at + 32);
		bytes.set(new Uint8Array(input.words.buffer), at + 48);
		at += INPUT_SIZE;
	}
	return bytes;
}

function execute(recorder: string, cases: Planned[]): DataView {
	const input = Buffer.concat([background(), encodeInputs(cases)]);
	const run = spawnSync(recorder, { input, maxBuffer: 2 ** 31, stdio: ["pipe", "pipe", "inherit"] });
	if (run.status !== 0) throw new Error(`the recorder ended with ${run.status ?? run.signal}`);
	return new DataView(run.stdout.buffer, run.stdout.byteOffset, run.stdout.byteLength);
}

const IGNORED_FLAGS = 0x10000; // RF: set in the image that a fault pushes, never by the instruction

function decodeOutput(view: DataView, base: number, mode: Mode, input: State): Output {
	const values = new BigUint64Array(GENERAL);
	let changed = 0;
	for (let n = 0; n < GENERAL; n++) {
		values[n] = view.getBigUint64(base + 8 * n, true);
		const bits = mode === 64 ? 64 : 32;
		if (n < (mode === 64 ? 16 : 8) && BigInt.asUintN(bits, values[n] ^ input.slots[n]) !== 0n)
			changed |= 1 << n;
	}
	const at = base + 128;
	const vector = view.getUint16(at + 24, true);
	const cr2 = view.getBigUint64(at + 8, true);
	return {
		changed,
		values,
		rip: view.getBigUint64(at, true),
		flags: view.getUint32(at + 16, true) & ~IGNORED_FLAGS,
		undefinedBits: 0,
		selectors: Uint16Array.from([0, 1, 2, 3], (i) => view.getUint16(at + 26 + 2 * i, true)),
		memory: decodeRuns(view, at + 36, view.getUint16(at + 34, true)),
		exception:
			vector === NO_EXCEPTION ? undefined : { vector, errorCode: view.getUint32(at + 20, true), cr2 },
	};
}

function decodeRuns(view: DataView, start: number, length: number): Run[] {
	const runs: Run[] = [];
	for (let at = start; at < start + length; ) {
		const size = view.getUint16(at + 2, true);
		runs.push({
			offset: view.getUint16(at, true),
			bytes: new Uint8Array(view.buffer, view.byteOffset + at + 4, size).slice(),
		});
		at += 4 + size;
	}
	return runs;
}

/** The count that a shift's rule looks at: its immediate, the 1 in its name, or CL. */
function factsOf(of: Planned, variant: Variant, input: State, output: Output): Facts {
	const { immediate } = variant as Assembled;
	const count =
		immediate !== undefined ? immediate & 0xff : of.row.name.endsWith(", 1") ? 1 : input.words[2] & 0xff;
	const { addressSize } = variant as Assembled;
	return {
		size: of.size,
		count,
		flagsOut: output.flags,
		mode: of.mode,
		addressSize,
		faulted: output.exception !== undefined,
	};
}

function undefinedBits(row: Row, facts: Facts): number {
	const flags = facts.faulted ? 0 : (row.undefinedFlags?.(facts) ?? 0);
	return row.unspecified?.(facts) ? flags | RESULT_UNDEFINED : flags;
}

function pack(cases: Planned[], outputs: DataView, processor: string): Uint8Array {
	const writer = new VectorWriter();
	let base = 0;
	for (const { of, variant, input } of states(cases)) {
		const planned = of as Planned;
		const output = decodeOutput(outputs, base, of.mode, input);
		output.undefinedBits = undefinedBits(planned.row, factsOf(planned, variant, input, output));
		writer.add(input, variant, of.mode, output);
		base += OUTPUT_SIZE;
	}
	return writer.finish(processor, cases.map(stripped));
}

const stripped = ({ name, mode, seed, variants, states: count }: Planned): Case => ({
	name,
	mode,
	seed,
	variants: variants.map(({ code, world, setup, segments }) => ({ code, world, setup, segments })),
	states: count,
});

function processorName(): string {
	const info = readFileSync("/proc/cpuinfo", "utf8");
	const field = (name: string) => info.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "?";
	return `${field("vendor_id")} family ${field("cpu family")} model ${field("model")} stepping ${field("stepping")}`;
}

const [recorder, only] = process.argv.slice(2);
for (const [name, mode, rows] of FILES) {
	if (only && only !== name) continue;
	const cases = plan(mode, rows);
	const file = pack(cases, execute(recorder, cases), processorName());
	const path = fileURLToPath(new URL(`../${name}.bin.gz`, import.meta.url));
	writeFileSync(path, file);
	console.log(`${path}: ${cases.length} cases, ${file.length} bytes`);
}
