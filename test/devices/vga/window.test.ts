import { expect } from "chai";
import { register, setMode, vbe } from "./modes.ts";
import { Adapter } from "./script.ts";

const SEQ = 0x3c4;
const GC = 0x3ce;

/** The four planes' bytes at an offset, as lying in video memory. */
function planes(vga: Adapter, offset: number): number[] {
	return [...vga.vga.storage.bytes.subarray(offset * 4, offset * 4 + 4)];
}

describe("VGA window, planar", () => {
	let vga: Adapter;
	beforeEach(() => {
		vga = new Adapter().run(setMode("12"));
	});

	it("write mode 0 sends the byte to the planes of the map mask", () => {
		vga.run([register(SEQ, 2, 0x05), ["poke", 0xa0010, [0x81]]]);
		expect(planes(vga, 0x10)).to.deep.equal([0x81, 0, 0x81, 0]);
	});

	it("write mode 0 rotates right, then takes set/reset in the planes where it is enabled", () => {
		vga.run([register(GC, 3, 3), register(GC, 0, 0x02), register(GC, 1, 0x06), ["poke", 0xa0000, [0x17]]]);
		expect(planes(vga, 0)).to.deep.equal([0xe2, 0xff, 0x00, 0xe2]);
	});

	it("the bit mask keeps bits of what was last read, not of what lies at the address", () => {
		vga.run([["poke", 0xa0000, [0xf0, 0x33]], register(GC, 8, 0x0f)]);
		vga.run([
			["peek", 0xa0000],
			["poke", 0xa0001, [0xaa]],
		]);
		expect(planes(vga, 1)).to.deep.equal([0xfa, 0xfa, 0xfa, 0xfa]);
	});

	for (const [name, func, result] of [
		["AND", 1, 0x88],
		["OR", 2, 0xee],
		["XOR", 3, 0x66],
	] as const)
		it(`combines with the latches by ${name}`, () => {
			vga.run([
				["poke", 0xa0000, [0xcc]],
				["peek", 0xa0000],
				register(GC, 3, func << 3),
				["poke", 0xa0000, [0xaa]],
			]);
			expect(planes(vga, 0)).to.deep.equal([result, result, result, result]);
		});

	it("write mode 1 copies the latches, whatever is written", () => {
		vga.run([["poke", 0xa0000, [1]], register(SEQ, 2, 8), ["poke", 0xa0000, [9]], register(SEQ, 2, 15)]);
		vga.run([register(GC, 8, 0x00), register(GC, 5, 1), ["peek", 0xa0000], ["poke", 0xa0100, [0xff]]]);
		expect(planes(vga, 0x100)).to.deep.equal([1, 1, 1, 9]);
	});

	it("write mode 2 makes a colour of the low four bits, under the bit mask", () => {
		vga.run([register(GC, 5, 2), register(GC, 8, 0x3c), ["peek", 0xa0000], ["poke", 0xa0000, [0xf9]]]);
		expect(planes(vga, 0)).to.deep.equal([0x3c, 0, 0, 0x3c]);
	});

	it("write mode 3 draws set/reset's colour where the rotated byte and the bit mask are set", () => {
		vga.run([
			["fill", 0xa0000, 1, 0xff],
			["peek", 0xa0000],
		]);
		vga.run([register(GC, 5, 3), register(GC, 0, 0x0c), register(GC, 3, 4), register(GC, 8, 0xf0)]);
		vga.run([["poke", 0xa0000, [0x5a]]]);
		// 5Ah rotated by 4 is A5h; of it F0h counts: A0h.
		expect(planes(vga, 0)).to.deep.equal([0x5f, 0x5f, 0xff, 0xff]);
	});

	it("read mode 0 reads the plane of read map select", () => {
		vga.vga.storage.bytes.set([1, 2, 3, 4], 0x20 * 4);
		const read = [0, 1, 2, 3].map((plane) => vga.run([register(GC, 4, plane)]).peek(0xa0020));
		expect(read).to.deep.equal([1, 2, 3, 4]);
	});

	it("read mode 1 has a one where the pixel's colour is the compared one in the planes that matter", () => {
		// Pixels, leftmost first: colours 0, 1, 2, 3, 8, 9, 10, 15.
		vga.vga.storage.bytes.set([0b01010101, 0b00110011, 0b00000001, 0b00001111], 0);
		vga.run([register(GC, 5, 8), register(GC, 2, 9), register(GC, 7, 15)]);
		expect(vga.peek(0xa0000)).to.equal(0b00000100);
		vga.run([register(GC, 7, 1)]);
		expect(vga.peek(0xa0000)).to.equal(0b01010101);
		vga.run([register(GC, 7, 0)]);
		expect(vga.peek(0xa0000)).to.equal(0xff);
	});

	it("answers only in the range of the memory map: A0000h+64K, B0000h+32K, B8000h+32K or all", () => {
		const write = (map: number) =>
			vga.run([
				register(GC, 6, 1 | (map << 2)),
				["poke", 0xa0001, [0x10 + map]],
				["poke", 0xb0002, [0x20 + map]],
				["poke", 0xb8003, [0x30 + map]],
			]);
		write(1);
		expect([1, 2, 3].map((offset) => planes(vga, offset)[0])).to.deep.equal([0x11, 0, 0]);
		expect(vga.peek(0xb0002)).to.equal(0xff);
		write(2);
		write(3);
		expect([1, 2, 3].map((offset) => planes(vga, offset)[0])).to.deep.equal([0x11, 0x22, 0x33]);
		write(0);
		expect(planes(vga, 0x10002)[0]).to.equal(0x20);
		expect(planes(vga, 0x18003)[0]).to.equal(0x30);
	});
});

describe("VGA window, chained", () => {
	it("odd/even: characters go to plane 0, attributes to plane 1, and read back", () => {
		const vga = new Adapter().run([...setMode("3"), ["poke", 0xb8000, [0x41, 0x1f, 0x42, 0x2e]]]);
		expect(planes(vga, 0)).to.deep.equal([0x41, 0x1f, 0, 0]);
		expect(planes(vga, 1)).to.deep.equal([0x42, 0x2e, 0, 0]);
		expect([0, 1, 2, 3].map((i) => vga.peek(0xb8000 + i))).to.deep.equal([0x41, 0x1f, 0x42, 0x2e]);
	});

	it("a font loaded into plane 2 leaves the text alone", () => {
		const vga = new Adapter().run([...setMode("3"), ["poke", 0xb8000, [0x41, 0x07]]]);
		vga.run([
			register(SEQ, 2, 4),
			register(SEQ, 4, 6),
			register(GC, 4, 2),
			register(GC, 5, 0),
			register(GC, 6, 4),
		]);
		vga.run([["poke", 0xa0000, [0x3c, 0x66]]]);
		expect(planes(vga, 0)).to.deep.equal([0x41, 0x07, 0x3c, 0]);
		expect(planes(vga, 1)[2]).to.equal(0x66);
		expect(vga.peek(0xa0001)).to.equal(0x66);
	});

	it("chain-4: consecutive bytes go to consecutive planes", () => {
		const vga = new Adapter().run([...setMode("13"), ["poke", 0xa0000, [1, 2, 3, 4, 5]]]);
		expect(planes(vga, 0)).to.deep.equal([1, 2, 3, 4]);
		expect(planes(vga, 1)).to.deep.equal([5, 0, 0, 0]);
	});

	it("chain-4 is mapped for the CPU, until a register makes it more than plain memory", () => {
		const vga = new Adapter().run(setMode("13"));
		expect(vga.memory.isMapped(0xa0000)).to.equal(true);
		expect(vga.memory.isMapped(0xb0000)).to.equal(false);
		vga.run([register(SEQ, 2, 1), ["poke", 0xa0000, [7, 7]]]);
		expect(vga.memory.isMapped(0xa0000)).to.equal(false);
		expect(planes(vga, 0)).to.deep.equal([7, 0, 0, 0]);
		vga.run([register(SEQ, 2, 15), register(GC, 3, 0x18), ["peek", 0xa0000], ["poke", 0xa0000, [2]]]);
		expect(planes(vga, 0)).to.deep.equal([5, 0, 0, 0]);
	});

	it("unchained (mode X), the map mask selects pixels", () => {
		const vga = new Adapter().run([
			...setMode("13"),
			register(SEQ, 4, 6),
			register(SEQ, 2, 2),
			["poke", 0xa0003, [9]],
		]);
		expect(planes(vga, 3)).to.deep.equal([0, 9, 0, 0]);
	});

	it("a VBE bank moves the window over the linear frame buffer", () => {
		const vga = new Adapter().run(vbe(1024, 768, 32));
		vga.run([
			["word", 0x1ce, 5],
			["word", 0x1cf, 0x2f],
			["poke", 0xa0004, [0xab]],
		]);
		expect(vga.vga.storage.bytes[0x2f0004]).to.equal(0xab);
		vga.run([["word", 0x1cf, 0]]);
		expect(vga.peek(0xa0004)).to.equal(0);
	});

	it("finds the window again after a snapshot was copied in", () => {
		const vga = new Adapter().run(setMode("13"));
		const text = structuredClone(new Adapter().run(setMode("3")).vga.state);
		Object.assign(vga.vga.state, text);
		vga.vga.restored();
		expect(vga.memory.isMapped(0xa0000)).to.equal(false);
		vga.run([["poke", 0xb8000, [0x41, 7]]]);
		expect(planes(vga, 0)).to.deep.equal([0x41, 7, 0, 0]);
	});
});
