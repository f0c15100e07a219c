// The `gantry` command as a process.

import { runCommand } from "./command.ts";
import { EXIT } from "./exit-status.ts";
import { NodeOutput } from "./node-output.ts";

/** Runs the command that the process was started with; its status is the process's. */
export async function main(): Promise<void> {
	// A reader that has seen enough, such as head(1), is no failure.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") process.exit(EXIT.ok);
		throw error;
	});
	process.exitCode = await runCommand(process.argv.slice(2), new NodeOutput());
}
