import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Terminal as Emulator } from "@xterm/headless";
import { expect } from "chai";

const FIXTURE = fileURLToPath(new URL("fixture.ts", import.meta.url));

/**
 * Runs the fixture on a terminal of its own, made by script(1), and afterwards asks stty how it was left.
 * @param meanwhile called once the console is up
 */
async function inTerminal(
	argument: string,
	meanwhile: (child: ChildProcess, pid: number) => void,
): Promise<Emulator> {
	const emulator = new Emulator({ cols: 80, rows: 24, allowProposedApi: true });
	const node = `${process.execPath} --import tsx ${FIXTURE} ${argument}`;
	const command = `stty rows 24 cols 80; sh -c 'echo pid=$$.; exec ${node}'; echo status=$?; stty -a; exit 0`;
	const child = spawn("script", ["-qec", command, "/dev/null"], {
		env: { ...process.env, TERM: "xterm-256color" },
	});
	let output = "";
	let up = false;
	child.stdout.on("data", (data: Buffer) => {
		output += data;
		emulator.write(data);
		if (up || !output.includes("for keys")) return;
		up = true;
		meanwhile(child, Number(/pid=(\d+)\./.exec(output)?.[1]));
	});
	await once(child, "close");
	await new Promise<void>((done) => emulator.write("", done));
	return emulator;
}

function textOf(emulator: Emulator): string {
	const { active } = emulator.buffer;
	return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true)).join(
		"\n",
	);
}

describe("the terminal", function () {
	this.timeout(30000);
	const nothing = () => {};
	const cases: [how: string, argument: string, (child: ChildProcess, pid: number) => void, status: number][] =
		[
			["is quit", "", (child) => child.stdin?.write("\x1dq"), 0],
			["is ended by SIGTERM", "", (_, pid) => process.kill(pid, "SIGTERM"), 143],
			["throws", "crash", nothing, 1],
			["leaves a rejection unhandled", "reject", nothing, 1],
		];
	for (const [how, argument, meanwhile, status] of cases) {
		it(`is as it was when the console ${how}`, async () => {
			const emulator = await inTerminal(argument, meanwhile);
			const text = textOf(emulator);
			expect(emulator.buffer.active.type).to.equal("normal");
			expect(text).to.contain(`status=${status}`);
			expect(text)
				.to.match(/(^|\s)icanon\b/m)
				.and.match(/(^|\s)echo\b/m);
		});
	}
});
