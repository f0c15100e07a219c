// How a headless run ends, as a number for the shell.

import type { Ending } from "../script/runner.ts";

/**
 * A guest that writes v to the debug exit port (F4h) ends the run with status v, so its own values may equal these.
 * Gantry's come with a report on stderr, the guest's with one line there that says so.
 */
export const EXIT = {
	/** Every step was done, or the guest switched the machine off. */
	ok: 0,
	/** Gantry itself failed. */
	internal: 1,
	/** Bad input: one line on stderr says what. */
	usage: 2,
	/** A deadline passed, in guest time or on the wall. */
	timeout: 3,
	tripleFault: 4,
	panic: 5,
	/** HLT with interrupts disabled. */
	halted: 6,
	/** The guest reset the machine, which -no-reboot and -kernel take for the end. */
	reset: 7,
} as const;

export const EXIT_HELP = `Exit status of a headless run: 0 all steps done or powered off, 1 internal error, 2 bad input,
3 timeout, 4 triple fault, 5 panic, 6 halted for good, 7 reset; else what the guest wrote to port F4h.`;

export function exitStatus(ending: Ending): number {
	switch (ending.kind) {
		case "poweroff":
			return EXIT.ok;
		case "exit":
			return ending.value & 0xff;
		case "shutdown":
			return EXIT.tripleFault;
		case "panic":
			return EXIT.panic;
		case "halted":
			return EXIT.halted;
		case "reset":
			return EXIT.reset;
	}
}
