/**
 * What one sees of the adapter: pictures and text, redrawn only where something changed.
 *
 * Pictures are never changed after they were handed out; while nothing changes, the same one is
 * handed out again. This object holds no state of the machine: it can be dropped and made anew.
 */
import { type Display, display } from "./display.ts";
import { linearLayout } from "./linear.ts";
import type { Picture, TextScreen } from "./picture.ts";
import { recogniseText } from "./recognise.ts";
import type { VgaState } from "./registers.ts";
import { blankPicture, draw } from "./render.ts";
import { readTextCells } from "./text.ts";
import type { Vga } from "./vga.ts";

const PAGE = 4096;

export class VgaScreen {
	#vga: Pick<Vga, "state" | "storage" | "takeDirty">;
	#fonts: Uint8Array[];
	#picture: Picture | undefined;
	#registers: Uint8Array | undefined;
	#read: { picture: Picture; text: TextScreen | undefined } | undefined;

	/** @param fonts what guests may draw with: 256 shapes of 8 dots each, a byte a row */
	constructor(vga: Pick<Vga, "state" | "storage" | "takeDirty">, fonts: Uint8Array[] = []) {
		this.#vga = vga;
		this.#fonts = fonts;
	}

	/** What a monitor would show now. */
	render(): Picture {
		const { state, storage } = this.#vga;
		const dirty = this.#vga.takeDirty();
		const registers = pictureRegisters(state);
		const same = this.#registers !== undefined && equal(registers, this.#registers);
		if (this.#picture && same && dirty.size === 0) return this.#picture;
		const shown = display(state);
		const picture = blankPicture(shown);
		if (this.#picture && same) {
			const lines = dirtyLines(state, shown, dirty);
			if (!lines.includes(1)) return this.#picture;
			picture.data.set(this.#picture.data);
			draw(state, storage.bytes, shown, picture, (y) => lines[y] === 1);
		} else draw(state, storage.bytes, shown, picture, () => true);
		this.#picture = picture;
		this.#registers = registers;
		return picture;
	}

	/** The cells of a text mode; undefined in a graphics mode. */
	textCells(): TextScreen | undefined {
		const { state, storage } = this.#vga;
		return display(state).kind === "text" ? readTextCells(state, storage.bytes) : undefined;
	}

	/** In a graphics mode, the text read from the pixels; undefined where there is none. */
	recogniseText(): TextScreen | undefined {
		const { kind } = display(this.#vga.state);
		if (kind === "text" || kind === "off") return undefined;
		const picture = this.render();
		if (this.#read?.picture !== picture) this.#read = { picture, text: this.#recognise(picture) };
		return this.#read.text;
	}

	/** Reads with the font that leaves the fewest cells unread. */
	#recognise(picture: Picture): TextScreen | undefined {
		const readings = this.#fonts.map((font) => recogniseText(picture, font)).filter(isText);
		readings.sort((a, b) => a.unrecognised / a.cells.length - b.unrecognised / b.cells.length);
		return readings[0];
	}
}

/** Whether more cells were read than not, blanks aside. */
function isText({ cells, unrecognised }: TextScreen): boolean {
	const read = cells.filter((cell) => cell.text !== " ").length - unrecognised;
	return read > unrecognised;
}

/** Every register, for comparing: any change of one may change the picture. */
function pictureRegisters(s: VgaState): Uint8Array {
	const { attribute, crtc, dac, graphics, sequencer } = s;
	const dispi = new Uint8Array(s.dispi.buffer, s.dispi.byteOffset, s.dispi.byteLength);
	const parts = [attribute, crtc, dac, graphics, sequencer, dispi, [s.misc, s.attributeIndex, s.dacMask]];
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** One flag a line: some of its bytes lie in a page that was written. In VGA modes all lines or none. */
function dirtyLines(s: VgaState, { kind, height }: Display, pages: Set<number>): Uint8Array {
	const lines = new Uint8Array(height);
	if (kind === "off") return lines;
	if (kind !== "linear") return lines.fill(1);
	const { start, pitch } = linearLayout(s);
	for (const page of pages) {
		const first = Math.floor((page * PAGE - start) / pitch);
		const last = Math.floor((page * PAGE + PAGE - 1 - start) / pitch);
		for (let y = Math.max(0, first); y <= Math.min(height - 1, last); y++) lines[y] = 1;
	}
	return lines;
}
