import { expect } from "chai";
import { changeLines, changes, complaint, parseResults } from "../../bench/compare.ts";
import type { Results } from "../../bench/results.ts";

const figure = (best: number) => ({ best, median: best * 2, samples: [best] });

const results = (compiler: number, qemu: number): Results => ({
	form: 2,
	date: "",
	machine: {},
	clock: "wall",
	rounds: 1,
	runners: {},
	needs: {},
	cannot: {},
	lines: [
		{
			group: "64-bit",
			phase: "sieve",
			label: "sieve",
			unit: "ms",
			figures: { compiler: figure(compiler), qemu: figure(qemu) },
		},
	],
});

const TOLERANCE = 0.03;

describe("comparing benchmark results", () => {
	it("takes best against best, for what both have", () => {
		const now = results(110, 100);
		now.lines.push({ ...now.lines[0], phase: "new" });
		expect(changes(results(100, 100), now)).to.deep.equal([
			{ what: "64-bit sieve", runner: "compiler", before: 100, now: 110, ratio: 1.1 },
			{ what: "64-bit sieve", runner: "qemu", before: 100, now: 100, ratio: 1 },
		]);
	});

	it("complains in one line of what became slower by more than the tolerance", () => {
		const complain = (now: number) =>
			complaint(changes(results(100, 100), results(now, 100)), TOLERANCE, "old.json");
		expect(complain(102.9)).to.equal(undefined);
		expect(complain(50)).to.equal(undefined);
		expect(complain(104)).to.equal("slower than old.json by more than 3 %: 64-bit sieve (compiler) 1.04");
	});

	it("takes a slower peer for the machine's doing", () => {
		const all = changes(results(100, 100), results(100, 150));
		expect(complaint(all, TOLERANCE, "old.json")).to.equal(undefined);
		expect(changeLines(all, TOLERANCE).at(-1)).to.match(/^qemu itself took 1\.500 times/);
	});

	it("refuses to compare times of different clocks", () => {
		const now: Results = { ...results(1, 1), clock: "cpu" };
		expect(() => changes(results(1, 1), now)).to.throw("one was timed by --clock wall, one by cpu");
	});

	it("refuses files that are no results", () => {
		expect(() => parseResults("{", "x.json")).to.throw("x.json is not JSON");
		expect(() => parseResults("{}", "x.json")).to.throw("x.json has no results of this form");
		expect(parseResults(JSON.stringify(results(1, 2)), "x.json").lines).to.have.length(1);
	});
});
