/**
 * 8254 programmable interval timer at 1.193182 MHz, and the port that wires counter 2 to the speaker.
 * Intel 8254 data sheet (231164); 82371SB data sheet, "NMI Status and Control" (port 61h).
 *
 *   40..42  counters 0..2: count, or what was latched
 *   43      control word (write): counter 7:6, access 5:4, mode 3:1, BCD 0; 11 in 7:6 is read-back
 *   61      bit 0 gate 2, bit 1 speaker data (read/write); bit 4 refresh, bit 5 OUT 2 (read)
 *
 * Counter 0's OUT is IRQ 0; only it has an alarm. Counter 1 requested DRAM refresh; counter 2's gate is port 61h.
 *
 * Not emulated: sound; NMI sources (61h bits 2, 3, 6, 7 read back or zero); the refresh bit follows the
 * standard 15 us and not what counter 1 is programmed to; mode 3's extra pulse on odd counts while it is read.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device, Line } from "../../bus/device.ts";
import { Oscillator, PIT_HERTZ } from "../oscillator.ts";
import {
	type CounterState,
	control,
	counterState,
	latchCount,
	latchStatus,
	nextChange,
	output,
	readCounter,
	setGate,
	writeCounter,
} from "./counter.ts";

const CONTROL = 3;
const READ_BACK = 3;
const READ_BACK_NO_COUNT = 0x20;
const READ_BACK_NO_STATUS = 0x10;

const PORT_B_GATE2 = 0x01;
const PORT_B_WRITABLE = 0x0f;
const PORT_B_REFRESH = 0x10;
const PORT_B_OUT2 = 0x20;
/** Counter 1's customary count: a refresh request every 15.085 us. */
const REFRESH_TICKS = 18;

export class Pit implements Device {
	readonly name: string;
	readonly state: { counters: CounterState[]; portB: number } = {
		counters: [counterState(), counterState(), counterState()],
		portB: 0,
	};
	#ports: { counters: number; portB: number };
	#oscillator: Oscillator;
	#irq: Line;
	#alarm: Alarm;

	constructor(name: string, ports: { counters: number; portB: number }, clock: Clock, irq: Line) {
		this.name = name;
		this.#ports = ports;
		this.#oscillator = new Oscillator(clock, PIT_HERTZ);
		this.#irq = irq;
		this.#alarm = clock.createAlarm(() => this.#follow());
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#ports.counters, 4, this);
		bus.ports(`${this.name} port B`, this.#ports.portB, 1, {
			read: () => this.#readPortB(),
			write: (_offset, value) => this.#writePortB(value),
		});
	}

	/** The 8254 has no reset pin and starts undefined; ours starts silent, with gate 2 closed. */
	reset(): void {
		this.state.counters = [counterState(), counterState(), counterState()];
		this.state.portB = 0;
		this.state.counters[2].gate = false;
		this.#follow();
	}

	restored(): void {
		this.#irq.set(output(this.state.counters[0], this.#oscillator.ticks));
	}

	read(offset: number): number {
		// The control word is write-only.
		return offset === CONTROL ? 0 : readCounter(this.state.counters[offset], this.#oscillator.ticks);
	}

	write(offset: number, value: number): void {
		const now = this.#oscillator.ticks;
		if (offset === CONTROL) this.#control(value, now);
		else writeCounter(this.state.counters[offset], value, now);
		if (offset === 0 || offset === CONTROL) this.#follow();
	}

	#control(value: number, now: number): void {
		const select = value >> 6;
		if (select === READ_BACK) {
			this.#readBack(value, now);
			return;
		}
		const counter = this.state.counters[select];
		if ((value & 0x30) === 0) latchCount(counter, now);
		else control(counter, value);
	}

	#readBack(value: number, now: number): void {
		this.state.counters.forEach((counter, i) => {
			if ((value & (2 << i)) === 0) return;
			if ((value & READ_BACK_NO_COUNT) === 0) latchCount(counter, now);
			if ((value & READ_BACK_NO_STATUS) === 0) latchStatus(counter, now);
		});
	}

	#readPortB(): number {
		const now = this.#oscillator.ticks;
		const refresh = Math.floor(now / REFRESH_TICKS) % 2 ? PORT_B_REFRESH : 0;
		const out2 = output(this.state.counters[2], now) ? PORT_B_OUT2 : 0;
		return this.state.portB | refresh | out2;
	}

	#writePortB(value: number): void {
		this.state.portB = value & PORT_B_WRITABLE;
		setGate(this.state.counters[2], (value & PORT_B_GATE2) !== 0, this.#oscillator.ticks);
	}

	/** Drives IRQ 0 with OUT 0 and wakes up when it changes next. */
	#follow(): void {
		const now = this.#oscillator.ticks;
		const counter = this.state.counters[0];
		this.#irq.set(output(counter, now));
		const next = nextChange(counter, now);
		if (next === Number.POSITIVE_INFINITY) this.#alarm.cancel();
		else this.#alarm.set(this.#oscillator.timeOf(next));
	}
}
