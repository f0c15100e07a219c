import { readFileSync } from "node:fs";
import { GuestMemory } from "../../src/bus/guest-memory.ts";
import {
	CoreProcessor,
	type ProcessorBus,
	type ProcessorCode,
	type ProcessorOptions,
} from "../../src/translate/processor.ts";
import { FEATURES } from "../../src/x86/features.ts";
import { type Model, parseModel } from "../../src/x86/models.ts";

const directory = process.env.GANTRY_BUILD ?? new URL("../../build", import.meta.url).pathname;
const built = (name: string) => readFileSync(`${directory}/${name}`);

let code: ProcessorCode | undefined;

/** What the build left, compiled once for all tests of a process. */
function processorCode(): ProcessorCode {
	code ??= {
		core: new WebAssembly.Module(built("core.wasm")),
		interpreter: new WebAssembly.Module(built("interpreter.wasm")),
		tables: built("decode.bin"),
		stencils: built("stencils.bin"),
	};
	return code;
}

const nothing: ProcessorBus = {
	readPort: (_, size) => 2 ** (8 * size) - 1,
	writePort() {},
	readMemory: (_, size) => 2 ** (8 * size) - 1,
	writeMemory() {},
	acknowledge: () => 0xff,
	now: () => 0,
};

/** A model that has every feature, also those that no model may announce yet. */
export const everything = (): Model => ({
	...parseModel("max"),
	features: new Set(FEATURES.map(({ name }) => name)),
});

/** A processor after reset with RAM and, unless something is given, nothing on its bus. */
export function openProcessor(
	ramSize: number,
	bus: Partial<ProcessorBus> = {},
	options: ProcessorOptions = {},
) {
	const memory = new GuestMemory(ramSize);
	const processor = new CoreProcessor(processorCode(), memory, { ...nothing, ...bus }, options);
	return { memory, processor };
}

/** Puts a processor into flat 32-bit protected mode, as Multiboot does, where it goes on at `rip`. */
export function startFlat(processor: CoreProcessor, rip: number): void {
	const registers = processor.registers();
	const flat = { base: 0n, limit: 0xffffffff };
	const data = { ...flat, selector: 0x10, attributes: 0xc093 };
	registers.segments = [data, { ...flat, selector: 0x08, attributes: 0xc09b }, data, data, data, data];
	registers.cr0 = 0x11n;
	registers.rflags = 2n;
	registers.rip = BigInt(rip);
	processor.setRegisters(registers);
}
