/** Replays the vectors of x87 and MMX instructions (test/vectors/media.ts). */
import { readFileSync } from "node:fs";
import * as S from "../../src/core/state.ts";
import {
	DATA,
	FCW_AT,
	FLAGS_AT,
	FSW_AT,
	FTW_AT,
	MEMORY,
	MEMORY_AT,
	type MediaCase,
	RAX_AT,
	REGISTERS_AT,
	readMedia,
} from "../vectors/media.ts";
import { SLOTS, type Variant, WORLDS } from "../vectors/states.ts";
import { Bench } from "./bench.ts";
import { disassemble } from "./disassemble.ts";
import { everything } from "./open.ts";

const FLAGS = 0x8d5;
const RDI = 7;
const OFFSET = DATA - WORLDS.high.data;
const XMM_AT = 160;
const MXCSR_AT = 24;
const C1 = 0x200;

/** A state's fields that FXSAVE has, to and from the processor's own layout: [in the vector, in the state block, bytes]. */
const FIELDS: [at: number, state: number, bytes: number][] = [
	[FCW_AT, S.FCW, 2],
	[FSW_AT, S.FSW, 2],
	[FTW_AT, S.FTW, 1],
	[6, S.FOP, 2],
	[8, S.FIP, 8],
	[16, S.FDP, 8],
	[MXCSR_AT, S.MXCSR, 4],
	...Array.from({ length: 16 }, (_, i): [number, number, number] => [
		XMM_AT + 16 * i,
		S.VECTORS + S.VECTOR_SIZE * i,
		16,
	]),
];

const physical = (fsw: number, i: number) => S.X87_REGISTERS + S.X87_REGISTER_SIZE * (((fsw >> 11) + i) & 7);

function enter(input: Uint8Array, saved: Uint8Array): void {
	for (const [at, state, bytes] of FIELDS) saved.set(input.subarray(at, at + bytes), state);
	const fsw = new DataView(input.buffer, input.byteOffset).getUint16(FSW_AT, true);
	for (let i = 0; i < 8; i++)
		saved.set(input.subarray(REGISTERS_AT + 16 * i, REGISTERS_AT + 16 * i + 10), physical(fsw, i));
}

function leave(saved: Uint8Array, output: Uint8Array): void {
	for (const [at, state, bytes] of FIELDS) output.set(saved.subarray(state, state + bytes), at);
	const fsw = new DataView(output.buffer, output.byteOffset).getUint16(FSW_AT, true);
	for (let i = 0; i < 8; i++) {
		const from = physical(fsw, i);
		output.set(saved.subarray(from, from + 10), REGISTERS_AT + 16 * i);
	}
}

/** What Gantry makes of the state. */
function execute(bench: Bench, variant: Variant, input: Uint8Array): Uint8Array {
	const view = new DataView(input.buffer, input.byteOffset);
	const slots = new BigUint64Array(SLOTS);
	slots[0] = view.getBigUint64(RAX_AT, true);
	slots[RDI] = BigInt(DATA);
	bench.writeData("high", OFFSET, input.subarray(MEMORY_AT));
	const flags = Number(view.getBigUint64(FLAGS_AT, true));
	const after = bench.execute(64, variant, slots, flags, (saved) => enter(input, saved));
	if (after.exception) throw new Error(`exception ${after.exception.vector}`);
	const output = input.slice();
	leave(bench.processor.save(), output);
	const out = new DataView(output.buffer);
	out.setBigUint64(RAX_AT, after.general[0], true);
	out.setBigUint64(FLAGS_AT, BigInt(after.flags), true);
	output.set(bench.data("high").subarray(OFFSET, OFFSET + MEMORY), MEMORY_AT);
	return output;
}

/** Whether two registers of 80 bits are one unit in the last place apart at most. */
function isNear(a: Uint8Array, b: Uint8Array): boolean {
	const number = (bytes: Uint8Array) => {
		const view = new DataView(bytes.buffer, bytes.byteOffset);
		const exponent = BigInt(view.getUint16(8, true));
		return {
			sign: exponent >> 15n,
			magnitude: ((exponent & 0x7fffn) << 63n) + (view.getBigUint64(0, true) & ((1n << 63n) - 1n)),
		};
	};
	const [x, y] = [number(a), number(b)];
	const apart = x.magnitude - y.magnitude;
	return x.sign === y.sign && apart >= -1n && apart <= 1n;
}

/** The recorded state's fields that Gantry's is not like; registers as ST(i). */
function differences(expected: Uint8Array, actual: Uint8Array, approximate: boolean): string[] {
	const found: string[] = [];
	const field = (name: string, at: number, bytes: number, mask?: number) => {
		const [a, b] = [expected, actual].map((from) => {
			const part = from.slice(at, at + bytes);
			if (mask !== undefined) part.forEach((_, i) => (part[i] &= mask >> (8 * i)));
			return Buffer.from(part.reverse()).toString("hex");
		});
		if (a !== b) found.push(`${name} ${a} but ${b}`);
	};
	field("FCW", FCW_AT, 2);
	field("FSW", FSW_AT, 2, approximate ? 0xffff & ~C1 : 0xffff);
	field("FTW", FTW_AT, 1);
	field("FOP", 6, 2);
	field("FIP", 8, 8);
	field("FDP", 16, 8);
	field("MXCSR", MXCSR_AT, 4);
	for (let i = 0; i < 8; i++) {
		const at = REGISTERS_AT + 16 * i;
		if (approximate && isNear(expected.slice(at, at + 10), actual.slice(at, at + 10))) continue;
		field(`ST${i}`, at, 10);
	}
	for (let i = 0; i < 16; i++) field(`XMM${i}`, XMM_AT + 16 * i, 16);
	field("RAX", RAX_AT, 8);
	field("flags", FLAGS_AT, 2, FLAGS);
	field("memory", MEMORY_AT, MEMORY);
	return found;
}

export interface MediaReport {
	states: number;
	/** For each row that disagrees: how many states, and the first of them in full. */
	disagreements: Map<MediaCase, { count: number; shown: string[] }>;
}

const SHOWN = 2;

export function replayMedia(name: string, approximate: (of: MediaCase) => boolean): MediaReport {
	const file = readFileSync(new URL(`../vectors/${name}.bin.gz`, import.meta.url));
	const bench = new Bench(false, everything());
	const report: MediaReport = { states: 0, disagreements: new Map() };
	let variant: Variant = { code: "", world: "high", setup: [] };
	for (const { of, code, input, output } of readMedia(file)) {
		report.states++;
		if (code !== variant.code) {
			variant = { code, world: "high", setup: [] };
			bench.loadCode("high", Buffer.from(code, "hex"));
		}
		const found = tryOne(bench, variant, input, output, approximate(of));
		if (!found.length) continue;
		const known = report.disagreements.get(of) ?? { count: 0, shown: [] };
		report.disagreements.set(of, known);
		if (known.count++ < SHOWN) known.shown.push(`${describe(input)}: ${found.join("; ")}`);
	}
	return report;
}

function tryOne(
	bench: Bench,
	variant: Variant,
	input: Uint8Array,
	output: Uint8Array,
	approximate: boolean,
): string[] {
	try {
		return differences(output, execute(bench, variant, input), approximate);
	} catch (error) {
		return [(error as Error).message];
	}
}

function describe(input: Uint8Array): string {
	const number = (at: number, bytes: number) =>
		Buffer.from(input.slice(at, at + bytes).reverse()).toString("hex");
	const registers = Array.from({ length: 8 }, (_, i) => number(REGISTERS_AT + 16 * i, 10)).join(" ");
	return `FCW ${number(FCW_AT, 2)} FSW ${number(FSW_AT, 2)} FTW ${number(FTW_AT, 1)} ST ${registers} memory ${number(MEMORY_AT, 10)} flags ${number(FLAGS_AT, 2)}`;
}

/** A message with every row that disagrees. */
export function formatMedia({ states, disagreements }: MediaReport): string {
	const lines = [...disagreements].map(
		([of, { count, shown }]) =>
			`${of.name} (${disassemble(Buffer.from(of.codes[0], "hex"), 64, 0)}): ${count} of ${of.codes.length * of.states}\n    ${shown.join("\n    ")}`,
	);
	return `${disagreements.size} rows disagree, of ${states} states\n${lines.join("\n")}`;
}
