import { expect } from "chai";
import { readArguments } from "../../src/cli/arguments.ts";
import { helpText } from "../../src/cli/help.ts";
import { optionRows } from "../../src/cli/option-table.ts";
import { makePlan } from "../../src/cli/plan.ts";
import { InputError } from "../../src/script/host.ts";

const plan = (...argv: string[]) => makePlan(readArguments(argv));

describe("the command line", () => {
	it("takes an emulator's options with one dash, as its user types them", () => {
		const { boot, serial } = plan(
			"-cdrom",
			"a.iso",
			"-hda",
			"b.img",
			"-m",
			"1G",
			"-boot",
			"order=cd",
			"-serial",
			"file:log",
		);
		expect(boot).to.include({ cdrom: "a.iso", hda: "b.img", memory: 1024, bootOrder: "cd" });
		expect(serial).to.deep.equal([{ kind: "file", path: "log" }]);
	});

	it("makes no difference between one dash and two, nor between a blank and =", () => {
		expect(plan("--cdrom=a.iso", "-m=64").boot).to.deep.equal(plan("-cdrom", "a.iso", "--m", "64").boot);
	});

	it("keeps the steps in the order given", () => {
		const { steps } = plan(
			"--headless",
			"--expect",
			"$ ",
			"--type",
			"ls\\n",
			"--expect",
			"/b.n/i",
			"--screenshot",
			"a.png",
		);
		expect(steps).to.deep.equal([
			{ kind: "expect", pattern: "$ " },
			{ kind: "type", text: "ls\n" },
			{ kind: "expect", pattern: /b.n/i },
			{ kind: "screenshot", path: "a.png" },
		]);
	});

	it("reads a trace's range as reports write numbers, and refuses half of it", () => {
		const { trace } = plan("--headless", "--trace", "t", "--trace-from", "1,234,567", "--trace-count", "20");
		expect(trace).to.deep.equal({ path: "t", from: 1234567, count: 20 });
		expect(() => plan("--headless", "--trace-from", "5")).to.throw(
			InputError,
			"--trace-from needs --trace FILE",
		);
		expect(() => plan("--trace", "t")).to.throw(InputError, "--trace needs --headless");
		expect(() => plan("--headless", "--trace", "t", "--trace-count", "x")).to.throw(
			InputError,
			"a whole number",
		);
	});

	it("takes a value that begins with a dash", () => {
		expect(plan("--headless", "--type", "-v").steps).to.deep.equal([{ kind: "type", text: "-v" }]);
	});

	it("reads module files and their arguments as -kernel's users write them", () => {
		const { boot } = plan("-kernel", "k", "-append", "root=0", "-initrd", "a.mod x=1,b.mod");
		expect(boot.modules).to.deep.equal([
			{ file: "a.mod", commandLine: "a.mod x=1" },
			{ file: "b.mod", commandLine: "b.mod" },
		]);
	});

	it("takes 0 for no limit", () => {
		const { timeout, wallTimeout } = plan("--headless", "--timeout", "0", "--wall-timeout", "0");
		expect([timeout, wallTimeout]).to.deep.equal([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
	});

	const bad: [argv: string[], message: string][] = [
		[["--screenshit", "a"], "unknown option --screenshit, did you mean --screenshot?"],
		[["-x"], "unknown option -x"],
		[["-1"], "unknown option -1"],
		[["-m"], "option -m needs a value: SIZE"],
		[["-m", "lots"], "-m lots: a number of MiB, or with a suffix such as 64M or 1G"],
		[["-m", "64", "-m", "65"], "option -m is given twice"],
		[["--headless=yes"], "option --headless takes no value"],
		[["-boot", "n"], "-boot n: c is the first disk, d the CD-ROM; for example dc"],
		[["-serial", "pty"], "-serial pty: stdio, none or file:PATH"],
		[["--timeout", "soon"], "--timeout soon: a number of seconds"],
		[["--headless", "--type", "é"], '--type: no key of a US keyboard types "é"'],
		[
			["--headless", "--press", "Any"],
			'--press: "Any" is no key: names are those of KeyboardEvent.code, "Enter", "F1", "KeyA"',
		],
		[["--headless", "--expect", "/(/"], "--expect (: Invalid regular expression: /(/: Unterminated group"],
		[["--expect", "$"], "--expect needs --headless: at the console you are the one who types"],
		[["a.iso", "b.iso"], "one FILE at most, not also b.iso"],
		[["-append", "x"], "-append needs -kernel"],
	];
	for (const [argv, message] of bad) {
		it(`answers ${argv.join(" ")} in one line`, () => {
			expect(() => plan(...argv)).to.throw(InputError, message);
			expect(message).to.not.contain("\n");
		});
	}

	it("has every option in its help", () => {
		const help = helpText();
		for (const { name } of optionRows()) expect(help).to.match(new RegExp(`^  --?${name}\\b`, "m"));
	});

	it("has a help that fits a terminal's width", () => {
		for (const line of helpText().split("\n")) expect(line.length, line).to.be.at.most(110);
	});
});
