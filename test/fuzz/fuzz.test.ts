// Random programs on the interpreter and on the compiler, in step. main.ts runs as many of them as one likes.

import { expect } from "chai";
import { rows } from "../../src/x86/rows/index.ts";
import { compare } from "./compare.ts";
import { Fuzzer } from "./fuzzer.ts";
import { generate } from "./generate.ts";
import { keptPrograms } from "./kept.ts";
import { MODES } from "./modes.ts";
import { shrink } from "./shrink.ts";
import { Subject } from "./subject.ts";

/** Seeds for each mode; more for a longer look: GANTRY_FUZZ=200. */
const SEEDS = Number(process.env.GANTRY_FUZZ ?? 6);
const FIRST_SEED = 1000;

describe("random programs, interpreted and compiled in step,", function () {
	this.timeout(120_000 + SEEDS * 8000);
	const fuzzer = new Fuzzer();

	for (const mode of MODES)
		it(`go through the same states (${mode})`, () => {
			const [compiledBefore] = fuzzer.regions;
			const before = fuzzer.exits;
			for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++)
				expect(fuzzer.run(seed, { mode }), `seed ${seed}`).to.equal(undefined);
			expect(fuzzer.regions[0] - compiledBefore, "regions").to.be.above(SEEDS);
			expect(fuzzer.exits.all - before.all, "compiled code left").to.be.above(SEEDS * 50);
			expect(fuzzer.exits.bails - before.bails, "before an instruction").to.be.above(SEEDS * 3);
		});

	it("are compiled after many entries too", () => {
		for (let seed = FIRST_SEED; seed < FIRST_SEED + 2; seed++)
			expect(fuzzer.run(seed, { mode: "flat", rounds: 250 }), `seed ${seed}`).to.equal(undefined);
		expect(fuzzer.regions[1], "regions").to.be.above(0);
	});

	it("do what programs do: thousands of blocks, exceptions, rows of every kind", () => {
		expect(fuzzer.blocks).to.be.above(SEEDS * MODES.length * 25);
		expect(fuzzer.handled).to.be.above(SEEDS * MODES.length * 10);
		expect(fuzzer.rows.size / rows.length, "rows of the instruction set").to.be.above(SEEDS < 6 ? 0.3 : 0.7);
	});

	for (const [name, program] of keptPrograms())
		it(`agree on what once was different: ${name}`, () => {
			for (const hot of [2, undefined]) {
				const subjects = [new Subject({ compiler: false }), new Subject({ hot })];
				expect(compare(program, subjects)).to.equal(undefined);
			}
		});
});

describe("the search for differences", function () {
	this.timeout(60_000);

	it("sees a single wrong bit, and makes the program that shows it small", () => {
		const [right, wrong] = [new Subject({ compiler: false }), new Subject({ compiler: false })];
		const program = generate(3, { mode: "long", rounds: 3 });
		const { spans } = program;
		const middle = spans[Math.floor(spans.length / 4)][0];
		// A processor to which one byte of code is another.
		const load = wrong.load.bind(wrong);
		wrong.load = (loaded) => {
			load(loaded);
			wrong.memory.ram[middle] ^= 1;
		};
		const fails = (candidate: typeof program) => compare(candidate, [right, wrong]) !== undefined;
		expect(fails(program)).to.equal(true);
		const small = shrink(program, fails);
		expect(fails(small)).to.equal(true);
		expect(small.spans.length).to.be.below(5);
	});
});
