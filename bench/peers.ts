import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { boot } from "../src/cli/api.ts";
import type { Session } from "../src/script/session.ts";
import { Marks, type Phase } from "./marks.ts";

/** Something that can run the benchmark images. */
export interface Runner {
	name: string;
	/** Why it is left out, where it cannot run here. */
	missing?: string;
	/** @param image a Multiboot file */
	compute(image: string): Promise<Phase[]>;
	/** Milliseconds of wall time from power-on until the shell's prompt. */
	prompt(iso: string): Promise<number>;
}

const PROMPT = "rocket> ";
const TIME_LIMIT = 300_000;

/** Gantry itself, with its compiler or with the interpreter alone. */
const gantryWith = (name: string, compiler: boolean): Runner => ({
	name,
	async compute(image) {
		let session: Session | undefined;
		const marks = new Marks(() => session?.machine.processor.retired ?? 0);
		session = await boot({ kernel: image, compiler, onSerial: marks.push, wallTimeout: TIME_LIMIT / 1000 });
		await session.run(TIME_LIMIT / 1000);
		session.close();
		return marks.phases;
	},
	async prompt(iso) {
		const from = performance.now();
		const session = await boot({ cdrom: iso, compiler });
		await session.serial.expect(PROMPT, { within: 60 });
		const ms = performance.now() - from;
		session.close();
		return ms;
	},
});

export const interpreter = gantryWith("Gantry, interpreter", false);
export const compiler = gantryWith("Gantry, compiler", true);

const QEMU = "qemu-system-x86_64";
const isInstalled = spawnSync(QEMU, ["--version"]).status === 0;

export const qemu: Runner = {
	name: "QEMU TCG",
	missing: isInstalled ? undefined : `${QEMU} is not installed (Debian: apt-get install qemu-system-x86)`,
	async compute(image) {
		const marks = new Marks();
		const child = start(["-kernel", image], (bytes) => bytes.forEach(marks.push));
		await orLate(marks.done, child);
		return marks.phases;
	},
	async prompt(iso) {
		const from = performance.now();
		let text = "";
		let seen: () => void = () => {};
		const prompted = new Promise<void>((resolve) => {
			seen = resolve;
		});
		const child = start(["-cdrom", iso], (bytes) => {
			text += bytes.toString("latin1");
			if (text.includes(PROMPT)) seen();
		});
		await orLate(prompted, child);
		return performance.now() - from;
	},
};

function start(what: string[], onBytes: (bytes: Buffer) => void): ChildProcess {
	const common = [
		"-machine",
		"pc",
		"-accel",
		"tcg",
		"-m",
		"128",
		"-display",
		"none",
		"-serial",
		"stdio",
		"-device",
		"isa-debug-exit,iobase=0xf4,iosize=1",
		"-no-reboot",
	];
	const child = spawn(QEMU, [...common, ...what], { stdio: ["ignore", "pipe", "inherit"] });
	child.stdout.on("data", onBytes);
	return child;
}

async function orLate(done: Promise<void>, child: ChildProcess): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`QEMU did not finish in ${TIME_LIMIT / 1000} s`)), TIME_LIMIT);
	});
	try {
		await Promise.race([done, late]);
	} finally {
		clearTimeout(timer);
		child.kill("SIGKILL");
	}
}
