import { expect } from "chai";
import { growthOf } from "../../bench/growth.ts";

const series = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i));
const SLACK = 16;

describe("the soak's judgement", () => {
	it("passes garbage that comes and goes", () => {
		const growth = growthOf(
			series(60, (i) => 200 + (i % 7) * 20),
			SLACK,
		)!;
		expect(growth).to.deep.equal({ first: 320, second: 320, grows: false });
	});

	it("passes a second half that is a little above the first", () => {
		expect(
			growthOf(
				series(60, (i) => (i < 30 ? 200 : 225)),
				SLACK,
			)!.grows,
		).to.equal(false);
	});

	it("finds a leak of two megabytes a sample under a sawtooth", () => {
		expect(
			growthOf(
				series(60, (i) => 200 + (i % 7) * 20 + 2 * i),
				SLACK,
			)!.grows,
		).to.equal(true);
	});

	it("does not judge a run too short to have halves", () => {
		expect(growthOf([], SLACK)).to.equal(undefined);
		expect(
			growthOf(
				series(5, () => 1),
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
