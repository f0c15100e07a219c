/**
 * QEMU's devices without its processor: register scripts go over the qtest protocol (QEMU, docs/devel/qtest) while the
 * guest sits in a loop of HLT. The same script runs on Gantry's board; what it reads must be the same.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { wirePc } from "../../src/machine/pc.ts";
import { MemoryBlocks } from "../devices/ata/rig.ts";
import { Board } from "../devices/board.ts";

/** What a script may do to either machine. */
export interface Peer {
	in(port: number, size?: number): Promise<number>;
	out(port: number, value: number, size?: number): Promise<void>;
	read(address: number, length: number): Promise<number[]>;
	write(address: number, bytes: number[]): Promise<void>;
	/** Lets some milliseconds pass. */
	pass(milliseconds: number): Promise<void>;
	stop(): void;
}

export const DISK_SECTORS = 8192;
export const DISC_SECTORS = 700;
const RAM = 64 << 20;
/** CLI; HLT; JMP to the HLT: at the reset vector of a ROM that is otherwise empty. */
const IDLE = [0xfa, 0xf4, 0xeb, 0xfd];
const ROM_SIZE = 0x20000;

function idleRom(): Uint8Array {
	const rom = new Uint8Array(ROM_SIZE);
	rom.set(IDLE, ROM_SIZE - 16);
	return rom;
}

export function gantry(): Peer {
	const board = new Board(RAM);
	const { bus, clock, memory } = board;
	const pins = { interrupt() {}, a20() {}, ignoreFloatError() {}, reset() {}, powerOff() {}, exit() {} };
	const media = { hda: new MemoryBlocks(DISK_SECTORS, 512), cdrom: new MemoryBlocks(DISC_SECTORS, 2048) };
	wirePc({
		pins,
		clock,
		bus,
		memory,
		firmware: idleRom(),
		time: Date.UTC(2024, 1, 28, 23, 30, 0) / 1000,
		...media,
	});
	board.pass(1e6);
	return {
		in: async (port, size = 1) => board.in(port, size),
		out: async (port, value, size = 1) => board.out(port, value, size),
		read: async (address, length) => [...memory.read(address, length)],
		write: async (address, bytes) => memory.write(address, Uint8Array.from(bytes)),
		pass: async (milliseconds) => board.pass(milliseconds * 1e6),
		stop() {},
	};
}

const SUFFIX: Record<number, string> = { 1: "b", 2: "w", 4: "l" };

export async function qemu(): Promise<Peer> {
	const folder = mkdtempSync(join(tmpdir(), "gantry-qtest-"));
	const file = (name: string, bytes: Uint8Array) => {
		writeFileSync(join(folder, name), bytes);
		return join(folder, name);
	};
	const rom = file("rom.bin", idleRom());
	const disk = file("disk.img", new MemoryBlocks(DISK_SECTORS, 512).bytes);
	const disc = file("disc.iso", new MemoryBlocks(DISC_SECTORS, 2048).bytes);
	const child = spawn("qemu-system-x86_64", [
		...[
			"-machine",
			"pc,smm=off",
			"-m",
			String(RAM >> 20),
			"-bios",
			rom,
			"-display",
			"none",
			"-vga",
			"std",
			"-net",
			"none",
		],
		...[
			"-drive",
			`file=${disk},format=raw,if=ide,index=0`,
			"-drive",
			`file=${disc},format=raw,if=ide,index=2,media=cdrom`,
		],
		...["-rtc", "base=2024-02-28T23:30:00", "-serial", "null", "-qtest", "stdio", "-qtest-log", "none"],
	]);
	const ask = asker(child);
	return {
		in: async (port, size = 1) => Number(await ask(`in${SUFFIX[size]} ${port}`)),
		out: async (port, value, size = 1) => void (await ask(`out${SUFFIX[size]} ${port} ${value}`)),
		read: async (address, length) => [
			...Buffer.from((await ask(`read ${address} ${length}`)).slice(2), "hex"),
		],
		write: async (address, bytes) =>
			void (await ask(`write ${address} ${bytes.length} 0x${Buffer.from(bytes).toString("hex")}`)),
		pass: (milliseconds) => sleep(milliseconds),
		stop: () => {
			child.kill();
			rmSync(folder, { recursive: true });
		},
	};
}

/** One question at a time: the line after "OK". */
function asker(child: ChildProcessWithoutNullStreams): (command: string) => Promise<string> {
	const answers: ((line: string) => void)[] = [];
	createInterface({ input: child.stdout }).on("line", (line) => {
		if (/^(OK|FAIL|ERR)/.test(line)) answers.shift()?.(line);
	});
	return async (command) => {
		const answer = new Promise<string>((resolve) => answers.push(resolve));
		child.stdin.write(`${command}\n`);
		const line = await answer;
		if (!line.startsWith("OK")) throw new Error(`QEMU on "${command}": ${line}`);
		return line.slice(3);
	};
}
