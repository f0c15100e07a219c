// Pocket Rocket in Gantry.

import { type BootOptions, boot, type Session } from "../../src/cli/api.ts";
import { ISO, PROMPT } from "./rocket-sessions.ts";

/** Pocket Rocket at its prompt. */
export async function bootToPrompt(options: BootOptions = {}): Promise<Session> {
	const session = await boot({ cdrom: ISO, ...options });
	await session.serial.expect(PROMPT);
	return session;
}

/** Types a command at the keyboard; what it said on COM1, up to the next prompt. */
export async function run(session: Session, command: string): Promise<string> {
	const before = session.serial.text.length;
	await session.keyboard.type(`${command}\n`);
	await session.serial.expect(`${command}\n`);
	await session.serial.expect(PROMPT);
	const said = session.serial.text.slice(before);
	return said.slice(command.length + 1, said.lastIndexOf(PROMPT));
}
