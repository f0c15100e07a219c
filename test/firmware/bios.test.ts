/**
 * Gantry's BIOS on Gantry. What the programs see must be what they saw under SeaBIOS in QEMU: that holds
 * the ROM, the processor and the devices together to an independent machine.
 */
import { expect } from "chai";
import { BIOS32, comparable, golden, ofAnyDisc, type Program, TASKS } from "../guest/bios/programs.ts";
import { make } from "../peers/qemu.ts";
import { type Options, type Run, runBios } from "./bios-run.ts";

function asGolden(program: Program, options?: Options): Run {
	const run = runBios(program, options);
	expect(comparable(program, run).join("\n")).to.equal(golden(program)?.join("\n"));
	return run;
}

describe("BIOS on Gantry", () => {
	before(() => {
		make("firmware/bios");
		make("test/guest/bios");
	});

	it("passes its self test, code by code, and ends it with a locked shadow", () => {
		const { post, log, outcome } = runBios("pci");
		expect(post).to.deep.equal([0x01, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb1]);
		expect(log).to.match(/^Gantry BIOS\nRAM: 131072 KiB below 4 GiB, 0 MiB above\n/);
		expect(outcome).to.deep.equal({ kind: "exit", value: 0 });
	});

	it("reports memory, moves blocks and gates A20 as in QEMU", () => {
		const { lines } = asGolden("memory");
		const map = lines.filter((line) => line.startsWith("e820 0")).map((line) => line.split(" ").slice(1, 4));
		expect(map.filter(([, , type]) => type === "1").map(([base]) => Number.parseInt(base, 16))).to.deep.equal(
			[0, 0x100000],
		);
	});

	it("reads and writes disks and CDs as in QEMU", () => {
		asGolden("disk");
	});

	it("draws and scrolls text and graphics as in QEMU", () => {
		asGolden("video");
	});

	it("sets VBE modes as in QEMU", () => {
		asGolden("vbe");
	});

	it("keeps time as in QEMU", () => {
		asGolden("clock");
	});

	it("answers for PCI as in QEMU", () => {
		asGolden("pci");
	});

	it("answers for PCI in 32-bit mode too", () => {
		expect(runBios("bios32").lines).to.deep.equal(BIOS32);
	});

	it("translates keys as in QEMU", () => {
		asGolden("keyboard", { keys: true });
	});

	for (const program of TASKS)
		it(`serves a task in virtual-8086 mode: ${program}`, () => {
			const { lines, outcome } = runBios(`v86-${program}`, { keys: program === "keyboard" });
			expect(ofAnyDisc(lines).join("\n")).to.equal(ofAnyDisc(golden(program)!).join("\n"));
			expect(outcome).to.deep.equal({ kind: "exit", value: 0 });
		});

	it("shows in text that there is nothing to boot, and waits", () => {
		const { machine, outcome } = runBios(undefined, { noCd: true, bootOrder: "dc", seconds: 5 });
		const screen = machine.screen.textCells()!;
		const text = screen.cells.map((cell) => cell.text).join("");
		const rows = Array.from({ length: 4 }, (_, row) => text.slice(row * 80, row * 80 + 80).trimEnd());
		expect(rows).to.deep.equal([
			"Gantry BIOS, 128 MiB",
			"Hard disk: no boot sector.",
			"No bootable disk or CD. Insert one and reset.",
			"",
		]);
		expect(screen.cursor).to.deep.equal({ column: 0, row: 3 });
		expect(outcome).to.deep.equal({ kind: "limit" });
	});

	it("starts a disk's boot sector with the drive's number in DL", () => {
		// mov al, dl; out F4h, al
		const bootSector = new Uint8Array(512);
		bootSector.set([0x88, 0xd0, 0xe6, 0xf4, 0xf4]);
		bootSector.set([0x55, 0xaa], 510);
		const { outcome, post } = runBios(undefined, { bootOrder: "c", bootSector });
		expect(outcome).to.deep.equal({ kind: "exit", value: 0x80 });
		expect(post.at(-1)).to.equal(0xb0);
	});

	it("says where an exception happened that nobody hooked, and stops", () => {
		// mov si, FFFFh; mov ax, [si]: past the segment's limit
		const bootSector = new Uint8Array(512);
		bootSector.set([0xbe, 0xff, 0xff, 0x8b, 0x04]);
		bootSector.set([0x55, 0xaa], 510);
		const { log, outcome, post } = runBios(undefined, { bootOrder: "c", bootSector });
		expect(log.trimEnd().split("\n").at(-1)).to.match(
			/^General protection at 0000:7c03, AX 0000 .* Halted\.$/,
		);
		expect(outcome).to.deep.equal({ kind: "halted" });
		expect(post.at(-1)).to.equal(0xee);
	});

	it("restarts on Ctrl-Alt-Del", () => {
		const { machine, post } = runBios(undefined, { noCd: true, seconds: 5 });
		for (const code of ["ControlLeft", "AltLeft", "Delete"]) machine.keyboard.press(code);
		const codes = post.length;
		expect(machine.run(6e9)).to.deep.equal({ kind: "reset" });
		machine.run(11e9);
		expect(post.slice(codes)).to.deep.equal(post.slice(0, codes));
	});
});
