// Compiled code and the interpreter are two readings of the same rows: a run does not show which was at work.

import { join } from "node:path";
import { expect } from "chai";
import { makeIso } from "../../src/build/iso.ts";
import type { BootOptions } from "../../src/cli/api.ts";
import { disc, diskImage, KEYS, START } from "../guest/bios/programs.ts";
import { countingDisk } from "../guest/boot-sector/disk.ts";
import { panicSuite, shellSuite } from "../guest/kernel/shell-suite.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";
import { moduleCrash, moduleSuite } from "../guest/modules/suite.ts";
import { cases } from "../guest/vga/cases.ts";
import { scriptDisk } from "../guest/vga/disk.ts";
import { buildMultibootGuest } from "../harness/multiboot-guest.ts";
import { ISO } from "../harness/rocket-sessions.ts";
import { iso, kernel } from "../peers/limine-kernel.ts";
import { make } from "../peers/qemu.ts";
import { type Ending, Pair } from "./lockstep.ts";
import { BIOS, DISKS, LIMINE, MODULES, MULTIBOOT } from "./lockstep-guests.ts";
import { LockstepShell } from "./lockstep-shell.ts";

const BUILD = join(import.meta.dirname, "../../build");
const OUT = join(BUILD, "test/lockstep");
const TEST_ISO = join(OUT, "test.iso");
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

/** A key after each part's 'W'. */
function showParts(pair: Pair, parts: number): Ending {
	const shown = () => pair.interpreted.debugConsole.text.length;
	for (let part = 1; part <= parts; part++) {
		const ending = pair.run(PATIENCE, () => shown() >= part);
		if (ending) return ending;
		expect(shown(), "parts shown").to.equal(part);
		pair.compareAll();
		pair.each(({ machine }) => machine.keyboard.press("KeyA"));
		pair.run(HELD);
		pair.each(({ machine }) => machine.keyboard.release("KeyA"));
	}
	return undefined;
}

function loadEach(open: () => Promise<LockstepShell>): void {
	let shell: LockstepShell;
	before(async () => {
		shell = await open();
	});
	after(() => shell.close());

	for (const name of MODULES)
		it(`${name} is loaded or refused`, async () => {
			const said = await shell.command(`load ${name}`);
			expect(said).to.match(new RegExp(`^(load: ${name}: |${name}: loaded$)`, "m"));
			if (/: loaded$/m.test(said)) await shell.command(`unload ${name}`);
		});
}

describe("in lock-step, interpreted and compiled,", function () {
	this.timeout(600_000);

	before(() => {
		make("test/guest/bios");
		make("test/guest/limine");
		writeTestTree(join(BUILD, "iso-tree"), join(OUT, "tree"));
		makeIso(join(OUT, "tree"), join(BUILD, "boot/eltorito.bin"), TEST_ISO);
	});

	for (const program of BIOS)
		it(`the BIOS serves ${program}`, async () => {
			const play = program.endsWith("keyboard") ? typeKeys : undefined;
			const { ending } = await inStep(biosOptions(program), play);
			expect(ending).to.deep.equal({ kind: "exit", value: 0 });
		});

	for (const [name, wanted] of Object.entries(MULTIBOOT))
		it(`a Multiboot kernel starts and ends: ${name}`, async () => {
			const { ending } = await inStep({ kernel: buildMultibootGuest(name) });
			expect(ending).to.deep.equal(wanted);
		});

	const disks: Record<(typeof DISKS)[number], () => Promise<void>> = {
		"boot-sector": async () => {
			const { ending } = await inStep({ hda: countingDisk(), bootOrder: "c" });
			expect(ending).to.deep.equal({ kind: "exit", value: 1 });
		},
		vga: async () => {
			const parts = Object.values(cases);
			const { ending } = await inStep({ hda: scriptDisk(parts), bootOrder: "c" }, (pair) =>
				showParts(pair, parts.length),
			);
			expect(ending).to.equal(undefined);
		},
	};
	for (const name of DISKS) it(`a disk's boot sector runs: ${name}`, disks[name]);

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
	describe("Pocket Rocket's test modules", () => loadEach(() => LockstepShell.boot(TEST_ISO)));
	describe("Pocket Rocket's panics", () => panicSuite(() => LockstepShell.boot(ISO)));
});
