/**
 * 8042 keyboard controller of a PS/2 (IBM PS/2 Technical Reference, "Keyboard and Auxiliary Device Controller").
 *
 *   data   (60)  read: output buffer; write: to the keyboard, or a command's argument
 *   status (64)  read: OBF 0, IBF 1, SYS 2, CMD 3, unlocked 4, AUX 5; write: a command
 *
 *   20..3f, 60..7f  internal RAM, byte 0 the command byte    c0, d0, d1  input, output port
 *   a7, a8, a9      mouse off, on, test                      d2, d3      into the output buffer, as key or mouse
 *   aa, ab          self test, keyboard test                 d4          to the mouse
 *   ad, ae          keyboard off, on                         f0..ff      pulse output port bits (bit 0: reset)
 *
 * A byte from a device appears 50 us after the buffer became free; the controller's own at once.
 *
 * Not emulated: password, parity and time-out errors, the diagnostic dump, the vendors' commands (except dd
 * and df, A20 off and on).
 */
import type { Bus } from "../../bus/bus.ts";
import type { Alarm, Clock } from "../../bus/clock.ts";
import type { Device, Line } from "../../bus/device.ts";
import { translate } from "./keys.ts";
import type { Ps2Device } from "./port.ts";

const STATUS_OBF = 0x01;
const STATUS_COMMAND = 0x08;
const STATUS_UNLOCKED = 0x10;
const STATUS_AUX = 0x20;

const CONFIG_KEYBOARD_INTERRUPT = 0x01;
const CONFIG_MOUSE_INTERRUPT = 0x02;
const CONFIG_SYSTEM = 0x04;
const CONFIG_KEYBOARD_OFF = 0x10;
const CONFIG_MOUSE_OFF = 0x20;
const CONFIG_TRANSLATE = 0x40;

const OUTPUT_RESET = 0x01;
const OUTPUT_A20 = 0x02;
const OUTPUT_POWER_ON = 0xcf;
/** Not locked, manufacturing mode off. */
const INPUT_PORT = 0x80;

const READ_RAM = 0x20;
const WRITE_RAM = 0x60;
const MOUSE_OFF = 0xa7;
const MOUSE_ON = 0xa8;
const MOUSE_TEST = 0xa9;
const SELF_TEST = 0xaa;
const KEYBOARD_TEST = 0xab;
const KEYBOARD_OFF = 0xad;
const KEYBOARD_ON = 0xae;
const READ_INPUT = 0xc0;
const READ_OUTPUT = 0xd0;
const WRITE_OUTPUT = 0xd1;
const WRITE_KEYBOARD_BUFFER = 0xd2;
const WRITE_MOUSE_BUFFER = 0xd3;
const WRITE_MOUSE = 0xd4;
const A20_OFF = 0xdd;
const A20_ON = 0xdf;
const TEST_INPUTS = 0xe0;
const PULSE = 0xf0;
const SELF_TEST_PASSED = 0x55;

/** Commands that change bits of the command byte. */
const CONFIG_COMMANDS = new Map([
	[MOUSE_OFF, { clear: 0, set: CONFIG_MOUSE_OFF }],
	[MOUSE_ON, { clear: CONFIG_MOUSE_OFF, set: 0 }],
	[KEYBOARD_OFF, { clear: 0, set: CONFIG_KEYBOARD_OFF }],
	[KEYBOARD_ON, { clear: CONFIG_KEYBOARD_OFF, set: 0 }],
	[SELF_TEST, { clear: 0, set: CONFIG_SYSTEM }],
]);
/** Commands that answer a constant; a test's 0 is success. */
const ANSWERS = new Map([
	[MOUSE_TEST, 0],
	[SELF_TEST, SELF_TEST_PASSED],
	[KEYBOARD_TEST, 0],
	[READ_INPUT, INPUT_PORT],
	[TEST_INPUTS, 0],
]);
const WITH_ARGUMENT = [WRITE_OUTPUT, WRITE_KEYBOARD_BUFFER, WRITE_MOUSE_BUFFER, WRITE_MOUSE];

const BREAK = 0xf0;
/** A serial frame takes about a millisecond; guests only need to see that it is not at once. */
const BYTE_TIME = 20_000;

type Source = "controller" | "keyboard" | "mouse";

export interface Ps2Wiring {
	data: number;
	status: number;
	keyboardIrq: Line;
	mouseIrq: Line;
	a20: Line;
	/** The output port's bit 0 went low. */
	reset: () => void;
}

export class Ps2Controller implements Device {
	readonly name: string;
	readonly state = {
		ram: new Uint8Array(32),
		outputPort: OUTPUT_POWER_ON,
		/** The output buffer: the last byte, whether it is still to be read, and from whom it came. */
		data: 0,
		full: false,
		source: "controller" as Source,
		/** The controller's own bytes that wait for the buffer. */
		replies: [] as number[],
		lastWasCommand: false,
		/** The command whose argument comes next, or 0. */
		awaiting: 0,
		/** Translation has seen a break prefix. */
		released: false,
	};
	#wiring: Ps2Wiring;
	#clock: Clock;
	#keyboard: Ps2Device;
	#mouse: Ps2Device;
	#transfer: Alarm;

	constructor(name: string, wiring: Ps2Wiring, clock: Clock, keyboard: Ps2Device, mouse: Ps2Device) {
		this.name = name;
		this.#wiring = wiring;
		this.#clock = clock;
		this.#keyboard = keyboard;
		this.#mouse = mouse;
		this.#transfer = clock.createAlarm(() => this.#load());
		keyboard.onReady = () => this.#schedule();
		mouse.onReady = () => this.#schedule();
	}

	attach(bus: Bus): void {
		bus.ports(`${this.name} data`, this.#wiring.data, 1, {
			read: () => this.#readData(),
			write: (_offset, value) => this.#writeData(value),
		});
		bus.ports(`${this.name} status`, this.#wiring.status, 1, {
			read: () => this.#status(),
			write: (_offset, value) => this.#writeCommand(value),
		});
	}

	reset(): void {
		const s = this.state;
		s.ram.fill(0);
		s.ram[0] = CONFIG_KEYBOARD_INTERRUPT | CONFIG_MOUSE_INTERRUPT;
		Object.assign(s, {
			outputPort: OUTPUT_POWER_ON,
			data: 0,
			full: false,
			source: "controller",
			replies: [],
		});
		Object.assign(s, { lastWasCommand: false, awaiting: 0, released: false });
		this.#drive();
		this.#schedule();
	}

	restored(): void {
		this.#drive();
	}

	get #config(): number {
		return this.state.ram[0];
	}

	#status(): number {
		const s = this.state;
		const full = s.full ? STATUS_OBF | (s.source === "mouse" ? STATUS_AUX : 0) : 0;
		return STATUS_UNLOCKED | full | (this.#config & CONFIG_SYSTEM) | (s.lastWasCommand ? STATUS_COMMAND : 0);
	}

	#readData(): number {
		const s = this.state;
		const byte = s.data;
		s.full = false;
		this.#drive();
		if (s.replies.length > 0) this.#load();
		else this.#schedule();
		return byte;
	}

	/** Puts the next byte into the output buffer if it is free. */
	#load(): void {
		const s = this.state;
		if (s.full) return;
		if (s.replies.length > 0) {
			this.#fill("controller", s.replies.shift()!);
			return;
		}
		const key = this.#config & CONFIG_KEYBOARD_OFF ? -1 : this.#nextKey();
		if (key >= 0) {
			this.#fill("keyboard", key);
			return;
		}
		const byte = this.#config & CONFIG_MOUSE_OFF ? -1 : this.#mouse.take();
		if (byte >= 0) this.#fill("mouse", byte);
	}

	/** The keyboard's next byte; translated to set 1 if the command byte says so, which swallows break prefixes. */
	#nextKey(): number {
		const s = this.state;
		for (;;) {
			const byte = this.#keyboard.take();
			if (byte < 0 || (this.#config & CONFIG_TRANSLATE) === 0) return byte;
			if (byte === BREAK) {
				s.released = true;
				continue;
			}
			const code = translate(byte) | (s.released ? 0x80 : 0);
			s.released = false;
			return code;
		}
	}

	#fill(source: Source, byte: number): void {
		Object.assign(this.state, { source, data: byte, full: true });
		this.#drive();
	}

	#drive(): void {
		const { full, source } = this.state;
		const mouse = source === "mouse";
		this.#wiring.keyboardIrq.set(full && !mouse && (this.#config & CONFIG_KEYBOARD_INTERRUPT) !== 0);
		this.#wiring.mouseIrq.set(full && mouse && (this.#config & CONFIG_MOUSE_INTERRUPT) !== 0);
	}

	/** A device may have a byte, or the buffer became free: look after a byte's time. */
	#schedule(): void {
		if (this.state.full || this.#transfer.at !== Number.POSITIVE_INFINITY) return;
		this.#transfer.set(this.#clock.now + BYTE_TIME);
	}

	#reply(byte: number): void {
		this.state.replies.push(byte);
		this.#load();
	}

	#writeData(value: number): void {
		const s = this.state;
		s.lastWasCommand = false;
		const awaiting = s.awaiting;
		s.awaiting = 0;
		if (awaiting !== 0) {
			this.#argument(awaiting, value);
			return;
		}
		// Sending to a device switches its clock on.
		this.#configure(this.#config & ~CONFIG_KEYBOARD_OFF);
		this.#keyboard.command(value);
	}

	#writeCommand(value: number): void {
		const s = this.state;
		s.lastWasCommand = true;
		s.awaiting = 0;
		if (value >= PULSE) {
			if ((value & OUTPUT_RESET) === 0) this.#wiring.reset();
		} else if (value >= READ_RAM && value < READ_RAM + 32) this.#reply(s.ram[value & 31]);
		else if (value >= WRITE_RAM && value < WRITE_RAM + 32) s.awaiting = value;
		else this.#command(value);
	}

	#command(value: number): void {
		const s = this.state;
		const change = CONFIG_COMMANDS.get(value);
		if (change) this.#configure((this.#config & ~change.clear) | change.set);
		else if (value === READ_OUTPUT) this.#reply(this.#outputPort());
		else if (value === A20_OFF) this.#writeOutputPort(s.outputPort & ~OUTPUT_A20);
		else if (value === A20_ON) this.#writeOutputPort(s.outputPort | OUTPUT_A20);
		else if (WITH_ARGUMENT.includes(value)) s.awaiting = value;
		const answer = ANSWERS.get(value);
		if (answer !== undefined) this.#reply(answer);
	}

	#argument(command: number, value: number): void {
		const s = this.state;
		if (command === WRITE_OUTPUT) this.#writeOutputPort(value);
		else if (command === WRITE_KEYBOARD_BUFFER) this.#fill("keyboard", value);
		else if (command === WRITE_MOUSE_BUFFER) this.#fill("mouse", value);
		else if (command === WRITE_MOUSE) {
			this.#configure(this.#config & ~CONFIG_MOUSE_OFF);
			this.#mouse.command(value);
		} else if (command === WRITE_RAM) this.#configure(value);
		else s.ram[command & 31] = value;
	}

	#configure(value: number): void {
		this.state.ram[0] = value;
		this.#drive();
		this.#schedule();
	}

	/** Bits 4 and 5 show the interrupt outputs. */
	#outputPort(): number {
		const { outputPort, full, source } = this.state;
		const interrupt = full ? (source === "mouse" ? 0x20 : 0x10) : 0;
		return (outputPort & ~0x30) | interrupt;
	}

	#writeOutputPort(value: number): void {
		this.state.outputPort = value;
		this.#wiring.a20.set((value & OUTPUT_A20) !== 0);
		if ((value & OUTPUT_RESET) === 0) this.#wiring.reset();
	}
}
