// The console: the guest's screen, what it says, a status line, and the user's keys; guest time runs with the wall's.

import type { Cell } from "../machine/types.ts";
import type { Host } from "../script/host.ts";
import type { Session } from "../script/session.ts";
import { COMMAND_HELP, type Command, ESCAPE, EscapeKey } from "./commands.ts";
import { guestKeys, type TerminalKey } from "./guest-keys.ts";
import { GuestView } from "./guest-view.ts";
import { layout, nextMode, type PaneMode } from "./layout.ts";
import { Pacer } from "./pacer.ts";
import { Lamps, Speedometer, statusLine } from "./status.ts";
import type { Frame } from "./terminal.ts";
import type { Line, Transcript } from "./transcript.ts";

/** The part of a terminal that the console needs. */
export interface Display {
	readonly columns: number;
	readonly rows: number;
	show(frame: Frame): void;
}

export interface ConsoleWorld {
	session: Session;
	host: Host;
	display: Display;
	transcript: Transcript;
	/** Writes a PNG and returns its path. */
	saveScreenshot(png: Uint8Array): string;
	sleep(milliseconds: number): Promise<void>;
}

/** Milliseconds between two frames, and of sleep while there is nothing to do. */
const FRAME = 40;
const NAP = 4;
/** Seconds of guest time that are worth a run: a moment after the last one, next to nothing is due. */
const LEAST = 0.002;
/** Seconds for which a message covers the status line. */
const MESSAGE = 3;

const WHITE = 0xe4e4e4;
const GREY = 0x9e9e9e;
const CYAN = 0x5fd7d7;
const BLACK = 0;
const BAR = 0x303030;
const ALERT = 0x5f0000;

export class Console {
	readonly #world: ConsoleWorld;
	readonly #view = new GuestView();
	readonly #escape = new EscapeKey();
	readonly #pacer: Pacer;
	readonly #speedometer = new Speedometer();
	readonly #lamps = new Lamps();
	/** Keys on their way to the guest, each a combination. */
	#keys: string[][] = [];
	#pane: PaneMode = "small";
	#paused = false;
	#quit = false;
	#message: { text: string; until: number } | undefined;
	#nextFrame = 0;

	constructor(world: ConsoleWorld) {
		this.#world = world;
		this.#pacer = new Pacer(this.#wall, world.session.time);
	}

	/** Runs until the user quits, or the guest switches the machine off. */
	async run(): Promise<void> {
		while (!this.#quit && !this.#switchedOff()) {
			await this.#turn();
			if (this.#wall >= this.#nextFrame) this.draw();
		}
	}

	/** A key of the terminal's. */
	key(character: string | undefined, key: TerminalKey | undefined): void {
		const command = this.#escape.press(character);
		if (!command) this.#toGuest(character, key);
		else if (command === "unknown") this.#say("no such key; Ctrl-] h lists them");
		else if (command !== "armed") this.#command(command);
		this.#nextFrame = 0;
	}

	draw(): void {
		const { display } = this.#world;
		const { guestRows, paneRows } = layout(display.rows, this.#pane);
		const guest = this.#view.show(this.#world.session.machine.screen, display.columns, guestRows);
		const rows = [...guest.grid, ...this.#paneCells(paneRows), this.#statusCells()];
		display.show({ rows: rows.slice(-display.rows), cursor: guest.cursor });
		this.#nextFrame = this.#wall + FRAME / 1000;
	}

	/** A stretch of guest time, a key, or a nap. */
	async #turn(): Promise<void> {
		const { session, sleep } = this.#world;
		if (this.#paused || session.ended) return sleep(FRAME);
		const keys = this.#keys.shift();
		if (keys) return session.keyboard.press(keys.join("+"));
		const due = this.#pacer.due(this.#wall, session.time);
		if (due >= LEAST) await session.run(due);
		else await sleep(NAP);
	}

	#toGuest(character: string | undefined, key: TerminalKey | undefined): void {
		const keys = guestKeys(character, key);
		if (keys) this.#keys.push(keys);
	}

	#command(command: Command): void {
		const { session, transcript } = this.#world;
		switch (command) {
			case "quit":
				this.#quit = true;
				break;
			case "reset":
				session.reset();
				this.#say("reset");
				break;
			case "ctrl-alt-delete":
				this.#keys.push(["ControlLeft", "AltLeft", "Delete"]);
				break;
			case "screenshot":
				this.#screenshot();
				break;
			case "pause":
				this.#paused = !this.#paused;
				this.#pacer.restart(this.#wall, session.time);
				break;
			case "eject":
				session.cdrom.eject();
				this.#say("the disc is out");
				break;
			case "pane":
				this.#pane = nextMode(this.#pane);
				break;
			case "help":
				this.#pane = "large";
				transcript.note(COMMAND_HELP.join("\n"));
				break;
			case "escape":
				this.#toGuest(ESCAPE, undefined);
		}
	}

	#screenshot(): void {
		try {
			this.#say(`wrote ${this.#world.saveScreenshot(this.#world.session.screen.png())}`);
		} catch (error) {
			this.#say((error as Error).message);
		}
	}

	#say(text: string): void {
		this.#message = { text, until: this.#wall + MESSAGE };
	}

	#paneCells(rows: number): Cell[][] {
		if (rows === 0) return [];
		const { display, transcript } = this.#world;
		const title = line(" COM1 and debug console", display.columns, GREY, BAR);
		const lines = transcript
			.last(rows)
			.map((said) => line(said.text, display.columns, colourOf(said), BLACK));
		const empty = Array.from({ length: rows - lines.length }, () => line("", display.columns, GREY, BLACK));
		return [title, ...lines, ...empty];
	}

	#statusCells(): Cell[] {
		const { session, display } = this.#world;
		const wall = this.#wall;
		if (this.#message && wall >= this.#message.until) this.#message = undefined;
		const text = statusLine({
			session,
			paused: this.#paused,
			armed: this.#escape.armed,
			message: this.#message?.text,
			speed: this.#paused ? 0 : this.#speedometer.update(wall, session.instructions),
			lamps: this.#lamps.text(session.machine.activity(), wall),
		});
		return line(text, display.columns, WHITE, session.ended ? ALERT : BAR);
	}

	#switchedOff(): boolean {
		const kind = this.#world.session.ended?.kind;
		return kind === "poweroff" || kind === "exit" || kind === "reset";
	}

	/** Seconds. */
	get #wall(): number {
		return this.#world.host.wallTime() / 1000;
	}
}

function colourOf({ wire }: Line): number {
	return wire === "debug" ? CYAN : GREY;
}

/** One row of text, cut or filled up. */
function line(text: string, columns: number, foreground: number, background: number): Cell[] {
	const characters = Array.from(text.padEnd(columns)).slice(0, columns);
	return characters.map((character) => ({ text: character, foreground, background }));
}
