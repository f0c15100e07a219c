/** What the register scripts show, part by part: run on Gantry's adapter, by QEMU (test/peers), and as a guest (script.S). */
import { readFileSync } from "node:fs";
import { parseFont } from "../../../firmware/font/font.ts";
import { attribute, dac, register, registers, setMode, testColours, vbe } from "../../devices/vga/modes.ts";
import type { Step } from "../../devices/vga/script.ts";

const FONT = new URL("../../../firmware/font/gantry-8x16.txt", import.meta.url);
const font = parseFont(readFileSync(FONT, "utf8"), 16);
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

/** Parts by what they show; each goes on from the one before. */
export const cases: Record<string, Step[]> = {
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
