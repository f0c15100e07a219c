import type { PhysicalMemory, Storage } from "../../src/bus/memory.ts";

const PAGE = 4096;

interface Source {
	bytes: Uint8Array;
	offset: number;
}

/** A page map in plain arrays: what devices need of physical memory, without a CPU. */
export class TestMemory implements PhysicalMemory {
	readonly ramSize: number;
	readonly ram: Uint8Array;
	#readers = new Map<number, Source>();
	#writers = new Map<number, Source>();
	#allocated = 0;

	constructor(ramSize = 0x200000) {
		this.ramSize = ramSize;
		this.ram = new Uint8Array(ramSize);
		this.mapRam(0, ramSize, true, true);
	}

	allocate(size: number): Storage {
		const rounded = Math.ceil(size / PAGE) * PAGE;
		const host = this.#allocated;
		this.#allocated += rounded;
		return { bytes: new Uint8Array(rounded), host };
	}

	map(base: number, size: number, storage: Storage, offset: number, writable: boolean): void {
		for (let at = 0; at < size; at += PAGE) {
			const source = { bytes: storage.bytes, offset: offset + at };
			this.#readers.set(base + at, source);
			if (writable) this.#writers.set(base + at, source);
			else this.#writers.delete(base + at);
		}
	}

	mapRam(base: number, size: number, readable: boolean, writable: boolean): void {
		for (let at = base; at < base + size; at += PAGE) {
			const source = { bytes: this.ram, offset: at };
			if (readable) this.#readers.set(at, source);
			if (writable) this.#writers.set(at, source);
			else this.#writers.delete(at);
		}
	}

	unmap(base: number, size: number): void {
		for (let at = base; at < base + size; at += PAGE) {
			this.#readers.delete(at);
			this.#writers.delete(at);
		}
	}

	read(address: number, length: number): Uint8Array {
		const out = new Uint8Array(length).fill(0xff);
		for (let i = 0; i < length; i++) {
			const source = this.#readers.get(Math.floor((address + i) / PAGE) * PAGE);
			if (source) out[i] = source.bytes[source.offset + ((address + i) % PAGE)];
		}
		return out;
	}

	write(address: number, bytes: Uint8Array): void {
		bytes.forEach((byte, i) => {
			const source = this.#writers.get(Math.floor((address + i) / PAGE) * PAGE);
			if (source) source.bytes[source.offset + ((address + i) % PAGE)] = byte;
		});
	}

	takeDirty(): number[] {
		return [];
	}
}
