/**
 * MC146818A real-time clock with 128 bytes of CMOS memory.
 * Motorola MC146818A data sheet; registers above 0dh by the PC's and QEMU's convention (see memory.ts).
 *
 *   port 0  index (bit 7 masks NMI)    port 1  data
 *   00..09  time, alarm, date          0a  UIP, divider, rate     0b  SET PIE AIE UIE SQWE DM 24/12 DSE
 *   0c  IRQF PF AF UF, cleared by a read                          0d  VRT        32  century
 *
 * Time is the start time plus guest time. The cycle's end is the second's end: UIP is high for the
 * 244 us before the update and the 1984 us of it.
 *
 * Not emulated: daylight saving (DSE reads back), the square wave pin, NMI masking, registers that are
 * undefined during an update, rates of dividers other than 32.768 kHz.
 */
import type { Bus } from "../../bus/bus.ts";
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device, Line } from "../../bus/device.ts";
import { alarmMatches, CENTURY, type Format, timeOf, timeRegisters, YEAR } from "./calendar.ts";

const REGISTER_A = 0x0a;
const REGISTER_B = 0x0b;
const REGISTER_C = 0x0c;
const REGISTER_D = 0x0d;

const A_UIP = 0x80;
const A_DIVIDER_RESET = 0x60;
const A_RATE = 0x0f;
const A_POWER_ON = 0x26;
const B_SET = 0x80;
const B_UIE = 0x10;
const B_ENABLES = 0x70;
const B_BINARY = 0x04;
const B_24_HOURS = 0x02;
const C_IRQF = 0x80;
const C_PF = 0x40;
const C_AF = 0x20;
const C_UF = 0x10;
const D_VALID = 0x80;

const SECOND = 1e9;
const UPDATE = 2_228_000;
/** "Divider control": the first update comes half a second after the divider is released. */
const RELEASE = 500_000_000;
const DAY_SECONDS = 86400;

export class Rtc implements Device {
	readonly name: string;
	readonly state = {
		index: 0,
		/** Battery-backed bytes; time registers are in it only while time stands still (SET or divider reset). */
		cmos: new Uint8Array(128),
		/** Guest time at which the clock showed `epoch`; between them lie whole seconds. */
		epochAt: 0,
		epoch: 0,
		/** Events up to this guest time are in register C. */
		seen: 0,
	};
	#base: number;
	#clock: Clock;
	#irq: Line;
	#alarm: Alarm;

	/**
	 * @param start seconds since 1970-01-01 00:00 that the clock shows at power-on
	 * @param memory the bytes that firmware expects in CMOS, by register
	 */
	constructor(
		name: string,
		base: number,
		clock: Clock,
		irq: Line,
		start: number,
		memory: Map<number, number>,
	) {
		this.name = name;
		this.#base = base;
		this.#clock = clock;
		this.#irq = irq;
		this.#alarm = clock.createAlarm(() => this.#collect());
		const cmos = this.state.cmos;
		for (const [register, value] of memory) cmos[register] = value;
		cmos[REGISTER_A] = A_POWER_ON;
		cmos[REGISTER_B] = B_24_HOURS;
		this.state.epoch = Math.floor(start);
	}

	attach(bus: Bus): void {
		bus.ports(this.name, this.#base, 2, this);
	}

	/** The chip has a battery: RESET clears the interrupt enables and flags, and nothing else. */
	reset(): void {
		this.state.cmos[REGISTER_B] &= ~(B_ENABLES | 0x08);
		this.state.cmos[REGISTER_C] = 0;
		this.state.seen = this.#clock.now;
		this.#schedule();
	}

	restored(): void {
		this.#drive();
	}

	read(offset: number): number {
		const { index, cmos } = this.state;
		if (offset === 0) return 0xff;
		if (index === REGISTER_A) return (cmos[REGISTER_A] & ~A_UIP) | (this.#updating() ? A_UIP : 0);
		if (index === REGISTER_C) return this.#readFlags();
		if (index === REGISTER_D) return D_VALID;
		if (isTime(index) && !this.#stopped()) return this.#timeRegister(index);
		return cmos[index];
	}

	write(offset: number, value: number): void {
		const { index, cmos } = this.state;
		if (offset === 0) this.state.index = value & 0x7f;
		else if (index === REGISTER_A || index === REGISTER_B) this.#writeControl(index, value);
		else if (isTime(index)) this.#writeTime(index, value);
		else if (index !== REGISTER_C && index !== REGISTER_D) {
			this.#collect();
			cmos[index] = value;
			this.#schedule();
		}
	}

	#format(): Format {
		const b = this.state.cmos[REGISTER_B];
		return { binary: (b & B_BINARY) !== 0, hours24: (b & B_24_HOURS) !== 0 };
	}

	/** Time stands still while SET is set or the divider is held in reset. */
	#stopped(): boolean {
		const cmos = this.state.cmos;
		return (cmos[REGISTER_B] & B_SET) !== 0 || (cmos[REGISTER_A] & A_DIVIDER_RESET) === A_DIVIDER_RESET;
	}

	/** Whole seconds that the clock shows at guest time `at`. */
	#secondsAt(at: number): number {
		return this.state.epoch + Math.floor((at - this.state.epochAt) / SECOND);
	}

	#timeRegister(index: number): number {
		const registers = timeRegisters(this.#secondsAt(this.#clock.now), this.#format());
		return registers.find(([register]) => register === index)?.[1] ?? 0;
	}

	#updating(): boolean {
		if (this.#stopped()) return false;
		const phase = (this.#clock.now - this.state.epochAt) % SECOND;
		return (phase + SECOND) % SECOND >= SECOND - UPDATE;
	}

	#writeControl(index: number, value: number): void {
		this.#collect();
		const cmos = this.state.cmos;
		const wasStopped = this.#stopped();
		if (!wasStopped) this.#freeze();
		const divider = (cmos[REGISTER_A] & A_DIVIDER_RESET) === A_DIVIDER_RESET;
		if (index === REGISTER_A) cmos[REGISTER_A] = value & ~A_UIP;
		// "A high-to-low transition of SET": setting it also clears UIE.
		else cmos[REGISTER_B] = value & B_SET ? value & ~B_UIE : value;
		const released = divider && (cmos[REGISTER_A] & A_DIVIDER_RESET) !== A_DIVIDER_RESET;
		// Without SET, registers keep their time and are only shown in another format.
		if (!this.#stopped() && wasStopped) this.#thaw(released);
		this.#schedule();
	}

	/** Puts the time into the registers, in the present format. */
	#freeze(): void {
		const registers = timeRegisters(this.#secondsAt(this.#clock.now), this.#format());
		for (const [register, value] of registers) this.state.cmos[register] = value;
	}

	/** Goes on from what the registers hold; the phase within the second stays, unless the divider was reset. */
	#thaw(released: boolean): void {
		const s = this.state;
		const now = this.#clock.now;
		const phase = released ? RELEASE : (((now - s.epochAt) % SECOND) + SECOND) % SECOND;
		s.epoch = timeOf(s.cmos, this.#format());
		if (!Number.isFinite(s.epoch)) s.epoch = 0;
		s.epochAt = now - phase;
	}

	#writeTime(index: number, value: number): void {
		this.#collect();
		const moving = !this.#stopped();
		if (moving) this.#freeze();
		this.state.cmos[index] = value;
		if (moving) this.#thaw(false);
		this.#schedule();
	}

	#readFlags(): number {
		this.#collect();
		const cmos = this.state.cmos;
		const flags = cmos[REGISTER_C];
		cmos[REGISTER_C] = 0;
		this.#schedule();
		return flags;
	}

	/** Nanoseconds between periodic events, or 0. Rates 1 and 2 are 256 Hz and 128 Hz, as 8 and 9 are. */
	#period(): number {
		const rate = this.state.cmos[REGISTER_A] & A_RATE;
		if (rate === 0) return 0;
		return (2 ** ((rate <= 2 ? rate + 7 : rate) - 1) * SECOND) / 32768;
	}

	/** Sets the flags of what has happened since the last look, and drives the pin. */
	#collect(): void {
		const s = this.state;
		const now = this.#clock.now;
		const period = this.#period();
		const since = s.seen;
		s.seen = now;
		if ((s.cmos[REGISTER_A] & A_DIVIDER_RESET) !== A_DIVIDER_RESET && period > 0) {
			if (Math.floor((now - s.epochAt) / period) > Math.floor((since - s.epochAt) / period))
				s.cmos[REGISTER_C] |= C_PF;
		}
		if (!this.#stopped()) this.#collectUpdates(this.#secondsAt(since), this.#secondsAt(now));
		this.#schedule();
	}

	#collectUpdates(from: number, to: number): void {
		const cmos = this.state.cmos;
		if (to > from) cmos[REGISTER_C] |= C_UF;
		const format = this.#format();
		for (let second = Math.max(from + 1, to - DAY_SECONDS); second <= to; second++) {
			if (!alarmMatches(cmos, second, format)) continue;
			cmos[REGISTER_C] |= C_AF;
			return;
		}
	}

	#drive(): void {
		const cmos = this.state.cmos;
		const asserted = (cmos[REGISTER_C] & cmos[REGISTER_B] & B_ENABLES) !== 0;
		if (asserted) cmos[REGISTER_C] |= C_IRQF;
		this.#irq.set(asserted);
	}

	/** Drives the pin, and wakes up for the next event whose interrupt is enabled and whose flag is clear. */
	#schedule(): void {
		this.#drive();
		const cmos = this.state.cmos;
		const waiting = cmos[REGISTER_B] & ~cmos[REGISTER_C] & B_ENABLES;
		let next = Number.POSITIVE_INFINITY;
		if (waiting & C_PF) next = this.#nextPeriodic();
		if (!this.#stopped()) {
			if (waiting & C_UF) next = Math.min(next, this.#timeOfSecond(this.#secondsAt(this.#clock.now) + 1));
			// An earlier event finds the alarm as well; only without one is the day searched.
			if (waiting & C_AF && next === Number.POSITIVE_INFINITY) next = this.#nextAlarm();
		}
		if (next === Number.POSITIVE_INFINITY) this.#alarm.cancel();
		else this.#alarm.set(next);
	}

	#nextPeriodic(): number {
		const period = this.#period();
		if (period === 0) return Number.POSITIVE_INFINITY;
		const { epochAt } = this.state;
		return epochAt + Math.ceil((Math.floor((this.#clock.now - epochAt) / period) + 1) * period);
	}

	#nextAlarm(): number {
		const now = this.#secondsAt(this.#clock.now);
		const format = this.#format();
		for (let second = now + 1; second <= now + DAY_SECONDS; second++) {
			if (alarmMatches(this.state.cmos, second, format)) return this.#timeOfSecond(second);
		}
		return Number.POSITIVE_INFINITY;
	}

	#timeOfSecond(second: number): number {
		return this.state.epochAt + (second - this.state.epoch) * SECOND;
	}
}

/** Time and date registers, not the alarm's: 0, 2, 4, 6..9 and the century. */
function isTime(index: number): boolean {
	return index === CENTURY || (index <= YEAR && (index >= 6 || (index & 1) === 0));
}
