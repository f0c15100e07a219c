import { expect } from "chai";
import { readArguments } from "../../src/cli/arguments.ts";
import { runHeadless } from "../../src/cli/headless.ts";
import { makePlan } from "../../src/cli/plan.ts";
import { Captured } from "../harness/captured.ts";
import { FakeHost } from "../harness/fake-host.ts";
import { FakeMachine } from "../harness/fake-machine.ts";

/** Runs the command line on a guest that answers every Enter with a prompt, and may do more. */
async function headless(argv: string[], guest: (machine: FakeMachine) => void = () => {}) {
	const output = new Captured();
	const createPc = (options: ConstructorParameters<typeof FakeMachine>[0]) => {
		const machine = new FakeMachine(options);
		machine.at(0.1, () => machine.say("hello\n$ "));
		machine.onInput = (input) => input === "press Enter" && machine.say("\ndone\n$ ");
		guest(machine);
		return machine;
	};
	const plan = makePlan(readArguments(["--headless", ...argv]));
	const status = await runHeadless({ host: new FakeHost(), createPc }, plan, output);
	return { status, output };
}

describe("gantry boot --headless", () => {
	it("does its steps and ends with 0, COM1 on stdout and nothing on stderr", async () => {
		const { status, output } = await headless(["--expect", "$ ", "--type", "ls\\n", "--expect", "done"]);
		expect(status).to.equal(0);
		expect(output.out).to.equal("hello\n$ \ndone\n$ ");
		expect(output.err).to.equal("");
	});

	it("ends with 3 and a report when a text does not come in time", async () => {
		const { status, output } = await headless(["--expect", "login", "--timeout", "5"]);
		expect(status).to.equal(3);
		expect(output.err).to.match(
			/^gantry: timeout: no "login" on COM1 or the debug console within 5 s of guest time\n/,
		);
		expect(output.err).to.contain("| hello");
	});

	it("ends with 3 when a guest without steps still runs", async () => {
		expect((await headless(["--timeout", "2"])).status).to.equal(3);
	});

	it("goes on to the guest's end when the last step is typing", async () => {
		const { status } = await headless(["--expect", "$ ", "--type", "x\\n"], (machine) =>
			machine.at(9, () => machine.finish({ kind: "poweroff" })),
		);
		expect(status).to.equal(0);
	});

	const endings: [Parameters<FakeMachine["finish"]>[0], number, RegExp][] = [
		[{ kind: "poweroff" }, 0, /^gantry: the guest switched the machine off\n$/],
		[{ kind: "exit", value: 42 }, 42, /^gantry: the guest ended the run with exit status 42\n$/],
		[{ kind: "exit", value: 0 }, 0, /exit status 0\n$/],
		[{ kind: "shutdown" }, 4, /^gantry: triple fault: .*\n[\s\S]*registers/],
	];
	for (const [outcome, wanted, report] of endings) {
		it(`ends with ${wanted} after ${JSON.stringify(outcome)}`, async () => {
			const { status, output } = await headless([], (machine) =>
				machine.at(1, () => machine.finish(outcome)),
			);
			expect(status).to.equal(wanted);
			expect(output.err).to.match(report);
		});
	}

	it("ends with 5 when the guest panics, also while something else is expected", async () => {
		const panic = (machine: FakeMachine) => machine.at(1, () => machine.say("\nPANIC: oh no\nmore\n"));
		for (const argv of [[], ["--expect", "never"]]) {
			const { status, output } = await headless(argv, panic);
			expect(status).to.equal(5);
			expect(output.err).to.match(/^gantry: the guest panicked: PANIC: oh no\n/);
		}
	});

	it("takes another pattern for a panic", async () => {
		const oops = (machine: FakeMachine) => machine.at(1, () => machine.say("\nOops: 0000\n"));
		expect((await headless(["--panic", "^Oops"], oops)).status).to.equal(5);
		expect((await headless(["--timeout", "2"], oops)).status).to.equal(3);
	});

	it("does not call it a success when the guest powers off before it has said what was expected", async () => {
		const { status, output } = await headless(["--expect", "never"], (machine) =>
			machine.at(1, () => machine.finish({ kind: "poweroff" })),
		);
		expect(status).to.equal(3);
		expect(output.err).to.contain("the guest switched the machine off");
	});

	it("ends with 3 at the wall-clock cap", async () => {
		const host = new FakeHost();
		host.tick = 1000;
		const plan = makePlan(readArguments(["--headless", "--wall-timeout", "10", "--timeout", "0"]));
		const output = new Captured();
		expect(await runHeadless({ host, createPc: (pc) => new FakeMachine(pc) }, plan, output)).to.equal(3);
		expect(output.err).to.contain("wall-clock");
	});

	it("takes a screenshot in its turn, or at the end where nothing was waited for", async () => {
		const taken = await headless([
			"--expect",
			"$ ",
			"--screenshot",
			"a.png",
			"--expect",
			"never",
			"--timeout",
			"3",
		]);
		expect(taken.output.files.has("a.png")).to.equal(true);
		const late = await headless(["--screenshot", "b.png", "--timeout", "1"]);
		expect(late.output.files.has("b.png")).to.equal(true);
	});

	it("writes the debug console and COM1 to files", async () => {
		const argv = ["-serial", "file:com1", "-debugcon", "file:debug", "--expect", "$ "];
		const { output } = await headless(argv, (machine) => machine.at(0.05, () => machine.whisper("secret")));
		expect(output.out).to.equal("");
		expect(String.fromCharCode(...output.files.get("debug")!)).to.equal("secret");
		expect(String.fromCharCode(...output.files.get("com1")!)).to.equal("hello\n$ ");
	});
});
