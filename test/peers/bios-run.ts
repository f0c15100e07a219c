/** Runs the programs of test/guest/bios in QEMU, under Gantry's BIOS or SeaBIOS. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { disc, diskImage, START, type Transcript, transcript } from "../guest/bios/programs.ts";
import { folder } from "./qemu.ts";

const CAP_SECONDS = 60;

export type Rom = "Gantry" | "SeaBIOS";

export interface Options {
	/** MiB, default 128. */
	memory?: number;
	/** QEMU key names, sent one after the other once the program has printed "ready". */
	keys?: string[];
	/** "d" (the CD, default) or "c" (the disk). */
	order?: string;
	args?: string[];
	/** The first sector of the disk; default a pattern. */
	bootSector?: Uint8Array;
	/** Leave the CD drive empty. */
	noCd?: boolean;
	/** QEMU's own VGA ROM also under Gantry's BIOS. */
	videoRom?: boolean;
	/** Ends the run once the BIOS's log (port 402h) or COM1 has it. */
	until?: RegExp;
}

export interface Run extends Transcript {
	/** What the BIOS wrote to port 402h. */
	log: string;
}

/** The machine: a disk, a CD, a VGA in slot 2 whose ROM is left away for Gantry's own services. */
function command(rom: Rom, work: string, options: Options): string[] {
	const vga = options.videoRom ? [] : ["-vga", "none", "-device", "VGA,romfile=,addr=2"];
	const bios = rom === "Gantry" ? ["-bios", "build/bios.bin", ...vga] : [];
	const cd = options.noCd ? [] : ["-cdrom", join(work, "cd.iso")];
	const disk = ["-drive", `file=${join(work, "disk.img")},format=raw,if=ide,index=0`];
	const machine = ["-machine", "pc", "-m", `${options.memory ?? 128}`, "-net", "none", "-no-reboot"];
	const faces = ["-display", "none", "-monitor", "none", "-serial", "stdio"];
	const control = ["-qmp", `unix:${join(work, "qmp")},server=on,wait=off`];
	const ports = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-rtc", `base=${START},clock=vm`];
	const log = [
		"-chardev",
		`file,id=log,path=${join(work, "log")}`,
		"-device",
		"isa-debugcon,iobase=0x402,chardev=log",
	];
	const order = ["-boot", options.order ?? "d"];
	return [
		...machine,
		...bios,
		...cd,
		...disk,
		...faces,
		...control,
		...ports,
		...log,
		...order,
		...(options.args ?? []),
	];
}

/** Presses and releases keys by QEMU's monitor, far enough apart for a BIOS. */
function typeKeys(socketPath: string, keys: string[]): void {
	const socket = connect(socketPath);
	const send = (execute: string, args: object = {}) =>
		socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
	socket.once("data", () => {
		send("qmp_capabilities");
		keys.forEach((key, i) => {
			setTimeout(() => send("human-monitor-command", { "command-line": `sendkey ${key} 20` }), 100 + i * 150);
		});
	});
	socket.on("error", () => {});
}

/** Boots `program` and waits until it ends by port F4h. */
export function runBios(program: string | undefined, rom: Rom, options: Options = {}): Promise<Run> {
	const work = folder();
	writeFileSync(join(work.path, "cd.iso"), disc(program));
	writeFileSync(join(work.path, "disk.img"), diskImage(options.bootSector));
	const qemu = spawn("qemu-system-x86_64", command(rom, work.path, options), {
		stdio: ["ignore", "pipe", "inherit"],
	});
	return new Promise((resolve, reject) => {
		let serial = "";
		let typed = false;
		const logPath = join(work.path, "log");
		// QEMU makes it when it has started, which takes its time on a busy machine.
		const readLog = () => (existsSync(logPath) ? readFileSync(logPath, "latin1") : "");
		const cap = setTimeout(() => qemu.kill("SIGKILL"), CAP_SECONDS * 1000);
		const watch = setInterval(() => options.until?.test(readLog()) && qemu.kill("SIGKILL"), 200);
		qemu.stdout.on("data", (data: Buffer) => {
			serial += data.toString("latin1");
			if (options.until?.test(serial)) qemu.kill("SIGKILL");
			if (options.keys && !typed && serial.includes("ready\n")) {
				typed = true;
				typeKeys(join(work.path, "qmp"), options.keys);
			}
		});
		qemu.on("error", reject);
		qemu.on("close", () => {
			clearTimeout(cap);
			clearInterval(watch);
			const log = readLog();
			work.remove();
			resolve({ ...transcript(serial), log });
		});
	});
}
