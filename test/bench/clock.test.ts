import { expect } from "chai";
import { clockOf } from "../../bench/clock.ts";

/** Milliseconds that the clock counts while this process works for some 60. */
function counted(clock: () => number): number {
	const before = clock();
	const end = performance.now() + 60;
	while (performance.now() < end) Math.sqrt(end);
	return clock() - before;
}

describe("the benchmark's clocks", () => {
	it("count milliseconds on the wall", () => {
		expect(counted(clockOf("wall"))).to.be.within(59, 2000);
	});

	it("count work alike for this process and for one named by its number", function () {
		if (process.platform !== "linux") this.skip();
		const own = clockOf("cpu");
		const named = clockOf("cpu", process.pid);
		const before = own();
		const work = counted(named);
		expect(work).to.be.greaterThan(3);
		expect(own() - before).to.be.closeTo(work, 25);
	});
});
