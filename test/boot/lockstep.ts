/**
 * Two sessions of one guest in step: one interpreted, one compiled. They are run by the same steps and compared at every
 * interrupt of a device and every 50 microseconds: the processor's state each time, RAM and then the devices as
 * often as the guest has done something worth the time.
 */
import { expect } from "chai";
import type { GuestMemory } from "../../src/bus/guest-memory.ts";
import { type BootOptions, boot, type Session } from "../../src/cli/api.ts";
import type { Machine, RunOutcome, Snapshot } from "../../src/machine/types.ts";

const SECOND = 1_000_000_000;
/** Nanoseconds between two looks: while the guest does something, and while it waits. */
const BUSY = 50_000;
const IDLE = 2_000_000;
/** Instructions after which memory is compared again. */
const WORTH_IT = 1_000_000;
/** Entries after which a block is compiled: soon, so that much of what short guests do is compiled code. */
const HOT = 20;
/** Some of it is drafted before. */
const DRAFTS = { after: 4, blocks: 8 };
/** Comparisons of memory to one of the devices. */
const DEVICES = 16;
const IF = 0x200n;

/** Why a run came to its end; undefined where time was up. */
export type Ending = Exclude<RunOutcome, { kind: "limit" }> | undefined;

export class Pair {
	/** Comparisons that were made. */
	readonly compared = { processors: 0, memories: 0 };
	readonly #machines: Machine[];
	#lastFull = 0;

	private constructor(readonly sessions: [interpreted: Session, compiled: Session]) {
		this.#machines = sessions.map((session) => session.machine);
		for (const machine of this.#machines) stopAtInterrupts(machine);
	}

	static async boot(options: BootOptions): Promise<Pair> {
		const common = { memory: 16, panic: false, ...options } as const;
		const interpreted = await boot({ ...common, compiler: false });
		const compiled = await boot({ ...common, hot: HOT, drafts: DRAFTS });
		const pair = new Pair([interpreted, compiled]);
		pair.compare(true);
		return pair;
	}

	get interpreted(): Session {
		return this.sessions[0];
	}

	get compiled(): Session {
		return this.sessions[1];
	}

	/** Does the same to both. */
	each(action: (session: Session) => void): void {
		for (const session of this.sessions) action(session);
	}

	/** Goes back to where a pair was that was booted in the same way. */
	load(snapshot: Snapshot): void {
		for (const machine of this.#machines) machine.load(snapshot);
		this.compare(true);
	}

	/** Lets guest time pass; less where the machine stops or `done` says so, which is looked at after each step. */
	run(seconds: number, done: () => boolean = () => false): Ending {
		const [{ clock }] = this.#machines;
		const until = clock.now + seconds * SECOND;
		const [{ processor }] = this.#machines;
		for (let step = BUSY; clock.now < until && !done(); ) {
			const before = processor.retired;
			const ending = this.#step(Math.min(until, (Math.floor(clock.now / step) + 1) * step));
			if (ending) return ending;
			step = processor.retired === before ? IDLE : BUSY;
		}
		this.compare(true);
		return undefined;
	}

	#step(until: number): Ending {
		const [one, other] = this.#machines.map((machine) => machine.run(until));
		expect(other).to.deep.equal(one);
		const ended = one.kind !== "limit" && one.kind !== "reset";
		const retired = this.#machines[0].processor.retired;
		const full = ended || retired - this.#lastFull >= WORTH_IT;
		if (full) this.#lastFull = retired;
		this.compare(full);
		if (one.kind === "halted" && this.#machines[0].processor.registers().rflags & IF) {
			for (const { clock } of this.#machines) clock.skipTo(until);
			return undefined;
		}
		return ended ? (one as Ending) : undefined;
	}

	/** @param full memory and devices too */
	compare(full: boolean): void {
		const [one, other] = this.#machines;
		const where = () => `after ${one.clock.now} ns, ${one.processor.retired} instructions`;
		this.compared.processors++;
		if (other.processor.retired !== one.processor.retired)
			expect(other.processor.retired, `instructions, ${where()}`).to.equal(one.processor.retired);
		if (Buffer.compare(one.processor.save(), other.processor.save())) {
			expect(other.processor.registers(), where()).to.deep.equal(one.processor.registers());
			throw new Error(`hidden state of the processor differs ${where()}`);
		}
		if (!full) return;
		this.#compareMemories(where);
		if (this.compared.memories++ % DEVICES === 0) this.#compareDevices(where);
	}

	/** Devices too, whenever they were compared last. */
	compareAll(): void {
		this.compare(true);
		const [{ clock }] = this.#machines;
		this.#compareDevices(() => `after ${clock.now} ns`);
	}

	#compareMemories(where: () => string): void {
		const [memory, otherMemory] = this.#machines.map((machine) => (machine.memory as GuestMemory).ram);
		if (Buffer.compare(memory, otherMemory)) {
			const at = memory.findIndex((byte, i) => byte !== otherMemory[i]);
			throw new Error(`memory differs at ${at.toString(16)} ${where()}`);
		}
	}

	#compareDevices(where: () => string): void {
		const [one, other] = this.#machines.map((machine) => machine.save());
		expect(other.devices, where()).to.deep.equal(one.devices);
		expect(other.clock, where()).to.deep.equal(one.clock);
		for (const [name, bytes] of Object.entries(one.memory))
			if (Buffer.compare(bytes, other.memory[name])) throw new Error(`${name} differs ${where()}`);
	}

	close(): void {
		for (const session of this.sessions) session.close();
	}
}

/** Makes a run end where a device raises INTR, so that the state there can be looked at. */
function stopAtInterrupts(machine: Machine): void {
	const { processor } = machine;
	const interrupt = processor.interrupt.bind(processor);
	let high = false;
	processor.interrupt = (level) => {
		interrupt(level);
		if (level && !high) machine.stop();
		high = level;
	};
}
