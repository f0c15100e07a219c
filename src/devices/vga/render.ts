/** From registers and video memory to a picture: a pure function. */
import { BLACK } from "./colours.ts";
import { type Display, display } from "./display.ts";
import { drawGraphics } from "./graphics.ts";
import { drawLinear } from "./linear.ts";
import type { Picture } from "./picture.ts";
import type { VgaState } from "./registers.ts";
import { drawText } from "./text.ts";

/** What a monitor shows of the adapter's state. */
export function render(state: VgaState, memory: Uint8Array): Picture {
	const shown = display(state);
	const picture = blankPicture(shown);
	draw(state, memory, shown, picture, () => true);
	return picture;
}

export function blankPicture({ width, height }: Display): Picture {
	return { width, height, data: new Uint8Array(width * height * 4) };
}

/**
 * Draws what `shown` describes over a picture of its size. In linear modes only the lines
 * that are `wanted`; the others need all of it, since any byte may show on many lines.
 */
export function draw(
	state: VgaState,
	memory: Uint8Array,
	{ kind, width, height }: Display,
	picture: Picture,
	wanted: (y: number) => boolean,
): void {
	const pixels = new Uint32Array(picture.data.buffer, picture.data.byteOffset, width * height);
	switch (kind) {
		case "off":
			pixels.fill(BLACK);
			break;
		case "text":
			drawText(state, memory, pixels, width, height);
			break;
		case "linear":
			drawLinear(state, memory, pixels, width, height, wanted);
			break;
		default:
			drawGraphics(state, kind, memory, pixels, width, height);
	}
}
