/** Boots ISOs in QEMU with SeaBIOS and gathers what comes out of COM1. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Wall-clock cap of one boot; the usual one takes a second. */
const CAP_SECONDS = 30;

export interface Boot {
	serial: string;
	/**
	 * QEMU's exit status; undefined where `until` or the cap ended it. With isa-debug-exit, a written value v gives
	 * 2v+1.
	 */
	status: number | undefined;
	/** What `text` asked for: 25 rows, without the spaces at their ends. */
	rows: string[];
}

export interface BootOptions {
	/** MiB, default 256. */
	memory?: number;
	/** Ends the run once COM1 has sent this. */
	until?: RegExp;
	/** Reads the 80x25 text screen when `until` was seen. */
	text?: boolean;
	args?: string[];
}

/** Boots the ISO in a machine of type pc with a debug exit at port F4h. */
export function bootQemu(iso: Uint8Array, options: BootOptions = {}): Promise<Boot> {
	const { memory = 256, until, text = false, args = [] } = options;
	const work = folder();
	const path = join(work.path, "cd.iso");
	writeFileSync(path, iso);
	const base = [
		"-machine",
		"pc",
		"-m",
		`${memory}`,
		"-cdrom",
		path,
		"-display",
		"none",
		"-no-reboot",
		"-net",
		"none",
	];
	const monitor = join(work.path, "monitor");
	const dump = join(work.path, "text");
	const ports = ["-serial", "stdio", "-monitor", `unix:${monitor},server,nowait`];
	const exit = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"];
	return new Promise((resolve, reject) => {
		const qemu = spawn("qemu-system-x86_64", [...base, ...ports, ...exit, ...args], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		const boot: Boot = { serial: "", status: undefined, rows: [] };
		let seen = false;
		const cap = setTimeout(() => qemu.kill("SIGKILL"), CAP_SECONDS * 1000);
		qemu.stdout.on("data", (data: Buffer) => {
			boot.serial += data.toString("latin1").replaceAll("\r", "");
			if (seen || !until?.test(boot.serial)) return;
			seen = true;
			if (text) command(monitor, `pmemsave 0xb8000 4000 "${dump}"\nquit\n`);
			else qemu.kill("SIGKILL");
		});
		qemu.on("error", reject);
		qemu.on("close", (status) => {
			clearTimeout(cap);
			if (text && seen) boot.rows = rowsOf(readFileSync(dump));
			work.remove();
			resolve({ ...boot, status: seen ? undefined : (status ?? undefined) });
		});
	});
}

function command(monitor: string, lines: string): void {
	const socket = connect(monitor, () => socket.write(lines));
	socket.on("error", () => {});
	socket.resume();
}

function rowsOf(cells: Uint8Array): string[] {
	const row = (y: number) =>
		Array.from({ length: 80 }, (_, x) => String.fromCharCode(cells[(y * 80 + x) * 2])).join("");
	return Array.from({ length: 25 }, (_, y) => row(y).trimEnd());
}

/** Runs a program to its end. */
export function run(
	program: string,
	args: string[],
): { status: number | null; stdout: string; stderr: string; bytes: Buffer } {
	const { status, stdout, stderr, error } = spawnSync(program, args, { maxBuffer: 1 << 26 });
	if (error) throw error;
	return { status, stdout: stdout.toString(), stderr: stderr.toString(), bytes: stdout };
}

/** `make -C folder`; throws with its last words where it fails. */
export function make(folder: string): void {
	const { status, stderr } = run("make", ["-s", "-C", folder]);
	if (status !== 0) throw new Error(`make -C ${folder}: ${stderr}`);
}

/** A fresh folder that goes away with `remove`. */
export function folder(): { path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), "gantry-"));
	return { path, remove: () => rmSync(path, { recursive: true }) };
}
