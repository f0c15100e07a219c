// Disk images on the whole machine: found by their contents, written or left alone as asked.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type BootOptions, boot } from "../../src/cli/api.ts";
import { countingDisk } from "../guest/boot-sector/disk.ts";

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
