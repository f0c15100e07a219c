// From argv to words: `node:util`'s parseArgs does the splitting, after options of several letters with one dash
// (`-cdrom`, which an emulator's user types) have been given their second one. Whatever is wrong is one line.

import { parseArgs } from "node:util";
import { InputError } from "../script/host.ts";
import { optionRows, REPEATED, STEP_NAMES, type StepName } from "./option-table.ts";

export interface Step {
	name: StepName;
	value: string;
}

export interface Words {
	positionals: string[];
	/** Options given once: the value, or "" for one that takes none. */
	once: Map<string, string>;
	/** Options that may be repeated, in order. */
	repeated: Map<string, string[]>;
	steps: Step[];
}

/** @throws InputError */
export function readArguments(argv: string[]): Words {
	const rows = new Map(optionRows().map((row) => [row.name, row]));
	const options = Object.fromEntries(
		[...rows.values()].map((row) => [
			row.name,
			{ type: row.value ? "string" : "boolean", multiple: true } as const,
		]),
	);
	const { tokens } = parseArgs({
		args: withTwoDashes(argv, rows),
		options,
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const words: Words = { positionals: [], once: new Map(), repeated: new Map(), steps: [] };
	for (const token of tokens) {
		if (token.kind === "positional") words.positionals.push(token.value);
		if (token.kind === "option") take(words, token.name, token.value);
	}
	return words;

	function take(into: Words, name: string, value: string | undefined): void {
		const row = rows.get(name);
		if (!row) throw new InputError(`unknown option ${dashed(name)}${suggestion(name, [...rows.keys()])}`);
		if (row.value && value === undefined)
			throw new InputError(`option ${dashed(name)} needs a value: ${row.value}`);
		if (!row.value && value !== undefined) throw new InputError(`option ${dashed(name)} takes no value`);
		record(into, name, value ?? "");
	}
}

function record(words: Words, name: string, value: string): void {
	if (isStep(name)) words.steps.push({ name, value });
	else if (REPEATED.includes(name)) words.repeated.set(name, [...(words.repeated.get(name) ?? []), value]);
	else if (words.once.has(name)) throw new InputError(`option ${dashed(name)} is given twice`);
	else words.once.set(name, value);
}

function isStep(name: string): name is StepName {
	return (STEP_NAMES as readonly string[]).includes(name);
}

/** "-cdrom" becomes "--cdrom", "-m" "--m", "-h" "--help"; values are left alone, also where they begin with a dash. */
function withTwoDashes(argv: string[], rows: Map<string, { value?: string }>): string[] {
	const result: string[] = [];
	for (let i = 0; i < argv.length; i++) {
		const match = /^--?([a-z][\w-]*)(=.*)?$/is.exec(argv[i]);
		if (argv[i] === "--") return [...result, ...argv.slice(i)];
		if (!match) {
			if (argv[i].startsWith("-") && argv[i] !== "-") throw new InputError(`unknown option ${argv[i]}`);
			result.push(argv[i]);
			continue;
		}
		const name = match[1] === "h" ? "help" : match[1];
		const takesNext = rows.get(name)?.value && match[2] === undefined && i + 1 < argv.length;
		result.push(takesNext ? `--${name}=${argv[++i]}` : `--${name}${match[2] ?? ""}`);
	}
	return result;
}

function dashed(name: string): string {
	return name.length === 1 ? `-${name}` : `--${name}`;
}

/** ", did you mean --screenshot?" where one option is close. */
function suggestion(name: string, names: string[]): string {
	const close = names.find((other) => other.length > 3 && distance(name, other) <= 2);
	return close ? `, did you mean ${dashed(close)}?` : "";
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
		}
		row = next;
	}
	return row[b.length];
}
