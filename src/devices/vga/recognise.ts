/**
 * Reads text from pixels: a guest that draws its own characters (a framebuffer console) still
 * has a screen of text. The picture is cut into cells of the font's size from the top left; a cell
 * of two colours whose shape is exactly a glyph of the font is that character.
 *
 * A cell of one colour is a blank. Where a few rows in the lower half are lit across, the cell is
 * read by its other rows: an underline cursor. Everything else is U+FFFD.
 */
import { unicode437 } from "./codepage437.ts";
import { rgb } from "./colours.ts";
import type { Cell, Picture, TextScreen } from "./picture.ts";

const GLYPHS = 256;
const CELL_WIDTH = 8;
const UNKNOWN = "\ufffd";
/** An underline cursor is at most this many rows high. */
const CURSOR_ROWS = 4;
const LIT_ACROSS = 0xff;
/** Shapes that several codes share: the first in this order wins. */
const PREFERRED = [...range(0x20, 0x7f), ...range(0x80, 0x100), ...range(0, 0x20), 0x7f];

interface Font {
	height: number;
	/** Code by shape: the rows as a string of one character each. */
	codes: Map<string, number>;
	shapes: Uint8Array;
}

/** @param font 256 shapes, a byte a row, bit 7 leftmost: 4096 bytes for 8x16 */
export function recogniseText(picture: Picture, font: Uint8Array): TextScreen {
	const known = indexFont(font);
	const pixels = new Uint32Array(
		picture.data.buffer,
		picture.data.byteOffset,
		picture.width * picture.height,
	);
	const columns = Math.floor(picture.width / CELL_WIDTH);
	const rows = Math.floor(picture.height / known.height);
	const screen: TextScreen = { columns, rows, cells: [], unrecognised: 0 };
	const backdrop = commonest(pixels, picture.width, columns, rows, known.height);
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) {
			const at = row * known.height * picture.width + column * CELL_WIDTH;
			const { cell, underlined } = readCell(pixels, at, picture.width, known, backdrop);
			screen.cells.push(cell);
			if (cell.text === UNKNOWN) screen.unrecognised++;
			if (underlined) screen.cursor = { column, row };
		}
	return screen;
}

function indexFont(font: Uint8Array): Font {
	const height = font.length / GLYPHS;
	const codes = new Map<string, number>();
	for (const code of PREFERRED) {
		const shape = String.fromCharCode(...font.subarray(code * height, (code + 1) * height));
		if (!codes.has(shape)) codes.set(shape, code);
	}
	return { height, codes, shapes: font };
}

/** The colour that most cells have in their top left corner. */
function commonest(
	pixels: Uint32Array,
	width: number,
	columns: number,
	rows: number,
	height: number,
): number {
	const counts = new Map<number, number>();
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) {
			const colour = pixels[row * height * width + column * CELL_WIDTH];
			counts.set(colour, (counts.get(colour) ?? 0) + 1);
		}
	return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

interface Reading {
	cell: Cell;
	underlined: boolean;
}

function readCell(pixels: Uint32Array, at: number, width: number, font: Font, backdrop: number): Reading {
	const first = pixels[at];
	let second = first;
	let shape: number[] = [];
	for (let row = 0; row < font.height; row++) {
		let bits = 0;
		for (let x = 0; x < CELL_WIDTH; x++) {
			const colour = pixels[at + row * width + x];
			bits <<= 1;
			if (colour === first) continue;
			if (second === first) second = colour;
			if (colour !== second) return unknown(first);
			bits |= 1;
		}
		shape.push(bits);
	}
	// Either colour may be the background; the backdrop's is likelier, then the corner's.
	const inverse = second === backdrop && second !== first;
	const [background, foreground] = inverse ? [second, first] : [first, second];
	if (inverse) shape = invert(shape);
	return (
		readShape(shape, font, foreground, background) ??
		readShape(invert(shape), font, background, foreground) ??
		readUnderlined(shape, font, foreground, background) ??
		unknown(first)
	);
}

function unknown(colour: number): Reading {
	return { cell: { text: UNKNOWN, foreground: rgb(colour), background: rgb(colour) }, underlined: false };
}

function invert(shape: number[]): number[] {
	return shape.map((bits) => bits ^ 0xff);
}

function readShape(shape: number[], font: Font, foreground: number, background: number): Reading | undefined {
	const code = font.codes.get(String.fromCharCode(...shape));
	if (code === undefined) return undefined;
	const cell = { text: unicode437(code), foreground: rgb(foreground), background: rgb(background) };
	return { cell, underlined: false };
}

function readUnderlined(
	shape: number[],
	font: Font,
	foreground: number,
	background: number,
): Reading | undefined {
	const half = font.height >> 1;
	const first = shape.indexOf(LIT_ACROSS, half);
	if (first < 0) return undefined;
	let end = first;
	while (shape[end] === LIT_ACROSS) end++;
	if (end - first > CURSOR_ROWS) return undefined;
	const fits = (code: number) =>
		shape.every((bits, y) => (y >= first && y < end) || bits === font.shapes[code * font.height + y]);
	const code = PREFERRED.find(fits);
	if (code === undefined) return undefined;
	const cell = { text: unicode437(code), foreground: rgb(foreground), background: rgb(background) };
	return { cell, underlined: true };
}

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from }, (_, i) => from + i);
}
