import { expect } from "chai";
import { compileCore } from "./compile.ts";
import recorded from "./sweep/hashes.json" with { type: "json" };

/** Exports of sweep.ts. */
interface Sweep {
	setX87(on: number): void;
	run(format: number, op: number, environment: number, count: number): bigint;
}

const FORMATS = ["singles", "doubles", "double extended numbers"];

describe("floating-point arithmetic gives the results and flags of a real processor", function () {
	this.timeout(240_000);
	let sweep: Sweep;
	before(async () => {
		// The arithmetic of src/core/float alone, with a driver that draws operands and hashes results.
		sweep = await compileCore<Sweep>("test/core/sweep/sweep.ts");
	});

	FORMATS.forEach((name, format) => {
		it(`for ${name}: every operation in every rounding mode, a million operands and more each`, () => {
			sweep.setX87(format === 2 ? 1 : 0);
			const sequences = Object.entries(recorded.hashes).filter(([key]) => Number(key[0]) === format);
			const wrong = sequences.filter(([key, hash]) => {
				const [, op, environment] = key.split(" ").map(Number);
				const found = BigInt.asUintN(64, sweep.run(format, op, environment, recorded.count));
				return found.toString(16).padStart(16, "0") !== hash;
			});
			expect(sequences.length).to.be.greaterThan(100);
			expect(wrong.map(([key]) => key)).to.deep.equal([]);
		});
	});
});
