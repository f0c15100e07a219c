import { Bus } from "../../src/bus/bus.ts";
import { Clock } from "../../src/bus/clock.ts";
import type { Device, Line } from "../../src/bus/device.ts";
import { TestMemory } from "./memory.ts";

/** A line that remembers its level and how often it rose. */
export interface Probe extends Line {
	high: boolean;
	rises: number;
}

export function probe(): Probe {
	return {
		high: false,
		rises: 0,
		set(high) {
			if (high && !this.high) this.rises++;
			this.high = high;
		},
	};
}

/** A bus, memory and a clock that a test moves by hand, for register scripts. */
export class Board {
	readonly memory: TestMemory;
	readonly bus: Bus;
	readonly clock = new Clock();

	constructor(ramSize?: number) {
		this.memory = new TestMemory(ramSize);
		this.bus = new Bus(this.memory);
	}

	plug<T extends Device>(device: T): T {
		device.attach(this.bus);
		device.reset();
		return device;
	}

	in(port: number, size = 1): number {
		return this.bus.readPort(port, size);
	}

	out(port: number, value: number, size = 1): void {
		this.bus.writePort(port, value, size);
	}

	/** Lets guest time pass, firing the alarms on the way. */
	pass(nanoseconds: number): void {
		const end = this.clock.now + nanoseconds;
		while (this.clock.next <= end) {
			this.clock.skipTo(this.clock.next);
			this.clock.fireDue();
		}
		this.clock.skipTo(end);
	}
}
