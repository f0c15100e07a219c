/**
 * Every guest program under test/guest, by what runs it in lock-step. The runs are made from these lists, so that a
 * program is either in one of them or missing here, which lockstep-guests.test.ts notices.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as bios from "../guest/bios/programs.ts";
import * as system from "../guest/system/programs.ts";

export const GUESTS = join(import.meta.dirname, "../guest");

/** On bare processors: lockstep-system.test.ts. */
export const BARE: readonly string[] = [...system.PROGRAMS, system.SHUTDOWN];

// On whole machines: lockstep.test.ts.
export const BIOS: readonly string[] = [
	...bios.PROGRAMS,
	"bios32",
	...bios.TASKS.map((task) => `v86-${task}`),
];
/** How each ends. */
export const MULTIBOOT = {
	multiboot: { kind: "exit", value: 5 },
	"triple-fault": { kind: "shutdown" },
} as const;
/** One program, linked in three ways. */
export const LIMINE = ["revision0", "revision3", "pie"];
export const DISKS = ["boot-sector", "vga"] as const;
/** Modules that end in a panic. */
export const CRASHING = ["crash"];
/** Loaded by Pocket Rocket's shell, one folder each. */
export const MODULES: readonly string[] = readdirSync(join(GUESTS, "modules"), { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => name)
	.filter((name) => !CRASHING.includes(name));

/** Sources that are a part of several programs, or no guest's. */
const PARTS = [
	"bios/guest.c",
	"bios/start.S",
	"limine/start.S",
	"multiboot-start.S",
	"system/kit32.c",
	"system/kit64.c",
	"system/levels64.S",
	"system/start32.S",
	"system/start64.S",
	"system/trap32.S",
	"system/trap64.S",
	// The module loader, on the host.
	"kernel/fuzz-loader.c",
];

/** Where the sources of each list lie; what the first group says is the program's name. */
const SOURCES: [source: RegExp, programs: readonly string[]][] = [
	[/^system\/(?:long|protected)\/([\w-]+)\.c$/, BARE],
	[/^bios\/(v86)\.S$/, BIOS.map((name) => name.split("-")[0])],
	[/^bios\/([\w-]+)\.c$/, BIOS],
	[/^([\w-]+)\/kernel\.c$/, [...Object.keys(MULTIBOOT), "limine"]],
	[/^([\w-]+)\/(?:sector|script)\.S$/, DISKS],
	[/^modules\/([\w-]+)\/\1\.[cS]$/, [...MODULES, ...CRASHING]],
];

/** Whether a source below test/guest belongs to a program that runs in lock-step, or to no program of its own. */
export function isCovered(source: string): boolean {
	if (PARTS.includes(source)) return true;
	return SOURCES.some(([pattern, programs]) => {
		const name = pattern.exec(source)?.[1];
		return name !== undefined && programs.includes(name);
	});
}

/** All sources of guest programs, below test/guest. */
export function guestSources(): string[] {
	return readdirSync(GUESTS, { recursive: true, encoding: "utf8" })
		.filter((name) => /\.[cS]$/.test(name))
		.sort();
}
