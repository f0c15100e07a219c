// A snapshot of the whole machine is the machine: what follows is the same each time.

import { expect } from "chai";
import { bootToPrompt, run } from "../harness/pocket-rocket.ts";

describe("a machine restored from a snapshot", function () {
	this.timeout(180000);

	it("goes on exactly as it did the first time", async () => {
		const session = await bootToPrompt();
		const atPrompt = session.save();
		const before = await session.hash();
		await run(session, "load example");
		const first = { hash: await session.hash(), time: session.time, png: session.screen.png() };
		session.load(atPrompt);
		expect(await session.hash()).to.equal(before);
		await run(session, "load example");
		expect({ hash: await session.hash(), time: session.time, png: session.screen.png() }).to.deep.equal(
			first,
		);
		session.close();
	});
});
