// Registers as text, four a line, with what is worth knowing about the control registers spelt out.

import type { Registers, Segment } from "../bus/processor.ts";
import { wordSize } from "./backtrace.ts";

export const GENERAL = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
const SEGMENTS = "es cs ss ds fs gs".split(" ");
const FLAGS: [bit: number, name: string][] = [
	[0, "CF"],
	[2, "PF"],
	[4, "AF"],
	[6, "ZF"],
	[7, "SF"],
	[8, "TF"],
	[9, "IF"],
	[10, "DF"],
	[11, "OF"],
	[14, "NT"],
	[16, "RF"],
	[17, "VM"],
];
const CR0_PE = 1n;
const CR0_PG = 1n << 31n;
const EFER_LMA = 1n << 10n;
const RFLAGS_VM = 1n << 17n;

/** Lines of registers, without a heading. */
export function formatRegisters(registers: Registers): string[] {
	const wide = Boolean(registers.efer & EFER_LMA);
	const digits = wide ? 16 : 8;
	const cell = (name: string, value: bigint) => `${name.padEnd(4)}${hex(value, digits)}`;
	const general = registers.general.slice(0, wide ? 16 : 8).map((value, i) => cell(GENERAL[i], value));
	const control = [
		cell("cr0", registers.cr0),
		cell("cr2", registers.cr2),
		cell("cr3", registers.cr3),
		cell("cr4", registers.cr4),
	];
	return [
		...inFours(general),
		`${cell("rip", registers.rip)}  rfl ${hex(registers.rflags, 8)} ${flagNames(registers.rflags)}`,
		...inFours(control),
		`efer ${hex(registers.efer, 4)}  ${modeName(registers)}`,
		...inFours(registers.segments.map((segment, i) => segmentCell(SEGMENTS[i], segment))),
		`gdtr ${table(registers.gdtr, digits)}  idtr ${table(registers.idtr, digits)}  ${segmentCell("tr", registers.tr)}`,
	];
}

/** "64-bit code, ring 0", "real mode". */
export function modeName(registers: Registers): string {
	if (!(registers.cr0 & CR0_PE)) return "real mode";
	if (registers.rflags & RFLAGS_VM) return "virtual-8086 mode";
	const bits = wordSize(registers) * 8;
	const compatible = registers.efer & EFER_LMA && bits !== 64 ? ", compatibility mode" : "";
	const paging = registers.cr0 & CR0_PG ? "" : ", paging off";
	return `${bits}-bit code${compatible}, ring ${registers.segments[1].selector & 3}${paging}`;
}

export function hex(value: bigint, digits: number): string {
	return value.toString(16).padStart(digits, "0");
}

/** "[CF ZF]" */
export function flagNames(rflags: bigint): string {
	const set = FLAGS.filter(([bit]) => (rflags >> BigInt(bit)) & 1n).map(([, name]) => name);
	return `[${set.join(" ")}]`;
}

function inFours(cells: string[]): string[] {
	const lines = [];
	for (let i = 0; i < cells.length; i += 4) lines.push(cells.slice(i, i + 4).join("  "));
	return lines;
}

function segmentCell(name: string, segment: Segment): string {
	const base = segment.base === 0n ? "" : ` base ${segment.base.toString(16)}`;
	return `${name} ${segment.selector.toString(16).padStart(4, "0")}${base}`;
}

function table(register: { base: bigint; limit: number }, digits: number): string {
	return `${hex(register.base, digits)}:${register.limit.toString(16).padStart(4, "0")}`;
}
