// What the guest says, in the order in which it says it: lines of COM1 and of the debug console in one list, as the
// pane shows them.

import type { ByteSink } from "../bus/device.ts";
import { Channel } from "../script/channel.ts";

export type Wire = "com1" | "debug";

export interface Line {
	wire: Wire;
	text: string;
}

const KEPT = 1000;

export class Transcript {
	readonly com1: ByteSink;
	readonly debug: ByteSink;
	readonly #channel = { com1: new Channel(), debug: new Channel() };
	#lines: Line[] = [];

	constructor() {
		for (const wire of ["com1", "debug"] as const) {
			this.#channel[wire].onLine = (text) => this.#add(wire, text);
		}
		this.com1 = this.#channel.com1.push;
		this.debug = this.#channel.debug.push;
	}

	/** The last `count` lines; what COM1 has not finished yet is one. */
	last(count: number): Line[] {
		const open = this.#channel.com1.text.slice(this.#channel.com1.text.lastIndexOf("\n") + 1);
		const lines: Line[] = open ? [...this.#lines, { wire: "com1", text: open }] : this.#lines;
		return count > 0 ? lines.slice(-count) : [];
	}

	/** The console's own words among the guest's. */
	note(text: string): void {
		for (const line of text.split("\n")) this.#add("debug", line);
	}

	#add(wire: Wire, text: string): void {
		this.#lines.push({ wire, text });
		if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
	}
}
