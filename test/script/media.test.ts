import { expect } from "chai";
import { writeIso } from "../../src/image/iso-writer.ts";
import { InputError } from "../../src/script/host.ts";
import { bytesImage, kindOf, Media, overlay } from "../../src/script/media.ts";
import { FakeHost } from "../harness/fake-host.ts";

const disk = () => Uint8Array.from({ length: 4096 }, (_, i) => i & 255);

describe("an overlay", () => {
	it("reads what was written, across sectors, and leaves what is below alone", () => {
		const below = disk();
		const image = overlay(bytesImage(below));
		image.write?.(500, new Uint8Array(600).fill(0xaa));
		expect([...image.read(498, 4)]).to.deep.equal([498 & 255, 499 & 255, 0xaa, 0xaa]);
		expect([...image.read(1098, 4)]).to.deep.equal([0xaa, 0xaa, 1100 & 255, 1101 & 255]);
		expect(below).to.deep.equal(disk());
	});

	it("keeps the last of several writes", () => {
		const image = overlay(bytesImage(disk()));
		for (const value of [1, 2, 3]) image.write?.(1024, new Uint8Array(512).fill(value));
		expect([...new Set(image.read(1024, 512))]).to.deep.equal([3]);
	});
});

describe("media", () => {
	it("are told apart by their contents", () => {
		const boot = new Uint8Array(512);
		boot.set([0x55, 0xaa], 510);
		expect(kindOf(bytesImage(writeIso([])))).to.equal("iso");
		expect(kindOf(bytesImage(boot))).to.equal("disk");
		expect(kindOf(bytesImage(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, ...new Array(600).fill(0))))).to.equal(
			"elf",
		);
		expect(kindOf(bytesImage(disk()))).to.equal(undefined);
		expect(kindOf(bytesImage(new Uint8Array(0)))).to.equal(undefined);
	});

	it("that do not end on a sector boundary read as zeros behind their end", () => {
		const host = new FakeHost();
		host.files.set("short.img", new Uint8Array(700).fill(7));
		const image = new Media(host).disk("short.img", false);
		expect([...new Set(image.read(700, 324))]).to.deep.equal([0]);
		expect(image.read(699, 2)[0]).to.equal(7);
	});

	it("are refused by name", () => {
		const host = new FakeHost();
		host.files.set("a.iso", disk());
		expect(() => new Media(host).disc("a.iso")).to.throw(InputError, "a.iso is not an ISO image");
	});
});
