// What a kernel's author reads after a triple fault.

import { expect } from "chai";
import { boot } from "../../src/cli/api.ts";
import { gantry } from "../harness/command.ts";
import { buildMultibootGuest } from "../harness/multiboot-guest.ts";

describe("a triple fault", function () {
	this.timeout(60000);
	let kernel: string;
	before(() => {
		kernel = buildMultibootGuest("triple-fault");
	});

	it("ends the session with a report: which exceptions, from where, why none was delivered", async () => {
		const session = await boot({ kernel });
		expect(await session.run(5)).to.deep.equal({ kind: "shutdown" });
		const report = session.report("it triple-faulted");
		const stages = [...report.matchAll(/^ {4}\d\. (#\w\w) .*\n {7}raised at (\w+):\w+ {2}(\w+)/gm)];
		expect(stages[0]?.slice(1)).to.deep.equal(["#UD", "0008", "read_superblock"]);
		expect(stages.at(-1)?.[1]).to.equal("#DF");
		expect(report.match(/not delivered: .*IDT/g)).to.have.length.at.least(2);
		expect(report).to.match(/called from\n.*read_superblock.*\n.*by .*mount\+.*\n.*by .*kernel_main\+/);
		expect(report).to.contain("| mounting the root file system");
		expect(report).to.match(/code around rip\n[\s\S]*\n {4}=> [0-9a-f]+ {2}0f 0b +ud2\n/);
		session.close();
	});

	it("gives the command line exit status 4 and the same report on stderr", () => {
		const { status, stdout, stderr } = gantry("boot", kernel, "--headless");
		expect(status).to.equal(4);
		expect(stdout).to.equal("mounting the root file system\n");
		expect(stderr)
			.to.match(/^gantry: triple fault: /)
			.and.contain("read_superblock");
	});
});
