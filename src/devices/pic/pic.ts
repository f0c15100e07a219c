/**
 * The PC's sixteen interrupts: two 8259As, the second one's INT on the first one's IR2, and the
 * PIIX3's edge/level control registers. Chip: see chip.ts.
 *
 *   20, 21  master      a0, a1  slave      4d0, 4d1  ELCR (IRQ 0, 1, 2, 8 and 13 stay edge-triggered)
 *
 * Several devices may share one input: `line` gives each its own wire and the input is their OR.
 *
 * Not emulated: what chip.ts lists.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Device, Handler, Line } from "../../bus/device.ts";
import { accept, type ChipState, chipState, pending, readChip, setPin, writeChip } from "./chip.ts";

const CASCADE = 2;
const CASCADE_BIT = 1 << CASCADE;
const SPURIOUS = 7;
/** 82371SB data sheet, "ELCR1/ELCR2": bits that are reserved and read zero. */
const ELCR_MASK = [0xf8, 0xde];

export interface PicPorts {
	master: number;
	slave: number;
	elcr: number;
}

export class Pic implements Device {
	readonly name: string;
	readonly state: { chips: ChipState[]; wires: number[] } = {
		chips: [chipState(), chipState()],
		/** For each input, which of its wires are high. */
		wires: new Array(16).fill(0),
	};
	#ports: PicPorts;
	#output: Line;
	#wires: number[] = new Array(16).fill(0);

	/** @param output the CPU's INTR pin */
	constructor(name: string, ports: PicPorts, output: Line) {
		this.name = name;
		this.#ports = ports;
		this.#output = output;
	}

	/** A new wire to IRQ 0..15. */
	line(irq: number): Line {
		const bit = 1 << this.#wires[irq]++;
		return { set: (high) => this.#setWire(irq, bit, high) };
	}

	attach(bus: Bus): void {
		bus.ports(`${this.name} master`, this.#ports.master, 2, this.#chipHandler(0));
		bus.ports(`${this.name} slave`, this.#ports.slave, 2, this.#chipHandler(1));
		bus.ports(`${this.name} elcr`, this.#ports.elcr, 2, {
			read: (offset) => this.state.chips[offset].elcr,
			write: (offset, value) => {
				this.state.chips[offset].elcr = value & ELCR_MASK[offset];
				this.#update();
			},
		});
	}

	/** The 8259A has no reset pin; what is pending at power-on is undefined. The wires keep their levels. */
	reset(): void {
		this.state.chips = this.state.chips.map(({ pins }) => ({ ...chipState(), pins }));
		this.#update();
	}

	restored(): void {
		this.#update();
	}

	/** The CPU's interrupt acknowledge cycles: the vector, spurious (IR7) if nothing asks any more. */
	acknowledge(): number {
		const [master, slave] = this.state.chips;
		const input = pending(master, CASCADE_BIT);
		if (input < 0) return master.vector + SPURIOUS;
		accept(master, input);
		let vector = master.vector + input;
		if (input === CASCADE) {
			const behind = pending(slave);
			if (behind >= 0) accept(slave, behind);
			vector = slave.vector + (behind >= 0 ? behind : SPURIOUS);
			// INTA drops the slave's INT, so that what it asks for next (in AEOI mode, at once) is an edge.
			setPin(master, CASCADE, false);
		}
		this.#update();
		return vector;
	}

	#setWire(irq: number, bit: number, high: boolean): void {
		const wires = this.state.wires;
		const before = wires[irq];
		wires[irq] = high ? before | bit : before & ~bit;
		if ((before === 0) === (wires[irq] === 0)) return;
		setPin(this.state.chips[irq >> 3], irq & 7, wires[irq] !== 0);
		this.#update();
	}

	/** Drives the slave's INT into the master and the master's into the CPU. */
	#update(): void {
		const [master, slave] = this.state.chips;
		setPin(master, CASCADE, pending(slave) >= 0);
		this.#output.set(pending(master, CASCADE_BIT) >= 0);
	}

	#chipHandler(index: number): Handler {
		return {
			read: (offset) => {
				const polling = this.state.chips[index].poll;
				const value = readChip(this.state.chips[index], offset, index === 0 ? CASCADE_BIT : 0);
				if (polling) this.#update();
				return value;
			},
			write: (offset, value) => {
				writeChip(this.state.chips[index], offset, value);
				this.#update();
			},
		};
	}
}
