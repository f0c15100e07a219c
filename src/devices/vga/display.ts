/**
 * What the registers say a monitor shows: the kind of mode, its size in dots, and for every
 * line where in the planes it starts.
 *
 * A picture has a pixel for each dot and each scan line that reaches the monitor: mode 13h is
 * 640x400 with every pixel drawn 2x2, text in 9-dot columns is 720x400.
 *
 * Not emulated: interlace, vertical counting by two (CRTC mode bit 2), the border, cursor and
 * display enable skew.
 */
import {
	ATTR_MODE,
	ATTR_MODE_PAN_TOP_ONLY,
	ATTR_PANNING,
	ATTRIBUTE_SOURCE,
	CLOCKING_8_DOTS,
	CLOCKING_HALF,
	CLOCKING_SCREEN_OFF,
	CRTC_HDISPLAY_END,
	CRTC_MAX_SCAN,
	CRTC_MODE,
	CRTC_MODE_BYTE,
	CRTC_MODE_NO_SCAN_A13,
	CRTC_MODE_NO_SCAN_A14,
	CRTC_OFFSET,
	CRTC_PRESET_ROW_SCAN,
	CRTC_START_HIGH,
	CRTC_START_LOW,
	characterWidth,
	DISPI_BPP,
	DISPI_XRES,
	DISPI_YRES,
	GC_MISC,
	GC_MODE,
	lineCompare,
	MAX_SCAN_DOUBLE,
	MISC_GRAPHICS,
	MODE_SHIFT,
	SEQ_CLOCKING,
	type VgaState,
	vbeEnabled,
	verticalDisplayEnd,
} from "./registers.ts";

/** off: black. text. planar: 16 colours. cga: 4 colours. packed: 256 colours. linear: VBE, also with 4 planes. */
export type Kind = "off" | "text" | "planar" | "cga" | "packed" | "linear";

export interface Display {
	kind: Kind;
	/** In dots and scan lines. */
	width: number;
	height: number;
}

/** A scan line of a VGA mode: what the address and row scan counters are while it is drawn. */
export interface ScanLine {
	/** The address counter at the line's left end: an offset in the planes, row scan bits applied. */
	address: number;
	/** The line within a character. */
	scan: number;
	/** Dots by which the line is moved left. */
	panning: number;
}

/** Planes of a plain VGA have 64 KiB; the address counter wraps there. */
export const PLANE_MASK = 0xffff;

const OFF: Display = { kind: "off", width: 640, height: 400 };
/** Less than this is no mode but registers half programmed. */
const LEAST_WIDTH = 64;
const LEAST_HEIGHT = 32;

export function display(s: VgaState): Display {
	if (vbeEnabled(s)) return { kind: "linear", width: s.dispi[DISPI_XRES], height: s.dispi[DISPI_YRES] };
	const columns = s.crtc[CRTC_HDISPLAY_END] + 1;
	const height = verticalDisplayEnd(s) + 1;
	const graphics = (s.graphics[GC_MISC] & MISC_GRAPHICS) !== 0;
	const width = columns * (graphics ? graphicsColumn(s) : characterWidth(s));
	if (width < LEAST_WIDTH || height < LEAST_HEIGHT) return OFF;
	const blank = !(s.attributeIndex & ATTRIBUTE_SOURCE) || s.sequencer[SEQ_CLOCKING] & CLOCKING_SCREEN_OFF;
	if (blank) return { kind: "off", width, height };
	if (!graphics) return { kind: "text", width, height };
	const kinds: Kind[] = ["planar", "cga", "packed", "packed"];
	return { kind: kinds[(s.graphics[GC_MODE] >> MODE_SHIFT) & 3], width, height };
}

/** Dots of a graphics column: eight pixels, each two dots wide where the clock is halved. */
export function graphicsColumn(s: VgaState): number {
	return s.sequencer[SEQ_CLOCKING] & CLOCKING_HALF ? 16 : 8;
}

/** Bits a pixel of a VBE mode that are colour: what `DISPI_BPP` holds. */
export function linearDepth(s: VgaState): number {
	return s.dispi[DISPI_BPP];
}

/** Calls `draw` for every scan line of a VGA mode, top to bottom. */
export function forEachScanLine(
	s: VgaState,
	height: number,
	draw: (line: ScanLine, y: number) => void,
): void {
	const { crtc } = s;
	const maxScan = crtc[CRTC_MAX_SCAN] & 0x1f;
	const doubled = (crtc[CRTC_MAX_SCAN] & MAX_SCAN_DOUBLE) !== 0;
	const split = lineCompare(s);
	const bytePanning = (crtc[CRTC_PRESET_ROW_SCAN] >> 5) & 3;
	let panning = dotPanning(s);
	let row = crtc[CRTC_START_HIGH] * 0x100 + crtc[CRTC_START_LOW] + bytePanning;
	let scan = crtc[CRTC_PRESET_ROW_SCAN] & 0x1f;
	let second = false;
	for (let y = 0; y < height; y++) {
		draw({ address: rowScanAddress(s, row & PLANE_MASK, scan), scan, panning }, y);
		if (doubled && !second) second = true;
		else {
			second = false;
			if (scan === maxScan) row += crtc[CRTC_OFFSET] * 2;
			scan = scan === maxScan ? 0 : (scan + 1) & 0x1f;
		}
		if (y === split) {
			row = 0;
			scan = 0;
			second = false;
			if (s.attribute[ATTR_MODE] & ATTR_MODE_PAN_TOP_ONLY) panning = 0;
		}
	}
}

/** Dots to move left: the panning register counts them differently for each column width. */
function dotPanning(s: VgaState): number {
	const panning = s.attribute[ATTR_PANNING];
	const half = s.sequencer[SEQ_CLOCKING] & CLOCKING_HALF ? 2 : 1;
	const graphics = (s.graphics[GC_MISC] & MISC_GRAPHICS) !== 0;
	// Nine-dot columns: 8 is none, 0 is one dot, 7 is eight.
	if (!graphics && !(s.sequencer[SEQ_CLOCKING] & CLOCKING_8_DOTS)) return ((panning + 1) % 9) * half;
	return (panning & 7) * half;
}

/**
 * CGA and Hercules interleave their lines: with CRTC mode bits 0 and 1 clear, row scan bits take the
 * place of address bits 13 and 14 — one lower in word mode, because chained bytes are packed here.
 */
function rowScanAddress({ crtc }: VgaState, address: number, scan: number): number {
	const mode = crtc[CRTC_MODE];
	const bit13 = mode & CRTC_MODE_BYTE ? 0x2000 : 0x1000;
	if (!(mode & CRTC_MODE_NO_SCAN_A13)) address = scan & 1 ? address | bit13 : address & ~bit13;
	if (!(mode & CRTC_MODE_NO_SCAN_A14)) address = scan & 2 ? address | (bit13 << 1) : address & ~(bit13 << 1);
	return address;
}
