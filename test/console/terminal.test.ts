import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Terminal as Emulator } from "@xterm/headless";
import { expect } from "chai";

const FIXTURE = fileURLToPath(new URL("fixture.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** Seconds for each wait. */
const CAP = 40;

/** A program on a terminal of its own, made by script(1); afterwards stty tells how it was left. */
class InTerminal {
	readonly #emulator = new Emulator({ cols: 80, rows: 24, allowProposedApi: true });
	readonly #child: ChildProcess;
	#output = "";

	constructor(program: string) {
		const node = `${process.execPath} --import tsx ${program}`;
		const command = `stty rows 24 cols 80; sh -c 'echo pid=$$.; exec ${node}'; echo status=$?; stty -a; exit 0`;
		this.#child = spawn("script", ["-qec", command, "/dev/null"], {
			env: { ...process.env, TERM: "xterm-256color" },
		});
		this.#child.stdout!.on("data", (data: Buffer) => {
			this.#output += data;
			this.#emulator.write(data);
		});
	}

	/** The program's own process. */
	get pid(): number {
		return Number(/pid=(\d+)\./.exec(this.#output)?.[1]);
	}

	/** Whether the program's screen is up in place of the shell's. */
	get alternate(): boolean {
		return this.#emulator.buffer.active.type === "alternate";
	}

	get text(): string {
		const { active } = this.#emulator.buffer;
		const lines = Array.from({ length: active.length }, (_, y) =>
			active.getLine(y)!.translateToString().trimEnd(),
		);
		return lines.join("\n");
	}

	type(text: string): void {
		this.#child.stdin!.write(text);
	}

	async until(pattern: RegExp): Promise<void> {
		for (const end = performance.now() + CAP * 1000; performance.now() < end; await setTimeout(20)) {
			if (pattern.test(this.text)) return;
		}
		throw new Error(`no ${pattern} on the terminal:\n${this.text}`);
	}

	async ended(): Promise<void> {
		if (this.#child.exitCode === null) await once(this.#child, "close");
		await new Promise<void>((done) => this.#emulator.write("", done));
	}
}

/** The shell's screen is back, and its line discipline. */
function expectAsItWas(terminal: InTerminal, status: number): void {
	expect(terminal.alternate).to.equal(false);
	expect(terminal.text).to.contain(`status=${status}`);
	expect(terminal.text)
		.to.match(/(^|\s)icanon\b/m)
		.and.match(/(^|\s)echo\b/m);
}

describe("the terminal", function () {
	this.timeout(120000);
	const nothing = () => {};
	const cases: [how: string, argument: string, act: (terminal: InTerminal) => void, status: number][] = [
		["is quit", "", (terminal) => terminal.type("\x1dq"), 0],
		["is ended by SIGTERM", "", (terminal) => process.kill(terminal.pid, "SIGTERM"), 143],
		["throws", "crash", nothing, 1],
		["leaves a rejection unhandled", "reject", nothing, 1],
	];
	for (const [how, argument, act, status] of cases) {
		it(`is as it was when the console ${how}`, async () => {
			const terminal = new InTerminal(`${FIXTURE} ${argument}`);
			await terminal.until(/Ctrl-] for keys/);
			expect(terminal.alternate).to.equal(true);
			act(terminal);
			await terminal.ended();
			expectAsItWas(terminal, status);
		});
	}

	it("shows Pocket Rocket, takes what is typed to it, and its module's words", async () => {
		const terminal = new InTerminal(`${MAIN} boot`);
		await terminal.until(/^rocket>/m);
		terminal.type("load example\r");
		await terminal.until(/^example: loaded\nrocket>/m);
		terminal.type("\x1dv");
		await terminal.until(/^ COM1 and debug console\n(.*\n)*example\.ko: mod_init called!/m);
		terminal.type("poweroff\r");
		await terminal.ended();
		expect(terminal.text).to.contain("gantry: the guest switched the machine off");
		expectAsItWas(terminal, 0);
	});
});
