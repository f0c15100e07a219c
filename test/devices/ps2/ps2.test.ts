import { expect } from "chai";
import { Ps2Controller } from "../../../src/devices/ps2/controller.ts";
import { Keyboard } from "../../../src/devices/ps2/keyboard.ts";
import { keyNames, scanCodes } from "../../../src/devices/ps2/keys.ts";
import { Mouse } from "../../../src/devices/ps2/mouse.ts";
import { A20Gate, SystemControl } from "../../../src/devices/system-control.ts";
import { Board, probe } from "../board.ts";

const BYTE_TIME = 20_000;

function build() {
	const board = new Board();
	const irq1 = probe();
	const irq12 = probe();
	const a20 = probe();
	const resets = { count: 0 };
	const keyboard = board.plug(new Keyboard("keyboard", board.clock));
	const mouse = board.plug(new Mouse("mouse", board.clock));
	const wiring = {
		data: 0x60,
		status: 0x64,
		keyboardIrq: irq1,
		mouseIrq: irq12,
		a20,
		reset: () => void resets.count++,
	};
	const controller = board.plug(new Ps2Controller("8042", wiring, board.clock, keyboard, mouse));
	/** Reads everything that comes within some milliseconds. */
	const drain = (milliseconds = 20) => {
		const bytes: number[] = [];
		for (let t = 0; t < milliseconds * 1e6; t += BYTE_TIME) {
			board.pass(BYTE_TIME);
			if (board.in(0x64) & 1) bytes.push(board.in(0x60));
		}
		return bytes;
	};
	const command = (value: number, argument?: number) => {
		board.out(0x64, value);
		if (argument !== undefined) board.out(0x60, argument);
	};
	const toMouse = (byte: number) => command(0xd4, byte);
	board.pass(BYTE_TIME);
	return { board, irq1, irq12, a20, resets, keyboard, mouse, controller, drain, command, toMouse };
}

describe("8042", () => {
	it("passes its self test and the interface tests", () => {
		const { board, command, drain } = build();
		expect(board.in(0x64)).to.equal(0x10);
		const answers = [0xaa, 0xab, 0xa9].flatMap((value) => {
			command(value);
			return drain(1);
		});
		expect(answers).to.deep.equal([0x55, 0, 0]);
		expect(board.in(0x64) & 0x04).to.equal(0x04);
	});

	it("reads and writes the command byte", () => {
		const { command, drain, board } = build();
		command(0x60, 0x47);
		command(0x20);
		expect(drain(1)).to.deep.equal([0x47]);
		expect(board.in(0x64) & 0x0c).to.equal(0x0c);
	});

	it("shows which device a byte is from and raises IRQ 1 or IRQ 12 until it is read", () => {
		const { board, irq1, irq12, keyboard, mouse, toMouse, drain } = build();
		keyboard.press("KeyA");
		board.pass(BYTE_TIME);
		expect([irq1.high, irq12.high, board.in(0x64) & 0x21]).to.deep.equal([true, false, 0x01]);
		expect(board.in(0x60)).to.equal(0x1c);
		expect(irq1.high).to.equal(false);
		toMouse(0xf4);
		expect(drain(1)).to.deep.equal([0xfa]);
		mouse.buttons(1);
		board.pass(BYTE_TIME);
		expect([irq1.high, irq12.high, board.in(0x64) & 0x21]).to.deep.equal([false, true, 0x21]);
	});

	it("answers the same byte again until the next one arrives", () => {
		const { board, keyboard } = build();
		keyboard.press("ArrowUp");
		board.pass(BYTE_TIME);
		expect([board.in(0x60), board.in(0x60)]).to.deep.equal([0xe0, 0xe0]);
		board.pass(BYTE_TIME);
		expect(board.in(0x60)).to.equal(0x75);
	});

	it("translates set 2 to set 1 when the command byte says so", () => {
		const { keyboard, command, drain } = build();
		command(0x60, 0x41);
		keyboard.press("KeyA");
		keyboard.release("KeyA");
		keyboard.press("ArrowUp");
		keyboard.release("ArrowUp");
		expect(drain(30)).to.deep.equal([0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8]);
	});

	it("holds the keyboard's bytes while its clock is off, and raises nothing", () => {
		const { board, irq1, keyboard, command, drain } = build();
		command(0xad);
		keyboard.press("KeyA");
		expect(drain()).to.deep.equal([]);
		expect(irq1.rises).to.equal(0);
		command(0xae);
		board.pass(BYTE_TIME);
		expect(drain(1)).to.deep.equal([0x1c]);
	});

	it("raises no interrupt when the command byte masks it", () => {
		const { irq1, keyboard, command, drain } = build();
		command(0x60, 0x00);
		keyboard.press("KeyA");
		expect(drain(1)).to.deep.equal([0x1c]);
		expect(irq1.rises).to.equal(0);
	});

	it("puts bytes into the output buffer as if a device had sent them", () => {
		const { board, command } = build();
		command(0xd2, 0x12);
		expect([board.in(0x64) & 0x21, board.in(0x60)]).to.deep.equal([0x01, 0x12]);
		command(0xd3, 0x34);
		expect([board.in(0x64) & 0x21, board.in(0x60)]).to.deep.equal([0x21, 0x34]);
	});

	it("switches A20 and resets by the output port", () => {
		const { a20, resets, command, drain } = build();
		command(0xd1, 0xdf);
		expect(a20.high).to.equal(true);
		command(0xd0);
		expect(drain(1)[0] & 0x03).to.equal(0x03);
		command(0xd1, 0xdd);
		expect(a20.high).to.equal(false);
		expect(resets.count).to.equal(0);
		command(0xfe);
		command(0xd1, 0xde);
		expect(resets.count).to.equal(2);
	});

	it("continues after its state was copied back", () => {
		const { board, controller, keyboard, irq1 } = build();
		keyboard.press("KeyA");
		board.pass(BYTE_TIME);
		const saved = structuredClone(controller.state);
		board.in(0x60);
		Object.assign(controller.state, saved);
		controller.restored();
		expect([irq1.high, board.in(0x60)]).to.deep.equal([true, 0x1c]);
	});
});

describe("PS/2 keyboard", () => {
	it("answers reset, identify, echo and an unknown command", () => {
		const { board, drain } = build();
		const answers = [0xff, 0xf2, 0xee, 0x00].map((byte) => {
			board.out(0x60, byte);
			return drain(2);
		});
		expect(answers).to.deep.equal([[0xfa, 0xaa], [0xfa, 0xab, 0x83], [0xee], [0xfe]]);
	});

	it("takes LEDs and typematic rate with an argument", () => {
		const { board, drain, keyboard } = build();
		board.out(0x60, 0xed);
		expect(drain(1)).to.deep.equal([0xfa]);
		board.out(0x60, 0x05);
		expect(drain(1)).to.deep.equal([0xfa]);
		expect(keyboard.leds).to.equal(5);
	});

	it("changes the scan code set and tells which one it uses", () => {
		const { board, drain, keyboard } = build();
		for (const byte of [0xf0, 0x03]) board.out(0x60, byte);
		for (const byte of [0xf0, 0x00]) board.out(0x60, byte);
		expect(drain(2)).to.deep.equal([0xfa, 0xfa, 0xfa, 0xfa, 0x03]);
		keyboard.press("ArrowUp");
		keyboard.release("ArrowUp");
		expect(drain()).to.deep.equal([0x63, 0xf0, 0x63]);
	});

	it("sends nothing while disabled, and what was pressed when it is enabled", () => {
		const { board, drain, keyboard } = build();
		board.out(0x60, 0xf5);
		expect(drain(1)).to.deep.equal([0xfa]);
		keyboard.press("KeyB");
		expect(drain()).to.deep.equal([]);
		board.out(0x60, 0xf4);
		expect(drain()).to.deep.equal([0xfa, 0x32]);
	});

	it("resends the last byte", () => {
		const { board, drain, keyboard } = build();
		keyboard.press("KeyA");
		drain(1);
		board.out(0x60, 0xfe);
		expect(drain(1)).to.deep.equal([0x1c]);
	});

	it("sends one movement every four milliseconds at most, and loses none of a long text", () => {
		const { drain, keyboard, command } = build();
		command(0x60, 0x41);
		for (let i = 0; i < 100; i++) {
			keyboard.press("KeyA");
			keyboard.release("KeyA");
		}
		expect(drain(7).length).to.equal(2);
		expect(drain(900).length).to.equal(198);
	});

	it("knows the set 1 codes of Pause and PrintScreen, and different codes for every key", () => {
		expect(scanCodes("Pause", true, 1)).to.deep.equal([0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5]);
		expect(scanCodes("PrintScreen", true, 1)).to.deep.equal([0xe0, 0x2a, 0xe0, 0x37]);
		expect(scanCodes("PrintScreen", false, 1)).to.deep.equal([0xe0, 0xb7, 0xe0, 0xaa]);
		expect(scanCodes("F12", false, 1)).to.deep.equal([0xd8]);
		expect(scanCodes("F7", true, 1)).to.deep.equal([0x41]);
		for (const set of [1, 2, 3] as const) {
			expect(new Set(keyNames.map((key) => scanCodes(key, true, set).join())).size).to.equal(keyNames.length);
		}
		expect(keyNames.length).to.equal(105);
	});
});

describe("PS/2 mouse", () => {
	it("answers reset and identify as a standard mouse", () => {
		const { toMouse, drain } = build();
		toMouse(0xff);
		expect(drain(1)).to.deep.equal([0xfa, 0xaa, 0x00]);
		toMouse(0xf2);
		expect(drain(1)).to.deep.equal([0xfa, 0x00]);
	});

	it("sends signed movement and buttons once it is enabled, at its sample rate", () => {
		const { toMouse, drain, mouse } = build();
		mouse.move(5, -5);
		expect(drain()).to.deep.equal([]);
		toMouse(0xf4);
		expect(drain()).to.deep.equal([0xfa, 0x08, 5, 5]);
		mouse.move(-3, -4);
		mouse.buttons(2);
		expect(drain(5)).to.deep.equal([0x18, 0xfd, 4]);
		expect(drain()).to.deep.equal([0x0a, 0, 0]);
	});

	it("spreads a long movement over packets", () => {
		const { toMouse, drain, mouse } = build();
		toMouse(0xf4);
		drain();
		mouse.move(300, 0);
		expect(drain(40)).to.deep.equal([0x08, 255, 0, 0x08, 45, 0]);
	});

	it("becomes a wheel mouse on 200, 100, 80, and has five buttons on 200, 200, 80", () => {
		const { toMouse, drain, mouse } = build();
		const rates = (...values: number[]) => {
			for (const value of values) for (const byte of [0xf3, value]) toMouse(byte);
			drain();
		};
		rates(200, 100, 80);
		toMouse(0xf2);
		expect(drain(1)).to.deep.equal([0xfa, 3]);
		toMouse(0xf4);
		drain();
		mouse.move(1, -2, -1);
		expect(drain()).to.deep.equal([0x08, 1, 2, 0xff]);
		rates(200, 200, 80);
		toMouse(0xf2);
		expect(drain(1)).to.deep.equal([0xfa, 4]);
		mouse.buttons(8);
		expect(drain()).to.deep.equal([0x08, 0, 0, 0x10]);
	});

	it("reports its status and data when asked in remote mode", () => {
		const { toMouse, drain, mouse } = build();
		toMouse(0xf0);
		toMouse(0xf4);
		drain();
		mouse.move(7, 0);
		mouse.buttons(1);
		expect(drain()).to.deep.equal([]);
		toMouse(0xeb);
		expect(drain(1)).to.deep.equal([0xfa, 0x09, 7, 0]);
		toMouse(0xe9);
		expect(drain(1)).to.deep.equal([0xfa, 0x64, 2, 100]);
	});

	it("echoes in wrap mode until it is reset from it", () => {
		const { toMouse, drain } = build();
		toMouse(0xee);
		drain();
		toMouse(0xf4);
		expect(drain(1)).to.deep.equal([0xf4]);
		toMouse(0xec);
		expect(drain(1)).to.deep.equal([0xfa]);
	});
});

describe("Port 92h and the A20 gate", () => {
	it("moves A20 by whoever wrote last, and resets on the rise of bit 0", () => {
		const board = new Board();
		const levels: boolean[] = [];
		let resets = 0;
		const gate = board.plug(new A20Gate("a20", (enabled) => levels.push(enabled)));
		board.plug(new SystemControl("port 92", 0x92, gate, () => void resets++));
		board.out(0x92, 0);
		gate.set(true);
		board.out(0x92, board.in(0x92) | 2);
		board.out(0x92, 3);
		board.out(0x92, 3);
		expect(levels).to.deep.equal([true, false, true]);
		expect(resets).to.equal(1);
	});
});
