// Golden screens: exact to the pixel. A difference is shown as the two screens' text side by side, and as pictures under
// build/differences/. The goldens are QEMU's pictures of the same session (test/screens/make.ts).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import type { Session } from "../../src/script/session.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GOLDENS = join(ROOT, "test/screens");
const DIFFERENCES = join(ROOT, "build/differences");

export function goldenPath(name: string): string {
	return join(GOLDENS, `${name}.png`);
}

/** @throws Error with where the pictures differ, and what the screen says */
export function expectScreen(session: Session, name: string): void {
	if (!existsSync(goldenPath(name)))
		throw new Error(`there is no ${goldenPath(name)}: make it with test/screens/make.ts`);
	const golden = PNG.sync.read(readFileSync(goldenPath(name)));
	const actual = PNG.sync.read(Buffer.from(session.screen.png()));
	if (golden.width === actual.width && golden.height === actual.height && golden.data.equals(actual.data))
		return;
	const paths = saveDifference(name, golden, actual);
	throw new Error(`${describe(golden, actual)}\n${paths}\nthe screen says:\n${session.screen.text()}`);
}

function describe(golden: PNG, actual: PNG): string {
	if (golden.width !== actual.width || golden.height !== actual.height) {
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
	if (golden.width === actual.width && golden.height === actual.height) {
		const difference = new PNG({ width: golden.width, height: golden.height });
		pixelmatch(golden.data, actual.data, difference.data, golden.width, golden.height, { threshold: 0 });
		writeFileSync(path("difference"), PNG.sync.write(difference));
	}
	return `pictures: ${path("{actual,golden,difference}")}`;
}
