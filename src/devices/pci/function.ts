/**
 * One PCI function: the 256 bytes of configuration space with a type 0 header.
 * PCI Local Bus Specification 3.0, chapter 6 "Configuration Space".
 *
 *   00 vendor, device      04 command, status     08 revision, class code   0c line, latency, header type
 *   10..27 BAR 0..5        2c subsystem           30 expansion ROM          3c interrupt line, pin
 *
 * A device extends it, names its BARs and says which further bytes the guest may write. BARs claim
 * their addresses as the command register and the BARs are written.
 *
 * Not emulated: capabilities lists, 64-bit BARs, bridges (type 1 headers), BIST, parity and system
 * errors, latency and cache line size (they read back).
 */
import type { Bus } from "../../bus/bus.ts";
import { type Device, type Handler, type Line, unconnected } from "../../bus/device.ts";
import type { Storage } from "../../bus/memory.ts";
import { portWindow, registerWindow, storageWindow, type Window } from "./window.ts";

export const PCI_VENDOR_ID = 0x00;
export const PCI_DEVICE_ID = 0x02;
export const PCI_COMMAND = 0x04;
export const PCI_STATUS = 0x06;
export const PCI_REVISION = 0x08;
export const PCI_HEADER_TYPE = 0x0e;
export const PCI_BAR0 = 0x10;
export const PCI_SUBSYSTEM_VENDOR = 0x2c;
export const PCI_SUBSYSTEM = 0x2e;
export const PCI_ROM = 0x30;
export const PCI_INTERRUPT_LINE = 0x3c;
export const PCI_INTERRUPT_PIN = 0x3d;

export const COMMAND_IO = 0x0001;
export const COMMAND_MEMORY = 0x0002;
export const COMMAND_MASTER = 0x0004;
export const COMMAND_INTX_DISABLE = 0x0400;
export const STATUS_INTERRUPT = 0x0008;
/** Target and master aborts, parity and system errors: cleared by writing ones. */
const STATUS_WRITE_CLEARS = 0xf900;

const BAR_IO = 1;
const BAR_PREFETCHABLE = 8;
const ROM_ENABLE = 1;
const BARS = 6;

/** What a base address register decodes. Sizes are powers of two. */
export type Bar =
	| { kind: "ports"; size: number; handler: Handler; width?: number }
	| { kind: "registers"; size: number; handler: Handler; width?: number }
	| { kind: "storage"; storage: Storage; prefetchable?: boolean };

export interface PciIdentity {
	name: string;
	vendor: number;
	device: number;
	/** Base class, sub-class, programming interface: 0x030000 is a VGA controller. */
	classCode: number;
	revision?: number;
	subsystemVendor?: number;
	subsystem?: number;
	/** Set on function 0 of a slot that has more. */
	multifunction?: boolean;
	/** Status bits that are wired: fast back-to-back, DEVSEL timing. */
	status?: number;
	/** Command bits the guest may change; default I/O, memory, bus master and INTx disable. */
	commandMask?: number;
	/** Command bits that are set at power-on and stay set. */
	command?: number;
	/** 1 is INTA#; 0 (default): the function has no interrupt. */
	interruptPin?: number;
	/** Where the pin goes: see `Piix3.pirq(slot, pin)`. */
	interrupt?: Line;
	/** The index is the BAR's number. */
	bars?: (Bar | undefined)[];
	/** The expansion ROM; its size is a power of two. */
	rom?: Storage;
}

export interface PciState {
	config: Uint8Array;
}

/** The part of a function's state that every function has. */
export function pciState(): PciState {
	return { config: new Uint8Array(256) };
}

export abstract class PciFunction implements Device {
	/** A subclass writes `readonly state = { ...pciState(), its own }`. */
	abstract readonly state: PciState;
	readonly name: string;
	protected readonly identity: PciIdentity;
	#writable = new Uint8Array(256);
	#writeClears = new Uint8Array(256);
	#powerOn = new Uint8Array(256);
	#bars: (Window | undefined)[] = [];
	#rom: Window | undefined;

	constructor(identity: PciIdentity) {
		this.identity = identity;
		this.name = identity.name;
		this.powerOn(PCI_VENDOR_ID, identity.vendor, 2);
		this.powerOn(PCI_DEVICE_ID, identity.device, 2);
		this.powerOn(PCI_COMMAND, identity.command ?? 0, 2);
		this.powerOn(PCI_STATUS, identity.status ?? 0, 2);
		this.powerOn(PCI_REVISION, (identity.revision ?? 0) + identity.classCode * 0x100, 4);
		this.powerOn(PCI_HEADER_TYPE, identity.multifunction ? 0x80 : 0, 1);
		this.powerOn(PCI_SUBSYSTEM_VENDOR, identity.subsystemVendor ?? 0, 2);
		this.powerOn(PCI_SUBSYSTEM, identity.subsystem ?? 0, 2);
		this.powerOn(PCI_INTERRUPT_PIN, identity.interruptPin ?? 0, 1);
		const commandDefault = COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTX_DISABLE;
		this.writable(PCI_COMMAND, (identity.commandMask ?? commandDefault) & ~(identity.command ?? 0), 2);
		// Cache line size and latency timer.
		this.writable(0x0c, 0xffff, 2);
		this.writable(PCI_INTERRUPT_LINE, 0xff, 1);
		this.writeClears(PCI_STATUS, STATUS_WRITE_CLEARS, 2);
		this.#describeBars();
	}

	/** Gives configuration bytes their value after reset. For constructors. */
	protected powerOn(register: number, value: number, size: number): void {
		store(this.#powerOn, register, value, size);
	}

	/** Lets the guest write the bits of `mask`. For constructors. */
	protected writable(register: number, mask: number, size: number): void {
		store(this.#writable, register, mask, size);
	}

	/** Makes the bits of `mask` clear when ones are written. For constructors. */
	protected writeClears(register: number, mask: number, size: number): void {
		store(this.#writeClears, register, mask, size);
	}

	attach(bus: Bus): void {
		this.identity.bars?.forEach((bar, i) => {
			if (bar) this.#bars[i] = barWindow(bus, `${this.name} BAR ${i}`, bar);
		});
		if (this.identity.rom) this.#rom = storageWindow(bus, this.identity.rom, false);
	}

	reset(): void {
		this.state.config.set(this.#powerOn);
		this.restored();
	}

	/** Places the BARs where `state` says, and drives the interrupt pin. */
	restored(): void {
		this.#place();
		this.#driveInterrupt();
	}

	/** Reads `size` bytes (1, 2, 4; aligned) of configuration space. */
	readConfig(register: number, size: number): number {
		const config = this.state.config;
		let value = 0;
		for (let i = size - 1; i >= 0; i--) value = (value << 8) | config[register + i];
		return value >>> 0;
	}

	/** Writes configuration space as the guest does: read-only bits stay. */
	writeConfig(register: number, value: number, size: number): void {
		const config = this.state.config;
		for (let i = register; i < register + size; i++, value >>>= 8) {
			const byte = value & 0xff;
			const kept = config[i] & ~(byte & this.#writeClears[i]);
			config[i] = (kept & ~this.#writable[i]) | (byte & this.#writable[i]);
		}
		if (register < PCI_STATUS || (register >= PCI_BAR0 && register < PCI_ROM + 4)) this.#place();
		if (register < PCI_STATUS) this.#driveInterrupt();
		this.configWritten(register, size);
	}

	/** Called after the guest wrote configuration bytes [register, register + size). */
	protected configWritten(_register: number, _size: number): void {}

	/** Writes configuration space as the device does: every bit. */
	protected setConfig(register: number, value: number, size: number): void {
		store(this.state.config, register, value, size);
	}

	/** Raises or drops the interrupt pin (level). */
	protected interrupt(high: boolean): void {
		const config = this.state.config;
		if (high) config[PCI_STATUS] |= STATUS_INTERRUPT;
		else config[PCI_STATUS] &= ~STATUS_INTERRUPT;
		this.#driveInterrupt();
	}

	#driveInterrupt(): void {
		const asserted = (this.state.config[PCI_STATUS] & STATUS_INTERRUPT) !== 0;
		const disabled = (this.readConfig(PCI_COMMAND, 2) & COMMAND_INTX_DISABLE) !== 0;
		(this.identity.interrupt ?? unconnected).set(asserted && !disabled);
	}

	#describeBars(): void {
		const bars = this.identity.bars ?? [];
		if (bars.length > BARS) throw new Error(`${this.name} has more than ${BARS} BARs`);
		bars.forEach((bar, i) => {
			if (!bar) return;
			const register = PCI_BAR0 + i * 4;
			const flags =
				bar.kind === "ports" ? BAR_IO : bar.kind === "storage" && bar.prefetchable ? BAR_PREFETCHABLE : 0;
			this.powerOn(register, flags, 4);
			this.writable(register, ~(sizeOf(bar) - 1) & (bar.kind === "ports" ? ~3 : ~15), 4);
		});
		const rom = this.identity.rom;
		if (rom) this.writable(PCI_ROM, (~(powerOfTwo(rom.bytes.length) - 1) & ~0x7ff) | ROM_ENABLE, 4);
	}

	#place(): void {
		const command = this.state.config[PCI_COMMAND];
		for (let i = 0; i < this.#bars.length; i++) {
			const window = this.#bars[i];
			if (!window) continue;
			const value = this.readConfig(PCI_BAR0 + i * 4, 4);
			const ports = (value & BAR_IO) !== 0;
			const enabled = (command & (ports ? COMMAND_IO : COMMAND_MEMORY)) !== 0;
			window.place(enabled ? (value & (ports ? ~3 : ~15)) >>> 0 : undefined);
		}
		const rom = this.readConfig(PCI_ROM, 4);
		const enabled = (command & COMMAND_MEMORY) !== 0 && (rom & ROM_ENABLE) !== 0;
		this.#rom?.place(enabled ? (rom & ~0x7ff) >>> 0 : undefined);
	}
}

function barWindow(bus: Bus, name: string, bar: Bar): Window {
	if (bar.kind === "storage") return storageWindow(bus, bar.storage, true);
	if (bar.kind === "ports") return portWindow(bus, name, bar.size, bar.handler, bar.width);
	return registerWindow(bus, name, bar.size, bar.handler, bar.width);
}

function sizeOf(bar: Bar): number {
	return powerOfTwo(bar.kind === "storage" ? bar.storage.bytes.length : bar.size);
}

function powerOfTwo(size: number): number {
	if (size <= 0 || 2 ** Math.round(Math.log2(size)) !== size)
		throw new Error(`${size} is not a power of two`);
	return size;
}

function store(bytes: Uint8Array, register: number, value: number, size: number): void {
	for (let i = register; i < register + size; i++, value >>>= 8) bytes[i] = value & 0xff;
}
