// A run without a console: boots, does the steps in order, and says how it ended.

import type { ByteSink } from "../bus/device.ts";
import { bootWith, type Makers } from "../script/boot.ts";
import { describeEnding, Stopped, Timeout } from "../script/errors.ts";
import type { Session } from "../script/session.ts";
import { EXIT, exitStatus } from "./exit-status.ts";
import type { Destination, Plan, PlannedStep } from "./plan.ts";
import { Stats } from "./stats/stats.ts";

/** Where a run's output goes. */
export interface Output {
	stdout(bytes: Uint8Array): void;
	stderr(text: string): void;
	writeFile(path: string, bytes: Uint8Array): void;
	/** A file that grows. */
	appendFile(path: string): ByteSink;
	/** The same, for text a piece at a time. */
	textFile(path: string): (text: string) => void;
}

const CHUNK = 512;
const NEWLINE = 10;

/** @returns the exit status */
export async function runHeadless(makers: Makers, plan: Plan, output: Output): Promise<number> {
	const stdout = new Gather<number>(
		(bytes) => output.stdout(Uint8Array.from(bytes)),
		(byte) => byte === NEWLINE,
	);
	const sink = (destination: Destination | undefined): ByteSink | undefined => {
		if (destination?.kind === "file") return output.appendFile(destination.path);
		return destination?.kind === "stdio" ? stdout.push : undefined;
	};
	const [com1, com2] = plan.serial;
	const stats = plan.stats ? new Stats() : undefined;
	const trace = plan.trace && traceFile(output.textFile(plan.trace.path));
	const session = await bootWith(makers, {
		...plan.boot,
		onSerial: sink(com1 ?? { kind: "stdio" }),
		onSerial2: sink(com2),
		onDebugConsole: sink(plan.debugConsole),
	});
	if (trace) session.trace(trace.push, plan.trace);
	try {
		return await new HeadlessRun(session, plan, output).run();
	} finally {
		stdout.flush();
		trace?.flush();
		if (stats) output.stderr(await stats.report(session));
		session.close();
	}
}

const traceFile = (write: (text: string) => void) =>
	new Gather<string>((lines) => write(`${lines.join("\n")}\n`));

/** Gathers what comes piece by piece: a write for each would be slow. */
class Gather<T> {
	readonly #write: (items: T[]) => void;
	readonly #isLast: (item: T) => boolean;
	#items: T[] = [];

	/** @param isLast what is written at once, with all before it */
	constructor(write: (items: T[]) => void, isLast: (item: T) => boolean = () => false) {
		this.#write = write;
		this.#isLast = isLast;
	}

	readonly push = (item: T): void => {
		this.#items.push(item);
		if (this.#isLast(item) || this.#items.length >= CHUNK) this.flush();
	};

	flush(): void {
		if (this.#items.length > 0) this.#write(this.#items);
		this.#items = [];
	}
}

const WAITS = ["expect", "expect-screen", "wait"];

class HeadlessRun {
	readonly #session: Session;
	readonly #plan: Plan;
	readonly #output: Output;
	readonly #waiting: PlannedStep[];

	constructor(session: Session, plan: Plan, output: Output) {
		this.#session = session;
		this.#plan = plan;
		this.#output = output;
		this.#waiting = [...plan.steps];
	}

	async run(): Promise<number> {
		try {
			await this.#steps();
			return this.#report();
		} catch (error) {
			return this.#failed(error);
		} finally {
			this.#lateScreenshots();
		}
	}

	/** Does the steps; where they end in input, or there are none that wait, the guest runs on to its own end. */
	async #steps(): Promise<void> {
		const { steps } = this.#plan;
		const firstWait = steps.findIndex((step) => WAITS.includes(step.kind));
		const early = (step: PlannedStep, i: number) =>
			step.kind === "screenshot" && (firstWait < 0 || i < firstWait);
		for (const [i, step] of steps.entries()) {
			if (early(step, i)) continue;
			await this.#step(step);
			this.#waiting.splice(this.#waiting.indexOf(step), 1);
		}
		const last = steps.findLast((step) => step.kind !== "screenshot");
		if (!last || !WAITS.includes(last.kind)) await this.#toTheEnd();
	}

	async #step(step: PlannedStep): Promise<void> {
		const session = this.#session;
		switch (step.kind) {
			case "expect":
				await session.expect(step.pattern, { within: this.#left() });
				return;
			case "expect-screen":
				await session.screen.expect(step.pattern, { within: this.#left() });
				return;
			case "type":
				return session.keyboard.type(step.text);
			case "press":
				return session.keyboard.press(step.text);
			case "send":
				return session.serial.send(step.text);
			case "wait":
				await session.run(Math.min(step.seconds, this.#left()));
				return;
			case "screenshot":
				return this.#screenshot(step.path);
		}
	}

	async #toTheEnd(): Promise<void> {
		if (await this.#session.run(this.#left())) return;
		throw new Timeout(
			this.#session.report(`timeout: the guest still runs after ${this.#plan.timeout} s`),
			"guest",
		);
	}

	/** Guest seconds that are left of the run. */
	#left(): number {
		return Math.max(0, this.#plan.timeout - this.#session.time);
	}

	/** The guest's own end, if it came to one. */
	#report(): number {
		const { ended } = this.#session;
		if (!ended) return EXIT.ok;
		const headline = describeEnding(ended);
		const quiet = ended.kind === "poweroff" || ended.kind === "exit";
		this.#output.stderr(quiet ? `gantry: ${headline}\n` : this.#session.report(`gantry: ${headline}`));
		return exitStatus(ended);
	}

	#failed(error: unknown): number {
		if (!(error instanceof Timeout || error instanceof Stopped)) throw error;
		this.#output.stderr(`gantry: ${error.message}`);
		if (error instanceof Timeout) return EXIT.timeout;
		const status = exitStatus(error.ending);
		// What was expected did not come: that is no success, however the guest ended.
		return status === EXIT.ok ? EXIT.timeout : status;
	}

	/** Screenshots that were not reached show where the run ended. */
	#lateScreenshots(): void {
		for (const step of this.#waiting) if (step.kind === "screenshot") this.#screenshot(step.path);
	}

	#screenshot(path: string): void {
		this.#output.writeFile(path, this.#session.screen.png());
	}
}
