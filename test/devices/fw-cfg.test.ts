import { expect } from "chai";
import { FwCfg } from "../../src/devices/fw-cfg.ts";
import { Board } from "./board.ts";

function build() {
	const board = new Board();
	const files = { bootorder: new TextEncoder().encode("/rom@genroms/x.bin\0") };
	board.plug(new FwCfg("fw_cfg", { selector: 0x510, dma: 0x514 }, board.memory, { ram: 64 << 20, files }));
	const select = (item: number) => board.out(0x510, item, 2);
	const bytes = (length: number) => Array.from({ length }, () => board.in(0x511));
	const text = (length: number) => String.fromCharCode(...bytes(length));
	/** Runs a DMA request from 1000h and returns its control field afterwards. */
	const dma = (control: number, length: number, address: number) => {
		const request = new DataView(new ArrayBuffer(16));
		request.setUint32(0, control);
		request.setUint32(4, length);
		request.setUint32(12, address);
		board.memory.write(0x1000, new Uint8Array(request.buffer));
		board.out(0x518, 0x00100000, 4);
		return new DataView(board.memory.read(0x1000, 4).buffer).getUint32(0);
	};
	return { board, select, bytes, text, dma };
}

describe("fw_cfg", () => {
	it("shows its signature, then zeros, from the start after each selection", () => {
		const { select, text, bytes } = build();
		select(0);
		expect(text(4)).to.equal("QEMU");
		expect(bytes(2)).to.deep.equal([0, 0]);
		select(0);
		expect(text(2)).to.equal("QE");
		select(1);
		expect(bytes(4)).to.deep.equal([3, 0, 0, 0]);
	});

	it("answers items that do not exist with zeros, as SeaBIOS's legacy items need", () => {
		const { select, bytes } = build();
		select(0x8000);
		expect(bytes(2)).to.deep.equal([0, 0]);
	});

	it("tells RAM size and processors", () => {
		const { select, bytes } = build();
		select(3);
		expect(bytes(8)).to.deep.equal([0, 0, 0, 4, 0, 0, 0, 0]);
		select(5);
		expect(bytes(2)).to.deep.equal([1, 0]);
	});

	it("lists its files big-endian, each with the item that holds it", () => {
		const { select, bytes, text } = build();
		select(0x19);
		expect(bytes(4)).to.deep.equal([0, 0, 0, 2]);
		expect(bytes(8)).to.deep.equal([0, 0, 0, 19, 0, 0x20, 0, 0]);
		expect(text(56)).to.equal("bootorder".padEnd(56, "\0"));
		expect(bytes(8)).to.deep.equal([0, 0, 0, 20, 0, 0x21, 0, 0]);
		expect(text(8)).to.equal("etc/e820");
		select(0x21);
		expect(bytes(20)).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0]);
	});

	it("identifies its DMA interface", () => {
		const { board } = build();
		expect(board.in(0x514, 4)).to.equal(0x554d4551);
		expect(board.in(0x518, 4)).to.equal(0x47464320);
	});

	it("selects, reads and skips by DMA, and clears the control field", () => {
		const { board, dma } = build();
		expect(dma((0x20 << 16) | 8 | 2, 4, 0x2000)).to.equal(0);
		expect(String.fromCharCode(...board.memory.read(0x2000, 4))).to.equal("/rom");
		expect(dma(4, 1, 0)).to.equal(0);
		expect(dma(2, 20, 0x2000)).to.equal(0);
		expect(String.fromCharCode(...board.memory.read(0x2000, 20))).to.equal("genroms/x.bin".padEnd(20, "\0"));
	});

	it("refuses to be written", () => {
		const { dma } = build();
		expect(dma(0x10, 4, 0x2000)).to.equal(1);
	});
});
