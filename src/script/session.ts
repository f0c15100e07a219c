// One machine under a script: the faces of the API on one side, the runner on the other. Time passes only inside
// what is awaited here.

import type { Registers } from "../bus/processor.ts";
import { crashReport } from "../debug/crash-report.ts";
import { SymbolTable } from "../debug/symbols.ts";
import { type TraceRange, Tracer } from "../debug/trace.ts";
import type { BlockImage, Machine, Snapshot } from "../machine/types.ts";
import type { Channel } from "./channel.ts";
import { describeEnding, Stopped, Timeout } from "./errors.ts";
import { hashSnapshot } from "./hash.ts";
import type { Host } from "./host.ts";
import { KeyboardView } from "./keyboard.ts";
import { type Advance, type Ending, Runner, type RunnerOptions } from "./runner.ts";
import { matchIn, ScreenView, show } from "./screen.ts";
import { Listener, SerialLine } from "./wire.ts";

/** Lines of what the guest said that a report quotes. */
const QUOTED = 20;
const DEFAULT_WITHIN = 30;
const SECOND = 1e9;

export interface SessionParts {
	machine: Machine;
	host: Host;
	/** What the machine's wires are connected to. */
	channels: { com1: Channel; com2: Channel; debugConsole: Channel };
	symbols?: SymbolTable;
	/** A line that means the guest has given up. */
	panic?: RegExp;
	/** Turns what a script names as a disc into one. */
	openDisc: (disc: string | Uint8Array | BlockImage) => BlockImage;
	/** Called once, by `close`. */
	onClose?: () => void;
}

export class Session {
	readonly machine: Machine;
	readonly symbols: SymbolTable;
	readonly serial: SerialLine;
	readonly serial2: SerialLine;
	readonly debugConsole: Listener;
	readonly keyboard: KeyboardView;
	readonly screen: ScreenView;
	readonly #parts: SessionParts;
	readonly #runner: Runner;
	#closed = false;

	constructor(parts: SessionParts, options: RunnerOptions) {
		const { machine, host, channels } = parts;
		this.machine = machine;
		this.symbols = parts.symbols ?? new SymbolTable();
		this.#parts = parts;
		this.#runner = new Runner(machine, host, options);
		const wait = this.#wait.bind(this);
		this.serial = new SerialLine(channels.com1, "COM1", wait, machine.com1);
		this.serial2 = new SerialLine(channels.com2, "COM2", wait, machine.com2);
		this.debugConsole = new Listener(channels.debugConsole, "the debug console", wait);
		this.screen = new ScreenView(machine.screen, host, () => machine.clock.now, wait);
		this.keyboard = new KeyboardView(machine.keyboard, (nanoseconds) => this.#pass(nanoseconds));
		this.#watchForPanic(channels);
	}

	/** Guest seconds since power-on. */
	get time(): number {
		return this.machine.clock.now / SECOND;
	}

	/** Instructions retired since power-on. */
	get instructions(): number {
		return this.machine.processor.retired;
	}

	/** Regions of guest code that were compiled. */
	get regions(): number {
		return this.machine.processor.regionStats.compiled;
	}

	/** How the machine stopped, once it has. */
	get ended(): Ending | undefined {
		return this.#runner.ended;
	}

	/** How often the guest has reset the machine. */
	get resets(): number {
		return this.#runner.resets;
	}

	/**
	 * Lets `seconds` of guest time pass, less if the machine stops before.
	 * @param done ends the run early; looked at every four milliseconds of guest time
	 * @returns how the machine stopped, or undefined if it goes on
	 * @throws Timeout when the wall-clock cap is reached
	 */
	async run(seconds: number, done?: () => boolean): Promise<Ending | undefined> {
		const advance = await this.#runner.advance(this.machine.clock.now + seconds * SECOND, done);
		if (advance === "wall clock") throw this.#timeout("the run to end", seconds, "wall");
		return this.ended;
	}

	/**
	 * Waits until `pattern` appears on COM1 or on the debug console, whichever is first.
	 * @throws Timeout, Stopped
	 */
	expect(pattern: string | RegExp, options: { within?: number } = {}): Promise<string> {
		const { com1, debugConsole } = this.#parts.channels;
		const look = () => com1.take(pattern) ?? debugConsole.take(pattern);
		return this.#wait(`${show(pattern)} on COM1 or the debug console`, options.within, look, () =>
			this.#elsewhere(pattern),
		);
	}

	registers(): Registers {
		return this.machine.processor.registers();
	}

	/** Physical memory. */
	readonly memory = {
		/** Copies `length` bytes out; what is not memory reads FFh. */
		read: (address: number, length: number): Uint8Array => this.machine.memory.read(address, length),
		write: (address: number, bytes: Uint8Array): void => this.machine.memory.write(address, bytes),
	};

	readonly cdrom = {
		/** @param disc a path, the disc's bytes, or an image */
		insert: (disc: string | Uint8Array | BlockImage): void =>
			this.machine.cdrom.insert(this.#parts.openDisc(disc)),
		eject: (): void => this.machine.cdrom.eject(),
	};

	/** Presses the reset button. */
	reset(): void {
		this.machine.reset();
	}

	/** Cuts the power: the session has ended. */
	poweroff(): void {
		this.#runner.ended ??= { kind: "poweroff" };
	}

	/**
	 * Writes down every instruction from now on, or those of a range.
	 * @param write gets a line, without its end
	 */
	trace(
		write: (line: string) => void,
		{ from = 0, count = Number.POSITIVE_INFINITY }: Partial<TraceRange> = {},
	): void {
		this.#runner.through = new Tracer(this.machine, this.symbols, write, { from, count });
	}

	/** A digest of all state: two runs of the same script give the same. */
	hash(): Promise<string> {
		return hashSnapshot(this.machine.save());
	}

	save(): Snapshot {
		return this.machine.save();
	}

	/** Goes back to a snapshot, also from a session that has ended. What was said since stays in `text`. */
	load(snapshot: Snapshot): void {
		this.machine.load(snapshot);
		this.#runner.restart();
	}

	/** A report of where the machine is and what it said last, under the given headline. */
	report(headline: string, hints: string[] = []): string {
		const { machine } = this;
		return crashReport({
			headline,
			hints,
			processor: machine.processor,
			memory: machine.memory,
			symbols: this.symbols,
			now: machine.clock.now,
			serial: this.#parts.channels.com1.lastLines(QUOTED),
			debugConsole: this.#parts.channels.debugConsole.lastLines(QUOTED),
			screen: this.screen.text(),
		});
	}

	/** Lets go of files. The machine does not run on. */
	close(): void {
		if (!this.#closed) this.#parts.onClose?.();
		this.#closed = true;
		this.poweroff();
	}

	async #pass(nanoseconds: number): Promise<void> {
		await this.run(nanoseconds / SECOND);
	}

	/** Advice for one who has waited at the wrong place. */
	#elsewhere(pattern: string | RegExp): string[] {
		const { com1, debugConsole } = this.#parts.channels;
		if (matchIn(this.screen.text(), pattern)) return ["it is on the screen: expect it there"];
		const before = matchIn(com1.text, pattern) ?? matchIn(debugConsole.text, pattern);
		return before ? ["it has come once, and was passed over by an earlier expectation"] : [];
	}

	async #wait<T>(
		what: string,
		within = DEFAULT_WITHIN,
		look: () => T | undefined,
		hints: () => string[] = () => [],
	): Promise<T> {
		let found: T | undefined;
		const done = () => (found = look()) !== undefined;
		const advance = await this.#runner.advance(this.machine.clock.now + within * SECOND, done);
		if (found !== undefined) return found;
		throw this.#failure(what, within, advance, hints());
	}

	#failure(what: string, within: number, advance: Advance, hints: string[]): Error {
		if (advance === "wall clock") return this.#timeout(what, within, "wall", hints);
		const ending = this.ended;
		if (advance !== "ended" || !ending) return this.#timeout(what, within, "guest", hints);
		return new Stopped(this.report(describeEnding(ending), [`expected was ${what}`, ...hints]), ending);
	}

	#timeout(what: string, within: number, clock: "guest" | "wall", hints: string[] = []): Timeout {
		const limit =
			clock === "guest" ? `within ${within} s of guest time` : "before the wall-clock cap was reached";
		return new Timeout(this.report(`timeout: no ${what} ${limit}`, hints), clock);
	}

	#watchForPanic(channels: SessionParts["channels"]): void {
		const { panic } = this.#parts;
		for (const channel of [channels.com1, channels.debugConsole]) {
			const before = channel.onLine;
			channel.onLine = (line) => {
				before(line);
				if (panic?.test(line)) this.#runner.panic(line.trim());
			};
		}
	}
}
