// A stand-in for a PC: the real clock, registers and RAM as plain data, and a guest that is a list of things to
// happen at certain guest times, or in answer to keys and bytes. One nanosecond is one instruction, as in the real one.

import { Bus } from "../../src/bus/bus.ts";
import { type Alarm, Clock } from "../../src/bus/clock.ts";
import type { ByteSink } from "../../src/bus/device.ts";
import type { PhysicalMemory, Storage } from "../../src/bus/memory.ts";
import type { Delivery, Processor, Registers, Segment } from "../../src/bus/processor.ts";
import type {
	BlockImage,
	Machine,
	PcOptions,
	Picture,
	RunOutcome,
	Snapshot,
	TextScreen,
} from "../../src/machine/types.ts";

const CODE64: Segment = { selector: 8, base: 0n, limit: 0xffffffff, attributes: 0xa09b };
const DATA: Segment = { selector: 16, base: 0n, limit: 0xffffffff, attributes: 0xc093 };
const NONE: Segment = { selector: 0, base: 0n, limit: 0, attributes: 0 };

/** 64-bit mode, ring 0, paging on. */
export function longModeRegisters(): Registers {
	return {
		general: new Array(16).fill(0n),
		rip: 0x1000n,
		rflags: 0x202n,
		segments: [DATA, CODE64, DATA, DATA, DATA, DATA].map((segment) => ({ ...segment })),
		ldtr: { ...NONE },
		tr: { ...NONE },
		gdtr: { base: 0n, limit: 0 },
		idtr: { base: 0n, limit: 0 },
		cr0: 0x80000011n,
		cr2: 0n,
		cr3: 0x1000n,
		cr4: 0x20n,
		cr8: 0n,
		efer: 0x500n,
		debug: new Array(8).fill(0n),
	};
}

/** Linear addresses are physical ones, kernel addresses at their offset from `KERNEL_BASE`. */
export const KERNEL_BASE = 0xffffffff80000000n;

export class FakeProcessor implements Processor {
	readonly regionExits = [];
	readonly regionStats = {
		compiled: 0,
		live: 0,
		bytes: 0,
		liveBytes: 0,
		modules: 0,
		evicted: 0,
		drops: 0,
		drafts: 0,
	};
	retired = 0;
	shutdown: Delivery[] = [];
	delivered = { count: 0, vector: 0, handler: 0n };
	current = longModeRegisters();
	ram: Uint8Array;

	constructor(ram: Uint8Array) {
		this.ram = ram;
	}

	run(): never {
		throw new Error("the fake machine runs without its processor");
	}
	stopAt(): void {}
	interrupt(): void {}
	nmi(): void {}
	a20(): void {}
	ignoreFloatError(): void {}
	reset(): void {
		this.current = longModeRegisters();
	}
	registers(): Registers {
		return structuredClone(this.current);
	}
	setRegisters(registers: Registers): void {
		this.current = structuredClone(registers);
	}
	translate(linear: bigint): number | undefined {
		const physical = linear >= KERNEL_BASE ? linear - KERNEL_BASE : linear;
		return physical < BigInt(this.ram.length) ? Number(physical) : undefined;
	}
	save(): Uint8Array {
		return new TextEncoder().encode(
			JSON.stringify(this.current, (_, v) => (typeof v === "bigint" ? `${v}n` : v)),
		);
	}
	load(): void {}
}

class FakeMemory implements PhysicalMemory {
	readonly ramSize: number;
	readonly #ram: Uint8Array;

	constructor(ram: Uint8Array) {
		this.#ram = ram;
		this.ramSize = ram.length;
	}

	allocate(size: number): Storage {
		return { bytes: new Uint8Array(size), host: 0 };
	}
	map(): void {}
	mapRam(): void {}
	unmap(): void {}
	read(address: number, length: number): Uint8Array {
		const bytes = new Uint8Array(length).fill(0xff);
		bytes.set(this.#ram.subarray(address, address + length));
		return bytes;
	}
	write(address: number, bytes: Uint8Array): void {
		this.#ram.set(bytes, address);
	}
	takeDirty(): number[] {
		return [];
	}
}

/** A text screen from lines, light grey on black. */
export function textScreen(lines: string[], columns = 80, rows = 25): TextScreen {
	const text = Array.from({ length: rows }, (_, row) =>
		(lines[row] ?? "").padEnd(columns).slice(0, columns),
	).join("");
	const cells = Array.from(text, (character) => ({ text: character, foreground: 0xaaaaaa, background: 0 }));
	return { columns, rows, cells, cursor: { column: 0, row: lines.length }, unrecognised: 0 };
}

export class FakeMachine implements Machine {
	readonly options: Partial<PcOptions>;
	readonly ram = new Uint8Array(4 << 20);
	readonly processor = new FakeProcessor(this.ram);
	readonly clock = new Clock(() => this.processor.retired);
	readonly memory = new FakeMemory(this.ram);
	readonly bus = new Bus(this.memory);
	/** What reached the guest: "press KeyA", "release KeyA", "com1 61", "eject". */
	readonly inputs: string[] = [];
	/** Called with each input. */
	onInput: (input: string) => void = () => {};
	picture: Picture = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 255) };
	cells: TextScreen | undefined = textScreen([]);
	disc: BlockImage | undefined;
	resets = 0;
	#outcome: RunOutcome | undefined;

	constructor(options: Partial<PcOptions> = {}) {
		this.options = options;
		this.disc = options.cdrom;
	}

	/** Lets something happen at `seconds` of guest time. */
	at(seconds: number, happen: () => void): Alarm {
		const alarm = this.clock.createAlarm(happen);
		alarm.set(seconds * 1e9);
		return alarm;
	}

	/** The guest says something on COM1. */
	say(text: string): void {
		send(this.options.com1, text);
	}

	/** The guest says something on the debug console. */
	whisper(text: string): void {
		send(this.options.debugConsole, text);
	}

	/** Ends the run now. */
	finish(outcome: RunOutcome): void {
		this.#outcome = outcome;
	}

	run(until: number): RunOutcome {
		for (;;) {
			const next = Math.min(until, this.clock.next);
			if (next > this.clock.now) this.processor.retired += next - this.clock.now;
			this.clock.fireDue();
			const outcome = this.#outcome;
			this.#outcome = undefined;
			if (outcome) return outcome;
			if (this.clock.now >= until) return { kind: "limit" };
		}
	}

	stop(): void {}
	reset(): void {
		this.resets++;
	}
	save(): Snapshot {
		return {
			processor: this.processor.save(),
			clock: structuredClone(this.clock.state),
			devices: { fake: { inputs: [...this.inputs] } },
			memory: { ram: this.ram.slice() },
		};
	}
	load(): void {}

	readonly com1 = { receive: (byte: number) => this.#input(`com1 ${byte.toString(16)}`) };
	readonly com2 = { receive: (byte: number) => this.#input(`com2 ${byte.toString(16)}`) };
	readonly keyboard = {
		press: (code: string) => this.#input(`press ${code}`),
		release: (code: string) => this.#input(`release ${code}`),
	};
	readonly mouse = { move: () => {}, buttons: () => {} };
	readonly cdrom = {
		insert: (image: BlockImage) => {
			this.disc = image;
			this.#input("insert");
		},
		eject: () => {
			this.disc = undefined;
			this.#input("eject");
		},
	};
	readonly screen = {
		render: () => this.picture,
		textCells: () => this.cells,
		recogniseText: () => undefined,
	};
	activity(): { cdrom: number; disk: number } {
		return { cdrom: 0, disk: 0 };
	}

	#input(input: string): void {
		this.inputs.push(input);
		this.onInput(input);
	}
}

function send(sink: ByteSink | undefined, text: string): void {
	for (const byte of new TextEncoder().encode(text)) sink?.(byte);
}
