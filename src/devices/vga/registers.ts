/**
 * The registers of a VGA and of the Bochs VBE extension, by their manuals' names.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (1990), sections "VGA
 * Registers"; Bochs VBE display API (VBE_DISPI), as QEMU's std VGA implements it.
 *
 * Everything here is data: the state that a snapshot copies, and the names of its bits.
 */

/** Every mutable bit of the adapter except video memory. */
export interface VgaState {
	/** Miscellaneous output register, feature control register, video subsystem enable. */
	misc: number;
	feature: number;
	enable: number;
	sequencerIndex: number;
	sequencer: Uint8Array;
	graphicsIndex: number;
	graphics: Uint8Array;
	crtcIndex: number;
	crtc: Uint8Array;
	/** Bits 0..4 address, bit 5 palette address source. */
	attributeIndex: number;
	/** The flip-flop: the next write to 3C0h is data. */
	attributeData: boolean;
	attribute: Uint8Array;
	/** 256 colours of red, green, blue; 6 bits each, or 8 where the dispi says so. */
	dac: Uint8Array;
	dacMask: number;
	/** Next colour and next component (0..2) of it; what port 3C7h reads: 0 after 3C8h, 3 after 3C7h was written. */
	dacAddress: number;
	dacComponent: number;
	dacReading: number;
	/** Components written so far of a colour: it is stored with its third. */
	dacHolding: Uint8Array;
	/** The four latches; plane p in bits 8p..8p+7. */
	latches: number;
	dispiIndex: number;
	dispi: Uint16Array;
	/** The low byte of a word on its way to the odd port 1CFh. */
	dispiLow: number;
}

export function vgaState(): VgaState {
	const dispi = new Uint16Array(DISPI_REGISTERS);
	dispi[DISPI_ID] = DISPI_ID5;
	return {
		misc: 0,
		feature: 0,
		enable: 1,
		sequencerIndex: 0,
		sequencer: new Uint8Array(8),
		graphicsIndex: 0,
		graphics: new Uint8Array(16),
		crtcIndex: 0,
		crtc: new Uint8Array(32),
		attributeIndex: 0,
		attributeData: false,
		attribute: new Uint8Array(32),
		dac: new Uint8Array(768),
		dacMask: 0xff,
		dacAddress: 0,
		dacComponent: 0,
		dacReading: 0,
		dacHolding: new Uint8Array(3),
		latches: 0,
		dispiIndex: 0,
		dispi,
		dispiLow: 0,
	};
}

// Miscellaneous output register (write 3C2h, read 3CCh).
export const MISC_COLOUR = 0x01;
export const MISC_CLOCK = 0x0c;
export const MISC_CLOCK_28 = 0x04;

// Sequencer.
export const SEQ_CLOCKING = 1;
export const CLOCKING_8_DOTS = 0x01;
export const CLOCKING_HALF = 0x08;
export const CLOCKING_SCREEN_OFF = 0x20;
export const SEQ_MAP_MASK = 2;
export const SEQ_CHARACTER_MAP = 3;
export const SEQ_MEMORY = 4;
/** Clear: even addresses reach planes 0 and 2, odd ones 1 and 3. */
export const MEMORY_SEQUENTIAL = 0x04;
export const MEMORY_CHAIN4 = 0x08;

// Graphics controller.
export const GC_SET_RESET = 0;
export const GC_ENABLE_SET_RESET = 1;
export const GC_COLOUR_COMPARE = 2;
export const GC_ROTATE = 3;
export const GC_READ_MAP = 4;
export const GC_MODE = 5;
export const MODE_WRITE = 0x03;
export const MODE_READ_COMPARE = 0x08;
export const MODE_ODD_EVEN = 0x10;
/** Bits 5 and 6: 0 planar, 1 CGA's two bits a pixel, 2 and 3 256 colours. */
export const MODE_SHIFT = 5;
export const GC_MISC = 6;
export const MISC_GRAPHICS = 0x01;
/** Address bit 0 selects the plane and is taken out of the offset. */
export const MISC_CHAIN_ODD_EVEN = 0x02;
/** Bits 2 and 3: 0 A0000h+128K, 1 A0000h+64K, 2 B0000h+32K, 3 B8000h+32K. */
export const MISC_MAP_SHIFT = 2;
export const GC_COLOUR_DONT_CARE = 7;
export const GC_BIT_MASK = 8;

// CRT controller.
export const CRTC_HTOTAL = 0x00;
export const CRTC_HDISPLAY_END = 0x01;
export const CRTC_VTOTAL = 0x06;
export const CRTC_OVERFLOW = 0x07;
export const CRTC_PRESET_ROW_SCAN = 0x08;
export const CRTC_MAX_SCAN = 0x09;
export const MAX_SCAN_DOUBLE = 0x80;
export const CRTC_CURSOR_START = 0x0a;
export const CURSOR_OFF = 0x20;
export const CRTC_CURSOR_END = 0x0b;
export const CRTC_START_HIGH = 0x0c;
export const CRTC_START_LOW = 0x0d;
export const CRTC_CURSOR_HIGH = 0x0e;
export const CRTC_CURSOR_LOW = 0x0f;
export const CRTC_VRETRACE_START = 0x10;
export const CRTC_VRETRACE_END = 0x11;
/** Registers 0..7 cannot be written, except for line compare bit 8. */
export const VRETRACE_PROTECT = 0x80;
export const CRTC_VDISPLAY_END = 0x12;
export const CRTC_OFFSET = 0x13;
export const CRTC_UNDERLINE = 0x14;
export const CRTC_MODE = 0x17;
export const CRTC_MODE_NO_SCAN_A13 = 0x01;
export const CRTC_MODE_NO_SCAN_A14 = 0x02;
export const CRTC_MODE_BYTE = 0x40;
export const CRTC_LINE_COMPARE = 0x18;

// Attribute controller.
export const ATTRIBUTE_SOURCE = 0x20;
export const ATTR_MODE = 0x10;
export const ATTR_MODE_LINE_GRAPHICS = 0x04;
export const ATTR_MODE_BLINK = 0x08;
export const ATTR_MODE_PAN_TOP_ONLY = 0x20;
export const ATTR_MODE_PALETTE_54 = 0x80;
export const ATTR_OVERSCAN = 0x11;
export const ATTR_PLANE_ENABLE = 0x12;
export const ATTR_PANNING = 0x13;
export const ATTR_COLOUR_SELECT = 0x14;

// Bochs VBE (dispi) registers.
export const DISPI_ID = 0;
export const DISPI_XRES = 1;
export const DISPI_YRES = 2;
export const DISPI_BPP = 3;
export const DISPI_ENABLE = 4;
export const DISPI_BANK = 5;
export const DISPI_VIRT_WIDTH = 6;
export const DISPI_VIRT_HEIGHT = 7;
export const DISPI_X_OFFSET = 8;
export const DISPI_Y_OFFSET = 9;
export const DISPI_VIDEO_MEMORY_64K = 10;
export const DISPI_REGISTERS = 11;

export const DISPI_ID0 = 0xb0c0;
export const DISPI_ID5 = 0xb0c5;

export const DISPI_ENABLED = 0x01;
export const DISPI_GETCAPS = 0x02;
export const DISPI_8BIT_DAC = 0x20;
export const DISPI_NOCLEARMEM = 0x80;

/** Ten-bit CRTC values whose bits 8 and 9 are in the overflow register. */
export function verticalTotal({ crtc }: VgaState): number {
	return (crtc[CRTC_VTOTAL] | ((crtc[CRTC_OVERFLOW] & 0x01) << 8) | ((crtc[CRTC_OVERFLOW] & 0x20) << 4)) + 2;
}

export function verticalDisplayEnd({ crtc }: VgaState): number {
	return crtc[CRTC_VDISPLAY_END] | ((crtc[CRTC_OVERFLOW] & 0x02) << 7) | ((crtc[CRTC_OVERFLOW] & 0x40) << 3);
}

export function verticalRetraceStart({ crtc }: VgaState): number {
	return (
		crtc[CRTC_VRETRACE_START] | ((crtc[CRTC_OVERFLOW] & 0x04) << 6) | ((crtc[CRTC_OVERFLOW] & 0x80) << 2)
	);
}

export function lineCompare({ crtc }: VgaState): number {
	return crtc[CRTC_LINE_COMPARE] | ((crtc[CRTC_OVERFLOW] & 0x10) << 4) | ((crtc[CRTC_MAX_SCAN] & 0x40) << 3);
}

/** Dots of a character column: 8 or 9, twice as many where the dot clock is halved. */
export function characterWidth({ sequencer }: VgaState): number {
	const dots = sequencer[SEQ_CLOCKING] & CLOCKING_8_DOTS ? 8 : 9;
	return sequencer[SEQ_CLOCKING] & CLOCKING_HALF ? dots * 2 : dots;
}

export function vbeEnabled({ dispi }: VgaState): boolean {
	return (dispi[DISPI_ENABLE] & DISPI_ENABLED) !== 0;
}
