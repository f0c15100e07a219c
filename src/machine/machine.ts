/**
 * A whole PC: the processor, the clock and the devices of pc.ts, and the loop that lets time pass.
 *
 * The loop runs the processor until the clock's next alarm, fires what is due, and goes on. A halted
 * processor lets time jump to the next alarm. Everything a device asks for from inside an
 * instruction (reset, power-off, exit) is noted and done when the instruction has ended.
 */
import { Bus } from "../bus/bus.ts";
import { Clock } from "../bus/clock.ts";
import { GuestMemory } from "../bus/guest-memory.ts";
import { VgaScreen } from "../devices/vga/screen.ts";
import { CoreProcessor } from "../translate/processor.ts";
import { type Pc, wirePc } from "./pc.ts";
import { loadParts, type MutableParts, saveParts } from "./snapshot.ts";
import type { Machine, PcOptions, RunOutcome, Screen, Snapshot } from "./types.ts";

const IF = 0x200n;

const compiled = new WeakMap<Uint8Array, WebAssembly.Module>();

/** Compiles once for all machines made from the same bytes. */
function compile(wasm: Record<string, Uint8Array>, name: string): WebAssembly.Module {
	const bytes = wasm[name];
	if (!bytes) throw new Error(`${name} is missing among the machine's parts`);
	const known = compiled.get(bytes);
	if (known) return known;
	const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
	compiled.set(bytes, module);
	return module;
}

/** A PC at power-on: nothing has run yet. */
export function createPc(options: PcOptions): Machine {
	return new PcMachine(options);
}

class PcMachine implements Machine {
	readonly memory: GuestMemory;
	readonly clock: Clock;
	readonly bus: Bus;
	readonly processor: CoreProcessor;
	readonly screen: Screen;
	readonly #pc: Pc;
	/** What the guest asked for during the instruction that runs. */
	#request: RunOutcome | undefined;
	#stopped = false;

	constructor(options: PcOptions) {
		this.memory = new GuestMemory(options.memory);
		this.bus = new Bus(this.memory);
		this.clock = new Clock(() => this.processor.retired);
		this.processor = this.#createProcessor(options);
		this.clock.onSooner = (at) => this.processor.stopAt(this.#retiredAt(at));
		this.#pc = this.#createDevices(options);
		this.screen = new VgaScreen(this.#pc.vga, options.fonts ?? []);
	}

	get com1() {
		return this.#pc.com1;
	}
	get com2() {
		return this.#pc.com2;
	}
	get keyboard() {
		return this.#pc.keyboard;
	}
	get mouse() {
		return this.#pc.mouse;
	}
	get cdrom() {
		return this.#pc.cdrom;
	}

	activity() {
		return this.#pc.activity();
	}

	run(until: number): RunOutcome {
		this.#stopped = false;
		for (;;) {
			this.clock.fireDue();
			if (this.#request) return this.#fulfil(this.#request);
			if (this.#stopped || this.clock.now >= until) return { kind: "limit" };
			const next = Math.min(until, this.clock.next);
			const stop = this.processor.run(this.#retiredAt(next));
			if (this.#request) continue;
			if (stop === "shutdown") return { kind: "shutdown" };
			if (stop === "halt") {
				// Only an NMI would wake it with IF clear, and nothing on this board raises one.
				if (!(this.processor.registers().rflags & IF)) return { kind: "halted" };
				this.clock.skipTo(Math.min(until, this.clock.next));
			}
		}
	}

	stop(): void {
		this.#stopped = true;
		this.processor.stopAt(this.processor.retired);
	}

	reset(): void {
		this.#pc.reset();
		this.processor.reset();
	}

	save(): Snapshot {
		return saveParts(this.#parts());
	}

	load(snapshot: Snapshot): void {
		loadParts(this.#parts(), snapshot);
	}

	#retiredAt(time: number): number {
		return time - this.clock.state.skipped;
	}

	#fulfil(request: RunOutcome): RunOutcome {
		this.#request = undefined;
		if (request.kind === "reset") this.reset();
		return request;
	}

	/** The first request of an instruction wins. */
	#ask(request: RunOutcome): void {
		this.#request ??= request;
		this.processor.stopAt(this.processor.retired);
	}

	#createProcessor({ wasm, seed, compiler, hot, drafts, compileLightly, cpu }: PcOptions): CoreProcessor {
		const code = {
			core: compile(wasm, "core.wasm"),
			interpreter: compile(wasm, "interpreter.wasm"),
			tables: wasm["decode.bin"],
			stencils: wasm["stencils.bin"],
		};
		const bus = {
			readPort: (port: number, size: number) => this.bus.readPort(port, size),
			readPortMany: (port: number, size: number, into: Uint8Array) => this.bus.readPortMany(port, size, into),
			writePort: (port: number, value: number, size: number) => this.bus.writePort(port, value, size),
			readMemory: (address: number, size: number) => this.bus.readMemory(address, size),
			writeMemory: (address: number, value: number, size: number) =>
				this.bus.writeMemory(address, value, size),
			acknowledge: () => this.#pc.pic.acknowledge(),
			now: () => this.clock.now,
			floatError: () => this.#pc.coprocessor.error(),
		};
		return new CoreProcessor(code, this.memory, bus, {
			seed,
			compiler,
			hot,
			drafts,
			compileLightly,
			model: cpu,
		});
	}

	#createDevices(options: PcOptions): Pc {
		const pins = {
			interrupt: (high: boolean) => this.processor.interrupt(high),
			a20: (enabled: boolean) => this.processor.a20(enabled),
			ignoreFloatError: () => this.processor.ignoreFloatError(),
			reset: () => this.#ask({ kind: "reset" }),
			powerOff: () => this.#ask({ kind: "poweroff" }),
			exit: (value: number) => this.#ask({ kind: "exit", value }),
		};
		const { clock, bus, memory } = this;
		return wirePc({ ...options, pins, clock, bus, memory, firmware: options.bios });
	}

	#parts(): MutableParts {
		const { processor, clock, memory } = this;
		return {
			processor,
			clock,
			devices: this.#pc.devices,
			memory: { ram: memory.ram, vram: this.#pc.vga.storage.bytes },
		};
	}
}
