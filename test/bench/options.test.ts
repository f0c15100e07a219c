import { expect } from "chai";
import { readOptions } from "../../bench/options.ts";

const RUNNERS = ["compiler", "interpreter", "qemu", "v86"];
const read = (...words: string[]) => readOptions(words, RUNNERS);

describe("the benchmark's options", () => {
	it("run everything three times where nothing is said", () => {
		const { rounds, runners, only, tolerance } = read();
		expect({ rounds, runners, only, tolerance }).to.deep.equal({
			rounds: 3,
			runners: RUNNERS,
			only: undefined,
			tolerance: 0.03,
		});
	});

	it("keep the runners in the table's order", () => {
		expect(read("--runners", "qemu,compiler").runners).to.deep.equal(["compiler", "qemu"]);
	});

	it("match phases whatever their case", () => {
		expect(read("--only", "cr3").only!.test("one of many switch context switch, CR3")).to.equal(true);
	});

	for (const [words, message] of [
		[["--rounds", "0"], "--rounds is to be 1 or more, not 0"],
		[["--tolerance", "some"], "--tolerance is to be a number of per cent, not some"],
		[["--runners", "bochs"], "--runners: there is no bochs; there are compiler, interpreter, qemu, v86"],
		[["--runners", ","], "--runners: none is named"],
		[["--clock", "sun"], "--clock is to be wall or cpu, not sun"],
		[["--only", "("], "--only: Invalid regular expression"],
		[["--fast"], "--fast"],
	] as const)
		it(`refuse ${words.join(" ")}`, () => {
			expect(() => read(...words)).to.throw(message);
		});
});
