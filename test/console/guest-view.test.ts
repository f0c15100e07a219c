import { expect } from "chai";
import { xtermColour } from "../../src/console/colours.ts";
import { guestKeys } from "../../src/console/guest-keys.ts";
import { GuestView, halfBlocks } from "../../src/console/guest-view.ts";
import { layout } from "../../src/console/layout.ts";
import { Pacer } from "../../src/console/pacer.ts";
import type { Picture, Screen, TextScreen } from "../../src/machine/types.ts";
import { textScreen } from "../harness/fake-machine.ts";

const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];

function picture(width: number, height: number, pixel: (x: number, y: number) => number[]): Picture {
	const data = new Uint8Array(width * height * 4);
	for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 4);
	return { width, height, data };
}

function screenOf(cells: TextScreen | undefined, recognised?: TextScreen): Screen {
	return {
		textCells: () => cells,
		recogniseText: () => recognised,
		render: () => picture(4, 4, () => RED),
	};
}

const textIn = (view: { grid: { text: string }[][] }) =>
	view.grid.map((row) => row.map(({ text }) => text).join(""));

describe("the guest's screen in terminal cells", () => {
	const numbered = Array.from({ length: 25 }, (_, row) => `line ${row}`);

	it("is its text, cut to the room at the bottom while the cursor is at the top", () => {
		const cells = textScreen(numbered);
		cells.cursor = { column: 0, row: 3 };
		const view = new GuestView().show(screenOf(cells), 8, 5);
		expect(textIn(view)).to.deep.equal(["line 0  ", "line 1  ", "line 2  ", "line 3  ", "line 4  "]);
		expect(view.cursor).to.deep.equal({ column: 0, row: 3 });
	});

	it("follows the cursor, and goes back only as far as it must", () => {
		const cells = textScreen(numbered);
		const guest = new GuestView();
		cells.cursor = { column: 0, row: 24 };
		expect(textIn(guest.show(screenOf(cells), 8, 5))[4]).to.equal("line 24 ");
		cells.cursor = { column: 0, row: 22 };
		expect(textIn(guest.show(screenOf(cells), 8, 5))[0]).to.equal("line 20 ");
		cells.cursor = { column: 0, row: 10 };
		expect(textIn(guest.show(screenOf(cells), 8, 5))[0]).to.equal("line 10 ");
	});

	it("looks at the last written row of a framebuffer, whose cursor is unknown", () => {
		const cells = textScreen(numbered.slice(0, 20));
		cells.cursor = undefined;
		const view = new GuestView().show(screenOf(undefined, cells), 8, 5);
		expect(textIn(view)[4]).to.equal("line 19 ");
	});

	it("is a picture when some cell of the framebuffer could not be read as text", () => {
		const cells = { ...textScreen(numbered), unrecognised: 1 };
		const view = new GuestView().show(screenOf(undefined, cells), 2, 1);
		expect(view.grid[0]).to.deep.equal([
			{ text: "▀", foreground: 0xff0000, background: 0xff0000 },
			{ text: "▀", foreground: 0xff0000, background: 0xff0000 },
		]);
	});
});

describe("half blocks", () => {
	it("hold the upper pixel in the foreground and the lower in the background", () => {
		const [[cell]] = halfBlocks(
			picture(1, 2, (_, y) => (y ? BLUE : RED)),
			1,
			1,
		);
		expect(cell).to.deep.equal({ text: "▀", foreground: 0xff0000, background: 0x0000ff });
	});

	it("average the pixels that fall on one", () => {
		const [[cell]] = halfBlocks(
			picture(2, 4, (x) => (x ? BLUE : RED)),
			1,
			1,
		);
		expect(cell.foreground).to.equal(0x800080);
	});

	it("keep the picture's shape and put it into the middle", () => {
		const grid = halfBlocks(
			picture(320, 200, () => RED),
			100,
			20,
		);
		const covered = grid.map((row) => row.filter((cell) => cell.foreground === 0xff0000).length);
		expect(covered).to.deep.equal(new Array(20).fill(64));
		expect(grid[0].findIndex((cell) => cell.foreground !== 0)).to.equal(18);
	});
});

describe("the console's parts", () => {
	it("find the nearest of xterm's 256 colours", () => {
		const cases = [
			[0x000000, 16],
			[0xffffff, 231],
			[0x0000af, 19],
			[0xaaaaaa, 248],
			[0xff0000, 196],
			[0x555555, 240],
		];
		for (const [rgb, wanted] of cases) expect(xtermColour(rgb), rgb.toString(16)).to.equal(wanted);
	});

	it("give the guest 25 rows before the pane gets more than three", () => {
		expect(layout(24, "small")).to.deep.equal({ guestRows: 19, paneRows: 3 });
		expect(layout(32, "small")).to.deep.equal({ guestRows: 25, paneRows: 5 });
		expect(layout(60, "small")).to.deep.equal({ guestRows: 50, paneRows: 8 });
		expect(layout(60, "hidden")).to.deep.equal({ guestRows: 59, paneRows: 0 });
		expect(layout(5, "large")).to.deep.equal({ guestRows: 4, paneRows: 0 });
	});

	it("let the guest wait while it is ahead, and let go of what it cannot make up", () => {
		const pacer = new Pacer(10, 0);
		expect(pacer.due(10.004, 0)).to.be.closeTo(0.004, 1e-9);
		expect(pacer.due(10.004, 0.01)).to.be.below(0);
		expect(pacer.due(15, 0.01)).to.equal(0.005);
		expect(pacer.due(15.01, 0.12)).to.be.below(0.0051);
	});

	it("turn a terminal's keys into a keyboard's", () => {
		expect(guestKeys("a", { name: "a", sequence: "a" })).to.deep.equal(["KeyA"]);
		expect(guestKeys("A", { name: "a", sequence: "A", shift: true })).to.deep.equal(["ShiftLeft", "KeyA"]);
		expect(guestKeys("#", undefined)).to.deep.equal(["ShiftLeft", "Digit3"]);
		expect(guestKeys(undefined, { name: "f5", shift: true })).to.deep.equal(["ShiftLeft", "F5"]);
		expect(guestKeys("\x1d", undefined)).to.deep.equal(["ControlLeft", "BracketRight"]);
		expect(guestKeys("é", undefined)).to.equal(undefined);
	});
});
