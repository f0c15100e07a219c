/**
 * What every drive on an ATA channel has: the task file, the data register's buffer, BSY and DRQ, INTRQ.
 * AT Attachment with Packet Interface - 6 (T13 1410D), "Interface register definitions" and "Protocols".
 *
 * A command takes guest time: the drive is busy until its alarm, whose continuation is named by
 * `state.step`, so that a snapshot can be taken at any moment.
 */
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device } from "../../bus/device.ts";
import { type DmaEngine, noDma } from "./block.ts";

export const STATUS_ERR = 0x01;
export const STATUS_DRQ = 0x08;
export const STATUS_DSC = 0x10;
export const STATUS_DRDY = 0x40;
export const STATUS_BSY = 0x80;
export const ERROR_ABRT = 0x04;
export const ERROR_IDNF = 0x10;
export const DEVICE_LBA = 0x40;
/** The error register after diagnostics: device 0 passed, device 1 passed or absent. */
const DIAGNOSTIC_PASSED = 0x01;

/** From the command to its first effect. Short, for most guests poll meanwhile; long enough for the driver to get to its wait. */
export const COMMAND_TIME = 1_000;
/** What data takes on the wire or the medium: bytes a nanosecond. A fast disk's rate, for a driver that polls executes all of it. */
const BYTES_A_NANOSECOND = 8;

/** Task file registers by their offset from the command block. Each keeps the byte written before in bits 15:8. */
export const FEATURES = 1;
export const COUNT = 2;
export const LBA_LOW = 3;
export const LBA_MID = 4;
export const LBA_HIGH = 5;

export interface DriveState {
	status: number;
	error: number;
	device: number;
	/** Indexed by FEATURES..LBA_HIGH. */
	registers: number[];
	/** INTRQ, before nIEN. */
	interrupt: boolean;
	/** The data register's block: bytes [position, end) are still to be moved. */
	buffer: Uint8Array;
	position: number;
	end: number;
	/** Whether the host reads the block or writes it. */
	toHost: boolean;
	/** DMA asked for and not yet started by the guest. */
	dma: "none" | "toMemory" | "fromMemory";
	/** What the alarm continues with. */
	step: string;
	/** Sectors moved since power-on. */
	activity: number;
}

export function driveState(): DriveState {
	return {
		status: 0,
		error: 0,
		device: 0,
		registers: [0, 0, 0, 0, 0, 0],
		interrupt: false,
		buffer: new Uint8Array(0),
		position: 0,
		end: 0,
		toHost: true,
		dma: "none",
		step: "",
		activity: 0,
	};
}

export abstract class AtaDrive implements Device {
	abstract readonly state: DriveState;
	readonly name: string;
	/** Called when INTRQ changed. */
	onInterrupt: () => void = () => {};
	dmaEngine: DmaEngine = noDma;
	#clock: Clock;
	#work: Alarm;

	constructor(name: string, clock: Clock) {
		this.name = name;
		this.#clock = clock;
		this.#work = clock.createAlarm(() => this.#continue());
	}

	/** The signature in LBA mid and high: 0 for a disk, EB14h for a packet device. */
	protected abstract readonly signature: number;
	/** Status when idle; packet devices show DRDY only after their first command. */
	protected abstract readonly idleStatus: number;
	/** A command was written to a drive that is ready. */
	protected abstract command(code: number): void;
	/** The alarm's time has come. */
	protected abstract proceed(step: string): void;
	/** The host has moved the whole block through the data register. */
	protected abstract blockDone(): void;
	/** Settings that a hardware or software reset undoes. */
	protected abstract resetSettings(): void;

	attach(): void {}

	/** RESET-, and what SRST ends in. */
	reset(): void {
		this.abandon();
		this.resetSettings();
		this.state.device = 0;
		this.signIn();
		this.state.status = this.idleStatus;
		this.setInterrupt(false);
	}

	/** Stops whatever is going on. */
	abandon(): void {
		const s = this.state;
		this.#work.cancel();
		s.step = "";
		s.dma = "none";
		s.position = s.end = 0;
	}

	/** Puts the signature and the diagnostic code into the registers. */
	signIn(): void {
		const s = this.state;
		s.error = DIAGNOSTIC_PASSED;
		s.registers = [0, 0, 1, 1, this.signature & 0xff, this.signature >> 8];
	}

	/** The channel: a register was written. Ignored while busy or in the middle of a transfer. */
	writeRegister(register: number, value: number): void {
		const s = this.state;
		if (s.status & (STATUS_BSY | STATUS_DRQ)) return;
		s.registers[register] = ((s.registers[register] << 8) | value) & 0xffff;
	}

	writeCommand(code: number): void {
		const s = this.state;
		if (s.status & (STATUS_BSY | STATUS_DRQ) && !this.interrupts(code)) return;
		this.setInterrupt(false);
		s.error = 0;
		this.command(code);
	}

	/** Whether the command is taken while another one runs. */
	protected interrupts(_code: number): boolean {
		return false;
	}

	readData(size: number): number {
		const s = this.state;
		const at = s.position;
		if (!s.toHost || at + size > s.end) return this.#readRest(size);
		const buffer = s.buffer;
		s.position = at + size;
		let value = buffer[at] | (buffer[at + 1] << 8);
		if (size === 4) value = (value | (buffer[at + 2] << 16) | (buffer[at + 3] << 24)) >>> 0;
		else if (size === 1) value &= 0xff;
		if (s.position === s.end) this.blockDone();
		return value;
	}

	/** What is there of the block, in whole elements. @returns how many */
	readDataMany(size: number, into: Uint8Array): number {
		const s = this.state;
		const count = s.toHost ? Math.floor(Math.min(into.length, s.end - s.position) / size) : 0;
		if (count <= 0) return 0;
		into.set(s.buffer.subarray(s.position, s.position + count * size));
		s.position += count * size;
		if (s.position === s.end) this.blockDone();
		return count;
	}

	/** The last bytes of a block whose length is not a multiple of the access; nothing once it is empty. */
	#readRest(size: number): number {
		const s = this.state;
		if (!s.toHost || s.position >= s.end) return 0;
		let value = 0;
		for (let shift = 0; shift < size * 8 && s.position < s.end; shift += 8)
			value |= s.buffer[s.position++] << shift;
		this.blockDone();
		return value >>> 0;
	}

	writeData(value: number, size: number): void {
		const s = this.state;
		if (s.toHost || s.position >= s.end) return;
		for (let i = 0; i < size && s.position < s.end; i++, value >>>= 8) s.buffer[s.position++] = value & 0xff;
		if (s.position === s.end) this.blockDone();
	}

	setInterrupt(high: boolean): void {
		if (this.state.interrupt === high) return;
		this.state.interrupt = high;
		this.onInterrupt();
	}

	/** The guest started the bus master. */
	dmaStarted(): void {
		const s = this.state;
		if (s.dma === "none" || !this.dmaEngine.started(s.dma === "toMemory")) return;
		s.dma = "none";
		this.later("dma", COMMAND_TIME);
	}

	/** Busy until `step`, after `delay` and the time that `bytes` take. */
	protected later(step: string, delay: number, bytes = 0): void {
		this.state.status = STATUS_BSY;
		this.state.step = step;
		this.#work.set(this.#clock.now + delay + Math.ceil(bytes / BYTES_A_NANOSECOND));
	}

	#continue(): void {
		const step = this.state.step;
		this.state.step = "";
		this.proceed(step);
	}

	/** DRQ: the host is to read `bytes` through the data register. They are copied: a view would drag its whole image into a snapshot. */
	protected present(bytes: Uint8Array): void {
		Object.assign(this.state, { buffer: bytes.slice(), position: 0, end: bytes.length, toHost: true });
		this.state.status = STATUS_DRDY | STATUS_DSC | STATUS_DRQ;
		this.setInterrupt(true);
	}

	/** DRQ: the host is to write `length` bytes. */
	protected request(length: number, interrupt: boolean): void {
		const s = this.state;
		if (s.buffer.length < length || s.toHost) s.buffer = new Uint8Array(length);
		Object.assign(s, {
			position: 0,
			end: length,
			toHost: false,
			status: STATUS_DRDY | STATUS_DSC | STATUS_DRQ,
		});
		this.setInterrupt(interrupt);
	}

	/** DMARQ: goes on at step "dma" once the guest has started the bus master. */
	protected requestDma(toMemory: boolean): void {
		this.state.dma = toMemory ? "toMemory" : "fromMemory";
		this.state.status = STATUS_DRDY | STATUS_DSC | STATUS_DRQ;
		this.dmaStarted();
	}

	/** The command has ended. */
	protected complete(error = 0): void {
		const s = this.state;
		s.error = error;
		s.position = s.end = 0;
		s.status = STATUS_DRDY | STATUS_DSC | (error ? STATUS_ERR : 0);
		this.setInterrupt(true);
	}
}
