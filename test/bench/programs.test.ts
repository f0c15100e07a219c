import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { coldCode } from "../../bench/programs/cold.ts";
import { choose, PROGRAMS, select } from "../../bench/programs.ts";

describe("the benchmark's programs", () => {
	for (const [source, group] of [
		["compute", "64-bit"],
		["compute", "32-bit"],
		["cold", "cold code"],
		["system", "one of many"],
		["float", "floating point"],
		["streams", "streams"],
	])
		it(`${source}.c has the phases of "${group}" in their order`, () => {
			const text = readFileSync(`bench/programs/${source}.c`, "utf8");
			const kmain = text.slice(text.indexOf("void kmain"));
			const names = [...kmain.matchAll(/(?:PHASE\w*|mark)\(.*?"([\w-]+)"/g)].map(([, name]) => name);
			const { phases } = PROGRAMS.find((program) => program.group === group)!;
			expect(names).to.deep.equal(["start", ...phases.map(({ name }) => name), "end"]);
		});

	for (const [source, group] of [
		["float", "floating point"],
		["streams", "streams"],
	])
		it(`${source}.c computes on this processor what the checksums of "${group}" say`, function () {
			if (process.arch !== "x64" || process.platform !== "linux") this.skip();
			execFileSync("make", ["--silent", "-C", "bench/programs", "native"]);
			const lines = execFileSync(`build/bench/${source}-native`, { encoding: "utf8" }).trim().split("\n");
			const { phases } = PROGRAMS.find((program) => program.group === group)!;
			const expected = phases.map(({ name, checksum }) => `${name} ${checksum}`);
			// A phase is left out where this processor lacks what it is made of.
			expect(lines.slice(1, -1)).to.have.length.greaterThan(4);
			expect(expected).to.include.members(lines.slice(1, -1));
		});

	it("are chosen by group, phase and label", () => {
		const chosen = choose(PROGRAMS, /32-bit s|CR3/);
		expect(chosen.map(({ group, phases }) => [group, phases.map(({ name }) => name)])).to.deep.equal([
			["32-bit", ["sieve", "sort", "splitmix"]],
			["one of many", ["switch"]],
		]);
		expect(choose(PROGRAMS, /no such phase/)).to.deep.equal([]);
	});

	it("get a bit for each chosen phase behind their Multiboot header", () => {
		const image = new Uint8Array(64);
		expect(() => select(image, [], [])).to.throw("no Multiboot header");
		const view = new DataView(image.buffer);
		view.setUint32(0, 0x1badb002, true);
		const [a, b, c] = ["a", "b", "c"].map((name) => ({ name }));
		const copy = select(image, [a, b, c], [a, c]);
		expect(new DataView(copy.buffer).getUint32(32, true)).to.equal(0b101);
		expect(view.getUint32(32, true)).to.equal(0);
	});
});

describe("the cold programs' generator", () => {
	const code = coldCode(200);

	it("makes the same program each time, and another from another seed", () => {
		expect(coldCode(200)).to.equal(code);
		expect(coldCode(200, 7)).to.not.equal(code);
	});

	it("makes as many blocks as it is asked for, no two alike", () => {
		const [first, ...blocks] = code.split(/^\.Lcold_200_\d+_\d+:\n/m);
		expect(first).to.match(/^cold_200_0:$/m);
		expect(blocks).to.have.length(200);
		const bodies = blocks.map((text) => text.split(/^(?:\.L|cold_|ret$)/m)[0]);
		expect(new Set(bodies).size).to.equal(200);
		for (const body of bodies) {
			const lines = body.trim().split("\n");
			expect(lines.length, body).to.be.within(7, 18);
			expect(lines.at(-1)).to.match(/^jmp \.Lcold_200_/);
		}
	});

	it("jumps only to blocks that are there", () => {
		const labels = new Set([...code.matchAll(/^([.\w]+):$/gm)].map(([, label]) => label));
		const targets = [...code.matchAll(/^(?:j\w+|call) (\S+)$/gm)].map(([, target]) => target);
		expect(targets.length).to.be.greaterThan(200);
		expect(targets.filter((target) => !labels.has(target))).to.deep.equal([]);
	});
});
