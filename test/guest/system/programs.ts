// The system-mode programs: built by their Makefile, run on a bare processor or in QEMU, read as transcripts.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Processor } from "../../../src/bus/processor.ts";
import { readMultibootImage } from "../../../src/machine/multiboot-image.ts";
import type { ProcessorBus } from "../../../src/translate/processor.ts";
import { parseModel } from "../../../src/x86/models.ts";
import { openProcessor } from "../../x86/open.ts";

/** Every program under long/ and protected/, but the one that shuts the processor down. */
export const PROGRAMS = [
	"paging",
	"gates",
	"syscalls",
	"segments",
	"v86",
	"segments32",
	"paging32",
	"vme",
	"contexts",
	"levels",
	"xsave",
	"odds",
	"tasks",
	"debug",
	"matrix",
	"matrix32",
	"hot",
	"odds32",
	"approximations",
	"real",
	"calls",
	"calls32",
	"bases",
	"floating",
	"loops",
	"windows",
] as const;
/** Ends in a shutdown, not with "done". */
export const SHUTDOWN = "triple";

const HERE = new URL(".", import.meta.url).pathname;
const BUILT = new URL("../../../build/test/system/", import.meta.url).pathname;

let built = false;

/** The program's file. @throws what the compiler says */
export function programPath(name: string): string {
	if (!built)
		execFileSync("make", ["--no-print-directory", "-s", "-C", HERE], { stdio: ["ignore", "ignore", "pipe"] });
	built = true;
	return `${BUILT}${name}.elf`;
}

export interface Run {
	/** All that the program wrote to port E9h. */
	transcript: string;
	/** "exit" by port F4h, or why the processor stopped. */
	end: string;
	/** Why it shut down, if it did. */
	shutdown: string[];
}

const DEBUG_PORT = 0xe9;
const EXIT_PORT = 0xf4;
/** Many times what the longest program takes. */
const INSTRUCTIONS = 20_000_000;
const SELECTORS = { code: 0x08, data: 0x10 };

/** Runs a program on the processor alone, in the state that Multiboot asks for. */
export function runBare(name: string): Run {
	const run: Run = { transcript: "", end: "limit", shutdown: [] };
	const bus: Partial<ProcessorBus> = {
		now: () => processor.retired,
		writePort(port, value) {
			if (port === DEBUG_PORT) run.transcript += String.fromCharCode(value & 0xff);
			if (port !== EXIT_PORT) return;
			run.end = "exit";
			processor.stopAt(0);
		},
	};
	const { processor, memory } = openProcessor(64 << 20, bus, { model: parseModel("max") });
	const image = readMultibootImage(readFileSync(programPath(name)));
	for (const { address, bytes } of image.segments) memory.write(address, bytes);
	enterAsMultiboot(processor, image.entry);
	const stop = processor.run(INSTRUCTIONS);
	if (run.end !== "exit") run.end = stop;
	run.shutdown = processor.shutdown.map(({ vector, failure }) => `#${vector}: ${failure}`);
	return run;
}

/** The state that Multiboot asks for: flat 32-bit protected mode. */
export function enterAsMultiboot(processor: Processor, entry: number): void {
	const registers = processor.registers();
	const flat = (selector: number, attributes: number) => ({
		selector,
		base: 0n,
		limit: 0xffff_ffff,
		attributes,
	});
	const data = flat(SELECTORS.data, 0xc093);
	registers.segments = [data, flat(SELECTORS.code, 0xc09b), data, data, data, data];
	registers.cr0 = 0x11n;
	registers.rflags = 2n;
	registers.rip = BigInt(entry);
	registers.general[0] = 0x2bad_b002n;
	processor.setRegisters(registers);
}

/** Lines that begin with "~" hold the manual's answer where QEMU's is another. */
export const isManual = (line: string): boolean => line.startsWith("~");

/** What QEMU must agree with. */
export const comparable = (transcript: string): string[] =>
	transcript.split("\n").filter((line) => !isManual(line));

/** Lines that say that a result is not the manual's. */
export const wrong = (transcript: string): string[] =>
	transcript.split("\n").filter((line) => /^~.*: NOT as/.test(line));
