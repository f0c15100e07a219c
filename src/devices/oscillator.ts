import type { Clock } from "../bus/clock.ts";

const NANOSECONDS = 1e9;

/** The 14.31818 MHz crystal divided by twelve, as the 8254 sees it. */
export const PIT_HERTZ = 1193182;
/** The same crystal divided by four: the ACPI PM timer. */
export const PM_TIMER_HERTZ = 3579545;

/** A fixed frequency derived from guest time. */
export class Oscillator {
	#clock: Clock;
	#perNanosecond: number;

	constructor(clock: Clock, hertz: number) {
		this.#clock = clock;
		this.#perNanosecond = hertz / NANOSECONDS;
	}

	/** Whole periods since power-on. */
	get ticks(): number {
		return Math.floor(this.#clock.now * this.#perNanosecond);
	}

	/** The first nanosecond at which `ticks` is `tick`. */
	timeOf(tick: number): number {
		let at = Math.floor(tick / this.#perNanosecond);
		while (Math.floor(at * this.#perNanosecond) < tick) at++;
		return at;
	}
}
