/** One alarm of the clock: armed for one moment, or not armed. */
export interface Alarm {
	/** Arms for `at` (nanoseconds of guest time); replaces what was armed. A moment that has passed fires at once, before the next instruction. */
	set(at: number): void;
	cancel(): void;
	/** The moment for which it is armed, or Infinity. */
	readonly at: number;
}

/**
 * Guest time in nanoseconds: retired instructions (one is one nanosecond) plus the time skipped
 * while the CPU was halted. Nothing else makes time pass.
 */
export class Clock {
	/** Every mutable bit. `deadlines[i]` belongs to the i-th alarm created; construction order is fixed, so a snapshot restores by position. */
	readonly state = { skipped: 0, deadlines: [] as number[] };
	/** Called when the earliest deadline may have become earlier, so that the CPU can be stopped in time. */
	onSooner: (at: number) => void = () => {};
	#callbacks: (() => void)[] = [];
	#retired: () => number;

	/** @param retired the number of instructions retired since power-on, exact at any moment */
	constructor(retired: () => number = () => 0) {
		this.#retired = retired;
	}

	/** Nanoseconds since power-on, a whole number (2^53 ns are 104 days). */
	get now(): number {
		return this.state.skipped + this.#retired();
	}

	createAlarm(callback: () => void): Alarm {
		const deadlines = this.state.deadlines;
		const index = this.#callbacks.push(callback) - 1;
		deadlines[index] = Number.POSITIVE_INFINITY;
		const sooner = (at: number) => this.onSooner(at);
		return {
			set(at: number) {
				deadlines[index] = Math.ceil(at);
				sooner(deadlines[index]);
			},
			cancel() {
				deadlines[index] = Number.POSITIVE_INFINITY;
			},
			get at() {
				return deadlines[index];
			},
		};
	}

	/** The earliest deadline, or Infinity. */
	get next(): number {
		let next = Number.POSITIVE_INFINITY;
		for (const at of this.state.deadlines) if (at < next) next = at;
		return next;
	}

	/** Fires every alarm that is due, earliest first, in creation order among equals. */
	fireDue(): void {
		const deadlines = this.state.deadlines;
		for (;;) {
			const next = this.next;
			if (next > this.now) return;
			const index = deadlines.indexOf(next);
			deadlines[index] = Number.POSITIVE_INFINITY;
			this.#callbacks[index]();
		}
	}

	/** Lets time pass without instructions: the CPU is halted until `at`. */
	skipTo(at: number): void {
		if (at > this.now) this.state.skipped += at - this.now;
	}
}
