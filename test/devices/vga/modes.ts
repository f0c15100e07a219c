/**
 * Register values of the BIOS's standard modes, from the tables that IBM's technical reference
 * prints for INT 10h, and the scripts that program them.
 */
import type { Step } from "./script.ts";

interface Mode {
	misc: number;
	sequencer: string;
	crtc: string;
	graphics: string;
	attribute: string;
}

const MODES: Record<string, Mode> = {
	"3": {
		misc: 0x67,
		sequencer: "03 00 03 00 02",
		crtc: "5f 4f 50 82 55 81 bf 1f 00 4f 0d 0e 00 00 00 00 9c 8e 8f 28 1f 96 b9 a3 ff",
		graphics: "00 00 00 00 00 10 0e 00 ff",
		attribute: "00 01 02 03 04 05 14 07 38 39 3a 3b 3c 3d 3e 3f 0c 00 0f 08 00",
	},
	"4": {
		misc: 0x63,
		sequencer: "03 09 03 00 02",
		crtc: "2d 27 28 90 2b 80 bf 1f 00 c1 00 00 00 00 00 00 9c 8e 8f 14 00 96 b9 a2 ff",
		graphics: "00 00 00 00 00 30 0f 00 ff",
		attribute: "00 13 15 17 02 04 06 07 10 11 12 13 14 15 16 17 01 00 03 00 00",
	},
	"6": {
		misc: 0x63,
		sequencer: "03 01 01 00 06",
		crtc: "5f 4f 50 82 54 80 bf 1f 00 c1 00 00 00 00 00 00 9c 8e 8f 28 00 96 b9 c2 ff",
		graphics: "00 00 00 00 00 00 0d 00 ff",
		attribute: "00 17 17 17 17 17 17 17 17 17 17 17 17 17 17 17 01 00 01 00 00",
	},
	"7": {
		misc: 0x66,
		sequencer: "03 00 03 00 02",
		crtc: "5f 4f 50 82 55 81 bf 1f 00 4f 0d 0e 00 00 00 00 9c 8e 8f 28 0d 96 b9 a3 ff",
		graphics: "00 00 00 00 00 10 0a 00 ff",
		attribute: "00 08 08 08 08 08 08 08 10 18 18 18 18 18 18 18 0e 00 0f 08 00",
	},
	"0d": {
		misc: 0x63,
		sequencer: "03 09 0f 00 06",
		crtc: "2d 27 28 90 2b 80 bf 1f 00 c0 00 00 00 00 00 00 9c 8e 8f 14 00 96 b9 e3 ff",
		graphics: "00 00 00 00 00 00 05 0f ff",
		attribute: "00 01 02 03 04 05 06 07 10 11 12 13 14 15 16 17 01 00 0f 00 00",
	},
	"12": {
		misc: 0xe3,
		sequencer: "03 01 0f 00 06",
		crtc: "5f 4f 50 82 54 80 0b 3e 00 40 00 00 00 00 00 00 ea 8c df 28 00 e7 04 e3 ff",
		graphics: "00 00 00 00 00 00 05 0f ff",
		attribute: "00 01 02 03 04 05 14 07 38 39 3a 3b 3c 3d 3e 3f 01 00 0f 00 00",
	},
	"13": {
		misc: 0x63,
		sequencer: "03 01 0f 00 0e",
		crtc: "5f 4f 50 82 54 80 bf 1f 00 41 00 00 00 00 00 00 9c 8e 8f 28 40 96 b9 a3 ff",
		graphics: "00 00 00 00 00 40 05 0f ff",
		attribute: "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 41 00 0f 00 00",
	},
};

function bytes(hex: string): number[] {
	return hex.split(" ").map((byte) => Number.parseInt(byte, 16));
}

/** Programs every register of a standard mode; video memory and DAC stay as they are. */
export function setMode(name: string): Step[] {
	const mode = MODES[name];
	const crtcPort = mode.misc & 1 ? 0x3d4 : 0x3b4;
	const statusPort = mode.misc & 1 ? 0x3da : 0x3ba;
	return [
		["word", 0x1ce, 4],
		["word", 0x1cf, 0],
		["out", 0x3c2, mode.misc],
		...registers(0x3c4, bytes(mode.sequencer)),
		["word", crtcPort, 0x0011],
		...registers(crtcPort, bytes(mode.crtc)),
		...registers(0x3ce, bytes(mode.graphics)),
		["in", statusPort],
		...bytes(mode.attribute).flatMap((value, index): Step[] => [
			["out", 0x3c0, index],
			["out", 0x3c0, value],
		]),
		["out", 0x3c0, 0x20],
		["out", 0x3c6, 0xff],
	];
}

/** Writes registers 0, 1, 2... behind an index and a data port. */
export function registers(port: number, values: number[]): Step[] {
	return values.map((value, index): Step => ["word", port, index | (value << 8)]);
}

/** Sets one register behind an index and a data port. */
export function register(port: number, index: number, value: number): Step {
	return ["word", port, index | (value << 8)];
}

/** Sets an attribute controller register and leaves the screen on. */
export function attribute(index: number, value: number): Step[] {
	return [
		["in", 0x3da],
		["out", 0x3c0, index],
		["out", 0x3c0, value],
		["out", 0x3c0, 0x20],
	];
}

/** The first colours of the DAC, six bits a component. */
export function dac(colours: number[][]): Step[] {
	return [
		["out", 0x3c8, 0],
		["outs", 0x3c9, colours.flat()],
	];
}

/** A DAC in which every entry differs from every other in its six bits. */
export const testColours = Array.from({ length: 256 }, (_, i) => [i & 63, (i * 5 + 3) & 63, (i >> 2) ^ 0x15]);

/** Switches to a dispi mode and clears it. */
export function vbe(width: number, height: number, depth: number, flags = 0x41): Step[] {
	const set = (index: number, value: number): Step[] => [
		["word", 0x1ce, index],
		["word", 0x1cf, value],
	];
	return [...set(4, 0), ...set(1, width), ...set(2, height), ...set(3, depth), ...set(4, flags)];
}
