// From text to keys: the US layout, as (KeyboardEvent.code, shifted) for every character that it can type.

export interface Stroke {
	code: string;
	shift: boolean;
}

/** Keys with two characters: plain, shifted. */
const PAIRS: [code: string, plain: string, shifted: string][] = [
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

const SINGLE: [code: string, characters: string][] = [
	["Space", " "],
	["Enter", "\n\r"],
	["Tab", "\t"],
	["Backspace", "\b\x7f"],
	["Escape", "\x1b"],
];

/** Short names that people use for keys, in lower case. */
const ALIASES: Record<string, string> = {
	ctrl: "ControlLeft",
	control: "ControlLeft",
	alt: "AltLeft",
	altgr: "AltRight",
	shift: "ShiftLeft",
	meta: "MetaLeft",
	win: "MetaLeft",
	del: "Delete",
	ins: "Insert",
	esc: "Escape",
	return: "Enter",
	ret: "Enter",
	pgup: "PageUp",
	pgdn: "PageDown",
	up: "ArrowUp",
	down: "ArrowDown",
	left: "ArrowLeft",
	right: "ArrowRight",
	spc: "Space",
};

const NAMED =
	"ControlLeft ControlRight AltLeft AltRight ShiftLeft ShiftRight MetaLeft MetaRight ContextMenu CapsLock NumLock " +
	"ScrollLock Pause PrintScreen Insert Delete Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight " +
	"Enter Escape Backspace Tab Space F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 IntlBackslash " +
	"Numpad0 Numpad1 Numpad2 Numpad3 Numpad4 Numpad5 Numpad6 Numpad7 Numpad8 Numpad9 " +
	"NumpadAdd NumpadSubtract NumpadMultiply NumpadDivide NumpadDecimal NumpadEnter";

const byCharacter = new Map<string, Stroke>();
const byName = new Map<string, string>();

function build(): void {
	const add = (character: string, code: string, shift: boolean) =>
		byCharacter.set(character, { code, shift });
	for (let i = 0; i < 26; i++) {
		const letter = String.fromCharCode(97 + i);
		add(letter, `Key${letter.toUpperCase()}`, false);
		add(letter.toUpperCase(), `Key${letter.toUpperCase()}`, true);
	}
	for (const [code, plain, shifted] of PAIRS) {
		add(plain, code, false);
		add(shifted, code, true);
	}
	for (const [code, characters] of SINGLE) for (const character of characters) add(character, code, false);
	for (const code of NAMED.split(" ")) byName.set(code.toLowerCase(), code);
	for (const { code } of byCharacter.values()) byName.set(code.toLowerCase(), code);
	for (const [name, code] of Object.entries(ALIASES)) byName.set(name, code);
}
build();

/** The key that types a character on a US keyboard. @throws Error where none does */
export function strokeFor(character: string): Stroke {
	const stroke = byCharacter.get(character);
	if (!stroke) throw new Error(`no key of a US keyboard types ${JSON.stringify(character)}`);
	return stroke;
}

/**
 * The keys of a combination: "Ctrl+Alt+Delete", "F1", "ShiftLeft+KeyA", "q".
 * @throws Error that names the part that is no key
 */
export function combination(text: string): string[] {
	const parts = text === "+" ? [text] : text.split("+");
	return parts.map((part) => {
		const code = byName.get(part.toLowerCase()) ?? byCharacter.get(part)?.code;
		if (!code)
			throw new Error(
				`${JSON.stringify(part)} is no key: names are those of KeyboardEvent.code, "Enter", "F1", "KeyA"`,
			);
		return code;
	});
}
