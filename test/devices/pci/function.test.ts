import { expect } from "chai";
import { Bus } from "../../../src/bus/bus.ts";
import { PciBus } from "../../../src/devices/pci/bus.ts";
import { PciFunction, type PciIdentity, pciState } from "../../../src/devices/pci/function.ts";
import { TestMemory } from "../memory.ts";

class Card extends PciFunction {
	readonly state = pciState();
	raise(high: boolean) {
		this.interrupt(high);
	}
}

const handler = { read: () => 0x5a, write() {} };

function build(identity: Partial<PciIdentity> = {}) {
	const memory = new TestMemory();
	const bus = new Bus(memory);
	const pci = new PciBus("pci", 0xcf8);
	const card = new Card({ name: "card", vendor: 0x1234, device: 0x1111, classCode: 0x030000, ...identity });
	pci.add(3, 0, card);
	pci.attach(bus);
	card.attach(bus);
	pci.reset();
	card.reset();
	const address = (register: number) => bus.writePort(0xcf8, 0x80001800 + (register & 0xfc), 4);
	return {
		memory,
		bus,
		card,
		read(register: number, size: number) {
			address(register);
			return bus.readPort(0xcfc + (register & 3), size);
		},
		write(register: number, value: number, size: number) {
			address(register);
			bus.writePort(0xcfc + (register & 3), value, size);
		},
	};
}

describe("PCI configuration space", () => {
	it("shows vendor, device and class through CF8 and CFC in every width", () => {
		const pc = build();
		expect(pc.read(0, 4)).to.equal(0x11111234);
		expect(pc.read(2, 2)).to.equal(0x1111);
		expect(pc.read(0x0b, 1)).to.equal(0x03);
	});

	it("answers all ones where there is no function, on another bus, and without the enable bit", () => {
		const { bus } = build();
		for (const address of [0x80002000, 0x80011800, 0x00001800]) {
			bus.writePort(0xcf8, address, 4);
			expect(bus.readPort(0xcfc, 4)).to.equal(0xffffffff);
			expect(bus.readPort(0xcfc, 2)).to.equal(0xffff);
		}
	});

	it("keeps CONFIG_ADDRESS when a byte is written to CF8 (mechanism #1 takes only dwords)", () => {
		const { bus } = build();
		bus.writePort(0xcf8, 0x8000183f, 4);
		bus.writePort(0xcfb, 0x01, 1);
		expect(bus.readPort(0xcf8, 4)).to.equal(0x8000183c);
	});

	it("keeps identity and subsystem when they are written", () => {
		const pc = build({ subsystemVendor: 0x1af4, subsystem: 0x1100 });
		pc.write(0, 0, 4);
		pc.write(0x2c, 0, 4);
		expect(pc.read(0, 4)).to.equal(0x11111234);
		expect(pc.read(0x2c, 4)).to.equal(0x11001af4);
	});

	it("answers a BAR's size to a write of all ones, and claims nothing meanwhile", () => {
		const pc = build({
			bars: [
				{ kind: "ports", size: 16, handler },
				{ kind: "registers", size: 4096, handler },
			],
		});
		pc.write(4, 3, 2);
		pc.write(0x10, 0xffffffff, 4);
		pc.write(0x14, 0xffffffff, 4);
		expect(pc.read(0x10, 4)).to.equal(0xfffffff1);
		expect(pc.read(0x14, 4)).to.equal(0xfffff000);
		expect(pc.bus.readMemory(0xfffff000, 4)).to.equal(0xffffffff);
	});

	it("decodes ports while COMMAND.IO is set, and follows the BAR", () => {
		const pc = build({ bars: [{ kind: "ports", size: 16, handler }] });
		pc.write(0x10, 0xc000, 4);
		expect(pc.bus.readPort(0xc000, 1)).to.equal(0xff);
		pc.write(4, 1, 2);
		expect(pc.bus.readPort(0xc000, 1)).to.equal(0x5a);
		pc.write(0x10, 0xd000, 4);
		expect(pc.bus.readPort(0xc000, 1)).to.equal(0xff);
		expect(pc.bus.readPort(0xd00f, 1)).to.equal(0x5a);
		pc.write(4, 0, 2);
		expect(pc.bus.readPort(0xd000, 1)).to.equal(0xff);
	});

	it("maps a storage BAR and the ROM only while they are enabled", () => {
		const storage = new TestMemory().allocate(0x10000);
		const rom = new TestMemory().allocate(0x10000);
		storage.bytes[4] = 0x11;
		rom.bytes.set([0x55, 0xaa]);
		const pc = build({ bars: [{ kind: "storage", storage, prefetchable: true }], rom });
		expect(pc.read(0x10, 4)).to.equal(8);
		pc.write(0x10, 0xfd000000, 4);
		pc.write(0x30, 0xfebf0001, 4);
		expect(pc.memory.read(0xfd000004, 1)[0]).to.equal(0xff);
		pc.write(4, 2, 2);
		expect(pc.memory.read(0xfd000004, 1)[0]).to.equal(0x11);
		expect([...pc.memory.read(0xfebf0000, 2)]).to.deep.equal([0x55, 0xaa]);
		pc.memory.write(0xfebf0000, new Uint8Array([0]));
		expect(rom.bytes[0]).to.equal(0x55);
		pc.write(0x30, 0xfebf0000, 4);
		expect(pc.memory.read(0xfebf0000, 1)[0]).to.equal(0xff);
	});

	it("leaves RAM alone when a BAR is programmed below the top of memory", () => {
		const storage = new TestMemory().allocate(0x1000);
		const pc = build({ bars: [{ kind: "storage", storage }] });
		pc.memory.ram[0x100000] = 0x77;
		pc.write(4, 2, 2);
		pc.write(0x10, 0x100000, 4);
		expect(pc.memory.read(0x100000, 1)[0]).to.equal(0x77);
	});

	it("drives its pin by level, shows it in STATUS, and is masked by COMMAND bit 10", () => {
		const levels: boolean[] = [];
		const pc = build({ interruptPin: 1, interrupt: { set: (high) => levels.push(high) } });
		levels.length = 0;
		pc.card.raise(true);
		expect(pc.read(6, 2) & 8).to.equal(8);
		pc.write(4, 0x400, 2);
		pc.write(4, 0, 2);
		pc.card.raise(false);
		expect(levels).to.deep.equal([true, false, true, false]);
	});

	it("decodes again after its state was copied back", () => {
		const pc = build({ bars: [{ kind: "ports", size: 16, handler }] });
		pc.write(0x10, 0xc000, 4);
		pc.write(4, 1, 2);
		const saved = structuredClone(pc.card.state);
		pc.card.reset();
		expect(pc.bus.readPort(0xc000, 1)).to.equal(0xff);
		Object.assign(pc.card.state, saved);
		pc.card.restored();
		expect(pc.bus.readPort(0xc000, 1)).to.equal(0x5a);
	});
});
