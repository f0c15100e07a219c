// The screen, as a script sees it: as text where there is text, else as a picture.

import type { Picture, Screen, TextScreen } from "../machine/types.ts";
import type { Host } from "./host.ts";

/** Guest nanoseconds between two looks at the screen: reading text out of pixels is dear. */
const LOOK = 50_000_000;

/** How a script waits; the session has it. */
export type Wait = <T>(what: string, within: number | undefined, look: () => T | undefined) => Promise<T>;

export class ScreenView {
	readonly #screen: Screen;
	readonly #host: Host;
	readonly #now: () => number;
	readonly #wait: Wait;

	constructor(screen: Screen, host: Host, now: () => number, wait: Wait) {
		this.#screen = screen;
		this.#host = host;
		this.#now = now;
		this.#wait = wait;
	}

	/** The cells of a text mode, or those read from a framebuffer's pixels; undefined where there is no text. */
	cells(): TextScreen | undefined {
		return this.#screen.textCells() ?? this.#screen.recogniseText();
	}

	/** The screen's text, a line for each row, without spaces at the ends; "" where there is no text. */
	text(): string {
		const cells = this.cells();
		return cells ? textOf(cells) : "";
	}

	/** What a monitor would show. */
	picture(): Picture {
		return this.#screen.render();
	}

	/** What a monitor would show, as a PNG file's bytes. */
	png(): Uint8Array {
		return this.#host.encodePng(this.picture());
	}

	/**
	 * Waits until the screen's text matches, and returns the match.
	 * @param within guest seconds, default 30
	 * @throws Timeout, Stopped
	 */
	expect(pattern: string | RegExp, options: { within?: number } = {}): Promise<string> {
		let next = 0;
		return this.#wait(`${show(pattern)} on the screen`, options.within, () => {
			if (this.#now() < next) return undefined;
			next = (Math.floor(this.#now() / LOOK) + 1) * LOOK;
			return matchIn(this.text(), pattern);
		});
	}
}

export function textOf(screen: TextScreen): string {
	const lines = [];
	for (let row = 0; row < screen.rows; row++) {
		const cells = screen.cells.slice(row * screen.columns, (row + 1) * screen.columns);
		lines.push(
			cells
				.map((cell) => cell.text)
				.join("")
				.trimEnd(),
		);
	}
	return lines.join("\n").trimEnd();
}

/** A pattern as a person would write it. */
export function show(pattern: string | RegExp): string {
	return typeof pattern === "string" ? JSON.stringify(pattern) : String(pattern);
}

/** The first match, if there is one. */
export function matchIn(text: string, pattern: string | RegExp): string | undefined {
	if (typeof pattern === "string") return text.includes(pattern) ? pattern : undefined;
	return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(text)?.[0];
}
