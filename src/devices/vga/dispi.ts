/**
 * The Bochs VBE extension ("dispi"), as QEMU's std VGA has it: resolutions beyond the VGA's,
 * 4 to 32 bits a pixel, with a linear frame buffer that starts at video memory's first byte.
 *
 *   0 id B0C0..B0C5   1 xres   2 yres   3 bits a pixel (4, 8, 15, 16, 24, 32)
 *   4 enable          5 bank of the 64 KiB window at A0000h
 *   6 virtual width   7 virtual height (follows from the width)   8 x offset   9 y offset
 *   a video memory in units of 64 KiB
 *
 * Ports: 1CEh index, 1CFh and 1D0h data, all 16 bits wide. BAR 2: register n at 500h + 2n.
 * With DISPI_GETCAPS set, registers 1, 2 and 3 read the largest value each may take.
 *
 * Enabling a mode also sets the VGA's own registers for it (linear addressing, display end, no
 * doubling), because drivers that speak dispi only write nothing else.
 */
import type { Handler } from "../../bus/device.ts";
import {
	ATTRIBUTE_SOURCE,
	CLOCKING_HALF,
	CRTC_HDISPLAY_END,
	CRTC_LINE_COMPARE,
	CRTC_MAX_SCAN,
	CRTC_MODE,
	CRTC_MODE_NO_SCAN_A13,
	CRTC_MODE_NO_SCAN_A14,
	CRTC_OFFSET,
	CRTC_OVERFLOW,
	CRTC_VDISPLAY_END,
	DISPI_BANK,
	DISPI_BPP,
	DISPI_ENABLE,
	DISPI_ENABLED,
	DISPI_GETCAPS,
	DISPI_ID,
	DISPI_ID0,
	DISPI_ID5,
	DISPI_NOCLEARMEM,
	DISPI_REGISTERS,
	DISPI_VIDEO_MEMORY_64K,
	DISPI_VIRT_HEIGHT,
	DISPI_VIRT_WIDTH,
	DISPI_X_OFFSET,
	DISPI_XRES,
	DISPI_Y_OFFSET,
	DISPI_YRES,
	GC_BIT_MASK,
	GC_ENABLE_SET_RESET,
	GC_MISC,
	GC_MODE,
	GC_ROTATE,
	MEMORY_CHAIN4,
	MISC_GRAPHICS,
	MISC_MAP_SHIFT,
	MODE_READ_COMPARE,
	MODE_SHIFT,
	MODE_WRITE,
	SEQ_CLOCKING,
	SEQ_MAP_MASK,
	SEQ_MEMORY,
	type VgaState,
	vbeEnabled,
} from "./registers.ts";

export const MAX_XRES = 2560;
export const MAX_YRES = 1600;
const MAX_BPP = 32;
const DEPTHS = [4, 8, 15, 16, 24, 32];
const BANK_SIZE = 0x10000;
/** Both chips' width granularity: a character column. */
const WIDTH_UNIT = 8;

/** Bytes of one line of `width` pixels; in planar modes of all four planes together. */
export function lineBytes(width: number, bpp: number): number {
	return (width * (bpp === 15 ? 16 : bpp)) >> 3;
}

export class Dispi {
	#state: VgaState;
	#memory: Uint8Array;
	#changed: () => void;
	#cleared: () => void;

	/**
	 * @param changed called after the mode or the bank changed
	 * @param cleared called after video memory was cleared
	 */
	constructor(state: VgaState, memory: Uint8Array, changed: () => void, cleared: () => void) {
		this.#state = state;
		this.#cleared = cleared;
		this.#memory = memory;
		this.#changed = changed;
	}

	/**
	 * Ports 1CEh..1D1h. A word at the odd port 1CFh arrives as two bytes, low one first, at offsets 1
	 * and 2; at 1CEh and 1D0h it arrives whole.
	 */
	readonly ports: Handler = {
		read: (offset, size) => {
			if (offset === 0) return this.#state.dispiIndex;
			const value = this.read(this.#state.dispiIndex);
			if (offset === 2 && size === 1) return value >> 8;
			return offset === 3 ? 0xff : size === 1 ? value & 0xff : value;
		},
		write: (offset, value, size) => {
			const s = this.#state;
			if (offset === 0) s.dispiIndex = value;
			else if (offset === 1) s.dispiLow = value;
			else if (offset === 2) this.write(s.dispiIndex, size === 1 ? s.dispiLow | (value << 8) : value);
		},
	};

	read(register: number): number {
		const { dispi } = this.#state;
		if (register >= DISPI_REGISTERS) return 0;
		if (register === DISPI_VIDEO_MEMORY_64K) return this.#memory.length / BANK_SIZE;
		if (dispi[DISPI_ENABLE] & DISPI_GETCAPS) {
			if (register === DISPI_XRES) return MAX_XRES;
			if (register === DISPI_YRES) return MAX_YRES;
			if (register === DISPI_BPP) return MAX_BPP;
		}
		return dispi[register];
	}

	write(register: number, value: number): void {
		const { dispi } = this.#state;
		switch (register) {
			case DISPI_ID:
				if (value >= DISPI_ID0 && value <= DISPI_ID5) dispi[DISPI_ID] = value;
				return;
			case DISPI_ENABLE:
				this.#enable(value);
				return;
			case DISPI_BANK:
				dispi[DISPI_BANK] = value % (this.#memory.length / BANK_SIZE);
				this.#changed();
				return;
			case DISPI_XRES:
			case DISPI_YRES:
			case DISPI_BPP:
			case DISPI_VIRT_WIDTH:
			case DISPI_X_OFFSET:
			case DISPI_Y_OFFSET:
				dispi[register] = value;
				if (vbeEnabled(this.#state)) this.#setMode();
				return;
		}
	}

	#enable(value: number): void {
		const { dispi } = this.#state;
		const starts = (value & DISPI_ENABLED) !== 0 && !vbeEnabled(this.#state);
		if (starts) dispi.fill(0, DISPI_VIRT_WIDTH, DISPI_Y_OFFSET + 1);
		if (!(value & DISPI_ENABLED)) dispi[DISPI_BANK] = 0;
		dispi[DISPI_ENABLE] = value;
		if (starts) this.#setMode();
		if (starts && !(value & DISPI_NOCLEARMEM)) {
			this.#memory.fill(0, 0, lineBytes(dispi[DISPI_VIRT_WIDTH], dispi[DISPI_BPP]) * dispi[DISPI_YRES]);
			this.#cleared();
		}
		this.#changed();
	}

	/** Brings what was asked for into what there is, then sets the VGA's registers to match. */
	#setMode(): void {
		const { dispi } = this.#state;
		if (!DEPTHS.includes(dispi[DISPI_BPP])) dispi[DISPI_BPP] = 8;
		const bpp = dispi[DISPI_BPP];
		dispi[DISPI_XRES] = clampWidth(dispi[DISPI_XRES], WIDTH_UNIT, MAX_XRES);
		dispi[DISPI_VIRT_WIDTH] = clampWidth(dispi[DISPI_VIRT_WIDTH], dispi[DISPI_XRES], 0xfff8);
		const line = lineBytes(dispi[DISPI_VIRT_WIDTH], bpp);
		const lines = Math.min(Math.floor(this.#memory.length / line), 0xffff);
		dispi[DISPI_YRES] = Math.max(1, Math.min(dispi[DISPI_YRES], MAX_YRES, lines));
		dispi[DISPI_VIRT_HEIGHT] = lines;
		dispi[DISPI_X_OFFSET] = Math.min(dispi[DISPI_X_OFFSET], dispi[DISPI_VIRT_WIDTH] - dispi[DISPI_XRES]);
		dispi[DISPI_Y_OFFSET] = Math.min(dispi[DISPI_Y_OFFSET], lines - dispi[DISPI_YRES]);
		this.#setVga(line);
		this.#changed();
	}

	#setVga(line: number): void {
		const { crtc, dispi, graphics, sequencer } = this.#state;
		const planar = dispi[DISPI_BPP] === 4;
		graphics[GC_MISC] = MISC_GRAPHICS | (1 << MISC_MAP_SHIFT);
		graphics[GC_MODE] = (graphics[GC_MODE] & ~(3 << MODE_SHIFT)) | ((planar ? 0 : 2) << MODE_SHIFT);
		if (planar) {
			sequencer[SEQ_CLOCKING] &= ~CLOCKING_HALF;
			sequencer[SEQ_MEMORY] &= ~MEMORY_CHAIN4;
		} else {
			sequencer[SEQ_MEMORY] |= MEMORY_CHAIN4;
			sequencer[SEQ_MAP_MASK] = 0x0f;
			// The window is plain memory: every bit is written as it comes.
			graphics[GC_MODE] &= ~(MODE_WRITE | MODE_READ_COMPARE);
			graphics[GC_ENABLE_SET_RESET] = 0;
			graphics[GC_ROTATE] = 0;
			graphics[GC_BIT_MASK] = 0xff;
		}
		const end = dispi[DISPI_YRES] - 1;
		crtc[CRTC_MODE] |= CRTC_MODE_NO_SCAN_A13 | CRTC_MODE_NO_SCAN_A14;
		crtc[CRTC_OFFSET] = line >> 3;
		crtc[CRTC_HDISPLAY_END] = dispi[DISPI_XRES] / WIDTH_UNIT - 1;
		crtc[CRTC_VDISPLAY_END] = end;
		const overflow = ((end >> 7) & 0x02) | ((end >> 3) & 0x40);
		crtc[CRTC_OVERFLOW] = (crtc[CRTC_OVERFLOW] & ~0x42) | overflow | 0x10;
		crtc[CRTC_LINE_COMPARE] = 0xff;
		crtc[CRTC_MAX_SCAN] = (crtc[CRTC_MAX_SCAN] & ~0x9f) | 0x40;
		this.#state.attributeIndex |= ATTRIBUTE_SOURCE;
	}
}

function clampWidth(width: number, least: number, most: number): number {
	return Math.max(least, Math.min(width, most)) & ~(WIDTH_UNIT - 1);
}
