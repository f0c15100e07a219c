// Every option of the commands, once: the parser and the help are two readings of this table. Options that an emulator's
// user knows keep their usual names; one dash or two makes no difference.

import { DEFAULT_MODEL, modelNames } from "../x86/models.ts";

export interface OptionRow {
	name: string;
	/** What the help calls its value; absent where it takes none. */
	value?: string;
	help: string;
}

export interface OptionGroup {
	title: string;
	/** The command it belongs to; `boot` where none is named. */
	command?: string;
	rows: OptionRow[];
}

export const OPTION_GROUPS: OptionGroup[] = [
	{
		title: "The machine",
		rows: [
			{ name: "cdrom", value: "FILE", help: "the disc in the CD-ROM drive, an ISO image" },
			{ name: "hda", value: "FILE", help: "the first hard disk, a raw image" },
			{ name: "hdb", value: "FILE", help: "the second hard disk" },
			{ name: "hdd", value: "FILE", help: "the hard disk beside the CD-ROM drive" },
			{ name: "snapshot", help: "forget what the guest writes to its disks" },
			{
				name: "boot",
				value: "ORDER",
				help: "drives in the order to try: c first disk, d CD-ROM (default dc)",
			},
			{ name: "m", value: "SIZE", help: "memory in MiB, or with a suffix: 64M, 1G (default 128)" },
			{
				name: "cpu",
				value: "MODEL",
				help: `${modelNames().join(", ")} (default ${DEFAULT_MODEL}), then +x or -x`,
			},
			{ name: "kernel", value: "FILE", help: "start a Multiboot 1 kernel without a boot loader" },
			{ name: "append", value: "TEXT", help: "the kernel's command line" },
			{
				name: "initrd",
				value: "FILES",
				help: 'the kernel\'s modules, each with arguments: "a.mod x=1,b.mod"',
			},
			{ name: "bios", value: "FILE", help: "another BIOS ROM in place of Gantry's own" },
			{ name: "vgabios", value: "FILE", help: "the VGA's option ROM, for a BIOS that needs one" },
			{
				name: "rtc",
				value: "base=WHEN",
				help: "the clock at power-on: utc, or a date such as 2024-01-01T00:00:00",
			},
			{ name: "seed", value: "N", help: "where the processor's random numbers start (default 1)" },
			{ name: "no-reboot", help: "a reset by the guest ends the run" },
		],
	},
	{
		title: "What the guest says",
		rows: [
			{ name: "serial", value: "WHERE", help: "COM1, given again COM2: stdio, none or file:PATH" },
			{ name: "debugcon", value: "WHERE", help: "the debug console, port E9h: stdio, none or file:PATH" },
			{
				name: "panic",
				value: "REGEX",
				help: "a line that means a panic (default ^(PANIC:|Kernel panic)); '' for none",
			},
			{ name: "symbols", value: "FILE", help: "an ELF file or kernel.sym for reports; may be given again" },
			{ name: "stats", help: "at the end say on stderr where the time went, and which code was hottest" },
		],
	},
	{
		title: "Headless runs",
		rows: [
			{ name: "headless", help: "no console: COM1 on stdout, a report on stderr, an exit status" },
			{ name: "nographic", help: "the same" },
			{ name: "timeout", value: "S", help: "seconds of guest time for the run (default 60, 0 for none)" },
			{
				name: "wall-timeout",
				value: "S",
				help: "seconds of wall time for the run (default 300, 0 for none)",
			},
		],
	},
	{
		title: "The trace of a headless run",
		rows: [
			{ name: "trace", value: "FILE", help: "write every instruction that runs, and what it changed" },
			{
				name: "trace-from",
				value: "N",
				help: "from the instruction of this number on, as a report has it (default 0)",
			},
			{ name: "trace-count", value: "N", help: "so many instructions (default 100,000)" },
		],
	},
	{
		title: "Steps of a headless run, done in the order given",
		rows: [
			{
				name: "expect",
				value: "TEXT",
				help: "wait for it on COM1 or the debug console; /.../ is a regular expression",
			},
			{ name: "expect-screen", value: "TEXT", help: "wait for it on the screen" },
			{ name: "type", value: "TEXT", help: "type it on the keyboard; \\n is Enter" },
			{ name: "press", value: "KEYS", help: "press keys together: Ctrl+Alt+Delete, F1, ArrowUp" },
			{ name: "send", value: "TEXT", help: "send it to COM1" },
			{ name: "wait", value: "S", help: "let seconds of guest time pass" },
			{
				name: "screenshot",
				value: "FILE",
				help: "write a PNG of the screen; before any wait: when the run ends",
			},
		],
	},
	{
		title: "Disassembling: gantry disasm FILE",
		command: "disasm",
		rows: [
			{ name: "mode", value: "BITS", help: "16, 32 or 64-bit code (default: the ELF file's, else 64)" },
			{ name: "base", value: "ADDR", help: "where the first byte lies (default 0)" },
		],
	},
	{
		title: "Other",
		rows: [
			{ name: "help", help: "this text" },
			{ name: "version", help: "Gantry's version" },
		],
	},
];

/** Those that belong to a command alone. */
export function namesOf(command: string): string[] {
	return OPTION_GROUPS.filter((group) => group.command === command).flatMap(({ rows }) =>
		rows.map(({ name }) => name),
	);
}

/** Options whose order matters. */
export const STEP_NAMES = ["expect", "expect-screen", "type", "press", "send", "wait", "screenshot"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** Options that may be given more than once, besides the steps. */
export const REPEATED = ["serial", "symbols"];

export function optionRows(): OptionRow[] {
	return OPTION_GROUPS.flatMap((group) => group.rows);
}

/** "-m SIZE", "--expect TEXT": an emulator's own options with one dash, as their users write them. */
export function spelling(row: OptionRow): string {
	const usual =
		/^(cdrom|hd[abd]|cpu|snapshot|boot|m|kernel|append|initrd|bios|rtc|no-reboot|serial|debugcon|nographic)$/;
	const dashes = usual.test(row.name) ? "-" : "--";
	return `${dashes}${row.name}${row.value ? ` ${row.value}` : ""}`;
}
