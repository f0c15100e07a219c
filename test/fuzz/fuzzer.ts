/** The processors that random programs run on, and what they have been through. */
import * as S from "../../src/core/state.ts";
import { casesOf } from "../../src/translate/cases.ts";
import type { Row } from "../../src/x86/row.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { compare, type Difference } from "./compare.ts";
import { generate } from "./generate.ts";
import { MODES, type Mode } from "./modes.ts";
import { Subject } from "./subject.ts";

/** Rounds of a program's main part: enough for code to be compiled at once, or once it has run for a while. */
const FEW = 10;
const MANY = 250;
/** One seed in so many runs long enough for that. */
const LONG_RUNS = 64;

export class Fuzzer {
	readonly #interpreted = new Subject({ compiler: false });
	/** Compiles what is entered twice. */
	readonly #eager = new Subject({ hot: 2 });
	/** Compiles what has become hot in the course of a long run, as every processor does, but sooner. */
	readonly #later = new Subject({ hot: 100 });
	/** Drafts what is entered twice, and compiles nothing else, or what runs for long. */
	readonly #drafted = new Subject({ hot: 200, drafts: { after: 2, blocks: 1 } });
	/** By REC_OP. */
	readonly #instructions = new Set<number>();
	blocks = 0;
	programs = 0;
	instructions = 0;
	/** By mode, programs. */
	readonly modes = new Map<Mode, number>(MODES.map((mode) => [mode, 0]));

	/** Runs a seed's program. */
	run(seed: number, { mode, rounds }: { mode?: Mode; rounds?: number } = {}): Difference | undefined {
		const program = generate(seed, { mode, rounds: this.roundsOf(seed, rounds) });
		const seen = { blocks: new Set<number>(), instructions: this.#instructions };
		const difference = compare(program, this.subjectsOf(seed, rounds), seen);
		// A program that has lost its way decodes what is no code of its own.
		this.blocks += Math.min(seen.blocks.size, program.spans.length);
		this.instructions += this.#interpreted.now;
		this.programs++;
		this.modes.set(program.mode, (this.modes.get(program.mode) ?? 0) + 1);
		return difference;
	}

	roundsOf(seed: number, rounds?: number): number {
		return rounds ?? (seed % LONG_RUNS ? FEW : MANY);
	}

	subjectsOf(seed: number, rounds?: number): Subject[] {
		const compiled = this.roundsOf(seed, rounds) < MANY ? this.#eager : this.#later;
		return [this.#interpreted, compiled, this.#drafted];
	}

	/** The rows of the instruction set that have stood in a block that was executed. */
	get rows(): Set<Row> {
		const cases = casesOf(rows);
		const ops = [...this.#instructions].filter((op) => op >= S.FIRST_VARIANT);
		return new Set(ops.map((op) => rows[cases[op - S.FIRST_VARIANT].row]));
	}

	/** Entries into handlers so far. */
	get handled(): number {
		return this.#interpreted.handled;
	}

	/** Regions that were compiled so far: at once, and later. */
	get regions(): [eager: number, later: number] {
		return [this.#eager.processor.regionStats.compiled, this.#later.processor.regionStats.compiled];
	}

	/** How often compiled code was left so far, and how often before an instruction that the interpreter then executed. */
	get exits(): { all: number; bails: number } {
		const counts = [this.#eager, this.#later].flatMap(({ processor }) => processor.regionExits);
		const sum = (some: typeof counts) => some.reduce((total, { count }) => total + count, 0);
		return { all: sum(counts), bails: sum(counts.filter(({ cause }) => !cause.startsWith("a"))) };
	}

	summary(): string {
		const { programs, blocks, instructions, handled, regions, exits } = this;
		return `${programs} programs, ${blocks} blocks, ${instructions} instructions, ${handled} exceptions, ${regions.join(" + ")} regions left ${exits.all} times, ${exits.bails} before an instruction`;
	}
}
