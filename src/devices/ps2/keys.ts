/**
 * Every key of a 104-key keyboard, with its scan codes.
 * Names are those of the W3C's "UI Events KeyboardEvent code Values", for a US keyboard's positions.
 * Codes: IBM PS/2 Technical Reference, "Keyboard", scan code sets 2 and 3. Set 1 is what the 8042 makes of set 2.
 */

/** Set 2 with a prefix of e0 where there is one, then set 3. */
const KEYS = {
	Escape: [0x76, 0x08],
	F1: [0x05, 0x07],
	F2: [0x06, 0x0f],
	F3: [0x04, 0x17],
	F4: [0x0c, 0x1f],
	F5: [0x03, 0x27],
	F6: [0x0b, 0x2f],
	F7: [0x83, 0x37],
	F8: [0x0a, 0x3f],
	F9: [0x01, 0x47],
	F10: [0x09, 0x4f],
	F11: [0x78, 0x56],
	F12: [0x07, 0x5e],
	PrintScreen: [0xe07c, 0x57],
	ScrollLock: [0x7e, 0x5f],
	Pause: [0xe177, 0x62],
	Backquote: [0x0e, 0x0e],
	Digit1: [0x16, 0x16],
	Digit2: [0x1e, 0x1e],
	Digit3: [0x26, 0x26],
	Digit4: [0x25, 0x25],
	Digit5: [0x2e, 0x2e],
	Digit6: [0x36, 0x36],
	Digit7: [0x3d, 0x3d],
	Digit8: [0x3e, 0x3e],
	Digit9: [0x46, 0x46],
	Digit0: [0x45, 0x45],
	Minus: [0x4e, 0x4e],
	Equal: [0x55, 0x55],
	Backspace: [0x66, 0x66],
	Tab: [0x0d, 0x0d],
	KeyQ: [0x15, 0x15],
	KeyW: [0x1d, 0x1d],
	KeyE: [0x24, 0x24],
	KeyR: [0x2d, 0x2d],
	KeyT: [0x2c, 0x2c],
	KeyY: [0x35, 0x35],
	KeyU: [0x3c, 0x3c],
	KeyI: [0x43, 0x43],
	KeyO: [0x44, 0x44],
	KeyP: [0x4d, 0x4d],
	BracketLeft: [0x54, 0x54],
	BracketRight: [0x5b, 0x5b],
	Backslash: [0x5d, 0x5c],
	CapsLock: [0x58, 0x14],
	KeyA: [0x1c, 0x1c],
	KeyS: [0x1b, 0x1b],
	KeyD: [0x23, 0x23],
	KeyF: [0x2b, 0x2b],
	KeyG: [0x34, 0x34],
	KeyH: [0x33, 0x33],
	KeyJ: [0x3b, 0x3b],
	KeyK: [0x42, 0x42],
	KeyL: [0x4b, 0x4b],
	Semicolon: [0x4c, 0x4c],
	Quote: [0x52, 0x52],
	Enter: [0x5a, 0x5a],
	ShiftLeft: [0x12, 0x12],
	IntlBackslash: [0x61, 0x13],
	KeyZ: [0x1a, 0x1a],
	KeyX: [0x22, 0x22],
	KeyC: [0x21, 0x21],
	KeyV: [0x2a, 0x2a],
	KeyB: [0x32, 0x32],
	KeyN: [0x31, 0x31],
	KeyM: [0x3a, 0x3a],
	Comma: [0x41, 0x41],
	Period: [0x49, 0x49],
	Slash: [0x4a, 0x4a],
	ShiftRight: [0x59, 0x59],
	ControlLeft: [0x14, 0x11],
	MetaLeft: [0xe01f, 0x8b],
	AltLeft: [0x11, 0x19],
	Space: [0x29, 0x29],
	AltRight: [0xe011, 0x39],
	MetaRight: [0xe027, 0x8c],
	ContextMenu: [0xe02f, 0x8d],
	ControlRight: [0xe014, 0x58],
	Insert: [0xe070, 0x67],
	Home: [0xe06c, 0x6e],
	PageUp: [0xe07d, 0x6f],
	Delete: [0xe071, 0x64],
	End: [0xe069, 0x65],
	PageDown: [0xe07a, 0x6d],
	ArrowUp: [0xe075, 0x63],
	ArrowLeft: [0xe06b, 0x61],
	ArrowDown: [0xe072, 0x60],
	ArrowRight: [0xe074, 0x6a],
	NumLock: [0x77, 0x76],
	NumpadDivide: [0xe04a, 0x77],
	NumpadMultiply: [0x7c, 0x7e],
	NumpadSubtract: [0x7b, 0x84],
	Numpad7: [0x6c, 0x6c],
	Numpad8: [0x75, 0x75],
	Numpad9: [0x7d, 0x7d],
	NumpadAdd: [0x79, 0x7c],
	Numpad4: [0x6b, 0x6b],
	Numpad5: [0x73, 0x73],
	Numpad6: [0x74, 0x74],
	Numpad1: [0x69, 0x69],
	Numpad2: [0x72, 0x72],
	Numpad3: [0x7a, 0x7a],
	NumpadEnter: [0xe05a, 0x79],
	Numpad0: [0x70, 0x70],
	NumpadDecimal: [0x71, 0x71],
} as const;

export type KeyName = keyof typeof KEYS;
export type ScanSet = 1 | 2 | 3;

export function isKeyName(name: string): name is KeyName {
	return Object.hasOwn(KEYS, name);
}

/** All names, in the keyboard's order. */
export const keyNames = Object.keys(KEYS) as KeyName[];

const BREAK = 0xf0;
const EXTENDED = 0xe0;
const SET1_BREAK = 0x80;

/** The bytes that a keyboard sends when the key goes down or up. */
export function scanCodes(key: KeyName, down: boolean, set: ScanSet): number[] {
	const [code, set3] = KEYS[key];
	if (set === 3) return down ? [set3] : [BREAK, set3];
	const bytes = set2(key, code, down);
	return set === 2 ? bytes : toSet1(bytes);
}

function set2(key: KeyName, code: number, down: boolean): number[] {
	// Pause has only a make code; PrintScreen comes with a shift that old software expects.
	if (key === "Pause") return down ? [0xe1, 0x14, 0x77, 0xe1, BREAK, 0x14, BREAK, 0x77] : [];
	if (key === "PrintScreen") {
		return down ? [EXTENDED, 0x12, EXTENDED, 0x7c] : [EXTENDED, BREAK, 0x7c, EXTENDED, BREAK, 0x12];
	}
	const bytes = down ? [code & 0xff] : [BREAK, code & 0xff];
	return code > 0xff ? [EXTENDED, ...bytes] : bytes;
}

function toSet1(bytes: number[]): number[] {
	const out: number[] = [];
	let released = 0;
	for (const byte of bytes) {
		if (byte === BREAK) released = SET1_BREAK;
		else {
			out.push(translate(byte) | (byte < EXTENDED ? released : 0));
			released = 0;
		}
	}
	return out;
}

/** The 8042's translation of set 2 to set 1, without the break prefix: codes 00..7f, then 83 and 84. */
const TRANSLATION = Uint8Array.from(
	(
		"ff 43 41 3f 3d 3b 3c 58 64 44 42 40 3e 0f 29 59 65 38 2a 70 1d 10 02 5a 66 71 2c 1f 1e 11 03 5b " +
		"67 2e 2d 20 12 05 04 5c 68 39 2f 21 14 13 06 5d 69 31 30 23 22 15 07 5e 6a 72 32 24 16 08 09 5f " +
		"6b 33 25 17 18 0b 0a 60 6c 34 35 26 27 19 0c 61 6d 73 28 74 1a 0d 62 6e 3a 36 1c 1b 75 2b 63 76 " +
		"55 56 77 78 79 7a 0e 7b 7c 4f 7d 4b 47 7e 7f 6f 52 53 50 4c 4d 48 01 45 57 4e 51 4a 37 49 46 54"
	).split(" "),
	(byte) => Number.parseInt(byte, 16),
);

export function translate(byte: number): number {
	if (byte < TRANSLATION.length) return TRANSLATION[byte];
	return byte === 0x83 ? 0x41 : byte === 0x84 ? 0x54 : byte;
}
