import type { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { Terminal as Emulator } from "@xterm/headless";
import { expect } from "chai";
import { Console } from "../../src/console/console.ts";
import { Terminal } from "../../src/console/terminal.ts";
import { Transcript } from "../../src/console/transcript.ts";
import { bootWith } from "../../src/script/boot.ts";
import type { Session } from "../../src/script/session.ts";
import { FakeHost } from "../harness/fake-host.ts";
import type { FakeMachine } from "../harness/fake-machine.ts";
import { fakeShell } from "../harness/fake-shell.ts";

class WallHost extends FakeHost {
	override wallTime(): number {
		return performance.now();
	}
	override async breathe(): Promise<void> {
		await setTimeout(0);
	}
}

/** A console on a terminal that is @xterm/headless: bytes out are parsed, bytes in are typed. */
class Rig {
	session!: Session;
	machine!: FakeMachine;
	readonly shots: Uint8Array[] = [];
	readonly #emulator: Emulator;
	readonly #input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
	readonly #output: PassThrough & { isTTY: boolean; columns: number; rows: number };
	#running!: Promise<void>;
	#terminal!: Terminal;

	constructor(columns: number, rows: number) {
		this.#emulator = new Emulator({ cols: columns, rows, allowProposedApi: true });
		this.#output = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
		this.#output.on("data", (data: Buffer) => this.#emulator.write(data));
	}

	async start(): Promise<this> {
		const host = new WallHost();
		const transcript = new Transcript();
		const options = { onSerial: transcript.com1, onDebugConsole: transcript.debug, panic: false as const };
		this.session = await bootWith({ host, createPc: (pc) => (this.machine = fakeShell(pc)) }, options);
		this.#terminal = new Terminal("test", (character, key) => screen.key(character, key), {
			input: this.#input,
			output: this.#output,
			terminal: "xterm-256color",
		});
		const screen = new Console({
			session: this.session,
			host,
			display: this.#terminal,
			transcript,
			saveScreenshot: (png) => `shot-${this.shots.push(png)}.png`,
			sleep: async (milliseconds) => void (await setTimeout(milliseconds)),
		});
		this.#terminal.onResize = () => screen.draw();
		this.#running = screen.run();
		return this;
	}

	type(text: string): void {
		this.#input.write(text);
	}

	resize(columns: number, rows: number): void {
		Object.assign(this.#output, { columns, rows });
		this.#emulator.resize(columns, rows);
		(this.#output as EventEmitter).emit("resize");
	}

	text(): string {
		const { active } = this.#emulator.buffer;
		const lines = Array.from({ length: this.#emulator.rows }, (_, y) =>
			active.getLine(y)?.translateToString().trimEnd(),
		);
		return lines.join("\n");
	}

	get buffer(): string {
		return this.#emulator.buffer.active.type;
	}

	async until(wanted: string | RegExp): Promise<void> {
		for (let tries = 0; tries < 100; tries++) {
			if (typeof wanted === "string" ? this.text().includes(wanted) : wanted.test(this.text())) return;
			await setTimeout(20);
		}
		throw new Error(`no ${wanted} on the terminal:\n${this.text()}`);
	}

	/** Until the console has come to its own end. */
	async ended(): Promise<void> {
		await this.#running;
		this.close();
		await setTimeout(20);
	}

	close(): void {
		this.#terminal.close();
	}
}

describe("the console", function () {
	this.timeout(10000);
	let rig: Rig;
	const start = async (columns: number, rows: number) => (rig = await new Rig(columns, rows).start());

	afterEach(async () => {
		rig.type("\x1dq");
		await rig.ended();
	});

	it("shows the guest's text, what it says and how it is, on 80 by 24", async () => {
		await start(80, 24);
		await rig.until("Welcome to the fake shell\n>");
		await rig.until("COM1 and debug console\nWelcome to the fake shell");
		await rig.until(/running {2}\d+\.\d s {2}\d+ MIPS {2}CD○ HD○ {2}Ctrl-\] for keys/);
	});

	it("carries typing to the guest's keyboard, and each Enter once", async () => {
		await start(80, 24);
		rig.type("ls\r");
		await rig.until("ran ls");
		expect(rig.machine.inputs.filter((input) => input === "press Enter")).to.have.length(1);
		expect(rig.machine.inputs.at(-1)).to.equal("release Enter");
	});

	it("carries arrows, Ctrl and Alt", async () => {
		await start(80, 24);
		rig.type("\x1b[A\x03\x1bx");
		await rig.until("> cx");
		const presses = rig.machine.inputs.filter((input) => input.startsWith("press"));
		expect(presses).to.deep.equal([
			"press ArrowUp",
			"press ControlLeft",
			"press KeyC",
			"press AltLeft",
			"press KeyX",
		]);
	});

	it("lists its keys after Ctrl-], and sends none of them to the guest", async () => {
		await start(80, 24);
		rig.type("\x1d");
		await rig.until("q quit  r reset  d Ctrl-Alt-Del  s screenshot  p pause  e eject");
		rig.type("s");
		await rig.until("wrote shot-1.png");
		expect(rig.shots).to.have.length(1);
		expect(rig.machine.inputs).to.deep.equal([]);
	});

	it("resets, ejects and presses Ctrl-Alt-Del", async () => {
		await start(80, 24);
		rig.type("\x1dr\x1de\x1dd");
		await rig.until("the disc is out");
		for (let i = 0; i < 50 && !rig.machine.inputs.includes("release ControlLeft"); i++) await setTimeout(20);
		expect(rig.machine.resets).to.equal(1);
		expect(rig.machine.inputs.slice(0, 4)).to.deep.equal([
			"eject",
			"press ControlLeft",
			"press AltLeft",
			"press Delete",
		]);
	});

	it("stops guest time in a pause, and does not make up for it afterwards", async () => {
		await start(80, 24);
		await rig.until("running");
		rig.type("\x1dp");
		await rig.until("paused");
		const at = rig.session.time;
		await setTimeout(1000);
		expect(rig.session.time).to.equal(at);
		rig.type("\x1dp");
		await rig.until("running");
		expect(rig.session.time - at).to.be.below(0.7);
	});

	it("runs guest time no faster than the wall's", async () => {
		await start(80, 24);
		await rig.until("running");
		const [wall, guest] = [performance.now(), rig.session.time];
		await setTimeout(500);
		const ratio = ((rig.session.time - guest) * 1000) / (performance.now() - wall);
		expect(ratio).to.be.within(0.1, 1.2);
	});

	it("survives being resized, small and large", async () => {
		await start(80, 24);
		await rig.until("running");
		for (const [columns, rows] of [
			[30, 8],
			[132, 43],
			[10, 3],
			[80, 24],
		]) {
			rig.resize(columns, rows);
			await setTimeout(100);
		}
		await rig.until("Welcome to the fake shell\n>");
		await rig.until("running");
	});

	it("stays to show a triple fault, and says so", async () => {
		await start(80, 24);
		rig.type("triple\r");
		await rig.until(/^ triple fault/m);
		await rig.until("> triple");
	});

	it("ends when the guest switches the machine off, and leaves the terminal's own screen", async () => {
		await start(80, 24);
		await rig.until("running");
		expect(rig.buffer).to.equal("alternate");
		rig.type("off\r");
		await rig.ended();
		expect(rig.buffer).to.equal("normal");
	});
});
