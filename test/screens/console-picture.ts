// Makes docs/console.svg, the README's picture, from a real run: `npx tsx test/screens/console-picture.ts`. The built
// console runs on a terminal of script(1)'s, @xterm/headless reads what it draws, and each cell becomes a piece of SVG.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type IBufferCell, Terminal } from "@xterm/headless";
import { buildDirectory } from "../../src/cli/node-host.ts";

const COLUMNS = 100;
const ROWS = 34;
const CELL = { width: 8, height: 17 };
const CAP = 60_000;
const OUTPUT = fileURLToPath(new URL("../../docs/console.svg", import.meta.url));

/** What is typed when the prompt is there, and what the last line brings. */
const TYPED = ["ls /\r", "load example\r", "modules\r", "pci\r"];

const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
const command = `stty rows ${ROWS} cols ${COLUMNS}; exec node ${join(buildDirectory(), "gantry.mjs")} boot`;
const child = spawn("script", ["-qec", command, "/dev/null"], {
	env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8" },
});
child.stdout.on("data", (data: Buffer) => terminal.write(data));

function text(): string {
	const { active } = terminal.buffer;
	return Array.from({ length: ROWS }, (_, y) => active.getLine(y)?.translateToString(true)).join("\n");
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
	await until(new RegExp(`rocket> ${line.trim()}\n[^]*\nrocket> *\\n`));
}
await setTimeout(1500);
writeFileSync(OUTPUT, svg());
child.stdin.write("\x1dq");

function svg(): string {
	const [width, height] = [COLUMNS * CELL.width, ROWS * CELL.height];
	const rows = Array.from({ length: ROWS }, (_, y) => row(y)).join("\n");
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<rect width="100%" height="100%" fill="#000"/>
<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">
${rows}
</g>
</svg>
`;
}

/** Runs of cells of one colour: a rectangle behind, the text in front. */
function row(y: number): string {
	const line = terminal.buffer.active.getLine(y)!;
	const parts: string[] = [];
	for (let x = 0; x < COLUMNS; ) {
		const cell = line.getCell(x)!;
		let end = x + 1;
		while (end < COLUMNS && colours(line.getCell(end)!) === colours(cell)) end++;
		parts.push(run(x, y, end, cell, line.translateToString(false, x, end)));
		x = end;
	}
	return parts.join("");
}

function run(x: number, y: number, end: number, cell: IBufferCell, content: string): string {
	const [left, top, width] = [x * CELL.width, y * CELL.height, (end - x) * CELL.width];
	const background = hex(cell.isBgDefault() ? 16 : cell.getBgColor());
	const back = `<rect x="${left}" y="${top}" width="${width}" height="${CELL.height}" fill="${background}"/>`;
	const shown = content.trimEnd();
	if (shown === "") return background === "#000000" ? "" : back;
	const fill = hex(cell.isFgDefault() ? 250 : cell.getFgColor());
	const length = `textLength="${shown.length * CELL.width}"`;
	return `${back}<text x="${left}" y="${top + 13}" fill="${fill}" ${length}>${escaped(shown)}</text>`;
}

function colours(cell: IBufferCell): string {
	return `${cell.getFgColor()} ${cell.getBgColor()}`;
}

/** xterm's colours 16 to 255. */
function hex(colour: number): string {
	const cube = (step: number) => (step === 0 ? 0 : 55 + step * 40);
	const index = colour - 16;
	const channels =
		colour >= 232
			? new Array(3).fill(8 + (colour - 232) * 10)
			: [cube(Math.floor(index / 36)), cube(Math.floor(index / 6) % 6), cube(index % 6)];
	return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function escaped(content: string): string {
	return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
