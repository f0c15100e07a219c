/**
 * One channel of a PCI IDE bus master: the engine that walks a table of physical regions.
 * Intel/SFF "Programming Interface for Bus Master IDE Controller", revision 1.0.
 *
 *   0  command: 0 start, 3 write to memory      4..7  physical region descriptor table, 4-byte aligned
 *   2  status: 0 active, 1 error, 2 interrupt (1 and 2 cleared by ones), 5 and 6 drive can do DMA
 *
 * A descriptor is a 32-bit address and a 16-bit length (0 is 64 KiB); bit 31 of the second dword ends the table.
 *
 * Not emulated: the error bit (no transfer fails on the bus), simplex mode.
 */
import type { Device } from "../../bus/device.ts";
import type { PhysicalMemory } from "../../bus/memory.ts";
import type { DmaEngine } from "./block.ts";

const COMMAND = 0;
const STATUS = 2;
const TABLE = 4;
const COMMAND_START = 0x01;
const COMMAND_TO_MEMORY = 0x08;
const STATUS_ACTIVE = 0x01;
const STATUS_ERROR = 0x02;
const STATUS_INTERRUPT = 0x04;
const STATUS_CAPABLE = 0x60;
const END_OF_TABLE = 0x80000000;

export class BusMaster implements Device, DmaEngine {
	readonly name: string;
	readonly state = {
		command: 0,
		status: 0,
		table: 0,
		/** The next descriptor, and what is left of the current one. */
		next: 0,
		address: 0,
		left: 0,
		last: false,
	};
	/** Called when the guest starts a transfer. */
	onStart: () => void = () => {};
	#memory: PhysicalMemory;

	constructor(name: string, memory: PhysicalMemory) {
		this.name = name;
		this.#memory = memory;
	}

	attach(): void {}

	reset(): void {
		Object.assign(this.state, { command: 0, status: 0, table: 0, next: 0, address: 0, left: 0, last: false });
	}

	readByte(offset: number): number {
		const s = this.state;
		if (offset === COMMAND) return s.command;
		if (offset === STATUS) return s.status;
		return offset >= TABLE ? (s.table >>> ((offset - TABLE) * 8)) & 0xff : 0;
	}

	writeByte(offset: number, value: number): void {
		const s = this.state;
		if (offset === COMMAND) this.#writeCommand(value);
		else if (offset === STATUS) {
			const kept = s.status & ~(value & (STATUS_ERROR | STATUS_INTERRUPT));
			s.status = (kept & ~STATUS_CAPABLE) | (value & STATUS_CAPABLE);
		} else if (offset >= TABLE) {
			const shift = (offset - TABLE) * 8;
			s.table = ((s.table & ~(0xff << shift)) | (value << shift)) & ~3;
			s.table >>>= 0;
		}
	}

	#writeCommand(value: number): void {
		const s = this.state;
		const before = s.command;
		s.command = value & (COMMAND_START | COMMAND_TO_MEMORY);
		if ((value & COMMAND_START) === 0) s.status &= ~STATUS_ACTIVE;
		else if ((before & COMMAND_START) === 0) {
			s.status |= STATUS_ACTIVE;
			Object.assign(s, { next: s.table, left: 0, last: false });
			this.onStart();
		}
	}

	started(toMemory: boolean): boolean {
		const { command, status } = this.state;
		return (status & STATUS_ACTIVE) !== 0 && ((command & COMMAND_TO_MEMORY) !== 0) === toMemory;
	}

	toMemory(bytes: Uint8Array): boolean {
		return this.#walk(bytes.length, (address, at, length) => {
			this.#memory.write(address, bytes.subarray(at, at + length));
		});
	}

	fromMemory(length: number): Uint8Array | undefined {
		const bytes = new Uint8Array(length);
		const whole = this.#walk(length, (address, at, piece) =>
			bytes.set(this.#memory.read(address, piece), at),
		);
		return whole ? bytes : undefined;
	}

	interrupt(): void {
		this.state.status |= STATUS_INTERRUPT;
	}

	/** Goes through the table for `length` bytes. Active ends with the last region; false if that is too early. */
	#walk(length: number, move: (address: number, at: number, length: number) => void): boolean {
		const s = this.state;
		for (let at = 0; at < length; ) {
			if (s.left === 0 && !this.#nextRegion()) return false;
			const piece = Math.min(s.left, length - at);
			move(s.address, at, piece);
			s.address += piece;
			s.left -= piece;
			at += piece;
		}
		if (s.left === 0 && s.last) s.status &= ~STATUS_ACTIVE;
		return true;
	}

	#nextRegion(): boolean {
		const s = this.state;
		if ((s.status & STATUS_ACTIVE) === 0) return false;
		if (s.last) {
			s.status &= ~STATUS_ACTIVE;
			return false;
		}
		const descriptor = this.#memory.read(s.next, 8);
		const view = new DataView(descriptor.buffer, descriptor.byteOffset, 8);
		const control = view.getUint32(4, true);
		s.address = (view.getUint32(0, true) & ~1) >>> 0;
		s.left = control & 0xfffe || 0x10000;
		s.last = (control & END_OF_TABLE) !== 0;
		s.next += 8;
		return true;
	}
}
