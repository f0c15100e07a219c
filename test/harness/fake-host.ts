// A host without a world: files are a map, wall time stands still unless it is moved.

import { type Host, type HostFile, InputError } from "../../src/script/host.ts";

export class FakeHost implements Host {
	readonly files = new Map<string, Uint8Array>();
	wall = 0;
	/** Milliseconds that pass at each look at the clock. */
	tick = 0;

	asset(): Uint8Array {
		return new Uint8Array(65536);
	}
	readFile(path: string): Uint8Array {
		const bytes = this.files.get(path);
		if (!bytes) throw new InputError(`${path}: there is no such file`);
		return bytes;
	}
	openFile(path: string): HostFile {
		const bytes = this.readFile(path);
		return {
			size: bytes.length,
			read: (offset, length) => bytes.slice(offset, offset + length),
			write: (offset, data) => bytes.set(data, offset),
			close() {},
		};
	}
	wallTime(): number {
		return (this.wall += this.tick);
	}
	async breathe(): Promise<void> {}
	compileLightly(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
		return new WebAssembly.Module(bytes);
	}

	encodePng(): Uint8Array {
		return Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
	}
}
