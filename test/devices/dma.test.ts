import { expect } from "chai";
import { Dma } from "../../src/devices/dma.ts";
import { Board } from "./board.ts";

function build() {
	const board = new Board();
	board.plug(new Dma("dma", { first: 0x00, second: 0xc0, pages: 0x81 }));
	return board;
}

describe("8237A", () => {
	it("reads back addresses and counts, low byte first, from both controllers", () => {
		const board = build();
		for (const port of [0x02, 0xc6]) {
			board.out(port, 0x34);
			board.out(port, 0x12);
			expect([board.in(port), board.in(port)]).to.deep.equal([0x34, 0x12]);
		}
	});

	it("starts with the low byte again after the flip-flop is cleared", () => {
		const board = build();
		board.out(0x00, 0x11);
		board.out(0x0c, 0);
		board.out(0x00, 0x22);
		board.out(0x00, 0x33);
		expect([board.in(0x00), board.in(0x00)]).to.deep.equal([0x22, 0x33]);
	});

	it("masks channels one by one and all at once; master clear masks all", () => {
		const board = build();
		board.out(0x0e, 0);
		board.out(0x0a, 0x06);
		expect(board.in(0x0f)).to.equal(0xf4);
		board.out(0x0f, 0x03);
		expect(board.in(0x0f)).to.equal(0xf3);
		board.out(0xda, 0);
		expect(board.in(0xde)).to.equal(0xff);
	});

	it("shows software requests in the status", () => {
		const board = build();
		board.out(0x09, 0x05);
		expect(board.in(0x08)).to.equal(0x20);
	});

	it("keeps page registers, used or not", () => {
		const board = build();
		for (const port of [0x81, 0x84, 0x8f]) board.out(port, port);
		expect([0x81, 0x84, 0x8f].map((port) => board.in(port))).to.deep.equal([0x81, 0x84, 0x8f]);
	});
});
