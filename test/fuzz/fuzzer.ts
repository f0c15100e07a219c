/** The processors that random programs run on, and what they have been through. */
import { compare, type Difference } from "./compare.ts";
import { generate } from "./generate.ts";
import { MODES, type Mode } from "./modes.ts";
import { Subject } from "./subject.ts";

/** Rounds of a program's main part: enough for code to be compiled at once, or after as many entries as anywhere. */
const FEW = 10;
const MANY = 700;
/** One seed in so many runs long enough for the compiler's own threshold. */
const LONG_RUNS = 64;

export class Fuzzer {
	readonly #interpreted = new Subject({ compiler: false });
	/** Compiles what is entered twice. */
	readonly #eager = new Subject({ hot: 2 });
	readonly #usual = new Subject({});
	blocks = 0;
	programs = 0;
	instructions = 0;
	/** By mode, programs. */
	readonly modes = new Map<Mode, number>(MODES.map((mode) => [mode, 0]));

	/** Runs a seed's program. */
	run(seed: number, { mode, rounds }: { mode?: Mode; rounds?: number } = {}): Difference | undefined {
		const program = generate(seed, { mode, rounds: this.roundsOf(seed, rounds) });
		const blocks = new Set<number>();
		const difference = compare(program, this.subjectsOf(seed, rounds), blocks);
		// A program that has lost its way decodes what is no code of its own.
		this.blocks += Math.min(blocks.size, program.spans.length);
		this.instructions += this.#interpreted.now;
		this.programs++;
		this.modes.set(program.mode, (this.modes.get(program.mode) ?? 0) + 1);
		return difference;
	}

	roundsOf(seed: number, rounds?: number): number {
		return rounds ?? (seed % LONG_RUNS ? FEW : MANY);
	}

	subjectsOf(seed: number, rounds?: number): Subject[] {
		return [this.#interpreted, this.roundsOf(seed, rounds) < MANY ? this.#eager : this.#usual];
	}

	/** Entries into handlers so far. */
	get handled(): number {
		return this.#interpreted.handled;
	}

	/** Regions that were compiled so far: at once, and after the usual number of entries. */
	get regions(): [eager: number, usual: number] {
		return [this.#eager.processor.regionStats.compiled, this.#usual.processor.regionStats.compiled];
	}

	summary(): string {
		const { programs, blocks, instructions, handled, regions } = this;
		return `${programs} programs, ${blocks} blocks, ${instructions} instructions, ${handled} exceptions, ${regions.join(" + ")} regions`;
	}
}
