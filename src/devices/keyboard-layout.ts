/**
 * From text to keystrokes on a US keyboard, as data.
 */
import type { KeyName } from "./ps2/keys.ts";

export interface Stroke {
	key: KeyName;
	shift: boolean;
}

/** The keys with their character, and with Shift. */
const PAIRS: [KeyName, string, string][] = [
	["Backquote", "`", "~"],
	["Digit1", "1", "!"],
	["Digit2", "2", "@"],
	["Digit3", "3", "#"],
	["Digit4", "4", "$"],
	["Digit5", "5", "%"],
	["Digit6", "6", "^"],
	["Digit7", "7", "&"],
	["Digit8", "8", "*"],
	["Digit9", "9", "("],
	["Digit0", "0", ")"],
	["Minus", "-", "_"],
	["Equal", "=", "+"],
	["BracketLeft", "[", "{"],
	["BracketRight", "]", "}"],
	["Backslash", "\\", "|"],
	["Semicolon", ";", ":"],
	["Quote", "'", '"'],
	["Comma", ",", "<"],
	["Period", ".", ">"],
	["Slash", "/", "?"],
];

/** Characters that Shift does not change. */
const PLAIN: [KeyName, string][] = [
	["Space", " "],
	["Enter", "\n"],
	["Tab", "\t"],
	["Backspace", "\b"],
	["Escape", "\x1b"],
];

const STROKES = new Map<string, Stroke>([
	...PAIRS.flatMap(([key, plain, shifted]): [string, Stroke][] => [
		[plain, { key, shift: false }],
		[shifted, { key, shift: true }],
	]),
	...PLAIN.map(([key, character]): [string, Stroke] => [character, { key, shift: false }]),
	...[..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].flatMap((letter): [string, Stroke][] => [
		[letter.toLowerCase(), { key: `Key${letter}` as KeyName, shift: false }],
		[letter, { key: `Key${letter}` as KeyName, shift: true }],
	]),
]);

/** How a US keyboard types the character, or undefined if it cannot. A carriage return is Enter as well. */
export function strokeFor(character: string): Stroke | undefined {
	return STROKES.get(character === "\r" ? "\n" : character);
}

/**
 * The key movements that type `text`.
 * @throws where a character is on no key of a US keyboard
 */
export function keystrokes(text: string): { key: KeyName; down: boolean }[] {
	return [...text].flatMap((character) => {
		const stroke = strokeFor(character);
		if (!stroke) throw new Error(`no key types ${JSON.stringify(character)} on a US keyboard`);
		const tap = [
			{ key: stroke.key, down: true },
			{ key: stroke.key, down: false },
		];
		if (!stroke.shift) return tap;
		return [{ key: "ShiftLeft" as const, down: true }, ...tap, { key: "ShiftLeft" as const, down: false }];
	});
}
