/** What the programs are run on: Gantry with and without its compiler, and its peers. Each run is a process of its own. */
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { bundleCommand, bundleModule } from "../src/build/bundle.ts";
import { type Clock, clockOf } from "./clock.ts";
import { Marks } from "./marks.ts";
import { peakMemory } from "./memory.ts";
import type { Program } from "./programs.ts";
import { type Answer, type Order, PROMPT, type Run, TIME_LIMIT } from "./run.ts";

export interface Runner {
	/** As --runners and the results have it. */
	key: string;
	/** As the table has it. */
	name: string;
	version?: string;
	/** Why it is left out, where it cannot run here. */
	missing?: string;
	/** Why it cannot run a program, in two or three words. */
	cannot(program: Program): string | undefined;
	/** @param file the program's file, or a copy of it with some of its phases */
	run(program: Program, file: string, clock: Clock): Promise<Run>;
}

// The worker is bundled, with kept code, as Gantry is when it is installed.
const WORKER = "build/bench/worker";
const V86_WORKER = "build/bench/v86-worker.mjs";

export async function bundleWorkers(): Promise<void> {
	await bundleCommand("bench/worker.ts", WORKER);
	await bundleModule("bench/v86-worker.ts", V86_WORKER);
}

function work(worker: string, order: Order): Promise<Run> {
	const child = fork(worker, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
	const answer = new Promise<Run>((resolve, reject) => {
		child.once("message", (message: Answer) =>
			"run" in message ? resolve(message.run) : reject(new Error(message.failure)),
		);
		child.once("exit", (code, signal) => reject(new Error(`its process ended: ${signal ?? code}`)));
	});
	child.send(order);
	return inTime(answer, child);
}

/** @throws where it takes longer than any program should */
async function inTime<T>(result: Promise<T>, child: ChildProcess): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		const error = new Error(`it did not finish in ${TIME_LIMIT / 1000} s`);
		timer = setTimeout(() => reject(error), TIME_LIMIT);
	});
	try {
		return await Promise.race([result, late]);
	} finally {
		clearTimeout(timer);
		child.kill("SIGKILL");
	}
}

const { version } = createRequire(import.meta.url)("../package.json");

const gantry = (key: "compiler" | "interpreter"): Runner => ({
	key,
	name: `Gantry, ${key}`,
	version,
	cannot: () => undefined,
	run: ({ kind }, file, clock) => work(`${WORKER}.mjs`, { runner: key, kind, file, clock }),
});

const v86: Runner = {
	key: "v86",
	name: "v86",
	...installedV86(),
	cannot: ({ bits }) => (bits === 64 ? "no long mode" : undefined),
	run: ({ kind }, file, clock) => work(V86_WORKER, { runner: "v86", kind, file, clock }),
};

function installedV86(): { version?: string; missing?: string } {
	const require = createRequire(import.meta.url);
	try {
		return { version: require("v86/package.json").version };
	} catch {
		return { missing: "the package v86 is not installed (npm ci)" };
	}
}

const QEMU = "qemu-system-x86_64";
// No debug exit: QEMU is to stay until its memory has been read.
const MACHINE = ["-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "128", "-net", "none", "-no-reboot"];
const CONNECTIONS = ["-display", "none", "-serial", "stdio", "-monitor", "none"];

function installedQemu(): { version?: string; missing?: string } {
	const { status, stdout } = spawnSync(QEMU, ["--version"], { encoding: "utf8" });
	if (status !== 0) return { missing: `${QEMU} is not installed (Debian: apt-get install qemu-system-x86)` };
	return { version: /version (\S+)/.exec(stdout)?.[1] };
}

const qemu: Runner = {
	key: "qemu",
	name: "QEMU TCG",
	...installedQemu(),
	cannot: () => undefined,
	run: ({ kind }, file, clock) => (kind === "image" ? qemuImage : qemuDisc)(file, clock),
};

async function qemuImage(file: string, clock: Clock): Promise<Run> {
	const guest = startQemu(["-kernel", file]);
	const marks = new Marks({ now: clockOf(clock, guest.child.pid) });
	guest.output.on("data", (bytes: Buffer) => bytes.forEach(marks.push));
	const peak = await guest.until(marks.done);
	return { phases: marks.phases, peak };
}

async function qemuDisc(file: string, clock: Clock): Promise<Run> {
	// From before the process is there, whose own time begins at nothing.
	const from = clock === "wall" ? performance.now() : 0;
	const guest = startQemu(["-cdrom", file]);
	const now = clockOf(clock, guest.child.pid);
	let text = "";
	let ms = 0;
	const prompted = new Promise<void>((resolve) => {
		guest.output.on("data", (bytes: Buffer) => {
			text += bytes.toString("latin1");
			if (ms || !text.includes(PROMPT)) return;
			ms = now() - from;
			resolve();
		});
	});
	const peak = await guest.until(prompted);
	return { phases: [{ name: "prompt", ms, checksum: "00000000" }], peak };
}

function startQemu(what: string[]) {
	const child = spawn(QEMU, [...MACHINE, ...CONNECTIONS, ...what], { stdio: ["ignore", "pipe", "inherit"] });
	const ended = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => reject(new Error(`QEMU ended: ${signal ?? code}`)));
	});
	return {
		child,
		output: child.stdout,
		/** Ends it once that is done. @returns its largest resident set */
		until: (done: Promise<void>): Promise<number | undefined> =>
			inTime(
				Promise.race([done, ended]).then(() => peakMemory(child.pid!)),
				child,
			),
	};
}

export const RUNNERS: Runner[] = [gantry("compiler"), gantry("interpreter"), qemu, v86];
