/**
 * A register script: what a guest does to the adapter, as data. It runs against Gantry's VGA, and,
 * encoded, in a small guest under another emulator (test/guest/vga/script.S), so that both
 * adapters have gone through the same steps.
 */
import { Bus } from "../../../src/bus/bus.ts";
import { Clock } from "../../../src/bus/clock.ts";
import { VgaScreen } from "../../../src/devices/vga/screen.ts";
import { Vga } from "../../../src/devices/vga/vga.ts";
import { TestMemory } from "../memory.ts";

export type Step =
	/** A byte, or a word, to a port; many bytes to one port; a byte from a port. */
	| ["out", port: number, value: number]
	| ["word", port: number, value: number]
	| ["outs", port: number, values: number[]]
	| ["in", port: number]
	/** Bytes to consecutive addresses in A0000h..BFFFFh; one byte `count` times; a byte read. */
	| ["poke", address: number, values: number[]]
	| ["fill", address: number, count: number, value: number]
	| ["peek", address: number];

/** A VGA on a bus, with time that the test moves, and nothing else. */
export class Adapter {
	readonly memory = new DirectMemory();
	readonly bus = new Bus(this.memory);
	/** Guest time in nanoseconds. */
	now = 0;
	readonly clock = new Clock(() => this.now);
	readonly vga: Vga;
	readonly screen: VgaScreen;

	constructor(fonts: Uint8Array[] = []) {
		this.vga = new Vga({ clock: this.clock, memory: this.memory });
		this.vga.attach(this.bus);
		this.vga.reset();
		this.screen = new VgaScreen(this.vga, fonts);
	}

	run(steps: Step[]): this {
		for (const step of steps) this.#step(step);
		return this;
	}

	in(port: number): number {
		return this.bus.readPort(port, 1);
	}

	/** Reads a register behind an index and a data port. */
	register(port: number, index: number): number {
		this.bus.writePort(port, index, 1);
		return this.bus.readPort(port + 1, 1);
	}

	dispi(index: number): number {
		this.bus.writePort(0x1ce, index, 2);
		return this.bus.readPort(0x1cf, 2);
	}

	/** Reads memory as the CPU does: mapped memory directly, else through the bus. */
	peek(address: number): number {
		return this.memory.isMapped(address) ? this.memory.read(address, 1)[0] : this.bus.readMemory(address, 1);
	}

	poke(address: number, value: number): void {
		if (this.memory.isMapped(address)) this.memory.write(address, Uint8Array.of(value));
		else this.bus.writeMemory(address, value, 1);
	}

	/** Pixel (x, y) of the picture as 0xRRGGBB. */
	pixel(x: number, y: number): number {
		const { width, data } = this.screen.render();
		const at = (y * width + x) * 4;
		return (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
	}

	#step(step: Step): void {
		switch (step[0]) {
			case "out":
				this.bus.writePort(step[1], step[2], 1);
				return;
			case "word":
				this.bus.writePort(step[1], step[2], 2);
				return;
			case "outs":
				for (const value of step[2]) this.bus.writePort(step[1], value, 1);
				return;
			case "in":
				this.in(step[1]);
				return;
			case "poke":
				step[2].forEach((value, i) => {
					this.poke(step[1] + i, value);
				});
				return;
			case "fill":
				for (let i = 0; i < step[2]; i++) this.poke(step[1] + i, step[3]);
				return;
			case "peek":
				this.peek(step[1]);
		}
	}
}

/** Page map that knows what it maps, and reports what was written through it. */
class DirectMemory extends TestMemory {
	#mapped = new Set<number>();
	#dirty = new Map<Uint8Array, Set<number>>();
	#where = new Map<number, { bytes: Uint8Array; page: number }>();

	isMapped(address: number): boolean {
		return this.#mapped.has(address >> 12);
	}

	override map(...args: Parameters<TestMemory["map"]>): void {
		const [base, size, storage, offset] = args;
		super.map(...args);
		for (let at = 0; at < size; at += 4096) {
			this.#mapped.add((base + at) >> 12);
			this.#where.set((base + at) >> 12, { bytes: storage.bytes, page: (offset + at) >> 12 });
		}
	}

	override unmap(base: number, size: number): void {
		super.unmap(base, size);
		for (let at = base; at < base + size; at += 4096) {
			this.#mapped.delete(at >> 12);
			this.#where.delete(at >> 12);
		}
	}

	override write(address: number, bytes: Uint8Array): void {
		super.write(address, bytes);
		for (let at = address; at < address + bytes.length; at++) {
			const where = this.#where.get(at >> 12);
			if (where) this.#dirtyPages(where.bytes).add(where.page);
		}
	}

	override takeDirty(storage?: { bytes: Uint8Array }): number[] {
		if (!storage) return [];
		const pages = [...this.#dirtyPages(storage.bytes)];
		this.#dirty.set(storage.bytes, new Set());
		return pages;
	}

	#dirtyPages(bytes: Uint8Array): Set<number> {
		let pages = this.#dirty.get(bytes);
		if (!pages) {
			pages = new Set(Array.from({ length: bytes.length >> 12 }, (_, page) => page));
			this.#dirty.set(bytes, pages);
		}
		return pages;
	}
}

const CODES = { end: 0, out: 1, word: 2, outs: 3, in: 4, poke: 5, fill: 6, peek: 7, wait: 8 };

/** The script as test/guest/vga/script.S reads it; `wait` marks the end of each part. */
export function encode(parts: Step[][]): Uint8Array {
	const out: number[] = [];
	const word = (value: number) => out.push(value & 0xff, value >> 8);
	const far = (address: number) => {
		word(address & 0xf);
		word(address >> 4);
	};
	for (const part of parts) {
		for (const step of part) {
			out.push(CODES[step[0]]);
			if (step[0] === "poke" || step[0] === "fill" || step[0] === "peek") far(step[1]);
			else word(step[1]);
			if (step[0] === "out") out.push(step[2]);
			if (step[0] === "word") word(step[2]);
			if (step[0] === "outs" || step[0] === "poke") {
				word(step[2].length);
				for (const value of step[2]) out.push(value);
			}
			if (step[0] === "fill") {
				word(step[2]);
				out.push(step[3]);
			}
		}
		out.push(CODES.wait);
	}
	out.push(CODES.end);
	return Uint8Array.from(out);
}
