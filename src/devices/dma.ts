/**
 * The AT's two 8237A DMA controllers and their page registers.
 * Intel 8237A data sheet, "Register Description"; IBM PC AT Technical Reference, "DMA".
 *
 *   00..0f  controller 1, channels 0-3         c0..df  controller 2, channels 4-7, at even ports
 *   0, 2, 4, 6  address    1, 3, 5, 7  count (16 bits, low byte first)
 *   8 status, command   9 request   a one mask   b mode   c clear flip-flop   d master clear   e clear masks   f all masks
 *   81..8f  page registers, also those that no channel uses
 *
 * Not emulated: transfers. Nothing on this board asks for one; firmware and drivers program the
 * registers and read them back.
 */
import type { Bus } from "../bus/bus.ts";
import type { Device } from "../bus/device.ts";

const CHANNELS = 4;
const STATUS_COMMAND = 8;
const REQUEST = 9;
const SINGLE_MASK = 10;
const MODE = 11;
const CLEAR_FLIP_FLOP = 12;
const MASTER_CLEAR = 13;
const CLEAR_MASKS = 14;
const ALL_MASKS = 15;
const ALL = 0x0f;

interface ControllerState {
	/** Address and count of each channel in turn: what is counted, and what autoinitialisation reloads. */
	current: number[];
	base: number[];
	command: number;
	requests: number;
	masks: number;
	modes: number[];
	highByte: boolean;
}

function controllerState(): ControllerState {
	return {
		current: new Array(CHANNELS * 2).fill(0),
		base: new Array(CHANNELS * 2).fill(0),
		command: 0,
		requests: 0,
		masks: ALL,
		modes: new Array(CHANNELS).fill(0),
		highByte: false,
	};
}

export interface DmaPorts {
	first: number;
	second: number;
	/** Page register of nothing at `pages`; 15 of them from there. */
	pages: number;
}

export class Dma implements Device {
	readonly name: string;
	readonly state = { controllers: [controllerState(), controllerState()], pages: new Uint8Array(15) };
	#ports: DmaPorts;

	constructor(name: string, ports: DmaPorts) {
		this.name = name;
		this.#ports = ports;
	}

	attach(bus: Bus): void {
		const { first, second, pages } = this.#ports;
		bus.ports(`${this.name} 1`, first, 16, {
			read: (offset) => read(this.state.controllers[0], offset),
			write: (offset, value) => write(this.state.controllers[0], offset, value),
		});
		// Address line 0 is not connected to the second controller.
		bus.ports(`${this.name} 2`, second, 32, {
			read: (offset) => read(this.state.controllers[1], offset >> 1),
			write: (offset, value) => write(this.state.controllers[1], offset >> 1, value),
		});
		bus.ports(`${this.name} pages`, pages, 15, {
			read: (offset) => this.state.pages[offset],
			write: (offset, value) => {
				this.state.pages[offset] = value;
			},
		});
	}

	reset(): void {
		this.state.controllers = [controllerState(), controllerState()];
		this.state.pages.fill(0);
	}
}

function read(c: ControllerState, offset: number): number {
	if (offset < STATUS_COMMAND) {
		const value = c.current[offset];
		c.highByte = !c.highByte;
		return c.highByte ? value & 0xff : value >> 8;
	}
	if (offset === STATUS_COMMAND) return c.requests << 4;
	// "Temporary register": the last byte of a memory-to-memory transfer.
	return offset === ALL_MASKS ? 0xf0 | c.masks : 0;
}

function write(c: ControllerState, offset: number, value: number): void {
	if (offset < STATUS_COMMAND) {
		const before = c.base[offset];
		c.base[offset] = c.highByte ? (before & 0xff) | (value << 8) : (before & 0xff00) | value;
		c.current[offset] = c.base[offset];
		c.highByte = !c.highByte;
	} else if (offset === STATUS_COMMAND) c.command = value;
	else if (offset === REQUEST) c.requests = change(c.requests, value);
	else if (offset === SINGLE_MASK) c.masks = change(c.masks, value);
	else if (offset === MODE) c.modes[value & 3] = value;
	else if (offset === CLEAR_FLIP_FLOP) c.highByte = false;
	else if (offset === MASTER_CLEAR)
		Object.assign(c, { command: 0, requests: 0, masks: ALL, highByte: false });
	else if (offset === CLEAR_MASKS) c.masks = 0;
	else if (offset === ALL_MASKS) c.masks = value & ALL;
}

/** Bits 1:0 name a channel, bit 2 its new value. */
function change(bits: number, value: number): number {
	const bit = 1 << (value & 3);
	return value & 4 ? bits | bit : bits & ~bit;
}
