// From a terminal's keys to a keyboard's. A terminal sends characters and escape sequences, not keys going down and
// up, so each becomes a short press of the keys that a US keyboard would need.

import { combination, strokeFor } from "../script/keys.ts";

/** A key as blessed reports it. */
export interface TerminalKey {
	name?: string;
	sequence?: string;
	ctrl?: boolean;
	meta?: boolean;
	shift?: boolean;
}

const NAMED: Record<string, string> = {
	return: "Enter",
	enter: "Enter",
	linefeed: "Enter",
	tab: "Tab",
	backspace: "Backspace",
	escape: "Escape",
	space: "Space",
	up: "ArrowUp",
	down: "ArrowDown",
	left: "ArrowLeft",
	right: "ArrowRight",
	clear: "Numpad5",
	home: "Home",
	end: "End",
	insert: "Insert",
	delete: "Delete",
	pageup: "PageUp",
	pagedown: "PageDown",
};

/** Control characters that are no letter with Ctrl: Ctrl-\ Ctrl-] Ctrl-^ Ctrl-_ and Ctrl-Space. */
const CONTROL: Record<string, string> = {
	"\x00": "Ctrl+Space",
	"\x1c": "Ctrl+Backslash",
	"\x1d": "Ctrl+BracketRight",
	"\x1e": "Ctrl+Shift+Digit6",
	"\x1f": "Ctrl+Shift+Minus",
};

/** The keys to press together, in order; undefined where the terminal's key has no counterpart. */
export function guestKeys(character: string | undefined, key: TerminalKey | undefined): string[] | undefined {
	if (character && CONTROL[character]) return combination(CONTROL[character]);
	if (key?.name) return withModifiers(key, key.name);
	return character ? typed(character) : undefined;
}

function withModifiers(key: TerminalKey, name: string): string[] | undefined {
	const code = NAMED[name] ?? (/^f\d+$/.test(name) ? name.toUpperCase() : undefined);
	const keys = code ? [code] : typed(key.shift ? name.toUpperCase() : name);
	if (!keys) return undefined;
	const held = [];
	if (key.ctrl) held.push("ControlLeft");
	if (key.meta) held.push("AltLeft");
	if (key.shift && code) held.push("ShiftLeft");
	return [...held, ...keys];
}

function typed(character: string): string[] | undefined {
	try {
		const { code, shift } = strokeFor(character);
		return shift ? ["ShiftLeft", code] : [code];
	} catch {
		return undefined;
	}
}
