/** Pocket Rocket's shell in two machines in step: every suite that is written for a shell runs in lock-step. */
import type { Snapshot } from "../../src/machine/types.ts";
import { outputOf, PROMPT, type Shell } from "../guest/kernel/shell.ts";
import { Pair } from "./lockstep.ts";

/** Guest seconds for one command. */
const PATIENCE = 60;
/** Machines at the prompt, by the disc they were booted from. */
const booted = new Map<string, Snapshot>();

export class LockstepShell implements Shell {
	private constructor(readonly pair: Pair) {}

	/** Boots to the prompt; a disc that has been booted before is there at once. */
	static async boot(iso: string): Promise<LockstepShell> {
		const shell = new LockstepShell(await Pair.boot({ cdrom: iso }));
		const known = booted.get(iso);
		if (known) shell.pair.load(known);
		else {
			shell.#wait(0, PROMPT);
			booted.set(iso, shell.pair.interpreted.save());
		}
		return shell;
	}

	async until(line: string, text: RegExp): Promise<string> {
		const from = this.#text.length;
		this.pair.each(({ serial }) => serial.send(`${line}\r`));
		return this.#wait(from, text);
	}

	async command(line: string): Promise<string> {
		return outputOf(await this.until(line, PROMPT));
	}

	debug(): string {
		return this.pair.interpreted.debugConsole.text;
	}

	async close(): Promise<void> {
		this.pair.close();
	}

	get #text(): string {
		return this.pair.interpreted.serial.text;
	}

	/** @returns what COM1 said from `from` on to the end of what matches */
	#wait(from: number, pattern: RegExp): string {
		const found = () => pattern.exec(this.#text.slice(from));
		this.pair.run(PATIENCE, () => found() !== null);
		const match = found();
		if (!match) throw new Error(`${pattern} did not come:\n${this.#text.slice(from)}`);
		return this.#text.slice(from, from + match.index + match[0].length);
	}
}
