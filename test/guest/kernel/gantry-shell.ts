/** Pocket Rocket's shell in Gantry. */
import { boot, type Session } from "../../../src/cli/api.ts";
import { outputOf, PROMPT, type Shell } from "./shell.ts";

/** Guest seconds for one command. */
const PATIENCE = 60;

export class GantryShell implements Shell {
	readonly session: Session;

	private constructor(session: Session) {
		this.session = session;
	}

	/** Boots to the prompt. */
	static async boot(iso: string): Promise<GantryShell> {
		const session = await boot({ cdrom: iso, memory: 256, panic: false });
		await session.serial.expect(PROMPT, { within: PATIENCE });
		return new GantryShell(session);
	}

	async until(line: string, text: RegExp): Promise<string> {
		const { serial } = this.session;
		serial.skip();
		const from = serial.text.length;
		serial.send(`${line}\r`);
		await serial.expect(text, { within: PATIENCE });
		return serial.text.slice(from);
	}

	async command(line: string): Promise<string> {
		return outputOf(await this.until(line, PROMPT));
	}

	debug(): string {
		return this.session.debugConsole.text;
	}

	async close(): Promise<void> {
		this.session.close();
	}
}
