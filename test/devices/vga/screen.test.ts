import { readFileSync } from "node:fs";
import { expect } from "chai";
import { parseFont } from "../../../firmware/font/font.ts";
import { textLines } from "../../../src/devices/vga/picture.ts";
import { attribute, dac, register, registers, setMode, vbe } from "./modes.ts";
import { Adapter, type Step } from "./script.ts";

const font = parseFont(
	readFileSync(new URL("../../../firmware/font/gantry-8x16.txt", import.meta.url), "utf8"),
	16,
);

/** DAC entry i is red i, green i/2, blue 63 - i: as 0xRRGGBB below. */
const ramp = dac(Array.from({ length: 64 }, (_, i) => [i, i >> 1, 63 - i]));

function rampColour(i: number): number {
	const widen = (six: number) => six * 4 + Math.floor(six / 16);
	return (widen(i) << 16) | (widen(i >> 1) << 8) | widen(63 - i);
}

/** Loads shapes into plane 2 for the codes given, and returns to text addressing. */
function loadFont(shapes: Record<number, number[]>, at = 0xa0000): Step[] {
	return [
		...registers(0x3c4, [3, 0, 4, 0, 6]),
		...[register(0x3ce, 5, 0), register(0x3ce, 6, 4)],
		...Object.entries(shapes).map(([code, rows]): Step => ["poke", at + Number(code) * 32, rows]),
		...registers(0x3c4, [3, 0, 3, 0, 2]),
		...[register(0x3ce, 5, 0x10), register(0x3ce, 6, 0x0e)],
	];
}

const ALL_ROWS = (row: number) => new Array(16).fill(row);
const CURSOR_OFF = register(0x3d4, 10, 0x20);

/** A line's dots from x on, `1` where they have the colour. */
function dots(vga: Adapter, x: number, y: number, count: number, colour: number): string {
	return Array.from({ length: count }, (_, i) => (vga.pixel(x + i, y) === colour ? "1" : ".")).join("");
}

describe("VGA picture, text", () => {
	const text = (steps: Step[]) =>
		new Adapter().run([...setMode("3"), ...ramp, CURSOR_OFF, ["fill", 0xb8000, 4000, 0], ...steps]);

	it("is 720x400 in mode 3, and black while the palette address source is clear", () => {
		const vga = text([["poke", 0xb8000, [0, 0x10]]]);
		expect(vga.screen.render()).to.include({ width: 720, height: 400 });
		expect(vga.pixel(0, 0)).to.equal(rampColour(1));
		vga.run([
			["in", 0x3da],
			["out", 0x3c0, 0],
		]);
		expect(vga.pixel(0, 0)).to.equal(0);
	});

	it("draws a shape in the attribute's colours; the ninth dot is background except for C0h..DFh", () => {
		const vga = text([
			...loadFont({ 65: ALL_ROWS(0xa5), 196: ALL_ROWS(0xa5) }),
			["poke", 0xb8000, [0x41, 0x24, 0xc4, 0x24]],
		]);
		expect(vga.pixel(0, 0), "foreground 4").to.equal(rampColour(4));
		expect(vga.pixel(1, 0), "background 2").to.equal(rampColour(2));
		expect(dots(vga, 0, 7, 18, rampColour(4))).to.equal("1.1..1.1.1.1..1.11");
		vga.run(attribute(0x10, 0x08));
		expect(dots(vga, 9, 7, 9, rampColour(4)), "line graphics off").to.equal("1.1..1.1.");
	});

	it("attribute bit 7 blinks, or lights the background, as the mode control says", () => {
		const vga = text([["poke", 0xb8000, [0, 0x97]]]);
		expect(vga.pixel(0, 0)).to.equal(rampColour(1));
		expect(vga.screen.textCells()?.cells[0].blink).to.equal(true);
		vga.run(attribute(0x10, 0x04));
		expect(vga.pixel(0, 0)).to.equal(rampColour(0x39));
	});

	it("attribute bit 3 chooses between the two fonts of the character map select", () => {
		const vga = text([
			...loadFont({ 1: ALL_ROWS(0xf0) }),
			...loadFont({ 1: ALL_ROWS(0x0f) }, 0xa2000),
			...loadFont({ 1: ALL_ROWS(0x3c) }, 0xa4000),
			["poke", 0xb8000, [1, 0x07, 1, 0x0f]],
		]);
		const both = () => dots(vga, 0, 0, 8, rampColour(7)) + " " + dots(vga, 9, 0, 8, rampColour(0x3f));
		expect(both()).to.equal("1111.... 1111....");
		vga.run([register(0x3c4, 3, 0x04)]);
		expect(both(), "map A 1 at 4000h").to.equal("1111.... ..1111..");
		vga.run([register(0x3c4, 3, 0x20)]);
		expect(both(), "map A 4 at 2000h").to.equal("1111.... ....1111");
	});

	it("shows the cursor between its scan lines in the cell's foreground", () => {
		const vga = text([
			["poke", 0xb8000 + 162, [0, 0x05]],
			register(0x3d4, 14, 0),
			register(0x3d4, 15, 81),
			register(0x3d4, 10, 13),
			register(0x3d4, 11, 14),
		]);
		const column = (y: number) => dots(vga, 8, 16 + y, 11, rampColour(5));
		expect([12, 13, 14, 15].map(column)).to.deep.equal([
			"...........",
			".111111111.",
			".111111111.",
			"...........",
		]);
		expect(vga.screen.textCells()?.cursor).to.deep.equal({ column: 1, row: 1 });
		vga.run([CURSOR_OFF]);
		expect(column(13)).to.equal("...........");
		expect(vga.screen.textCells()?.cursor).to.equal(undefined);
	});

	it("starts at the start address, and anew from address 0 below the line compare", () => {
		const vga = text([
			["poke", 0xb8000, [0, 0x10]],
			["poke", 0xb8000 + 160, [0, 0x20]],
			["poke", 0xb8000 + 320, [0, 0x30]],
		]);
		vga.run([
			register(0x3d4, 13, 80),
			register(0x3d4, 7, 0x0f),
			register(0x3d4, 9, 0x0f),
			register(0x3d4, 24, 19),
		]);
		expect([0, 15, 16, 19, 20, 35, 36].map((y) => vga.pixel(0, y))).to.deep.equal(
			[2, 2, 3, 3, 1, 1, 2].map(rampColour),
		);
	});

	it("moves left by the panning register and up by the preset row scan", () => {
		const shape = Array.from({ length: 16 }, (_, row) => (row === 5 ? 0x10 : 0));
		const vga = text([...loadFont({ 2: shape }), ["poke", 0xb8000, [2, 7, 2, 7]]]);
		expect(dots(vga, 0, 5, 14, rampColour(7))).to.equal("...1........1.");
		vga.run([...attribute(0x13, 1), register(0x3d4, 8, 3)]);
		expect(dots(vga, 0, 2, 14, rampColour(7))).to.equal(".1........1...");
		expect(vga.pixel(719, 2)).to.equal(rampColour(0));
	});

	it("underlines blue on black in monochrome emulation", () => {
		const vga = new Adapter().run([
			...setMode("7"),
			...ramp,
			register(0x3b4, 10, 0x20),
			["fill", 0xb0000, 4000, 0],
		]);
		vga.run([["poke", 0xb0000, [0, 0x01, 0, 0x07]]]);
		expect(dots(vga, 0, 13, 18, rampColour(8))).to.equal("111111111.........");
		expect(dots(vga, 0, 12, 18, rampColour(8))).to.equal("..................");
	});

	it("reads cells as Unicode with their colours", () => {
		const vga = text([
			["poke", 0xb8000 + 160, [...Buffer.from([0x48, 0x1e, 0x81, 0x1e, 0xc9, 0x1e, 0x03, 0x1e])]],
		]);
		const screen = vga.screen.textCells()!;
		expect(screen).to.include({ columns: 80, rows: 25, unrecognised: 0 });
		expect(textLines(screen).slice(0, 3)).to.deep.equal(["", "Hü╔♥", ""]);
		expect(screen.cells[80]).to.deep.include({ foreground: rampColour(0x3e), background: rampColour(1) });
	});
});

describe("VGA picture, graphics", () => {
	it("planar: the leftmost pixel is bit 7; 16 colours through the palette", () => {
		const vga = new Adapter().run([...setMode("12"), ...ramp]);
		vga.vga.storage.bytes.set([0x80, 0xc0, 0x20, 0x01], 80 * 4);
		expect([0, 1, 2, 3, 7].map((x) => vga.pixel(x, 1))).to.deep.equal([3, 2, 4, 0, 0x38].map(rampColour));
	});

	it("planar: the colour plane enable takes planes out, colour select gives the upper DAC bits", () => {
		const vga = new Adapter().run([
			...setMode("12"),
			["out", 0x3c8, 0xc3],
			["outs", 0x3c9, [63, 0, 63]],
			...ramp,
		]);
		vga.vga.storage.bytes.set([0x80, 0x80, 0x80, 0x80], 0);
		vga.run(attribute(0x12, 0x03));
		expect(vga.pixel(0, 0)).to.equal(rampColour(3));
		vga.run(attribute(0x14, 0x0c));
		expect(vga.pixel(0, 0)).to.equal(0xff00ff);
	});

	it("mode 0Dh doubles dots and lines: 640x400", () => {
		const vga = new Adapter().run([...setMode("0d"), ...ramp]);
		vga.vga.storage.bytes.set([0x40, 0, 0, 0], 0);
		expect(vga.screen.render()).to.include({ width: 640, height: 400 });
		expect(dots(vga, 0, 1, 8, rampColour(1))).to.equal("..11....");
		expect(dots(vga, 0, 2, 8, rampColour(1))).to.equal("........");
	});

	it("mode 4: two bits a pixel, odd lines 2000h further", () => {
		const vga = new Adapter().run([
			...setMode("4"),
			...ramp,
			["poke", 0xb8000, [0x1b, 0xe4]],
			["poke", 0xba000, [0xff]],
		]);
		const line = (y: number) => Array.from({ length: 8 }, (_, i) => vga.pixel(i * 2 + 1, y));
		const colours = [0, 0x13, 0x15, 0x17].map(rampColour);
		expect(line(1)).to.deep.equal([0, 1, 2, 3, 3, 2, 1, 0].map((i) => colours[i]));
		expect(line(2).slice(0, 5)).to.deep.equal([3, 3, 3, 3, 0].map((i) => colours[i]));
	});

	it("mode 13h: a byte a pixel, 2x2 dots; the DAC mask takes bits out", () => {
		const vga = new Adapter().run([...setMode("13"), ...ramp, ["poke", 0xa0000 + 320 * 3 + 2, [0x2a]]]);
		expect(dots(vga, 0, 6, 8, rampColour(0x2a))).to.equal("....11..");
		expect(dots(vga, 0, 7, 8, rampColour(0x2a))).to.equal("....11..");
		expect(dots(vga, 0, 8, 8, rampColour(0x2a))).to.equal("........");
		vga.run([["out", 0x3c6, 0x0f]]);
		expect(vga.pixel(4, 6)).to.equal(rampColour(0x0a));
	});

	const depths: [number, number[], number][] = [
		[8, [9], rampColour(9)],
		[15, [0x1f, 0x7c], 0xff00ff],
		[15, [0xe0, 0x83], 0x00ff00],
		[16, [0xe0, 0x07], 0x00ff00],
		[16, [0x08, 0x80], 0x840042],
		[24, [1, 2, 3], 0x030201],
		[32, [1, 2, 3, 0xff], 0x030201],
	];
	for (const [depth, bytes, colour] of depths)
		it(`VBE ${depth} bits: ${bytes.map((b) => b.toString(16))} is ${colour.toString(16)}`, () => {
			const vga = new Adapter().run([...ramp, ...vbe(320, 200, depth)]);
			vga.vga.storage.bytes.set(bytes, (2 * 320 + 5) * bytes.length);
			expect(vga.screen.render()).to.include({ width: 320, height: 200 });
			expect(vga.pixel(5, 2)).to.equal(colour);
		});

	it("VBE 4 bits: four planes, eight pixels a column", () => {
		const vga = new Adapter().run([...setMode("12"), ...ramp, ...vbe(640, 400, 4)]);
		vga.run([register(0x3c4, 2, 0x05), ["poke", 0xa0000 + 80 * 3 + 1, [0x90]]]);
		expect(dots(vga, 8, 3, 8, rampColour(0x14))).to.equal("........");
		expect(dots(vga, 8, 3, 8, rampColour(5))).to.equal("1..1....");
	});

	it("VBE offsets show another part of the virtual screen", () => {
		const vga = new Adapter().run(vbe(320, 200, 32));
		const set = (index: number, value: number): Step[] => [
			["word", 0x1ce, index],
			["word", 0x1cf, value],
		];
		vga.run([...set(6, 640), ...set(8, 100), ...set(9, 300)]);
		vga.vga.storage.bytes.set([0xcc, 0xbb, 0xaa], ((300 + 7) * 640 + 100 + 9) * 4);
		expect(vga.pixel(9, 7)).to.equal(0xaabbcc);
	});
});

describe("VGA screen", () => {
	it("hands out the same picture while nothing changes, and never changes one that it handed out", () => {
		const vga = new Adapter().run([...setMode("13"), ...ramp]);
		const first = vga.screen.render();
		expect(vga.screen.render()).to.equal(first);
		vga.poke(0xa0000, 5);
		const second = vga.screen.render();
		expect(second).not.to.equal(first);
		expect(first.data.subarray(0, 4)).not.to.deep.equal(second.data.subarray(0, 4));
	});

	it("redraws written lines of a linear mode alike to drawing all of it", () => {
		const vga = new Adapter().run(vbe(640, 480, 32));
		vga.vga.writeConfig(0x10, 0xe0000000, 4);
		vga.vga.writeConfig(0x04, 2, 2);
		vga.screen.render();
		const line = Uint8Array.from({ length: 2560 }, (_, i) => i);
		for (const y of [0, 1, 77, 478, 479])
			vga.memory.write(0xe0000000 + y * 2560 + y * 4, line.subarray(0, 2560 - y * 4));
		const incremental = vga.screen.render();
		vga.memory.takeDirty(vga.vga.storage);
		const fresh = new Adapter().run(vbe(640, 480, 32));
		fresh.vga.storage.bytes.set(vga.vga.storage.bytes);
		expect(Buffer.compare(incremental.data, fresh.screen.render().data)).to.equal(0);
		expect(vga.pixel(79, 77)).to.equal(0x0a0908);
	});

	it("draws a picture of 1024x768 in 32 bits in less than a thirtieth of a second", () => {
		const vga = new Adapter().run(vbe(1024, 768, 32));
		const times = Array.from({ length: 7 }, (_, i) => {
			vga.run([["out", 0x3c6, i]]);
			const start = performance.now();
			vga.screen.render();
			return performance.now() - start;
		});
		expect(Math.min(...times)).to.be.lessThan(33);
	});
});

describe("text recognition", () => {
	/** Draws a code page 437 string into a 640x480x32 mode as a guest's console does. */
	function type(
		vga: Adapter,
		column: number,
		row: number,
		codes: number[],
		foreground: number,
		background: number,
	): void {
		const memory = new DataView(vga.vga.storage.bytes.buffer, vga.vga.storage.bytes.byteOffset);
		codes.forEach((code, i) => {
			for (let y = 0; y < 16; y++)
				for (let x = 0; x < 8; x++) {
					const lit = (font[code * 16 + y] >> (7 - x)) & 1;
					memory.setUint32(
						((row * 16 + y) * 640 + (column + i) * 8 + x) * 4,
						lit ? foreground : background,
						true,
					);
				}
		});
	}
	const ascii = (text: string) => [...Buffer.from(text, "latin1")];
	let vga: Adapter;
	beforeEach(() => {
		vga = new Adapter([font]).run(vbe(640, 480, 32));
	});

	it("reads what a framebuffer console drew, in any colours", () => {
		type(vga, 0, 0, ascii("gantry:/$ load example"), 0xaaaaaa, 0);
		type(vga, 3, 2, [0xc9, 0xcd, 0xbb, 0x81], 0xff0000, 0x0000aa);
		const screen = vga.screen.recogniseText()!;
		expect(screen).to.include({ columns: 80, rows: 30, unrecognised: 0 });
		expect(textLines(screen).slice(0, 3)).to.deep.equal(["gantry:/$ load example", "", "   ╔═╗ü"]);
		expect(screen.cells[2 * 80 + 3]).to.deep.equal({ text: "╔", foreground: 0xff0000, background: 0x0000aa });
	});

	it("reads every character of the font that has a shape of its own", () => {
		for (let code = 0; code < 256; code++) type(vga, code % 64, code >> 6, [code], 0xffffff, 0x000000);
		const { cells } = vga.screen.recogniseText()!;
		const read = Array.from({ length: 256 }, (_, code) => cells[(code >> 6) * 80 + (code % 64)].text);
		expect(read.slice(0x20, 0x7f).join("")).to.equal(
			String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 0x20 + i)),
		);
		expect(read.filter((text) => text === "\ufffd")).to.deep.equal([]);
	});

	it("takes rows lit across in a cell's lower half for the cursor", () => {
		const underline = (column: number, rows: number[]) => {
			for (const y of rows)
				for (let x = 0; x < 8; x++)
					vga.vga.storage.bytes.set([0xaa, 0xaa, 0xaa, 0], (y * 640 + column * 8 + x) * 4);
		};
		type(vga, 0, 0, ascii("$ log"), 0xaaaaaa, 0);
		underline(4, [13, 14]);
		const overLetter = vga.screen.recogniseText()!;
		expect(textLines(overLetter)[0]).to.equal("$ log");
		expect(overLetter.cursor).to.deep.equal({ column: 4, row: 0 });
		type(vga, 4, 0, ascii("g"), 0xaaaaaa, 0);
		underline(5, [14, 15]);
		vga.run([["out", 0x3c6, 0]]);
		const overBlank = vga.screen.recogniseText()!;
		expect(textLines(overBlank)[0]).to.equal("$ log");
		expect(overBlank.cursor).to.deep.equal({ column: 5, row: 0 });
	});

	it("finds no text in a picture, and none in a text mode's pixels", () => {
		const bytes = vga.vga.storage.bytes;
		for (let i = 0; i < 640 * 480 * 4; i++) bytes[i] = (i * 7919) >> 3;
		expect(vga.screen.recogniseText()).to.equal(undefined);
		expect(new Adapter([font]).run(setMode("3")).screen.recogniseText()).to.equal(undefined);
	});

	it("marks a cell that a stray pixel spoils", () => {
		type(vga, 0, 0, ascii("abc"), 0xffffff, 0);
		vga.vga.storage.bytes.set([0xff, 0xff, 0xff], (3 * 640 + 15) * 4);
		const screen = vga.screen.recogniseText()!;
		expect(textLines(screen)[0]).to.equal("a\ufffdc");
		expect(screen.unrecognised).to.equal(1);
	});
});
