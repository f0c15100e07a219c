/** Runs a random world on a bare processor and says, in plain data, all that can be seen of the run. */
import { createHash } from "node:crypto";
import type { GuestMemory } from "../../src/bus/guest-memory.ts";
import type { Storage } from "../../src/bus/memory.ts";
import type { CoreProcessor } from "../../src/translate/processor.ts";
import type { Random } from "../harness/random.ts";
import { openProcessor } from "./open.ts";
import { mapBoard, RAM_SIZE, type World } from "./robust-world.ts";

/** A pin that changes at a moment that was chosen before the run. */
export interface Event {
	at: number;
	kind: "interrupt" | "nmi" | "dma";
	vector: number;
}

/** How a run is cut into calls of `run`, and what the host does in between. */
export interface Slicing {
	/** Instructions until the next look, from 1. */
	next(): number;
	between?(machine: Subject): void;
}

export const whole: Slicing = { next: () => 1e9 };
export const single: Slicing = { next: () => 1 };
export const slices = (random: Random): Slicing => ({
	next: () => random.between(1, random.pick([2, 7, 40])),
});

/** A processor with a board of devices that remember what they were asked. */
export class Subject {
	readonly processor: CoreProcessor;
	readonly memory: GuestMemory;
	readonly video: Storage;
	readonly #rom: Storage;
	readonly #pristine: Uint8Array;
	/** Told of each access, for a look at a run that differs. */
	trace?: (access: string) => void;
	#base = 0;
	/** FNV-1a over every access to the bus and the moment it came. */
	#log = 0;
	#accesses = 0;
	#vector = 0;
	#alarm = Number.POSITIVE_INFINITY;

	constructor() {
		const { memory, processor } = openProcessor(RAM_SIZE, {
			readPort: (port, size) => this.#answer(1, port, size),
			writePort: (port, value, size) => this.#port(port, value, size),
			readMemory: (address, size) => this.#answer(2, address, size),
			writeMemory: (address, value, size) => this.#note(3, address, value * 8 + size),
			acknowledge: () => this.#acknowledge(),
			now: () => this.now,
		});
		this.memory = memory;
		this.processor = processor;
		({ video: this.video, rom: this.#rom } = mapBoard(memory));
		this.#pristine = processor.save();
	}

	/** Instructions since the world was loaded. */
	get now(): number {
		return this.processor.retired - this.#base;
	}

	load(world: World): void {
		const { memory, processor } = this;
		memory.ram.fill(0);
		processor.load(this.#pristine);
		processor.interrupt(false);
		for (const [at, bytes] of world.contents) memory.ram.set(bytes, at);
		this.video.bytes.set(world.video);
		this.#rom.bytes.set(world.rom);
		processor.setRegisters(world.registers);
		this.#base = processor.retired;
		this.#log = 0x811c9dc5;
		this.#accesses = 0;
		this.#alarm = Number.POSITIVE_INFINITY;
	}

	/** Runs to `end`, which a slice may overshoot by the one instruction that armed an alarm in the past. */
	run(end: number, slicing: Slicing, events: Event[]): void {
		const pending = [...events];
		for (;;) {
			this.#fire(pending);
			if (this.now >= end) return;
			const next = Math.min(end, pending[0]?.at ?? end, this.#alarm);
			const stop = this.processor.run(this.#base + Math.min(next, this.now + slicing.next()));
			if (stop === "shutdown") return;
			if (stop === "halt") {
				// Time passes: what would come next comes now.
				if (this.#alarm < (pending[0]?.at ?? Number.POSITIVE_INFINITY)) this.#alarm = this.now;
				else if (pending.length) pending[0] = { ...pending[0], at: this.now };
				else return;
			}
			slicing.between?.(this);
		}
	}

	/** Everything that a guest or a snapshot could tell two runs apart by. */
	outcome() {
		const { processor, memory } = this;
		const hash = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest("hex");
		const saved = processor.save();
		return {
			now: this.now,
			accesses: this.#accesses,
			log: this.#log,
			registers: processor.registers(),
			ram: hash(memory.ram),
			video: hash(this.video.bytes),
			rom: hash(this.#rom.bytes),
			shutdown: processor.shutdown,
			saved: hash(saved.slice(0, 208)) + hash(saved.slice(216)),
		};
	}

	#fire(pending: Event[]): void {
		if (this.#alarm <= this.now) {
			this.#alarm = Number.POSITIVE_INFINITY;
			this.#vector = 0x41;
			this.processor.interrupt(true);
		}
		while (pending.length && pending[0].at <= this.now) {
			const { kind, vector } = pending.shift() as Event;
			this.#vector = vector;
			if (kind === "nmi") this.processor.nmi();
			else if (kind === "dma") this.memory.write(0x10000 + vector * 64, new Uint8Array(8).fill(vector));
			else this.processor.interrupt(true);
		}
	}

	#acknowledge(): number {
		this.#note(4, this.#vector, 0);
		if (this.#vector % 3) this.processor.interrupt(false);
		return this.#vector;
	}

	#port(port: number, value: number, size: number): void {
		this.#note(5, port, value * 8 + size);
		this.#vector = 0x40 + (value & 15);
		if ((port & 3) === 1) {
			this.#alarm = this.now + (value & 31);
			this.processor.stopAt(this.#base + this.#alarm);
		} else if ((port & 3) === 2) this.processor.interrupt((value & 1) !== 0);
	}

	#answer(kind: number, address: number, size: number): number {
		this.#note(kind, address, size);
		return (Math.imul(this.#log, 0x9e3779b1) >>> 0) % 2 ** (8 * size);
	}

	#note(kind: number, address: number, value: number): void {
		this.#accesses++;
		this.trace?.(
			`${["", "in", "read", "write", "acknowledge", "out"][kind]} ${address.toString(16)} ${value} at ${this.now}`,
		);
		for (const part of [kind, address, value, this.now]) {
			this.#log = Math.imul(this.#log ^ (part & 0xffffffff), 0x01000193) >>> 0;
		}
	}
}

export function randomEvents(random: Random, end: number): Event[] {
	const kinds: Event["kind"][] = ["interrupt", "interrupt", "interrupt", "nmi", "dma"];
	const events = Array.from({ length: random.below(12) }, () => ({
		at: random.below(end),
		kind: random.pick(kinds),
		vector: random.between(0x20, 0xff),
	}));
	return events.sort((a, b) => a.at - b.at);
}
