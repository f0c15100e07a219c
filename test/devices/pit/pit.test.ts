import { expect } from "chai";
import { Pit } from "../../../src/devices/pit/pit.ts";
import { Board, probe } from "../board.ts";

const HERTZ = 1193182;

function build() {
	const board = new Board();
	const irq = probe();
	const pit = board.plug(new Pit("pit", { counters: 0x40, portB: 0x61 }, board.clock, irq));
	/** Moves to the middle of the n-th tick from now. */
	const ticks = (n: number) => {
		const now = Math.floor((board.clock.now * HERTZ) / 1e9);
		board.pass(Math.ceil(((now + n + 0.5) * 1e9) / HERTZ) - board.clock.now);
	};
	ticks(10);
	const count = (counter: number) => {
		board.out(0x43, counter << 6);
		const low = board.in(0x40 + counter);
		return low | (board.in(0x40 + counter) << 8);
	};
	const program = (counter: number, control: number, value: number) => {
		board.out(0x43, (counter << 6) | 0x30 | control);
		board.out(0x40 + counter, value & 0xff);
		board.out(0x40 + counter, value >> 8);
	};
	const out2 = () => (board.in(0x61) & 0x20) !== 0;
	return { board, pit, irq, ticks, count, program, out2 };
}

describe("8254", () => {
	it("raises IRQ 0 once a period in mode 2, low for one clock before", () => {
		const { irq, ticks, program } = build();
		program(0, 4, 1000);
		expect(irq.high).to.equal(true);
		irq.rises = 0;
		ticks(1000);
		expect(irq.high).to.equal(false);
		ticks(1);
		expect(irq.high).to.equal(true);
		ticks(5000);
		expect(irq.rises).to.equal(6);
	});

	it("ticks 18.2 times a second at the BIOS's count of 0 (65536) in mode 3", () => {
		const { irq, board, program } = build();
		program(0, 6, 0);
		irq.rises = 0;
		board.pass(10e9);
		expect(irq.rises).to.equal(182);
	});

	it("counts down by two through each half in mode 3", () => {
		const { ticks, program, count } = build();
		program(0, 6, 1000);
		ticks(1);
		expect(count(0)).to.equal(1000);
		ticks(10);
		expect(count(0)).to.equal(980);
		ticks(490);
		expect(count(0)).to.equal(1000);
	});

	it("keeps OUT high one clock longer than low for an odd count in mode 3", () => {
		const { board, ticks, program, out2 } = build();
		board.out(0x61, 1);
		program(2, 6, 5);
		ticks(1);
		const wave = Array.from({ length: 10 }, () => {
			const high = out2() ? 1 : 0;
			ticks(1);
			return high;
		});
		expect(wave).to.deep.equal([1, 1, 1, 0, 0, 1, 1, 1, 0, 0]);
	});

	it("raises OUT once after N + 1 clocks in mode 0 and counts on", () => {
		const { irq, ticks, program, count } = build();
		program(0, 0, 100);
		expect(irq.high).to.equal(false);
		ticks(100);
		expect(irq.high).to.equal(false);
		ticks(1);
		expect(irq.high).to.equal(true);
		ticks(10);
		expect(count(0)).to.equal(0x10000 - 10);
		expect(irq.rises).to.be.lessThan(3);
	});

	it("stops counting when the first byte of a mode 0 count is written", () => {
		const { board, irq, ticks, program } = build();
		program(0, 0, 100);
		ticks(200);
		board.out(0x40, 50);
		expect(irq.high).to.equal(false);
		ticks(500);
		expect(irq.high).to.equal(false);
		board.out(0x40, 0);
		ticks(51);
		expect(irq.high).to.equal(true);
	});

	it("holds the count while the gate is low in mode 0", () => {
		const { board, ticks, program, count, out2 } = build();
		board.out(0x61, 1);
		program(2, 0, 1000);
		ticks(101);
		board.out(0x61, 0);
		ticks(5000);
		expect(count(2)).to.equal(900);
		board.out(0x61, 1);
		ticks(899);
		expect(out2()).to.equal(false);
		ticks(1);
		expect(out2()).to.equal(true);
	});

	it("fires the one-shot on the gate's rise, and again when retriggered, in mode 1", () => {
		const { board, ticks, program, out2 } = build();
		program(2, 2, 100);
		ticks(500);
		expect(out2()).to.equal(true);
		board.out(0x61, 1);
		ticks(1);
		expect(out2()).to.equal(false);
		ticks(50);
		board.out(0x61, 0);
		board.out(0x61, 1);
		ticks(100);
		expect(out2()).to.equal(false);
		ticks(1);
		expect(out2()).to.equal(true);
		board.out(0x42, 0xe8);
		board.out(0x42, 0x03);
		expect(out2()).to.equal(true);
	});

	it("strobes low for one clock when the count ends in modes 4 and 5", () => {
		const { board, ticks, program, out2 } = build();
		board.out(0x61, 1);
		program(2, 8, 20);
		ticks(20);
		expect(out2()).to.equal(true);
		ticks(1);
		expect(out2()).to.equal(false);
		ticks(1);
		expect(out2()).to.equal(true);
		program(2, 10, 20);
		ticks(100);
		expect(out2()).to.equal(true);
		board.out(0x61, 0);
		board.out(0x61, 1);
		ticks(21);
		expect(out2()).to.equal(false);
	});

	it("takes a new count at the end of the period in mode 2, not before", () => {
		const { board, irq, ticks, program, count } = build();
		program(0, 4, 1000);
		ticks(101);
		board.out(0x40, 100);
		board.out(0x40, 0);
		expect(count(0)).to.equal(900);
		irq.rises = 0;
		ticks(900);
		expect(irq.rises).to.equal(1);
		ticks(100);
		expect(irq.rises).to.equal(2);
	});

	it("takes a new count at the end of the half in mode 3 and goes on with the other half", () => {
		const { board, ticks, program, out2 } = build();
		board.out(0x61, 1);
		program(2, 6, 100);
		ticks(11);
		board.out(0x42, 20);
		board.out(0x42, 0);
		ticks(39);
		expect(out2()).to.equal(true);
		ticks(1);
		expect(out2()).to.equal(false);
		ticks(10);
		expect(out2()).to.equal(true);
		ticks(10);
		expect(out2()).to.equal(false);
	});

	it("stops, with OUT high, and reloads on the gate in mode 2", () => {
		const { board, ticks, program, count, out2 } = build();
		board.out(0x61, 1);
		program(2, 4, 100);
		ticks(51);
		board.out(0x61, 0);
		ticks(49);
		expect(out2()).to.equal(true);
		board.out(0x61, 1);
		ticks(1);
		expect(count(2)).to.equal(100);
	});

	it("counts in decimal when BCD is set", () => {
		const { ticks, program, count } = build();
		program(0, 5, 0x1000);
		ticks(2);
		expect(count(0)).to.equal(0x0999);
	});

	it("holds a latched count until it is read, whatever time passes", () => {
		const { board, ticks, program } = build();
		program(0, 4, 0x8000);
		ticks(1);
		board.out(0x43, 0);
		ticks(1000);
		board.out(0x43, 0);
		expect(board.in(0x40)).to.equal(0x00);
		expect(board.in(0x40)).to.equal(0x80);
		expect(board.in(0x40)).to.equal((0x8000 - 1000) & 0xff);
	});

	it("reads back status, then count, of several counters at once", () => {
		const { board, ticks, program } = build();
		program(0, 4, 0x1234);
		program(1, 4, 18);
		ticks(1);
		board.out(0x43, 0xc0 | 0x06);
		expect(board.in(0x40)).to.equal(0x80 | 0x30 | 0x04);
		expect(board.in(0x40)).to.equal(0x34);
		expect(board.in(0x40)).to.equal(0x12);
		expect(board.in(0x41)).to.equal(0xb4);
		program(0, 4, 0x2000);
		board.out(0x43, 0xe0 | 0x02);
		expect(board.in(0x40) & 0x40, "null count until the next clock").to.equal(0x40);
	});

	it("reads and writes one byte when the control word says so", () => {
		const { board, ticks } = build();
		board.out(0x43, 0x14);
		board.out(0x40, 200);
		ticks(51);
		expect(board.in(0x40)).to.equal(150);
		expect(board.in(0x40)).to.equal(150);
		board.out(0x43, 0x24);
		board.out(0x40, 0x10);
		ticks(257);
		expect(board.in(0x40)).to.equal(0x0f);
	});

	it("toggles the refresh bit of port 61h every 15 us, which BIOSes use for delays", () => {
		const { board } = build();
		let toggles = 0;
		let last = board.in(0x61) & 0x10;
		for (let us = 0; us < 1500; us++) {
			board.pass(1000);
			const now = board.in(0x61) & 0x10;
			if (now !== last) toggles++;
			last = now;
		}
		expect(toggles).to.be.within(99, 100);
	});

	it("needs no alarm for counters 1 and 2, nor for counter 0 when it has run out", () => {
		const { board, ticks, program } = build();
		program(1, 4, 18);
		program(2, 6, 1000);
		expect(board.clock.next).to.equal(Number.POSITIVE_INFINITY);
		program(0, 0, 10);
		ticks(20);
		expect(board.clock.next).to.equal(Number.POSITIVE_INFINITY);
	});

	it("goes on where it was after its state was copied back", () => {
		const { board, pit, ticks, program, count } = build();
		program(0, 4, 1000);
		ticks(101);
		const saved = structuredClone(pit.state);
		pit.reset();
		Object.assign(pit.state, saved);
		pit.restored();
		expect(count(0)).to.equal(900);
		expect(board.in(0x61) & 1).to.equal(0);
	});
});
