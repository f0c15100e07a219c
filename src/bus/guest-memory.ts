import * as S from "../core/state.ts";
import type { PhysicalMemory, Storage } from "./memory.ts";

const PAGE = 4096;
const WASM_PAGE = 65536;

/** What the CPU must do when memory changes behind its back. */
export interface MemoryListener {
	/** The mapping changed: no translation and no block may be trusted. */
	remapped(): void;
	/** Bytes inside one page are about to be written from outside. */
	writing(physical: number, size: number): void;
	/** Direct writes to the page must be seen again. */
	withdrawWrites(physical: number): void;
}

interface Mapping {
	base: number;
	size: number;
	storage: Storage;
	offset: number;
}

const silent: MemoryListener = { remapped() {}, writing() {}, withdrawWrites() {} };

/** `PhysicalMemory` over one WebAssembly memory, laid out as core/state.ts says. */
export class GuestMemory implements PhysicalMemory {
	readonly wasm: WebAssembly.Memory;
	readonly ramSize: number;
	/** Set by the processor that shares the memory. */
	listener: MemoryListener = silent;
	readonly #bytes: Uint8Array;
	readonly #map: Uint32Array;
	#nextStorage: number = S.STORAGE;
	#mappings: Mapping[] = [];
	#dirty = new Map<Storage, Set<number>>();

	/** @param ramSize in bytes, a multiple of 4096, at most 3 GiB */
	constructor(ramSize: number) {
		const pages = Math.ceil((S.RAM + ramSize) / WASM_PAGE);
		this.wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
		this.ramSize = ramSize;
		this.#bytes = new Uint8Array(this.wasm.buffer);
		this.#map = new Uint32Array(this.wasm.buffer, S.PAGE_MAP, 1 << 20);
		this.mapRam(0, ramSize, true, true);
	}

	/** All of RAM, for snapshots and hashes. */
	get ram(): Uint8Array {
		return this.#bytes.subarray(S.RAM, S.RAM + this.ramSize);
	}

	allocate(size: number): Storage {
		const host = this.#nextStorage;
		const rounded = Math.ceil(size / PAGE) * PAGE;
		if (host + rounded > S.RAM) throw new Error(`no room for ${size} bytes of device memory`);
		this.#nextStorage += rounded;
		return { host, bytes: this.#bytes.subarray(host, host + rounded) };
	}

	map(base: number, size: number, storage: Storage, offset: number, writable: boolean): void {
		this.#forget(base, size);
		this.#mappings.push({ base, size, storage, offset });
		const dirty = this.#dirty.get(storage);
		this.#each(base, size, (_, page) => {
			const host = storage.host + offset + page * PAGE;
			dirty?.add(offset / PAGE + page);
			return host | S.PAGE_HOST | S.PAGE_READ | (writable ? S.PAGE_WRITE : 0);
		});
	}

	mapRam(base: number, size: number, readable: boolean, writable: boolean): void {
		if (readable) this.#forget(base, size);
		this.#each(base, size, (word, page) => {
			const host = S.RAM + base + page * PAGE;
			if (readable) return host | S.PAGE_HOST | S.PAGE_READ | (writable ? S.PAGE_WRITE : 0);
			const covered = word & ~(S.PAGE_WRITE | S.PAGE_SHADOW | S.PAGE_CODE);
			return writable ? covered | S.PAGE_SHADOW : covered;
		});
	}

	unmap(base: number, size: number): void {
		this.#forget(base, size);
		this.#each(base, size, () => 0);
	}

	read(address: number, length: number): Uint8Array {
		const out = new Uint8Array(length);
		this.#pieces(address, length, (at, done, size) => {
			const word = this.#map[at >>> 12];
			if (!(word & S.PAGE_READ)) out.fill(0xff, done, done + size);
			else out.set(this.#hostBytes(word, at, size), done);
		});
		return out;
	}

	write(address: number, bytes: Uint8Array): void {
		this.#pieces(address, bytes.length, (at, done, size) => {
			const word = this.#map[at >>> 12];
			const part = bytes.subarray(done, done + size);
			if (word & S.PAGE_SHADOW) this.#bytes.set(part, S.RAM + at);
			if (!(word & S.PAGE_WRITE)) return;
			if (word & S.PAGE_CODE) this.listener.writing(at, size);
			if (word & S.PAGE_WATCHED)
				this.#map[at >>> 12] = (this.#map[at >>> 12] & ~S.PAGE_WATCHED) | S.PAGE_DIRTY;
			this.#hostBytes(word, at, size).set(part);
		});
	}

	takeDirty(storage: Storage): number[] {
		const known = this.#dirty.get(storage);
		const dirty = known ?? new Set(Array.from({ length: storage.bytes.length / PAGE }, (_, page) => page));
		this.#dirty.set(storage, new Set());
		for (const mapping of this.#mappings) {
			if (mapping.storage !== storage) continue;
			for (let page = 0; page < mapping.size / PAGE; page++) {
				const physical = mapping.base + page * PAGE;
				const word = this.#map[physical >>> 12];
				if (word & S.PAGE_DIRTY) dirty.add(mapping.offset / PAGE + page);
				if (!(word & S.PAGE_DIRTY) && word & S.PAGE_WATCHED) continue;
				this.#map[physical >>> 12] = (word & ~S.PAGE_DIRTY) | S.PAGE_WATCHED;
				this.listener.withdrawWrites(physical);
			}
		}
		return [...dirty].sort((a, b) => a - b);
	}

	#hostBytes(word: number, address: number, size: number): Uint8Array {
		const host = ((word & ~0xfff) >>> 0) + (address & 0xfff);
		return this.#bytes.subarray(host, host + size);
	}

	/** Calls back for each part of a range that lies in one page; what is above 4 GiB is left out. */
	#pieces(address: number, length: number, each: (at: number, done: number, size: number) => void): void {
		for (let done = 0; done < length; ) {
			const at = address + done;
			const size = Math.min(length - done, PAGE - (at % PAGE));
			if (at < 2 ** 32) each(at, done, size);
			done += size;
		}
	}

	#each(base: number, size: number, word: (before: number, page: number) => number): void {
		if (base % PAGE || size % PAGE)
			throw new Error(`0x${base.toString(16)}+0x${size.toString(16)} is not made of pages`);
		const first = base / PAGE;
		for (let page = 0; page < size / PAGE; page++) {
			if (this.#map[first + page] & S.PAGE_CODE) this.listener.writing(base + page * PAGE, PAGE);
			this.#map[first + page] = word(this.#map[first + page], page);
		}
		this.listener.remapped();
	}

	/** Takes a range out of the list of mappings, keeping what sticks out on either side. */
	#forget(base: number, size: number): void {
		const end = base + size;
		this.#mappings = this.#mappings.flatMap((mapping) => {
			const mappingEnd = mapping.base + mapping.size;
			if (mappingEnd <= base || mapping.base >= end) return [mapping];
			const left = { ...mapping, size: base - mapping.base };
			const right = {
				...mapping,
				base: end,
				size: mappingEnd - end,
				offset: mapping.offset + end - mapping.base,
			};
			return [left, right].filter((part) => part.size > 0);
		});
	}
}
