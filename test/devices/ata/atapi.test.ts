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
	STATUS,
} from "./rig.ts";

const [DRDY, DRQ, CHECK] = [0x40, 0x08, 0x01];

interface Sent {
	status: number;
	data: Uint8Array;
	/** Sense key, from the error register. */
	key: number;
	/** The byte count of each block. */
	blocks: number[];
}

/** A rig with the CD-ROM drive selected. */
function build(sectors = 400) {
	const rig = buildRig({ disc: new MemoryBlocks(sectors, 2048) });
	const { board, wait } = rig;
	board.out(DEVICE, 0xb0);
	const send = (packet: number[], features = 0, limit = 0xfffe) => {
		board.out(ERROR, features);
		board.out(MID, limit & 0xff);
		board.out(HIGH, limit >> 8);
		board.out(STATUS, 0xa0);
		expect(wait() & (DRQ | CHECK)).to.equal(DRQ);
		expect(board.in(COUNT), "interrupt reason: command").to.equal(1);
		const bytes = [...packet, ...new Array(12).fill(0)];
		for (let i = 0; i < 12; i += 2) board.out(DATA, bytes[i] | (bytes[i + 1] << 8), 2);
	};
	/** Sends a packet by PIO and takes the answer. */
	const packet = (...bytes: number[]): Sent => limited(0xfffe, ...bytes);
	const limited = (limit: number, ...bytes: number[]): Sent => {
		send(bytes, 0, limit);
		const data: number[] = [];
		const blocks: number[] = [];
		while (wait() & DRQ) {
			expect(board.in(COUNT), "interrupt reason: data to the host").to.equal(2);
			board.in(STATUS);
			const length = board.in(MID) | (board.in(HIGH) << 8);
			blocks.push(length);
			for (let i = 0; i < length; i += 2)
				data.push(...[board.in(DATA, 2)].flatMap((w) => [w & 0xff, w >> 8]));
			data.length -= length & 1;
		}
		expect(board.in(COUNT), "interrupt reason: status").to.equal(3);
		return { status: board.in(STATUS), data: Uint8Array.from(data), key: board.in(ERROR) >> 4, blocks };
	};
	const sense = () => {
		const { data } = packet(0x03, 0, 0, 0, 18);
		return [data[2], data[12], data[13]];
	};
	return { ...rig, send, packet, limited, sense };
}

const be32 = (data: Uint8Array, at: number) => new DataView(data.buffer, data.byteOffset).getUint32(at);
const text = (data: Uint8Array, from: number, to: number) => String.fromCharCode(...data.subarray(from, to));

describe("ATAPI CD-ROM drive", () => {
	it("shows the packet signature after reset and when it aborts IDENTIFY DEVICE", () => {
		const { board, wait } = build();
		const signature = () => [COUNT, LOW, MID, HIGH].map((port) => board.in(port));
		expect(signature()).to.deep.equal([1, 1, 0x14, 0xeb]);
		expect(board.in(STATUS)).to.equal(0);
		board.out(MID, 0);
		board.out(STATUS, 0xec);
		expect(wait() & CHECK).to.equal(CHECK);
		expect(board.in(ERROR)).to.equal(4);
		expect(signature()).to.deep.equal([1, 1, 0x14, 0xeb]);
	});

	it("shows the signature again after DEVICE RESET, even in the middle of a transfer", () => {
		const { board, send, wait } = build();
		send([0x28, 0, 0, 0, 0, 0, 0, 0, 4]);
		expect(wait() & DRQ).to.equal(DRQ);
		board.out(STATUS, 0x08);
		expect(board.in(STATUS)).to.equal(0);
		expect([board.in(MID), board.in(HIGH)]).to.deep.equal([0x14, 0xeb]);
	});

	it("identifies itself as a removable CD-ROM with 12-byte packets and DMA", () => {
		const { board, wait, words, irq } = build();
		board.out(STATUS, 0xa1);
		expect(wait() & DRQ).to.equal(DRQ);
		expect(irq.high).to.equal(true);
		const data = words(256);
		expect(data[0]).to.equal(0x85c0);
		expect(data[49] & 0x0100).to.equal(0x0100);
		expect(board.in(CONTROL) & (DRQ | 0x80)).to.equal(0);
	});

	it("answers INQUIRY as a CD-ROM drive, cut to the allocation length", () => {
		const { packet } = build();
		const { data } = packet(0x12, 0, 0, 0, 36);
		expect([data.length, data[0], data[1]]).to.deep.equal([36, 5, 0x80]);
		expect(text(data, 8, 16)).to.equal("GANTRY  ");
		expect(packet(0x12, 0, 0, 0, 5).data).to.have.length(5);
	});

	it("tells its capacity and reads sectors, in one block if the host allows", () => {
		const { packet, cdrom } = build();
		const capacity = packet(0x25).data;
		expect([be32(capacity, 0), be32(capacity, 4)]).to.deep.equal([399, 2048]);
		const { data, blocks, status } = packet(0x28, 0, 0, 0, 0, 16, 0, 0, 3);
		expect(blocks).to.deep.equal([6144]);
		expect([0, 1, 2].map((i) => data[i * 2048])).to.deep.equal([16, 17, 18]);
		expect(status).to.equal(DRDY);
		expect(cdrom.state.activity).to.equal(3);
	});

	it("sends blocks no longer than the byte count limit, interrupting for each and for the status", () => {
		const { limited, irq } = build();
		irq.rises = 0;
		const { data, blocks } = limited(0x1000, 0xa8, 0, 0, 0, 0, 5, 0, 0, 0, 3);
		expect(blocks).to.deep.equal([4096, 2048]);
		expect(data[4096]).to.equal(7);
		expect(irq.rises).to.equal(3);
	});

	it("reads by DMA", () => {
		const { board, send, prd, wait, irq } = build();
		prd(0x1000, 0x4000, 2048, false);
		prd(0x1008, 0x10000, 2048, true);
		for (let i = 0; i < 4; i++) board.out(BMIDE + 4 + i, (0x1000 >> (i * 8)) & 0xff);
		send([0x28, 0, 0, 0, 0, 30, 0, 0, 2], 1);
		board.out(BMIDE, 0x09);
		board.pass(1e6);
		expect(wait()).to.equal(DRDY);
		expect(irq.high).to.equal(true);
		expect(board.in(BMIDE + 2) & 5).to.equal(4);
		expect([board.memory.read(0x4000, 1)[0], board.memory.read(0x10000, 1)[0]]).to.deep.equal([30, 31]);
	});

	it("refuses data by PIO when the host allows no bytes", () => {
		const { limited } = build();
		const { status } = limited(0, 0x12, 0, 0, 0, 36);
		expect(status & CHECK).to.equal(CHECK);
	});

	it("reports what was wrong: key in the error register, the rest by REQUEST SENSE, once", () => {
		const { packet, sense } = build();
		const past = packet(0x28, 0, 0, 0, 1, 0x8f, 0, 0, 2);
		expect([past.status, past.key]).to.deep.equal([DRDY | CHECK, 5]);
		expect(sense()).to.deep.equal([5, 0x21, 0]);
		expect(sense()).to.deep.equal([0, 0, 0]);
		packet(0xff);
		expect(sense()).to.deep.equal([5, 0x20, 0]);
	});

	it("lists one data track and the lead-out in the TOC, by sector or by minute", () => {
		const { packet } = build();
		const lba = packet(0x43, 0, 0, 0, 0, 0, 0, 0, 100).data;
		expect([...lba]).to.deep.equal([0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, 0, 0, 1, 0x90]);
		const msf = packet(0x43, 2, 0, 0, 0, 0, 0xaa, 0, 100).data;
		expect([...msf]).to.deep.equal([0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 7, 25]);
		expect([...packet(0x43, 0, 1, 0, 0, 0, 0, 0, 100).data]).to.deep.equal([
			0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0,
		]);
		expect(packet(0x43, 0, 2, 0, 0, 0, 0, 0, 100).data).to.have.length(4 + 4 * 11);
	});

	it("describes disc and track as finished", () => {
		const { packet } = build();
		const disc = packet(0x51, 0, 0, 0, 0, 0, 0, 0, 34).data;
		expect([disc[2], disc[3], disc[6]]).to.deep.equal([0x0e, 1, 1]);
		expect(be32(packet(0x52, 1, 0, 0, 0, 1, 0, 0, 36).data, 24)).to.equal(400);
	});

	it("answers mode pages, all or one, and refuses saved values", () => {
		const { packet, sense } = build();
		const all = packet(0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 255).data;
		expect((all[0] << 8) | all[1]).to.equal(all.length - 2);
		const capabilities = packet(0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 255).data;
		expect([capabilities[8], capabilities[9], capabilities.length]).to.deep.equal([0x2a, 18, 28]);
		packet(0x5a, 0, 0xea, 0, 0, 0, 0, 0, 255);
		expect(sense()).to.deep.equal([5, 0x39, 0]);
	});

	it("tells its features, with the profile of the disc", () => {
		const { packet, cdrom } = build();
		const cd = packet(0x46, 0, 0, 0, 0, 0, 0, 1, 0).data;
		expect(be32(cd, 0)).to.equal(cd.length - 4);
		expect(cd[7]).to.equal(0x08);
		cdrom.insert({ size: 2 ** 30, read: (_offset, length) => new Uint8Array(length) });
		expect(packet(0x46, 0, 0, 0, 0, 0, 0, 0, 8).data[7]).to.equal(0x10);
		expect(packet(0x46, 2, 0, 3, 0, 0, 0, 1, 0).data).to.have.length(16);
	});

	it("answers READ CD for user data only", () => {
		const { packet, sense } = build();
		expect(packet(0xbe, 0, 0, 0, 0, 9, 0, 0, 1, 0x10).data[0]).to.equal(9);
		packet(0xbe, 0, 0, 0, 0, 9, 0, 0, 1, 0xf8);
		expect(sense()).to.deep.equal([5, 0x24, 0]);
	});

	it("reports a changed disc once as UNIT ATTENTION, and shows the event to a poll", () => {
		const { packet, sense, cdrom } = build();
		expect(packet(0x00).status).to.equal(DRDY);
		cdrom.eject();
		expect(packet(0x00).key).to.equal(6);
		expect(packet(0x00).key).to.equal(2);
		expect(sense()).to.deep.equal([2, 0x3a, 0]);
		expect([...packet(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8).data.subarray(4, 6)]).to.deep.equal([3, 1]);
		cdrom.insert(new MemoryBlocks(10, 2048));
		expect(packet(0x12, 0, 0, 0, 36).status).to.equal(DRDY);
		expect([...packet(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8).data]).to.deep.equal([0, 6, 4, 0x10, 2, 2, 0, 0]);
		expect(packet(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8).data[4]).to.equal(0);
		packet(0x25);
		expect(sense()).to.deep.equal([6, 0x28, 0]);
		expect(be32(packet(0x25).data, 0)).to.equal(9);
	});

	it("ejects when the guest asks, unless it has locked the tray", () => {
		const { packet, sense } = build();
		packet(0x1e, 0, 0, 0, 1);
		expect(packet(0x1b, 0, 0, 0, 2).key).to.equal(5);
		expect(sense()).to.deep.equal([5, 0x53, 2]);
		packet(0x1e, 0, 0, 0, 0);
		expect(packet(0x1b, 0, 0, 0, 2).status).to.equal(DRDY);
		expect(packet(0x00).key).to.equal(2);
	});

	it("takes its packet by DMA features without data as an ordinary success", () => {
		const { send, wait } = build();
		send([0x00], 1);
		expect(wait()).to.equal(DRDY);
	});

	it("continues a transfer after its state was copied back", () => {
		const { board, send, wait, words, cdrom, channel } = build();
		send([0x28, 0, 0, 0, 0, 20, 0, 0, 2], 0, 2048);
		wait();
		words(512);
		const saved = structuredClone(cdrom.state);
		words(512);
		wait();
		Object.assign(cdrom.state, saved);
		channel.restored();
		words(512);
		wait();
		expect(words(1)[0]).to.equal(21);
		expect(board.in(MID) | (board.in(HIGH) << 8)).to.equal(2048);
	});
});
