// Typing at the guest's keyboard, at a typist's pace in guest time.

import type { KeyboardInput } from "../machine/types.ts";
import { combination, strokeFor } from "./keys.ts";

/** Guest nanoseconds that a key stays down, and that pass before the next one. */
const HOLD = 4_000_000;

export class KeyboardView {
	readonly #keyboard: KeyboardInput;
	readonly #pass: (nanoseconds: number) => Promise<void>;

	/** @param pass lets guest time pass */
	constructor(keyboard: KeyboardInput, pass: (nanoseconds: number) => Promise<void>) {
		this.#keyboard = keyboard;
		this.#pass = pass;
	}

	/**
	 * Types text on a US keyboard; "\n" is Enter.
	 * @throws Error for a character that the keyboard does not have; nothing is typed then
	 */
	async type(text: string): Promise<void> {
		const strokes = Array.from(text, strokeFor);
		for (const { code, shift } of strokes) await this.#stroke(shift ? ["ShiftLeft", code] : [code]);
	}

	/** Presses keys together and releases them: "Ctrl+Alt+Delete", "F1", "ArrowUp". @throws Error for an unknown key */
	async press(keys: string): Promise<void> {
		await this.#stroke(combination(keys));
	}

	async #stroke(codes: string[]): Promise<void> {
		for (const code of codes) this.#keyboard.press(code);
		await this.#pass(HOLD);
		for (const code of codes.toReversed()) this.#keyboard.release(code);
		await this.#pass(HOLD);
	}
}
