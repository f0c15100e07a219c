import { expect } from "chai";
import {
	BMIDE,
	buildRig,
	CONTROL,
	COUNT,
	DATA,
	DEVICE,
	ERROR,
	HIGH,
	LOW,
	MemoryBlocks,
	MID,
	type Rig,
	STATUS,
} from "./rig.ts";

const [DRDY_DSC, DRQ, ERR] = [0x50, 0x08, 0x01];

function identify(rig: Rig) {
	rig.board.out(DEVICE, 0xa0);
	rig.board.out(STATUS, 0xec);
	expect(rig.wait()).to.equal(DRDY_DSC | DRQ);
	return rig.words(256);
}

function text(words: Uint16Array, at: number, length: number) {
	return String.fromCharCode(
		...[...words.subarray(at, at + length)].flatMap((word) => [word >> 8, word & 0xff]),
	).trim();
}

describe("ATA disk", () => {
	it("shows the signature of a disk, a good diagnostic code and DRDY after reset", () => {
		const { board } = buildRig();
		expect([COUNT, LOW, MID, HIGH, ERROR].map((port) => board.in(port))).to.deep.equal([1, 1, 0, 0, 1]);
		expect(board.in(STATUS)).to.equal(DRDY_DSC);
	});

	it("identifies itself: sizes, LBA, DMA, 48-bit addresses, and a checksum that fits", () => {
		const words = identify(buildRig());
		expect(words[0] & 0x8000).to.equal(0);
		expect(text(words, 27, 20)).to.equal("GANTRY HARDDISK");
		expect(text(words, 10, 10)).to.equal("GT00001");
		expect(words[49] & 0x0300).to.equal(0x0300);
		expect(words[60] | (words[61] << 16)).to.equal(20000);
		expect(words[100]).to.equal(20000);
		expect(words[83] & 0xc400).to.equal(0x4400);
		const sum = new Uint8Array(words.buffer).reduce((total, byte) => total + byte, 0);
		expect(sum & 0xff).to.equal(0);
		expect(words[255] & 0xff).to.equal(0xa5);
	});

	it("is busy for a while, then interrupts once a sector, and drops INTRQ when status is read", () => {
		const { board, irq, lba28, wait, bytes, medium } = buildRig();
		lba28(0x20, 1000, 3);
		expect(board.in(CONTROL)).to.equal(0x80);
		const read: number[] = [];
		for (let sector = 0; sector < 3; sector++) {
			expect(wait()).to.equal(DRDY_DSC | DRQ);
			expect(irq.high).to.equal(true);
			board.in(STATUS);
			expect(irq.high).to.equal(false);
			read.push(...bytes(512));
		}
		expect(wait()).to.equal(DRDY_DSC);
		expect(irq.rises).to.equal(3);
		expect(read).to.deep.equal([...medium.bytes.subarray(1000 * 512, 1003 * 512)]);
	});

	it("gives many elements at once as it gives them singly, up to a block's end", () => {
		const [many, single] = [buildRig(), buildRig()];
		for (const { lba28, wait } of [many, single]) {
			lba28(0x20, 77, 3);
			wait();
		}
		const read: number[] = [];
		for (const [size, asked] of [
			[2, 1],
			[4, 60],
			[1, 2],
			[2, 100],
			[2, 500],
			[2, 9],
			[4, 0],
			[4, 200],
			[1, 512],
			[2, 400],
		] as const) {
			const into = new Uint8Array(size * asked);
			const count = many.board.bus.readPortMany(DATA, size, into);
			read.push(...into.subarray(0, count * size));
			const one = () => single.board.in(DATA, size);
			const bytes = Array.from({ length: count }, one).flatMap((v) =>
				Array.from({ length: size }, (_, i) => (v >>> (8 * i)) & 0xff),
			);
			expect([...into.subarray(0, count * size)]).to.deep.equal(bytes);
			expect(many.disk.state).to.deep.equal(single.disk.state);
			expect(many.wait()).to.equal(single.wait());
		}
		const { bytes } = many.medium;
		expect(read).to.deep.equal([...bytes.subarray(77 * 512, 77 * 512 + read.length)]);
		expect(read.length).to.equal(3 * 512);
	});

	it("moves data by dwords and bytes too", () => {
		const { board, lba28, wait } = buildRig();
		lba28(0x20, 0x1234, 1);
		wait();
		expect(board.in(DATA, 4)).to.equal(0x1234);
		expect(board.in(DATA, 1)).to.equal(0);
	});

	it("writes sectors: no interrupt before the first, one after each", () => {
		const { board, irq, lba28, wait, medium } = buildRig();
		lba28(0x30, 7, 2);
		expect(wait()).to.equal(DRDY_DSC | DRQ);
		expect(irq.rises).to.equal(0);
		for (let sector = 0; sector < 2; sector++) {
			for (let word = 0; word < 256; word++) board.out(DATA, 0x4100 + sector, 2);
			wait();
			board.in(STATUS);
		}
		expect(irq.rises).to.equal(2);
		expect([...medium.bytes.subarray(7 * 512, 7 * 512 + 2)]).to.deep.equal([0x00, 0x41]);
		expect([...medium.bytes.subarray(9 * 512 - 2, 9 * 512)]).to.deep.equal([0x01, 0x41]);
		expect(medium.bytes[9 * 512]).to.equal(9);
	});

	it("interrupts once a block with READ and WRITE MULTIPLE", () => {
		const { board, irq, lba28, wait, bytes } = buildRig();
		board.out(COUNT, 4);
		board.out(STATUS, 0xc6);
		wait();
		board.in(STATUS);
		irq.rises = 0;
		lba28(0xc4, 100, 6);
		wait();
		board.in(STATUS);
		expect(bytes(4 * 512)[3 * 512]).to.equal(103);
		wait();
		board.in(STATUS);
		expect(bytes(2 * 512)[512]).to.equal(105);
		expect(irq.rises).to.equal(2);
	});

	it("refuses a multiple that is no power of two", () => {
		const { board, wait } = buildRig();
		board.out(COUNT, 3);
		board.out(STATUS, 0xc6);
		expect(wait()).to.equal(DRDY_DSC | ERR);
		expect(board.in(ERROR)).to.equal(0x04);
	});

	it("addresses by cylinder, head and sector, also in a geometry that the host chose", () => {
		const { board, wait, words } = buildRig();
		const read = (cylinder: number, head: number, sector: number) => {
			board.out(DEVICE, 0xa0 | head);
			for (const [port, value] of [
				[COUNT, 1],
				[LOW, sector],
				[MID, cylinder & 0xff],
				[HIGH, cylinder >> 8],
			]) {
				board.out(port, value);
			}
			board.out(STATUS, 0x20);
			return wait() & ERR ? -1 : words(256)[0];
		};
		expect(read(1, 2, 3)).to.equal((1 * 16 + 2) * 63 + 2);
		board.out(DEVICE, 0xa3);
		board.out(COUNT, 10);
		board.out(STATUS, 0x91);
		wait();
		expect(read(5, 1, 10)).to.equal((5 * 4 + 1) * 10 + 9);
		expect(read(5, 1, 11)).to.equal(-1);
		expect(board.in(ERROR)).to.equal(0x10);
	});

	it("takes a 48-bit address in two writes a register, and shows both with HOB", () => {
		const rig = buildRig();
		const { board, wait, words } = rig;
		board.out(DEVICE, 0xe0);
		for (const [port, high, low] of [
			[COUNT, 0, 1],
			[LOW, 0, 0x10],
			[MID, 0, 0x27],
			[HIGH, 0, 0],
		]) {
			board.out(port, high);
			board.out(port, low);
		}
		board.out(STATUS, 0x24);
		wait();
		expect(words(256)[0]).to.equal(0x2710);
		board.out(MID, 0x12);
		board.out(MID, 0x34);
		expect(board.in(MID)).to.equal(0x34);
		board.out(CONTROL, 0x80);
		expect(board.in(MID)).to.equal(0x12);
	});

	it("reports IDNF past the end of the disk", () => {
		const { board, lba28, wait } = buildRig();
		lba28(0x20, 19999, 2);
		expect(wait()).to.equal(DRDY_DSC | ERR);
		expect(board.in(ERROR)).to.equal(0x10);
	});

	it("reads 256 sectors for a count of 0", () => {
		const { lba28, wait, bytes, disk } = buildRig();
		lba28(0x20, 0, 0);
		for (let sector = 0; sector < 256; sector++) {
			expect(wait() & DRQ).to.equal(DRQ);
			bytes(512);
		}
		expect(wait()).to.equal(DRDY_DSC);
		expect(disk.state.activity).to.equal(256);
	});

	it("reads by DMA into scattered regions and raises the bus master's interrupt bit", () => {
		const { board, irq, lba28, wait, prd, medium } = buildRig();
		prd(0x1000, 0x8000, 512, false);
		prd(0x1008, 0x20000, 1536, true);
		for (let i = 0; i < 4; i++) board.out(BMIDE + 4 + i, (0x1000 >> (i * 8)) & 0xff);
		board.out(BMIDE + 2, 0x06);
		board.out(BMIDE, 0x08);
		lba28(0xc8, 50, 4);
		board.out(BMIDE, 0x09);
		expect(board.in(BMIDE + 2) & 1).to.equal(1);
		expect(wait()).to.equal(DRDY_DSC);
		expect(irq.high).to.equal(true);
		expect(board.in(BMIDE + 2)).to.equal(0x04);
		expect(board.in(STATUS)).to.equal(DRDY_DSC);
		expect([...board.memory.read(0x8000, 512)]).to.deep.equal([...medium.bytes.subarray(50 * 512, 51 * 512)]);
		expect([...board.memory.read(0x20000, 1536)]).to.deep.equal([
			...medium.bytes.subarray(51 * 512, 54 * 512),
		]);
		board.out(BMIDE + 2, 0x04);
		expect(board.in(BMIDE + 2)).to.equal(0);
	});

	it("writes by DMA", () => {
		const { board, lba28, prd, medium } = buildRig();
		board.memory.write(0x8000, new Uint8Array(1024).fill(0x5a));
		prd(0x1000, 0x8000, 1024, true);
		for (let i = 0; i < 4; i++) board.out(BMIDE + 4 + i, (0x1000 >> (i * 8)) & 0xff);
		lba28(0xca, 3, 2);
		board.pass(100_000);
		board.out(BMIDE, 0x01);
		board.pass(100_000);
		expect(board.in(STATUS)).to.equal(DRDY_DSC);
		expect(medium.bytes[3 * 512]).to.equal(0x5a);
		expect(medium.bytes[5 * 512 - 1]).to.equal(0x5a);
		expect(medium.bytes[5 * 512]).to.equal(5);
	});

	it("stays active when the guest's table has more room than the transfer needs", () => {
		const { board, lba28, prd } = buildRig();
		prd(0x1000, 0x8000, 4096, true);
		for (let i = 0; i < 4; i++) board.out(BMIDE + 4 + i, (0x1000 >> (i * 8)) & 0xff);
		lba28(0xc8, 0, 1);
		board.out(BMIDE, 0x09);
		board.pass(200_000);
		expect(board.in(BMIDE + 2) & 5).to.equal(5);
		board.out(BMIDE, 0);
		expect(board.in(BMIDE + 2) & 5).to.equal(4);
	});

	it("goes through software reset: BSY while SRST is set, then the signature", () => {
		const { board, wait, lba28 } = buildRig();
		lba28(0x20, 0, 1);
		board.out(CONTROL, 0x04);
		expect(board.in(STATUS)).to.equal(0x80);
		board.pass(1e6);
		expect(board.in(STATUS)).to.equal(0x80);
		board.out(CONTROL, 0);
		expect(board.in(STATUS)).to.equal(0x80);
		expect(wait()).to.equal(DRDY_DSC);
		expect([COUNT, LOW, MID, HIGH].map((port) => board.in(port))).to.deep.equal([1, 1, 0, 0]);
	});

	it("runs diagnostics on both drives and interrupts", () => {
		const { board, irq, wait } = buildRig();
		board.out(DEVICE, 0xb0);
		board.out(STATUS, 0x90);
		expect(wait()).to.equal(DRDY_DSC);
		expect(irq.high).to.equal(true);
		expect(board.in(ERROR)).to.equal(1);
	});

	it("keeps INTRQ off the line while nIEN is set", () => {
		const { board, irq, lba28, wait } = buildRig();
		board.out(CONTROL, 0x02);
		lba28(0x20, 0, 1);
		wait();
		expect(irq.high).to.equal(false);
		board.out(CONTROL, 0);
		expect(irq.high).to.equal(true);
	});

	it("chooses transfer modes by SET FEATURES and shows the choice", () => {
		const rig = buildRig();
		rig.board.out(ERROR, 0x03);
		rig.board.out(COUNT, 0x21);
		rig.board.out(STATUS, 0xef);
		expect(rig.wait()).to.equal(DRDY_DSC);
		expect(identify(rig)[63]).to.equal(0x0207);
		rig.board.out(ERROR, 0x85);
		rig.board.out(STATUS, 0xef);
		expect(rig.wait() & ERR).to.equal(ERR);
	});

	it("accepts flush, idle and power commands, and aborts what it does not know", () => {
		const { board, wait } = buildRig();
		const run = (command: number) => {
			board.out(STATUS, command);
			return wait();
		};
		for (const command of [0xe7, 0xea, 0xe1, 0xe0, 0x10, 0x70]) expect(run(command)).to.equal(DRDY_DSC);
		run(0xe5);
		expect(board.in(COUNT)).to.equal(0xff);
		expect(run(0xb0) & ERR).to.equal(ERR);
		expect(board.in(ERROR)).to.equal(0x04);
		run(0xf8);
		expect(board.in(LOW) | (board.in(MID) << 8)).to.equal(19999);
	});

	it("aborts writes to a medium that cannot be written", () => {
		const blocks = new MemoryBlocks(100, 512);
		const { lba28, wait } = buildRig({ disk: { size: blocks.size, read: (o, n) => blocks.read(o, n) } });
		lba28(0x30, 0, 1);
		expect(wait() & (ERR | DRQ)).to.equal(ERR);
	});

	it("continues a transfer after its state was copied back, mid-sector", () => {
		const { board, lba28, wait, disk, channel, words } = buildRig();
		lba28(0x20, 77, 1);
		wait();
		words(100);
		const saved = structuredClone({ disk: disk.state, channel: channel.state });
		words(156);
		Object.assign(disk.state, saved.disk);
		Object.assign(channel.state, saved.channel);
		channel.restored();
		expect(board.in(CONTROL)).to.equal(DRDY_DSC | DRQ);
		expect(words(156)[155]).to.equal(0xffff);
		expect(board.in(CONTROL)).to.equal(DRDY_DSC);
	});

	it("keeps no view of its medium in its state, so that a snapshot stays small", () => {
		const blocks = new MemoryBlocks(4096, 512);
		const disk = {
			size: blocks.size,
			read: (offset: number, length: number) => blocks.bytes.subarray(offset, offset + length),
		};
		const rig = buildRig({ disk });
		rig.lba28(0x20, 7, 1);
		rig.wait();
		expect(rig.disk.state.buffer.buffer.byteLength).to.equal(512);
	});
});
