import { expect } from "chai";
import { CoprocessorError } from "../../src/devices/coprocessor.ts";
import { Board } from "./board.ts";

describe("the coprocessor's error logic", () => {
	function open() {
		const seen: string[] = [];
		const line = { set: (high: boolean) => seen.push(high ? "IRQ 13" : "no IRQ 13") };
		const device = new CoprocessorError("coprocessor", 0xf0, line, () => seen.push("IGNNE#"));
		const board = new Board();
		board.plug(device);
		seen.length = 0;
		return { device, bus: board.bus, seen };
	}

	it("makes FERR# an IRQ 13, which a write to port F0h takes back while IGNNE# is asserted", () => {
		const { device, bus, seen } = open();
		device.error();
		bus.writePort(0xf0, 0, 1);
		expect(seen).to.deep.equal(["IRQ 13", "no IRQ 13", "IGNNE#"]);
	});

	it("holds its interrupt over a snapshot, and drops it at reset", () => {
		const { device, seen } = open();
		device.error();
		device.restored();
		device.reset();
		expect(seen).to.deep.equal(["IRQ 13", "IRQ 13", "no IRQ 13"]);
	});
});
