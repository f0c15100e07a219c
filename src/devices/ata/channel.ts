/**
 * One ATA channel: two drives on one cable.
 * AT Attachment with Packet Interface - 6 (T13 1410D), "Interface register definitions".
 *
 *   command block (1f0, 170)  0 data    1 error, features   2 sector count   3..5 LBA low, mid, high
 *                             6 device (bit 4 selects)      7 status (a read drops INTRQ), command
 *   control block (3f6, 376)  0 alternate status, device control (nIEN 1, SRST 2, HOB 7)
 *
 * Both drives see every register write; the selected one answers reads and drives INTRQ.
 *
 * Not emulated: DASP-, PDIAG- (each drive knows itself to be well), overlapped and queued commands.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device, Line } from "../../bus/device.ts";
import type { DmaEngine } from "./block.ts";
import { type AtaDrive, LBA_HIGH, STATUS_BSY } from "./drive.ts";

const DATA = 0;
const ERROR_FEATURES = 1;
const DEVICE = 6;
const STATUS_COMMAND = 7;
const DEVICE_SELECT = 0x10;
const CONTROL_NIEN = 0x02;
const CONTROL_SRST = 0x04;
const CONTROL_HOB = 0x80;
const EXECUTE_DEVICE_DIAGNOSTIC = 0x90;
/** How long drives are busy after SRST and diagnostics. */
const RESET_TIME = 100_000;

export interface AtaPorts {
	command: number;
	control: number;
}

export class AtaChannel implements Device {
	readonly name: string;
	readonly state = { control: 0, selected: 0, diagnosing: false };
	readonly #drives: (AtaDrive | undefined)[];
	#ports: AtaPorts;
	#clock: Clock;
	#irq: Line;
	#dma: DmaEngine;
	#reset: Alarm;
	#interrupting = false;

	/** @param drives device 0 and device 1 */
	constructor(
		name: string,
		ports: AtaPorts,
		clock: Clock,
		irq: Line,
		dma: DmaEngine,
		drives: (AtaDrive | undefined)[],
	) {
		this.name = name;
		this.#ports = ports;
		this.#clock = clock;
		this.#irq = irq;
		this.#dma = dma;
		this.#drives = drives;
		this.#reset = clock.createAlarm(() => this.#resetDone());
		for (const drive of drives) {
			if (!drive) continue;
			drive.onInterrupt = () => this.#drive();
			drive.dmaEngine = dma;
		}
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#ports.command, 8, this, 4);
		bus.ports(`${this.name} control`, this.#ports.control, 1, {
			read: () => this.#status(),
			write: (_offset, value) => this.#writeControl(value),
		});
	}

	/** The drives have their own RESET-. */
	reset(): void {
		Object.assign(this.state, { control: 0, selected: 0, diagnosing: false });
		this.#reset.cancel();
		this.#drive();
	}

	restored(): void {
		this.#interrupting = this.#intrq();
		this.#irq.set(this.#interrupting);
	}

	/** The guest started the bus master. */
	dmaStarted(): void {
		this.#selected?.dmaStarted();
	}

	read(offset: number, size: number): number {
		const drive = this.#selected;
		if (offset === DATA) return drive ? drive.readData(size) : 0;
		let value = 0;
		for (let i = size - 1; i >= 0; i--) value = (value << 8) | this.#readRegister(offset + i, drive);
		return value >>> 0;
	}

	readMany(offset: number, size: number, into: Uint8Array): number {
		return offset === DATA ? (this.#selected?.readDataMany(size, into) ?? 0) : 0;
	}

	write(offset: number, value: number, size: number): void {
		if (offset === DATA) {
			this.#selected?.writeData(value, size);
			return;
		}
		for (let i = 0; i < size; i++, value >>>= 8) this.#writeRegister(offset + i, value & 0xff);
	}

	get #selected(): AtaDrive | undefined {
		return this.#drives[this.state.selected];
	}

	/** An absent drive's registers read zero: device 0 answers for it, or the bus's pull-down does. */
	#readRegister(offset: number, drive: AtaDrive | undefined): number {
		if (!drive) return 0;
		const s = drive.state;
		if (offset === STATUS_COMMAND) {
			const status = s.status;
			drive.setInterrupt(false);
			return status;
		}
		if (offset === ERROR_FEATURES) return s.error;
		if (offset === DEVICE) return s.device;
		return this.state.control & CONTROL_HOB ? s.registers[offset] >> 8 : s.registers[offset] & 0xff;
	}

	#writeRegister(offset: number, value: number): void {
		this.state.control &= ~CONTROL_HOB;
		if (offset <= LBA_HIGH) for (const drive of this.#drives) drive?.writeRegister(offset, value);
		else if (offset === DEVICE) this.#select(value);
		else if (value === EXECUTE_DEVICE_DIAGNOSTIC) this.#diagnose();
		else this.#selected?.writeCommand(value);
	}

	/** ATA-4 made bits 7 and 5 obsolete; older drives answer ones, as guests expect to read back. */
	#select(value: number): void {
		for (const drive of this.#drives) if (drive) drive.state.device = value | 0xa0;
		this.state.selected = value & DEVICE_SELECT ? 1 : 0;
		this.#drive();
	}

	#status(): number {
		return this.#selected?.state.status ?? 0;
	}

	#writeControl(value: number): void {
		const before = this.state.control;
		this.state.control = value & (CONTROL_NIEN | CONTROL_SRST | CONTROL_HOB);
		if (value & CONTROL_SRST) this.#busy();
		else if (before & CONTROL_SRST) this.#reset.set(this.#clock.now + RESET_TIME);
		this.#drive();
	}

	/** EXECUTE DEVICE DIAGNOSTIC goes to both drives, and interrupts when they are done. */
	#diagnose(): void {
		if (this.#status() & STATUS_BSY) return;
		this.#busy();
		this.state.diagnosing = true;
		this.#reset.set(this.#clock.now + RESET_TIME);
	}

	#busy(): void {
		this.#reset.cancel();
		for (const drive of this.#drives) {
			if (!drive) continue;
			drive.abandon();
			drive.setInterrupt(false);
			drive.state.status = STATUS_BSY;
		}
	}

	#resetDone(): void {
		for (const drive of this.#drives) drive?.reset();
		this.state.selected = 0;
		if (this.state.diagnosing) this.#selected?.setInterrupt(true);
		this.state.diagnosing = false;
		this.#drive();
	}

	/** INTRQ: the selected drive's, unless the host disabled it. */
	#intrq(): boolean {
		return this.#selected?.state.interrupt === true && (this.state.control & CONTROL_NIEN) === 0;
	}

	/** Drives INTRQ; its rise sets the bus master's interrupt bit. */
	#drive(): void {
		const high = this.#intrq();
		this.#irq.set(high);
		if (high && !this.#interrupting) this.#dma.interrupt();
		this.#interrupting = high;
	}
}
