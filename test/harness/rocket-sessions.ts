// What the tests know about Pocket Rocket before any machine is there: its disc, its prompt, and the sessions behind the
// golden screens.

import { join } from "node:path";
import { buildDirectory } from "../../src/cli/node-host.ts";

export const ISO = join(buildDirectory(), "pocket-rocket.iso");
export const PROMPT = "rocket> ";

/** The sessions behind the golden screens: commands after the first prompt, and what the last one ends with on COM1. */
export const SCREENS: { name: string; commands: string[]; last: string | RegExp }[] = [
	{ name: "prompt", commands: [], last: PROMPT },
	{ name: "help", commands: ["help"], last: PROMPT },
	{ name: "module", commands: ["load example", "modules"], last: PROMPT },
	{ name: "panic", commands: ["panic"], last: "PANIC: halted" },
];
