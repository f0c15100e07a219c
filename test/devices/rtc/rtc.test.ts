import { expect } from "chai";
import { cmosMemory } from "../../../src/devices/rtc/memory.ts";
import { Rtc } from "../../../src/devices/rtc/rtc.ts";
import { Board, probe } from "../board.ts";

const SECOND = 1e9;
const START = Date.UTC(2024, 1, 28, 23, 59, 58) / 1000;

function build(memory = new Map<number, number>()) {
	const board = new Board();
	const irq = probe();
	const rtc = board.plug(new Rtc("rtc", 0x70, board.clock, irq, START, memory));
	const read = (register: number) => {
		board.out(0x70, register);
		return board.in(0x71);
	};
	const write = (register: number, value: number) => {
		board.out(0x70, register);
		board.out(0x71, value);
	};
	const time = () =>
		[0x32, 9, 8, 7, 4, 2, 0].map((register) => read(register).toString(16).padStart(2, "0")).join(" ");
	return { board, irq, rtc, read, write, time };
}

describe("MC146818", () => {
	it("shows the start time in BCD and 24 hours, and follows guest time across midnight into a leap day", () => {
		const { board, time, read } = build();
		expect(time()).to.equal("20 24 02 28 23 59 58");
		expect(read(6)).to.equal(4);
		board.pass(2 * SECOND);
		expect(time()).to.equal("20 24 02 29 00 00 00");
		expect(read(6)).to.equal(5);
	});

	it("shows binary and 12 hours when register B asks for it", () => {
		const { read, write } = build();
		write(0x0b, 0x06);
		expect([read(0), read(4)]).to.deep.equal([58, 23]);
		write(0x0b, 0x04);
		expect(read(4)).to.equal(0x80 | 11);
		write(0x0b, 0x00);
		expect(read(4)).to.equal(0x91);
	});

	it("sets UIP for the last 2.2 ms of a second", () => {
		const { board, read } = build();
		expect(read(0x0a)).to.equal(0x26);
		board.pass(SECOND - 2_000_000);
		expect(read(0x0a)).to.equal(0xa6);
		board.pass(2_000_000);
		expect(read(0x0a)).to.equal(0x26);
	});

	it("stands still while SET is set, takes what is written, and goes on in the same phase", () => {
		const { board, write, time } = build();
		board.pass(0.25 * SECOND);
		write(0x0b, 0x82);
		board.pass(5 * SECOND);
		expect(time()).to.equal("20 24 02 28 23 59 58");
		for (const [register, value] of [
			[0x32, 0x19],
			[9, 0x99],
			[8, 0x12],
			[7, 0x31],
			[4, 0x23],
			[2, 0x59],
			[0, 0x59],
		]) {
			write(register, value);
		}
		write(0x0b, 0x02);
		board.pass(0.74 * SECOND);
		expect(time()).to.equal("19 99 12 31 23 59 59");
		board.pass(0.02 * SECOND);
		expect(time()).to.equal("20 00 01 01 00 00 00");
	});

	it("updates half a second after the divider is released", () => {
		const { board, write, read } = build();
		write(0x0a, 0x76);
		board.pass(10 * SECOND);
		expect(read(0)).to.equal(0x58);
		write(0x0a, 0x26);
		board.pass(0.49 * SECOND);
		expect(read(0)).to.equal(0x58);
		board.pass(0.02 * SECOND);
		expect(read(0)).to.equal(0x59);
	});

	it("raises IRQ 8 at the periodic rate, one at a time until register C is read", () => {
		const { board, irq, write, read } = build();
		write(0x0b, 0x42);
		board.pass(SECOND / 512);
		expect(irq.high).to.equal(true);
		expect(irq.rises).to.equal(1);
		expect(read(0x0c)).to.equal(0xc0);
		expect(irq.high).to.equal(false);
		for (let i = 0; i < 1024; i++) {
			board.pass(SECOND / 1024);
			read(0x0c);
		}
		expect(irq.rises).to.be.within(1024, 1025);
	});

	it("raises update-ended each second, and shows UF to a poll without any interrupt", () => {
		const { board, irq, write, read } = build();
		board.pass(1.1 * SECOND);
		expect(read(0x0c) & 0x10).to.equal(0x10);
		expect(read(0x0c)).to.equal(0);
		write(0x0b, 0x12);
		board.pass(0.91 * SECOND);
		expect(irq.high).to.equal(true);
		expect(read(0x0c) & 0x90).to.equal(0x90);
	});

	it("raises the alarm at its time of day, and every minute with don't-care bytes", () => {
		const { board, irq, write, read } = build();
		for (const [register, value] of [
			[1, 0x05],
			[3, 0x01],
			[5, 0x00],
		])
			write(register, value);
		write(0x0b, 0x22);
		board.pass(66 * SECOND);
		expect(irq.high).to.equal(false);
		board.pass(SECOND);
		expect(irq.high).to.equal(true);
		expect(read(0x0c) & 0xa0).to.equal(0xa0);
		write(3, 0xff);
		write(5, 0xc0);
		board.pass(59 * SECOND);
		expect(irq.high).to.equal(false);
		board.pass(SECOND);
		expect(irq.high).to.equal(true);
	});

	it("takes no alarm of the clock while no interrupt is enabled", () => {
		const { board } = build();
		expect(board.clock.next).to.equal(Number.POSITIVE_INFINITY);
	});

	it("keeps its memory and its time across RESET, and drops interrupt enables", () => {
		const { rtc, read, write } = build();
		write(0x0f, 0x5a);
		write(0x0b, 0x72);
		rtc.reset();
		expect([read(0x0f), read(0x0b), read(0x0d), read(0)]).to.deep.equal([0x5a, 0x02, 0x80, 0x58]);
	});

	it("ignores the NMI mask in the index", () => {
		const { read } = build();
		expect(read(0x8d)).to.equal(0x80);
	});

	it("tells SeaBIOS memory sizes and the boot order as QEMU does", () => {
		const memory = cmosMemory({
			memory: 128 << 20,
			bootOrder: ["cdrom", "disk"],
			disks: [1 << 30, undefined, 1 << 20],
		});
		const { read } = build(memory);
		expect(read(0x34) | (read(0x35) << 8)).to.equal((112 << 20) / 65536);
		expect(read(0x30) | (read(0x31) << 8)).to.equal(0xffff);
		expect(read(0x15) | (read(0x16) << 8)).to.equal(640);
		expect(read(0x3d)).to.equal(0x23);
		expect(read(0x39)).to.equal(0x01);
	});

	it("continues after its state was copied back", () => {
		const { board, rtc, irq, write, time } = build();
		write(0x0b, 0x42);
		board.pass(SECOND);
		const saved = structuredClone(rtc.state);
		board.out(0x70, 0x0c);
		board.in(0x71);
		expect(irq.high).to.equal(false);
		Object.assign(rtc.state, saved);
		rtc.restored();
		expect(irq.high).to.equal(true);
		expect(time()).to.equal("20 24 02 28 23 59 59");
	});
});
