import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Iso } from "../../src/image/iso-reader.ts";
import { makeElf } from "../image/make-elf.ts";

function tsx(...args: string[]): { status: number | null; stderr: string } {
	const { status, stderr } = spawnSync(process.execPath, ["--import=tsx", ...args], { encoding: "utf8" });
	return { status, stderr };
}

describe("build commands", () => {
	const work = mkdtempSync(join(tmpdir(), "gantry-"));
	const at = (...path: string[]) => join(work, ...path);
	before(() => {
		mkdirSync(at("tree/boot"), { recursive: true });
		mkdirSync(at("tree/empty"));
		writeFileSync(at("tree/boot/kernel.elf"), "kernel");
		writeFileSync(at("tree/.hidden"), "not for the guest");
		writeFileSync(at("boot.bin"), "boot");
	});
	after(() => rmSync(work, { recursive: true }));

	it("iso.ts makes an ISO of a folder, without the files whose names begin with a dot", () => {
		expect(tsx("src/build/iso.ts", at("tree"), at("boot.bin"), at("new/out.iso"))).to.deep.equal({
			status: 0,
			stderr: "",
		});
		const iso = new Iso(new Uint8Array(readFileSync(at("new/out.iso"))));
		expect(iso.entries.map(({ path }) => path)).to.deep.equal([
			"/boot",
			"/boot/boot.cat",
			"/boot/eltorito.bin",
			"/boot/kernel.elf",
			"/empty",
		]);
	});

	it("iso.ts says in one line what it cannot read", () => {
		const { status, stderr } = tsx("src/build/iso.ts", at("tree"), at("none.bin"), at("out.iso"));
		expect(status).to.equal(1);
		expect(stderr).to.match(/^iso: .*none\.bin.*\n$/);
		expect(tsx("src/build/iso.ts")).to.deep.include({ status: 2 });
	});

	it("kernel-sym.ts writes the symbols of a kernel, and refuses one that has none", () => {
		const base = 0xffffffff80000000n;
		writeFileSync(
			at("k.elf"),
			makeElf({ bits: 64, base, symbols: [{ name: "main", value: base, info: 0x12, section: 1 }] }),
		);
		expect(tsx("src/build/kernel-sym.ts", at("k.elf"), at("new/k.sym"))).to.deep.equal({
			status: 0,
			stderr: "",
		});
		expect(readFileSync(at("new/k.sym"), "utf8")).to.equal("ffffffff80000000 T main\n");
		writeFileSync(at("stripped.elf"), makeElf({ bits: 64, base, symbols: [] }));
		expect(tsx("src/build/kernel-sym.ts", at("stripped.elf"), at("k.sym")).stderr).to.match(
			/^kernel-sym: .* has no symbols\n$/,
		);
		expect(tsx("src/build/kernel-sym.ts", at("boot.bin"), at("k.sym")).stderr).to.equal(
			"kernel-sym: not an ELF file\n",
		);
	});
});
