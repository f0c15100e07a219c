// Who called whom, by frame pointers: at [RBP] lies the caller's RBP, above it the return address. Code
// built with -fno-omit-frame-pointer keeps that chain; where it breaks, the walk ends.

import type { PhysicalMemory } from "../bus/memory.ts";
import type { Processor, Registers } from "../bus/processor.ts";

const PAGE = 4096n;
const LIMIT = 32;
const RBP = 5;
const RSP = 4;

/** Reads guest memory by linear address, through the page tables of now. */
export class LinearMemory {
	#processor: Pick<Processor, "translate">;
	#memory: Pick<PhysicalMemory, "read">;

	constructor(processor: Pick<Processor, "translate">, memory: Pick<PhysicalMemory, "read">) {
		this.#processor = processor;
		this.#memory = memory;
	}

	/** As many of the `length` bytes as are mapped, from the first on. */
	read(address: bigint, length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		for (let done = 0; done < length; ) {
			const linear = BigInt.asUintN(64, address + BigInt(done));
			const physical = this.#processor.translate(linear);
			if (physical === undefined) return bytes.slice(0, done);
			const part = Math.min(length - done, Number(PAGE - (linear % PAGE)));
			bytes.set(this.#memory.read(physical, part), done);
			done += part;
		}
		return bytes;
	}

	/** A little-endian word of `size` bytes, or undefined where it is not mapped. */
	word(address: bigint, size: number): bigint | undefined {
		const bytes = this.read(address, size);
		if (bytes.length < size) return undefined;
		return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
	}
}

/** Return addresses, innermost first; the first is RIP itself, as a linear address. */
export function backtrace(memory: LinearMemory, registers: Registers): bigint[] {
	const width = wordSize(registers);
	const frames = [linearRip(registers)];
	let frame = registers.general[RBP];
	let below = registers.general[RSP];
	while (frames.length < LIMIT && frame !== 0n && frame >= below) {
		const caller = memory.word(frame, width);
		const address = memory.word(frame + BigInt(width), width);
		if (caller === undefined || address === undefined || address === 0n) break;
		frames.push(address);
		below = frame + 1n;
		frame = caller;
	}
	return frames;
}

/** RIP with the base of CS added. */
export function linearRip(registers: Registers): bigint {
	return BigInt.asUintN(64, registers.rip + registers.segments[1].base);
}

const CS_L = 0x2000;
const CS_D = 0x4000;
const EFER_LMA = 1n << 10n;

/** Bytes in a pushed word: 8 in 64-bit code, else by CS.D (SDM 3A, "Segment Descriptors"). */
export function wordSize(registers: Registers): 2 | 4 | 8 {
	const { attributes } = registers.segments[1];
	if (registers.efer & EFER_LMA && attributes & CS_L) return 8;
	return attributes & CS_D ? 4 : 2;
}
