/**
 * npm's v86, which has no long mode. It takes Multiboot images: a read of port F4h by its BIOS makes it place the
 * image and enter it. Its BIOS here is that one instruction, at the reset vector.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { clockOf } from "./clock.ts";
import { Marks } from "./marks.ts";
import type { Order, Run } from "./run.ts";

const MIB = 1 << 20;
const BIOS_SIZE = 1 << 16;
const RESET_VECTOR = 0xfff0;
/** IN EAX, F4h; HLT. */
const START_MULTIBOOT = [0x66, 0xe5, 0xf4, 0xf4];

export async function runV86({ file, clock }: Order): Promise<Run> {
	const { V86 } = await import("v86");
	const bios = new Uint8Array(BIOS_SIZE);
	bios.set(START_MULTIBOOT, RESET_VECTOR);
	const emulator = new V86({
		wasm_path: join(dirname(createRequire(import.meta.url).resolve("v86")), "v86.wasm"),
		memory_size: 128 * MIB,
		vga_memory_size: 2 * MIB,
		bios: { buffer: bios.buffer },
		multiboot: { buffer: new Uint8Array(readFileSync(file)).buffer },
		disable_keyboard: true,
		disable_mouse: true,
		disable_speaker: true,
		autostart: true,
	});
	const marks = new Marks({ now: clockOf(clock), retired: countInstructions(emulator) });
	emulator.add_listener("serial0-output-byte", marks.push);
	await Promise.race([marks.done, halted()]);
	return { phases: marks.phases };
}

/** v86 ends a guest that writes to its debug exit by throwing this from a timer. @throws whatever else it throws so */
function halted(): Promise<void> {
	return new Promise((resolve, reject) => {
		process.once("uncaughtException", (thrown: unknown) => (thrown === "HALT" ? resolve() : reject(thrown)));
	});
}

/** Its counter has 32 bits; it is read before it can wrap round more than once. */
function countInstructions(emulator: { get_instruction_counter(): number }): () => number {
	let [total, last] = [0, 0];
	return () => {
		const now = emulator.get_instruction_counter() >>> 0;
		total += (now - last) >>> 0;
		last = now;
		return total;
	};
}
