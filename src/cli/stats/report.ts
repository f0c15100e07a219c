// `--stats` as text: where the time went, what the compiler did, which regions are hottest.

import type { SymbolTable } from "../../debug/symbols.ts";
import { PARTS, type Part, type Places } from "./places.ts";
import type { Sample } from "./sampler.ts";

export interface Figures {
	samples: Sample[];
	places: Places;
	symbols: SymbolTable;
	/** Retired. */
	instructions: number;
	/** Guest seconds. */
	guestTime: number;
	/** What the compiler did, as name and number. */
	compiler: [string, number][];
	/** Why compiled code was left for the interpreter, and how often. */
	exits: { cause: string; count: number }[];
}

const HOTTEST = 12;
const MOST_EXITS = 12;
/** Details below this share of the whole are left out. */
const LEAST = 0.002;

type Times = Map<string, number>;

const add = (times: Times, key: string, value: number): Times =>
	times.set(key, (times.get(key) ?? 0) + value);
const largestFirst = (times: Times): [string, number][] => [...times].sort((a, b) => b[1] - a[1]);
const total = (times: Times): number => [...times.values()].reduce((sum, value) => sum + value, 0);

export function statsReport(figures: Figures): string {
	const parts = new Map(PARTS.map((part): [Part, Times] => [part, new Map()]));
	for (const { stack, milliseconds } of figures.samples) {
		const { part, detail } = figures.places.of(stack);
		add(parts.get(part)!, detail, milliseconds);
	}
	const whole = [...parts.values()].reduce((sum, times) => sum + total(times), 0);
	return [
		heading(figures, whole),
		...[...parts].flatMap(([part, times]) => partLines(part, times, whole)),
		...compilerLine(figures.compiler),
		...exitLines(figures.exits),
		...hottest(parts.get("compiled code")!, whole, figures.symbols),
		"",
	].join("\n");
}

function heading({ instructions, guestTime }: Figures, milliseconds: number): string {
	const rate = instructions / milliseconds / 1000;
	const numbers = [
		`${(milliseconds / 1000).toFixed(2)} s`,
		`${guestTime.toFixed(2)} s of guest time`,
		`${(instructions / 1e6).toFixed(0)} million instructions`,
		`${rate.toFixed(0)} million a second`,
	];
	return `where the time went: ${numbers.join(", ")}`;
}

const percent = (value: number, whole: number): string =>
	`${((value / whole) * 100).toFixed(1).padStart(5)} %`;

function partLines(part: Part, times: Times, whole: number): string[] {
	const line = `  ${percent(total(times), whole)}  ${part}`;
	if (part === "compiled code" || part === "interpreter") return [line];
	const details = largestFirst(times).filter(([, value]) => value >= whole * LEAST);
	return [line, ...details.map(([detail, value]) => `           ${percent(value, whole)}  ${detail}`)];
}

function compilerLine(compiler: [string, number][]): string[] {
	if (compiler.length === 0) return [];
	return [`compiler: ${compiler.map(([name, value]) => `${value} ${name}`).join(", ")}`];
}

function exitLines(exits: Figures["exits"]): string[] {
	const all = exits.reduce((sum, { count }) => sum + count, 0);
	if (all === 0) return [];
	const lines = [...exits]
		.sort((a, b) => b.count - a.count)
		.slice(0, MOST_EXITS)
		.map(({ cause, count }) => `  ${percent(count, all)}  ${cause}`);
	return [`why compiled code was left, ${all} times:`, ...lines];
}

/** Regions are named "region ADDRESS", by the linear address that they were first entered at. */
function hottest(regions: Times, whole: number, symbols: SymbolTable): string[] {
	const lines = largestFirst(regions)
		.slice(0, HOTTEST)
		.map(([name, value]) => `  ${percent(value, whole)}  ${withSymbol(name, symbols)}`);
	return lines.length ? ["hottest regions:", ...lines] : [];
}

function withSymbol(name: string, symbols: SymbolTable): string {
	const address = /^region ([0-9a-f]+)$/.exec(name)?.[1];
	if (address === undefined) return name;
	const described = symbols.describe(BigInt(`0x${address}`));
	return described ? `${address.padStart(16, "0")}  ${described}` : address.padStart(16, "0");
}
