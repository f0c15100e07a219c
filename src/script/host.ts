// What the script needs of the world around it. Nothing here or below knows whether that is Node or
// a page: src/cli/node-host.ts is the one for Node.

import type { Picture } from "../machine/types.ts";

/** A file kept open: a disk image that the guest reads, and perhaps writes, as it runs. */
export interface HostFile {
	readonly size: number;
	read(offset: number, length: number): Uint8Array;
	write(offset: number, bytes: Uint8Array): void;
	close(): void;
}

export interface Host {
	/** A part of Gantry's own build, by file name ("core.wasm"). @throws Error that says how to build it */
	asset(name: string): Uint8Array;
	/** @throws InputError where it is missing, a directory or unreadable */
	readFile(path: string): Uint8Array;
	/** @throws InputError as `readFile` */
	openFile(path: string, writable: boolean): HostFile;
	/** Milliseconds of wall time from an arbitrary start; only for caps and pacing. */
	wallTime(): number;
	/** Lets the world have its turn: timers, signals, the terminal. */
	breathe(): Promise<void>;
	/** A WebAssembly module that is not worth the engine's optimising compiler, which is to leave it alone if that can be seen to. */
	compileLightly(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module;
	/** A PNG of the picture; the same picture gives the same bytes. */
	encodePng(picture: Picture): Uint8Array;
}

/** Something the user gave is wrong. The message is one line and says what to do, if that is not plain. */
export class InputError extends Error {
	override readonly name = "InputError";
}
