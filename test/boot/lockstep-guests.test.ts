// No guest program is left out of lock-step.

import { expect } from "chai";
import { BARE, BIOS, guestSources, isCovered, LIMINE, MODULES } from "./lockstep-guests.ts";

describe("the guests that run in lock-step", () => {
	it("are all there are", () => {
		expect(guestSources().filter((source) => !isCovered(source))).to.deep.equal([]);
	});

	it("are known by their sources, not by anything that lies there", () => {
		expect(isCovered("system/long/unheard.c")).to.equal(false);
		expect(isCovered("new-kernel/kernel.c")).to.equal(false);
		expect(isCovered("bios/unheard.c")).to.equal(false);
		expect(guestSources().length).to.be.above(50);
		for (const list of [BARE, BIOS, LIMINE, MODULES]) expect(list).to.not.be.empty;
	});
});
