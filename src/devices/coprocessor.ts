/**
 * Coprocessor errors as the PC/AT has them (IBM PC/AT Technical Reference, "Math Coprocessor"; 82371SB datasheet,
 * "Coprocessor Error Register"): the processor's FERR# becomes IRQ 13, for systems that leave CR0.NE clear.
 *
 *   F0  write  takes IRQ 13 back and asserts IGNNE#, so that the handler may use the x87 while its error is pending
 *
 * Not emulated: port F1h, which reset a 287.
 */
import type { Bus } from "../bus/bus.ts";
import type { Device, Line } from "../bus/device.ts";

export class CoprocessorError implements Device {
	readonly name: string;
	readonly state = { latched: false };
	#port: number;
	#irq: Line;
	#ignore: () => void;

	/** @param ignore the processor's IGNNE# pin, which it releases by itself when no error is pending any more */
	constructor(name: string, port: number, irq: Line, ignore: () => void) {
		this.name = name;
		this.#port = port;
		this.#irq = irq;
		this.#ignore = ignore;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#port, 1, this);
	}

	reset(): void {
		this.#latch(false);
	}

	restored(): void {
		this.#irq.set(this.state.latched);
	}

	/** The edge of FERR#. */
	error(): void {
		this.#latch(true);
	}

	read(): number {
		return 0xff;
	}

	write(): void {
		this.#latch(false);
		this.#ignore();
	}

	#latch(on: boolean): void {
		this.state.latched = on;
		this.#irq.set(on);
	}
}
