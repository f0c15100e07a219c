/** What the adapter shows, as data: pixels or character cells. */

/** 4 bytes a pixel, R G B A, rows from the top. */
export interface Picture {
	width: number;
	height: number;
	data: Uint8Array;
}

/** One character cell. Colours are 0xRRGGBB. */
export interface Cell {
	/** One Unicode character; U+FFFD where it could not be recognised. */
	text: string;
	foreground: number;
	background: number;
	/** The character blinks on the guest's monitor. */
	blink?: boolean;
}

/** A screen of character cells, row after row. */
export interface TextScreen {
	columns: number;
	rows: number;
	cells: Cell[];
	/** Absent where it is hidden or unknown. */
	cursor?: { column: number; row: number };
	/** How many cells hold U+FFFD. */
	unrecognised: number;
}

/** The rows of a text screen as strings, trailing blanks removed. */
export function textLines({ columns, rows, cells }: TextScreen): string[] {
	return Array.from({ length: rows }, (_, row) =>
		cells
			.slice(row * columns, (row + 1) * columns)
			.map((cell) => cell.text)
			.join("")
			.trimEnd(),
	);
}
