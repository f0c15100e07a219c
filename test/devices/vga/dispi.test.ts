import { expect } from "chai";
import { setMode, vbe } from "./modes.ts";
import { Adapter, type Step } from "./script.ts";

function set(index: number, value: number): Step[] {
	return [
		["word", 0x1ce, index],
		["word", 0x1cf, value],
	];
}

describe("Bochs VBE", () => {
	it("identifies itself as B0C5, and as an older revision when asked to", () => {
		const vga = new Adapter();
		expect(vga.dispi(0)).to.equal(0xb0c5);
		vga.run(set(0, 0xb0c2));
		expect(vga.dispi(0)).to.equal(0xb0c2);
		vga.run(set(0, 0x1234));
		expect(vga.dispi(0)).to.equal(0xb0c2);
	});

	it("takes data at 1CFh and at 1D0h", () => {
		const vga = new Adapter().run([
			["word", 0x1ce, 1],
			["word", 0x1d0, 0x0320],
		]);
		expect(vga.dispi(1)).to.equal(0x0320);
		expect(vga.bus.readPort(0x1d0, 2)).to.equal(0x0320);
	});

	it("reports 16 MiB, and its limits while GETCAPS is set", () => {
		const vga = new Adapter();
		expect(vga.dispi(10)).to.equal(256);
		vga.run(set(4, 2));
		expect([1, 2, 3].map((i) => vga.dispi(i))).to.deep.equal([2560, 1600, 32]);
		vga.run(set(4, 0));
		expect([1, 2, 3].map((i) => vga.dispi(i))).to.deep.equal([0, 0, 0]);
	});

	it("clears the shown lines when a mode starts, unless asked not to", () => {
		const vga = new Adapter();
		const memory = vga.vga.storage.bytes.fill(0x55);
		vga.run(vbe(640, 480, 16, 0xc1));
		expect(memory[0]).to.equal(0x55);
		vga.run(vbe(640, 480, 16));
		expect(memory[0]).to.equal(0);
		expect(memory[640 * 480 * 2 - 1]).to.equal(0);
		expect(memory[640 * 480 * 2]).to.equal(0x55);
	});

	it("derives the virtual height from the virtual width and keeps the offsets inside", () => {
		const vga = new Adapter().run([...vbe(800, 600, 32), ...set(6, 1600), ...set(8, 900), ...set(9, 3000)]);
		expect(vga.dispi(7)).to.equal(Math.floor((16 << 20) / 6400));
		expect(vga.dispi(8)).to.equal(800);
		expect(vga.dispi(9)).to.equal(Math.floor((16 << 20) / 6400) - 600);
	});

	it("leaves the picture to the VGA when it is switched off", () => {
		const vga = new Adapter().run([...vbe(800, 600, 32), ...setMode("3")]);
		expect(vga.screen.render()).to.include({ width: 720, height: 400 });
		vga.run(vbe(800, 600, 32));
		expect(vga.screen.render()).to.include({ width: 800, height: 600 });
	});

	it("maps video memory where BAR 0 says", () => {
		const vga = new Adapter().run(vbe(640, 480, 32));
		vga.vga.writeConfig(0x10, 0xe0000000, 4);
		vga.vga.writeConfig(0x04, 2, 2);
		vga.memory.write(0xe0000000 + 5 * 2560 + 4 * 3, Uint8Array.of(0x11, 0x22, 0x33, 0));
		expect(vga.pixel(3, 5)).to.equal(0x332211);
		expect(vga.vga.readConfig(0, 4)).to.equal(0x11111234);
		vga.vga.writeConfig(0x10, 0xffffffff, 4);
		expect(vga.vga.readConfig(0x10, 4)).to.equal(0xff000008);
	});
});
