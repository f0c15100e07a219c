import { expect } from "chai";
import { clockOf } from "../../bench/clock.ts";

/** Milliseconds that the clock counts while this process works for some 60, or waits. */
async function counted(clock: () => number, work: boolean): Promise<number> {
	const before = clock();
	const end = performance.now() + 60;
	if (!work) await new Promise((resolve) => setTimeout(resolve, 60));
	while (performance.now() < end) Math.sqrt(end);
	return clock() - before;
}

describe("the benchmark's clocks", () => {
	it("count waiting on the wall, not on the processor", async () => {
		expect(await counted(clockOf("wall"), false)).to.be.at.least(59);
		expect(await counted(clockOf("cpu"), false)).to.be.below(50);
	});

	it("count work alike for this process and for one named by its number", async function () {
		if (process.platform !== "linux") this.skip();
		const own = clockOf("cpu");
		const named = clockOf("cpu", process.pid);
		const before = own();
		const work = await counted(named, true);
		expect(work).to.be.greaterThan(3);
		expect(own() - before).to.be.closeTo(work, 25);
	});
});
