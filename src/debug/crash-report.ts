// A guest's last words. A report says first what happened and where, in one line, then why, then what one would
// ask for next: who called whom, the registers, the last lines sent, the screen.

import type { PhysicalMemory } from "../bus/memory.ts";
import type { Delivery, Processor } from "../bus/processor.ts";
import { backtrace, LinearMemory, linearRip, wordSize } from "./backtrace.ts";
import { codeAround } from "./code.ts";
import { describeDelivery } from "./exceptions.ts";
import { formatRegisters, hex, modeName } from "./registers.ts";
import type { SymbolTable } from "./symbols.ts";

/** What a report is made from: the stopped machine and what it has said. */
export interface Scene {
	/** One line: "timeout: no "$ " on COM1 within 30 s". */
	headline: string;
	processor: Processor;
	memory: PhysicalMemory;
	symbols: SymbolTable;
	/** Guest time in nanoseconds. */
	now: number;
	/** Last lines sent, oldest first, without line ends. */
	serial: string[];
	debugConsole: string[];
	/** The screen's text; undefined where it shows none. */
	screen?: string;
	/** Advice that belongs under the headline: "it is on the screen". */
	hints?: string[];
}

/** RFLAGS.IF and a HLT behind RIP are what "waiting" looks like. */
const HLT = 0xf4;

/** The report as text, ending in a newline. */
export function crashReport(scene: Scene): string {
	const registers = scene.processor.registers();
	const memory = new LinearMemory(scene.processor, scene.memory);
	const sections = [
		[scene.headline, ...(scene.hints ?? []).map((hint) => `  hint: ${hint}`)],
		whereAndWhen(scene, memory),
		section("what happened, in order", faults(scene)),
		section("called from", callers(scene, memory)),
		section("registers", formatRegisters(registers)),
		section("code around rip", code(scene, memory)),
		section("last lines on COM1", quote(scene.serial)),
		section("last lines on the debug console", quote(scene.debugConsole)),
		section("the screen", quote(scene.screen?.split("\n") ?? [])),
	];
	const shown = sections.filter((lines) => lines.length > 0);
	return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function whereAndWhen(scene: Scene, memory: LinearMemory): string[] {
	const { processor, symbols } = scene;
	const registers = processor.registers();
	const rip = linearRip(registers);
	const halted = memory.read(rip - 1n, 1)[0] === HLT;
	const name = symbols.describe(rip);
	return [
		`  at    ${hex(rip, 16)}${name ? `  ${name}` : ""}${halted ? "  (after a HLT)" : ""}`,
		`  in    ${modeName(registers)}`,
		`  after ${(scene.now / 1e9).toFixed(6)} s of guest time, ${processor.retired.toLocaleString("en-US")} instructions`,
	];
}

function faults(scene: Scene): string[] {
	return scene.processor.shutdown.flatMap((delivery, i) => faultLines(delivery, i + 1, scene.symbols));
}

function faultLines(delivery: Delivery, number: number, symbols: SymbolTable): string[] {
	const name = symbols.describe(delivery.rip);
	const selector = delivery.cs.toString(16).padStart(4, "0");
	const lines = [
		`${number}. ${describeDelivery(delivery)}`,
		`   raised at ${selector}:${hex(delivery.rip, 16)}${name ? `  ${name}` : ""}`,
	];
	if (delivery.failure) lines.push(`   not delivered: ${delivery.failure}`);
	return lines;
}

function callers(scene: Scene, memory: LinearMemory): string[] {
	const frames = backtrace(memory, scene.processor.registers());
	if (frames.length < 2) return [];
	return frames.map((address, i) => {
		const name = scene.symbols.describe(address, i > 0);
		return `${i === 0 ? "   " : "by "}${hex(address, 16)}${name ? `  ${name}` : ""}`;
	});
}

function code({ processor, symbols }: Scene, memory: LinearMemory): string[] {
	const registers = processor.registers();
	const mode = (wordSize(registers) * 8) as 16 | 32 | 64;
	const lines = codeAround(memory, linearRip(registers), mode, symbols);
	return lines.length ? lines : ["no memory is mapped there"];
}

function section(title: string, lines: string[]): string[] {
	if (lines.length === 0) return [];
	return [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}

/** Drops empty lines at both ends and bars the rest. */
function quote(lines: string[]): string[] {
	const first = lines.findIndex((line) => line.trim() !== "");
	if (first < 0) return [];
	const last = lines.findLastIndex((line) => line.trim() !== "");
	return lines.slice(first, last + 1).map((line) => `| ${line}`.trimEnd());
}
