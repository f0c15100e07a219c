/**
 * Random programs, interpreted and compiled, in step:
 *
 *   npx tsx test/fuzz/main.ts [--blocks 100000] [--seed 1] [--mode long] [--rounds 12]
 *
 * Goes on until so many blocks of code have been executed, and says which rows of the instruction set were not among
 * them. A difference prints its seed; the program is made smaller,
 * and written to test/fuzz/kept/, where the tests find it.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { rows } from "../../src/x86/rows/index.ts";
import { compare } from "./compare.ts";
import { Fuzzer } from "./fuzzer.ts";
import { generate } from "./generate.ts";
import { keptPath, serialize } from "./kept.ts";
import { MODES, type Mode } from "./modes.ts";
import { shrink } from "./shrink.ts";
import { watch } from "./watchdog.ts";

const { values } = parseArgs({
	options: {
		blocks: { type: "string", default: "100000" },
		seed: { type: "string", default: "1" },
		mode: { type: "string" },
		rounds: { type: "string" },
	},
});

const mode = values.mode as Mode | undefined;
if (mode && !MODES.includes(mode)) throw new Error(`--mode ${mode}: one of ${MODES.join(", ")}`);
const wanted = Number(values.blocks);
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const fuzzer = new Fuzzer();
const started = Date.now();
let said = started;
const watched = watch();

function keep(seed: number): void {
	const program = generate(seed, { mode, rounds: fuzzer.roundsOf(seed, rounds) });
	const subjects = fuzzer.subjectsOf(seed, rounds);
	let attempts = 0;
	const small = shrink(program, (candidate) => {
		watched(-++attempts);
		return compare(candidate, subjects) !== undefined;
	});
	const path = keptPath(`${program.mode}-${seed}`);
	writeFileSync(path, serialize(small));
	console.log(`${small.spans.length} of ${program.spans.length} instructions are left; kept as ${path}`);
	console.log(compare(small, subjects));
}

let failures = 0;
for (let seed = Number(values.seed); fuzzer.blocks < wanted; seed++) {
	watched(seed);
	const difference = fuzzer.run(seed, { mode, rounds });
	if (difference) {
		console.log(`seed ${seed}:`, difference);
		keep(seed);
		if (++failures === 5) break;
	}
	if (Date.now() - said < 10_000) continue;
	said = Date.now();
	console.log(`seed ${seed}, ${fuzzer.summary()}, ${Math.round((said - started) / 1000)} s`);
}
console.log(`${failures} differences; ${fuzzer.summary()}, ${Math.round((Date.now() - started) / 1000)} s`);
const reached = fuzzer.rows;
const missing = rows.filter((row) => !reached.has(row));
console.log(
	`${reached.size} of ${rows.length} rows; not reached: ${missing.map(([encoding, name]) => `${encoding} (${name})`).join(", ") || "none"}`,
);
process.exitCode = failures ? 1 : 0;
