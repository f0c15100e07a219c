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

/** Protected mode has no 64-bit segments to jump to. */
const staysOut = (_: Case, expected: Output) => expected.selectors[0] !== 0x33;

describe("user-mode integer instructions do what a real processor did", function () {
	this.timeout(240_000);

	it("in 64-bit mode", () => agrees("long", new Bench()));
	it("in 32-bit compatibility mode", () => agrees("protected", new Bench()));
	it("in 16-bit compatibility mode", () => agrees("segment16", new Bench()));
	it("in 32-bit protected mode", () => agrees("protected", new Bench(true), staysOut));
	it("in 16-bit protected mode", () => agrees("segment16", new Bench(true), staysOut));
	it("at the ends of segments, in compatibility mode", () => agrees("segments", new Bench()));
	it("at the ends of segments, in protected mode", () => agrees("segments", new Bench(true)));
});
