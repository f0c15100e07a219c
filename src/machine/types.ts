// The machine as its faces see it: script/, debug/, console/, cli/ and web/ are written against these
// interfaces and nothing else, so a fake can stand in for a whole PC in their tests.

import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../bus/clock.ts";
import type { ByteSink } from "../bus/device.ts";
import type { PhysicalMemory } from "../bus/memory.ts";
import type { DraftPolicy, Processor } from "../bus/processor.ts";
import type { Model } from "../x86/models.ts";

/** Why `Machine.run` came back. */
export type RunOutcome =
	/** Guest time reached what was asked for, or `stop()` was called. */
	| { kind: "limit" }
	/** HLT with IF clear: nothing can wake it. With IF set, time passes to `until`, for a key may come. */
	| { kind: "halted" }
	/** Triple fault: see `processor.shutdown`. */
	| { kind: "shutdown" }
	/** The guest switched the machine off by ACPI. */
	| { kind: "poweroff" }
	/** The guest wrote `value` to the debug exit port (F4h). */
	| { kind: "exit"; value: number }
	/** The guest reset the machine (8042, CF9h, port 92h). It is done already; `run` goes on from the reset vector. */
	| { kind: "reset" };

/** A disk's or a disc's contents. */
export interface BlockImage {
	/** In bytes. */
	readonly size: number;
	read(offset: number, length: number): Uint8Array;
	/** Absent where the medium cannot be written. */
	write?(offset: number, bytes: Uint8Array): void;
}

/** A picture of the screen: 4 bytes a pixel, R G B A, rows from the top. */
export interface Picture {
	width: number;
	height: number;
	data: Uint8Array;
}

/** One character cell. Colours are 0xRRGGBB. */
export interface Cell {
	/** One Unicode character; U+FFFD where it could not be recognised. */
	text: string;
	foreground: number;
	background: number;
}

/** A screen of character cells, row after row. */
export interface TextScreen {
	columns: number;
	rows: number;
	cells: Cell[];
	/** Absent where it is hidden or unknown. */
	cursor?: { column: number; row: number };
	/** How many cells hold U+FFFD. */
	unrecognised: number;
}

export interface Screen {
	/** What a monitor would show now. */
	render(): Picture;
	/** The cells of a text mode; undefined in a graphics mode. */
	textCells(): TextScreen | undefined;
	/** In a graphics mode, the text read from the pixels with the fonts at hand; undefined where it is no text. */
	recogniseText(): TextScreen | undefined;
}

export interface SerialInput {
	/** Sends a byte to the guest. It waits in a queue until the receiver has room for it. */
	receive(byte: number): void;
}

export interface KeyboardInput {
	/** @param code the key's place as in the W3C's `KeyboardEvent.code`: "KeyA", "Enter", "ShiftLeft" */
	press(code: string): void;
	release(code: string): void;
}

export interface MouseInput {
	/** Relative motion, y downwards. */
	move(dx: number, dy: number, wheel?: number): void;
	/** Bit 0 left, 1 right, 2 middle. */
	buttons(mask: number): void;
}

export interface DiscDrive {
	insert(image: BlockImage): void;
	eject(): void;
}

/** The machine's connectors. */
export interface Connectors {
	com1: SerialInput;
	com2: SerialInput;
	keyboard: KeyboardInput;
	mouse: MouseInput;
	/** The first CD-ROM drive, secondary master. */
	cdrom: DiscDrive;
	screen: Screen;
	/** Sectors moved since power-on, for activity lamps. */
	activity(): { cdrom: number; disk: number };
}

/** A whole PC. */
export interface Machine extends Connectors {
	readonly processor: Processor;
	readonly clock: Clock;
	readonly bus: Bus;
	readonly memory: PhysicalMemory;
	/** Runs until guest time (`clock.now`) reaches `until`, in nanoseconds, or something worth reporting happens. */
	run(until: number): RunOutcome;
	/** Makes a running `run` return soon, with "limit". For device callbacks; between runs it does nothing. */
	stop(): void;
	/** The RESET button. */
	reset(): void;
	/** Every mutable bit: processor, clock, devices by name, RAM. Two equal machines give equal snapshots. */
	save(): Snapshot;
	load(snapshot: Snapshot): void;
}

/** Plain data; `devices` maps a device's name to its state. */
export interface Snapshot {
	processor: Uint8Array;
	clock: { skipped: number; deadlines: number[] };
	devices: Record<string, object>;
	/** RAM and other storage, by name ("ram", "vram"). */
	memory: Record<string, Uint8Array>;
}

/** What a PC is built from. Only bytes and plain data: it is built the same way in a page. */
export interface PcOptions {
	/** The processor's code and tables as the build left them, by file name: core.wasm, interpreter.wasm, decode.bin, stencils.bin. */
	wasm: Record<string, Uint8Array>;
	/** RAM in bytes. */
	memory: number;
	/** The ROM that ends at 4 GiB; 64 KiB to 512 KiB. */
	bios: Uint8Array;
	/** The VGA's option ROM; a BIOS that brings its own VGA services needs none. */
	vgaBios?: Uint8Array;
	/** IDE primary master and slave, secondary slave. */
	hda?: BlockImage;
	hdb?: BlockImage;
	hdd?: BlockImage;
	/** The disc in the CD-ROM drive, which is always there. */
	cdrom?: BlockImage;
	/** Drives in the order in which the BIOS tries them: c the first disk, d the CD-ROM. Default "dc". */
	bootOrder?: string;
	/** 8x16 fonts, 4096 bytes each, by which text is recognised on a graphics screen. */
	fonts?: Uint8Array[];
	/** What the guest sends. */
	com1?: ByteSink;
	com2?: ByteSink;
	/** Bytes written to port E9h. */
	debugConsole?: ByteSink;
	/** What SeaBIOS logs, port 402h. */
	firmwareLog?: ByteSink;
	/** POST codes, port 80h. */
	post?: ByteSink;
	/** The real-time clock at power-on, seconds since 1970 UTC. */
	time: number;
	/** Which processor it has; default x86-64-v3. */
	cpu?: Model;
	/** Whether hot code is compiled; the run is the same without, only slower. Default true. */
	compiler?: boolean;
	/** Entries after which a block of guest code is compiled. */
	hot?: number;
	/** When code that is warm is drafted. */
	drafts?: DraftPolicy;
	/** Makes a module that is not worth the engine's optimising compiler. */
	compileLightly?: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
	/** For RDRAND and RDSEED. */
	seed: number;
}

export type CreatePc = (options: PcOptions) => Machine;
