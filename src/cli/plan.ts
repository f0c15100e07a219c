// From words to what is to be done: checked, typed, and with defaults filled in.

import type { TraceRange } from "../debug/trace.ts";
import type { BootOptions } from "../script/boot.ts";
import { InputError } from "../script/host.ts";
import { combination, strokeFor } from "../script/keys.ts";
import type { Step, Words } from "./arguments.ts";

/** Where what the guest says goes. */
export type Destination = { kind: "stdio" } | { kind: "none" } | { kind: "file"; path: string };

export type PlannedStep =
	| { kind: "expect" | "expect-screen"; pattern: string | RegExp }
	| { kind: "type" | "press" | "send"; text: string }
	| { kind: "wait"; seconds: number }
	| { kind: "screenshot"; path: string };

export interface Plan {
	boot: BootOptions;
	headless: boolean;
	/** COM1, COM2; undefined where nothing was said. */
	serial: (Destination | undefined)[];
	debugConsole: Destination | undefined;
	steps: PlannedStep[];
	/** Seconds; Infinity for none. */
	timeout: number;
	wallTimeout: number;
	/** Say where the time went. */
	stats: boolean;
	trace: PlannedTrace | undefined;
}

export interface PlannedTrace extends TraceRange {
	path: string;
}

/** @throws InputError */
export function makePlan(words: Words): Plan {
	const { once, repeated } = words;
	const headless = once.has("headless") || once.has("nographic");
	if (words.positionals.length > 1)
		throw new InputError(`one FILE at most, not also ${words.positionals[1]}`);
	if (!headless && words.steps.length > 0) {
		throw new InputError(
			`--${words.steps[0].name} needs --headless: at the console you are the one who types`,
		);
	}
	const wallTimeout = seconds(once.get("wall-timeout") ?? "300", "wall-timeout");
	return {
		boot: bootOptions(words, headless ? wallTimeout : Number.POSITIVE_INFINITY),
		headless,
		serial: (repeated.get("serial") ?? []).map((text) => destination(text, "serial")),
		debugConsole: once.has("debugcon") ? destination(once.get("debugcon")!, "debugcon") : undefined,
		steps: words.steps.map(plannedStep),
		timeout: seconds(once.get("timeout") ?? "60", "timeout"),
		wallTimeout,
		stats: once.has("stats"),
		trace: trace(once, headless),
	};
}

const TRACED = "100000";

function trace(once: Words["once"], headless: boolean): PlannedTrace | undefined {
	const path = once.get("trace");
	for (const name of ["trace-from", "trace-count"])
		if (path === undefined && once.has(name)) throw new InputError(`--${name} needs --trace FILE`);
	if (path === undefined) return undefined;
	if (!headless)
		throw new InputError("--trace needs --headless: at the console guest time runs with the wall's");
	const number = (name: string, usual: string) =>
		wholeNumber((once.get(name) ?? usual).replaceAll(",", ""), name);
	return { path, from: number("trace-from", "0"), count: number("trace-count", TRACED) };
}

function bootOptions({ once, repeated, positionals }: Words, wallTimeout: number): BootOptions {
	const media = ["cdrom", "hda", "hdb", "hdd", "kernel"] as const;
	const options: BootOptions = {
		...Object.fromEntries(media.filter((name) => once.has(name)).map((name) => [name, once.get(name)])),
		file: positionals[0],
		append: once.get("append"),
		modules: modules(once.get("initrd")),
		cpu: once.get("cpu"),
		bios: once.get("bios"),
		vgaBios: once.get("vgabios"),
		bootOrder: once.has("boot") ? bootOrder(once.get("boot")!) : undefined,
		memory: once.has("m") ? memorySize(once.get("m")!) : undefined,
		keepWrites: !once.has("snapshot"),
		noReboot: once.has("no-reboot") || undefined,
		panic: panicPattern(once.get("panic")),
		symbols: repeated.get("symbols"),
		time: once.has("rtc") ? clockBase(once.get("rtc")!) : undefined,
		seed: once.has("seed") ? wholeNumber(once.get("seed")!, "seed") : undefined,
		wallTimeout,
	};
	if (options.kernel === undefined) refuseWithoutKernel(once, positionals.length > 0);
	return options;
}

/** `-append` and `-initrd` belong to a kernel, which may also be the FILE. */
function refuseWithoutKernel(once: Map<string, string>, hasFile: boolean): void {
	for (const name of ["append", "initrd"]) {
		if (once.has(name) && !hasFile) throw new InputError(`-${name} needs -kernel`);
	}
}

/** "128", "64M", "1G", "131072K" in MiB. */
function memorySize(text: string): number {
	const match = /^(\d+)([kmg]?)b?$/i.exec(text);
	if (!match) throw new InputError(`-m ${text}: a number of MiB, or with a suffix such as 64M or 1G`);
	const unit = match[2].toLowerCase();
	const mebibytes = Number(match[1]) * (unit === "g" ? 1024 : unit === "k" ? 1 / 1024 : 1);
	return Math.floor(mebibytes);
}

function bootOrder(text: string): string {
	const order = text.replace(/^order=/, "");
	if (!/^[cd]+$/.test(order))
		throw new InputError(`-boot ${text}: c is the first disk, d the CD-ROM; for example dc`);
	return order;
}

function modules(text: string | undefined): BootOptions["modules"] {
	if (text === undefined) return undefined;
	return text.split(",").map((commandLine) => ({ commandLine, file: commandLine.split(" ")[0] }));
}

function panicPattern(text: string | undefined): RegExp | false | undefined {
	if (text === undefined) return undefined;
	return text === "" ? false : regularExpression(text, "", "panic");
}

function clockBase(text: string): number {
	const base = text.replace(/^base=/, "");
	if (base === "utc" || base === "localtime") return Math.floor(Date.now() / 1000);
	const moment = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(base) || !base.includes("T") ? base : `${base}Z`);
	if (Number.isNaN(moment))
		throw new InputError(`-rtc ${text}: base=utc, or a date such as base=2024-01-01T00:00:00`);
	return Math.floor(moment / 1000);
}

function destination(text: string, option: string): Destination {
	if (text === "stdio") return { kind: "stdio" };
	if (text === "none" || text === "null") return { kind: "none" };
	if (text.startsWith("file:") && text.length > 5) return { kind: "file", path: text.slice(5) };
	throw new InputError(`-${option} ${text}: stdio, none or file:PATH`);
}

function plannedStep({ name, value }: Step): PlannedStep {
	switch (name) {
		case "expect":
		case "expect-screen":
			return { kind: name, pattern: pattern(value, name) };
		case "type":
			return { kind: name, text: checked(unescaped(value), (text) => Array.from(text, strokeFor), name) };
		case "press":
			return { kind: name, text: checked(value, combination, name) };
		case "send":
			return { kind: name, text: unescaped(value) };
		case "wait":
			return { kind: name, seconds: seconds(value, name) };
		case "screenshot":
			return { kind: name, path: value };
	}
}

function checked(text: string, check: (text: string) => unknown, name: string): string {
	try {
		check(text);
	} catch (error) {
		throw new InputError(`--${name}: ${(error as Error).message}`);
	}
	return text;
}

/** /.../flags is a regular expression, anything else the text itself. */
function pattern(text: string, name: string): string | RegExp {
	const match = /^\/(.+)\/([imsu]*)$/s.exec(text);
	if (match) return regularExpression(match[1], match[2], name);
	if (text === "") throw new InputError(`--${name} needs a text`);
	return unescaped(text);
}

function regularExpression(source: string, flags: string, name: string): RegExp {
	try {
		return new RegExp(source, flags);
	} catch (error) {
		throw new InputError(`--${name} ${source}: ${(error as Error).message}`);
	}
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", e: "\x1b", "\\": "\\" };

/** \n \r \t \b \e \\ and \x41, as in C. */
function unescaped(text: string): string {
	return text.replace(/\\(?:x([0-9a-f]{2})|([nrtbe\\]))/gi, (_, code?: string, letter?: string) =>
		code ? String.fromCharCode(Number.parseInt(code, 16)) : ESCAPES[letter!.toLowerCase()],
	);
}

/** Seconds, 0 for no limit. */
function seconds(text: string, name: string): number {
	const value = Number(text);
	if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
		throw new InputError(`--${name} ${text}: a number of seconds`);
	}
	return value === 0 && name !== "wait" ? Number.POSITIVE_INFINITY : value;
}

function wholeNumber(text: string, name: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0) throw new InputError(`--${name} ${text}: a whole number`);
	return value;
}
