// Drives a machine through guest time in slices. What waits for the guest looks at it only between slices,
// which begin at fixed guest times; so what a script does next depends on the guest alone, never on how fast
// the host is, and two runs of one script are the same run.

import type { Machine, RunOutcome } from "../machine/types.ts";
import type { Host } from "./host.ts";

/** How a session came to its end. */
export type Ending =
	| Exclude<RunOutcome, { kind: "limit" }>
	/** A line that the panic pattern matches. */
	| { kind: "panic"; line: string };

/** Why `advance` came back. */
export type Advance = "done" | "deadline" | "ended" | "wall clock";

/** Nanoseconds of guest time between two looks. */
export const SLICE = 4_000_000;
/** What a guest may still say after the first line of a panic. */
const LAST_WORDS = 100_000_000;
/** Milliseconds of wall time after which the host gets its turn. */
const BREATH = 12;
const RFLAGS_IF = 1n << 9n;

export interface RunnerOptions {
	/** Seconds of wall time for the whole session. */
	wallTimeout: number;
	/** Ends the session when the guest resets the machine. */
	noReboot: boolean;
}

export class Runner {
	/** Set once the machine has stopped for good. */
	ended: Ending | undefined;
	/** How often the guest reset the machine. */
	resets = 0;
	/** What lets the machine's time pass in its place, as a trace does. */
	through: Pick<Machine, "run">;
	readonly #machine: Machine;
	readonly #host: Host;
	readonly #options: RunnerOptions;
	readonly #started: number;
	#lastBreath: number;
	#panic: { line: string; until: number } | undefined;

	constructor(machine: Machine, host: Host, options: RunnerOptions) {
		this.#machine = machine;
		this.through = machine;
		this.#host = host;
		this.#options = options;
		this.#started = this.#lastBreath = host.wallTime();
	}

	/** The machine is another one now: what had ended has not. */
	restart(): void {
		this.ended = undefined;
		this.#panic = undefined;
	}

	/** The guest has panicked: it may finish its sentence, then the session ends. */
	panic(line: string): void {
		this.#panic ??= { line, until: this.#machine.clock.now + LAST_WORDS };
	}

	/**
	 * Lets guest time pass.
	 * @param until nanoseconds of guest time
	 * @param done looked at before the first slice and after each
	 */
	async advance(until: number, done: () => boolean = () => false): Promise<Advance> {
		const { clock } = this.#machine;
		for (;;) {
			if (done()) return "done";
			if (this.ended) return "ended";
			if (clock.now >= until) return "deadline";
			if (await this.#outOfTime()) return "wall clock";
			this.#slice(Math.min(until, nextBoundary(clock.now)));
		}
	}

	#slice(until: number): void {
		const outcome = this.through.run(until);
		if (outcome.kind === "reset") this.resets++;
		if (outcome.kind === "halted" && this.#wakeable()) this.#machine.clock.skipTo(until);
		else if (outcome.kind === "reset" && !this.#options.noReboot) return;
		else if (outcome.kind !== "limit") this.ended = outcome;
		else this.#lastWords();
		if (this.ended && this.#panic) this.ended = { kind: "panic", line: this.#panic.line };
	}

	#lastWords(): void {
		if (this.#panic && this.#machine.clock.now >= this.#panic.until) {
			this.ended = { kind: "panic", line: this.#panic.line };
		}
	}

	/** Halted with IF set: nothing is due, but a key may yet wake it. */
	#wakeable(): boolean {
		return Boolean(this.#machine.processor.registers().rflags & RFLAGS_IF);
	}

	async #outOfTime(): Promise<boolean> {
		const now = this.#host.wallTime();
		if (now - this.#lastBreath >= BREATH) {
			await this.#host.breathe();
			this.#lastBreath = this.#host.wallTime();
		}
		return now - this.#started > this.#options.wallTimeout * 1000;
	}
}

function nextBoundary(now: number): number {
	return (Math.floor(now / SLICE) + 1) * SLICE;
}
