/**
 * Ports that exist for people who watch a guest: none of them is on a data sheet.
 *
 *   DebugConsole  a byte written goes to a sink; a read answers the port's low byte 0xe9, by which
 *                 a guest finds it (Bochs at e9; QEMU's isa-debugcon at e9 and 402, where SeaBIOS logs)
 *   DebugExit     a written value ends the run (QEMU's isa-debug-exit at f4, but with the value itself as status)
 *   PostCodes     the POST diagnostic port 80; reads answer the last code, as from the DMA page register there
 */
import type { Bus } from "../bus/bus.ts";
import type { ByteSink, Device } from "../bus/device.ts";

const FOUND = 0xe9;

export class DebugConsole implements Device {
	readonly name: string;
	readonly state = {};
	#port: number;
	#sink: ByteSink;

	constructor(name: string, port: number, sink: ByteSink) {
		this.name = name;
		this.#port = port;
		this.#sink = sink;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#port, 1, this);
	}

	reset(): void {}

	read(): number {
		return FOUND;
	}

	write(_offset: number, value: number): void {
		this.#sink(value);
	}
}

export class DebugExit implements Device {
	readonly name: string;
	readonly state = {};
	#port: number;
	#exit: (status: number) => void;

	/** @param exit called with the low byte of what was written to the first port, in any width */
	constructor(name: string, port: number, exit: (status: number) => void) {
		this.name = name;
		this.#port = port;
		this.#exit = exit;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#port, 4, this, 4);
	}

	reset(): void {}

	read(): number {
		return 0;
	}

	write(offset: number, value: number): void {
		if (offset === 0) this.#exit(value & 0xff);
	}
}

/** How many codes are kept. */
const CODES = 64;

export class PostCodes implements Device {
	readonly name: string;
	/** The last codes, oldest first. */
	readonly state = { codes: [] as number[] };
	#port: number;
	#sink: ByteSink;

	/** @param sink hears each new code */
	constructor(name: string, port: number, sink: ByteSink = () => {}) {
		this.name = name;
		this.#port = port;
		this.#sink = sink;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#port, 1, this);
	}

	reset(): void {
		this.state.codes = [];
	}

	read(): number {
		return this.state.codes.at(-1) ?? 0;
	}

	/** Linux writes here for delays, so equal codes in a row count once. */
	write(_offset: number, value: number): void {
		const codes = this.state.codes;
		if (value === codes.at(-1)) return;
		codes.push(value);
		if (codes.length > CODES) codes.shift();
		this.#sink(value);
	}
}
