/**
 * One 8259A programmable interrupt controller, as functions over its state.
 * Intel 8259A data sheet (231468-003).
 *
 *   A0=0 write  ICW1 (bit 4 set), OCW2 (bits 4:3 = 00), OCW3 (bits 4:3 = 01)
 *   A0=0 read   IRR or ISR as OCW3 chose; the poll word after a poll command
 *   A0=1 write  ICW2, ICW3, ICW4 during initialisation; else OCW1, the mask (IMR)
 *   A0=1 read   IMR
 *
 * A request must stay high until it is acknowledged, in edge mode too; one that goes away earlier is
 * forgotten, and an acknowledge that finds nothing answers level 7 without setting its ISR bit.
 *
 * Not emulated: MCS-80/85 mode (ICW4.uPM clear), call address interval, buffered mode.
 */

const ICW1 = 0x10;
const ICW1_IC4 = 0x01;
const ICW1_SNGL = 0x02;
const ICW1_LTIM = 0x08;
const ICW4_AEOI = 0x02;
const ICW4_SFNM = 0x10;
const OCW3 = 0x08;
const OCW3_READ_REGISTER = 0x02;
const OCW3_ISR = 0x01;
const OCW3_POLL = 0x04;
const OCW3_ENABLE_SPECIAL_MASK = 0x40;
const OCW3_SPECIAL_MASK = 0x20;
const OCW2_EOI = 0x20;
const OCW2_SPECIFIC = 0x40;
const OCW2_ROTATE = 0x80;
const POLL_INTERRUPT = 0x80;

export interface ChipState {
	/** The levels on the IR pins. */
	pins: number;
	/** Rising edges seen and not yet acknowledged. */
	edges: number;
	isr: number;
	imr: number;
	/** PIIX3's ELCR: inputs that are level-triggered whatever LTIM says. */
	elcr: number;
	/** The input with the lowest priority, 7 until rotated. */
	lowest: number;
	/** Vector of IR0; bits 2:0 are zero. */
	vector: number;
	icw1: number;
	icw4: number;
	/** 0 when initialised; else the ICW that is expected next. */
	expects: 0 | 2 | 3 | 4;
	specialMask: boolean;
	rotateOnAutoEoi: boolean;
	readIsr: boolean;
	poll: boolean;
}

export function chipState(): ChipState {
	return {
		pins: 0,
		edges: 0,
		isr: 0,
		imr: 0,
		elcr: 0,
		lowest: 7,
		vector: 0,
		icw1: 0,
		icw4: 0,
		expects: 0,
		specialMask: false,
		rotateOnAutoEoi: false,
		readIsr: false,
		poll: false,
	};
}

export function setPin(chip: ChipState, input: number, high: boolean): void {
	const bit = 1 << input;
	if (!high) {
		chip.pins &= ~bit;
		chip.edges &= ~bit;
	} else if ((chip.pins & bit) === 0) {
		chip.pins |= bit;
		chip.edges |= bit;
	}
}

/** The interrupt request register. */
export function requests(chip: ChipState): number {
	const level = chip.icw1 & ICW1_LTIM ? 0xff : chip.elcr;
	return (chip.pins & level) | (chip.edges & ~level);
}

/**
 * The input that asks for service, or -1: INT is high while this is not -1.
 * @param cascade inputs with a slave, which SFNM lets interrupt their own service
 */
export function pending(chip: ChipState, cascade = 0): number {
	const asking = rank(chip, requests(chip) & ~chip.imr);
	if (asking === 8) return -1;
	let serving = chip.isr;
	if (chip.specialMask) serving &= ~chip.imr;
	if (chip.icw4 & ICW4_SFNM) serving &= ~cascade;
	return asking < rank(chip, serving) ? (asking + chip.lowest + 1) & 7 : -1;
}

/** The first INTA pulse for an input that `pending` named. */
export function accept(chip: ChipState, input: number): void {
	const bit = 1 << input;
	chip.edges &= ~bit;
	if ((chip.icw4 & ICW4_AEOI) === 0) chip.isr |= bit;
	else if (chip.rotateOnAutoEoi) chip.lowest = input;
}

/** How far the best of `inputs` is from the highest priority: 0 is highest, 8 is none. */
function rank(chip: ChipState, inputs: number): number {
	if (inputs === 0) return 8;
	let distance = 0;
	while ((inputs & (1 << ((distance + chip.lowest + 1) & 7))) === 0) distance++;
	return distance;
}

export function readChip(chip: ChipState, a0: number, cascade: number): number {
	if (chip.poll) return pollWord(chip, cascade);
	if (a0) return chip.imr;
	return chip.readIsr ? chip.isr : requests(chip);
}

/** A read after the poll command is the acknowledge. */
function pollWord(chip: ChipState, cascade: number): number {
	chip.poll = false;
	const input = pending(chip, cascade);
	if (input < 0) return 0;
	accept(chip, input);
	return POLL_INTERRUPT | input;
}

export function writeChip(chip: ChipState, a0: number, value: number): void {
	if (a0) writeData(chip, value);
	else if (value & ICW1) initialise(chip, value);
	else if (value & OCW3) operationWord3(chip, value);
	else operationWord2(chip, value);
}

/** ICW1, in the data sheet's order: edges forgotten, IMR cleared, IR7 lowest, special mask off, status read is IRR. */
function initialise(chip: ChipState, value: number): void {
	const { pins, elcr, vector } = chip;
	Object.assign(chip, chipState(), { pins, elcr, vector, icw1: value, expects: 2 });
}

function writeData(chip: ChipState, value: number): void {
	const afterIcw3 = chip.icw1 & ICW1_IC4 ? 4 : 0;
	switch (chip.expects) {
		case 0:
			chip.imr = value;
			break;
		case 2:
			chip.vector = value & 0xf8;
			chip.expects = chip.icw1 & ICW1_SNGL ? afterIcw3 : 3;
			break;
		case 3:
			// Which inputs have slaves, or the slave's address: wired in a PC.
			chip.expects = afterIcw3;
			break;
		case 4:
			chip.icw4 = value;
			chip.expects = 0;
			break;
	}
}

function operationWord3(chip: ChipState, value: number): void {
	if (value & OCW3_POLL) chip.poll = true;
	if (value & OCW3_READ_REGISTER) chip.readIsr = (value & OCW3_ISR) !== 0;
	if (value & OCW3_ENABLE_SPECIAL_MASK) chip.specialMask = (value & OCW3_SPECIAL_MASK) !== 0;
}

function operationWord2(chip: ChipState, value: number): void {
	const rotate = (value & OCW2_ROTATE) !== 0;
	if (value & OCW2_SPECIFIC) {
		const input = value & 7;
		if (value & OCW2_EOI) chip.isr &= ~(1 << input);
		// R SL without EOI is "set priority"; SL alone is no operation.
		if (rotate) chip.lowest = input;
	} else if (value & OCW2_EOI) {
		// "Special Mask Mode": a non-specific EOI does not see the levels that are masked.
		const distance = rank(chip, chip.specialMask ? chip.isr & ~chip.imr : chip.isr);
		if (distance === 8) return;
		const input = (distance + chip.lowest + 1) & 7;
		chip.isr &= ~(1 << input);
		if (rotate) chip.lowest = input;
	} else {
		chip.rotateOnAutoEoi = rotate;
	}
}
