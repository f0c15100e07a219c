// The same session in QEMU: boots an ISO in its i440FX PC with SeaBIOS, waits for text on COM1, types at the keyboard
// and takes pictures of the screen. For goldens and for comparisons; wall time only, as QEMU has no other.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Picture } from "../../src/machine/types.ts";
import { Channel } from "../../src/script/channel.ts";
import { strokeFor } from "../../src/script/keys.ts";

/** Seconds for each wait. */
const CAP = 30;
/** Milliseconds between keys; QEMU's keyboard queue is short. */
const PACE = 30;

/** QEMU's names for keys that are no letter or digit. */
const KEY_NAMES: Record<string, string> = {
	Space: "spc",
	Enter: "ret",
	Minus: "minus",
	Equal: "equal",
	Slash: "slash",
	Period: "dot",
	Comma: "comma",
	Semicolon: "semicolon",
	Quote: "apostrophe",
};

export class QemuSession {
	readonly serial = new Channel();
	readonly #folder: string;
	readonly #process: ChildProcess;
	#monitor: Socket | undefined;

	/** @param args QEMU's own options beyond machine, memory and serial line */
	constructor(args: string[], memory = 128) {
		this.#folder = mkdtempSync(join(tmpdir(), "gantry-qemu-"));
		const monitor = `unix:${this.#monitorPath},server,nowait`;
		const machine = ["-machine", "pc", "-m", `${memory}`, "-net", "none", "-display", "none", "-no-reboot"];
		this.#process = spawn(
			"qemu-system-x86_64",
			[...machine, "-serial", "stdio", "-monitor", monitor, ...args],
			{
				stdio: ["pipe", "pipe", "inherit"],
			},
		);
		this.#process.stdout!.on("data", (data: Buffer) => data.forEach(this.serial.push));
	}

	async expect(pattern: string | RegExp): Promise<string> {
		return this.#until(`${pattern} on COM1`, () => this.serial.take(pattern));
	}

	/** Types at the PS/2 keyboard. */
	async type(text: string): Promise<void> {
		for (const character of text) {
			const { code, shift } = strokeFor(character);
			const name = KEY_NAMES[code] ?? code.replace(/^(Key|Digit)/, "").toLowerCase();
			await this.#command(`sendkey ${shift ? "shift-" : ""}${name} 5`);
			await setTimeout(PACE);
		}
	}

	async picture(): Promise<Picture> {
		const path = join(this.#folder, `screen.ppm`);
		await this.#command(`screendump ${path}`);
		return this.#until("a picture", () => readPpm(path));
	}

	/** Resolves when QEMU has ended by itself. */
	async ended(): Promise<void> {
		await this.#until("the end", () => (this.#process.exitCode === null ? undefined : true));
	}

	close(): void {
		this.#monitor?.destroy();
		this.#process.kill("SIGKILL");
		rmSync(this.#folder, { recursive: true, force: true });
	}

	get #monitorPath(): string {
		return join(this.#folder, "monitor");
	}

	async #command(text: string): Promise<void> {
		if (!this.#monitor) {
			this.#monitor = connect(this.#monitorPath);
			this.#monitor.resume();
			await new Promise((resolve, reject) => this.#monitor!.once("connect", resolve).once("error", reject));
		}
		this.#monitor.write(`${text}\n`);
	}

	async #until<T>(what: string, look: () => T | undefined): Promise<T> {
		for (const end = performance.now() + CAP * 1000; performance.now() < end; await setTimeout(20)) {
			const found = look();
			if (found !== undefined) return found;
		}
		throw new Error(`QEMU: no ${what} within ${CAP} s; COM1:\n${this.serial.text}`);
	}
}

/** A binary PPM, if it is there and whole. */
function readPpm(path: string): Picture | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch {
		return undefined;
	}
	const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 64).toString("latin1"));
	if (!header) return undefined;
	const [width, height] = [Number(header[1]), Number(header[2])];
	const pixels = bytes.subarray(header[0].length);
	if (pixels.length < width * height * 3) return undefined;
	const data = new Uint8Array(width * height * 4).fill(255);
	for (let i = 0; i < width * height; i++) data.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
	rmSync(path);
	return { width, height, data };
}
