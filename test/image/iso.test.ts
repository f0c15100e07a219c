import { expect } from "chai";
import fc from "fast-check";
import { Iso } from "../../src/image/iso-reader.ts";
import { CATALOG_PATH, IMAGE_PATH, type TreeFile, writeIso } from "../../src/image/iso-writer.ts";
import { BOOT_RECORD_SECTOR, IsoError, SECTOR, VD, viewOf } from "../../src/image/iso9660.ts";

const text = (value: string) => new TextEncoder().encode(value);
const file = (path: string, contents = path): TreeFile => ({ path, bytes: text(contents) });
const paths = (iso: Iso) => iso.entries.map(({ path }) => path);

/** Names that hosts allow: no slash, no NUL, not "." or "..", at most 255 bytes. */
const name = fc
	.string({ unit: "grapheme", minLength: 1, maxLength: 60 })
	.filter((value) => !/[/\0]/.test(value) && !/^\.\.?$/.test(value) && text(value).length <= 255);

describe("ISO 9660 writer", () => {
	it("keeps long lower-case names under Rock Ridge and under Joliet", () => {
		const bytes = writeIso([file("system/modules/example.ko", "module"), file("boot/kernel.elf", "kernel")]);
		for (const names of ["rock-ridge", "joliet"] as const) {
			const iso = new Iso(bytes, names);
			expect(paths(iso)).to.deep.equal([
				"/boot",
				"/boot/kernel.elf",
				"/system",
				"/system/modules",
				"/system/modules/example.ko",
			]);
			expect(iso.read("/system/modules/example.ko")).to.deep.equal(text("module"));
		}
	});

	it("gives back every tree of files as it was", () => {
		const tree = fc.uniqueArray(
			fc.tuple(fc.array(name, { maxLength: 2 }), name, fc.uint8Array({ maxLength: 5000 })),
			{
				selector: ([, leaf]) => leaf,
				maxLength: 12,
			},
		);
		fc.assert(
			fc.property(tree, (items) => {
				const directories = new Set(items.flatMap(([folders]) => folders));
				const files = items
					.filter(([, leaf]) => !directories.has(leaf))
					.map(([folders, leaf, bytes]) => ({ path: [...folders, leaf].join("/"), bytes }));
				const iso = new Iso(writeIso(files));
				for (const { path, bytes } of files) expect(iso.read(path)).to.deep.equal(bytes);
				expect(iso.entries.filter(({ directory }) => !directory)).to.have.length(files.length);
			}),
			{ numRuns: 100, seed: 1 },
		);
	});

	it("writes the same bytes whatever the order of the files", () => {
		const files = ["b/x", "a/y", "c", "a/x"].map((path) => file(path));
		expect(writeIso(files)).to.deep.equal(writeIso([...files].reverse()));
	});

	it("writes upper-case primary names with a version, and numbers those that collide", () => {
		const iso = writeIso([file("read me.txt"), file("read.me.txt"), file("README"), file("a-b/x")]);
		const root = viewOf(iso).getUint32(16 * SECTOR + VD.rootRecord + 2, true);
		const sector = String.fromCharCode(...iso.subarray(root * SECTOR, (root + 1) * SECTOR));
		for (const name of ["READ_ME.TXT;1", "READ_ME_1.TXT;1", "README.;1", "A_B"])
			expect(sector).to.include(name);
		expect(paths(new Iso(iso, "primary"))).to.include.members([
			"/READ_ME.TXT",
			"/READ_ME_1.TXT",
			"/README",
			"/A_B/X",
		]);
	});

	it("replaces what Joliet forbids, cuts at 64 characters, and keeps the extension", () => {
		const long = `${"n".repeat(90)}.ko`;
		const iso = writeIso([file("what?.txt"), file(long), file(long.replace(".ko", "m.ko"))]);
		const names = paths(new Iso(iso, "joliet"));
		expect(names).to.have.members(["/what_.txt", `/${"n".repeat(61)}.ko`, `/${"n".repeat(59)}_1.ko`]);
		expect(paths(new Iso(iso))).to.include(`/${long}`);
	});

	it("puts names that no record can hold into the continuation area", () => {
		const files = Array.from({ length: 40 }, (_, i) =>
			file(`${String(i).padStart(3, "0")}${"ü".repeat(120)}`),
		);
		expect(paths(new Iso(writeIso(files)))).to.deep.equal(files.map(({ path }) => `/${path}`));
	});

	it("keeps directories that have no files, and directories of many sectors", () => {
		const files = Array.from({ length: 300 }, (_, i) => file(`many/file number ${i}.txt`));
		const iso = new Iso(writeIso(files, { directories: ["empty/inner"] }));
		expect(iso.find("/empty/inner")).to.include({ directory: true });
		expect(iso.find("/many")!.size).to.be.greaterThan(SECTOR);
		for (const { path, bytes } of files) expect(iso.read(path)).to.deep.equal(bytes);
	});

	it("writes path tables that lead to each directory, parents first, in both byte orders", () => {
		const iso = writeIso([file("b/c/d"), file("a/z/y"), file("b/a/x"), file("top")]);
		const view = viewOf(iso);
		for (const [field, little] of [
			[VD.pathTableL, true],
			[VD.pathTableM, false],
		] as const) {
			const size = view.getUint32(16 * SECTOR + VD.pathTableSize, true);
			const start = view.getUint32(16 * SECTOR + field, little) * SECTOR;
			const rows: string[] = [];
			for (let at = start; at < start + size; at += 8 + iso[at] + (iso[at] & 1)) {
				const parent = view.getUint16(at + 6, little);
				rows.push(`${parent} ${String.fromCharCode(...iso.subarray(at + 8, at + 8 + iso[at]))}`);
				const extent = view.getUint32(at + 2, little);
				expect(view.getUint32(extent * SECTOR + 2, true), "the directory's own record").to.equal(extent);
			}
			expect(rows).to.deep.equal(["1 \0", "1 A", "1 B", "2 Z", "3 A", "3 C"]);
		}
	});

	it("tells POSIX modes", () => {
		const iso = new Iso(writeIso([file("a/b")]));
		expect(iso.find("a")!.mode).to.equal(0o40555);
		expect(iso.find("a/b")!.mode).to.equal(0o100444);
	});

	it("refuses trees that the format cannot hold", () => {
		const refused: [TreeFile[], RegExp][] = [
			[[file("a"), file("a")], /a is there twice/],
			[[file("a"), file("a/b")], /a is a file and a directory/],
			[[file("a/../b")], /not a plain path/],
			[[file("a//b")], /not a plain path/],
			[[{ path: "huge", bytes: { length: 2 ** 32 } as Uint8Array }], /huge has 4 GiB or more/],
			[[file("1/2/3/4/5/6/7/8/9")], /more than 8 levels deep/],
			[[file("x".repeat(256))], /more than 255 bytes/],
		];
		for (const [files, message] of refused) expect(() => writeIso(files)).to.throw(IsoError, message);
	});
});

describe("El Torito", () => {
	const bootImage = Uint8Array.from({ length: 3001 }, (_, i) => i & 0xff);

	it("makes the BIOS load the whole image from its place on the volume", () => {
		const bytes = writeIso([file("boot/kernel.elf")], { bootImage });
		const iso = new Iso(bytes);
		expect(iso.boot).to.deep.include({ sectorCount: 6, loadSegment: 0, media: 0 });
		const at = iso.boot!.sector * SECTOR;
		expect(bytes.subarray(at, at + bootImage.length)).to.deep.equal(bootImage);
		expect(iso.read(IMAGE_PATH)).to.deep.equal(bootImage);
		expect(iso.find(CATALOG_PATH)!.extent).to.equal(iso.boot!.catalog);
	});

	it("writes a validation entry whose words sum to zero", () => {
		const bytes = writeIso([], { bootImage });
		const catalog = viewOf(bytes).getUint32(BOOT_RECORD_SECTOR * SECTOR + 0x47, true) * SECTOR;
		let sum = 0;
		for (let at = catalog; at < catalog + 32; at += 2) sum += viewOf(bytes).getUint16(at, true);
		expect(sum & 0xffff).to.equal(0);
		expect([...bytes.subarray(catalog + 30, catalog + 33)]).to.deep.equal([0x55, 0xaa, 0x88]);
	});

	it("is absent without a boot image", () => {
		expect(new Iso(writeIso([file("a")])).boot).to.equal(undefined);
	});

	it("refuses an image that does not fit below 640 KiB", () => {
		expect(() => writeIso([], { bootImage: new Uint8Array(640 * 1024) })).to.throw(
			IsoError,
			/fit below 640 KiB/,
		);
	});
});

describe("ISO 9660 reader", () => {
	it("refuses what is no volume", () => {
		expect(() => new Iso(new Uint8Array(0))).to.throw(IsoError, "not an ISO 9660 volume");
		expect(() => new Iso(new Uint8Array(40 * SECTOR))).to.throw(IsoError, "not an ISO 9660 volume");
	});

	it("refuses a truncated volume, and never reads past its end", () => {
		const whole = writeIso([file("boot/kernel.elf", "k".repeat(10000))]);
		for (let length = 0; length < whole.length; length += SECTOR) {
			expect(() => new Iso(whole.subarray(0, length)).read("boot/kernel.elf"), `${length} bytes`).to.throw(
				IsoError,
			);
		}
	});

	it("refuses a directory that holds itself", () => {
		const iso = writeIso([file("a/b")]);
		const root = viewOf(iso).getUint32(16 * SECTOR + VD.rootRecord + 2, true) * SECTOR;
		const inner = root + iso[root] + iso[root + iso[root]];
		viewOf(iso).setUint32(inner + 2, root / SECTOR, true);
		expect(() => new Iso(iso)).to.throw(IsoError, /holds itself/);
	});

	it("says which file is not there", () => {
		const iso = new Iso(writeIso([file("a/b")]));
		expect(() => iso.read("/a/c")).to.throw(IsoError, "/a/c: no such file");
		expect(() => iso.read("/a")).to.throw(IsoError, "/a: is a directory");
	});
});
