/** Page tables for benches: 4-level for long mode, PAE for protected mode, 4 KiB pages. SDM 3A, "Paging". */
import type { PhysicalMemory } from "../../src/bus/memory.ts";

export interface Rights {
	user?: boolean;
	write?: boolean;
	execute?: boolean;
}

const PRESENT = 1n;
const WRITE = 2n;
const USER = 4n;
const NO_EXECUTE = 1n << 63n;
const TABLE = PRESENT | WRITE | USER;

export class PageTables {
	readonly root: number;
	readonly #memory: PhysicalMemory;
	readonly #levels: number[];
	#free: number;

	/** @param base where tables may be put; as many pages from there as it takes */
	constructor(memory: PhysicalMemory, base: number, pae: boolean) {
		this.#memory = memory;
		this.root = base;
		this.#free = base;
		this.#levels = pae ? [30, 21] : [39, 30, 21];
		this.#allocate();
	}

	map(linear: bigint, physical: number, rights: Rights): void {
		let table = this.root;
		for (const shift of this.#levels) table = this.#descend(table, linear, shift);
		const bits =
			PRESENT | (rights.write ? WRITE : 0n) | (rights.user ? USER : 0n) | (rights.execute ? 0n : NO_EXECUTE);
		this.#write(table + index(linear, 12) * 8, BigInt(physical) | bits);
	}

	#descend(table: number, linear: bigint, shift: number): number {
		const at = table + index(linear, shift) * 8;
		const entry = new DataView(this.#memory.read(at, 8).slice().buffer).getBigUint64(0, true);
		if (entry & PRESENT) return Number(entry & 0xf_ffff_f000n);
		const next = this.#allocate();
		// A PAE page-directory-pointer entry has no rights: those bits are reserved.
		this.#write(at, BigInt(next) | (this.#levels.length === 2 && shift === 30 ? PRESENT : TABLE));
		return next;
	}

	#allocate(): number {
		const page = this.#free;
		this.#free += 4096;
		this.#memory.write(page, new Uint8Array(4096));
		return page;
	}

	#write(address: number, value: bigint): void {
		this.#memory.write(address, new Uint8Array(BigUint64Array.of(value).buffer));
	}
}

const index = (linear: bigint, shift: number): number => Number((linear >> BigInt(shift)) & 0x1ffn);
