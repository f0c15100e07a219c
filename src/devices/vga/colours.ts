/**
 * From pixel values to what the DAC puts out. A colour here is one 32-bit word whose bytes in
 * memory are R, G, B, A (the host is little-endian), so that a picture is filled word by word.
 *
 *   four bits -> plane enable -> palette register -> colour select -> DAC mask -> DAC
 */
import {
	ATTR_COLOUR_SELECT,
	ATTR_MODE,
	ATTR_MODE_PALETTE_54,
	ATTR_PLANE_ENABLE,
	DISPI_8BIT_DAC,
	DISPI_ENABLE,
	type VgaState,
} from "./registers.ts";

const OPAQUE = 0xff000000;
export const BLACK = OPAQUE;

export function rgba(red: number, green: number, blue: number): number {
	return (OPAQUE | (blue << 16) | (green << 8) | red) >>> 0;
}

/** 0xRRGGBB. */
export function rgb(colour: number): number {
	return ((colour & 0xff) << 16) | (colour & 0xff00) | ((colour >>> 16) & 0xff);
}

/** Widens six bits so that 0 stays 0 and 63 becomes 255. */
export function sixToEight(value: number): number {
	return ((value << 2) | (value >> 4)) & 0xff;
}

/** All 256 colours of the DAC as pixels select them: behind the mask. */
export function dacColours(s: VgaState): Uint32Array {
	const widen = s.dispi[DISPI_ENABLE] & DISPI_8BIT_DAC ? (value: number) => value : sixToEight;
	return Uint32Array.from({ length: 256 }, (_, pixel) => {
		const at = (pixel & s.dacMask) * 3;
		return rgba(widen(s.dac[at]), widen(s.dac[at + 1]), widen(s.dac[at + 2]));
	});
}

/** The 16 colours of text and planar modes. */
export function attributeColours(s: VgaState): Uint32Array {
	const dac = dacColours(s);
	const select = s.attribute[ATTR_COLOUR_SELECT];
	const fromSelect54 = (s.attribute[ATTR_MODE] & ATTR_MODE_PALETTE_54) !== 0;
	return Uint32Array.from({ length: 16 }, (_, pixel) => {
		const palette = s.attribute[pixel & s.attribute[ATTR_PLANE_ENABLE]];
		const low = fromSelect54 ? (palette & 0x0f) | ((select & 3) << 4) : palette & 0x3f;
		return dac[low | ((select & 0x0c) << 4)];
	});
}
