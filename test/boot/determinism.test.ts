// A run is a function of its inputs.

import { expect } from "chai";
import { bootToPrompt, run } from "../harness/pocket-rocket.ts";

async function oneRun(seed = 1) {
	const session = await bootToPrompt({ seed });
	await run(session, "load example");
	await run(session, "mem");
	const result = {
		instructions: session.instructions,
		time: session.time,
		hash: await session.hash(),
		png: Buffer.from(session.screen.png()).toString("base64"),
		serial: session.serial.text,
	};
	session.close();
	return result;
}

describe("two headless runs of one script", function () {
	this.timeout(300000);

	it("end with the same instruction count, the same hash of all state and the same PNG", async () => {
		const first = await oneRun();
		expect(first.instructions).to.be.above(1e6);
		expect(await oneRun()).to.deep.equal(first);
	});

	it("differ in their hash if the seed of the processor's random numbers differs", async () => {
		expect((await oneRun(2)).hash).to.not.equal((await oneRun(1)).hash);
	});
});
