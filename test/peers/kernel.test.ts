import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseFont } from "../../firmware/font/font.ts";
import { makeIso } from "../../src/build/iso.ts";
import { type Picture, type TextScreen, textLines } from "../../src/devices/vga/picture.ts";
import { recogniseText } from "../../src/devices/vga/recognise.ts";
import { drawn, screenColours } from "../guest/kernel/screen.ts";
import { PROMPT } from "../guest/kernel/shell.ts";
import { panicSuite, shellSuite } from "../guest/kernel/shell-suite.ts";
import { writeTestTree } from "../guest/modules/catalogue.ts";
import { QemuShell } from "./pocket-rocket.ts";
import { run } from "./qemu.ts";

const BUILD = join(import.meta.dirname, "../../build");
const SHIPPED = join(BUILD, "pocket-rocket.iso");
const TREE = join(BUILD, "iso-tree");
const BOOT_IMAGE = join(BUILD, "boot/eltorito.bin");
const OUT = join(BUILD, "test/kernel-qemu");
const ISO = join(OUT, "test.iso");

/** The disc with modules that only tests need. */
function makeTestDisc(): void {
	writeTestTree(TREE, join(OUT, "tree"));
	makeIso(join(OUT, "tree"), BOOT_IMAGE, ISO);
}

/** A disc whose tree `change` has changed. */
function discWith(name: string, change: (tree: string) => void): string {
	const tree = join(OUT, name);
	rmSync(tree, { recursive: true, force: true });
	mkdirSync(OUT, { recursive: true });
	cpSync(TREE, tree, { recursive: true });
	change(tree);
	makeIso(tree, BOOT_IMAGE, `${tree}.iso`);
	return `${tree}.iso`;
}

/** A binary PPM, as QEMU's screendump writes it. */
function parsePpm(bytes: Buffer): Picture {
	const [head, width, height] = /^P6\s(\d+) (\d+)\s255\s/.exec(bytes.subarray(0, 32).toString("latin1"))!;
	const data = new Uint8Array(Number(width) * Number(height) * 4).fill(255);
	for (let i = 0; i < data.length / 4; i++)
		data.set(bytes.subarray(head.length + i * 3, head.length + i * 3 + 3), i * 4);
	return { width: Number(width), height: Number(height), data };
}

async function readScreen(shell: QemuShell): Promise<TextScreen> {
	const file = shell.file("screen.ppm");
	await shell.monitor(`screendump ${file}`);
	const font = join(import.meta.dirname, "../../firmware/font/gantry-8x16.txt");
	return recogniseText(parsePpm(readFileSync(file)), parseFont(readFileSync(font, "latin1"), 16));
}

/** Uses the shell and ends the machine. */
async function using(shell: QemuShell, use: (shell: QemuShell) => Promise<void>): Promise<void> {
	try {
		await use(shell);
	} finally {
		await shell.close();
	}
}

describe("Pocket Rocket in QEMU", () => {
	before(makeTestDisc);

	describe("at its shell", () => shellSuite(() => QemuShell.boot(ISO)));

	describe("reports and halts", () => panicSuite(() => QemuShell.boot(SHIPPED)));

	describe("ends", () => {
		const debugExit = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"];
		const endings: [line: string, args: string[], status: number][] = [
			["poweroff", [], 0],
			["reboot", [], 0], // -no-reboot makes QEMU end instead
			["exit 3", debugExit, 7],
			["exit 0", debugExit, 1],
		];
		for (const [line, args, status] of endings)
			it(`with ${line}`, async () => {
				const shell = await QemuShell.boot(SHIPPED, args);
				shell.type(`${line}\r`);
				expect(await shell.ended).to.equal(status);
				expect(shell.serial.trimEnd()).to.match(new RegExp(`${line}$`));
			});

		it("not, where the machine has no debug exit", () =>
			using(switchOn(SHIPPED), async (shell) => {
				await shell.wait(PROMPT, 0);
				expect(await shell.command("exit 1")).to.equal("exit: no debug exit at port F4h\n");
				expect(await shell.command("exit 256")).to.equal("usage: exit [STATUS], 0 to 255\n");
			}));
	});

	it("says the same in two boots", async () => {
		const transcript = async () => {
			const shell = await QemuShell.boot(SHIPPED);
			for (const line of [
				"help",
				"ls /system/modules",
				"load example hexdump",
				"modules",
				"hexdump /readme.txt",
			])
				await shell.command(line);
			await shell.until("panic", /PANIC: halted\n/);
			const said = shell.serial + shell.debug();
			await shell.close();
			return said;
		};
		expect(await transcript()).to.equal(await transcript());
	});

	it("obeys the keyboard: shift, control, caps lock, cursor keys", () =>
		using(switchOn(SHIPPED), async (shell) => {
			await shell.wait(PROMPT, 0);
			const keys = [
				"shift-x",
				"caps_lock",
				"y",
				"shift-z",
				"1",
				"caps_lock",
				"shift-1",
				"minus",
				"shift-minus",
			];
			const moves = [
				"a",
				"b",
				"left",
				"delete",
				"home",
				"q",
				"right",
				"backspace",
				"end",
				"ctrl-a",
				"ctrl-k",
			];
			for (const key of [...moves, ...keys, "kp_enter"]) await shell.monitor(`sendkey ${key} 20`);
			await shell.wait(/XYz1!-_: no such command; try help\nrocket> $/, 0);
		}));

	it("draws what its console is told, in colour", () =>
		using(switchOn(ISO), async (shell) => {
			await shell.wait(PROMPT, 0);
			await shell.command("load ansi");
			const screen = await readScreen(shell);
			expect(textLines(screen).slice(0, drawn.length)).to.deep.equal(drawn);
			for (const { row, column, foreground, background } of screenColours) {
				const cell = screen.cells[row * screen.columns + column];
				expect(cell.background, `behind ${row}, ${column}`).to.equal(background);
				if (foreground !== undefined) expect(cell.foreground, `at ${row}, ${column}`).to.equal(foreground);
			}
		}));

	it("scrolls", () =>
		using(switchOn(ISO), async (shell) => {
			await shell.wait(PROMPT, 0);
			await shell.command("symbols");
			const symbols = await shell.command("cat /boot/kernel.sym");
			const lines = textLines(await readScreen(shell));
			expect(lines).to.have.length(48);
			expect(lines.slice(0, 47)).to.deep.equal(symbols.trimEnd().split("\n").slice(-47));
			expect(lines[47]).to.match(/^rocket>/);
		}));

	it("falls back to VGA text where the loader gives no framebuffer", async () => {
		/** The framebuffer request's id, one bit of it changed: the loader sees no request. */
		const disc = discWith("no-framebuffer", (tree) => {
			const path = join(tree, "boot/kernel.elf");
			const kernel = readFileSync(path);
			const id = kernel.indexOf(Buffer.from("9d5827dcd881dd75", "hex").reverse());
			expect(id, "the kernel's framebuffer request").to.be.greaterThan(0);
			kernel[id] ^= 1;
			writeFileSync(path, kernel);
		});
		await using(await QemuShell.boot(disc), async (shell) => {
			await shell.command("ls");
			const file = shell.file("text");
			await shell.monitor(`pmemsave 0xb8000 4000 "${file}"`);
			const cells = readFileSync(file);
			const lines = Array.from({ length: 25 }, (_, row) =>
				Array.from({ length: 80 }, (_, column) => String.fromCharCode(cells[(row * 80 + column) * 2]))
					.join("")
					.trimEnd(),
			);
			const seen = lines.slice(lines.findIndex((line) => line.startsWith("Pocket Rocket")));
			expect(seen.filter((line) => line).at(-1)).to.equal("rocket>");
			expect(seen).to.include("rocket> ls");
		});
	});

	describe("finds its disc", () => {
		const places: [place: string, args: string[]][] = [
			["primary master", ["-drive", `file=${SHIPPED},media=cdrom,if=ide,index=0`]],
			["primary slave", ["-drive", `file=${SHIPPED},media=cdrom,if=ide,index=1`]],
			["secondary slave", ["-drive", `file=${SHIPPED},media=cdrom,if=ide,index=3`]],
		];
		for (const [place, args] of places)
			it(`as ${place}`, async () => {
				const shell = new QemuShell(undefined, ["-nodefaults", "-vga", "std", ...args]);
				await using(shell, async () => {
					await shell.wait(PROMPT, 0);
					expect(await shell.command("dmesg")).to.contain(`atapi: CD-ROM drive, ${place}, disc ready\n`);
					expect(await shell.command("load example")).to.equal("example: loaded\n");
				});
			});

		it("beside a hard disk on the same channel", async () => {
			const disk = join(OUT, "disk.img");
			writeFileSync(disk, Buffer.alloc(1 << 20));
			await using(
				await QemuShell.boot(SHIPPED, ["-drive", `file=${disk},format=raw,if=ide,index=3`]),
				async (shell) => {
					expect(await shell.command("cat /readme.txt")).to.contain("Pocket Rocket");
				},
			);
		});

		it("not, if it is on a controller that it does not know, and says so", async () => {
			const ahci = ["-device", "ahci,id=a", "-drive", `id=c,if=none,media=cdrom,file=${SHIPPED}`];
			const shell = new QemuShell(undefined, [...ahci, "-device", "ide-cd,bus=a.0,drive=c"]);
			await using(shell, async () => {
				await shell.wait(PROMPT, 0);
				expect(shell.serial).to.contain("No CD-ROM drive was found.\n");
				expect(await shell.command("ls")).to.equal("ls: /: no disc\n");
				expect(await shell.command("load example")).to.equal(
					"load: example: no disc: /system/modules/example.ko\n",
				);
			});
		});
	});

	it("notices that its disc is gone, and that another one is there", () =>
		using(switchOn(SHIPPED), async (shell) => {
			await shell.wait(PROMPT, 0);
			const other = discWith("other", (tree) => writeFileSync(join(tree, "other.txt"), "another disc\n"));
			await shell.command("load example");
			await shell.monitor("eject -f ide1-cd0");
			expect(await shell.command("ls")).to.equal("ls: /: no disc\n");
			expect(await shell.command("load hexdump")).to.match(/^load: hexdump: no disc: /);
			await shell.monitor(`change ide1-cd0 ${other}`);
			expect(await shell.command("cat /other.txt")).to.equal("another disc\n");
			expect(await shell.command("unload example")).to.equal("example: unloaded\n");
			const blank = join(OUT, "blank.iso");
			writeFileSync(blank, Buffer.alloc(1 << 20));
			await shell.monitor(`change ide1-cd0 ${blank}`);
			expect(await shell.command("ls")).to.equal("ls: /: no ISO 9660 volume on the disc\n");
		}));

	describe("reads names by", () => {
		const kinds: [names: string, options: string[], path: string][] = [
			["Rock Ridge", ["-R"], "/A File with a Long Name, and Capitals.text"],
			["Rock Ridge", ["-R", "-J"], "/A File with a Long Name, and Capitals.text"],
			["Joliet", ["--norock", "-J"], "/A File with a Long Name, and Capitals.text"],
			["ISO 9660", ["--norock"], "/a_file_w.tex"],
		];
		for (const [names, options, path] of kinds)
			it(`${names}, of xorriso ${options.join(" ")}`, async () => {
				const tree = join(OUT, "names");
				rmSync(tree, { recursive: true, force: true });
				cpSync(TREE, tree, { recursive: true });
				writeFileSync(join(tree, "A File with a Long Name, and Capitals.text"), "found\n");
				cpSync(BOOT_IMAGE, join(tree, "boot/eltorito.bin"));
				const iso = join(OUT, "names.iso");
				const boot = ["-b", "boot/eltorito.bin", "-no-emul-boot", "-boot-load-size", "64"];
				const made = run("xorriso", ["-as", "mkisofs", ...options, ...boot, "-o", iso, tree]);
				expect(made.status, made.stderr).to.equal(0);
				await using(await QemuShell.boot(iso), async (shell) => {
					expect(await shell.command("dmesg")).to.contain(`iso9660: mounted at /, ${names} names\n`);
					expect(await shell.command(`cat "${path}"`)).to.equal("found\n");
					expect(await shell.command("load example")).to.equal("example: loaded\n");
				});
			});
	});

	for (const memory of ["32", "3G", "5G"])
		it(`runs with ${memory} of memory`, () =>
			using(switchOn(ISO, ["-m", memory]), async (shell) => {
				await shell.wait(PROMPT, 0);
				const kib = memory.endsWith("G") ? Number.parseInt(memory, 10) << 20 : Number(memory) << 10;
				const [, all] = /^physical: (\d+) KiB/.exec(await shell.command("mem"))!;
				expect(Number(all)).to.be.within(kib - 6000, kib);
				expect(await shell.command("load relocations")).to.contain("all as they should be");
			}));
});

/** A machine that has just been switched on. */
function switchOn(iso: string, args: string[] = []): QemuShell {
	return new QemuShell(iso, args);
}
