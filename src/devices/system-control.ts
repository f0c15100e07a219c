/**
 * The A20 gate and port 92h, PS/2's System Control Port A (IBM PS/2 Model 80 Technical Reference).
 *
 *   92  bit 0  a rise resets the processor       bit 1  A20
 *
 * A20 has two handles, this port and the 8042's output port. Chipsets OR them; here, as under QEMU, the
 * last one that was moved counts, so a guest may switch A20 off with either.
 *
 * Not emulated: the port's other bits (security lock, watchdog, fixed disk lights) read back.
 */
import type { Bus } from "../bus/bus.ts";
import type { Device, Line } from "../bus/device.ts";

const RESET = 0x01;
const A20 = 0x02;

export class A20Gate implements Device, Line {
	readonly name: string;
	readonly state = { enabled: true };
	#changed: (enabled: boolean) => void;

	/** @param changed the processor's A20M# pin, inverted */
	constructor(name: string, changed: (enabled: boolean) => void) {
		this.name = name;
		this.#changed = changed;
	}

	attach(): void {}

	/** The reset vector is fetched with A20 enabled. */
	reset(): void {
		this.state.enabled = true;
		this.#changed(true);
	}

	restored(): void {
		this.#changed(this.state.enabled);
	}

	set(high: boolean): void {
		if (this.state.enabled === high) return;
		this.state.enabled = high;
		this.#changed(high);
	}
}

export class SystemControl implements Device {
	readonly name: string;
	readonly state = { value: A20 };
	#port: number;
	#a20: Line;
	#reset: () => void;

	constructor(name: string, port: number, a20: Line, reset: () => void) {
		this.name = name;
		this.#port = port;
		this.#a20 = a20;
		this.#reset = reset;
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#port, 1, this);
	}

	reset(): void {
		this.state.value = A20;
	}

	read(): number {
		return this.state.value;
	}

	write(_offset: number, value: number): void {
		const rose = (value & ~this.state.value & RESET) !== 0;
		this.state.value = value;
		this.#a20.set((value & A20) !== 0);
		if (rose) this.#reset();
	}
}
