import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { readElf } from "../../src/image/elf.ts";
import { Iso } from "../../src/image/iso-reader.ts";
import { writeIso } from "../../src/image/iso-writer.ts";
import { SECTOR } from "../../src/image/iso9660.ts";
import { formatKernelSym, kernelSymbols } from "../../src/image/kernel-sym.ts";
import { folder, make, run } from "./qemu.ts";

const bootImage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff);
const long = `${"a very long name ".repeat(8)}end.txt`;
const files = [
	"boot/kernel.elf",
	"system/modules/example.ko",
	long,
	"UPPER/lower.tar.gz",
	"Größe.txt",
	"many/of/them/read me",
]
	.concat(Array.from({ length: 200 }, (_, i) => `many/file-${i}.bin`))
	.map((path) => ({ path, bytes: new TextEncoder().encode(`${path}\n`.repeat(100)) }));
files.push({ path: "empty.txt", bytes: new Uint8Array() });

describe("ISOs in front of other programs", () => {
	const work = folder();
	const image = join(work.path, "ours.iso");
	before(() => writeFileSync(image, writeIso(files, { bootImage, directories: ["nothing/inside"] })));
	after(() => work.remove());

	it("are extracted whole by xorriso, without a warning", () => {
		const out = join(work.path, "out");
		const { status, stderr } = run("xorriso", [
			"-abort_on",
			"WARNING",
			"-report_about",
			"WARNING",
			"-osirrox",
			"on",
			"-indev",
			image,
			"-extract",
			"/",
			out,
		]);
		expect(stderr).to.not.match(/warning|sorry|mishap|failure|fatal/i);
		expect(status).to.equal(0);
		for (const { path, bytes } of files)
			expect(Uint8Array.from(readFileSync(join(out, path))), path).to.deep.equal(bytes);
		expect(Uint8Array.from(readFileSync(join(out, "boot/eltorito.bin")))).to.deep.equal(bootImage);
		expect(run("find", [join(out, "nothing/inside"), "-type", "d"]).status).to.equal(0);
	});

	it("show xorriso one bootable image, loaded whole without emulation", () => {
		const { stdout } = run("xorriso", ["-indev", image, "-report_el_torito", "plain"]);
		expect(stdout).to.match(/^El Torito catalog {2}: \d+ {2}1$/m);
		expect(stdout).to.match(/^El Torito boot img : +1 +BIOS +y +none +0x0000 +0x00 +10 +\d+$/m);
		expect(stdout).to.match(/^El Torito img path : +1 +\/boot\/eltorito\.bin$/m);
	});

	for (const [option, shown] of [
		["-R", long],
		["-J", `${long.slice(0, 60)}.txt`],
	] as const) {
		it(`are listed by isoinfo ${option} with long names, without a word on stderr`, () => {
			const { status, stdout, stderr } = run("isoinfo", ["-l", option, "-i", image]);
			expect([status, stderr]).to.deep.equal([0, ""]);
			for (const name of ["example.ko ", "lower.tar.gz ", "read me ", "file-199.bin ", shown])
				expect(stdout).to.include(name);
			for (const path of ["/system/modules/example.ko", "/many/file-123.bin"]) {
				const { bytes } = run("isoinfo", [option, "-i", image, "-x", path]);
				expect(bytes.toString()).to.equal(`${path.slice(1)}\n`.repeat(100));
			}
		});
	}

	it("are listed by isoinfo under primary names that ECMA-119 allows", () => {
		const { stdout } = run("isoinfo", ["-f", "-i", image]);
		for (const path of stdout.trim().split("\n")) {
			for (const part of path.slice(1).split("/"))
				expect(part).to.match(/^[A-Z0-9_]{1,31}$|^[A-Z0-9_]*\.[A-Z0-9_]*;1$/);
		}
		expect(stdout).to.include("/SYSTEM/MODULES/EXAMPLE.KO;1");
	});

	it("of xorriso are read as ours are, under every kind of name", () => {
		const tree = join(work.path, "tree");
		for (const { path, bytes } of files) {
			mkdirSync(dirname(join(tree, path)), { recursive: true });
			writeFileSync(join(tree, path), bytes);
		}
		writeFileSync(join(tree, "boot/eltorito.bin"), bootImage);
		const theirs = join(work.path, "theirs.iso");
		const boot = ["-b", "boot/eltorito.bin", "-no-emul-boot", "-boot-load-size", "10"];
		const made = run("xorriso", ["-as", "mkisofs", "-J", "-R", "-V", "THEIRS", ...boot, "-o", theirs, tree]);
		expect(made.status, made.stderr).to.equal(0);
		const bytes = new Uint8Array(readFileSync(theirs));
		const iso = new Iso(bytes);
		expect([iso.volume, iso.names]).to.deep.equal(["THEIRS", "rock-ridge"]);
		for (const file of files) expect(iso.read(file.path), file.path).to.deep.equal(file.bytes);
		expect(iso.boot).to.include({ sectorCount: 10, media: 0 });
		expect(bytes.slice(iso.boot!.sector * SECTOR).subarray(100, 5000)).to.deep.equal(bootImage.subarray(100));
		expect(new Iso(bytes, "joliet").read("/system/modules/example.ko")).to.deep.equal(files[1].bytes);
		expect(new Iso(bytes, "primary").find("/SYSTEM/MODULES/EXAMPLE.KO")).to.include({ directory: false });
	});
});

describe("kernel.sym", () => {
	it("is what nm -n prints", () => {
		make("test/guest/limine");
		const kernel = "build/test/limine/revision3.elf";
		const { stdout } = run("nm", ["-n", kernel]);
		expect(formatKernelSym(kernelSymbols(readElf(readFileSync(kernel))))).to.equal(stdout);
	});
});
