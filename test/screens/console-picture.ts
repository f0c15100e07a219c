// Makes docs/console.png, the README's picture, from a real run: `npx tsx test/screens/console-picture.ts`. The built
// console runs on a terminal of script(1)'s, @xterm/headless reads what it draws, and Gantry's font draws each cell.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { IBufferCell } from "@xterm/headless";
import { buildDirectory, NodeHost } from "../../src/cli/node-host.ts";
import { unicode437 } from "../../src/devices/vga/codepage437.ts";
import type { Picture } from "../../src/machine/types.ts";

// A CommonJS package whose exports Node cannot name.
const { Terminal } = createRequire(import.meta.url)("@xterm/headless") as typeof import("@xterm/headless");

const COLUMNS = 100;
const ROWS = 34;
const CELL = { width: 8, height: 16 };
const LIGHT_GREY = 250;
const BLACK = 16;
const CAP = 60_000;
const OUTPUT = fileURLToPath(new URL("../../docs/console.png", import.meta.url));

const font = new Uint8Array(readFileSync(join(buildDirectory(), "font-8x16.bin")));
const glyphs = new Map(Array.from({ length: 256 }, (_, code) => [unicode437(code), code]));

/** What is typed when the prompt is there, and what the last line brings. */
const TYPED = ["ls /\r", "pci\r", "load example\r", "modules\r"];

const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
const command = `stty rows ${ROWS} cols ${COLUMNS}; exec node ${join(buildDirectory(), "gantry.mjs")} boot`;
const child = spawn("script", ["-qec", command, "/dev/null"], {
	env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8" },
});
child.stdout.on("data", (data: Buffer) => terminal.write(data));

function text(): string {
	const { active } = terminal.buffer;
	return Array.from({ length: ROWS }, (_, y) => active.getLine(y)?.translateToString().trimEnd()).join("\n");
}

async function until(pattern: RegExp): Promise<void> {
	for (const end = performance.now() + CAP; performance.now() < end; await setTimeout(50)) {
		if (pattern.test(text())) return;
	}
	throw new Error(`no ${pattern} on the terminal:\n${text()}`);
}

await until(/^rocket>/m);
for (const line of TYPED) {
	child.stdin.write(line);
	await until(new RegExp(`rocket> ${line.trim()}\n(.|\n)*\nrocket>\\n`));
}
await setTimeout(1500);
writeFileSync(OUTPUT, new NodeHost().encodePng(picture()));
child.stdin.write("\x1dq");

function picture(): Picture {
	const [width, height] = [COLUMNS * CELL.width, ROWS * CELL.height];
	const result = { width, height, data: new Uint8Array(width * height * 4).fill(255) };
	for (let y = 0; y < ROWS; y++) {
		const line = terminal.buffer.active.getLine(y)!;
		for (let x = 0; x < COLUMNS; x++) draw(result, x, y, line.getCell(x)!);
	}
	return result;
}

function draw(target: Picture, x: number, y: number, cell: IBufferCell): void {
	const glyph = glyphs.get(cell.getChars()) ?? 0;
	const foreground = rgb(cell.isFgDefault() ? LIGHT_GREY : cell.getFgColor());
	const background = rgb(cell.isBgDefault() ? BLACK : cell.getBgColor());
	for (let line = 0; line < CELL.height; line++) {
		for (let column = 0; column < CELL.width; column++) {
			const set = (font[glyph * CELL.height + line] >> (7 - column)) & 1;
			const at = ((y * CELL.height + line) * target.width + x * CELL.width + column) * 4;
			target.data.set(set ? foreground : background, at);
		}
	}
}

/** xterm's colours 16 to 255. */
function rgb(colour: number): number[] {
	const cube = (step: number) => (step === 0 ? 0 : 55 + step * 40);
	const index = colour - 16;
	if (colour >= 232) return new Array(3).fill(8 + (colour - 232) * 10);
	return [cube(Math.floor(index / 36)), cube(Math.floor(index / 6) % 6), cube(index % 6)];
}
