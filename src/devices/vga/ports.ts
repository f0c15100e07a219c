/**
 * The VGA's I/O ports 3C0h..3DFh. Offsets count from 3C0h, as in the adapter's memory-mapped copy.
 *
 *   00 attribute index/data W, index R   01 attribute data R      02 misc output W, input status 0 R
 *   03 video subsystem enable            04/05 sequencer          06 DAC mask
 *   07 DAC read index W, state R         08 DAC write index       09 DAC data
 *   0a feature control R                 0c misc output R         0e/0f graphics controller
 *   14/15 CRT controller                 1a feature control W, input status 1 R
 *
 * Offsets 10h..1Fh answer at 3D0h in colour and at 3B0h in monochrome emulation (MISC_COLOUR).
 * Reading input status 1 sets the attribute controller's flip-flop to "index".
 *
 * Not emulated: switching the adapter off with 3C3h; the attribute palette being locked while
 * the palette address source is set; the CRTC's light pen and vertical interrupt.
 */
import type { Handler } from "../../bus/device.ts";
import {
	CRTC_OVERFLOW,
	CRTC_VRETRACE_END,
	DISPI_8BIT_DAC,
	DISPI_ENABLE,
	MISC_COLOUR,
	type VgaState,
	VRETRACE_PROTECT,
} from "./registers.ts";

const ATTRIBUTE = 0x00;
const ATTRIBUTE_READ = 0x01;
const MISC_WRITE = 0x02;
const SUBSYSTEM_ENABLE = 0x03;
const SEQUENCER_INDEX = 0x04;
const SEQUENCER_DATA = 0x05;
const DAC_MASK = 0x06;
const DAC_READ_INDEX = 0x07;
const DAC_WRITE_INDEX = 0x08;
const DAC_DATA = 0x09;
const FEATURE_READ = 0x0a;
const MISC_READ = 0x0c;
const GRAPHICS_INDEX = 0x0e;
const GRAPHICS_DATA = 0x0f;
const CRTC_INDEX = 0x14;
const CRTC_DATA = 0x15;
const STATUS_1 = 0x1a;
/** The first port that moves with MISC_COLOUR. */
const MOVABLE = 0x10;

/** Input status 0, bit 4: the DAC's comparator senses a colour monitor. */
const SWITCH_SENSE = 0x10;
const ABSENT = 0xff;

/** The bits that exist. */
const SEQUENCER_BITS = [0x03, 0x3d, 0x0f, 0x3f, 0x0e, 0, 0, 0];
const GRAPHICS_BITS = [0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff];
const ATTRIBUTE_BITS = [...new Array(16).fill(0x3f), 0xef, 0xff, 0x3f, 0x0f, 0x0f];
const CRTC_LAST = 0x18;
const LINE_COMPARE_BIT_8 = 0x10;

export class VgaPorts {
	#state: VgaState;
	#inputStatus: () => number;
	#changed: () => void;

	/**
	 * @param inputStatus display enable and vertical retrace, as input status 1 shows them
	 * @param changed called after a register was written that may change how memory is accessed
	 */
	constructor(state: VgaState, inputStatus: () => number, changed: () => void) {
		this.#state = state;
		this.#inputStatus = inputStatus;
		this.#changed = changed;
	}

	/** Ports 3C0h..3DFh. */
	readonly colour: Handler = {
		read: (offset) => (offset < MOVABLE || this.#isColour() ? this.#read(offset) : ABSENT),
		write: (offset, value) => {
			if (offset < MOVABLE || this.#isColour()) this.#write(offset, value);
		},
	};

	/** Ports 3B0h..3BBh. */
	readonly monochrome: Handler = {
		read: (offset) => (this.#isColour() ? ABSENT : this.#read(offset + MOVABLE)),
		write: (offset, value) => {
			if (!this.#isColour()) this.#write(offset + MOVABLE, value);
		},
	};

	#isColour(): boolean {
		return (this.#state.misc & MISC_COLOUR) !== 0;
	}

	#read(port: number): number {
		const s = this.#state;
		switch (port) {
			case ATTRIBUTE:
				return s.attributeData ? 0 : s.attributeIndex;
			case ATTRIBUTE_READ:
				return s.attribute[s.attributeIndex & 0x1f];
			case MISC_WRITE:
				return SWITCH_SENSE;
			case SUBSYSTEM_ENABLE:
				return s.enable;
			case SEQUENCER_INDEX:
				return s.sequencerIndex;
			case SEQUENCER_DATA:
				return s.sequencer[s.sequencerIndex];
			case DAC_MASK:
				return s.dacMask;
			case DAC_READ_INDEX:
				return s.dacReading;
			case DAC_WRITE_INDEX:
				return s.dacAddress;
			case DAC_DATA:
				return this.#readDac();
			case FEATURE_READ:
				return s.feature;
			case MISC_READ:
				return s.misc;
			case GRAPHICS_INDEX:
				return s.graphicsIndex;
			case GRAPHICS_DATA:
				return s.graphics[s.graphicsIndex];
			case CRTC_INDEX:
				return s.crtcIndex;
			case CRTC_DATA:
				return s.crtcIndex <= CRTC_LAST ? s.crtc[s.crtcIndex] : 0;
			case STATUS_1:
				s.attributeData = false;
				return this.#inputStatus();
			default:
				return ABSENT;
		}
	}

	#write(port: number, value: number): void {
		const s = this.#state;
		switch (port) {
			case ATTRIBUTE:
				this.#writeAttribute(value);
				return;
			case MISC_WRITE:
				s.misc = value;
				return;
			case SUBSYSTEM_ENABLE:
				s.enable = value & 1;
				return;
			case SEQUENCER_INDEX:
				s.sequencerIndex = value & 7;
				return;
			case SEQUENCER_DATA:
				s.sequencer[s.sequencerIndex] = value & SEQUENCER_BITS[s.sequencerIndex];
				this.#changed();
				return;
			case DAC_MASK:
				s.dacMask = value;
				return;
			case DAC_READ_INDEX:
				this.#addressDac(value, 3);
				return;
			case DAC_WRITE_INDEX:
				this.#addressDac(value, 0);
				return;
			case DAC_DATA:
				this.#writeDac(value);
				return;
			case GRAPHICS_INDEX:
				s.graphicsIndex = value & 15;
				return;
			case GRAPHICS_DATA:
				s.graphics[s.graphicsIndex] = value & (GRAPHICS_BITS[s.graphicsIndex] ?? 0);
				this.#changed();
				return;
			case CRTC_INDEX:
				s.crtcIndex = value;
				return;
			case CRTC_DATA:
				this.#writeCrtc(s.crtcIndex, value);
				return;
			case STATUS_1:
				s.feature = value & 3;
		}
	}

	#writeAttribute(value: number): void {
		const s = this.#state;
		if (s.attributeData) {
			const register = s.attributeIndex & 0x1f;
			s.attribute[register] = value & (ATTRIBUTE_BITS[register] ?? 0);
		} else s.attributeIndex = value & 0x3f;
		s.attributeData = !s.attributeData;
	}

	#writeCrtc(register: number, value: number): void {
		const { crtc } = this.#state;
		if (register > CRTC_LAST) return;
		if (register <= CRTC_OVERFLOW && crtc[CRTC_VRETRACE_END] & VRETRACE_PROTECT) {
			if (register !== CRTC_OVERFLOW) return;
			value = (crtc[CRTC_OVERFLOW] & ~LINE_COMPARE_BIT_8) | (value & LINE_COMPARE_BIT_8);
		}
		crtc[register] = value;
	}

	#addressDac(colour: number, reading: number): void {
		const s = this.#state;
		s.dacAddress = colour;
		s.dacComponent = 0;
		s.dacReading = reading;
	}

	#readDac(): number {
		const s = this.#state;
		const value = s.dac[s.dacAddress * 3 + s.dacComponent];
		this.#nextComponent();
		return value;
	}

	#writeDac(value: number): void {
		const s = this.#state;
		s.dacHolding[s.dacComponent] = s.dispi[DISPI_ENABLE] & DISPI_8BIT_DAC ? value : value & 0x3f;
		if (s.dacComponent === 2) s.dac.set(s.dacHolding, s.dacAddress * 3);
		this.#nextComponent();
	}

	#nextComponent(): void {
		const s = this.#state;
		if (++s.dacComponent < 3) return;
		s.dacComponent = 0;
		s.dacAddress = (s.dacAddress + 1) & 0xff;
	}
}
