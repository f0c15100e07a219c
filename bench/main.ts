/**
 * `npm run bench`: the programs of programs.ts on Gantry and on its peers in turn, as a table and as JSON. docs/bench.md
 * says what each line means.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { changeLines, changes, complaint, parseResults } from "./compare.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { choose, PROGRAMS, type Program, select } from "./programs.ts";
import { checkSums, linesOf, needsOf, type Results, type Rounds } from "./results.ts";
import type { Run } from "./run.ts";
import { bundleWorkers, RUNNERS, type Runner } from "./runners.ts";
import { table } from "./table.ts";

/** Brings the guests up to date where that can be done here. @throws what is missing otherwise */
function prepare(programs: Program[]): void {
	const { status, stderr } = spawnSync("make", ["--silent", "-C", "bench/programs"], { encoding: "utf8" });
	const absent = programs.find(({ file }) => !existsSync(file));
	const why = status ? `: ${stderr.trim().split("\n")[0]}` : "";
	if (absent) throw new Error(`${absent.file} is missing: run "make bench"${why}`);
}

/** The program's file, or a copy of it in which only the chosen phases run. */
function fileOf(program: Program): string {
	const whole = PROGRAMS.find(({ group }) => group === program.group)!;
	if (program.phases.length === whole.phases.length) return program.file;
	const file = program.file.replace(/\.bin$/, ".selected.bin");
	writeFileSync(file, select(readFileSync(program.file), whole.phases, program.phases));
	return file;
}

function progress(text: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Runs all in turn, program by program, so that a slow minute of the machine falls on all runners. */
async function measure(
	programs: Program[],
	runners: Runner[],
	{ rounds: count, clock }: Options,
): Promise<Map<Program, Rounds>> {
	const all = new Map(programs.map((program): [Program, Rounds] => [program, new Map()]));
	const files = new Map(programs.map((program) => [program, fileOf(program)]));
	for (let i = 0; i < count; i++)
		for (const [program, rounds] of all) {
			const able = runners.filter((runner) => !runner.cannot(program));
			for (const runner of i % 2 ? able.reverse() : able) {
				progress(`round ${i + 1} of ${count}: ${program.group}, ${runner.name}`);
				const run = await attempt(program, () => runner.run(program, files.get(program)!, clock), runner);
				rounds.set(runner.key, [...(rounds.get(runner.key) ?? []), run]);
			}
			checkSums(program, rounds);
		}
	progress("");
	return all;
}

async function attempt(program: Program, run: () => Promise<Run>, runner: Runner): Promise<Run> {
	try {
		return await run();
	} catch (error) {
		throw new Error(`${program.group}, ${runner.name}: ${(error as Error).message}`);
	}
}

function machine(): Results["machine"] {
	const [{ model }] = cpus();
	const git = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).stdout?.trim();
	return {
		cpu: `${cpus().length} x ${model.trim()}`,
		memory: Math.round(totalmem() / 2 ** 20),
		node: process.versions.node,
		v8: process.versions.v8,
		platform: `${process.platform} ${process.arch}`,
		load: +loadavg()[0].toFixed(2),
		...(git ? { commit: git } : {}),
	};
}

async function gather(options: Options): Promise<Results> {
	const { rounds, runners: keys, only, clock, date } = options;
	const programs = only ? choose(PROGRAMS, only) : PROGRAMS;
	if (programs.length === 0) throw new Error(`--only: no phase matches ${only?.source}`);
	const wanted = RUNNERS.filter(({ key }) => keys.includes(key));
	const runners = wanted.filter(({ missing }) => missing === undefined);
	const here = machine();
	prepare(programs);
	await bundleWorkers();
	const measured = [...(await measure(programs, runners, options))];
	const byGroup = <T>(of: (program: Program, rounds: Rounds) => T) =>
		Object.fromEntries(measured.map(([program, rounds]) => [program.group, of(program, rounds)]));
	return {
		form: 2,
		date: date ?? new Date().toISOString(),
		machine: here,
		clock,
		rounds,
		runners: Object.fromEntries(
			wanted.map(({ key, name, version, missing }) => [key, { name, version, missing }]),
		),
		lines: measured.flatMap(([program, rounds]) => linesOf(program, rounds)),
		needs: byGroup((_, rounds) => Object.fromEntries([...rounds].map(([key, runs]) => [key, needsOf(runs)]))),
		cannot: byGroup((program) => inability(program, runners)),
	};
}

function inability(program: Program, runners: Runner[]): Record<string, string> {
	return Object.fromEntries(
		runners.flatMap((runner) => {
			const why = runner.cannot(program);
			return why ? [[runner.key, why]] : [];
		}),
	);
}

async function main(): Promise<void> {
	const options = readOptions(
		process.argv.slice(2),
		RUNNERS.map(({ key }) => key),
	);
	if (options.help) {
		console.log(HELP);
		return;
	}
	const { against, tolerance, output } = options;
	// Read first: it may be the file that is written.
	const before = against === undefined ? undefined : parseResults(readFileSync(against, "utf8"), against);
	const results = await gather(options);
	console.log(table(results).join("\n"));
	writeFileSync(output, `${JSON.stringify(results, null, "\t")}\n`);
	if (!before) return;
	const all = changes(before, results);
	console.log(`\n${changeLines(all, tolerance).join("\n")}`);
	const worse = complaint(all, tolerance, against!);
	if (worse) throw new Error(worse);
}

main().catch((error: Error) => {
	console.error(`bench: ${error.message}`);
	process.exitCode = 1;
});
