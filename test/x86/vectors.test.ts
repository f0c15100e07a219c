import { expect } from "chai";
import type { Case, Output } from "../vectors/format.ts";
import { Bench } from "./bench.ts";
import { format, replay } from "./replay.ts";

const file = (name: string) => new URL(`../vectors/${name}.bin.gz`, import.meta.url);

function agrees(name: string, bench: Bench, include?: (of: Case, expected: Output) => boolean): void {
	const report = replay(file(name), bench, include);
	expect(report.states).to.be.greaterThan(10_000);
	if (report.disagreements.length) throw new Error(format(report));
}

/** Protected mode has no 64-bit segments to jump to. The instructions are those of compatibility mode: a sample is enough. */
function sample() {
	let count = 0;
	return (_: Case, expected: Output) => count++ % 4 === 0 && expected.selectors[0] !== 0x33;
}

describe("user-mode integer instructions do what a real processor did", function () {
	this.timeout(240_000);

	it("in 64-bit mode", () => agrees("long", new Bench()));
	it("in 32-bit compatibility mode", () => agrees("protected", new Bench()));
	it("in 16-bit compatibility mode", () => agrees("segment16", new Bench()));
	it("in 32-bit protected mode, every fourth state", () => agrees("protected", new Bench(true), sample()));
	it("in 16-bit protected mode, every fourth state", () => agrees("segment16", new Bench(true), sample()));
	it("at the ends of segments, in compatibility mode", () => agrees("segments", new Bench()));
	it("at the ends of segments, in protected mode", () => agrees("segments", new Bench(true)));
});
