import { expect } from "chai";
import { register, setMode } from "./modes.ts";
import { Adapter } from "./script.ts";

describe("VGA ports", () => {
	let vga: Adapter;
	beforeEach(() => {
		vga = new Adapter();
	});

	it("writes the attribute controller's index and data in turn, from index again after input status 1 was read", () => {
		vga.run([
			["out", 0x3c2, 1],
			["in", 0x3da],
			["out", 0x3c0, 0x05],
			["out", 0x3c0, 0x3a],
		]);
		vga.run([
			["out", 0x3c0, 0x06],
			["in", 0x3da],
			["out", 0x3c0, 0x05],
		]);
		expect(vga.in(0x3c1)).to.equal(0x3a);
		expect(vga.vga.state.attribute[6], "data that never came").to.equal(0);
	});

	it("answers the CRTC at 3D4h in colour and at 3B4h in monochrome emulation, never at both", () => {
		vga.run([
			["out", 0x3c2, 0x01],
			["word", 0x3d4, 0x550e],
			["word", 0x3b4, 0xaa0e],
		]);
		expect(vga.register(0x3d4, 0x0e)).to.equal(0x55);
		expect(vga.in(0x3b5)).to.equal(0xff);
		vga.run([["out", 0x3c2, 0x00]]);
		expect(vga.register(0x3b4, 0x0e)).to.equal(0x55);
		expect(vga.in(0x3d5)).to.equal(0xff);
		expect(vga.in(0x3cc)).to.equal(0x00);
	});

	it("protects CRTC registers 0 to 7 while bit 7 of 11h is set, except line compare bit 8", () => {
		vga.run([["out", 0x3c2, 1], ...[0x00, 0x01, 0x07].map((i) => register(0x3d4, i, 0x42))]);
		vga.run([register(0x3d4, 0x11, 0x80), register(0x3d4, 0x00, 0x99), register(0x3d4, 0x07, 0xbd)]);
		expect(vga.register(0x3d4, 0x00)).to.equal(0x42);
		expect(vga.register(0x3d4, 0x07)).to.equal(0x52);
		vga.run([register(0x3d4, 0x11, 0x00), register(0x3d4, 0x00, 0x99)]);
		expect(vga.register(0x3d4, 0x00)).to.equal(0x99);
	});

	it("stores a DAC colour with its third component and moves on to the next", () => {
		vga.run([
			["out", 0x3c8, 0x10],
			["outs", 0x3c9, [1, 2, 3, 0x44, 5]],
		]);
		expect([...vga.vga.state.dac.subarray(0x30, 0x36)]).to.deep.equal([1, 2, 3, 0, 0, 0]);
		vga.run([["out", 0x3c9, 0xff]]);
		expect([...vga.vga.state.dac.subarray(0x33, 0x36)]).to.deep.equal([0x04, 5, 0x3f]);
		expect(vga.in(0x3c8)).to.equal(0x12);
	});

	it("reads DAC colours back and tells in 3C7h which way it was addressed", () => {
		vga.run([
			["out", 0x3c8, 0xff],
			["outs", 0x3c9, [10, 20, 30, 40, 50, 60]],
		]);
		expect(vga.in(0x3c7)).to.equal(0);
		vga.run([["out", 0x3c7, 0xff]]);
		expect(vga.in(0x3c7)).to.equal(3);
		expect([1, 2, 3, 4, 5, 6].map(() => vga.in(0x3c9))).to.deep.equal([10, 20, 30, 40, 50, 60]);
	});

	it("keeps 8 bits a component while the dispi asks for an 8-bit DAC", () => {
		vga.run([
			["word", 0x1ce, 4],
			["word", 0x1cf, 0x21],
			["out", 0x3c8, 0],
			["outs", 0x3c9, [0xff, 0x80, 0x7f]],
		]);
		expect([...vga.vga.state.dac.subarray(0, 3)]).to.deep.equal([0xff, 0x80, 0x7f]);
	});

	it("has only the bits that exist", () => {
		vga.run([
			register(0x3c4, 2, 0xff),
			register(0x3c4, 4, 0xff),
			register(0x3ce, 3, 0xff),
			register(0x3ce, 8, 0xff),
		]);
		expect(vga.register(0x3c4, 2)).to.equal(0x0f);
		expect(vga.register(0x3c4, 4)).to.equal(0x0e);
		expect(vga.register(0x3ce, 3)).to.equal(0x1f);
		expect(vga.register(0x3ce, 8)).to.equal(0xff);
	});

	it("writes feature control at 3DAh and reads it at 3CAh", () => {
		vga.run([
			["out", 0x3c2, 1],
			["out", 0x3da, 3],
		]);
		expect(vga.in(0x3ca)).to.equal(3);
	});

	it("answers its registers in BAR 2 as well", () => {
		vga.vga.writeConfig(0x18, 0xfebf0000, 4);
		vga.vga.writeConfig(0x04, 2, 2);
		vga.run([["out", 0x3c2, 1]]);
		vga.bus.writeMemory(0xfebf0404, 0x0702, 2);
		expect(vga.register(0x3c4, 2)).to.equal(7);
		vga.bus.writeMemory(0xfebf0502, 1024, 2);
		expect(vga.dispi(1)).to.equal(1024);
		expect(vga.bus.readMemory(0xfebf0500, 2)).to.equal(0xb0c5);
		expect(vga.bus.readMemory(0xfebf0604, 4)).to.equal(0x1e1e1e1e);
	});
});

describe("VGA retrace", () => {
	const RETRACE = 0x08;
	const BLANK = 0x01;
	/** Mode 3: 100 columns of 9 dots a line, 449 lines, 28.322 MHz. */
	const LINE = (900 / 28.322) * 1000;

	function sample(vga: Adapter, at: number): number {
		vga.now = Math.round(at);
		return vga.in(0x3da);
	}

	it("shows vertical retrace on lines 412 and 413 of mode 3's 449, at 70 pictures a second", () => {
		const vga = new Adapter().run(setMode("3"));
		for (const picture of [0, 1, 700]) {
			const start = picture * 449 * LINE;
			expect(sample(vga, start + 411.9 * LINE) & RETRACE).to.equal(0);
			expect(sample(vga, start + 412.1 * LINE) & RETRACE).to.equal(RETRACE);
			expect(sample(vga, start + 413.9 * LINE) & RETRACE).to.equal(RETRACE);
			expect(sample(vga, start + 414.1 * LINE) & RETRACE).to.equal(0);
		}
		expect(1e9 / (449 * LINE)).to.be.closeTo(70.08, 0.01);
	});

	it("reports blanking for the last fifth of a line and for the lines below the picture", () => {
		const vga = new Adapter().run(setMode("3"));
		expect(sample(vga, 100.5 * LINE) & BLANK).to.equal(0);
		expect(sample(vga, 100.79 * LINE) & BLANK).to.equal(0);
		expect(sample(vga, 100.81 * LINE) & BLANK).to.equal(BLANK);
		expect(sample(vga, 399.5 * LINE) & BLANK).to.equal(0);
		expect(sample(vga, 400.5 * LINE) & BLANK).to.equal(BLANK);
	});

	it("runs before any mode was set, so that a guest's wait for retrace ends", () => {
		const vga = new Adapter().run([["out", 0x3c2, 1]]);
		const seen = new Set<number>();
		for (let at = 0; at < 17e6; at += 10e3) seen.add(sample(vga, at) & RETRACE);
		expect([...seen].sort()).to.deep.equal([0, RETRACE]);
	});
});
