/**
 * PS/2 keyboard of 104 keys (IBM PS/2 Technical Reference, "Keyboard").
 *
 *   ed  LEDs            f2  identify: ab 83        f6  defaults
 *   ee  echo            f3  typematic rate         f7..fd  key types of set 3
 *   f0  scan code set   f4  enable, f5 disable     fe  resend, ff reset: aa
 *
 * Key movements come from outside, are kept in order, and are sent no faster than a quick typist: the next one is encoded
 * when the last one's bytes have been taken and 4 ms have passed. So nothing is ever lost in a guest's small buffers.
 *
 * Not emulated: typematic repeat (whoever presses repeats the press), set 3's key types (every key is
 * make/break), a buffer overrun.
 */
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device } from "../../bus/device.ts";
import { isKeyName, type KeyName, type ScanSet, scanCodes } from "./keys.ts";
import { PS2_ACK, PS2_RESEND, PS2_SELF_TEST_PASSED, type Ps2Device } from "./port.ts";

const SET_LEDS = 0xed;
const ECHO = 0xee;
const SCAN_SET = 0xf0;
const IDENTIFY = 0xf2;
const TYPEMATIC = 0xf3;
const ENABLE = 0xf4;
const DISABLE = 0xf5;
const DEFAULTS = 0xf6;
const ALL_KEY_TYPES = [0xf7, 0xf8, 0xf9, 0xfa];
const ONE_KEY_TYPES = [0xfb, 0xfc, 0xfd];
const RESEND = 0xfe;
const RESET = 0xff;

const IDENTITY = [0xab, 0x83];
/** 10.9 a second after half a second. */
const TYPEMATIC_DEFAULT = 0x2b;
const MOVEMENT_INTERVAL = 4e6;

interface Movement {
	key: KeyName;
	down: boolean;
}

export class Keyboard implements Device, Ps2Device {
	readonly name: string;
	readonly state = {
		/** Key movements from outside, not yet encoded. */
		movements: [] as Movement[],
		/** Bytes of the movement that is being sent. */
		codes: [] as number[],
		/** Answers to commands: they go first. */
		replies: [] as number[],
		lastSent: 0,
		scanning: true,
		set: 2 as ScanSet,
		leds: 0,
		typematic: TYPEMATIC_DEFAULT,
		/** The command whose argument comes next, or 0. */
		awaiting: 0,
	};
	onReady: () => void = () => {};
	#clock: Clock;
	#interval: Alarm;

	constructor(name: string, clock: Clock) {
		this.name = name;
		this.#clock = clock;
		this.#interval = clock.createAlarm(() => this.#encode());
	}

	attach(): void {}

	/** Power-on of the keyboard. What was typed before stays typed. */
	reset(): void {
		Object.assign(this.state, { codes: [], replies: [], lastSent: 0, awaiting: 0, leds: 0 });
		this.#defaults();
		this.#encode();
	}

	/**
	 * @param key a name of keys.ts: "KeyA", "Enter"
	 * @throws where the keyboard has no such key
	 */
	press(key: string): void {
		this.#move(key, true);
	}

	release(key: string): void {
		this.#move(key, false);
	}

	/** Bit 0 Scroll Lock, 1 Num Lock, 2 Caps Lock. */
	get leds(): number {
		return this.state.leds;
	}

	take(): number {
		const s = this.state;
		const byte = s.replies.length > 0 ? s.replies.shift() : s.codes.shift();
		if (byte === undefined) return -1;
		if (byte !== PS2_RESEND) s.lastSent = byte;
		return byte;
	}

	command(byte: number): void {
		const awaiting = this.state.awaiting;
		this.state.awaiting = 0;
		// A byte that could be no argument is a new command.
		if (awaiting !== 0 && byte < SET_LEDS) this.#argument(awaiting, byte);
		else this.#command(byte);
		this.#encode();
		this.onReady();
	}

	#move(key: string, down: boolean): void {
		if (!isKeyName(key)) throw new Error(`the keyboard has no key ${key}`);
		this.state.movements.push({ key, down });
		this.#encode();
	}

	/** Encodes the next movement if it is time, else waits until it is. */
	#encode(): void {
		const s = this.state;
		if (!s.scanning || s.movements.length === 0 || this.#interval.at !== Number.POSITIVE_INFINITY) return;
		if (s.codes.length === 0) {
			const { key, down } = s.movements.shift()!;
			s.codes = scanCodes(key, down, s.set);
		}
		this.#interval.set(this.#clock.now + MOVEMENT_INTERVAL);
		this.onReady();
	}

	#reply(...bytes: number[]): void {
		this.state.replies.push(...bytes);
	}

	#defaults(): void {
		Object.assign(this.state, { set: 2, typematic: TYPEMATIC_DEFAULT, scanning: true });
	}

	#command(byte: number): void {
		const s = this.state;
		if (byte === ECHO) this.#reply(ECHO);
		else if (byte === RESEND) this.#reply(s.lastSent);
		else if (byte === IDENTIFY) this.#reply(PS2_ACK, ...IDENTITY);
		else if ([SET_LEDS, SCAN_SET, TYPEMATIC, ...ONE_KEY_TYPES].includes(byte)) {
			s.awaiting = byte;
			this.#reply(PS2_ACK);
		} else if ([ENABLE, DISABLE, DEFAULTS, ...ALL_KEY_TYPES, RESET].includes(byte)) this.#setting(byte);
		else this.#reply(PS2_RESEND);
	}

	#setting(byte: number): void {
		const s = this.state;
		if (byte === DISABLE || byte === DEFAULTS || byte === RESET) this.#defaults();
		if (byte === DISABLE) s.scanning = false;
		if (byte === ENABLE) s.scanning = true;
		if (!ALL_KEY_TYPES.includes(byte)) s.codes = [];
		if (byte === RESET) s.replies = [];
		this.#reply(PS2_ACK);
		if (byte === RESET) {
			s.leds = 0;
			this.#reply(PS2_SELF_TEST_PASSED);
		}
	}

	#argument(command: number, byte: number): void {
		const s = this.state;
		if (command === SET_LEDS) s.leds = byte & 7;
		if (command === TYPEMATIC) s.typematic = byte & 0x7f;
		if (command !== SCAN_SET) this.#reply(PS2_ACK);
		else if (byte === 0) this.#reply(PS2_ACK, s.set);
		else if (byte <= 3) {
			s.set = byte as ScanSet;
			this.#reply(PS2_ACK);
		} else this.#reply(PS2_RESEND);
	}
}
