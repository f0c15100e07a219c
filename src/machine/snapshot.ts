// Saving and restoring a whole machine. Every mutable bit is named plain data, so a snapshot is a copy of it, and
// restoring is copying it back in place: devices keep the objects that they were built with.

import type { Clock } from "../bus/clock.ts";
import type { Device } from "../bus/device.ts";
import type { Processor } from "../bus/processor.ts";
import type { Snapshot } from "./types.ts";

/** Everything in a machine that changes. */
export interface MutableParts {
	processor: Processor;
	clock: Clock;
	devices: readonly Device[];
	/** Live views of RAM and of the other storages that a guest can write, by name. */
	memory: Record<string, Uint8Array>;
}

export function saveParts({ processor, clock, devices, memory }: MutableParts): Snapshot {
	return {
		processor: processor.save(),
		clock: structuredClone(clock.state),
		devices: Object.fromEntries(devices.map((device) => [device.name, structuredClone(device.state)])),
		memory: Object.fromEntries(Object.entries(memory).map(([name, bytes]) => [name, bytes.slice()])),
	};
}

/** @throws Error for the snapshot of another machine; nothing has changed then */
export function loadParts(parts: MutableParts, snapshot: Snapshot): void {
	check(parts, snapshot);
	for (const [name, bytes] of Object.entries(parts.memory)) bytes.set(snapshot.memory[name]);
	for (const device of parts.devices)
		Object.assign(device.state, structuredClone(snapshot.devices[device.name]));
	const { skipped, deadlines } = snapshot.clock;
	parts.clock.state.skipped = skipped;
	// In place: alarms hold on to the array.
	parts.clock.state.deadlines.splice(0, Number.POSITIVE_INFINITY, ...deadlines);
	parts.processor.load(snapshot.processor);
	for (const device of parts.devices) device.restored?.();
}

function check({ devices, memory, clock }: MutableParts, snapshot: Snapshot): void {
	for (const { name } of devices) {
		if (!(name in snapshot.devices)) throw new Error(`the snapshot's machine has no ${name}`);
	}
	for (const [name, bytes] of Object.entries(memory)) {
		const saved = snapshot.memory[name]?.length;
		if (saved !== bytes.length)
			throw new Error(`the snapshot's ${name} has ${saved ?? 0} bytes, not ${bytes.length}`);
	}
	if (snapshot.clock.deadlines.length !== clock.state.deadlines.length) {
		throw new Error("the snapshot's machine has other alarms");
	}
}
