/** A disk's or a disc's contents, as bytes. What `read` returns is not changed by the drive. */
export interface BlockDevice {
	/** In bytes. */
	readonly size: number;
	read(offset: number, length: number): Uint8Array;
	/** Absent where the medium cannot be written. */
	write?(offset: number, bytes: Uint8Array): void;
}

/** What moves a drive's data by DMA: one channel of the bus master. */
export interface DmaEngine {
	/** Whether the guest has started it in this direction. */
	started(toMemory: boolean): boolean;
	/** Stores what the drive sends. False where the guest's table has no room for all of it. */
	toMemory(bytes: Uint8Array): boolean;
	/** Fetches what the drive asks for; undefined where the guest's table has less. */
	fromMemory(length: number): Uint8Array | undefined;
	/** The drive raised INTRQ. */
	interrupt(): void;
}

/** For channels without a bus master. */
export const noDma: DmaEngine = {
	started: () => false,
	toMemory: () => false,
	fromMemory: () => undefined,
	interrupt() {},
};
