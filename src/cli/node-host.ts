// The script's host for Node: files, the clock, the build's own files, PNG.

import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { Picture } from "../machine/types.ts";
import { type Host, type HostFile, InputError } from "../script/host.ts";

/** build/, whether this runs as the bundle in it or from src/cli. */
export function buildDirectory(): string {
	const here = dirname(fileURLToPath(import.meta.url));
	return existsSync(join(here, "gantry.mjs")) ? here : join(here, "..", "..", "build");
}

/** What code may do, about in bytes executed, before the engine optimises it: what V8 starts with, and more than there ever is. */
const USUAL_BUDGET = 1_800_000;
const ENDLESS_BUDGET = 2_000_000_000;
const setBudget = (budget: number) => setFlagsFromString(`--wasm-tiering-budget=${budget}`);

export class NodeHost implements Host {
	asset(name: string): Uint8Array {
		const path = join(buildDirectory(), name);
		if (!existsSync(path)) throw new InputError(`${path} is missing: run "make" or "npm run build" first`);
		const { buffer, byteOffset, length } = readFileSync(path);
		return new Uint8Array(buffer, byteOffset, length);
	}

	readFile(path: string): Uint8Array {
		return withFile(path, (file) => file.read(0, file.size));
	}

	openFile(path: string, writable: boolean): HostFile {
		return new NodeFile(path, writable);
	}

	wallTime(): number {
		return performance.now();
	}

	async breathe(): Promise<void> {
		await setImmediate();
	}

	/** A module's functions get their budgets when it is made. */
	compileLightly(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
		setBudget(ENDLESS_BUDGET);
		try {
			return new WebAssembly.Module(bytes);
		} finally {
			setBudget(USUAL_BUDGET);
		}
	}

	/** pngjs takes 12 ms to load, which only those wait for who want a picture. */
	encodePng({ width, height, data }: Picture): Uint8Array {
		const { PNG }: typeof import("pngjs") = createRequire(import.meta.url)("pngjs");
		const png = new PNG({ width, height });
		png.data.set(data);
		return new Uint8Array(PNG.sync.write(png, { deflateLevel: 9, deflateStrategy: 0, filterType: 0 }));
	}
}

function withFile<T>(path: string, use: (file: NodeFile) => T): T {
	const file = new NodeFile(path, false);
	try {
		return use(file);
	} finally {
		file.close();
	}
}

class NodeFile implements HostFile {
	readonly size: number;
	readonly #descriptor: number;

	constructor(path: string, writable: boolean) {
		try {
			this.#descriptor = openSync(path, writable ? "r+" : "r");
		} catch (error) {
			throw new InputError(`${path}: ${reason(error)}`);
		}
		const status = fstatSync(this.#descriptor);
		if (status.isDirectory()) {
			closeSync(this.#descriptor);
			throw new InputError(`${path} is a directory`);
		}
		this.size = status.size;
	}

	read(offset: number, length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		const count = readSync(this.#descriptor, bytes, 0, length, offset);
		return bytes.subarray(0, count);
	}

	write(offset: number, bytes: Uint8Array): void {
		writeSync(this.#descriptor, bytes, 0, bytes.length, offset);
	}

	close(): void {
		closeSync(this.#descriptor);
	}
}

const REASONS: Record<string, string> = {
	ENOENT: "there is no such file",
	EACCES: "permission denied",
	EISDIR: "it is a directory",
	ENOTDIR: "a part of the path is not a directory",
	EROFS: "the file system is read-only",
	EPERM: "permission denied",
};

/** A file-system error as a person would say it. */
export function reason(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return REASONS[code ?? ""] ?? message;
}
