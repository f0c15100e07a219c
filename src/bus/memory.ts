/**
 * Physical memory as devices see it (DMA, option ROMs, snapshots). Everything lies in one
 * WebAssembly memory that the CPU shares; `PhysicalMemory` maps 4 KiB pages of the 32-bit physical
 * space to it, the same map that the CPU's page walk reads.
 */
export interface PhysicalMemory {
	/** Bytes of RAM installed. */
	readonly ramSize: number;
	/** Allocates `size` bytes (rounded up to pages) of host memory for video memory or a ROM. */
	allocate(size: number): Storage;
	/**
	 * Maps [base, base+size) (page multiples) to storage. Reads are direct; writes are direct when
	 * `writable`, else they are dropped (a ROM). A later call replaces what an earlier one mapped.
	 */
	map(base: number, size: number, storage: Storage, offset: number, writable: boolean): void;
	/** Maps RAM at its own address: what was there before any device covered it. */
	mapRam(base: number, size: number, readable: boolean, writable: boolean): void;
	/** Takes the range away: accesses go to the bus (see `Bus.memory`), else read all ones. */
	unmap(base: number, size: number): void;
	/** Copies out of physical memory; what is not memory reads 0xff. Never reaches a device. */
	read(address: number, length: number): Uint8Array;
	/** Copies into physical memory, dropping code translated from it; what is not writable memory drops the bytes. */
	write(address: number, bytes: Uint8Array): void;
	/**
	 * Which pages of the storage were written since the last call, as page numbers from its start.
	 * The first call reports every page.
	 */
	takeDirty(storage: Storage): number[];
}

/** A page-aligned piece of host memory. `bytes` is a view of it, valid for the machine's whole life. */
export interface Storage {
	readonly bytes: Uint8Array;
	/** Offset in the WebAssembly memory. */
	readonly host: number;
}
