// A serial line or the debug console, as a script sees it.

import type { SerialInput } from "../machine/types.ts";
import type { Channel } from "./channel.ts";
import { show, type Wait } from "./screen.ts";

export interface WithinOptions {
	/** Guest seconds, default 30. */
	within?: number;
}

/** What the guest says on one wire. */
export class Listener {
	readonly #channel: Channel;
	readonly #name: string;
	readonly #wait: Wait;

	constructor(channel: Channel, name: string, wait: Wait) {
		this.#channel = channel;
		this.#name = name;
		this.#wait = wait;
	}

	/** All that was sent: UTF-8, escape sequences removed, lines ended by \n. */
	get text(): string {
		return this.#channel.text;
	}

	/**
	 * Waits until the guest has sent text that matches, and returns the match. What came before the
	 * end of an earlier match is not looked at again.
	 * @throws Timeout with the last lines sent, the screen's text and where the CPU is; Stopped where the machine stops first
	 */
	expect(pattern: string | RegExp, options: WithinOptions = {}): Promise<string> {
		const what = `${show(pattern)} on ${this.#name}`;
		return this.#wait(what, options.within, () => this.#channel.take(pattern));
	}

	/** Passes over everything sent so far: what is expected next must be new. */
	skip(): string {
		return this.#channel.takeAll();
	}
}

/** A serial line: what the guest says, and a way to answer. */
export class SerialLine extends Listener {
	readonly #input: SerialInput;

	constructor(channel: Channel, name: string, wait: Wait, input: SerialInput) {
		super(channel, name, wait);
		this.#input = input;
	}

	/** Sends text as UTF-8, or bytes. They queue at the receiver; no time passes. */
	send(data: string | Uint8Array): void {
		const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
		for (const byte of bytes) this.#input.receive(byte);
	}
}
