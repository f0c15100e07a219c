/** One phase of a benchmark program: from its predecessor's mark to its own. */
export interface Phase {
	name: string;
	/** Wall time in milliseconds. */
	ms: number;
	/** What the program computed: proof that the work was done, and done right. */
	checksum: string;
	/** Retired instructions, where the emulator tells. */
	instructions?: number;
}

/** Turns a program's serial output, "NAME CHECKSUM" lines, into phases as it arrives. */
export class Marks {
	readonly phases: Phase[] = [];
	#line = "";
	#since = 0;
	#retiredBefore = 0;
	#finished: () => void = () => {};
	/** Resolves at the mark "end". */
	readonly done = new Promise<void>((resolve) => {
		this.#finished = resolve;
	});

	/** @param retired instructions retired so far, where the emulator tells */
	constructor(private readonly retired?: () => number) {}

	push = (byte: number): void => {
		if (byte !== 0x0a) {
			this.#line += String.fromCharCode(byte);
			return;
		}
		this.#mark(this.#line.trim());
		this.#line = "";
	};

	#mark(line: string): void {
		const match = /(\w+) ([0-9a-f]{8})$/.exec(line);
		if (!match) return;
		const [, name, checksum] = match;
		const now = performance.now();
		const retired = this.retired?.();
		const instructions = retired === undefined ? undefined : retired - this.#retiredBefore;
		if (name === "end") this.#finished();
		else if (name !== "start") this.phases.push({ name, ms: now - this.#since, checksum, instructions });
		this.#since = now;
		this.#retiredBefore = retired ?? 0;
	}
}
