import { expect } from "chai";
import { PROGRAMS, runBare, SHUTDOWN, wrong } from "../guest/system/programs.ts";

describe("system-mode programs", () => {
	for (const name of PROGRAMS) {
		it(`${name} ends as the manual says, wherever it knows the answer itself`, () => {
			const { transcript, end, shutdown } = runBare(name);
			expect({ end, shutdown, last: transcript.split("\n").slice(-4) }).to.deep.include({
				end: "exit",
				shutdown: [],
			});
			expect(wrong(transcript)).to.deep.equal([]);
			expect(transcript).to.match(/^done$/m);
		});
	}

	it("a fault with no handler for it, nor for the double fault, shuts the processor down and says why", () => {
		const { transcript, end, shutdown } = runBare(SHUTDOWN);
		expect(transcript).to.equal("about to shut down\n");
		expect(end).to.equal("shutdown");
		expect(shutdown).to.deep.equal([
			"#6: IDT entry 6 lies outside the IDT's limit",
			"#13: IDT entry 13 lies outside the IDT's limit",
			"#8: IDT entry 8 lies outside the IDT's limit",
		]);
	});
});
