/** Results against earlier ones: what became faster, what slower. */
import { geometricMean, type Results } from "./results.ts";

export interface Change {
	/** "64-bit sieve". */
	what: string;
	runner: string;
	before: number;
	now: number;
	/** Now's time over before's: above 1 is slower. */
	ratio: number;
}

/** Gantry's own runners, whose being slower is a defect; the others' changes are the machine's. */
const OWN = new Set(["compiler", "interpreter"]);

/** Each phase that both results have, best against best. @throws where they were timed by different clocks */
export function changes(before: Results, now: Results): Change[] {
	if (before.clock !== now.clock)
		throw new Error(`one was timed by --clock ${before.clock}, one by ${now.clock}`);
	return now.lines.flatMap((line) => {
		const earlier = before.lines.find(({ group, phase }) => group === line.group && phase === line.phase);
		if (!earlier) return [];
		return Object.keys(line.figures).flatMap((runner) => {
			if (!earlier.figures[runner]) return [];
			const [was, is] = [earlier.figures[runner].best, line.figures[runner].best];
			return { what: `${line.group} ${line.label}`, runner, before: was, now: is, ratio: is / was };
		});
	});
}

/** Those of Gantry's that are slower by more than the tolerance, a fraction. */
export const slower = (all: Change[], tolerance: number): Change[] =>
	all.filter(({ runner, ratio }) => OWN.has(runner) && ratio > 1 + tolerance);

/** A line for each change, and one for how much a peer moved: that was the machine. */
export function changeLines(all: Change[], tolerance: number): string[] {
	const worse = new Set(slower(all, tolerance));
	const lines = all.map((change) => {
		const { what, runner, before, now, ratio } = change;
		const numbers = [before, now].map((value) => value.toFixed(1).padStart(12)).join("");
		const note = worse.has(change) ? "  slower" : "";
		return `${what.padEnd(40)}${runner.padEnd(12)}${numbers}${ratio.toFixed(3).padStart(9)}${note}`;
	});
	const peers = [...new Set(all.map(({ runner }) => runner))].filter((runner) => !OWN.has(runner));
	const drift = peers.map((peer) => {
		const ratios = all.filter(({ runner }) => runner === peer).map(({ ratio }) => ratio);
		return `${peer} itself took ${geometricMean(ratios).toFixed(3)} times what it took before: that is the machine's doing`;
	});
	return [
		`${"".padEnd(52)}${"before".padStart(12)}${"now".padStart(12)}${"ratio".padStart(9)}`,
		...lines,
		...drift,
	];
}

/** One line that says what became slower; undefined if nothing did. */
export function complaint(all: Change[], tolerance: number, file: string): string | undefined {
	const worse = slower(all, tolerance);
	if (worse.length === 0) return undefined;
	const list = worse.map(({ what, runner, ratio }) => `${what} (${runner}) ${ratio.toFixed(2)}`);
	return `slower than ${file} by more than ${+(tolerance * 100).toFixed(1)} %: ${list.join(", ")}`;
}

/** @throws where the text is no results of this form */
export function parseResults(text: string, file: string): Results {
	let results: Partial<Results> | undefined;
	try {
		results = JSON.parse(text);
	} catch {
		throw new Error(`${file} is not JSON`);
	}
	if (results?.form !== 2) throw new Error(`${file} has no results of this form: measure again`);
	return results as Results;
}
