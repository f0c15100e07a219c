/**
 * An address window that moves: what a base address register, or a register like PMBASE, decodes.
 * Where it lies is derived from configuration space and is therefore no state of its own.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Handler } from "../../bus/device.ts";
import type { Storage } from "../../bus/memory.ts";

export interface Window {
	/** Puts the window at `base`, or nowhere. Claims again even where it did not move. */
	place(base: number | undefined): void;
}

interface Movable {
	move(base: number): void;
	release(): void;
}

const PORT_SPACE_END = 0x10000;
const MEMORY_END = 0x1_0000_0000;

/** I/O ports answered by `handler`. */
export function portWindow(bus: Bus, name: string, length: number, handler: Handler, width = 1): Window {
	const valid = (base: number) => base > 0 && base + length <= PORT_SPACE_END;
	return claimed(valid, (base) => bus.ports(name, base, length, handler, width));
}

/** Memory-mapped registers answered by `handler`. */
export function registerWindow(bus: Bus, name: string, length: number, handler: Handler, width = 4): Window {
	const valid = (base: number) => outsideRam(bus, base, length);
	return claimed(valid, (base) => bus.memory(name, base, length, handler, width));
}

/** Memory that the CPU reads and writes without the bus: a frame buffer, a ROM. */
export function storageWindow(bus: Bus, storage: Storage, writable: boolean): Window {
	const length = storage.bytes.length;
	let current: number | undefined;
	return {
		place(base) {
			if (current !== undefined) bus.memoryMap.unmap(current, length);
			current = base !== undefined && outsideRam(bus, base, length) ? base : undefined;
			if (current !== undefined) bus.memoryMap.map(current, length, storage, 0, writable);
		},
	};
}

/** 440FX: below the top of memory the host bridge decodes DRAM, whatever a BAR says. Sizing (all ones) decodes nothing. */
function outsideRam(bus: Bus, base: number, length: number): boolean {
	return base >= Math.max(bus.memoryMap.ramSize, 0x100000) && base + length < MEMORY_END;
}

/**
 * A window made of a bus claim, which is first claimed when it is first placed. A guest can program
 * two devices onto one address: on a real bus they would fight, here the second stays silent.
 */
function claimed(valid: (base: number) => boolean, claim: (base: number) => Movable): Window {
	let range: Movable | undefined;
	return {
		place(base) {
			range?.release();
			if (base === undefined || !valid(base)) return;
			try {
				if (range) range.move(base);
				else range = claim(base);
			} catch {
				range?.release();
			}
		},
	};
}
