import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Results } from "../../bench/results.ts";

const MAIN = "bench/main.ts";

describe("npm run bench", () => {
	const folder = mkdtempSync(join(tmpdir(), "gantry-bench-"));
	const file = join(folder, "results.json");
	after(() => rmSync(folder, { recursive: true }));

	/** One short phase on Gantry alone. */
	const bench = (...more: string[]) => {
		const chosen = ["--only", "50,000 blocks", "--runners", "compiler,interpreter", "--rounds", "1"];
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			["--import", "tsx", MAIN, ...chosen, "--date", "today", ...more],
			{ encoding: "utf8" },
		);
		return { status, stdout, stderr };
	};

	it("prints a table and keeps what it measured", () => {
		const { status, stdout, stderr } = bench("--output", file);
		expect(stderr).to.equal("");
		expect(status).to.equal(0);
		expect(stdout).to.match(/^ +Gantry, compiler +Gantry, interpreter\n/);
		expect(stdout).to.match(/^ {2}50,000 blocks, twice( +[\d.]+){4}$/m);
		const { form, date, lines, needs }: Results = JSON.parse(readFileSync(file, "utf8"));
		expect([form, date, lines.length]).to.deep.equal([2, "today", 1]);
		expect(Object.keys(lines[0].figures)).to.deep.equal(["compiler", "interpreter"]);
		const { mips, peak, counters } = needs["cold code"].interpreter;
		expect(mips).to.be.greaterThan(0.1);
		if (process.platform === "linux") expect(peak).to.be.within(40, 1000);
		expect(counters!.regions).to.equal(0);
	});

	it("fails with one line where it has become slower", () => {
		const results: Results = JSON.parse(readFileSync(file, "utf8"));
		for (const figure of Object.values(results.lines[0].figures)) figure.best /= 1000;
		writeFileSync(file, JSON.stringify(results));
		const { status, stderr } = bench("--against", file, "--output", join(folder, "new.json"));
		expect(status).to.equal(1);
		expect(stderr).to.match(
			/^bench: slower than \S+ by more than 3 %: cold code 50,000 blocks, twice \(compiler\) \d+\.\d\d, .*\n$/,
		);
	});

	it("says in one line that no phase has such a name", () => {
		const { status, stderr } = bench("--only", "nothing");
		expect([status, stderr]).to.deep.equal([1, "bench: --only: no phase matches nothing\n"]);
	});
});
