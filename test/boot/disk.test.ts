// Disk images on the whole machine: found by their contents, written or left alone as asked.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type BootOptions, boot } from "../../src/cli/api.ts";
import { compile, link } from "../harness/compiler.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A disk of 1 MiB with the counting boot sector. */
function countingDisk(): Uint8Array {
	const folder = join(ROOT, "build/test/boot-sector");
	mkdirSync(folder, { recursive: true });
	const [object, output] = [join(folder, "sector.o"), join(folder, "sector.bin")];
	compile(join(ROOT, "test/guest/boot-sector/sector.S"), object, ["-m32"]);
	link([object], output, ["-m", "elf_i386", "-Ttext=0x7c00", "-e", "start", "--oformat=binary"]);
	const disk = new Uint8Array(1 << 20);
	disk.set(readFileSync(output).subarray(0, 512));
	return disk;
}

describe("a disk image", function () {
	this.timeout(60000);
	let folder: string;
	let path: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "gantry-disk-"));
		path = join(folder, "disk.img");
	});
	beforeEach(() => writeFileSync(path, countingDisk()));
	after(() => rmSync(folder, { recursive: true }));

	/** The count, as the guest's exit status tells it. */
	async function count(options: BootOptions): Promise<number | undefined> {
		const session = await boot(options);
		try {
			const ending = await session.run(20);
			return ending?.kind === "exit" ? ending.value : undefined;
		} finally {
			session.close();
		}
	}

	it("is known by its contents and booted", async () => {
		expect(await count({ file: path })).to.equal(1);
	});

	it("keeps what the guest wrote, if it is to", async () => {
		for (const wanted of [1, 2, 3]) expect(await count({ file: path, keepWrites: true })).to.equal(wanted);
		expect(readFileSync(path)[512]).to.equal(3);
	});

	it("is not touched otherwise", async () => {
		for (const wanted of [1, 1]) expect(await count({ hda: path, bootOrder: "c" })).to.equal(wanted);
		expect(readFileSync(path)[512]).to.equal(0);
	});

	it("may be bytes in memory", async () => {
		expect(await count({ hda: countingDisk(), bootOrder: "c" })).to.equal(1);
	});
});
