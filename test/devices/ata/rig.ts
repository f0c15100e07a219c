import { AtapiCdrom } from "../../../src/devices/ata/atapi.ts";
import type { BlockDevice } from "../../../src/devices/ata/block.ts";
import { BusMaster } from "../../../src/devices/ata/bus-master.ts";
import { AtaChannel } from "../../../src/devices/ata/channel.ts";
import { AtaDisk } from "../../../src/devices/ata/disk.ts";
import { Board, probe } from "../board.ts";

export const DATA = 0x1f0;
export const ERROR = 0x1f1;
export const COUNT = 0x1f2;
export const LOW = 0x1f3;
export const MID = 0x1f4;
export const HIGH = 0x1f5;
export const DEVICE = 0x1f6;
export const STATUS = 0x1f7;
export const CONTROL = 0x3f6;
export const BMIDE = 0xc000;

/** Bytes in memory; each sector starts with its number. */
export class MemoryBlocks implements BlockDevice {
	readonly bytes: Uint8Array;

	constructor(sectors: number, sectorSize: number) {
		this.bytes = new Uint8Array(sectors * sectorSize);
		const view = new DataView(this.bytes.buffer);
		for (let i = 0; i < sectors; i++) {
			view.setUint32(i * sectorSize, i, true);
			view.setUint32((i + 1) * sectorSize - 4, ~i >>> 0, true);
		}
	}

	get size(): number {
		return this.bytes.length;
	}

	read(offset: number, length: number): Uint8Array {
		return this.bytes.slice(offset, offset + length);
	}

	write(offset: number, bytes: Uint8Array): void {
		this.bytes.set(bytes, offset);
	}
}

/** A channel at the primary addresses with a disk as device 0 and a CD-ROM drive as device 1, and its bus master at c000. */
export function buildRig(options: { disk?: BlockDevice; disc?: BlockDevice } = {}) {
	const board = new Board();
	const irq = probe();
	const medium = new MemoryBlocks(20000, 512);
	const disk = new AtaDisk("hda", board.clock, options.disk ?? medium, "GT00001");
	const cdrom = new AtapiCdrom("cd0", board.clock, options.disc ?? new MemoryBlocks(400, 2048));
	const master = new BusMaster("bus master", board.memory);
	const channel = new AtaChannel("ata", { command: 0x1f0, control: 0x3f6 }, board.clock, irq, master, [
		disk,
		cdrom,
	]);
	master.onStart = () => channel.dmaStarted();
	for (const device of [disk, cdrom, master, channel]) board.plug(device);
	board.bus.ports("bus master", BMIDE, 8, {
		read: (offset) => master.readByte(offset),
		write: (offset, value) => master.writeByte(offset, value),
	});
	/** Polls the alternate status until BSY clears; returns it. */
	const wait = () => {
		for (let i = 0; i < 10000; i++) {
			const status = board.in(CONTROL);
			if ((status & 0x80) === 0) return status;
			board.pass(1000);
		}
		throw new Error("BSY stays set");
	};
	const words = (count: number) => Uint16Array.from({ length: count }, () => board.in(DATA, 2));
	const bytes = (count: number) => new Uint8Array(words(count / 2).buffer);
	/** Writes the task file of a 28-bit LBA command. */
	const lba28 = (command: number, lba: number, count: number, device = 0xe0) => {
		board.out(DEVICE, device | ((lba >> 24) & 15));
		board.out(COUNT, count);
		for (let i = 0; i < 3; i++) board.out(LOW + i, (lba >> (i * 8)) & 0xff);
		board.out(STATUS, command);
	};
	/** Writes one physical region descriptor. */
	const prd = (at: number, address: number, length: number, last: boolean) => {
		const view = new DataView(new ArrayBuffer(8));
		view.setUint32(0, address, true);
		view.setUint32(4, (length & 0xffff) | (last ? 0x80000000 : 0), true);
		board.memory.write(at, new Uint8Array(view.buffer));
	};
	return { board, irq, medium, disk, cdrom, channel, master, wait, words, bytes, lba28, prd };
}

export type Rig = ReturnType<typeof buildRig>;
