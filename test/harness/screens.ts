// Golden screens: exact to the pixel. A difference is shown as where it is, as the screen's text, and as pictures under
// build/differences/. The goldens are QEMU's pictures of the same session (test/screens/make.ts).
//
// Addresses in the kernel depend on the compiler that built it. Where a session shows some, the cells of hexadecimal numbers
// are left out of the comparison, once the text around them has been found equal; and so is what lies below a given line,
// if which calls were inlined decides how many lines there are.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { parseFont } from "../../firmware/font/font.ts";
import { textLines } from "../../src/devices/vga/picture.ts";
import { recogniseText } from "../../src/devices/vga/recognise.ts";
import type { Session } from "../../src/script/session.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const font = parseFont(readFileSync(join(ROOT, "firmware/font/gantry-8x16.txt"), "utf8"), 16);
const GOLDENS = join(ROOT, "test/screens");
const DIFFERENCES = join(ROOT, "build/differences");

export interface Mask {
	/** Cells of numbers with 8 hexadecimal digits or more are not compared. */
	numbers?: boolean;
	/** Nothing below this line is compared. */
	below?: string;
}

export function goldenPath(name: string): string {
	return join(GOLDENS, `${name}.png`);
}

/** @throws Error with where the pictures differ, and what the screen says */
export function expectScreen(session: Session, name: string, mask: Mask = {}): void {
	if (!existsSync(goldenPath(name)))
		throw new Error(`there is no ${goldenPath(name)}: make it with test/screens/make.ts`);
	const golden = PNG.sync.read(readFileSync(goldenPath(name)));
	const actual = PNG.sync.read(Buffer.from(session.screen.png()));
	if (sameSize(golden, actual)) blank(golden, actual, mask);
	if (sameSize(golden, actual) && golden.data.equals(actual.data)) return;
	const paths = saveDifference(name, golden, actual);
	throw new Error(`${describe(golden, actual)}\n${paths}\nthe screen says:\n${session.screen.text()}`);
}

function sameSize(a: PNG, b: PNG): boolean {
	return a.width === b.width && a.height === b.height;
}

const CELL = { width: 8, height: 16 };
const NUMBER = /\b[0-9a-f]{8,16}\b/g;

/** Blackens what the mask leaves out, in both pictures. Numbers stay where the two have them in different places. */
function blank(golden: PNG, actual: PNG, { numbers, below }: Mask): void {
	const wanted = linesOf(golden);
	const found = linesOf(actual);
	const end = below === undefined ? -1 : wanted.indexOf(below);
	for (const [row, line] of wanted.entries()) {
		if (end >= 0 && row > end && found[end] === below)
			blacken([golden, actual], row, 0, golden.width / CELL.width);
		if (!numbers || line.replace(NUMBER, numeral) !== found[row].replace(NUMBER, numeral)) continue;
		for (const match of line.matchAll(NUMBER)) blacken([golden, actual], row, match.index, match[0].length);
	}
}

function numeral(digits: string): string {
	return "#".repeat(digits.length);
}

function linesOf({ width, height, data }: PNG): string[] {
	return textLines(recogniseText({ width, height, data }, font)).map((line) => line.trimEnd());
}

function blacken(pictures: PNG[], row: number, column: number, length: number): void {
	for (const { data, width } of pictures) {
		for (let y = row * CELL.height; y < (row + 1) * CELL.height; y++) {
			const from = (y * width + column * CELL.width) * 4;
			data.fill(0, from, from + length * CELL.width * 4);
		}
	}
}

function describe(golden: PNG, actual: PNG): string {
	if (!sameSize(golden, actual)) {
		return `the screen has ${actual.width}x${actual.height} pixels, the golden ${golden.width}x${golden.height}`;
	}
	let [left, top, right, bottom, count] = [golden.width, golden.height, -1, -1, 0];
	for (let y = 0; y < golden.height; y++) {
		for (let x = 0; x < golden.width; x++) {
			const at = (y * golden.width + x) * 4;
			if (golden.data.readUInt32BE(at) === actual.data.readUInt32BE(at)) continue;
			[left, top, right, bottom] = [
				Math.min(left, x),
				Math.min(top, y),
				Math.max(right, x),
				Math.max(bottom, y),
			];
			count++;
		}
	}
	return `${count} pixels differ, all within (${left}, ${top}) to (${right}, ${bottom})`;
}

/** Writes what there is, what was wanted, and the two on top of each other with the differences in red. */
function saveDifference(name: string, golden: PNG, actual: PNG): string {
	const path = (kind: string) => join(DIFFERENCES, `${name}-${kind}.png`);
	mkdirSync(dirname(path("actual")), { recursive: true });
	writeFileSync(path("actual"), PNG.sync.write(actual));
	writeFileSync(path("golden"), PNG.sync.write(golden));
	if (sameSize(golden, actual)) {
		const difference = new PNG({ width: golden.width, height: golden.height });
		pixelmatch(golden.data, actual.data, difference.data, golden.width, golden.height, { threshold: 0 });
		writeFileSync(path("difference"), PNG.sync.write(difference));
	}
	return `pictures: ${path("{actual,golden,difference}")}`;
}
