// A console on the fake shell, for tests that need a process with a terminal of its own: with "crash" as argument
// the guest throws after a moment.

import { setImmediate } from "node:timers/promises";
import { readArguments } from "../../src/cli/arguments.ts";
import { runInteractive } from "../../src/cli/interactive.ts";
import { makePlan } from "../../src/cli/plan.ts";
import type { PcOptions } from "../../src/machine/types.ts";
import { FakeHost } from "../harness/fake-host.ts";
import { fakeShell } from "../harness/fake-shell.ts";

class WallHost extends FakeHost {
	override wallTime(): number {
		return performance.now();
	}
	override async breathe(): Promise<void> {
		await setImmediate();
	}
}

function createPc(options: PcOptions) {
	const machine = fakeShell(options);
	const crash = () => {
		throw new Error("the emulator is broken");
	};
	if (process.argv.includes("crash")) machine.at(2, crash);
	if (process.argv.includes("reject"))
		machine.at(2, () => void Promise.reject(new Error("nobody waits for this")));
	return machine;
}

process.exitCode = await runInteractive({ host: new WallHost(), createPc }, makePlan(readArguments([])));
