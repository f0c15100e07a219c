import type { Handler } from "./device.ts";
import type { PhysicalMemory } from "./memory.ts";

/** A range that a device answers. */
export interface Claim {
	/** Moves the range (a PCI BAR was written). @throws where another claim is in the way */
	move(base: number): void;
	/** Withdraws the range (a PCI command bit was cleared); `move` brings it back. */
	release(): void;
}

interface Range {
	name: string;
	base: number;
	length: number;
	width: number;
	handler: Handler;
}

const PORTS = 0x10000;
const ALL_ONES = 0xffffffff;
type Verb = "in" | "out" | "read" | "write";
/** A guest that probes all of memory must not make the host remember each address: so many for reading, and for writing. */
const MOST_UNCLAIMED = 4096;

/**
 * Ports and memory-mapped registers. Two claims on one port or byte fail. An access that nobody claims
 * reads all ones and is counted.
 */
export class Bus {
	readonly memoryMap: PhysicalMemory;
	#ports: (Range | undefined)[] = new Array(PORTS);
	#memory: Range[] = [];
	/** Accesses that nobody claimed, by port: a guest may poll for a device that is not there, so counting one must cost little. */
	readonly #unclaimedPorts = { in: new Uint32Array(PORTS), out: new Uint32Array(PORTS) };
	/** The same by address. */
	readonly #unclaimedMemory = { read: new Map<number, number>(), write: new Map<number, number>() };

	constructor(memoryMap: PhysicalMemory) {
		this.memoryMap = memoryMap;
	}

	/** Accesses that nobody claimed, by "in 0x92" / "out 0x80" / "read 0xfec00000" / "write ...". */
	get unclaimed(): Map<string, number> {
		const all = new Map<string, number>();
		const note = (verb: string, address: number, count: number) =>
			all.set(`${verb} 0x${address.toString(16)}`, count);
		for (const [verb, counts] of Object.entries(this.#unclaimedPorts))
			counts.forEach((count, port) => count && note(verb, port, count));
		for (const [verb, counts] of Object.entries(this.#unclaimedMemory))
			for (const [address, count] of counts) note(verb, address, count);
		return all;
	}

	/**
	 * Claims `length` I/O ports from `base`.
	 * @param width the widest access the handler takes whole: 1 (default), 2 or 4
	 * @throws where another device has one of the ports
	 */
	ports(name: string, base: number, length: number, handler: Handler, width = 1): Claim {
		const range: Range = { name, base, length, width, handler };
		let placed = false;
		const release = () => {
			if (placed) this.#ports.fill(undefined, range.base, range.base + length);
			placed = false;
		};
		const move = (to: number) => {
			release();
			for (let port = to; port < to + length; port++) {
				const other = this.#ports[port];
				if (other) throw new Error(`port 0x${port.toString(16)} is claimed by ${other.name} and by ${name}`);
				if (port >= PORTS) throw new Error(`${name} claims port 0x${port.toString(16)}, past 0xffff`);
			}
			range.base = to;
			this.#ports.fill(range, to, to + length);
			placed = true;
		};
		move(base);
		return { move, release };
	}

	/**
	 * Claims `length` bytes of physical memory from `base` for memory-mapped registers. Pages that
	 * `memoryMap` maps are never seen here.
	 */
	memory(name: string, base: number, length: number, handler: Handler, width = 4): Claim {
		const range: Range = { name, base, length, width, handler };
		const release = () => {
			this.#memory = this.#memory.filter((other) => other !== range);
		};
		const move = (to: number) => {
			release();
			const other = this.#memory.find((r) => to < r.base + r.length && r.base < to + length);
			if (other) throw new Error(`memory 0x${to.toString(16)} is claimed by ${other.name} and by ${name}`);
			range.base = to;
			this.#memory.push(range);
		};
		move(base);
		return { move, release };
	}

	readPort(port: number, size: number): number {
		return this.#read("in", port, size, this.#ports[port]);
	}

	/** As many elements from one port as its device has at hand; 0 where they are to be read one by one. */
	readPortMany(port: number, size: number, into: Uint8Array): number {
		const range = this.#ports[port];
		if (!range || !fits(range, port, size)) return 0;
		return range.handler.readMany?.(port - range.base, size, into) ?? 0;
	}

	writePort(port: number, value: number, size: number): void {
		this.#write("out", port, value, size, this.#ports[port]);
	}

	readMemory(address: number, size: number): number {
		return this.#read("read", address, size, this.#find(address));
	}

	writeMemory(address: number, value: number, size: number): void {
		this.#write("write", address, value, size, this.#find(address));
	}

	#find(address: number): Range | undefined {
		return this.#memory.find((range) => address >= range.base && address < range.base + range.length);
	}

	#read(verb: "in" | "read", address: number, size: number, range: Range | undefined): number {
		if (!range) {
			if (size > 1 && this.#split(verb, address, size)) return this.#readParts(verb, address, size);
			this.#count(verb, address);
			return ALL_ONES >>> (32 - size * 8);
		}
		if (fits(range, address, size)) return range.handler.read(address - range.base, size) >>> 0;
		return this.#readParts(verb, address, size);
	}

	#readParts(verb: "in" | "read", address: number, size: number): number {
		const half = size / 2;
		const one =
			verb === "in"
				? (a: number) => this.readPort(a & 0xffff, half)
				: (a: number) => this.readMemory(a, half);
		return (one(address) + one(address + half) * 2 ** (half * 8)) >>> 0;
	}

	#write(
		verb: "out" | "write",
		address: number,
		value: number,
		size: number,
		range: Range | undefined,
	): void {
		if (!range && !(size > 1 && this.#split(verb, address, size))) {
			this.#count(verb, address);
			return;
		}
		if (range && fits(range, address, size)) {
			range.handler.write(address - range.base, value >>> 0, size);
			return;
		}
		const half = size / 2;
		const low = value & (2 ** (half * 8) - 1);
		const high = value >>> (half * 8);
		if (verb === "out") {
			this.writePort(address, low, half);
			this.writePort((address + half) & 0xffff, high, half);
		} else {
			this.writeMemory(address, low, half);
			this.writeMemory(address + half, high, half);
		}
	}

	/** Whether a later byte of an access whose first byte nobody claims is claimed. */
	#split(verb: string, address: number, size: number): boolean {
		const port = verb === "in" || verb === "out";
		for (let i = 1; i < size; i++)
			if (port ? this.#ports[(address + i) & 0xffff] : this.#find(address + i)) return true;
		return false;
	}

	#count(verb: Verb, address: number): void {
		if (verb === "in" || verb === "out") {
			this.#unclaimedPorts[verb][address]++;
			return;
		}
		const counts = this.#unclaimedMemory[verb];
		const before = counts.get(address);
		if (before !== undefined || counts.size < MOST_UNCLAIMED) counts.set(address, (before ?? 0) + 1);
	}
}

/** Whether the handler takes the access whole: within its width, inside the range, naturally aligned. */
function fits(range: Range, address: number, size: number): boolean {
	if (size === 1) return true;
	return (
		size <= range.width && address + size <= range.base + range.length && (address - range.base) % size === 0
	);
}
