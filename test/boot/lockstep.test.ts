// Compiled code and the interpreter are two readings of the same rows: a run does not show which was at work.

import { join } from "node:path";
import { expect } from "chai";
import { makeIso } from "../../src/build/iso.ts";
import type { BootOptions } from "../../src/cli/api.ts";
import { disc, diskImage, KEYS, PROGRAMS, START, TASKS } from "../guest/bios/programs.ts";
import { panicSuite, shellSuite } from "../guest/kernel/shell-suite.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";
import { moduleCrash, moduleSuite } from "../guest/modules/suite.ts";
import { buildMultibootGuest } from "../harness/multiboot-guest.ts";
import { ISO } from "../harness/rocket-sessions.ts";
import { iso, kernel } from "../peers/limine-kernel.ts";
import { make } from "../peers/qemu.ts";
import { type Ending, Pair } from "./lockstep.ts";
import { LockstepShell } from "./lockstep-shell.ts";

const BUILD = join(import.meta.dirname, "../../build");
const OUT = join(BUILD, "test/lockstep");
const TEST_ISO = join(OUT, "test.iso");
const LIMINE = ["revision0", "revision3", "pie"];
/** Guest seconds after which a guest has ended. */
const PATIENCE = 30;
const HELD = 0.02;
const BETWEEN = 0.1;

async function inStep(options: BootOptions, play: (pair: Pair) => Ending = (pair) => pair.run(PATIENCE)) {
	const pair = await Pair.boot(options);
	try {
		const ending = play(pair);
		expect(pair.compared.processors, "comparisons").to.be.above(1);
		return { ending, text: pair.interpreted.serial.text };
	} finally {
		pair.close();
	}
}

/** As the BIOS's test programs want it: their disc, their disk, their time. */
const biosOptions = (program: string): BootOptions => ({
	cdrom: disc(program),
	hda: diskImage(),
	bootOrder: "d",
	time: Date.parse(`${START}Z`) / 1000,
});

function typeKeys(pair: Pair): Ending {
	const ready = () => pair.interpreted.serial.text.endsWith("ready\n");
	let ending = pair.run(PATIENCE, ready);
	for (const [codes] of KEYS) {
		const held = codes.split(" ");
		for (const code of held) pair.each(({ machine }) => machine.keyboard.press(code));
		ending = pair.run(HELD);
		if (ending) return ending;
		for (const code of held.reverse()) pair.each(({ machine }) => machine.keyboard.release(code));
		pair.run(BETWEEN);
	}
	return pair.run(PATIENCE);
}

describe("in lock-step, interpreted and compiled,", function () {
	this.timeout(600_000);

	before(() => {
		make("test/guest/bios");
		make("test/guest/limine");
		writeTestTree(join(BUILD, "iso-tree"), join(OUT, "tree"));
		makeIso(join(OUT, "tree"), join(BUILD, "boot/eltorito.bin"), TEST_ISO);
	});

	for (const program of [...PROGRAMS, "bios32", ...TASKS.map((task) => `v86-${task}`)])
		it(`the BIOS serves ${program}`, async () => {
			const play = program.endsWith("keyboard") ? typeKeys : undefined;
			const { ending } = await inStep(biosOptions(program), play);
			expect(ending).to.deep.equal({ kind: "exit", value: 0 });
		});

	it("a Multiboot kernel starts and ends", async () => {
		const { ending } = await inStep({ kernel: buildMultibootGuest() });
		expect(ending).to.deep.equal({ kind: "exit", value: 5 });
	});

	it("a kernel ends in a triple fault", async () => {
		const { ending } = await inStep({ kernel: buildMultibootGuest("triple-fault") });
		expect(ending).to.deep.equal({ kind: "shutdown" });
	});

	for (const name of LIMINE)
		it(`a Limine kernel tells what it was given: ${name}`, async () => {
			const { text, ending } = await inStep({ cdrom: iso(kernel(name)) });
			expect(text).to.contain("bootloader: Gantry boot");
			expect(ending).to.deep.equal({ kind: "exit", value: 0 });
		});

	describe("Pocket Rocket's shell", () => shellSuite(() => LockstepShell.boot(TEST_ISO)));
	describe("Pocket Rocket's modules", () => {
		moduleSuite(() => LockstepShell.boot(TEST_ISO));
		moduleCrash(() => LockstepShell.boot(TEST_ISO));
	});
	describe("Pocket Rocket's panics", () => panicSuite(() => LockstepShell.boot(ISO)));
});
