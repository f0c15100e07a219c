// The trace: every instruction as it runs, with what it changed. Instructions are numbered from power-on, and a run
// is always the same run: what a report says happened after so many instructions is found at that number.

import type { Registers } from "../bus/processor.ts";
import type { Machine, RunOutcome } from "../machine/types.ts";
import { type CodeSize, disassemble1 } from "../x86/disassembler/index.ts";
import { LinearMemory, linearRip, wordSize } from "./backtrace.ts";
import { formatAddress, formatBytes, LONGEST } from "./code.ts";
import { describeDelivery } from "./exceptions.ts";
import { flagNames, GENERAL } from "./registers.ts";
import type { SymbolTable } from "./symbols.ts";

/** Which instructions are traced: `count` of them, from number `from` on; 0 is the first after power-on. */
export interface TraceRange {
	from: number;
	count: number;
}

const NUMBER_WIDTH = 12;
const TEXT_WIDTH = 40;
const CR0_PE = 1n;
/** CF, PF, AF, ZF, SF, TF, IF, DF, OF. */
const SHOWN_FLAGS = 0xfd5n;
const CONTROL = ["cr0", "cr2", "cr3", "cr4", "efer"] as const;

/** Runs a machine as `Machine.run` does, one instruction at a time where it is to be traced. */
export class Tracer {
	readonly #memory: LinearMemory;
	/** What the line before was in. */
	#symbol = "";

	/** @param write gets a line, without its end */
	constructor(
		private readonly machine: Pick<Machine, "run" | "clock" | "processor" | "memory">,
		private readonly symbols: SymbolTable,
		private readonly write: (line: string) => void,
		private readonly range: TraceRange,
	) {
		this.#memory = new LinearMemory(machine.processor, machine.memory);
	}

	run(until: number): RunOutcome {
		const { machine } = this;
		for (;;) {
			const outcome = this.#some(until);
			if (outcome.kind !== "limit" || machine.clock.now >= until) return outcome;
		}
	}

	/** Up to the range, one instruction in it, or all that is behind it. */
	#some(until: number): RunOutcome {
		const { clock, processor } = this.machine;
		const { from, count } = this.range;
		const ahead = from - processor.retired;
		if (ahead > 0) return this.machine.run(Math.min(until, clock.now + ahead));
		if (processor.retired >= from + count) return this.machine.run(until);
		return this.#step(until);
	}

	#step(until: number): RunOutcome {
		const { clock, processor } = this.machine;
		const { retired, delivered } = processor;
		const before = processor.registers();
		const here = this.#line(retired, before);
		const outcome = this.machine.run(clock.now + 1);
		// Halted: time passes up to the next alarm.
		if (processor.retired === retired && outcome.kind === "limit")
			return this.machine.run(Math.max(clock.now + 1, Math.min(until, clock.next)));
		const after = processor.registers();
		const done = () => this.#write(before, here + changes(before, after));
		if (processor.delivered.count === delivered.count) done();
		else this.#delivery(retired, done, after);
		return outcome;
	}

	/**
	 * An event was delivered. Where the processor stands before the handler, the event is the instruction's own, which is `done`; an
	 * interrupt comes before an instruction, which was then the handler's first.
	 */
	#delivery(number: number, done: () => void, after: Registers): void {
		const { vector, errorCode, handler } = this.machine.processor.delivered;
		const isException = vector < 32 && after.cr0 & CR0_PE;
		const name = isException
			? describeDelivery({ vector, errorCode, cr2: after.cr2 })
			: `interrupt ${vector.toString(16)}h`;
		const inHandler = { ...after, rip: handler };
		if (after.rip === handler) done();
		this.write(" ".repeat(NUMBER_WIDTH + 1) + name);
		if (after.rip !== handler) this.#write(inHandler, this.#line(number, inHandler));
	}

	/** A line, and before it one with the symbol where that is another. */
	#write(registers: Registers, line: string): void {
		const rip = linearRip(registers);
		const symbol = this.symbols.find(rip)?.symbol.name ?? "";
		if (symbol && symbol !== this.#symbol) this.write(`${this.symbols.describe(rip)}:`);
		this.#symbol = symbol;
		this.write(line);
	}

	/** Number, address, bytes and text of the instruction at RIP. */
	#line(number: number, registers: Registers): string {
		const rip = linearRip(registers);
		const mode = (wordSize(registers) * 8) as CodeSize;
		const bytes = this.#memory.read(rip, LONGEST);
		const line = bytes.length
			? disassemble1(bytes, rip, mode, (address) => this.symbols.describe(address))
			: { bytes, text: "no memory is mapped there" };
		return `${String(number).padStart(NUMBER_WIDTH)} ${formatAddress(rip)} ${formatBytes(line.bytes)} ${line.text.padEnd(TEXT_WIDTH)}`;
	}
}

/** " rax=1f flags=[ZF PF] cr3=1000": what is other than before. */
function changes(before: Registers, after: Registers): string {
	const cells = after.general.flatMap((value, i) =>
		value === before.general[i] ? [] : [`${GENERAL[i]}=${value.toString(16)}`],
	);
	if ((before.rflags ^ after.rflags) & SHOWN_FLAGS) cells.push(`flags=${flagNames(after.rflags)}`);
	for (const name of CONTROL)
		if (before[name] !== after[name]) cells.push(`${name}=${after[name].toString(16)}`);
	return cells.length ? ` ${cells.join(" ")}` : "";
}
