import { expect } from "chai";
import { aimLines } from "../../bench/aims.ts";
import type { Program } from "../../bench/programs.ts";
import { checkSums, linesOf, median, needsOf, type Results, speed, speeds } from "../../bench/results.ts";
import type { Run } from "../../bench/run.ts";
import { table } from "../../bench/table.ts";

const program: Program = {
	group: "64-bit",
	unit: "ms",
	file: "none.bin",
	kind: "image",
	bits: 64,
	phases: [{ name: "sieve" }, { name: "sort", label: "sorting" }],
};

const run = (sieve: number, sort: number, more: Partial<Run> = {}): Run => ({
	phases: [
		{ name: "sieve", ms: sieve, checksum: "00000001", instructions: 1000 * sieve },
		{ name: "sort", ms: sort, checksum: "00000002", instructions: 3000 * sort },
	],
	...more,
});

const rounds = () =>
	new Map([
		["compiler", [run(20, 40, { peak: 90 }), run(10, 50, { peak: 100 }), run(15, 80)]],
		["qemu", [run(30, 20), run(40, 20), run(35, 20)]],
	]);

function results(): Results {
	const all = rounds();
	return {
		form: 2,
		date: "today",
		machine: { cpu: "a processor", node: "20", load: 0 },
		clock: "wall",
		rounds: 3,
		runners: {
			compiler: { name: "Gantry, compiler", version: "1" },
			qemu: { name: "QEMU TCG", version: "7" },
			v86: { name: "v86", missing: "the package v86 is not installed" },
		},
		lines: linesOf(program, all),
		needs: { "64-bit": Object.fromEntries([...all].map(([key, runs]) => [key, needsOf(runs)])) },
		cannot: {},
	};
}

describe("the benchmark's results", () => {
	it("give best and median of the rounds of each phase", () => {
		const [sieve, sort] = linesOf(program, rounds());
		expect(sieve.figures.compiler).to.deep.equal({ best: 10, median: 15, samples: [20, 10, 15] });
		expect(sort.label).to.equal("sorting");
		expect(median([4, 1, 3, 2])).to.equal(2.5);
	});

	it("give nanoseconds for one round trip where the program counts them", () => {
		const phases = [{ name: "syscall", ms: 5, checksum: "00000000", count: 20_000 }];
		const counted: Program = { ...program, unit: "ns", phases: [{ name: "syscall" }] };
		const [line] = linesOf(counted, new Map([["qemu", [{ phases }]]]));
		expect(line.figures.qemu.best).to.equal(250);
	});

	it("compare best with best, and say where the lowest speed was", () => {
		const lines = linesOf(program, rounds());
		expect(speed(lines[0], "compiler", "qemu")).to.equal(3);
		expect(speed(lines[0], "compiler", "v86")).to.equal(undefined);
		const found = speeds(lines, "compiler", "qemu")!;
		expect(found.mean).to.be.closeTo(Math.sqrt(3 * 0.5), 1e-12);
		expect([found.lowest, found.at.phase]).to.deep.equal([0.5, "sort"]);
	});

	it("take the rate from the fastest round and the peak from the largest", () => {
		const needs = needsOf(rounds().get("compiler")!);
		expect(needs.peak).to.equal(100);
		// 10 and 50 ms are tied with 20 and 40: the first of them counts.
		expect(needs.mips).to.be.closeTo((20 * 1000 + 40 * 3000) / 60 / 1000, 1e-9);
		expect(needsOf([{ phases: [{ name: "sieve", ms: 1, checksum: "0" }] }]).mips).to.equal(undefined);
	});

	it("refuse runs that did not compute the same, or left a phase out", () => {
		const all = rounds();
		checkSums(program, all);
		all.get("qemu")![1].phases[1].checksum = "00000003";
		expect(() => checkSums(program, all)).to.throw("64-bit sort: qemu computed 00000003, compiler 00000002");
		const proved = { ...program, phases: [{ name: "sieve", checksum: "00000001" }] };
		all.get("compiler")![0].phases[0].checksum = "00000009";
		expect(() => checkSums(proved, all)).to.throw("compiler computed 00000009, a real processor 00000001");
		all.get("compiler")![0].phases.pop();
		expect(() => checkSums(program, all)).to.throw("64-bit sort: compiler did not run it");
	});

	it("say for each aim that was measured whether it is met", () => {
		expect(aimLines(results())).to.deep.equal([
			"64-bit, geometric mean: 1.22 times QEMU TCG's speed; at least 1.5: not met",
			"64-bit, every phase: 0.50 times QEMU TCG's speed (sorting); at least 1: not met",
		]);
	});
});

describe("the benchmark's table", () => {
	const text = table(results());

	it("has best, median and speed of each phase", () => {
		const words = text
			.find((line) => line.includes("sorting"))!
			.trim()
			.split(/\s+/);
		expect(words).to.deep.equal(["sorting", "40.0", "50.0", "0.50", "20.0", "20.0"]);
	});

	it("says at its foot which peer is missing", () => {
		expect(text).to.include("v86 is missing: the package v86 is not installed");
	});

	it("says in the column why a runner cannot run a program", () => {
		const all = results();
		all.runners.v86 = { name: "v86", version: "0.5" };
		all.cannot = { "64-bit": { v86: "no long mode" } };
		expect(table(all).find((line) => line.startsWith("64-bit, milliseconds"))).to.match(/no long mode$/);
	});
});
