// Makes the golden screens from QEMU's own pictures of Pocket Rocket: `npx tsx test/screens/make.ts`. Look at them
// before committing: they are what the tests hold Gantry to.

import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { NodeHost } from "../../src/cli/node-host.ts";
import { QemuSession } from "../harness/qemu-session.ts";
import { ISO, PROMPT, SCREENS } from "../harness/rocket-sessions.ts";
import { goldenPath } from "../harness/screens.ts";

/** Milliseconds for the guest to draw what it has sent. */
const DRAWING = 300;

const host = new NodeHost();
for (const { name, commands, last } of SCREENS) {
	const session = new QemuSession(["-cdrom", ISO]);
	try {
		await session.expect(PROMPT);
		for (const command of commands) {
			await session.type(`${command}\n`);
			await session.expect(command === commands.at(-1) ? last : PROMPT);
		}
		await setTimeout(DRAWING);
		writeFileSync(goldenPath(name), host.encodePng(await session.picture()));
		console.log(goldenPath(name));
	} finally {
		session.close();
	}
}
