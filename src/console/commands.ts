// What the console does itself, after its escape key.

/** Ctrl-], as telnet has it: no shell uses it, and every terminal sends it. */
export const ESCAPE = "\x1d";
export const ESCAPE_NAME = "Ctrl-]";

export type Command =
	| "quit"
	| "reset"
	| "ctrl-alt-delete"
	| "screenshot"
	| "pause"
	| "eject"
	| "pane"
	| "help"
	| "escape";

const KEYS: [key: string, command: Command, label: string][] = [
	["q", "quit", "quit"],
	["r", "reset", "reset"],
	["d", "ctrl-alt-delete", "Ctrl-Alt-Del"],
	["s", "screenshot", "screenshot"],
	["p", "pause", "pause"],
	["e", "eject", "eject"],
	["v", "pane", "pane"],
	["h", "help", "help"],
];

/** "q quit  r reset  ..." */
export const COMMAND_LINE = KEYS.map(([key, , label]) => `${key} ${label}`).join("  ");

/** A line for each key. */
export const COMMAND_HELP = [
	...KEYS.map(([key, , label]) => `${ESCAPE_NAME} ${key}  ${label}`),
	`${ESCAPE_NAME} ${ESCAPE_NAME}  send ${ESCAPE_NAME} to the guest`,
];

/** Tells keys for the console from keys for the guest. */
export class EscapeKey {
	/** The escape key was pressed; the next key is a command. */
	armed = false;

	/** @returns a command, "armed" or "unknown" for what the console takes; undefined for a key of the guest's */
	press(character: string | undefined): Command | "armed" | "unknown" | undefined {
		if (!this.armed) {
			this.armed = character === ESCAPE;
			return this.armed ? "armed" : undefined;
		}
		this.armed = false;
		if (character === ESCAPE) return "escape";
		return KEYS.find(([key]) => key === character?.toLowerCase())?.[1] ?? "unknown";
	}
}
