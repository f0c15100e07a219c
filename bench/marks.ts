/** One phase of a benchmark program: from its predecessor's mark to its own. */
export interface Phase {
	name: string;
	/** Wall time in milliseconds. */
	ms: number;
	/** What the program computed: proof that the work was done, and done right. */
	checksum: string;
	/** How many round trips it was, where the program says. */
	count?: number;
	/** Retired instructions, where the emulator tells. */
	instructions?: number;
}

/** "NAME CHECKSUM" or "NAME CHECKSUM COUNT"; what a BIOS may have left on the line before it is no part of it. */
const MARK = /([\w-]+) ([0-9a-f]{8})(?: ([0-9a-f]{8}))?$/;

/** Where the host's time and the guest's instructions are read, at each mark. */
export interface Meters {
	now(): number;
	retired?(): number;
}

/** Turns a program's serial output into phases as it arrives. */
export class Marks {
	readonly phases: Phase[] = [];
	readonly #meters: Meters;
	#line = "";
	#since = 0;
	#retiredBefore = 0;
	#finished: () => void = () => {};
	/** Resolves at the mark "end". */
	readonly done = new Promise<void>((resolve) => {
		this.#finished = resolve;
	});

	/** @param onMark called with each phase, and with "start" and "end" too */
	constructor(
		meters: Meters = { now: () => performance.now() },
		private readonly onMark: (phase: Phase) => void = () => {},
	) {
		this.#meters = meters;
	}

	push = (byte: number): void => {
		if (byte !== 0x0a) {
			this.#line += String.fromCharCode(byte);
			return;
		}
		this.#mark(this.#line.trim());
		this.#line = "";
	};

	#mark(line: string): void {
		const match = MARK.exec(line);
		if (!match) return;
		const [, name, checksum, count] = match;
		const now = this.#meters.now();
		const retired = this.#meters.retired?.();
		const phase: Phase = { name, ms: now - this.#since, checksum };
		if (count !== undefined) phase.count = Number.parseInt(count, 16);
		if (retired !== undefined) phase.instructions = retired - this.#retiredBefore;
		this.#since = now;
		this.#retiredBefore = retired ?? 0;
		this.onMark(phase);
		if (name === "end") this.#finished();
		else if (name !== "start") this.phases.push(phase);
	}
}
