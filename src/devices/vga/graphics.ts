/**
 * The VGA's graphics modes: how a column of four plane bytes becomes dots.
 *
 *   planar   bit 7-i of each plane makes pixel i: 8 pixels of 16 colours
 *   cga      planes 0 and 1 hold four 2-bit pixels each, planes 2 and 3 their upper two bits
 *   packed   plane p is pixel p: 4 pixels of 256 colours, two dots wide (mode 13h, mode X)
 */
import { attributeColours, dacColours } from "./colours.ts";
import { forEachScanLine, graphicsColumn, type Kind, PLANE_MASK } from "./display.ts";
import { CRTC_HDISPLAY_END, type VgaState } from "./registers.ts";

const DOTS = 8;

/** Fills `dots` with the colours of one column. */
type Serialise = (memory: Uint8Array, at: number, colours: Uint32Array, dots: Uint32Array) => void;

const serialisers: Partial<Record<Kind, Serialise>> = {
	planar(memory, at, colours, dots) {
		const [p0, p1, p2, p3] = [memory[at], memory[at + 1], memory[at + 2], memory[at + 3]];
		for (let i = 0, bit = 7; i < DOTS; i++, bit--)
			dots[i] =
				colours[
					((p0 >> bit) & 1) | (((p1 >> bit) & 1) << 1) | (((p2 >> bit) & 1) << 2) | (((p3 >> bit) & 1) << 3)
				];
	},
	cga(memory, at, colours, dots) {
		for (let i = 0; i < DOTS; i++) {
			const odd = i >> 2;
			const shift = 6 - (i & 3) * 2;
			dots[i] = colours[((memory[at + odd] >> shift) & 3) | (((memory[at + 2 + odd] >> shift) & 3) << 2)];
		}
	},
	packed(memory, at, colours, dots) {
		for (let i = 0; i < DOTS; i++) dots[i] = colours[memory[at + (i >> 1)]];
	},
};

/** Draws a planar, CGA or 256-colour mode into `pixels`, `width` dots a line. */
export function drawGraphics(
	s: VgaState,
	kind: Kind,
	memory: Uint8Array,
	pixels: Uint32Array,
	width: number,
	height: number,
): void {
	const serialise = serialisers[kind]!;
	const colours = kind === "packed" ? dacColours(s) : attributeColours(s);
	const repeat = graphicsColumn(s) / DOTS;
	const dots = new Uint32Array(DOTS);
	forEachScanLine(s, height, ({ address, panning }, y) => {
		const columns = s.crtc[CRTC_HDISPLAY_END] + 1 + (panning ? 1 : 0);
		const out = pixels.subarray(y * width, (y + 1) * width);
		let x = -panning;
		for (let column = 0; column < columns; column++) {
			serialise(memory, ((address + column) & PLANE_MASK) * 4, colours, dots);
			// Dots that hang over an edge fall outside the line, where writes are ignored.
			for (let i = 0; i < DOTS; i++) for (let n = 0; n < repeat; n++) out[x++] = dots[i];
		}
	});
}
