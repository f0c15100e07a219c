/**
 * A program on several processors in step: after each slice and at each entry of a handler, everything that a guest
 * or a snapshot could tell them apart by is compared.
 */
import type { Registers } from "../../src/bus/processor.ts";
import { Random } from "../harness/random.ts";
import type { Program } from "./generate.ts";
import { CODE, CODE_END, HANDLERS } from "./layout.ts";
import type { Seen, Subject } from "./subject.ts";

export interface Difference {
	/** Instructions since the start. */
	at: number;
	/** Which of the processors differs from the first. */
	subject: number;
	what: string[];
}

/** All of memory is compared at this many events of a program, then at every 32nd. */
const FULL = 64;
/** Comparisons between two looks at which blocks there are. */
const NOTED = 16;
/** Looks in a row at which a program may be elsewhere than in its code. */
const PATIENCE = 4;
const TIMER_VECTOR = 0x21;

/**
 * @param seen gets the blocks that are executed, or many of them
 * @returns the first difference, undefined where there is none
 */
export function compare(program: Program, subjects: Subject[], seen?: Seen): Difference | undefined {
	for (const subject of subjects) subject.load(program);
	try {
		return new Comparison(program, subjects, seen).run();
	} catch (error) {
		for (const subject of subjects) subject.renew();
		return { at: 0, subject: 0, what: [(error as Error).stack ?? String(error)] };
	}
}

class Comparison {
	readonly #pending;
	readonly #random: Random;
	#compared = 0;
	/** Looks since it was in its own code. */
	#astray = 0;
	#first: Subject;

	constructor(
		private readonly program: Program,
		private readonly subjects: Subject[],
		private readonly seen?: Seen,
	) {
		this.#pending = [...program.events];
		this.#random = new Random(program.slices);
		this.#first = subjects[0];
	}

	run(): Difference | undefined {
		const { program } = this;
		const first = this.#first;
		for (;;) {
			this.#fire();
			if (first.now >= program.end || first.ended || this.#isLost()) return this.#difference(true);
			const next = Math.min(
				program.end,
				this.#pending[0]?.at ?? program.end,
				first.alarm,
				first.now + this.#slice(),
			);
			const stops = this.subjects.map((subject) => subject.run(next));
			const different = stops.findIndex((stop) => stop !== stops[0]);
			if (different > 0) return { at: first.now, subject: different, what: [`stops: ${stops.join(", ")}`] };
			const difference = this.#difference(false);
			if (difference) return difference;
			if (stops[0] === "shutdown") return this.#difference(true);
			if (stops[0] === "halt" && !this.#wake()) return this.#difference(true);
		}
	}

	/** Whether it has left its own code for good: what it decodes now is data, and endless. */
	#isLost(): boolean {
		const { segments, rip } = this.#first.processor.registers();
		const linear = Number((segments[1].base + rip) & 0xfffffn);
		const own = (linear >= CODE && linear < CODE_END) || (linear >= HANDLERS && linear < CODE);
		this.#astray = own ? 0 : this.#astray + 1;
		return this.#astray > PATIENCE;
	}

	/** A few instructions, or many. */
	#slice(): number {
		const random = this.#random;
		return random.between(1, random.pick([3, 40, 400, 4000, 4000, 40_000]));
	}

	#fire(): void {
		const { now, alarm } = this.#first;
		if (alarm <= now)
			for (const subject of this.subjects) {
				subject.alarm = Number.POSITIVE_INFINITY;
				subject.raise(TIMER_VECTOR);
			}
		while (this.#pending.length && this.#pending[0].at <= now) {
			const event = this.#pending.shift()!;
			for (const subject of this.subjects) subject.fire(event);
		}
	}

	/** Halted: time passes, what would come next comes now. */
	#wake(): boolean {
		const { now, alarm } = this.#first;
		const next = this.#pending[0]?.at ?? Number.POSITIVE_INFINITY;
		if (alarm < next) for (const subject of this.subjects) subject.alarm = now;
		else if (this.#pending.length) this.#pending[0] = { ...this.#pending[0], at: now };
		return Math.min(alarm, next) < Number.POSITIVE_INFINITY;
	}

	#difference(full: boolean): Difference | undefined {
		const first = this.#first;
		const memory = full || this.#compared < FULL || this.#compared % 32 === 0;
		if (this.seen && (full || this.#compared % NOTED === 0)) first.noteBlocks(this.seen);
		this.#compared++;
		const state = first.processor.save();
		for (let i = 1; i < this.subjects.length; i++) {
			const what = this.#compare(this.subjects[i], state, memory);
			if (what.length) return { at: first.now, subject: i, what };
		}
		return undefined;
	}

	#compare(other: Subject, state: Uint8Array, memory: boolean): string[] {
		const first = this.#first;
		const what: string[] = [];
		if (other.now !== first.now) what.push(`retired: ${first.now}, ${other.now}`);
		if (other.log !== first.log || other.alarm !== first.alarm) what.push("what the bus saw");
		const saved = other.processor.save();
		if (Buffer.compare(saved, state)) what.push(...stateDifferences(first, other, state, saved));
		if (memory && Buffer.compare(other.memory.ram, first.memory.ram))
			what.push(memoryDifference(first, other));
		return what;
	}
}

function memoryDifference(first: Subject, other: Subject): string {
	const [one, two] = [first.memory.ram, other.memory.ram];
	const at = one.findIndex((byte, i) => byte !== two[i]);
	return `memory from ${at.toString(16)}: ${one[at].toString(16)}, ${two[at].toString(16)}`;
}

const NAMES = [
	"ax",
	"cx",
	"dx",
	"bx",
	"sp",
	"bp",
	"si",
	"di",
	...[8, 9, 10, 11, 12, 13, 14, 15].map((n) => `r${n}`),
];

function stateDifferences(first: Subject, other: Subject, state: Uint8Array, saved: Uint8Array): string[] {
	const [one, two] = [first.processor.registers(), other.processor.registers()];
	const text = (value: unknown): string =>
		typeof value === "bigint"
			? value.toString(16)
			: JSON.stringify(value, (_, v) => (typeof v === "bigint" ? v.toString(16) : v));
	const found: string[] = [];
	one.general.forEach((value, i) => {
		if (value !== two.general[i]) found.push(`${NAMES[i]}: ${text(value)}, ${text(two.general[i])}`);
	});
	for (const name of Object.keys(one) as (keyof Registers)[]) {
		if (name === "general" || text(one[name]) === text(two[name])) continue;
		found.push(`${name}: ${text(one[name])}, ${text(two[name])}`);
	}
	if (found.length) return found;
	const at = state.findIndex((byte, i) => byte !== saved[i]);
	return [`hidden state from offset ${at}: ${state[at]}, ${saved[at]}`];
}
