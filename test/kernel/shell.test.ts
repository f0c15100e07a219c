import { join } from "node:path";
import { expect } from "chai";
import { makeIso } from "../../src/build/iso.ts";
import { textLines } from "../../src/devices/vga/picture.ts";
import { GantryShell } from "../guest/kernel/gantry-shell.ts";
import { drawn } from "../guest/kernel/screen.ts";
import { panicSuite, shellSuite } from "../guest/kernel/shell-suite.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";

const BUILD = join(import.meta.dirname, "../../build");
const OUT = join(BUILD, "test/shell-gantry");
const ISO = join(OUT, "test.iso");

describe("Pocket Rocket", () => {
	before(() => {
		writeTestTree(join(BUILD, "iso-tree"), join(OUT, "tree"));
		makeIso(join(OUT, "tree"), join(BUILD, "boot/eltorito.bin"), ISO);
	});

	describe("at its shell", () => shellSuite(() => GantryShell.boot(ISO)));

	describe("reports and halts", () => panicSuite(() => GantryShell.boot(join(BUILD, "pocket-rocket.iso"))));

	it("notices that its disc is gone, and that it is back", async () => {
		const shell = await GantryShell.boot(ISO);
		shell.session.cdrom.eject();
		expect(await shell.command("ls")).to.equal("ls: /: no disc\n");
		shell.session.cdrom.insert(ISO);
		expect(await shell.command("cat /readme.txt")).to.match(/^This is the disc of Pocket Rocket\.\n/);
		await shell.close();
	});

	it("draws what its console is told", async () => {
		const shell = await GantryShell.boot(ISO);
		await shell.command("load ansi");
		const screen = shell.session.machine.screen.recogniseText()!;
		expect(textLines(screen).slice(0, drawn.length)).to.deep.equal(drawn);
		await shell.close();
	});
});
