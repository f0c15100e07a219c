import { expect } from "chai";
import { Clock } from "../../src/bus/clock.ts";
import type { Device } from "../../src/bus/device.ts";
import { loadParts, type MutableParts, saveParts } from "../../src/machine/snapshot.ts";
import { FakeProcessor } from "../harness/fake-machine.ts";

/** A chip whose pin is derived from its state. */
class Chip implements Device {
	readonly name = "chip";
	readonly state = { count: 0, fifo: [] as number[] };
	pin = 0;
	attach(): void {}
	reset(): void {}
	restored(): void {
		this.pin = this.state.count;
	}
}

function parts() {
	const ram = new Uint8Array(64);
	const processor = new FakeProcessor(ram);
	const clock = new Clock(() => processor.retired);
	const chip = new Chip();
	const fired: number[] = [];
	const alarm = clock.createAlarm(() => fired.push(clock.now));
	const machine: MutableParts = { processor, clock, devices: [chip], memory: { ram } };
	return { machine, chip, ram, clock, alarm, fired };
}

describe("a snapshot", () => {
	it("brings back memory, devices and alarms as they were, in the devices' own objects", () => {
		const { machine, chip, ram, alarm, clock } = parts();
		const { state } = chip;
		Object.assign(state, { count: 3, fifo: [1, 2] });
		ram[5] = 7;
		alarm.set(1000);
		const snapshot = saveParts(machine);
		Object.assign(state, { count: 9, fifo: [] });
		ram[5] = 8;
		alarm.cancel();
		loadParts(machine, snapshot);
		expect(chip.state)
			.to.equal(state)
			.and.deep.equal({ count: 3, fifo: [1, 2] });
		expect([ram[5], chip.pin, alarm.at, clock.next]).to.deep.equal([7, 3, 1000, 1000]);
	});

	it("is a copy: what happens later does not change it", () => {
		const { machine, chip, ram } = parts();
		const snapshot = saveParts(machine);
		chip.state.fifo.push(1);
		ram[0] = 1;
		expect(snapshot.devices.chip).to.deep.equal({ count: 0, fifo: [] });
		expect(snapshot.memory.ram[0]).to.equal(0);
		loadParts(machine, snapshot);
		chip.state.fifo.push(2);
		expect(snapshot.devices.chip).to.deep.equal({ count: 0, fifo: [] });
	});

	it("of another machine is refused before anything has changed", () => {
		const { machine, chip } = parts();
		const snapshot = saveParts(machine);
		chip.state.count = 5;
		snapshot.memory.ram = new Uint8Array(63);
		expect(() => loadParts(machine, snapshot)).to.throw("the snapshot's ram has 63 bytes, not 64");
		expect(chip.state.count).to.equal(5);
	});
});
