// Guest time against the wall. Ahead, the guest waits; behind, it gets what the host can do and the rest is let go, so
// the guest sees a slower processor and never a wrong clock.

/** Seconds by which guest time may trail before the difference is let go. */
const SLACK = 0.1;
/** Seconds of guest time in one go, so that keys are not kept waiting. */
const STRIDE = 0.005;

export class Pacer {
	#wallStart: number;
	#guestStart: number;

	/** Both in seconds. */
	constructor(wall: number, guest: number) {
		this.#wallStart = wall;
		this.#guestStart = guest;
	}

	/** From here on the clocks run together again: after a pause. */
	restart(wall: number, guest: number): void {
		this.#wallStart = wall;
		this.#guestStart = guest;
	}

	/** Seconds of guest time that are due now; 0 or less when the guest is to wait. */
	due(wall: number, guest: number): number {
		const due = wall - this.#wallStart - (guest - this.#guestStart);
		if (due > SLACK) this.#wallStart += due - SLACK;
		return Math.min(due, STRIDE);
	}
}
