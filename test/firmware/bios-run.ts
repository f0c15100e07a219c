/** Runs the programs of test/guest/bios on Gantry, under Gantry's BIOS. */
import { readFileSync } from "node:fs";
import { createPc } from "../../src/machine/machine.ts";
import type { BlockImage, Machine, RunOutcome } from "../../src/machine/types.ts";
import { disc, diskImage, KEYS, START, type Transcript, transcript } from "../guest/bios/programs.ts";

const BUILD = new URL("../../build/", import.meta.url);
const MIB = 1 << 20;
const SECOND = 1e9;
const MILLISECOND = 1e6;
const HELD = 20 * MILLISECOND;
const BETWEEN = 100 * MILLISECOND;

export interface Options {
	/** MiB, default 128. */
	memory?: number;
	/** As in PcOptions; default "d". */
	bootOrder?: string;
	bootSector?: Uint8Array;
	/** Leave the drive empty. */
	noCd?: boolean;
	/** Type KEYS once the program has printed "ready". */
	keys?: boolean;
	/** The VGA's option ROM; default none. */
	vgaBios?: Uint8Array;
	/** Guest seconds after which it is stopped, default 30. */
	seconds?: number;
}

export interface Run extends Transcript {
	/** What the BIOS wrote to port 402h. */
	log: string;
	outcome: RunOutcome;
	machine: Machine;
	/** Codes on port 80h. */
	post: number[];
}

const read = (name: string) => new Uint8Array(readFileSync(new URL(name, BUILD)));
let parts: Record<string, Uint8Array> | undefined;

function wasm(): Record<string, Uint8Array> {
	parts ??= Object.fromEntries(
		["core.wasm", "interpreter.wasm", "decode.bin", "stencils.bin"].map((name) => [name, read(name)]),
	);
	return parts;
}

function image(bytes: Uint8Array): BlockImage {
	return {
		size: bytes.length,
		read: (offset, length) => bytes.slice(offset, offset + length),
		write: (offset, data) => bytes.set(data, offset),
	};
}

/** Types KEYS, the last of which ends the program, and runs on until the program has ended or the guest time is over. */
function typeKeys(machine: Machine, until: number): RunOutcome {
	for (const [codes] of KEYS) {
		const held = codes.split(" ");
		for (const code of held) machine.keyboard.press(code);
		const pressed = machine.run(machine.clock.now + HELD);
		if (pressed.kind !== "limit") return pressed;
		for (const code of held.reverse()) machine.keyboard.release(code);
		machine.run(machine.clock.now + BETWEEN);
	}
	return machine.run(until);
}

/** Boots the program and runs it until it ends by port F4h, or for `seconds`. */
export function runBios(program: string | undefined, options: Options = {}): Run {
	let serial = "";
	let log = "";
	const post: number[] = [];
	const machine = createPc({
		wasm: wasm(),
		memory: (options.memory ?? 128) * MIB,
		bios: read("bios.bin"),
		vgaBios: options.vgaBios,
		hda: image(diskImage(options.bootSector)),
		cdrom: options.noCd ? undefined : image(disc(program)),
		bootOrder: options.bootOrder ?? "d",
		com1: (byte) => {
			serial += String.fromCharCode(byte);
			if (options.keys && serial.endsWith("ready\n")) machine.stop();
		},
		firmwareLog: (byte) => {
			log += String.fromCharCode(byte);
		},
		post: (code) => post.push(code),
		time: Date.parse(`${START}Z`) / 1000,
		seed: 1,
	});
	const until = (options.seconds ?? 30) * SECOND;
	let outcome = machine.run(until);
	if (options.keys) outcome = typeKeys(machine, until);
	return { ...transcript(serial), log, outcome, machine, post };
}
