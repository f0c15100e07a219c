/**
 * Gantry's font: code page 437, drawn for this project in three heights.
 *
 *   gantry-8x16.txt   text modes of 25 lines, the kernel's framebuffer console
 *   gantry-8x14.txt   the EGA height (INT 10h AX=1101h)
 *   gantry-8x8.txt    50 lines, graphics modes (INT 10h AX=1112h, INT 43h)
 *
 * A file holds 256 glyphs in code order: a line `# 41 A` (code, character), then one line a
 * row, eight characters, `#` lit and `.` dark, leftmost first. Edit them in a text editor.
 *
 *   npx tsx firmware/font/font.ts 8x16 c OUT.c SYMBOL    const unsigned char SYMBOL[256][16]
 *   npx tsx firmware/font/font.ts 8x16 bin OUT.bin       4096 bytes: glyph by glyph, a byte a row, bit 7 leftmost
 *   npx tsx firmware/font/font.ts 8x16 png OUT.png       a picture of all 256, to look at
 */
import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

const USAGE = "usage: font.ts 8x16|8x14|8x8 c OUT.c SYMBOL | bin OUT.bin | png OUT.png";
const GLYPHS = 256;

/** Reads a font file's text. @throws with the line number where it departs from the format */
export function parseFont(text: string, height: number): Uint8Array {
	const font = new Uint8Array(GLYPHS * height);
	let code = -1;
	let row = height;
	text.split("\n").forEach((line, index) => {
		const fail = (why: string) => new Error(`font line ${index + 1}: ${why}: ${line}`);
		const head = /^# ([0-9A-F]{2}) /.exec(line);
		if (head) {
			if (row !== height) throw fail(`the glyph before has ${row} rows, not ${height}`);
			if (Number.parseInt(head[1], 16) !== ++code) throw fail("glyphs are not in order");
			row = 0;
		} else if (line !== "") {
			if (!/^[.#]{8}$/.test(line)) throw fail("a row is eight times # or .");
			if (code < 0 || row >= height) throw fail(`more than ${height} rows`);
			font[code * height + row++] = Number.parseInt(line.replaceAll("#", "1").replaceAll(".", "0"), 2);
		}
	});
	if (code !== GLYPHS - 1 || row !== height) throw new Error(`font ends inside glyph ${code} at row ${row}`);
	return font;
}

function toC(font: Uint8Array, height: number, symbol: string): string {
	const glyph = (code: number) => {
		const rows = Array.from(font.subarray(code * height, (code + 1) * height));
		return `\t{ ${rows.map((row) => "0x" + row.toString(16).padStart(2, "0")).join(", ")} },\n`;
	};
	const glyphs = Array.from({ length: GLYPHS }, (_, code) => glyph(code));
	return `/* Made by firmware/font/font.ts. */\nconst unsigned char ${symbol}[${GLYPHS}][${height}] = {\n${glyphs.join("")}};\n`;
}

/** All glyphs in eight lines of 32, each dot `scale` pixels wide. */
function toPng(font: Uint8Array, height: number, scale = 3): Buffer {
	const png = new PNG({ width: 32 * 8 * scale, height: 8 * height * scale });
	for (let y = 0; y < png.height; y++)
		for (let x = 0; x < png.width; x++) {
			const dotX = Math.floor(x / scale);
			const dotY = Math.floor(y / scale);
			const code = Math.floor(dotY / height) * 32 + (dotX >> 3);
			const lit = (font[code * height + (dotY % height)] >> (7 - (dotX & 7))) & 1;
			png.data.set(lit ? [208, 208, 208, 255] : [0, 0, 0, 255], (y * png.width + x) * 4);
		}
	return PNG.sync.write(png);
}

function main([size, format, out, symbol]: string[]): void {
	const height = { "8x16": 16, "8x14": 14, "8x8": 8 }[size ?? ""];
	if (!height || !out) throw new Error(USAGE);
	const font = parseFont(readFileSync(new URL(`gantry-${size}.txt`, import.meta.url), "utf8"), height);
	if (format === "bin") writeFileSync(out, font);
	else if (format === "png") writeFileSync(out, toPng(font, height));
	else if (format === "c" && symbol) writeFileSync(out, toC(font, height, symbol));
	else throw new Error(USAGE);
}

if (import.meta.url === new URL(process.argv[1], "file:").href) {
	try {
		main(process.argv.slice(2));
	} catch (error) {
		console.error((error as Error).message);
		process.exitCode = 2;
	}
}
