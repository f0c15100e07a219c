import { expect } from "chai";
import { Bus } from "../../../src/bus/bus.ts";
import { Pic } from "../../../src/devices/pic/pic.ts";
import { TestMemory } from "../memory.ts";

function build() {
	const bus = new Bus(new TestMemory());
	const pin = { high: false };
	const pic = new Pic(
		"pic",
		{ master: 0x20, slave: 0xa0, elcr: 0x4d0 },
		{ set: (high) => (pin.high = high) },
	);
	pic.attach(bus);
	pic.reset();
	const lines = Array.from({ length: 16 }, (_, irq) => pic.line(irq));
	const out = (port: number, value: number) => bus.writePort(port, value, 1);
	const input = (port: number) => bus.readPort(port, 1);
	const init = (icw4 = 1, icw1 = 0x11) => {
		for (const [port, vector, icw3] of [
			[0x20, 0x20, 4],
			[0xa0, 0x28, 2],
		]) {
			out(port, icw1);
			out(port + 1, vector);
			out(port + 1, icw3);
			out(port + 1, icw4);
		}
	};
	const raise = (irq: number) => lines[irq].set(true);
	const lower = (irq: number) => lines[irq].set(false);
	return { bus, pic, pin, out, input, init, raise, lower };
}

describe("8259A pair", () => {
	it("vectors a request from the base that ICW2 gave, and holds lower ones until EOI", () => {
		const { pic, pin, out, init, raise } = build();
		init();
		raise(4);
		raise(3);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x23);
		expect(pin.high).to.equal(false);
		raise(1);
		expect(pic.acknowledge()).to.equal(0x21);
		out(0x20, 0x20);
		out(0x20, 0x20);
		expect(pic.acknowledge()).to.equal(0x24);
	});

	it("passes the slave's vector through IR2 and needs an EOI on both", () => {
		const { pic, pin, out, init, raise, input } = build();
		init();
		raise(14);
		expect(pic.acknowledge()).to.equal(0x2e);
		out(0x20, 0x0b);
		out(0xa0, 0x0b);
		expect([input(0x20), input(0xa0)]).to.deep.equal([0x04, 0x40]);
		raise(15);
		expect(pin.high).to.equal(false);
		out(0xa0, 0x20);
		out(0x20, 0x20);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x2f);
	});

	it("needs a new edge for a new request, unless ELCR says level", () => {
		const { pic, pin, out, init, raise } = build();
		init();
		raise(5);
		pic.acknowledge();
		out(0x20, 0x20);
		expect(pin.high).to.equal(false);
		out(0x4d0, 0xff);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x25);
		out(0x20, 0x20);
		expect(pin.high).to.equal(true);
	});

	it("keeps the ELCR bits of IRQ 0, 1, 2, 8 and 13 clear", () => {
		const { out, input } = build();
		out(0x4d0, 0xff);
		out(0x4d1, 0xff);
		expect([input(0x4d0), input(0x4d1)]).to.deep.equal([0xf8, 0xde]);
	});

	it("answers spurious IR7, without an ISR bit, when the request has gone", () => {
		const { pic, pin, init, raise, lower, out, input } = build();
		init();
		raise(3);
		lower(3);
		expect(pin.high).to.equal(false);
		expect(pic.acknowledge()).to.equal(0x27);
		out(0x20, 0x0b);
		expect(input(0x20)).to.equal(0);
	});

	it("answers spurious IRQ 15 and leaves the master's IR2 in service when a slave's request has gone", () => {
		const { pic, init, raise, lower, out, input } = build();
		init();
		out(0x4d1, 0x02);
		raise(9);
		// The mask reaches the slave between the two INTA pulses.
		pic.state.chips[1].imr = 0x02;
		expect(pic.acknowledge()).to.equal(0x2f);
		lower(9);
		out(0x20, 0x0b);
		out(0xa0, 0x0b);
		expect([input(0x20), input(0xa0)]).to.deep.equal([0x04, 0]);
	});

	it("masks by OCW1, remembers the request, and reads the mask back", () => {
		const { pin, out, init, raise, input } = build();
		init();
		out(0x21, 0x10);
		raise(4);
		expect(input(0x21)).to.equal(0x10);
		expect(pin.high).to.equal(false);
		out(0x20, 0x0a);
		expect(input(0x20)).to.equal(0x10);
		out(0x21, 0);
		expect(pin.high).to.equal(true);
	});

	it("shares one input between several wires: it is high while any of them is", () => {
		const { pic, pin, init, raise, lower, out } = build();
		init();
		out(0x4d1, 0x08);
		const second = pic.line(11);
		raise(11);
		second.set(true);
		lower(11);
		expect(pin.high).to.equal(true);
		second.set(false);
		expect(pin.high).to.equal(false);
	});

	it("ends a given level on a specific EOI", () => {
		const { pic, pin, out, init, raise, lower } = build();
		init();
		raise(3);
		pic.acknowledge();
		raise(1);
		pic.acknowledge();
		out(0x20, 0x63);
		lower(3);
		raise(3);
		expect(pin.high).to.equal(false);
		out(0x20, 0x61);
		expect(pic.acknowledge()).to.equal(0x23);
	});

	it("gives the level just served the lowest priority on rotate on non-specific EOI", () => {
		const { pic, out, init, raise } = build();
		init();
		raise(0);
		pic.acknowledge();
		out(0x20, 0xa0);
		pic.state.wires[0] = 1;
		raise(7);
		raise(1);
		expect(pic.acknowledge()).to.equal(0x21);
	});

	it("sets priority by OCW2: with IR3 lowest, IR4 wins over IR0", () => {
		const { pic, out, init, raise } = build();
		init();
		out(0x20, 0xc3);
		raise(0);
		raise(4);
		expect(pic.acknowledge()).to.equal(0x24);
	});

	it("sets no ISR bit with automatic EOI, and rotates if told to", () => {
		const { pic, pin, out, init, raise, input } = build();
		init(3);
		out(0x20, 0x80);
		raise(3);
		expect(pic.acknowledge()).to.equal(0x23);
		out(0x20, 0x0b);
		expect(input(0x20)).to.equal(0);
		expect(pin.high).to.equal(false);
		expect(pic.state.chips[0].lowest).to.equal(3);
	});

	it("delivers one slave request after another when the slave is in AEOI mode", () => {
		const { pic, pin, out, init, raise } = build();
		init(3);
		raise(10);
		raise(12);
		expect(pic.acknowledge()).to.equal(0x2a);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x2c);
		out(0x20, 0x20);
		expect(pin.high).to.equal(false);
	});

	it("lets lower levels through in special mask mode while the one in service is masked", () => {
		const { pic, pin, out, init, raise } = build();
		init();
		raise(1);
		pic.acknowledge();
		out(0x21, 0x02);
		raise(5);
		expect(pin.high).to.equal(false);
		out(0x20, 0x68);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x25);
	});

	it("answers a poll with the level and takes the read as the acknowledge", () => {
		const { pin, out, init, raise, input } = build();
		init();
		raise(6);
		out(0x20, 0x0c);
		expect(input(0x20)).to.equal(0x86);
		expect(pin.high).to.equal(false);
		out(0x20, 0x0b);
		expect(input(0x20)).to.equal(0x40);
	});

	it("lets a second slave interrupt through in special fully nested mode", () => {
		const { pic, pin, init, raise } = build();
		init(0x11);
		raise(12);
		pic.acknowledge();
		raise(8);
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x28);
	});

	it("forgets edges and the mask at ICW1", () => {
		const { pin, out, init, raise, input } = build();
		init();
		out(0x21, 0xff);
		raise(4);
		init();
		expect(input(0x21)).to.equal(0);
		expect(pin.high).to.equal(false);
	});

	it("drives INTR again after its state was copied back", () => {
		const { pic, pin, init, raise } = build();
		init();
		raise(1);
		const saved = structuredClone(pic.state);
		pic.acknowledge();
		Object.assign(pic.state, saved);
		pic.restored();
		expect(pin.high).to.equal(true);
		expect(pic.acknowledge()).to.equal(0x21);
	});
});
