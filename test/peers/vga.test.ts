/**
 * The same register scripts on QEMU's std VGA and on Gantry's: the pictures must be equal, dot for
 * dot. QEMU widens six and five bits to eight in its own way, so colours are compared by the bits that
 * there are. Not compared: 4-bit VBE modes (QEMU 7.2 drops their writes), B0h..BFh in 9-dot columns,
 * blinking attributes and panning, which QEMU 7.2 does not show.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import type { Picture } from "../../src/devices/vga/picture.ts";
import { Adapter, type Step } from "../devices/vga/script.ts";
import { cases } from "../guest/vga/cases.ts";
import { scriptDisk } from "../guest/vga/disk.ts";

const HERE = new URL(".", import.meta.url);
const DIFFERENCES = new URL("../../build/differences/", HERE);
const WALL_CLOCK_CAP = 60_000;

describe("VGA pictures, as QEMU shows them", function () {
	this.timeout(WALL_CLOCK_CAP * 2);
	const folder = mkdtempSync(join(tmpdir(), "gantry-vga-"));
	let theirs: Picture[] = [];

	before(async () => {
		theirs = await screendumps(Object.values(cases), folder);
	});
	after(() => rmSync(folder, { recursive: true }));

	const adapter = new Adapter();
	Object.keys(cases).forEach((name, i) => {
		it(name, () => {
			const ours = adapter.run(cases[name]).screen.render();
			expectSame(name, ours, theirs[i], name.includes("15 bits") ? 5 : 6);
		});
	});
});

function expectSame(name: string, ours: Picture, theirs: Picture, bits: number): void {
	const dropped = 8 - bits;
	expect({ width: ours.width, height: ours.height }).to.deep.equal({
		width: theirs.width,
		height: theirs.height,
	});
	const different = ours.data.findIndex((value, i) => value >> dropped !== theirs.data[i] >> dropped);
	if (different < 0) return;
	const file = writeDifference(name.replace(/\W+/g, "-"), ours, theirs);
	const pixel = different >> 2;
	const at = `(${pixel % ours.width}, ${Math.floor(pixel / ours.width)})`;
	const colour = ({ data }: Picture) => [...data.subarray(pixel * 4, pixel * 4 + 3)].join(" ");
	expect.fail(`dot ${at} is ${colour(ours)}, in QEMU ${colour(theirs)}; see ${file}`);
}

/** Ours, QEMU's and the difference, one above the other. */
function writeDifference(name: string, ours: Picture, theirs: Picture): string {
	mkdirSync(DIFFERENCES, { recursive: true });
	const { width, height } = ours;
	const png = new PNG({ width, height: height * 3 });
	png.data.set(ours.data, 0);
	png.data.set(theirs.data, ours.data.length);
	pixelmatch(ours.data, theirs.data, png.data.subarray(ours.data.length * 2), width, height);
	const file = new URL(`vga-${name}.png`, DIFFERENCES);
	writeFileSync(file, PNG.sync.write(png));
	return file.pathname;
}

/** Boots the script in QEMU and takes a picture after each part. */
async function screendumps(parts: Step[][], folder: string): Promise<Picture[]> {
	const disk = join(folder, "disk.img");
	writeFileSync(disk, scriptDisk(parts));
	const debug = join(folder, "debug.txt");
	const options = ["-vga", "std", "-display", "none", "-net", "none", "-monitor", "stdio"];
	const drive = ["-drive", `file=${disk},format=raw,if=ide`, "-debugcon", `file:${debug}`];
	const qemu = spawn("qemu-system-x86_64", [...options, ...drive]);
	const deadline = Date.now() + WALL_CLOCK_CAP;
	const until = async (what: string, done: () => boolean) => {
		while (!done()) {
			if (Date.now() > deadline) throw new Error(`QEMU did not reach ${what}`);
			await sleep(20);
		}
	};
	try {
		const pictures: Picture[] = [];
		for (let i = 0; i < parts.length; i++) {
			await until(`part ${i}`, () => existsSync(debug) && readFileSync(debug).length > i);
			const file = join(folder, `${i}.ppm`);
			qemu.stdin.write(`screendump ${file}\n`);
			await until(`screendump ${i}`, () => existsSync(file) && parsePpm(readFileSync(file)) !== undefined);
			pictures.push(parsePpm(readFileSync(file))!);
			qemu.stdin.write("sendkey a\n");
		}
		return pictures;
	} finally {
		qemu.kill("SIGKILL");
	}
}

/** Undefined while the file is not complete. */
function parsePpm(bytes: Buffer): Picture | undefined {
	const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString("latin1", 0, 64));
	if (!head) return undefined;
	const [width, height] = [Number(head[1]), Number(head[2])];
	const rgb = bytes.subarray(head[0].length);
	if (rgb.length < width * height * 3) return undefined;
	const data = new Uint8Array(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++) data.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
	return { width, height, data };
}
