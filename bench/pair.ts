/**
 * Two builds of Gantry on one image, in one process, in turns of some thousand instructions. What slows the host down falls on
 * both turns of a pair, so the median of the pairs' ratios tells one per cent where runs one after the other differ by fifty.
 *
 *   npx tsx bench/pair.ts IMAGE CHECKOUT [--turn 20]
 *
 * CHECKOUT is the directory of the build to compare with; `npm run bench` has been run in both.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { boot } from "../src/cli/api.ts";
import { Marks } from "./marks.ts";

/** One build with the guest in it. */
export interface Side {
	/** What the guest has said it did, each as "NAME CHECKSUM". */
	readonly phases: readonly string[];
	isOver(): boolean;
	/** Runs the next thousands of instructions. */
	turn(): Promise<void>;
}

/** Milliseconds of the earlier build and of this one, for the same instructions. */
export type Pair = [before: number, now: number];

/** Lets both run to their end, by turns; which goes first changes. @returns the pairs of each phase, by the phase they began in */
export async function takeTurns(sides: readonly [Side, Side], now: () => number): Promise<Pair[][]> {
	const phases: Pair[][] = [];
	for (let count = 0; !sides[0].isOver() || !sides[1].isOver(); count++) {
		const phase = sides[0].phases.length;
		const pair: Pair = [0, 0];
		for (const i of count % 2 ? [1, 0] : [0, 1]) {
			const from = now();
			await sides[i].turn();
			pair[i] = now() - from;
		}
		phases[phase] ??= [];
		phases[phase].push(pair);
	}
	return phases;
}

export interface Summary {
	turns: number;
	/** Sums, in milliseconds. */
	before: number;
	now: number;
	/** Of each pair's ratio the quartiles: this build's time by the earlier one's. */
	quartiles: [number, number, number];
}

export function summarize(pairs: readonly Pair[]): Summary {
	const ratios = pairs.map(([before, now]) => now / before).sort((a, b) => a - b);
	const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))];
	return {
		turns: pairs.length,
		before: pairs.reduce((sum, [before]) => sum + before, 0),
		now: pairs.reduce((sum, [, now]) => sum + now, 0),
		quartiles: [at(0.25), at(0.5), at(0.75)],
	};
}

function line(name: string, { turns, before, now, quartiles }: Summary): string {
	const [low, median, high] = quartiles.map((ratio) => ratio.toFixed(3));
	const sums = [before, now].map((ms) => ms.toFixed(0).padStart(8)).join("");
	return `${name.padEnd(20)}${String(turns).padStart(8)}${sums}${median.padStart(10)}   ${low} to ${high}`;
}

/** @throws where the checkout has no worker, which `npm run bench` makes */
async function open(checkout: string, image: string, thousands: number): Promise<Side> {
	const worker = resolve(checkout, "build/bench/worker.cjs");
	if (!existsSync(worker)) throw new Error(`${worker} is missing: run "npm run bench" in ${checkout}`);
	const build: { boot: typeof boot } = createRequire(import.meta.url)(worker);
	let over = false;
	const phases: string[] = [];
	const marks = new Marks(undefined, ({ name, checksum }) => {
		over ||= name === "end";
		if (name !== "start") phases.push(`${name} ${checksum}`);
	});
	const session = await build.boot({ kernel: image, onSerial: marks.push });
	return {
		phases,
		isOver: () => over || session.ended !== undefined,
		// A guest's second has 10^9 instructions.
		turn: async () => {
			if (!over) await session.run(thousands / 1e6);
		},
	};
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { turn: { type: "string", default: "20" } },
	});
	const [image, checkout] = positionals;
	const thousands = Number(values.turn);
	if (positionals.length !== 2 || !existsSync(image) || !(thousands > 0))
		throw new Error(
			"an image, another checkout and --turn THOUSANDS are wanted, such as build/bench/compute64.bin ../before",
		);
	const sides = [await open(checkout, image, thousands), await open(".", image, thousands)] as const;
	const phases = await takeTurns(sides, () => performance.now());
	const [theirs, ours] = sides.map(({ phases }) => phases.join(", "));
	if (theirs !== ours) throw new Error(`the builds disagree: ${theirs} there, ${ours} here`);
	console.log(`${"".padEnd(20)}   turns  before     now    median   half of all ratios`);
	// A phase shorter than a turn has none; behind the last one there is nothing to name.
	for (const [i, said] of sides[0].phases.entries())
		if (phases[i]) console.log(line(said.split(" ")[0], summarize(phases[i])));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
	main().then(
		() => process.exit(0),
		(error: Error) => {
			console.error(`pair: ${error.message}`);
			process.exit(1);
		},
	);
