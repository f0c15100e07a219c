import { parseArgs } from "node:util";
import { CLOCKS, type Clock } from "./clock.ts";

export interface Options {
	rounds: number;
	/** Keys of the runners, in the table's order. */
	runners: string[];
	only?: RegExp;
	clock: Clock;
	against?: string;
	/** A fraction. */
	tolerance: number;
	output: string;
	date?: string;
	help: boolean;
}

export const HELP = `npm run bench -- [options]

  --rounds N         how often each program is run on each runner, in turn (default 3)
  --only PATTERN     only phases whose "GROUP PHASE" the regular expression finds, as "64-bit sort" or "cold"
  --runners A,B      of compiler, interpreter, qemu, v86 (default all)
  --clock wall|cpu   what phases are timed by; cpu, on Linux, is for a machine that others use too (default wall)
  --against FILE     compare with earlier results; status 1 where Gantry has become slower
  --tolerance P      by more than so many per cent (default 3)
  --output FILE      where results go (default build/bench/results.json)
  --date TEXT        kept in the results (default: now)`;

/** @throws one line that says which option is wrong, and how */
export function readOptions(words: string[], known: string[]): Options {
	const { values } = parseArgs({
		args: words,
		options: {
			rounds: { type: "string", default: "3" },
			runners: { type: "string", default: known.join(",") },
			only: { type: "string" },
			clock: { type: "string", default: "wall" },
			against: { type: "string" },
			tolerance: { type: "string", default: "3" },
			output: { type: "string", default: "build/bench/results.json" },
			date: { type: "string" },
			help: { type: "boolean", default: false },
		},
	});
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1)
		throw new Error(`--rounds is to be 1 or more, not ${values.rounds}`);
	const tolerance = Number(values.tolerance) / 100;
	if (!(tolerance >= 0))
		throw new Error(`--tolerance is to be a number of per cent, not ${values.tolerance}`);
	const clock = CLOCKS.find((name) => name === values.clock);
	if (!clock) throw new Error(`--clock is to be ${CLOCKS.join(" or ")}, not ${values.clock}`);
	const { against, output, date, help } = values;
	const runners = choose(values.runners, known);
	return { rounds, tolerance, runners, clock, only: pattern(values.only), against, output, date, help };
}

function choose(list: string, known: string[]): string[] {
	const wanted = list.split(",").filter(Boolean);
	const wrong = wanted.find((key) => !known.includes(key));
	if (wrong !== undefined) throw new Error(`--runners: there is no ${wrong}; there are ${known.join(", ")}`);
	if (wanted.length === 0) throw new Error("--runners: none is named");
	return known.filter((key) => wanted.includes(key));
}

function pattern(text: string | undefined): RegExp | undefined {
	if (text === undefined) return undefined;
	try {
		return new RegExp(text, "i");
	} catch (error) {
		throw new Error(`--only: ${(error as Error).message}`);
	}
}
