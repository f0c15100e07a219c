// The status line: what the machine is doing, its time, its speed, its drives.

import type { Machine } from "../machine/types.ts";
import type { Ending } from "../script/runner.ts";
import type { Session } from "../script/session.ts";
import { COMMAND_LINE, ESCAPE_NAME } from "./commands.ts";

const SPEED_WINDOW = 1;

/** Instructions a second, over the last second. */
export class Speedometer {
	#since = 0;
	#retired = 0;
	#speed = 0;

	/** @param wall seconds */
	update(wall: number, retired: number): number {
		if (wall - this.#since >= SPEED_WINDOW) {
			this.#speed = (retired - this.#retired) / (wall - this.#since);
			this.#since = wall;
			this.#retired = retired;
		}
		return this.#speed;
	}
}

/** Lamps that stay lit for a moment after a transfer, so that one sees them. */
export class Lamps {
	#last = { cdrom: 0, disk: 0 };
	#until = { cdrom: 0, disk: 0 };

	/** "CD* HD ", at `wall` seconds. */
	text(activity: ReturnType<Machine["activity"]>, wall: number): string {
		return `CD${this.#lit("cdrom", activity, wall)} HD${this.#lit("disk", activity, wall)}`;
	}

	#lit(drive: "cdrom" | "disk", activity: ReturnType<Machine["activity"]>, wall: number): string {
		if (activity[drive] !== this.#last[drive]) this.#until[drive] = wall + 0.2;
		this.#last[drive] = activity[drive];
		return wall < this.#until[drive] ? "\u25cf" : "\u25cb";
	}
}

export interface StatusParts {
	session: Session;
	paused: boolean;
	armed: boolean;
	/** Shown for a while in place of the rest: "wrote gantry-001.png". */
	message?: string;
	speed: number;
	lamps: string;
}

export function statusLine(parts: StatusParts): string {
	if (parts.armed) return ` ${COMMAND_LINE}`;
	if (parts.message) return ` ${parts.message}`;
	const { session } = parts;
	const state = session.ended ? endingWord(session.ended) : parts.paused ? "paused" : "running";
	const resets = session.resets > 0 ? `  ${session.resets} reset${session.resets > 1 ? "s" : ""}` : "";
	const speed = `${(parts.speed / 1e6).toFixed(0)} MIPS`;
	return ` ${state}  ${session.time.toFixed(1)} s  ${speed}  ${parts.lamps}${resets}  ${ESCAPE_NAME} for keys`;
}

export function endingWord(ending: Ending): string {
	switch (ending.kind) {
		case "poweroff":
			return "powered off";
		case "exit":
			return `exited with ${ending.value}`;
		case "shutdown":
			return "triple fault";
		case "panic":
			return "panic";
		case "halted":
			return "halted for good";
		case "reset":
			return "reset";
	}
}
