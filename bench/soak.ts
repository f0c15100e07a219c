/**
 * A guest that writes code without end, watched for growth: of the process's memory and of the code that is kept.
 *
 *   npx tsx bench/soak.ts [--seconds 60] [--every 2] [--interpreter]
 *
 * Status 1 where either grows after a warm-up of a third of the run, or the guest computes something wrong.
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundleModule } from "../src/build/bundle.ts";
import { type Growth, growthOf } from "./growth.ts";
import { residentMemory } from "./memory.ts";
import type { SoakOrder, SoakReport } from "./soak-worker.ts";

const IMAGE = "build/bench/soak64.bin";
const WORKER = "build/bench/soak-worker.mjs";
const KIB = 1024;
const MIB = KIB * KIB;

/** What is watched: its unit, and what it may gain besides a share. */
const WATCHED = {
	"resident memory": { unit: "MiB", slack: 16 },
	"live regions": { unit: "regions", slack: 64 },
	"live code": { unit: "KiB", slack: 256 },
} as const;
type Watched = keyof typeof WATCHED;

class Watch {
	readonly #series = new Map<Watched, number[]>();
	#before = { seconds: 0, functions: 0 };

	/** @param warmUp  seconds after which memory should stay; the guest must have filled its arena besides */
	constructor(private readonly warmUp: number) {}

	/** Notes a report, and returns it as a line. */
	take(report: SoakReport & { kind: "sample" }, resident: number | undefined): string {
		const { seconds, functions, laps, counters, engine } = report;
		const made = Math.round((functions - this.#before.functions) / (seconds - this.#before.seconds));
		this.#before = { seconds, functions };
		const values: [Watched, number | undefined][] = [
			["resident memory", resident],
			["live regions", counters.live],
			["live code", counters.liveBytes && counters.liveBytes / KIB],
		];
		const known = values.filter((entry): entry is [Watched, number] => entry[1] !== undefined);
		if (laps > 0 && seconds > this.warmUp) for (const [name, value] of known) this.#note(name, value);
		const columns = [
			`${seconds.toFixed(0)} s`,
			`lap ${laps + 1}`,
			`${functions} functions`,
			`${made} a second`,
			`${counters.regions} regions compiled`,
			...known.map(([name, value]) => describe(name, value)),
			...Object.entries(engine).map(([name, bytes]) => `${name} ${(bytes / MIB).toFixed(1)} MiB`),
		];
		return columns.join(", ");
	}

	/** How each series went; undefined where the run was too short to say. */
	growth(): Map<Watched, Growth | undefined> {
		return new Map([...this.#series].map(([name, list]) => [name, growthOf(list, WATCHED[name].slack)]));
	}

	#note(name: Watched, value: number): void {
		this.#series.set(name, [...(this.#series.get(name) ?? []), value]);
	}
}

function describe(name: Watched, value: number): string {
	return `${name} ${value.toFixed(0)} ${WATCHED[name].unit}`;
}

/** Resolves when the guest has run its time. @throws what went wrong */
function run(child: ChildProcess, order: SoakOrder, watch: Watch): Promise<void> {
	return new Promise((resolve, reject) => {
		child.on("message", (report: SoakReport) => {
			if (report.kind === "sample") console.log(watch.take(report, residentMemory(child.pid!)));
			else if (report.failure === undefined) resolve();
			else reject(new Error(report.failure));
		});
		child.once("exit", (code, signal) => reject(new Error(`its process ended: ${signal ?? code}`)));
		child.send(order);
	});
}

/** Prints how each series went. @throws for one that grew, or that cannot be judged */
function judge(watch: Watch): void {
	const all = watch.growth();
	if (all.size === 0) throw new Error("the guest has not filled its arena once: more --seconds");
	for (const [name, growth] of all) {
		if (!growth) throw new Error(`too few samples of ${name} after the warm-up: more --seconds`);
		const { first, second, grows } = growth;
		const both = `${first.toFixed(0)} at most in the first half, ${second.toFixed(0)} in the second`;
		if (grows) throw new Error(`${name} grows: ${both} (${WATCHED[name].unit})`);
		console.log(`${name} does not grow: ${both} (${WATCHED[name].unit})`);
	}
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			seconds: { type: "string", default: "60" },
			every: { type: "string", default: "2" },
			interpreter: { type: "boolean", default: false },
		},
	});
	const [seconds, every] = [Number(values.seconds), Number(values.every)];
	if (!(seconds > 0 && every > 0)) throw new Error("--seconds and --every are to be above 0");
	if (!existsSync(IMAGE)) throw new Error(`${IMAGE} is missing: run "make bench-programs"`);
	await bundleModule("bench/soak-worker.ts", WORKER);
	const child = fork(WORKER, { execArgv: [] });
	const watch = new Watch(seconds / 3);
	try {
		await run(child, { file: IMAGE, seconds, every, compiler: !values.interpreter }, watch);
	} finally {
		child.kill("SIGKILL");
	}
	judge(watch);
}

main().catch((error: Error) => {
	console.error(`soak: ${error.message}`);
	process.exitCode = 1;
});
