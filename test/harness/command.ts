// The `gantry` command as a process of its own, from the sources.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Finished {
	status: number | null;
	stdout: string;
	stderr: string;
}

/** Runs `gantry ...args` without a terminal. */
export function gantry(...args: string[]): Finished {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", MAIN, ...args], {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
	});
	return { status, stdout, stderr };
}
