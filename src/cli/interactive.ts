// A run at the console, from a plan and back to the shell with an exit status.

import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { ByteSink } from "../bus/device.ts";
import { Console } from "../console/console.ts";
import { Terminal } from "../console/terminal.ts";
import { Transcript } from "../console/transcript.ts";
import { bootWith, type Makers } from "../script/boot.ts";
import { describeEnding } from "../script/errors.ts";
import { InputError } from "../script/host.ts";
import type { Session } from "../script/session.ts";
import { EXIT, exitStatus } from "./exit-status.ts";
import { NodeOutput } from "./node-output.ts";
import type { Destination, Plan } from "./plan.ts";
import { Stats } from "./stats/stats.ts";

/** What the shell reports for a program that a signal ended. */
const SIGNALS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130, SIGQUIT: 131 } as const;

/** @returns the exit status. @throws InputError without a terminal */
export async function runInteractive(makers: Makers, plan: Plan): Promise<number> {
	if (!process.stdin.isTTY || !process.stdout.isTTY) {
		throw new InputError("the console needs a terminal; without one use --headless");
	}
	const transcript = new Transcript();
	const stats = plan.stats ? new Stats() : undefined;
	const session = await bootWith(makers, {
		...plan.boot,
		panic: plan.boot.panic ?? false,
		time: plan.boot.time ?? Math.floor(Date.now() / 1000),
		onSerial: tee(transcript.com1, plan.serial[0]),
		onSerial2: tee(undefined, plan.serial[1]),
		onDebugConsole: tee(transcript.debug, plan.debugConsole),
	});
	try {
		await atTerminal(makers, session, transcript);
		const status = goodbye(session);
		if (stats) process.stderr.write(await stats.report(session));
		return status;
	} finally {
		session.close();
	}
}

async function atTerminal({ host }: Makers, session: Session, transcript: Transcript): Promise<void> {
	const terminal = new Terminal("Gantry", (character, key) => screen.key(character, key));
	const screen = new Console({ session, host, display: terminal, transcript, saveScreenshot, sleep: nap });
	const signals = Object.entries(SIGNALS).map(([signal, status]) => {
		const leave = () => {
			terminal.close();
			process.exit(status);
		};
		process.on(signal, leave);
		return () => process.off(signal, leave);
	});
	terminal.onResize = () => screen.draw();
	try {
		await screen.run();
	} finally {
		terminal.close();
		for (const forget of signals) forget();
	}
}

/** A word to the shell on how the guest ended, if it did so before the user left. */
function goodbye(session: Session): number {
	const ending = session.ended;
	if (!ending) return EXIT.ok;
	const headline = `gantry: ${describeEnding(ending)}`;
	const quiet = ending.kind === "poweroff" || ending.kind === "exit" || ending.kind === "reset";
	process.stderr.write(quiet ? `${headline}\n` : session.report(headline));
	return exitStatus(ending);
}

async function nap(milliseconds: number): Promise<void> {
	await setTimeout(milliseconds);
}

function saveScreenshot(png: Uint8Array): string {
	for (let number = 1; ; number++) {
		const path = `gantry-${String(number).padStart(3, "0")}.png`;
		if (existsSync(path)) continue;
		writeFileSync(path, png);
		return path;
	}
}

function tee(first: ByteSink | undefined, destination: Destination | undefined): ByteSink | undefined {
	if (destination?.kind !== "file") return first;
	const file = new NodeOutput().appendFile(destination.path);
	return (byte) => {
		first?.(byte);
		file(byte);
	};
}
