// The system-mode programs on Gantry's processor and on QEMU's: the same transcripts, but for the lines on which QEMU
// is known to depart from the manual.

import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { comparable, PROGRAMS, programPath, runBare, SHUTDOWN } from "../guest/system/programs.ts";

const CAP_MS = 30_000;

/** What the program writes to port E9h under QEMU's emulation. */
function runQemu(name: string): string {
	const machine = ["-machine", "pc", "-cpu", "max,vendor=GenuineIntel", "-m", "64", "-net", "none"];
	const faces = [
		"-display",
		"none",
		"-no-reboot",
		"-monitor",
		"none",
		"-serial",
		"none",
		"-debugcon",
		"stdio",
	];
	const exit = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"];
	const run = spawnSync("qemu-system-x86_64", [...machine, ...faces, ...exit, "-kernel", programPath(name)], {
		encoding: "latin1",
		timeout: CAP_MS,
	});
	if (run.error) throw run.error;
	return run.stdout;
}

describe("system-mode programs say on Gantry what they say in QEMU", () => {
	for (const name of [...PROGRAMS, SHUTDOWN]) {
		it(name, () => {
			expect(comparable(runBare(name).transcript)).to.deep.equal(comparable(runQemu(name)));
		});
	}
});
