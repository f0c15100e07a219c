/**
 * `npm run bench`: the compute programs and the way to the prompt, on Gantry and on its peers in turn.
 *
 *   npm run bench                  three rounds
 *   npm run bench -- --rounds 5    more
 *
 * Figures are medians over alternated rounds. They are also written to build/bench/results.json.
 */
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Phase } from "./marks.ts";
import { compiler, interpreter, qemu, type Runner } from "./peers.ts";

const IMAGES = { "64-bit": "build/bench/compute64.bin", "32-bit": "build/bench/compute32.bin" };
const ISO = "build/pocket-rocket.iso";
const RESULTS = "build/bench/results.json";

interface Figures {
	/** Milliseconds by image, then by phase. */
	phases: Record<string, Record<string, number>>;
	/** Instructions a second, in millions, by image; where the runner tells. */
	mips: Record<string, number>;
	/** Milliseconds from power-on to the prompt. */
	prompt: number;
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function round(runner: Runner): Promise<{ phases: Record<string, Phase[]>; prompt: number }> {
	const phases: Record<string, Phase[]> = {};
	for (const [name, image] of Object.entries(IMAGES)) phases[name] = await runner.compute(image);
	return { phases, prompt: await runner.prompt(ISO) };
}

function summarise(rounds: Awaited<ReturnType<typeof round>>[]): Figures {
	const figures: Figures = { phases: {}, mips: {}, prompt: median(rounds.map((r) => r.prompt)) };
	for (const image of Object.keys(IMAGES)) {
		const runs = rounds.map((r) => r.phases[image]);
		figures.phases[image] = Object.fromEntries(
			runs[0].map((phase, i) => [phase.name, median(runs.map((run) => run[i].ms))]),
		);
		const rates = runs.flatMap((run) => {
			const instructions = run.reduce((sum, phase) => sum + (phase.instructions ?? Number.NaN), 0);
			return Number.isNaN(instructions)
				? []
				: [instructions / run.reduce((sum, phase) => sum + phase.ms, 0) / 1000];
		});
		if (rates.length) figures.mips[image] = median(rates);
	}
	return figures;
}

/** Every runner must have computed the same. @throws naming the phase that differs */
function checkSums(all: Map<Runner, Awaited<ReturnType<typeof round>>[]>): void {
	const sums = new Map<string, string>();
	for (const [runner, rounds] of all)
		for (const { phases } of rounds)
			for (const [image, list] of Object.entries(phases))
				for (const { name, checksum } of list) {
					const key = `${image} ${name}`;
					const known = sums.get(key) ?? checksum;
					if (known !== checksum)
						throw new Error(`${key}: ${runner.name} computed ${checksum}, others ${known}`);
					sums.set(key, checksum);
				}
}

function print(results: Map<Runner, Figures>): void {
	const names = [...results.keys()].map((runner) => runner.name.padStart(22));
	console.log(`${"".padEnd(24)}${names.join("")}`);
	const line = (label: string, value: (figures: Figures) => string) =>
		console.log(label.padEnd(24) + [...results.values()].map((f) => value(f).padStart(22)).join(""));
	const [first] = results.values();
	for (const [image, phases] of Object.entries(first.phases)) {
		for (const phase of Object.keys(phases))
			line(`${image} ${phase}`, (f) => `${f.phases[image][phase].toFixed(0)} ms`);
		line(`${image} instructions`, (f) => (f.mips[image] ? `${f.mips[image].toFixed(0)} M/s` : "-"));
	}
	line("power-on to prompt", (f) => `${f.prompt.toFixed(0)} ms`);
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
	for (const file of [...Object.values(IMAGES), ISO])
		if (!existsSync(file)) throw new Error(`${file} is missing: run "make bench"`);
	const runners = [compiler, interpreter, qemu].filter((runner) => {
		if (runner.missing) console.log(`${runner.name} is left out: ${runner.missing}`);
		return !runner.missing;
	});
	const all = new Map(runners.map((runner) => [runner, [] as Awaited<ReturnType<typeof round>>[]]));
	for (let i = 0; i < Number(values.rounds); i++)
		for (const [runner, rounds] of all) rounds.push(await round(runner));
	checkSums(all);
	const results = new Map([...all].map(([runner, rounds]) => [runner, summarise(rounds)]));
	print(results);
	writeFileSync(
		RESULTS,
		`${JSON.stringify(Object.fromEntries([...results].map(([runner, figures]) => [runner.name, figures])), null, "\t")}\n`,
	);
}

main().catch((error: Error) => {
	console.error(`bench: ${error.message}`);
	process.exitCode = 1;
});
