import { expect } from "chai";
import { Bus } from "../../src/bus/bus.ts";
import { Clock } from "../../src/bus/clock.ts";
import { type PcParts, wirePc } from "../../src/machine/pc.ts";
import { TestMemory } from "../devices/memory.ts";

function firmware(size = 0x40000) {
	const bytes = new Uint8Array(size);
	for (let i = 0; i < size; i += 0x10000) bytes.fill(i >> 16, i, i + 0x10000);
	bytes.set([0xea], size - 16);
	return bytes;
}

function build(extra: Partial<PcParts> = {}) {
	const memory = new TestMemory(16 << 20);
	const bus = new Bus(memory);
	const clock = new Clock();
	const log: string[] = [];
	const pins = {
		interrupt: (high: boolean) => void log.push(`intr ${high}`),
		a20: (enabled: boolean) => void log.push(`a20 ${enabled}`),
		ignoreFloatError: () => void log.push("ignne"),
		reset: () => void log.push("reset"),
		powerOff: () => void log.push("off"),
		exit: (status: number) => void log.push(`exit ${status}`),
	};
	const pc = wirePc({ pins, clock, bus, memory, firmware: firmware(), time: 0, ...extra });
	log.length = 0;
	const config = (bdf: number, register: number) => {
		bus.writePort(0xcf8, 0x80000000 | (bdf << 8) | (register & 0xfc), 4);
		return 0xcfc + (register & 3);
	};
	const readConfig = (bdf: number, register: number, size: number) =>
		bus.readPort(config(bdf, register), size);
	const writeConfig = (bdf: number, register: number, value: number, size: number) =>
		bus.writePort(config(bdf, register), value, size);
	const pass = (nanoseconds: number) => {
		const end = clock.now + nanoseconds;
		while (clock.next <= end) {
			clock.skipTo(clock.next);
			clock.fireDue();
		}
		clock.skipTo(end);
	};
	const initialisePics = () => {
		for (const [port, value] of [
			[0x20, 0x11],
			[0x21, 0x20],
			[0x21, 0x04],
			[0x21, 0x01],
			[0xa0, 0x11],
			[0xa1, 0x28],
			[0xa1, 0x02],
			[0xa1, 0x01],
		]) {
			bus.writePort(port, value, 1);
		}
	};
	return { memory, bus, clock, pc, log, readConfig, writeConfig, pass, initialisePics };
}

const [HOST, ISA, IDE, PM, VGA] = [0x00, 0x08, 0x09, 0x0b, 0x10];

describe("i440FX PC", () => {
	it("shows the functions where SeaBIOS and Linux look for them", () => {
		const { readConfig } = build();
		const ids = [HOST, ISA, IDE, PM, VGA].map((bdf) => readConfig(bdf, 0, 4).toString(16));
		expect(ids).to.deep.equal(["12378086", "70008086", "70108086", "71138086", "11111234"]);
		expect(readConfig(HOST, 0x2c, 4)).to.equal(0x11001af4);
		expect(readConfig(ISA, 0x0e, 1)).to.equal(0x80);
		expect(readConfig(IDE, 0x08, 4) >>> 8).to.equal(0x010180);
	});

	it("shows the end of the firmware below 1 MiB and all of it below 4 GiB", () => {
		const { memory } = build();
		expect(memory.read(0xfffc0000, 1)[0]).to.equal(0);
		expect(memory.read(0xfffffff0, 1)[0]).to.equal(0xea);
		expect(memory.read(0xffff0, 1)[0]).to.equal(0xea);
		expect(memory.read(0xe0000, 1)[0]).to.equal(2);
		expect(memory.read(0xd0000, 1)[0]).to.equal(0xff);
		memory.write(0xf0000, new Uint8Array([0x55]));
		expect(memory.read(0xf0000, 1)[0]).to.equal(3);
	});

	it("lets firmware copy itself into shadow RAM and lock it, as PAM says, piece by piece", () => {
		const { memory, writeConfig } = build();
		writeConfig(HOST, 0x59, 0x20, 1);
		memory.write(0xf0000, new Uint8Array([0x77]));
		expect(memory.read(0xf0000, 1)[0]).to.equal(3);
		writeConfig(HOST, 0x59, 0x10, 1);
		expect(memory.read(0xf0000, 1)[0]).to.equal(0x77);
		memory.write(0xf0000, new Uint8Array([0x88]));
		expect(memory.read(0xf0000, 1)[0]).to.equal(0x77);
		writeConfig(HOST, 0x5a, 0x03, 1);
		memory.write(0xc0000, new Uint8Array([0x11]));
		memory.write(0xc4000, new Uint8Array([0x11]));
		expect([memory.read(0xc0000, 1)[0], memory.read(0xc4000, 1)[0]]).to.deep.equal([0x11, 0xff]);
		writeConfig(HOST, 0x58, 0x33333300, 4);
		memory.write(0xdc000, new Uint8Array([0x22]));
		expect(memory.read(0xdc000, 1)[0]).to.equal(0xff);
		writeConfig(HOST, 0x5d, 0x33, 1);
		memory.write(0xdc000, new Uint8Array([0x22]));
		expect(memory.read(0xdc000, 1)[0]).to.equal(0x22);
	});

	it("shows the ROM again after a reset", () => {
		const { memory, writeConfig, pc } = build();
		writeConfig(HOST, 0x59, 0x30, 1);
		memory.write(0xffff0, new Uint8Array([0]));
		pc.reset();
		expect(memory.read(0xffff0, 1)[0]).to.equal(0xea);
	});

	it("keeps SMRAM control once it is locked", () => {
		const { readConfig, writeConfig } = build();
		writeConfig(HOST, 0x72, 0x4a, 1);
		expect(readConfig(HOST, 0x72, 1)).to.equal(0x4a);
		writeConfig(HOST, 0x72, 0x1a, 1);
		writeConfig(HOST, 0x72, 0x4a, 1);
		expect(readConfig(HOST, 0x72, 1)).to.equal(0x1a);
	});

	it("routes PIRQs to the IRQ that PIRQRC names, as an OR, with the board's swizzle", () => {
		const { bus, pc, log, writeConfig, initialisePics } = build();
		initialisePics();
		const isa = pc.devices.find((device) => device.name === "isa bridge") as unknown as {
			pirq(slot: number, pin: number): { set(high: boolean): void };
		};
		const first = isa.pirq(3, 1);
		const second = isa.pirq(2, 2);
		first.set(true);
		expect(log).to.not.include("intr true");
		bus.writePort(0x4d1, 0x0c, 1);
		writeConfig(ISA, 0x62, 0x0b, 1);
		expect(pc.pic.acknowledge()).to.equal(0x2b);
		second.set(true);
		first.set(false);
		bus.writePort(0xa0, 0x20, 1);
		bus.writePort(0x20, 0x20, 1);
		expect(pc.pic.acknowledge(), "the other wire still holds it").to.equal(0x2b);
		writeConfig(ISA, 0x62, 0x80, 1);
		bus.writePort(0xa0, 0x20, 1);
		bus.writePort(0x20, 0x20, 1);
		expect(pc.pic.acknowledge(), "spurious").to.equal(0x27);
	});

	it("resets by CF9, port 92h and the 8042", () => {
		const { bus, log } = build();
		bus.writePort(0xcf9, 0x02, 1);
		expect(log).to.deep.equal([]);
		bus.writePort(0xcf9, 0x06, 1);
		bus.writePort(0x92, 0x01, 1);
		bus.writePort(0x64, 0xfe, 1);
		expect(log.filter((line) => line === "reset")).to.have.length(3);
	});

	it("switches off by ACPI once PMBA is decoded: SLP_TYP 0 with SLP_EN", () => {
		const { bus, log, writeConfig } = build();
		bus.writePort(0x604, 0x2000, 2);
		expect(log).to.deep.equal([]);
		writeConfig(PM, 0x40, 0x601, 4);
		writeConfig(PM, 0x80, 0x01, 1);
		bus.writePort(0x604, 0x3400, 2);
		expect(log).to.deep.equal([]);
		bus.writePort(0x604, 0x2000, 2);
		expect(log).to.deep.equal(["off"]);
	});

	it("gives the chip to ACPI by APMC: SCI_EN follows f1 and f0 on port b2", () => {
		const { bus, writeConfig } = build();
		writeConfig(PM, 0x40, 0x601, 4);
		writeConfig(PM, 0x80, 0x01, 1);
		bus.writePort(0xb2, 0xf1, 1);
		expect(bus.readPort(0x604, 2)).to.equal(1);
		bus.writePort(0xb2, 0xf0, 1);
		expect(bus.readPort(0x604, 2)).to.equal(0);
		bus.writePort(0xb3, 0x12, 1);
		expect(bus.readPort(0xb3, 1)).to.equal(0x12);
	});

	it("counts the PM timer at 3.579545 MHz in 24 bits, and raises SCI when its top bit changes", () => {
		const { bus, log, writeConfig, pass, initialisePics } = build();
		writeConfig(PM, 0x40, 0x601, 4);
		writeConfig(PM, 0x80, 0x01, 1);
		pass(1e9);
		expect(bus.readPort(0x608, 4)).to.equal(3579545);
		initialisePics();
		bus.writePort(0xb2, 0xf1, 1);
		bus.writePort(0x602, 0x0001, 2);
		log.length = 0;
		pass(1.3e9);
		expect(log).to.deep.equal([]);
		pass(0.1e9);
		expect(log).to.deep.equal(["intr true"]);
		expect(bus.readPort(0x600, 2) & 1).to.equal(1);
		bus.writePort(0x600, 0x0001, 2);
		expect(bus.readPort(0x600, 2) & 1).to.equal(0);
		pass(3e9);
		expect(bus.readPort(0x608, 4)).to.be.lessThan(2 ** 24);
	});

	it("raises the power button as a fixed event", () => {
		const { bus, pc, log, writeConfig, initialisePics } = build();
		initialisePics();
		writeConfig(PM, 0x40, 0x601, 4);
		writeConfig(PM, 0x80, 0x01, 1);
		bus.writePort(0xb2, 0xf1, 1);
		bus.writePort(0x603, 0x01, 1);
		log.length = 0;
		pc.powerManagement.pressPowerButton();
		expect(log).to.deep.equal(["intr true"]);
		expect(bus.readPort(0x601, 1)).to.equal(1);
	});

	it("tells SeaBIOS to leave SMM alone, and answers nobody on the SMBus", () => {
		const { bus, readConfig, writeConfig } = build();
		expect(readConfig(PM, 0x58, 4) & (1 << 25)).to.not.equal(0);
		writeConfig(PM, 0x90, 0x701, 4);
		writeConfig(PM, 0xd2, 0x09, 1);
		expect(bus.readPort(0x700, 1)).to.equal(0);
		bus.writePort(0x702, 0x48, 1);
		expect(bus.readPort(0x700, 1)).to.equal(0x04);
	});

	it("ends the run from port f4 and finds the debug consoles", () => {
		const sent: number[] = [];
		const { bus, log } = build({ debugConsole: (byte) => sent.push(byte) });
		bus.writePort(0xf4, 0, 1);
		bus.writePort(0xe9, 0x41, 1);
		expect(log).to.deep.equal(["exit 0"]);
		expect(sent).to.deep.equal([0x41]);
		expect([bus.readPort(0xe9, 1), bus.readPort(0x402, 1)]).to.deep.equal([0xe9, 0xe9]);
	});

	it("delivers the timer's ticks as IRQ 0 through the 8259s", () => {
		const { bus, pc, log, pass, initialisePics } = build();
		initialisePics();
		for (const [port, value] of [
			[0x43, 0x34],
			[0x40, 0xa9],
			[0x40, 0x04],
		])
			bus.writePort(port, value, 1);
		log.length = 0;
		pass(1.1e6);
		expect(log).to.include("intr true");
		expect(pc.pic.acknowledge()).to.equal(0x20);
	});

	it("moves a disk's sector by bus-master DMA through BAR 4 and IRQ 14", () => {
		const image = {
			size: 1 << 20,
			read: (offset: number, length: number) => new Uint8Array(length).fill(offset >> 9),
		};
		const { bus, memory, pc, writeConfig, pass, initialisePics } = build({ hda: image });
		initialisePics();
		writeConfig(IDE, 0x20, 0xc000, 4);
		writeConfig(IDE, 0x04, 0x05, 2);
		memory.write(0x1000, new Uint8Array([0, 0x20, 0, 0, 0, 2, 0, 0x80]));
		bus.writePort(0xc004, 0x1000, 4);
		for (const [port, value] of [
			[0x1f6, 0xe0],
			[0x1f2, 1],
			[0x1f3, 9],
			[0x1f4, 0],
			[0x1f5, 0],
			[0x1f7, 0xc8],
		]) {
			bus.writePort(port, value, 1);
		}
		bus.writePort(0xc000, 0x09, 1);
		pass(1e6);
		expect(pc.pic.acknowledge()).to.equal(0x2e);
		expect(bus.readPort(0xc002, 1) & 5).to.equal(4);
		expect([...memory.read(0x2000, 2), ...memory.read(0x21ff, 1)]).to.deep.equal([9, 9, 9]);
		expect(pc.activity()).to.deep.equal({ cdrom: 0, disk: 1 });
	});

	it("is the same machine after every device's state was copied out and back", () => {
		const { bus, memory, pc, writeConfig, readConfig } = build();
		writeConfig(HOST, 0x59, 0x30, 1);
		memory.write(0xffff0, new Uint8Array([0x99]));
		writeConfig(PM, 0x40, 0x601, 4);
		writeConfig(PM, 0x80, 0x01, 1);
		const saved = pc.devices.map((device) => structuredClone(device.state));
		pc.reset();
		expect(bus.readPort(0x604, 2)).to.equal(0xffff);
		pc.devices.forEach((device, i) => {
			Object.assign(device.state, saved[i]);
		});
		pc.restored();
		expect(pc.devices.map((device) => structuredClone(device.state))).to.deep.equal(saved);
		expect(memory.read(0xffff0, 1)[0]).to.equal(0x99);
		expect(bus.readPort(0x604, 2)).to.equal(0);
		expect(readConfig(PM, 0x40, 4)).to.equal(0x601);
	});

	it("gives every device a name of its own", () => {
		const { pc } = build();
		expect(new Set(pc.devices.map((device) => device.name)).size).to.equal(pc.devices.length);
	});

	it("refuses firmware that is no multiple of 64 KiB, and unknown drives in the boot order", () => {
		expect(() => build({ firmware: new Uint8Array(1000) })).to.throw("64 KiB");
		expect(() => build({ bootOrder: "dx" })).to.throw("no drive is called x");
	});
});
