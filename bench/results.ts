/** From runs to results: best and median of each phase, what each runner needed, and speeds against QEMU. */
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import { labelOf, type Program } from "./programs.ts";
import type { Run } from "./run.ts";

/** All rounds of one phase on one runner. Values are in the program's unit; less is better. */
export interface Figure {
	best: number;
	median: number;
	samples: number[];
}

/** A line of the table: one phase, on all runners that ran it. */
export interface Line {
	group: string;
	phase: string;
	label: string;
	unit: "ms" | "ns";
	figures: Record<string, Figure>;
}

/** What a runner needed for the whole of a program, in its best round. */
export interface Needs {
	/** Instructions a second, in millions. */
	mips?: number;
	/** The largest resident set of all rounds, in MiB. */
	peak?: number;
	counters?: Counters;
}

export interface Results {
	/** The form of this object. */
	form: 2;
	date: string;
	machine: Record<string, string | number>;
	clock: Clock;
	rounds: number;
	/** By key: what each runner is called, its version, and why it is missing if it is. */
	runners: Record<string, { name: string; version?: string; missing?: string }>;
	lines: Line[];
	/** By group, then by runner. */
	needs: Record<string, Record<string, Needs>>;
	/** By group, then by runner: why it could not run it. */
	cannot: Record<string, Record<string, string>>;
}

/** Runs of one program, by runner; one run a round. */
export type Rounds = Map<string, Run[]>;

export const median = (values: number[]): number => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const geometricMean = (values: number[]): number =>
	Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

const summarise = (samples: number[]): Figure => ({
	best: Math.min(...samples),
	median: median(samples),
	samples,
});

/** Every runner must have run the same phases and have computed the same in each, what is known to be right. @throws naming the phase that differs */
export function checkSums(program: Program, rounds: Rounds): void {
	const known = new Map<string, { checksum: string; runner: string }>();
	for (const { name, checksum } of program.phases)
		if (checksum) known.set(name, { checksum, runner: "a real processor" });
	for (const [runner, runs] of rounds)
		for (const { phases } of runs)
			for (const { name } of program.phases) {
				const phase = phases.find((p) => p.name === name);
				if (!phase) throw new Error(`${program.group} ${name}: ${runner} did not run it`);
				const first = known.get(name) ?? { checksum: phase.checksum, runner };
				known.set(name, first);
				if (first.checksum === phase.checksum) continue;
				const both = `${runner} computed ${phase.checksum}, ${first.runner} ${first.checksum}`;
				throw new Error(`${program.group} ${name}: ${both}`);
			}
}

export function linesOf(program: Program, rounds: Rounds): Line[] {
	const { group, unit } = program;
	return program.phases.map((info, i) => {
		const value = ({ phases }: Run) => {
			const { ms, count = 1 } = phases[i];
			return unit === "ns" ? (ms * 1e6) / count : ms;
		};
		const figures = Object.fromEntries(
			[...rounds].map(([runner, runs]) => [runner, summarise(runs.map(value))]),
		);
		return { group, phase: info.name, label: labelOf(info), unit, figures };
	});
}

/** What a runner needed. Counters are of the fastest round. */
export function needsOf(runs: Run[]): Needs {
	const time = ({ phases }: Run) => phases.reduce((sum, { ms }) => sum + ms, 0);
	const fastest = runs.reduce((best, run) => (time(run) < time(best) ? run : best));
	const instructions = fastest.phases.reduce((sum, phase) => sum + (phase.instructions ?? Number.NaN), 0);
	const peaks = runs.flatMap(({ peak }) => (peak === undefined ? [] : [peak]));
	return {
		mips: Number.isNaN(instructions) ? undefined : instructions / time(fastest) / 1000,
		peak: peaks.length ? Math.max(...peaks) : undefined,
		counters: fastest.counters,
	};
}

/** How many times as fast as the other runner, best against best; undefined where one of them did not run it. */
export function speed({ figures }: Line, runner: string, against: string): number | undefined {
	const [own, other] = [figures[runner], figures[against]];
	return own && other ? other.best / own.best : undefined;
}

/** Geometric mean and lowest of the speeds on those lines that both ran. */
export function speeds(
	lines: Line[],
	runner: string,
	against: string,
): { mean: number; lowest: number; at: Line } | undefined {
	const known = lines.flatMap((line) => {
		const value = speed(line, runner, against);
		return value === undefined ? [] : [{ line, value }];
	});
	if (known.length === 0) return undefined;
	const lowest = known.reduce((a, b) => (b.value < a.value ? b : a));
	return { mean: geometricMean(known.map(({ value }) => value)), lowest: lowest.value, at: lowest.line };
}
