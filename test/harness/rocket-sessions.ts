// What the tests know about Pocket Rocket before any machine is there: its disc, its prompt, and the sessions behind the
// golden screens.

import { join } from "node:path";
import { buildDirectory } from "../../src/cli/node-host.ts";
import type { Mask } from "./screens.ts";

export const ISO = join(buildDirectory(), "pocket-rocket.iso");
export const PROMPT = "rocket> ";

export interface ScreenSession {
	name: string;
	/** Typed after the first prompt, one after the other. */
	commands: string[];
	/** What the last one ends with on COM1. */
	last: string;
	/** What of the screen depends on the compiler. */
	mask?: Mask;
}

/** The sessions behind the golden screens. */
export const SCREENS: ScreenSession[] = [
	{ name: "prompt", commands: [], last: PROMPT },
	{ name: "help", commands: ["help"], last: PROMPT },
	{ name: "module", commands: ["load example", "modules"], last: PROMPT, mask: { numbers: true } },
	{ name: "panic", commands: ["panic"], last: "PANIC: halted", mask: { numbers: true, below: "Backtrace:" } },
];
