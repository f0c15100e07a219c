/**
 * VBE modes: lines of pixels in video memory.
 *
 *   4   four planes, a bit each          8   index into the DAC
 *   15  xrrrrrgggggbbbbb                 16  rrrrrggggggbbbbb
 *   24  bytes blue, green, red           32  bytes blue, green, red, unused
 */
import { attributeColours, dacColours, rgba, sixToEight } from "./colours.ts";
import { lineBytes } from "./dispi.ts";
import { linearDepth } from "./display.ts";
import { DISPI_VIRT_WIDTH, DISPI_X_OFFSET, DISPI_XRES, DISPI_Y_OFFSET, type VgaState } from "./registers.ts";

const OPAQUE = 0xff000000;

/** Where lines lie in video memory, in bytes. */
export interface LinearLayout {
	start: number;
	pitch: number;
	/** Bytes of a line that are shown. */
	length: number;
}

export function linearLayout(s: VgaState): LinearLayout {
	const depth = linearDepth(s);
	const pitch = lineBytes(s.dispi[DISPI_VIRT_WIDTH], depth);
	const x = depth === 4 ? s.dispi[DISPI_X_OFFSET] & ~7 : s.dispi[DISPI_X_OFFSET];
	const start = s.dispi[DISPI_Y_OFFSET] * pitch + lineBytes(x, depth);
	return { start, pitch, length: lineBytes(s.dispi[DISPI_XRES], depth) };
}

/** Draws the lines for which `wanted` says so. */
export function drawLinear(
	s: VgaState,
	memory: Uint8Array,
	pixels: Uint32Array,
	width: number,
	height: number,
	wanted: (y: number) => boolean,
): void {
	const { start, pitch, length } = linearLayout(s);
	const drawLine = lineDrawer(s);
	for (let y = 0; y < height; y++) {
		const at = start + y * pitch;
		if (wanted(y)) drawLine(memory.subarray(at, at + length), pixels.subarray(y * width, (y + 1) * width));
	}
}

type DrawLine = (line: Uint8Array, out: Uint32Array) => void;

function lineDrawer(s: VgaState): DrawLine {
	switch (linearDepth(s)) {
		case 4:
			return planarLine(attributeColours(s));
		case 8: {
			const colours = dacColours(s);
			return (line, out) => {
				for (let x = 0; x < out.length; x++) out[x] = colours[line[x]];
			};
		}
		case 15:
			return wordLine((pixel) => rgba(five(pixel >> 10), five(pixel >> 5), five(pixel)));
		case 16:
			return wordLine((pixel) => rgba(five(pixel >> 11), sixToEight((pixel >> 5) & 63), five(pixel)));
		case 24:
			return (line, out) => {
				for (let x = 0, at = 0; x < out.length; x++, at += 3)
					out[x] = OPAQUE | (line[at] << 16) | (line[at + 1] << 8) | line[at + 2];
			};
		default:
			return longLine;
	}
}

/** Widens the low five bits. */
function five(value: number): number {
	value &= 31;
	return (value << 3) | (value >> 2);
}

function wordLine(colour: (pixel: number) => number): DrawLine {
	return (line, out) => {
		for (let x = 0, at = 0; x < out.length; x++, at += 2) out[x] = colour(line[at] | (line[at + 1] << 8));
	};
}

/** 32 bits: swaps red and blue, a word at a time where the line is aligned. */
function longLine(line: Uint8Array, out: Uint32Array): void {
	if (line.byteOffset & 3) line = line.slice();
	const words = new Uint32Array(line.buffer, line.byteOffset, line.length >> 2);
	for (let x = 0; x < words.length; x++) {
		const pixel = words[x];
		out[x] = OPAQUE | (pixel & 0xff00) | ((pixel & 0xff) << 16) | ((pixel >>> 16) & 0xff);
	}
}

function planarLine(colours: Uint32Array): DrawLine {
	return (line, out) => {
		for (let x = 0; x < out.length; x++) {
			const at = (x >> 3) * 4;
			const bit = 7 - (x & 7);
			const low = ((line[at] >> bit) & 1) | (((line[at + 1] >> bit) & 1) << 1);
			out[x] = colours[low | (((line[at + 2] >> bit) & 1) << 2) | (((line[at + 3] >> bit) & 1) << 3)];
		}
	};
}
