import { expect } from "chai";
import { growthOf } from "../../bench/growth.ts";

/** A sample a second. */
const series = (length: number, value: (second: number) => number) =>
	Array.from({ length }, (_, i) => ({ seconds: i + 1, value: value(i + 1) }));
const SLACK = 16;

describe("the soak's judgement", () => {
	it("passes what levels out in the first third, however much that was", () => {
		const growth = growthOf(
			series(60, (s) => Math.min(s, 20) * 50),
			SLACK,
		)!;
		expect(growth).to.deep.equal({ middle: 1000, last: 1000, grows: false });
	});

	it("passes garbage that comes and goes", () => {
		expect(
			growthOf(
				series(60, (s) => 200 + (s % 7) * 20),
				SLACK,
			)!.grows,
		).to.equal(false);
	});

	it("finds a leak of two megabytes a second under a sawtooth", () => {
		expect(
			growthOf(
				series(60, (s) => 200 + (s % 7) * 20 + 2 * s),
				SLACK,
			)!.grows,
		).to.equal(true);
	});

	it("does not judge a run too short to have thirds", () => {
		expect(growthOf([], SLACK)).to.equal(undefined);
		expect(
			growthOf(
				series(4, () => 1),
				SLACK,
			),
		).to.equal(undefined);
		expect(
			growthOf(
				series(6, () => 1),
				SLACK,
			)!.grows,
		).to.equal(false);
	});
});
