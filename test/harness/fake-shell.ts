// A guest that behaves like a shell: what is typed appears on its text screen and on COM1; "panic" halts it for good.

import type { PcOptions } from "../../src/machine/types.ts";
import { FakeMachine, textScreen } from "./fake-machine.ts";

export function fakeShell(options: Partial<PcOptions> = {}): FakeMachine {
	const machine = new FakeMachine(options);
	const lines = ["Welcome to the fake shell", "> "];
	const draw = () => {
		machine.cells = textScreen(lines.slice(-25));
		machine.cells.cursor = { column: lines[lines.length - 1].length, row: Math.min(lines.length, 25) - 1 };
	};
	const typed = (input: string) => {
		const key = /^press (?:Key|Digit)(.)$/.exec(input)?.[1];
		if (key) lines[lines.length - 1] += key.toLowerCase();
		if (key) machine.say(key.toLowerCase());
		if (input === "press Enter") {
			machine.say("\n");
			machine.whisper(`ran ${lines[lines.length - 1].slice(2)}\n`);
			if (lines[lines.length - 1] === "> off") machine.finish({ kind: "poweroff" });
			if (lines[lines.length - 1] === "> triple") machine.finish({ kind: "shutdown" });
			lines.push("> ");
		}
		draw();
	};
	machine.onInput = typed;
	machine.at(0.01, () => machine.say("Welcome to the fake shell\n"));
	draw();
	return machine;
}
