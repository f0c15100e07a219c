/**
 * The same register scripts on QEMU's std VGA and on Gantry's: the pictures must be equal, dot for
 * dot. QEMU widens six and five bits to eight in its own way, so colours are compared by the bits that
 * there are. Not compared: 4-bit VBE modes (QEMU 7.2 drops their writes), B0h..BFh in 9-dot columns,
 * blinking attributes and panning, which QEMU 7.2 does not show.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { parseFont } from "../../firmware/font/font.ts";
import type { Picture } from "../../src/devices/vga/picture.ts";
import { attribute, dac, register, registers, setMode, testColours, vbe } from "../devices/vga/modes.ts";
import { Adapter, encode, type Step } from "../devices/vga/script.ts";

const HERE = new URL(".", import.meta.url);
const DIFFERENCES = new URL("../../build/differences/", HERE);
const SECTOR = 512;
/** The guest reads this many sectors of script. */
const SCRIPT_SECTORS = 512;
const WALL_CLOCK_CAP = 60_000;

const font = parseFont(readFileSync(new URL("../../firmware/font/gantry-8x16.txt", HERE), "utf8"), 16);
const colours = dac(testColours);
const SEQ = 0x3c4;
const GC = 0x3ce;

/** A pattern that does not repeat for long. */
function noise(length: number, seed: number): number[] {
	let x = seed * 2654435761;
	return Array.from({ length }, () => {
		x = (Math.imul(x, 1664525) + 1013904223) | 0;
		return (x >>> 16) & 0xff;
	});
}

function loadFont(): Step[] {
	const glyphs = Array.from({ length: 256 }, (_, code): Step => {
		return ["poke", 0xa0000 + code * 32, [...font.subarray(code * 16, code * 16 + 16)]];
	});
	const planar = [...registers(SEQ, [3, 0, 4, 0, 6]), register(GC, 5, 0), register(GC, 6, 4)];
	return [...setMode("12"), ...planar, ...glyphs];
}

/** All characters in all colours, apart from B0h..BFh, whose ninth dot QEMU draws like C0h's. */
function cells(count: number): number[] {
	const codes = Array.from({ length: 256 }, (_, code) => code).filter((code) => code < 0xb0 || code > 0xbf);
	return Array.from({ length: count }, (_, i) => [codes[i % codes.length], (i * 7 + (i >> 4)) & 0xff]).flat();
}

const textMode = [
	...loadFont(),
	...setMode("3"),
	...colours,
	...attribute(0x10, 0x04),
	register(0x3d4, 10, 0x20),
];
const clearPlanes: Step[] = [...setMode("12"), ["fill", 0xa0000, 0xffff, 0], ["poke", 0xaffff, [0]]];

const cases: Record<string, Step[]> = {
	"text, 9 dots": [...textMode, ["poke", 0xb8000, cells(2000)]],
	"text, 8 dots, split screen and start address": [
		...[register(SEQ, 1, 1), register(0x3d4, 13, 40), register(0x3d4, 7, 0x0f), register(0x3d4, 9, 0x0f)],
		register(0x3d4, 24, 0xdf),
	],
	"text, two fonts": [register(SEQ, 3, 0x04)],
	"16 colours, 640x480, all write modes": [
		...clearPlanes,
		...[register(SEQ, 2, 0x05), ["poke", 0xa0000, noise(2000, 1)] as Step],
		...[register(SEQ, 2, 0x0f), register(GC, 0, 0x0a), register(GC, 1, 0x06), register(GC, 3, 0x03)],
		["poke", 0xa0000 + 2000, noise(2000, 2)],
		...[register(GC, 1, 0), register(GC, 5, 2), register(GC, 3, 0x18), register(GC, 8, 0x7e)],
		...[["peek", 0xa0123] as Step, ["poke", 0xa0000 + 4000, noise(2000, 3)] as Step],
		...[register(GC, 5, 3), register(GC, 3, 0x05), register(GC, 8, 0xdb), register(GC, 0, 0x09)],
		["poke", 0xa0000 + 6000, noise(2000, 4)],
		...[register(GC, 5, 1), ["peek", 0xa0000 + 4321] as Step, ["fill", 0xa0000 + 9000, 4000, 0] as Step],
	],
	"16 colours, palette through the colour select": [...attribute(0x10, 0x81), ...attribute(0x14, 0x0e)],
	"16 colours, 320x200": [...clearPlanes, ...setMode("0d"), ["poke", 0xa0000, noise(8000, 5)]],
	"4 colours, 320x200": [...clearPlanes, ...setMode("4"), ["poke", 0xb8000, noise(16192, 6)]],
	"2 colours, 640x200": [...clearPlanes, ...setMode("6"), ["poke", 0xb8000, noise(16192, 7)]],
	"256 colours, 320x200": [
		...setMode("13"),
		["fill", 0xa0000, 64000, 0x99],
		["poke", 0xa0000, noise(9000, 8)],
	],
	"256 colours, unchained": [
		...[register(SEQ, 4, 6), register(0x3d4, 0x14, 0), register(0x3d4, 0x17, 0xe3), register(SEQ, 2, 0x0a)],
		...[["poke", 0xa0040, noise(5000, 9)] as Step, register(0x3d4, 12, 0x01)],
	],
	...Object.fromEntries(
		[8, 15, 16, 24, 32].map((depth): [string, Step[]] => [
			`VBE 640x400, ${depth} bits`,
			[
				...setMode("12"),
				...vbe(640, 400, depth, 0x41),
				["fill", 0xa0000, 0xffff, 0x3a],
				["poke", 0xa0000 + 640, noise(3000, depth)],
				...[
					["word", 0x1ce, 5] as Step,
					["word", 0x1cf, 1] as Step,
					["poke", 0xa0100, noise(600, depth)] as Step,
				],
			],
		]),
	),
	"VBE, a virtual screen larger than the picture": [
		...vbe(640, 400, 8, 0x41),
		...[6, 800, 8, 24, 9, 16].flatMap((value, i): Step[] => [["word", i % 2 ? 0x1cf : 0x1ce, value]]),
		["fill", 0xa0000, 0xffff, 0x21],
		["poke", 0xa0000 + 13000, noise(4000, 12)],
	],
};

describe("VGA pictures, as QEMU shows them", function () {
	this.timeout(WALL_CLOCK_CAP * 2);
	const folder = mkdtempSync(join(tmpdir(), "gantry-vga-"));
	let theirs: Picture[] = [];

	before(async () => {
		theirs = await screendumps(Object.values(cases), folder);
	});
	after(() => rmSync(folder, { recursive: true }));

	const adapter = new Adapter();
	Object.keys(cases).forEach((name, i) => {
		it(name, () => {
			const ours = adapter.run(cases[name]).screen.render();
			expectSame(name, ours, theirs[i], name.includes("15 bits") ? 5 : 6);
		});
	});
});

function expectSame(name: string, ours: Picture, theirs: Picture, bits: number): void {
	const dropped = 8 - bits;
	expect({ width: ours.width, height: ours.height }).to.deep.equal({
		width: theirs.width,
		height: theirs.height,
	});
	const different = ours.data.findIndex((value, i) => value >> dropped !== theirs.data[i] >> dropped);
	if (different < 0) return;
	const file = writeDifference(name.replace(/\W+/g, "-"), ours, theirs);
	const pixel = different >> 2;
	const at = `(${pixel % ours.width}, ${Math.floor(pixel / ours.width)})`;
	const colour = ({ data }: Picture) => [...data.subarray(pixel * 4, pixel * 4 + 3)].join(" ");
	expect.fail(`dot ${at} is ${colour(ours)}, in QEMU ${colour(theirs)}; see ${file}`);
}

/** Ours, QEMU's and the difference, one above the other. */
function writeDifference(name: string, ours: Picture, theirs: Picture): string {
	mkdirSync(DIFFERENCES, { recursive: true });
	const { width, height } = ours;
	const png = new PNG({ width, height: height * 3 });
	png.data.set(ours.data, 0);
	png.data.set(theirs.data, ours.data.length);
	pixelmatch(ours.data, theirs.data, png.data.subarray(ours.data.length * 2), width, height);
	const file = new URL(`vga-${name}.png`, DIFFERENCES);
	writeFileSync(file, PNG.sync.write(png));
	return file.pathname;
}

/** Boots the script in QEMU and takes a picture after each part. */
async function screendumps(parts: Step[][], folder: string): Promise<Picture[]> {
	const disk = join(folder, "disk.img");
	writeFileSync(disk, diskImage(encode(parts), folder));
	const debug = join(folder, "debug.txt");
	const options = ["-vga", "std", "-display", "none", "-net", "none", "-monitor", "stdio"];
	const drive = ["-drive", `file=${disk},format=raw,if=ide`, "-debugcon", `file:${debug}`];
	const qemu = spawn("qemu-system-x86_64", [...options, ...drive]);
	const deadline = Date.now() + WALL_CLOCK_CAP;
	const until = async (what: string, done: () => boolean) => {
		while (!done()) {
			if (Date.now() > deadline) throw new Error(`QEMU did not reach ${what}`);
			await sleep(20);
		}
	};
	try {
		const pictures: Picture[] = [];
		for (let i = 0; i < parts.length; i++) {
			await until(`part ${i}`, () => existsSync(debug) && readFileSync(debug).length > i);
			const file = join(folder, `${i}.ppm`);
			qemu.stdin.write(`screendump ${file}\n`);
			await until(`screendump ${i}`, () => existsSync(file) && parsePpm(readFileSync(file)) !== undefined);
			pictures.push(parsePpm(readFileSync(file))!);
			qemu.stdin.write("sendkey a\n");
		}
		return pictures;
	} finally {
		qemu.kill("SIGKILL");
	}
}

function diskImage(script: Uint8Array, folder: string): Uint8Array {
	expect(script.length, "the script fits").to.be.lessThan(SCRIPT_SECTORS * SECTOR);
	const source = new URL("../guest/vga/script.S", HERE).pathname;
	const object = join(folder, "script.o");
	const binary = join(folder, "script.bin");
	execFileSync("gcc", ["-m16", "-c", source, "-o", object]);
	execFileSync("ld", ["-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary", object, "-o", binary]);
	const image = new Uint8Array((SCRIPT_SECTORS + 2) * SECTOR);
	image.set(readFileSync(binary));
	image.set(script, SECTOR);
	return image;
}

/** Undefined while the file is not complete. */
function parsePpm(bytes: Buffer): Picture | undefined {
	const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString("latin1", 0, 64));
	if (!head) return undefined;
	const [width, height] = [Number(head[1]), Number(head[2])];
	const rgb = bytes.subarray(head[0].length);
	if (rgb.length < width * height * 3) return undefined;
	const data = new Uint8Array(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++) data.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
	return { width, height, data };
}
