/** One processor that runs random programs, with a bus that remembers what it was asked and when. */
import type { GuestMemory } from "../../src/bus/guest-memory.ts";
import type { Stop } from "../../src/bus/processor.ts";
import * as S from "../../src/core/state.ts";
import type { CoreProcessor, ProcessorOptions } from "../../src/translate/processor.ts";
import { everything, openProcessor } from "../x86/open.ts";
import type { Event, Program } from "./generate.ts";
import { PORT_END, PORT_EVENT, PORT_TIMER, RAM_SIZE } from "./layout.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Inside a code page's header: core/blocks.ts. */
const MODE = 4;
const CHAIN = 8;

/** What has been executed: blocks by where they are and what their first bytes are, instructions by their records' REC_OP. */
export interface Seen {
	blocks: Set<number>;
	instructions: Set<number>;
}

function noteInstructions(view: DataView, block: number, seen: Set<number>): void {
	const count = view.getInt16(block + S.REC_LEFT, true) + 1;
	for (let i = 0; i < count; i++) seen.add(view.getUint16(block + i * S.RECORD_SIZE + S.REC_OP, true));
}

export class Subject {
	processor!: CoreProcessor;
	memory!: GuestMemory;
	/** FNV-1a over every access to the bus and the moment it came. */
	log = 0;
	/** When the alarm that the guest has set goes off. */
	alarm = Number.POSITIVE_INFINITY;
	/** The guest has said that it has ended. */
	ended = false;
	/** Handlers that were entered. */
	handled = 0;
	#base = 0;
	#vector = 0;
	#pristine!: Uint8Array;

	constructor(private readonly options: ProcessorOptions) {
		this.renew();
	}

	/** Another processor, in place of one whose code has thrown. */
	renew(): void {
		const bus = {
			readPort: (port: number, size: number) => this.#answer(1, port, size),
			writePort: (port: number, value: number, size: number) => this.#port(port, value, size),
			readMemory: (address: number, size: number) => this.#answer(2, address, size),
			writeMemory: (address: number, value: number, size: number) => this.#note(3, address, value * 8 + size),
			acknowledge: () => this.#acknowledge(),
			now: () => this.now,
		};
		({ memory: this.memory, processor: this.processor } = openProcessor(RAM_SIZE, bus, {
			model: everything(),
			...this.options,
		}));
		this.#pristine = this.processor.save();
	}

	/** Instructions since the program was loaded. */
	get now(): number {
		return this.processor.retired - this.#base;
	}

	load({ image, registers, state }: Program): void {
		const { memory, processor } = this;
		memory.ram.set(image);
		processor.load(this.#changed(state));
		processor.interrupt(false);
		processor.setRegisters(registers);
		this.#base = processor.retired;
		this.log = FNV_OFFSET;
		this.alarm = Number.POSITIVE_INFINITY;
		this.ended = false;
	}

	/** The state after reset, but for some fields. */
	#changed(fields: Program["state"]): Uint8Array {
		const state = this.#pristine.slice();
		const view = new DataView(state.buffer);
		for (const [at, bytes, value] of fields)
			if (bytes === 8) view.setBigUint64(at, value, true);
			else view.setUint32(at, Number(value), true);
		return state;
	}

	/** Runs to `until`, or to where the guest writes to one of the harness's ports. */
	run(until: number): Stop {
		return this.processor.run(this.#base + until);
	}

	fire({ kind, value, address }: Event): void {
		if (kind === "nmi") this.processor.nmi();
		else if (kind === "dma") this.memory.write(address, Uint8Array.of(value));
		else this.raise(value);
	}

	raise(vector: number): void {
		this.#vector = vector;
		this.processor.interrupt(true);
	}

	/** Notes the blocks that are decoded now. */
	noteBlocks(seen: Seen): void {
		const { memory } = this;
		const view = new DataView(memory.wasm.buffer);
		for (let i = 0; i < S.CODE_HASH_ENTRIES; i++) {
			let page = view.getUint32(S.CODE_HASH + i * 4, true);
			for (; page; page = view.getUint32(page + CHAIN, true)) {
				const physical = view.getUint32(page, true) - 1;
				const entries = new Uint32Array(view.buffer, page + S.CODE_PAGE_ENTRIES, 4096);
				for (let offset = 0; offset < 4096; offset++) {
					if (!entries[offset]) continue;
					seen.blocks.add(this.#blockKey(physical + offset, view.getUint32(page + MODE, true)));
					noteInstructions(view, entries[offset], seen.instructions);
				}
			}
		}
	}

	#blockKey(physical: number, mode: number): number {
		let hash = mode;
		for (const byte of this.memory.read(physical, 16)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
		return physical * 2 ** 32 + hash;
	}

	#acknowledge(): number {
		this.#note(4, this.#vector, 0);
		if (this.#vector % 5) this.processor.interrupt(false);
		return this.#vector;
	}

	#port(port: number, value: number, size: number): void {
		this.#note(5, port, value * 8 + size);
		if (port === PORT_TIMER) {
			this.alarm = this.now + 1 + (value & 63);
			this.processor.stopAt(this.#base + this.alarm);
		} else if (port === PORT_EVENT || port === PORT_END) {
			if (port === PORT_END) this.ended = true;
			else this.handled++;
			// A pin that stayed high falls at the next handler.
			this.processor.interrupt(false);
			this.processor.stopAt(this.processor.retired);
		}
	}

	#answer(kind: number, address: number, size: number): number {
		this.#note(kind, address, size);
		return (Math.imul(this.log, 0x9e3779b1) >>> 0) % 2 ** (8 * size);
	}

	#note(kind: number, address: number, value: number): void {
		for (const part of [kind, address, value, this.now])
			this.log = Math.imul(this.log ^ (part & 0xffffffff), FNV_PRIME) >>> 0;
	}
}
