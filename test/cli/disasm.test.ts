import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runCommand } from "../../src/cli/command.ts";
import { Captured } from "../harness/captured.ts";

describe("gantry disasm", () => {
	let folder: string;
	let file: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "gantry-disasm-"));
		file = join(folder, "code");
		writeFileSync(file, Buffer.from("fa31c08ed8ebfb06", "hex"));
	});
	after(() => rmSync(folder, { recursive: true }));

	async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
		const output = new Captured();
		const status = await runCommand(["disasm", ...args], output);
		return { status, out: output.out, err: output.err };
	}

	it("lists a file of bytes as code of the mode and place that are given", async () => {
		const { status, out } = await run("--mode", "16", "--base", "0x7c00", file);
		expect(status).to.equal(0);
		expect(out.split("\n")).to.deep.equal([
			"  00007c00  fa                             cli",
			"  00007c01  31 c0                          xor ax, ax",
			"  00007c03  8e d8                          mov ds, ax",
			"  00007c05  eb fb                          jmp 0x7c02",
			"  00007c07  06                             push es",
			"",
		]);
	});

	it("takes bytes for 64-bit code at 0 where nothing else is said", async () => {
		const { out } = await run(file);
		expect(out)
			.to.match(/^ {2}00000000 .* cli$/m)
			.and.match(/^ {2}00000007 .* \(bad\)$/m);
	});

	it("lists an ELF file's code by its symbols", async () => {
		const { status, out } = await run("build/kernel/kernel.elf");
		expect(status).to.equal(0);
		expect(out).to.match(/^section \.text\n/);
		expect(out).to.match(/\n\nmain:\n {2}ffffffff8[0-9a-f]{7} {2}/);
		expect(out).to.match(/ call 0xffffffff8[0-9a-f]{7} <\w+>\n/);
		expect(out).to.not.contain("(bad)");
	});

	for (const [args, line] of [
		[["--mode", "8", "x"], "gantry: --mode 8: 16, 32 or 64\n"],
		[["--base", "here", "x"], "gantry: --base here: an address such as 0x7c00\n"],
		[["--headless", "x"], "gantry: --headless belongs to gantry boot\n"],
		[[], "gantry: gantry disasm takes one FILE\n"],
	] as const) {
		it(`answers "${args.join(" ")}" with one line and status 2`, async () => {
			const { status, err } = await run(...args.map((word) => (word === "x" ? file : word)));
			expect({ status, err }).to.deep.equal({ status: 2, err: line });
		});
	}
});
