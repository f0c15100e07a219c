import { expect } from "chai";
import { runCommand } from "../../../src/cli/command.ts";
import { PARTS } from "../../../src/cli/stats/places.ts";
import { Captured } from "../../harness/captured.ts";

describe("gantry boot --stats", () => {
	it("says at the end where the time went, from a real run", async () => {
		const output = new Captured();
		const status = await runCommand(
			["boot", "--headless", "--expect", "rocket> ", "--type", "load example\\n", "--wait", "1", "--stats"],
			output,
		);
		expect(status).to.equal(0);
		expect(output.out).to.contain("rocket> ");
		expect(output.err).to.match(/^where the time went: \d+\.\d\d s, /);
		const share = (part: string) =>
			Number(new RegExp(`^ {1,4}(\\d+\\.\\d) %  ${part}$`, "m").exec(output.err)?.[1]);
		const shares = PARTS.map(share);
		expect(shares.reduce((sum, value) => sum + value, 0)).to.be.closeTo(100, 1);
		for (const part of ["compiled code", "interpreter", "slow path", "devices"]) {
			expect(share(part), part).to.be.greaterThan(0);
		}
		expect(output.err).to.match(/^hottest regions:\n +\d+\.\d % {2}[0-9a-f]{16}/m);
		expect(output.err).to.match(/^why compiled code was left, \d+ times:\n +\d+\.\d % {2}\w/m);
		expect(output.err).to.match(/^compiler: .*regions/m);
		expect(output.err).to.match(/^ +\d+\.\d % {2}(decoding|page walks)$/m);
	});
});
