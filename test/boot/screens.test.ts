// Screens of Pocket Rocket against QEMU's of the same session.

import { bootToPrompt } from "../harness/pocket-rocket.ts";
import { PROMPT, SCREENS } from "../harness/rocket-sessions.ts";
import { expectScreen } from "../harness/screens.ts";

/** Guest seconds for the guest to draw what it has sent. */
const DRAWING = 0.2;

describe("Pocket Rocket's screen", function () {
	this.timeout(180000);
	for (const { name, commands, last, mask } of SCREENS) {
		it(`is QEMU's, to the pixel: ${name}`, async () => {
			const session = await bootToPrompt({ panic: false });
			try {
				for (const command of commands) {
					await session.keyboard.type(`${command}\n`);
					await session.serial.expect(command === commands.at(-1) ? last : PROMPT);
				}
				await session.run(DRAWING);
				expectScreen(session, name, mask);
			} finally {
				session.close();
			}
		});
	}
});
