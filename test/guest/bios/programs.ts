/**
 * The BIOS test programs as discs, the disk they read, the keys that are typed to them, and what SeaBIOS
 * answered to each under QEMU (golden/NAME.txt, recorded by test/peers/bios.test.ts with UPDATE=1).
 */
import { existsSync, readFileSync } from "node:fs";
import { writeIso } from "../../../src/image/iso-writer.ts";

export const PROGRAMS = ["memory", "disk", "video", "vbe", "clock", "pci", "keyboard"] as const;
export type Program = (typeof PROGRAMS)[number];

const SECTOR = 512;
const DISK_SECTORS = 20_000;

/** The real-time clock at power-on. */
export const START = "2024-02-29T11:10:20";

export interface Transcript {
	/** What must be the same under every BIOS. */
	lines: string[];
	/** Lines that begin with "own: ": where BIOSes may differ. */
	own: string[];
}

/** @param serial all that COM1 sent */
export function transcript(serial: string): Transcript {
	const lines = serial.split("\n").filter((line) => line !== "");
	const isOwn = (line: string) => line.startsWith("own: ");
	return { lines: lines.filter((line) => !isOwn(line)), own: lines.filter(isOwn) };
}

/** Programs that are also built as a task in virtual-8086 mode, as "v86-NAME": their answers must not change. */
export const TASKS: Program[] = ["disk", "video", "vbe", "pci", "clock", "keyboard"];

/** What depends on the boot image's size: the disc's descriptors. */
export function ofAnyDisc(lines: string[]): string[] {
	return lines.filter((line) => !/^(e0 42 16|4b01)/.test(line));
}

/** The memory map is each BIOS's own. */
export function comparable(program: Program, { lines }: Transcript): string[] {
	return program === "memory" ? lines.filter((line) => !/^(e820 0|e801)/.test(line)) : lines;
}

/** A CD that boots the program; without one, a CD that boots nothing. */
export function disc(program?: string): Uint8Array {
	const folder = new URL("../../../build/test/bios/", import.meta.url);
	const bootImage = program ? readFileSync(new URL(`${program}.bin`, folder)) : undefined;
	return writeIso([{ path: "a", bytes: new Uint8Array(5000) }], { bootImage });
}

/** A disk whose sectors all differ. */
export function diskImage(bootSector?: Uint8Array): Uint8Array {
	const image = new Uint8Array(DISK_SECTORS * SECTOR);
	for (let at = 0; at < image.length; at++) image[at] = (at >> 9) * 31 + (at & 511) * 7 + (at >> 17);
	if (bootSector) image.set(bootSector);
	return image;
}

export function goldenPath(program: Program): URL {
	return new URL(`golden/${program}.txt`, import.meta.url);
}

export function golden(program: Program): string[] | undefined {
	const path = goldenPath(program);
	return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : undefined;
}

/**
 * What `bios32` must print on a 440FX board, by PCI BIOS 2.1 and the chips' datasheets. (SeaBIOS 1.16 crashes
 * when it is called from a GDT like the program's.)
 */
export const BIOS32 = [
	"directory 1",
	"$PCI al 00 inside 1",
	"unknown service al 80",
	"01 ah 00 edx 20494350 bx 0210 cl 0 carry 0",
	"02 bx 0009 ah 00 carry 0",
	"02 absent: ah 86 carry 1",
	"03 bx 0008 ah 00 carry 0",
	"08 cl 0a ah 00 carry 0",
	"09 cx 7010 ah 00 carry 0",
	"0a ecx 70008086 ah 00 carry 0",
	"0b ah 00 carry 0",
	"08 cl a5",
	"0c then 0a: 0005",
	"unknown: ah 81 carry 1",
];

/** Keys held together, by KeyboardEvent.code, and QEMU's names for them. */
export const KEYS: [codes: string, qemu: string][] = [
	["KeyA", "a"],
	["ShiftLeft KeyA", "shift-a"],
	["ControlLeft KeyC", "ctrl-c"],
	["AltLeft KeyX", "alt-x"],
	["CapsLock", "caps_lock"],
	["KeyQ", "q"],
	["ShiftLeft KeyQ", "shift-q"],
	["CapsLock", "caps_lock"],
	["Digit1", "1"],
	["ShiftLeft Digit2", "shift-2"],
	["ControlLeft Digit6", "ctrl-6"],
	["Minus", "minus"],
	["AltLeft Equal", "alt-equal"],
	["Backspace", "backspace"],
	["ControlLeft Backspace", "ctrl-backspace"],
	["Tab", "tab"],
	["ShiftLeft Tab", "shift-tab"],
	["ArrowUp", "up"],
	["ControlLeft ArrowLeft", "ctrl-left"],
	["AltLeft Home", "alt-home"],
	["Insert", "insert"],
	["Delete", "delete"],
	["PageDown", "pgdn"],
	["ControlLeft PageUp", "ctrl-pgup"],
	["Numpad7", "kp_7"],
	["NumLock", "num_lock"],
	["Numpad7", "kp_7"],
	["NumpadEnter", "kp_enter"],
	["NumpadDivide", "kp_divide"],
	["NumLock", "num_lock"],
	["Numpad5", "kp_5"],
	["F1", "f1"],
	["ShiftLeft F2", "shift-f2"],
	["ControlLeft F3", "ctrl-f3"],
	["AltLeft F4", "alt-f4"],
	["F11", "f11"],
	["ShiftLeft F12", "shift-f12"],
	["Escape", "esc"],
	["Enter", "ret"],
	["Space", "spc"],
	["ControlRight KeyA", "ctrl_r-a"],
	["AltRight KeyB", "alt_r-b"],
	["IntlBackslash", "less"],
	["F10", "f10"],
];
