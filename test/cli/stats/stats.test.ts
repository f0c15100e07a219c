import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runCommand } from "../../../src/cli/command.ts";
import { PARTS } from "../../../src/cli/stats/places.ts";
import { Captured } from "../../harness/captured.ts";

/** A disk that says A on COM1, then counts in memory and looks at COM1's line status every 65,536 times. */
function busyDisk(): Uint8Array {
	const disk = new Uint8Array(1 << 20);
	disk.set([
		...[0xfa], // cli
		...[0x31, 0xc9], // xor cx, cx
		...[0x8e, 0xd9], // mov ds, cx
		...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
		...[0xb0, 0x41], // mov al, 0x41
		...[0xee], // out dx, al
		...[0xba, 0xfd, 0x03], // mov dx, 0x3fd
		...[0x01, 0x0e, 0x00, 0x05], // add [0x500], cx
		...[0xe2, 0xfa], // loop to the add
		...[0xec], // in al, dx
		...[0xeb, 0xf7], // jmp to the add
	]);
	disk.set([0x55, 0xaa], 510);
	return disk;
}

describe("gantry boot --stats", () => {
	let folder: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "gantry-stats-"));
	});
	after(() => rmSync(folder, { recursive: true }));

	it("says at the end where the time went, from a real run", async () => {
		const disk = join(folder, "busy.img");
		writeFileSync(disk, busyDisk());
		const output = new Captured();
		const status = await runCommand(
			["boot", "-hda", disk, "-boot", "c", "--headless", "--expect", "A", "--wait", "0.1", "--stats"],
			output,
		);
		expect(status).to.equal(0);
		expect(output.err).to.match(/^where the time went: \d+\.\d\d s, /);
		const share = (part: string) =>
			Number(new RegExp(`^ {1,4}(\\d+\\.\\d) %  ${part}$`, "m").exec(output.err)?.[1]);
		const shares = PARTS.map(share);
		expect(shares.reduce((sum, value) => sum + value, 0)).to.be.closeTo(100, 1);
		for (const part of ["compiled code", "interpreter", "slow path", "devices"]) {
			expect(share(part), part).to.be.greaterThan(0);
		}
		expect(output.err).to.match(/^hottest regions:\n +\d+\.\d % {2}[0-9a-f]{16}/m);
		expect(output.err).to.match(/^why compiled code was left, \d+ times:\n +\d+\.\d % {2}\w/m);
		expect(output.err).to.match(/^compiler: .*regions/m);
		expect(output.err).to.match(/^ +\d+\.\d % {2}(decoding|page walks)$/m);
	});
});
