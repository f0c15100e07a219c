// Compiled code and the interpreter are two readings of the same rows: a run does not show which was at work.

import { expect } from "chai";
import type { Session } from "../../src/cli/api.ts";
import { boot } from "../../src/cli/api.ts";
import { ISO, PROMPT } from "../harness/rocket-sessions.ts";

/** Guest seconds between two comparisons. */
const STEP = 0.02;
const COMMANDS = [
	"help",
	"ls /system/modules",
	"load example",
	"modules",
	"mem",
	"pci",
	"unload example",
	"dmesg",
	"panic page",
];

async function inStep(one: Session, other: Session, seconds: number): Promise<void> {
	for (let done = 0; done < seconds; done += STEP) {
		await one.run(STEP);
		await other.run(STEP);
		expect(other.instructions, "instructions retired").to.equal(one.instructions);
		expect(await other.hash(), `state after ${one.time} s`).to.equal(await one.hash());
	}
}

describe("lock-step", function () {
	this.timeout(600_000);

	it("boots Pocket Rocket interpreted and compiled through the same states, to a panic", async () => {
		const interpreted = await boot({ cdrom: ISO, memory: 32, compiler: false, panic: false });
		const compiled = await boot({ cdrom: ISO, memory: 32, panic: false });
		await inStep(interpreted, compiled, 0.2);
		expect(compiled.serial.text).to.contain(PROMPT);
		for (const command of COMMANDS) {
			for (const session of [interpreted, compiled]) session.serial.send(`${command}\r`);
			await inStep(interpreted, compiled, 0.06);
		}
		expect(compiled.serial.text).to.contain("PANIC:");
		expect(compiled.serial.text).to.equal(interpreted.serial.text);
		expect(compiled.regions, "regions that were compiled").to.be.above(10);
		for (const session of [interpreted, compiled]) session.close();
	});
});
