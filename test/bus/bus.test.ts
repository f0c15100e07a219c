import { expect } from "chai";
import { Bus } from "../../src/bus/bus.ts";
import { GuestMemory } from "../../src/bus/guest-memory.ts";

describe("the bus, where nobody answers", () => {
	const bus = new Bus(new GuestMemory(1 << 20));

	it("reads all ones at every width", () => {
		for (const [size, ones] of [
			[1, 0xff],
			[2, 0xffff],
			[4, 0xffffffff],
		]) {
			expect(bus.readPort(0x510, size)).to.equal(ones);
			expect(bus.readMemory(0xfec00000, size)).to.equal(ones);
		}
	});

	it("counts each access by its kind and address", () => {
		bus.readPort(0x92, 1);
		bus.writePort(0x80, 1, 1);
		bus.writeMemory(0xffff0000, 1, 4);
		expect(Object.fromEntries(bus.unclaimed)).to.deep.equal({
			"in 0x510": 3,
			"read 0xfec00000": 3,
			"in 0x92": 1,
			"out 0x80": 1,
			"write 0xffff0000": 1,
		});
	});
});
