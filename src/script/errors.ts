// What a script's waiting can end in. Each message is the whole report: what was waited for, what happened
// instead, where the CPU is and what the guest said last.

import type { Ending } from "./runner.ts";

/** What was waited for did not come in time. */
export class Timeout extends Error {
	override readonly name = "Timeout";
	/** Which clock ran out. */
	readonly clock: "guest" | "wall";

	constructor(report: string, clock: "guest" | "wall") {
		super(report);
		this.clock = clock;
	}
}

/** The machine stopped while something was waited for. */
export class Stopped extends Error {
	override readonly name = "Stopped";
	readonly ending: Ending;

	constructor(report: string, ending: Ending) {
		super(report);
		this.ending = ending;
	}
}

/** One line for a report's head. */
export function describeEnding(ending: Ending): string {
	switch (ending.kind) {
		case "poweroff":
			return "the guest switched the machine off";
		case "exit":
			return `the guest ended the run with exit status ${ending.value}`;
		case "halted":
			return "the guest halted for good: HLT with interrupts disabled";
		case "shutdown":
			return "triple fault: the processor could not deliver an exception, nor the double fault after it";
		case "reset":
			return "the guest reset the machine";
		case "panic":
			return `the guest panicked: ${ending.line}`;
	}
}
