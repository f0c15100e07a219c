// The guest's screen in terminal cells. Text stays text: where it is larger than the room for it, a window follows
// the cursor. Graphics become half blocks, two pixels a cell, scaled to fit.

import type { Cell, Picture, Screen, TextScreen } from "../machine/types.ts";

/** Rows of cells, exactly as many as there is room for. */
export type Grid = Cell[][];

export interface View {
	grid: Grid;
	/** Where the guest's cursor is in the grid, if it is in sight. */
	cursor?: { column: number; row: number };
}

const BLANK: Cell = { text: " ", foreground: 0, background: 0 };
const UPPER_HALF = "\u2580";

/** Keeps the window's place from one frame to the next, so that text does not jump. */
export class GuestView {
	#left = 0;
	#top = 0;

	/** What the screen shows now, in `columns` by `rows` cells. */
	show(screen: Screen, columns: number, rows: number): View {
		const text = screen.textCells() ?? readable(screen.recogniseText());
		return text ? this.#text(text, columns, rows) : { grid: halfBlocks(screen.render(), columns, rows) };
	}

	#text(text: TextScreen, columns: number, rows: number): View {
		const focus = text.cursor ?? lastWritten(text);
		this.#left = follow(this.#left, focus.column, columns, text.columns);
		this.#top = follow(this.#top, focus.row, rows, text.rows);
		const grid = Array.from({ length: rows }, (_, y) =>
			Array.from({ length: columns }, (_, x) => cellAt(text, this.#left + x, this.#top + y)),
		);
		if (!text.cursor) return { grid };
		const cursor = { column: text.cursor.column - this.#left, row: text.cursor.row - this.#top };
		return cursor.column < columns && cursor.row < rows ? { grid, cursor } : { grid };
	}
}

/** Text read from pixels counts as text only if every cell could be read: else something would be lost. */
function readable(text: TextScreen | undefined): TextScreen | undefined {
	return text?.unrecognised === 0 ? text : undefined;
}

/** Where somebody who reads would look, when the cursor is unknown. */
function lastWritten(text: TextScreen): { column: number; row: number } {
	const last = text.cells.findLastIndex((cell) => cell.text.trim() !== "");
	return { column: 0, row: Math.max(0, Math.floor(last / text.columns)) };
}

/** The window's first column or row: moved no more than it must so that `focus` is in sight. */
function follow(start: number, focus: number, room: number, size: number): number {
	const first = Math.min(start, focus);
	const shifted = focus >= first + room ? focus - room + 1 : first;
	return Math.max(0, Math.min(shifted, size - room));
}

function cellAt(text: TextScreen, x: number, y: number): Cell {
	if (x >= text.columns || y >= text.rows) return BLANK;
	return text.cells[y * text.columns + x];
}

/** A picture as upper half blocks: the foreground is the upper pixel, the background the lower. */
export function halfBlocks(picture: Picture, columns: number, rows: number): Grid {
	const scale = Math.min(columns / picture.width, (rows * 2) / picture.height);
	const width = Math.max(1, Math.floor(picture.width * scale));
	const height = Math.max(1, Math.floor(picture.height * scale));
	const left = Math.floor((columns - width) / 2);
	const top = Math.floor((rows - Math.ceil(height / 2)) / 2);
	const pixel = (x: number, y: number) => (y < height ? average(picture, x, y, width, height) : 0);
	return Array.from({ length: rows }, (_, row) =>
		Array.from({ length: columns }, (_, column) => {
			const x = column - left;
			const y = (row - top) * 2;
			if (x < 0 || x >= width || y < 0 || y >= height) return BLANK;
			return { text: UPPER_HALF, foreground: pixel(x, y), background: pixel(x, y + 1) };
		}),
	);
}

/** The mean colour of the part of the picture that falls on pixel (x, y) of a width by height one. */
function average(picture: Picture, x: number, y: number, width: number, height: number): number {
	const { width: w, height: h, data } = picture;
	const [x0, x1] = [Math.floor((x * w) / width), Math.max(Math.ceil(((x + 1) * w) / width), 1)];
	const [y0, y1] = [Math.floor((y * h) / height), Math.max(Math.ceil(((y + 1) * h) / height), 1)];
	let [red, green, blue, count] = [0, 0, 0, 0];
	for (let py = y0; py < Math.min(y1, h); py++) {
		for (let px = x0; px < Math.min(x1, w); px++) {
			const at = (py * w + px) * 4;
			red += data[at];
			green += data[at + 1];
			blue += data[at + 2];
			count++;
		}
	}
	return (Math.round(red / count) << 16) | (Math.round(green / count) << 8) | Math.round(blue / count);
}
