/** Pocket Rocket's shell in QEMU with SeaBIOS: COM1 on standard input and output, E9h in a file. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { outputOf, PROMPT, type Shell } from "../guest/kernel/shell.ts";
import { folder } from "./qemu.ts";

/** Wall-clock cap of one wait. */
const PATIENCE_SECONDS = 40;

export class QemuShell implements Shell {
	/** All of COM1 so far, without \r. */
	serial = "";
	/** QEMU's exit status, once it has ended. */
	readonly ended: Promise<number | null>;
	readonly #qemu: ChildProcessWithoutNullStreams;
	readonly #work: { path: string; remove(): void };
	#wake: () => void = () => {};

	/** @param iso the CD of the usual drive; undefined where `args` bring one */
	constructor(iso: string | undefined, args: string[] = []) {
		this.#work = folder();
		const machine = ["-machine", "pc", "-m", "256", "-display", "none", "-no-reboot"];
		if (iso) machine.push("-cdrom", iso);
		const wires = ["-serial", "stdio", "-debugcon", `file:${this.file("e9")}`];
		const monitor = ["-qmp", `unix:${this.file("qmp")},server,nowait`];
		this.#qemu = spawn("qemu-system-x86_64", [...machine, ...wires, ...monitor, ...args]);
		this.#qemu.stdout.on("data", (data: Buffer) => {
			this.serial += data.toString("latin1").replaceAll("\r", "");
			this.#wake();
		});
		this.#qemu.stdin.on("error", () => {});
		this.ended = new Promise((resolve) => this.#qemu.on("close", resolve));
		this.ended.then(() => this.#wake());
	}

	/** Boots to the prompt. */
	static async boot(iso: string, args: string[] = []): Promise<QemuShell> {
		const shell = new QemuShell(iso, args);
		await shell.wait(PROMPT, 0);
		return shell;
	}

	/** A path in a folder that goes away with the machine. */
	file(name: string): string {
		return join(this.#work.path, name);
	}

	/** Waits until COM1's output from `from` on matches. */
	async wait(pattern: RegExp, from: number): Promise<string> {
		const deadline = Date.now() + PATIENCE_SECONDS * 1000;
		for (;;) {
			const text = this.serial.slice(from);
			const match = pattern.exec(text);
			if (match) return text.slice(0, match.index + match[0].length);
			if (Date.now() > deadline || this.#qemu.exitCode !== null)
				throw new Error(`waited for ${pattern} in vain; COM1 ends with:\n${text.slice(-1500)}`);
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				setTimeout(resolve, 250);
			});
		}
	}

	type(text: string): void {
		this.#qemu.stdin.write(text);
	}

	async until(line: string, text: RegExp): Promise<string> {
		const from = this.serial.length;
		this.type(line + "\r");
		return this.wait(text, from);
	}

	async command(line: string): Promise<string> {
		return outputOf(await this.until(line, PROMPT));
	}

	debug(): string {
		return existsSync(this.file("e9")) ? readFileSync(this.file("e9"), "latin1") : "";
	}

	/** Runs commands of QEMU's monitor, each to its end: `sendkey ret`, `screendump FILE`. Over QMP, which says when one has ended. */
	async monitor(...commands: string[]): Promise<void> {
		const socket = connect(this.file("qmp"));
		let answers = "";
		socket.on("data", (data) => {
			answers += data.toString();
		});
		socket.write('{"execute":"qmp_capabilities"}\n');
		for (const command of commands)
			socket.write(
				`${JSON.stringify({ execute: "human-monitor-command", arguments: { "command-line": command } })}\n`,
			);
		while ((answers.match(/"return"/g) ?? []).length < commands.length + 1)
			await new Promise((resolve) => setTimeout(resolve, 10));
		socket.destroy();
	}

	async close(): Promise<void> {
		this.#qemu.kill("SIGKILL");
		await this.ended;
		this.#work.remove();
	}
}
