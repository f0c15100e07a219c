// The terminal, by blessed: whole frames of cells out, keys in. blessed knows the terminals, keeps what is on the
// screen and sends what has changed; it takes over on entry and gives the terminal back as it was, also
// when the process ends by an exception or a signal.

import type { Duplex } from "node:stream";
import blessed from "blessed";
import type { Cell } from "../machine/types.ts";
import { xtermColour } from "./colours.ts";
import type { TerminalKey } from "./guest-keys.ts";

export interface Frame {
	rows: Cell[][];
	/** Where the terminal's own cursor goes; hidden without. */
	cursor?: { column: number; row: number };
}

/** What blessed keeps for the screen: lines of [attribute, character], and whether a line changed. */
type ScreenCell = [attribute: number, character: string];
type Line = ScreenCell[] & { dirty: boolean };
type BlessedScreen = blessed.Widgets.Screen & { lines: Line[] };

export interface Streams {
	input?: Duplex;
	output?: Duplex;
	/** terminfo's name. */
	terminal?: string;
}

type Keypress = (character: string | undefined, key: TerminalKey | undefined) => void;

export class Terminal {
	onResize: () => void = () => {};
	readonly #screen: BlessedScreen;

	/** @param streams a terminal other than the process's own */
	constructor(title: string, onKey: Keypress, streams: Streams = {}) {
		const options = { title, forceUnicode: unicode(), terminal: terminalName(), ...streams };
		const screen = quietly(() => blessed.screen(options));
		this.#screen = screen as BlessedScreen;
		this.#screen.on("keypress", (character: string | undefined, key: TerminalKey | undefined) => {
			// blessed reports the Enter key twice, as "return" and as "enter".
			if (key?.name === "enter" && key.sequence === "\r") return;
			onKey(character, key);
		});
		this.#screen.on("resize", () => this.onResize());
	}

	get columns(): number {
		return Number(this.#screen.width);
	}

	get rows(): number {
		return Number(this.#screen.height);
	}

	/** Shows a frame; what it does not cover stays as it was. */
	show({ rows, cursor }: Frame): void {
		const { lines, program } = this.#screen;
		for (const [y, cells] of rows.entries()) if (lines[y]) paint(lines[y], cells);
		this.#screen.draw(0, lines.length - 1);
		if (cursor) {
			program.cup(cursor.row, cursor.column);
			program.showCursor();
		} else program.hideCursor();
		program.flush();
	}

	/** Gives the terminal back. */
	close(): void {
		this.#screen.destroy();
	}
}

function paint(line: Line, cells: Cell[]): void {
	for (let x = 0; x < line.length; x++) {
		const cell = cells[x];
		if (!cell) continue;
		const attribute = (xtermColour(cell.foreground) << 9) | xtermColour(cell.background);
		const character = printable(cell.text);
		if (line[x][0] === attribute && line[x][1] === character) continue;
		line[x] = [attribute, character];
		line.dirty = true;
	}
}

/** Control characters would move the terminal's cursor; wide ones would move the rest of the line. */
function printable(text: string): string {
	return /^[\u0020-\u007e\u00a1-\u02ff\u0370-\u03ff\u2010-\u2027\u2030-\u205e\u2070-\u25fc\u2600-\u266f\ufffd]$/u.test(
		text,
	)
		? text
		: " ";
}

/** Unless the locale says that it is something else, a terminal today speaks UTF-8. */
function unicode(): boolean {
	const { LC_ALL, LC_CTYPE, LANG } = process.env;
	const locale = LC_ALL || LC_CTYPE || LANG;
	return !locale || /utf-?8/i.test(locale) || !/\./.test(locale);
}

/**
 * blessed cannot read every terminfo entry (tmux's and screen's not at all) and falls back to eight colours then. What
 * these terminals have in common is xterm's language; only the plainest have less.
 */
function terminalName(): string {
	const { TERM = "xterm-256color" } = process.env;
	return /^(linux|vt\d|ansi|dumb|xterm$)/.test(TERM) ? TERM : "xterm-256color";
}

/** blessed prints what it could not read of a terminfo entry, although it goes on without. */
function quietly<T>(act: () => T): T {
	const { error } = console;
	console.error = () => {};
	try {
		return act();
	} finally {
		console.error = error;
	}
}
