/**
 * The window at A0000h..BFFFFh: how the CPU sees the four planes.
 *
 * A plane's bytes lie interleaved with the others': plane p of offset o is byte 4o + p of video
 * memory, so one 32-bit word is what the hardware's four latches hold, and the whole write path
 * works on all planes at once.
 *
 *   CPU data -> rotate -> set/reset -> AND/OR/XOR with latches -> bit mask -> map mask -> planes
 *
 * Three ways of addressing:
 *   planar     the offset is the address; the map mask selects planes
 *   odd/even   address bit 0 selects planes 0 and 2 or 1 and 3 (text, CGA)
 *   chain-4    address bits 0 and 1 select the plane (256 colours, and every linear mode)
 *
 * A real VGA leaves holes in the planes when it chains (the offset keeps its high bits and loses
 * its low ones) and has the CRTC skip them (word and double word mode). Here chained bytes are
 * packed: the offset is the address shifted right, and the CRTC skips nothing. What a guest can
 * tell is only where a byte lies after it changes the addressing under existing contents. In
 * exchange chain-4 memory is the linear frame buffer.
 */
import type { Handler } from "../../bus/device.ts";
import {
	DISPI_BANK,
	GC_BIT_MASK,
	GC_COLOUR_COMPARE,
	GC_COLOUR_DONT_CARE,
	GC_ENABLE_SET_RESET,
	GC_MISC,
	GC_MODE,
	GC_READ_MAP,
	GC_ROTATE,
	GC_SET_RESET,
	MEMORY_CHAIN4,
	MEMORY_SEQUENTIAL,
	MISC_CHAIN_ODD_EVEN,
	MISC_MAP_SHIFT,
	MODE_ODD_EVEN,
	MODE_READ_COMPARE,
	MODE_WRITE,
	SEQ_MAP_MASK,
	SEQ_MEMORY,
	type VgaState,
	vbeEnabled,
} from "./registers.ts";

export const WINDOW_SIZE = 0x20000;
/** The window's first 64 KiB, which may be a plain view of video memory. */
export const BANK_SIZE = 0x10000;
const PAGE_SHIFT = 12;

/** Where the CPU's window lies inside the 128 KiB, by GC_MISC's memory map bits. */
const MAPS = [
	{ base: 0, size: 0x20000 },
	{ base: 0, size: BANK_SIZE },
	{ base: 0x10000, size: 0x8000 },
	{ base: 0x18000, size: 0x8000 },
];
const EVEN_PLANES = 0x00ff00ff;
const NOWHERE = -1;

/** Widens four bits to four bytes of zeros or ones. */
const PLANES = Int32Array.from({ length: 16 }, (_, bits) => {
	let word = 0;
	for (let plane = 0; plane < 4; plane++) if (bits & (1 << plane)) word |= 0xff << (plane * 8);
	return word;
});

export class VgaWindow implements Handler {
	#state: VgaState;
	#words: Int32Array;
	#bytes: Uint8Array;
	/** One flag a page of video memory: written through the window since the flag was taken. */
	readonly touched: Uint8Array;

	constructor(state: VgaState, memory: Uint8Array) {
		this.#state = state;
		this.#bytes = memory;
		this.#words = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
		this.touched = new Uint8Array(memory.length >> PAGE_SHIFT);
	}

	/**
	 * Where the first 64 KiB of the window are a plain view of video memory: reads and writes
	 * have no other effect than memory has. Undefined where they go through the planes.
	 */
	linearBase(): number | undefined {
		const { sequencer, graphics } = this.#state;
		const plainWrites =
			(graphics[GC_MODE] & MODE_WRITE) === 0 &&
			graphics[GC_ENABLE_SET_RESET] === 0 &&
			graphics[GC_ROTATE] === 0 &&
			graphics[GC_BIT_MASK] === 0xff &&
			sequencer[SEQ_MAP_MASK] === 0x0f;
		const plain = plainWrites && !(graphics[GC_MODE] & MODE_READ_COMPARE);
		const low = ((graphics[GC_MISC] >> MISC_MAP_SHIFT) & 3) < 2;
		if (!plain || !low || !(sequencer[SEQ_MEMORY] & MEMORY_CHAIN4)) return undefined;
		const base = this.#bank();
		return base + BANK_SIZE <= this.#bytes.length ? base : undefined;
	}

	/** Byte for byte upwards, as the 8-bit bus of the card has it. */
	read(offset: number, size: number): number {
		let value = 0;
		for (let i = 0; i < size; i++) value |= this.#read(offset + i) << (8 * i);
		return value >>> 0;
	}

	write(offset: number, value: number, size: number): void {
		for (let i = 0; i < size; i++) this.#write(offset + i, (value >>> (8 * i)) & 0xff);
	}

	#read(offset: number): number {
		const { sequencer, graphics } = this.#state;
		const address = this.#address(offset);
		const word = this.#word(address);
		if (word === NOWHERE) return 0xff;
		const latches = this.#words[word];
		this.#state.latches = latches;
		if (graphics[GC_MODE] & MODE_READ_COMPARE) return this.#compare(latches);
		let plane = graphics[GC_READ_MAP];
		if (sequencer[SEQ_MEMORY] & MEMORY_CHAIN4) plane = address & 3;
		else if (graphics[GC_MODE] & MODE_ODD_EVEN) plane = (plane & 2) | (address & 1);
		return (latches >>> (plane * 8)) & 0xff;
	}

	#write(offset: number, value: number): void {
		const { sequencer } = this.#state;
		const address = this.#address(offset);
		const word = this.#word(address);
		if (word === NOWHERE) return;
		let planes = PLANES[sequencer[SEQ_MAP_MASK]];
		if (sequencer[SEQ_MEMORY] & MEMORY_CHAIN4) planes &= 0xff << ((address & 3) * 8);
		else if (!(sequencer[SEQ_MEMORY] & MEMORY_SEQUENTIAL)) planes &= address & 1 ? ~EVEN_PLANES : EVEN_PLANES;
		this.#words[word] = (this.#words[word] & ~planes) | (this.#data(value) & planes);
		this.touched[word >> (PAGE_SHIFT - 2)] = 1;
	}

	/** The address in the selected map with the bank added, or NOWHERE. */
	#address(offset: number): number {
		const map = MAPS[(this.#state.graphics[GC_MISC] >> MISC_MAP_SHIFT) & 3];
		const address = offset - map.base;
		if (address < 0 || address >= map.size) return NOWHERE;
		return map.size === BANK_SIZE ? address + this.#bank() : address;
	}

	#bank(): number {
		return vbeEnabled(this.#state) ? this.#state.dispi[DISPI_BANK] * BANK_SIZE : 0;
	}

	/** The index of the word that holds the address's byte in each plane, or NOWHERE. */
	#word(address: number): number {
		if (address === NOWHERE) return NOWHERE;
		const { sequencer, graphics } = this.#state;
		let word = address;
		if (sequencer[SEQ_MEMORY] & MEMORY_CHAIN4) word >>= 2;
		else if (graphics[GC_MISC] & MISC_CHAIN_ODD_EVEN) word >>= 1;
		return word < this.#words.length ? word : NOWHERE;
	}

	/** Read mode 1: a bit is one where the pixel has the compared colour in all planes one cares for. */
	#compare(latches: number): number {
		const { graphics } = this.#state;
		let differs = (latches ^ PLANES[graphics[GC_COLOUR_COMPARE]]) & PLANES[graphics[GC_COLOUR_DONT_CARE]];
		differs |= differs >>> 16;
		differs |= differs >>> 8;
		return ~differs & 0xff;
	}

	/** What the four planes would take, before the map mask. */
	#data(value: number): number {
		const { graphics, latches } = this.#state;
		const setReset = PLANES[graphics[GC_SET_RESET]];
		const rotate = graphics[GC_ROTATE] & 7;
		const rotated = ((value >> rotate) | (value << (8 - rotate))) & 0xff;
		switch (graphics[GC_MODE] & MODE_WRITE) {
			case 0: {
				const enabled = PLANES[graphics[GC_ENABLE_SET_RESET]];
				const data = (Math.imul(rotated, 0x01010101) & ~enabled) | (setReset & enabled);
				return this.#masked(data, graphics[GC_BIT_MASK]);
			}
			case 1:
				return latches;
			case 2:
				return this.#masked(PLANES[value & 15], graphics[GC_BIT_MASK]);
			default:
				return this.#masked(setReset, graphics[GC_BIT_MASK] & rotated);
		}
	}

	/** The logical unit and the bit mask. */
	#masked(data: number, bitMask: number): number {
		const { graphics, latches } = this.#state;
		const mask = Math.imul(bitMask, 0x01010101);
		const result = logical((graphics[GC_ROTATE] >> 3) & 3, data, latches);
		return (result & mask) | (latches & ~mask);
	}
}

/** GC_ROTATE bits 3 and 4. */
function logical(operation: number, data: number, latches: number): number {
	switch (operation) {
		case 0:
			return data;
		case 1:
			return data & latches;
		case 2:
			return data | latches;
		default:
			return data ^ latches;
	}
}
