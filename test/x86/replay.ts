/**
 * Replays a vector file on a bench and says where the two disagree: by case, with the first
 * disagreements of each in full.
 */
import { readFileSync } from "node:fs";
import {
	type Case,
	type Exception,
	type Output,
	RESULT_UNDEFINED,
	states,
	VectorFile,
} from "../vectors/format.ts";
import {
	AREA,
	background,
	CODE_SELECTOR,
	DATA_SIZE,
	type State,
	selectorsOf,
	type Variant,
	WORLDS,
} from "../vectors/states.ts";
import type { Bench, Outcome } from "./bench.ts";
import { disassemble } from "./disassemble.ts";

const NAMES = [
	"rax",
	"rcx",
	"rdx",
	"rbx",
	"rsp",
	"rbp",
	"rsi",
	"rdi",
	"r8",
	"r9",
	"r10",
	"r11",
	"r12",
	"r13",
	"r14",
	"r15",
];
const SELECTOR_NAMES = ["cs", "ss", "ds", "es"];
const RF = 0x10000;
const RECORDED_FLAGS = 0xff_ffff & ~RF;
const SHOWN = 3;
const PF_P = 1;
const PAGE_FAULT = 14;
/** Linux answers for what lies from here up; see test/vectors/README.md. */
const LINUX_LIMIT = 0x7fff_ffff_f000n;
const SHUTDOWN = "the processor";

/** One field that differs. */
interface Difference {
	field: string;
	expected: string;
	actual: string;
}

interface Disagreement {
	of: Case;
	count: number;
	total: number;
	shown: string[];
}

export interface Report {
	states: number;
	disagreements: Disagreement[];
}

/** What a state's comparison needs to know. */
interface Vector {
	of: Case;
	variant: Variant;
	input: State;
	expected: Output;
}

export function replay(
	path: URL,
	bench: Bench,
	include: (of: Case, expected: Output) => boolean = () => true,
): Report {
	const file = new VectorFile(readFileSync(path));
	const found = new Map<Case, Disagreement>();
	const pages = background();
	let count = 0;
	let loaded: Variant | undefined;
	for (const { of, variant, input } of states(file.header.cases)) {
		const expected = file.next(input, variant, of.mode);
		if (!include(of, expected)) continue;
		count++;
		if (variant !== loaded) bench.loadCode(variant.world, Buffer.from(variant.code, "hex"));
		loaded = variant;
		const differences = compareOne(bench, pages, { of, variant, input, expected });
		if (differences.length) note(found, { of, variant, input, expected }, differences);
	}
	return { states: count, disagreements: [...found.values()] };
}

function compareOne(bench: Bench, pages: Uint8Array, vector: Vector): Difference[] {
	const { of, variant, input, expected } = vector;
	let actual: Outcome;
	try {
		actual = bench.execute(of.mode, variant, input.slots, input.flags);
	} catch (error) {
		if (!(error instanceof Error) || !error.message.startsWith(SHUTDOWN)) throw error;
		bench.processor.reset();
		bench.restore(variant.world);
		return [{ field: "processor", expected: "goes on", actual: error.message }];
	}
	const differences: Difference[] = [];
	compareControl(vector, actual, differences);
	compareMemory(bench, pages, vector, differences);
	if ((expected.undefinedBits & RESULT_UNDEFINED) === 0) compareGeneral(vector, actual, differences);
	return differences;
}

const hex = (value: bigint | number) => value.toString(16);

function compareControl({ of, expected }: Vector, actual: Outcome, differences: Difference[]): void {
	const check = (field: string, wanted: bigint | number, got: bigint | number) => {
		if (wanted !== got) differences.push({ field, expected: hex(wanted), actual: hex(got) });
	};
	const wanted = describe(expected.exception);
	const got = describe(actual.exception);
	if (wanted !== got) differences.push({ field: "exception", expected: wanted, actual: got });
	const bits = of.mode === 64 ? 64 : 32;
	check("rip", expected.rip, BigInt.asUintN(bits, actual.rip));
	const mask = RECORDED_FLAGS & ~(expected.undefinedBits & ~RESULT_UNDEFINED);
	const flags = { expected: expected.flags & mask, actual: actual.flags & mask };
	if (flags.expected !== flags.actual)
		differences.push({
			field: "rflags",
			expected: flagNames(flags.expected, flags.actual),
			actual: flagNames(flags.actual, flags.expected),
		});
	SELECTOR_NAMES.forEach((name, i) => {
		const got = actual.selectors[i];
		check(name, expected.selectors[i], got < 4 ? 0 : got);
	});
}

/** Error codes of faults on kernel addresses come with P set by Linux; see test/vectors/README.md. */
function describe(exception: Exception | undefined): string {
	if (!exception) return "none";
	const { vector, errorCode, cr2 } = exception;
	if (vector !== PAGE_FAULT) return `#${vector}(${hex(errorCode)})`;
	return `#14(${hex(cr2 >= LINUX_LIMIT ? errorCode & ~PF_P : errorCode)}) at ${hex(cr2)}`;
}

function compareGeneral({ of, input, expected }: Vector, actual: Outcome, differences: Difference[]): void {
	const count = of.mode === 64 ? 16 : 8;
	const wide = of.mode === 64 && expected.selectors[0] === CODE_SELECTOR[64];
	for (let n = 0; n < count; n++) {
		const wanted = (expected.changed & (1 << n)) !== 0 ? expected.values[n] : input.slots[n];
		const got = actual.general[n];
		if (wide ? wanted !== got : (wanted & 0xffff_ffffn) !== (got & 0xffff_ffffn))
			differences.push({ field: NAMES[n], expected: hex(wanted), actual: hex(got) });
	}
}

function compareMemory(
	bench: Bench,
	pages: Uint8Array,
	{ variant, input, expected }: Vector,
	differences: Difference[],
): void {
	const now = bench.data(variant.world);
	const area = new Uint8Array(input.words.buffer, 128, 128);
	const saved = pages.slice(AREA, AREA + 128);
	pages.set(area, AREA);
	const undone: [number, Uint8Array][] = [];
	for (const { offset, bytes } of expected.memory) {
		undone.push([offset, pages.slice(offset, offset + bytes.length)]);
		pages.set(bytes, offset);
	}
	const same = Buffer.compare(now, pages) === 0;
	if (!same && (expected.undefinedBits & RESULT_UNDEFINED) === 0)
		differences.push(memoryDifference(pages, now));
	for (const [offset, bytes] of undone) pages.set(bytes, offset);
	pages.set(saved, AREA);
	if (!same || expected.memory.length) bench.restore(variant.world);
}

function memoryDifference(expected: Uint8Array, actual: Uint8Array): Difference {
	let first = 0;
	while (expected[first] === actual[first]) first++;
	let last = DATA_SIZE - 1;
	while (expected[last] === actual[last]) last--;
	const end = Math.min(last + 1, first + 32);
	const text = (bytes: Uint8Array) => Buffer.from(bytes.subarray(first, end)).toString("hex");
	return { field: `data+${hex(first)}`, expected: text(expected), actual: text(actual) };
}

const FLAG_NAMES: [number, string][] = [
	[0x20_0000, "ID"],
	[0x4_0000, "AC"],
	[0x4000, "NT"],
	[0x3000, "IOPL"],
	[0x800, "OF"],
	[0x400, "DF"],
	[0x200, "IF"],
	[0x100, "TF"],
	[0x80, "SF"],
	[0x40, "ZF"],
	[0x10, "AF"],
	[4, "PF"],
	[1, "CF"],
];

/** The flags that are set, those that differ from the other side in brackets. */
function flagNames(flags: number, other: number): string {
	const names = FLAG_NAMES.filter(([bit]) => (flags | other) & bit).map(([bit, name]) => {
		const text = flags & bit ? name : name.toLowerCase();
		return (flags ^ other) & bit ? `[${text}]` : text;
	});
	return names.join(" ") || "none";
}

function note(found: Map<Case, Disagreement>, vector: Vector, differences: Difference[]): void {
	const { of } = vector;
	const entry = found.get(of) ?? { of, count: 0, total: of.variants.length * of.states, shown: [] };
	found.set(of, entry);
	if (entry.count++ < SHOWN) entry.shown.push(explain(vector, differences));
}

function explain({ of, variant, input, expected }: Vector, differences: Difference[]): string {
	const registers = NAMES.slice(0, of.mode === 64 ? 16 : 8).map(
		(name, n) => `${name}=${hex(of.mode === 64 ? input.slots[n] : input.slots[n] & 0xffff_ffffn)}`,
	);
	const code = disassemble(Buffer.from(variant.code, "hex"), of.mode, WORLDS[variant.world].code);
	const area = Buffer.from(input.words.buffer, 128, 128).toString("hex").replace(/.{32}/g, "$& ");
	const rows = differences.map(
		({ field, expected: wanted, actual }) =>
			`      ${field.padEnd(10)} processor ${wanted.padEnd(18)} Gantry ${actual}`,
	);
	return [
		`    ${variant.code}  ${code}`,
		`      in   ${registers.join(" ")} flags=${flagNames(input.flags, 0)}`,
		`      data+fc0 ${area}  cs ss ds es ${selectorsOf(variant, of.mode).map(hex).join(" ")}`,
		...rows,
		`      (expected outcome: ${describe(expected.exception)}, rip ${hex(expected.rip)})`,
	].join("\n");
}

/** The report as text: one paragraph for each case that disagrees. */
export function format({ states: count, disagreements }: Report): string {
	const failed = disagreements.reduce((sum, { count: n }) => sum + n, 0);
	const cases = disagreements.map(
		({ of, count: n, total, shown }) =>
			`  ${of.name} (mode ${of.mode}): ${n} of ${total}\n${shown.join("\n")}`,
	);
	return `${failed} of ${count} states disagree, in ${disagreements.length} cases\n${cases.join("\n")}`;
}
