import type { Bus } from "./bus.ts";

/**
 * The contract of every chip. A device gets what it needs in its constructor (a `Line`, the
 * `Clock`, a `ByteSink`) and never the machine or the CPU. Addresses come from the machine's list.
 */
export interface Device {
	/** Unique in the machine: "com1". */
	readonly name: string;
	/** Every mutable bit, as plain data (numbers, strings, booleans, arrays, typed arrays): a snapshot is a structured copy. */
	readonly state: object;
	/** Claims ports and memory. Called once, after every device has been constructed. */
	attach(bus: Bus): void;
	/** The chip's RESET pin. Called at power-on too. */
	reset(): void;
	/** Called after a snapshot was copied into `state`: re-derives what lies outside it (claims, memory maps, pins). */
	restored?(): void;
}

/**
 * What answers a range of ports or of memory. `offset` counts from the range's first byte.
 * `size` is 1, 2 or 4 and never more than the width given with the claim; a wider or
 * unaligned access arrives as several, lowest byte first. Values are unsigned.
 */
export interface Handler {
	read(offset: number, size: number): number;
	write(offset: number, value: number, size: number): void;
	/**
	 * Reads one place again and again, as REP INS does: what `read` would answer goes to `into`, for as many elements as are there
	 * already, and no more than have room.
	 * @returns how many; 0 where they are to be read one by one
	 */
	readMany?(offset: number, size: number, into: Uint8Array): number;
}

/** Takes bytes that leave a device: a terminal, a file, a test's array. */
export type ByteSink = (byte: number) => void;

/** An interrupt pin. Level-triggered consumers look at the level, edge-triggered ones at its rise. */
export interface Line {
	set(high: boolean): void;
}

/** A `Line` that goes nowhere, for tests and for parts whose pin is not wired. */
export const unconnected: Line = { set() {} };
