/**
 * PS/2 mouse with Microsoft's IntelliMouse extensions (IBM PS/2 Technical Reference, "Mouse"; Microsoft
 * "Personal Computer Mouse", wheel and five-button identification).
 *
 *   e6, e7 scaling     e8 resolution        e9 status      ea stream, f0 remote     eb read data
 *   ec, ee wrap mode   f2 identify          f3 sample rate f4 enable, f5 disable    f6 defaults
 *   fe resend          ff reset: aa 00
 *
 * Sample rates 200, 100, 80 in a row make it a wheel mouse (identity 3, four-byte packets); 200, 200, 80
 * then give it buttons 4 and 5 (identity 4).
 *
 * Not emulated: scaling 2:1 (reads back), resolution (movement comes in counts).
 */
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device } from "../../bus/device.ts";
import { PS2_ACK, PS2_RESEND, PS2_SELF_TEST_PASSED, type Ps2Device } from "./port.ts";

const SCALING_1 = 0xe6;
const SCALING_2 = 0xe7;
const RESOLUTION = 0xe8;
const STATUS = 0xe9;
const STREAM = 0xea;
const READ_DATA = 0xeb;
const RESET_WRAP = 0xec;
const WRAP = 0xee;
const REMOTE = 0xf0;
const IDENTIFY = 0xf2;
const SAMPLE_RATE = 0xf3;
const ENABLE = 0xf4;
const DISABLE = 0xf5;
const DEFAULTS = 0xf6;
const RESEND = 0xfe;
const RESET = 0xff;

const WHEEL = 3;
const FIVE_BUTTONS = 4;
const STATUS_REMOTE = 0x40;
const STATUS_ENABLED = 0x20;
const STATUS_SCALING_2 = 0x10;
const PACKET_ALWAYS = 0x08;

export class Mouse implements Device, Ps2Device {
	readonly name: string;
	readonly state = {
		output: [] as number[],
		lastSent: [] as number[],
		/** Movement since the last packet: right, up, wheel towards the user. */
		x: 0,
		y: 0,
		z: 0,
		/** As `buttons()` was told. */
		buttons: 0,
		changed: false,
		enabled: false,
		remote: false,
		wrap: false,
		scaling: 1,
		resolution: 2,
		rate: 100,
		/** The last three sample rates: the knock that changes the identity. */
		knock: [0, 0, 0],
		identity: 0,
		awaiting: 0,
	};
	onReady: () => void = () => {};
	#clock: Clock;
	#sample: Alarm;

	constructor(name: string, clock: Clock) {
		this.name = name;
		this.#clock = clock;
		this.#sample = clock.createAlarm(() => this.#report());
	}

	attach(): void {}

	reset(): void {
		Object.assign(this.state, {
			output: [],
			lastSent: [],
			x: 0,
			y: 0,
			z: 0,
			changed: false,
			identity: 0,
			awaiting: 0,
		});
		this.#defaults();
	}

	/** Moves by counts: right, down, and the wheel towards the user. */
	move(right: number, down: number, wheel = 0): void {
		const s = this.state;
		s.x += right;
		s.y -= down;
		s.z += wheel;
		s.changed = true;
		this.#report();
	}

	/** Which buttons are down: bit 0 left, 1 right, 2 middle, 3 and 4 the side buttons. */
	buttons(mask: number): void {
		this.state.buttons = mask;
		this.state.changed = true;
		this.#report();
	}

	take(): number {
		return this.state.output.shift() ?? -1;
	}

	command(byte: number): void {
		const s = this.state;
		const awaiting = s.awaiting;
		s.awaiting = 0;
		if (s.wrap && byte !== RESET && byte !== RESET_WRAP) this.#reply(byte);
		else if (awaiting) this.#argument(awaiting, byte);
		else this.#command(byte);
		this.onReady();
	}

	#reply(...bytes: number[]): void {
		this.state.output.push(...bytes);
		this.state.lastSent = bytes;
	}

	#defaults(): void {
		const defaults = { enabled: false, remote: false, wrap: false, scaling: 1, resolution: 2, rate: 100 };
		Object.assign(this.state, defaults);
	}

	#command(byte: number): void {
		const s = this.state;
		// A command ends the packet that is being sent.
		s.output = [];
		if (byte === RESEND) {
			this.#reply(...s.lastSent);
			return;
		}
		if (!this.#mode(byte)) {
			this.#reply(PS2_RESEND);
			return;
		}
		this.#reply(PS2_ACK, ...this.#answer(byte));
		this.#report();
	}

	/** Takes a command that changes something; false for one that the mouse does not know. */
	#mode(byte: number): boolean {
		const s = this.state;
		switch (byte) {
			case SCALING_1:
			case SCALING_2:
				s.scaling = byte - SCALING_1 + 1;
				return true;
			case RESOLUTION:
			case SAMPLE_RATE:
				s.awaiting = byte;
				return true;
			case STREAM:
			case REMOTE:
				s.remote = byte === REMOTE;
				return true;
			case WRAP:
			case RESET_WRAP:
				s.wrap = byte === WRAP;
				return true;
			case ENABLE:
			case DISABLE:
				s.enabled = byte === ENABLE;
				return true;
			case RESET:
				this.reset();
				return true;
			case DEFAULTS:
				this.#defaults();
				return true;
			default:
				return byte === STATUS || byte === READ_DATA || byte === IDENTIFY;
		}
	}

	#answer(byte: number): number[] {
		const s = this.state;
		if (byte === IDENTIFY) return [s.identity];
		if (byte === RESET) return [PS2_SELF_TEST_PASSED, 0];
		if (byte === READ_DATA) return this.#packet();
		if (byte !== STATUS) return [];
		const flags =
			(s.remote ? STATUS_REMOTE : 0) |
			(s.enabled ? STATUS_ENABLED : 0) |
			(s.scaling === 2 ? STATUS_SCALING_2 : 0);
		// Here left is bit 2, middle bit 1 and right bit 0.
		const buttons = ((s.buttons & 1) << 2) | ((s.buttons & 4) >> 1) | ((s.buttons & 2) >> 1);
		return [flags | buttons, s.resolution, s.rate];
	}

	#argument(command: number, byte: number): void {
		const s = this.state;
		if (command === RESOLUTION) s.resolution = byte & 3;
		else {
			s.rate = byte;
			s.knock = [s.knock[1], s.knock[2], byte];
			const knock = s.knock.join(" ");
			if (knock === "200 100 80") s.identity = WHEEL;
			if (knock === "200 200 80" && s.identity === WHEEL) s.identity = FIVE_BUTTONS;
		}
		this.#reply(PS2_ACK);
	}

	/** Queues a packet if something changed and the last one has been sent, at the sample rate at most. */
	#report(): void {
		const s = this.state;
		if (!s.changed || !s.enabled || s.remote || this.#sample.at !== Number.POSITIVE_INFINITY) return;
		if (s.output.length === 0) this.#reply(...this.#packet());
		this.#sample.set(this.#clock.now + 1e9 / (s.rate || 100));
		this.onReady();
	}

	/** A packet takes at most 255 counts each way (wheel: 7); the rest stays for the next. */
	#packet(): number[] {
		const s = this.state;
		const x = clamp(s.x, 255);
		const y = clamp(s.y, 255);
		const z = clamp(s.z, 7);
		s.x -= x;
		s.y -= y;
		s.z = s.identity === 0 ? 0 : s.z - z;
		s.changed = s.x !== 0 || s.y !== 0 || s.z !== 0;
		const first = PACKET_ALWAYS | (s.buttons & 7) | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0);
		const packet = [first, x & 0xff, y & 0xff];
		if (s.identity === WHEEL) packet.push(z & 0xff);
		if (s.identity === FIVE_BUTTONS) packet.push((z & 0x0f) | ((s.buttons & 0x18) << 1));
		return packet;
	}
}

function clamp(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
}
