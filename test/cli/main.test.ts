import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { PNG } from "pngjs";
import { runCommand } from "../../src/cli/command.ts";
import { Captured } from "../harness/captured.ts";
import { gantry } from "../harness/command.ts";

describe("the gantry command", function () {
	this.timeout(60000);
	let folder: string;
	const path = (name: string) => join(folder, name);
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "gantry-cli-"));
		writeFileSync(path("text"), "this is no disc\n".repeat(5000));
		writeFileSync(path("empty"), "");
	});
	after(() => rmSync(folder, { recursive: true }));

	const bad: [what: string, args: () => string[], line: RegExp][] = [
		["a missing file", () => [path("nothing")], /nothing: there is no such file$/],
		["a directory", () => [folder], /gantry-cli-\w+ is a directory$/],
		["a CD that is none", () => ["-cdrom", path("text")], /text is not an ISO image$/],
		["what is nothing to boot", () => [path("text")], /text is no ISO image, no kernel and no disk image$/],
		["an empty disk", () => ["-hda", path("empty")], /empty is smaller than one sector$/],
		[
			"a kernel that is none",
			() => ["-kernel", path("text")],
			/text: it has no Multiboot header in its first 8 KiB$/,
		],
		["more memory than is allowed", () => ["-m", "9G"], /: memory is to be 1 to 3072 MiB, not 9216$/],
		["an unknown processor", () => ["-cpu", "z80"], /: unknown processor "z80"; there are pentium3, .*max$/],
		[
			"an unknown feature",
			() => ["-cpu", "max,+mmmx"],
			/: unknown processor feature "mmmx"; there are .*\bmmx, /,
		],
		[
			"an unknown option",
			() => ["--sreenshot", "x"],
			/: unknown option --sreenshot, did you mean --screenshot\?$/,
		],
		[
			"a ROM of the wrong size",
			() => ["-bios", path("text")],
			/it has 80000 bytes, not a multiple of 64 KiB, up to 512 KiB$/,
		],
	];
	for (const [what, args, line] of bad) {
		it(`answers ${what} with one line and status 2`, async () => {
			const output = new Captured();
			const status = await runCommand(["boot", "--headless", ...args()], output);
			expect(output.err.split("\n"), output.err).to.have.length(2);
			expect(output.err.trimEnd())
				.to.match(/^gantry: /)
				.and.match(line);
			expect({ status, out: output.out }).to.deep.equal({ status: 2, out: "" });
		});
	}

	it("knows its version and has a help", async () => {
		const output = new Captured();
		expect(await runCommand(["--version"], output)).to.equal(0);
		expect(await runCommand(["--help"], output)).to.equal(0);
		expect(output.out).to.match(/^gantry \d+\.\d+\.\d+\nusage: gantry boot \[FILE\] \[options\]\n/);
	});

	it("answers a place where nothing can be written with one line and status 2", () => {
		const { status, stderr } = gantry("boot", "--headless", "-serial", "file:/nowhere/log");
		expect(stderr).to.equal("gantry: cannot write /nowhere/log: there is no such file\n");
		expect(status).to.equal(2);
	});

	it("writes a trace, and says where it cannot", () => {
		const trace = ["--trace-from", "1", "--trace-count", "3", "--wait", "0.001"];
		expect(gantry("boot", "--headless", "--trace", path("trace"), ...trace).status).to.equal(0);
		const lines = readFileSync(path("trace"), "utf8").split("\n");
		expect(lines).to.have.length(4);
		expect(lines[0]).to.match(/^ +1 000f[0-9a-f]{4} fa +cli *$/);
		const { status, stderr } = gantry("boot", "--headless", "--trace", "/nowhere/trace", ...trace);
		expect(stderr).to.equal("gantry: cannot write /nowhere/trace: there is no such file\n");
		expect(status).to.equal(2);
	});

	it("asks for --headless where there is no terminal", () => {
		expect(gantry("boot")).to.deep.equal({
			status: 2,
			stdout: "",
			stderr: "gantry: the console needs a terminal; without one use --headless\n",
		});
	});

	it("boots Pocket Rocket, types a command and takes a picture of the answer", () => {
		const picture = path("screen.png");
		const session = ["--expect", "rocket> ", "--type", "ls /\\n", "--expect", "/readme.txt(.|\\s)*rocket> /"];
		const { status, stdout, stderr } = gantry(
			"boot",
			"--headless",
			...session,
			"--wait",
			"0.2",
			"--screenshot",
			picture,
		);
		expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
		expect(stdout).to.match(/Pocket Rocket[\s\S]*rocket> ls \/\r?\n[\s\S]*system\/\r?\nrocket> $/);
		expect(existsSync(picture)).to.equal(true);
		expect(PNG.sync.read(readFileSync(picture))).to.include({ width: 1024, height: 768 });
	});

	it("gives the guest's own exit status", () => {
		const { status, stderr } = gantry("boot", "--headless", "--expect", "rocket> ", "--type", "exit 42\\n");
		expect(stderr).to.equal("gantry: the guest ended the run with exit status 42\n");
		expect(status).to.equal(42);
	});

	it("gives 5 and the last words for a panic", () => {
		const { status, stderr } = gantry("boot", "--headless", "--expect", "rocket> ", "--type", "panic\\n");
		expect(status).to.equal(5);
		expect(stderr)
			.to.match(/^gantry: the guest panicked: PANIC: .*\n/)
			.and.contain("| PANIC: halted");
	});

	it("gives 3 and the last words for a timeout", () => {
		const { status, stderr } = gantry("boot", "--headless", "--expect", "login:", "--timeout", "5");
		expect(status).to.equal(3);
		expect(stderr)
			.to.match(/^gantry: timeout: no "login:" .* within 5 s/)
			.and.contain("| rocket>");
		expect(stderr).to.match(/ at {4}[0-9a-f]{16} {2}\w+\+0x[0-9a-f]+ \(kernel\) {2}\(after a HLT\)/);
	});
});
