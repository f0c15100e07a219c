import { expect } from "chai";
import { Uart } from "../../src/devices/uart.ts";
import { Board, probe } from "./board.ts";

const BASE = 0x3f8;
const [IER, IIR, LCR, MCR, LSR, MSR, SCR] = [1, 2, 3, 4, 5, 6, 7].map((offset) => BASE + offset);
/** Ten bits at 115200 baud, rounded up. */
const CHARACTER = 86806;

function build() {
	const board = new Board();
	const irq = probe();
	const sent: number[] = [];
	const uart = board.plug(new Uart("com1", BASE, board.clock, irq, (byte) => sent.push(byte)));
	board.out(LCR, 3);
	board.out(MCR, 0x0b);
	return { board, irq, sent, uart };
}

describe("16550A", () => {
	it("shows an empty transmitter after reset and no interrupt", () => {
		const { board, irq } = build();
		expect(board.in(LSR)).to.equal(0x60);
		expect(board.in(IIR)).to.equal(0x01);
		expect(irq.high).to.equal(false);
	});

	it("sends what is written to THR", () => {
		const { board, sent } = build();
		for (const byte of [0x48, 0x69]) board.out(BASE, byte);
		expect(sent).to.deep.equal([0x48, 0x69]);
		expect(board.in(LSR) & 0x20).to.equal(0x20);
	});

	it("raises its IRQ when a byte arrives and IER.RDA is set, and drops it when RBR is read", () => {
		const { board, irq, uart } = build();
		board.out(IER, 1);
		uart.receive(0x41);
		expect(board.in(LSR) & 1).to.equal(0);
		board.pass(CHARACTER);
		expect(irq.high).to.equal(true);
		expect(board.in(IIR)).to.equal(0x04);
		expect(board.in(LSR) & 1).to.equal(1);
		expect(board.in(BASE)).to.equal(0x41);
		expect(irq.high).to.equal(false);
		expect(board.in(LSR) & 1).to.equal(0);
	});

	it("never loses input: what the guest has not read waits outside, without overrun", () => {
		const { board, uart } = build();
		for (let byte = 0; byte < 100; byte++) uart.receive(byte);
		board.pass(CHARACTER * 500);
		const got: number[] = [];
		for (let i = 0; i < 100; i++) {
			expect(board.in(LSR)).to.equal(0x61);
			got.push(board.in(BASE));
			board.pass(CHARACTER);
		}
		expect(got).to.deep.equal(Array.from({ length: 100 }, (_, i) => i));
		expect(board.in(LSR)).to.equal(0x60);
	});

	it("keeps what was sent while the guest was not there across a reset", () => {
		const { board, uart } = build();
		uart.receive(0x31);
		uart.reset();
		board.pass(CHARACTER);
		expect(board.in(BASE)).to.equal(0x31);
	});

	it("interrupts at the FIFO's trigger level, and after four character times below it", () => {
		const { board, irq, uart } = build();
		board.out(IIR, 0x81);
		board.out(IER, 1);
		for (let byte = 0; byte < 10; byte++) uart.receive(byte);
		board.pass(CHARACTER * 7);
		expect(irq.high).to.equal(false);
		board.pass(CHARACTER);
		expect(board.in(IIR)).to.equal(0xc4);
		for (let byte = 0; byte < 8; byte++) board.in(BASE);
		expect(irq.high).to.equal(false);
		board.pass(CHARACTER * 2);
		expect(irq.high).to.equal(false);
		board.pass(CHARACTER * 4);
		expect(irq.high).to.equal(true);
		expect(board.in(IIR)).to.equal(0xcc);
		expect(board.in(BASE)).to.equal(8);
		expect(board.in(IIR)).to.equal(0xc1);
	});

	it("shows working FIFOs in IIR only while FCR enables them, and empties them on the change", () => {
		const { board, uart } = build();
		board.out(IIR, 0x01);
		expect(board.in(IIR) & 0xc0).to.equal(0xc0);
		uart.receive(1);
		board.pass(CHARACTER);
		board.out(IIR, 0);
		expect(board.in(IIR) & 0xc0).to.equal(0);
		expect(board.in(LSR) & 1).to.equal(0);
	});

	it("raises THRE when it is enabled with an empty register, and clears it when IIR is read", () => {
		const { board, irq } = build();
		board.out(IER, 2);
		expect(irq.high).to.equal(true);
		expect(board.in(IIR)).to.equal(0x02);
		expect(irq.high).to.equal(false);
		expect(board.in(IIR)).to.equal(0x01);
		board.out(BASE, 0x41);
		expect(irq.high).to.equal(true);
	});

	it("reports received data before an empty transmitter", () => {
		const { board, uart } = build();
		board.out(IER, 3);
		uart.receive(1);
		board.pass(CHARACTER);
		expect(board.in(IIR)).to.equal(0x04);
		board.in(BASE);
		expect(board.in(IIR)).to.equal(0x02);
	});

	it("keeps its interrupt off the line while MCR.OUT2 is clear", () => {
		const { board, irq } = build();
		board.out(MCR, 0);
		board.out(IER, 2);
		expect(irq.high).to.equal(false);
		board.out(MCR, 8);
		expect(irq.high).to.equal(true);
	});

	it("reaches the divisor while LCR.DLAB is set, and receives at its rate", () => {
		const { board, uart } = build();
		board.out(LCR, 0x83);
		board.out(BASE, 0x0c);
		board.out(IER, 0);
		expect([board.in(BASE), board.in(IER)]).to.deep.equal([0x0c, 0]);
		board.out(LCR, 3);
		uart.receive(1);
		board.pass(CHARACTER * 11);
		expect(board.in(LSR) & 1).to.equal(0);
		board.pass(CHARACTER);
		expect(board.in(LSR) & 1).to.equal(1);
	});

	it("passes Linux's probe: loopback turns MCR 0a into MSR 90, SCR and IER hold their bits", () => {
		const { board, sent } = build();
		board.out(MCR, 0x1a);
		expect(board.in(MSR) & 0xf0).to.equal(0x90);
		board.out(SCR, 0x5a);
		expect(board.in(SCR)).to.equal(0x5a);
		board.out(IER, 0xff);
		expect(board.in(IER)).to.equal(0x0f);
		board.out(IER, 0);
		board.out(BASE, 0x33);
		expect(sent).to.deep.equal([]);
		expect(board.in(BASE)).to.equal(0x33);
	});

	it("marks changed modem lines in MSR until it is read", () => {
		const { board } = build();
		board.in(MSR);
		expect(board.in(MSR)).to.equal(0xb0);
		board.out(MCR, 0x10);
		expect(board.in(MSR)).to.equal(0x0b);
		expect(board.in(MSR)).to.equal(0x00);
		board.out(IER, 8);
		board.out(MCR, 0x11);
		expect(board.in(IIR)).to.equal(0x00);
		board.in(MSR);
		expect(board.in(IIR)).to.equal(0x01);
	});

	it("reports an overrun of the loop as a line status interrupt, cleared by reading LSR", () => {
		const { board } = build();
		board.out(MCR, 0x10);
		board.out(IER, 4);
		board.out(BASE, 1);
		board.out(BASE, 2);
		expect(board.in(IIR)).to.equal(0x06);
		expect(board.in(LSR) & 3).to.equal(3);
		expect(board.in(IIR)).to.equal(0x01);
		expect(board.in(BASE)).to.equal(2);
	});

	it("continues after its state was copied back", () => {
		const { board, irq, uart } = build();
		board.out(IER, 1);
		for (const byte of [1, 2, 3]) uart.receive(byte);
		board.pass(CHARACTER);
		const saved = structuredClone(uart.state);
		board.in(BASE);
		board.pass(CHARACTER);
		Object.assign(uart.state, saved);
		uart.restored();
		expect(irq.high).to.equal(true);
		expect(board.in(BASE)).to.equal(1);
		board.pass(CHARACTER);
		expect(board.in(BASE)).to.equal(2);
	});
});
