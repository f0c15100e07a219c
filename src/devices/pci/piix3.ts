/**
 * PIIX3 PCI-to-ISA bridge, function 0 of the south bridge: 8086:7000.
 * Intel 82371FB/82371SB (PIIX/PIIX3) data sheet, "PIRQRC[A:D]" and "Reset Control Register".
 *
 *   60..63  PIRQRC A..D: bits 3:0 the IRQ, bit 7 disables        cf9  RC: bit 2 rising resets, bit 1 hard
 *
 * A slot's INTA# goes to PIRQ (slot - 1) mod 4, the next pin to the next PIRQ, as on the usual boards.
 * ELCR is with the 8259s (pic/pic.ts).
 *
 * Not emulated: the ISA side's decode and timing registers (XBCS, IORT, TOM, MBIRQ, APICBASE read back), the
 * difference between a soft and a hard reset.
 */
import type { Handler, Line } from "../../bus/device.ts";
import { PciFunction, pciState } from "./function.ts";

const PIRQRC_A = 0x60;
const PIRQRC_DISABLED = 0x80;
/** IRQ 0, 1, 2, 8 and 13 cannot be shared. */
const ROUTABLE = 0xdef8;
const PIRQS = 4;
const RESET_CPU = 0x04;
const RESET_HARD = 0x02;

export class Piix3 extends PciFunction implements Handler {
	readonly state = {
		...pciState(),
		/** For each PIRQ, which of its wires are high. */
		pirqs: [0, 0, 0, 0],
		resetControl: 0,
	};
	#lines: Line[];
	#reset: () => void;
	#wires = [0, 0, 0, 0];

	/**
	 * @param line a new wire to an IRQ of the 8259s
	 * @param reset the guest asked for a reset by CF9
	 */
	constructor(name: string, line: (irq: number) => Line, reset: () => void) {
		super({
			name,
			vendor: 0x8086,
			device: 0x7000,
			classCode: 0x060100,
			subsystemVendor: 0x1af4,
			subsystem: 0x1100,
			multifunction: true,
			status: 0x0200,
			command: 0x0007,
			commandMask: 0x0108,
		});
		this.#lines = Array.from({ length: 16 }, (_, irq) => line(irq));
		this.#reset = reset;
		for (let i = 0; i < PIRQS; i++) {
			this.powerOn(PIRQRC_A + i, PIRQRC_DISABLED, 1);
			this.writable(PIRQRC_A + i, 0x8f, 1);
		}
		// XBCS, MBIRQ and MBDMA, and the other registers that firmware stores and reads.
		this.powerOn(0x4c, 0x4d, 1);
		this.powerOn(0x4e, 0x0003, 2);
		this.powerOn(0x69, 0x02, 1);
		for (const [register, mask] of [
			[0x4c, 0xff],
			[0x4e, 0xff],
			[0x4f, 0x01],
			[0x69, 0xfe],
			[0x6a, 0x04],
			[0x6b, 0xf8],
		]) {
			this.writable(register, mask, 1);
		}
		for (const register of [0x70, 0x71, 0x76, 0x77, 0x82]) this.writable(register, 0xff, 1);
	}

	/** A wire from a PCI slot's pin (1 is INTA#) to its PIRQ. */
	pirq(slot: number, pin: number): Line {
		const pirq = (slot - 1 + pin - 1) % PIRQS;
		const bit = 1 << this.#wires[pirq]++;
		return {
			set: (high) => {
				const pirqs = this.state.pirqs;
				pirqs[pirq] = high ? pirqs[pirq] | bit : pirqs[pirq] & ~bit;
				this.#route();
			},
		};
	}

	/** RESET does not reach the functions that drive the PIRQs: their own reset lowers them. */
	override reset(): void {
		this.state.resetControl = 0;
		super.reset();
	}

	override restored(): void {
		super.restored();
		this.#route();
	}

	protected override configWritten(register: number): void {
		if (register >= (PIRQRC_A & ~3) && register < PIRQRC_A + PIRQS) this.#route();
	}

	/** Every IRQ is the OR of the PIRQs that are routed to it. */
	#route(): void {
		const { config, pirqs } = this.state;
		let high = 0;
		for (let i = 0; i < PIRQS; i++) {
			const route = config[PIRQRC_A + i];
			if (pirqs[i] !== 0 && (route & PIRQRC_DISABLED) === 0) high |= 1 << (route & 15);
		}
		for (let irq = 0; irq < 16; irq++) this.#lines[irq].set((high & ROUTABLE & (1 << irq)) !== 0);
	}

	/** CF9. */
	read(): number {
		return this.state.resetControl;
	}

	write(_offset: number, value: number): void {
		const rose = (value & ~this.state.resetControl & RESET_CPU) !== 0;
		this.state.resetControl = value & (RESET_CPU | RESET_HARD);
		if (rose) this.#reset();
	}
}
