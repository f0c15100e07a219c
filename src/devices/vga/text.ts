/**
 * Text modes: a character code in plane 0, its attribute in plane 1, the shapes in plane 2.
 *
 *   attribute  7 blink or background intensity   6..4 background   3 intensity, and which of two
 *              fonts   2..0 foreground
 *
 * A font is 256 shapes of 32 bytes. In 9-dot columns the ninth dot is background, except for
 * line-drawing characters C0h..DFh, which repeat the eighth.
 *
 * A still picture shows blinking characters and the cursor in their lit phase.
 */

import { unicode437 } from "./codepage437.ts";
import { attributeColours, rgb } from "./colours.ts";
import { forEachScanLine, PLANE_MASK, type ScanLine } from "./display.ts";
import type { TextScreen } from "./picture.ts";
import {
	ATTR_MODE,
	ATTR_MODE_BLINK,
	ATTR_MODE_LINE_GRAPHICS,
	CLOCKING_HALF,
	CRTC_CURSOR_END,
	CRTC_CURSOR_HIGH,
	CRTC_CURSOR_LOW,
	CRTC_CURSOR_START,
	CRTC_HDISPLAY_END,
	CRTC_MAX_SCAN,
	CRTC_OFFSET,
	CRTC_START_HIGH,
	CRTC_START_LOW,
	CRTC_UNDERLINE,
	CURSOR_OFF,
	characterWidth,
	MAX_SCAN_DOUBLE,
	SEQ_CHARACTER_MAP,
	SEQ_CLOCKING,
	type VgaState,
	verticalDisplayEnd,
} from "./registers.ts";

const FONT_BYTES = 32;

/** Everything about a text mode that does not change from line to line. */
interface TextMode {
	columns: number;
	cellWidth: number;
	/** Dots a bit of a shape is wide. */
	dot: number;
	lineGraphics: boolean;
	backgroundMask: number;
	/** Plane offsets of the fonts for attribute bit 3 clear and set. */
	fonts: [number, number];
	underline: number;
	cursor: { address: number; first: number; last: number };
	colours: Uint32Array;
}

/** Offset in plane 2 of each of the eight fonts: IBM's order. */
const FONT_OFFSETS = [0x0000, 0x4000, 0x8000, 0xc000, 0x2000, 0x6000, 0xa000, 0xe000];

function textMode(s: VgaState): TextMode {
	const { attribute, crtc, sequencer } = s;
	const map = sequencer[SEQ_CHARACTER_MAP];
	const visible = !(crtc[CRTC_CURSOR_START] & CURSOR_OFF);
	return {
		columns: crtc[CRTC_HDISPLAY_END] + 1,
		cellWidth: characterWidth(s),
		dot: sequencer[SEQ_CLOCKING] & CLOCKING_HALF ? 2 : 1,
		lineGraphics: (attribute[ATTR_MODE] & ATTR_MODE_LINE_GRAPHICS) !== 0,
		backgroundMask: attribute[ATTR_MODE] & ATTR_MODE_BLINK ? 7 : 15,
		// Map B (bits 4, 1, 0) is for bit 3 clear, map A (bits 5, 3, 2) for bit 3 set.
		fonts: [FONT_OFFSETS[(map & 3) | ((map >> 2) & 4)], FONT_OFFSETS[((map >> 2) & 3) | ((map >> 3) & 4)]],
		underline: crtc[CRTC_UNDERLINE] & 0x1f,
		cursor: {
			address: visible ? cursorAddress(s) : -1,
			first: crtc[CRTC_CURSOR_START] & 0x1f,
			last: crtc[CRTC_CURSOR_END] & 0x1f,
		},
		colours: attributeColours(s),
	};
}

function cursorAddress({ crtc }: VgaState): number {
	return crtc[CRTC_CURSOR_HIGH] * 0x100 + crtc[CRTC_CURSOR_LOW];
}

/** Draws a text mode into `pixels`, `width` dots a line. */
export function drawText(
	s: VgaState,
	memory: Uint8Array,
	pixels: Uint32Array,
	width: number,
	height: number,
): void {
	const mode = textMode(s);
	forEachScanLine(s, height, (line, y) =>
		drawTextLine(mode, memory, line, pixels.subarray(y * width, (y + 1) * width)),
	);
}

function drawTextLine(mode: TextMode, memory: Uint8Array, line: ScanLine, out: Uint32Array): void {
	const { scan, panning } = line;
	const columns = mode.columns + (panning ? 1 : 0);
	for (let column = 0; column < columns; column++) {
		const address = (line.address + column) & PLANE_MASK;
		const code = memory[address * 4];
		const attribute = memory[address * 4 + 1];
		const foreground = mode.colours[attribute & 15];
		const background = mode.colours[(attribute >> 4) & mode.backgroundMask];
		const font = mode.fonts[(attribute >> 3) & 1];
		let bits = memory[(font + code * FONT_BYTES + scan) * 4 + 2] << 1;
		if (mode.lineGraphics && code >= 0xc0 && code <= 0xdf) bits |= (bits >> 1) & 1;
		if (isCursor(mode, address, scan) || isUnderlined(mode, attribute, scan)) bits = 0x1ff;
		drawCell(out, column * mode.cellWidth - panning, mode, bits, foreground, background);
	}
}

/** Nine bits of a shape, the leftmost in bit 8. */
function drawCell(
	out: Uint32Array,
	x: number,
	{ cellWidth, dot }: TextMode,
	bits: number,
	foreground: number,
	background: number,
): void {
	for (let i = 0; i < cellWidth; i++) {
		const lit = (bits >> (8 - (dot === 2 ? i >> 1 : i))) & 1;
		// Columns that hang over an edge fall outside the line, where writes are ignored.
		out[x + i] = lit ? foreground : background;
	}
}

function isCursor({ cursor }: TextMode, address: number, scan: number): boolean {
	return address === cursor.address && scan >= cursor.first && scan <= cursor.last;
}

/** Monochrome emulation's underline: blue on black, which is why colour modes put it below the cell. */
function isUnderlined({ underline }: TextMode, attribute: number, scan: number): boolean {
	return scan === underline && (attribute & 0x77) === 0x01;
}

/** A text mode's cells, row after row, from the start address on. */
export function readTextCells(s: VgaState, memory: Uint8Array): TextScreen {
	const { crtc } = s;
	const mode = textMode(s);
	const cellHeight = (crtc[CRTC_MAX_SCAN] & 0x1f) + 1;
	const scanLines = cellHeight * (crtc[CRTC_MAX_SCAN] & MAX_SCAN_DOUBLE ? 2 : 1);
	const rows = Math.floor((verticalDisplayEnd(s) + 1) / scanLines);
	const pitch = crtc[CRTC_OFFSET] * 2;
	const start = crtc[CRTC_START_HIGH] * 0x100 + crtc[CRTC_START_LOW];
	const screen: TextScreen = { columns: mode.columns, rows, cells: [], unrecognised: 0 };
	const cursorShown = mode.cursor.first <= mode.cursor.last && mode.cursor.first < cellHeight;
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < mode.columns; column++) {
			const address = (start + row * pitch + column) & PLANE_MASK;
			const attribute = memory[address * 4 + 1];
			screen.cells.push({
				text: unicode437(memory[address * 4]),
				foreground: rgb(mode.colours[attribute & 15]),
				background: rgb(mode.colours[(attribute >> 4) & mode.backgroundMask]),
				blink: mode.backgroundMask === 7 && attribute >= 0x80,
			});
			if (cursorShown && address === mode.cursor.address) screen.cursor = { column, row };
		}
	return screen;
}
