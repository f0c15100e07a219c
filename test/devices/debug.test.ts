import { expect } from "chai";
import { DebugConsole, DebugExit, PostCodes } from "../../src/devices/debug.ts";
import { Board } from "./board.ts";

describe("Debug ports", () => {
	it("sends bytes written to the console port to its sink and answers e9", () => {
		const board = new Board();
		const sent: number[] = [];
		board.plug(new DebugConsole("debugcon", 0xe9, (byte) => sent.push(byte)));
		for (const byte of [0x68, 0x69]) board.out(0xe9, byte);
		expect(sent).to.deep.equal([0x68, 0x69]);
		expect(board.in(0xe9)).to.equal(0xe9);
	});

	it("ends the run with the low byte of the value, in every width, so 0 is possible", () => {
		const board = new Board();
		const exits: number[] = [];
		board.plug(new DebugExit("exit", 0xf4, (status) => exits.push(status)));
		board.out(0xf4, 0, 1);
		board.out(0xf4, 0x103, 2);
		board.out(0xf4, 0x10203007, 4);
		board.out(0xf5, 9, 1);
		expect(exits).to.deep.equal([0, 3, 7]);
	});

	it("keeps the last POST codes in order, repeats once", () => {
		const board = new Board();
		const post = board.plug(new PostCodes("post", 0x80));
		for (const code of [1, 2, 2, 3]) board.out(0x80, code);
		expect(post.state.codes).to.deep.equal([1, 2, 3]);
		expect(board.in(0x80)).to.equal(3);
		for (let code = 0; code < 100; code++) board.out(0x80, code);
		expect(post.state.codes).to.have.length(64);
	});
});
