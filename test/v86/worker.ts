// npm's v86 in a thread: it ends a guest that writes to the debug exit by throwing, which here ends no more than the thread.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { V86 } from "v86";

const MIB = 1 << 20;
const BIOS_SIZE = 1 << 16;
const RESET_VECTOR = 0xfff0;
/** IN EAX, F4h; HLT: v86 places a Multiboot image and enters it where a BIOS reads that port. */
const START_MULTIBOOT = [0x66, 0xe5, 0xf4, 0xf4];

const bios = new Uint8Array(BIOS_SIZE);
bios.set(START_MULTIBOOT, RESET_VECTOR);
const emulator = new V86({
	wasm_path: join(dirname(createRequire(import.meta.url).resolve("v86")), "v86.wasm"),
	memory_size: 64 * MIB,
	vga_memory_size: 2 * MIB,
	bios: { buffer: bios.buffer },
	multiboot: { buffer: new Uint8Array(readFileSync(workerData.path)).buffer },
	disable_keyboard: true,
	disable_mouse: true,
	disable_speaker: true,
	autostart: true,
});
emulator.add_listener("serial0-output-byte", (byte: number) => parentPort!.postMessage(byte));
