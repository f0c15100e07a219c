/**
 * What Pocket Rocket's shell does, as tests over COM1. The same suite runs in Gantry (test/kernel) and in QEMU
 * (test/peers), from the test disc.
 */
import { expect } from "chai";
import type { Shell } from "./shell.ts";

const COMMANDS =
	"help ls cat load unload modules symbols dmesg mem pci uptime date clear reboot poweroff exit panic".split(
		" ",
	);

const LEFT = "\x1b[D";
const RIGHT = "\x1b[C";
const UP = "\x1b[A";
const DOWN = "\x1b[B";
const HOME = "\x1b[H";
const END = "\x1b[F";
const DELETE = "\x1b[3~";
const BACKSPACE = "\x7f";
const control = (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 0x1f);

/** @param open boots the test disc and returns at the prompt */
export function shellSuite(open: () => Promise<Shell>): void {
	let shell: Shell;

	before(async () => {
		shell = await open();
	});
	after(() => shell.close());

	/** Types a line with editing keys in it, and returns the line that the shell made of it. */
	async function edited(keys: string): Promise<string> {
		const output = await shell.until(keys, /no such command; try help\nrocket> $/);
		return /^(.*): no such command; try help$/m.exec(output)![1];
	}

	it("lists every command", async () => {
		const listed = [...(await shell.command("help")).matchAll(/^ {2}(\w+) .* {2,}\S|^ {2}(\S+) /gm)];
		const names = listed.map((match) => match[1] ?? match[2]);
		expect(names).to.have.members(COMMANDS);
		expect(names).to.deep.equal([...names].sort());
	});

	it("names a command that it does not know", async () => {
		expect(await shell.command("frobnicate now")).to.equal("frobnicate: no such command; try help\n");
		expect(await shell.command("   ")).to.equal("");
	});

	describe("edits the line", () => {
		const cases: [what: string, keys: string, line: string][] = [
			["left and right", `ac${LEFT}b${RIGHT}d`, "abcd"],
			["home and end", `bc${HOME}a${END}d`, "abcd"],
			["home and end as a VT220 sends them", "bc\x1b[1~a\x1b[4~d", "abcd"],
			["home and end in application mode", "bc\x1bOHa\x1bOFd", "abcd"],
			["ctrl-a and ctrl-e", `bc${control("a")}a${control("e")}d`, "abcd"],
			["backspace", `abx${BACKSPACE}cd${LEFT}y${BACKSPACE}`, "abcd"],
			["backspace as control-h", "abx\bcd", "abcd"],
			["backspace at the start", `${BACKSPACE}${BACKSPACE}abcd`, "abcd"],
			["delete", `abxcd${LEFT}${LEFT}${LEFT}${DELETE}`, "abcd"],
			["delete at the end", `abcd${DELETE}`, "abcd"],
			["ctrl-u", `junk${control("u")}abcd`, "abcd"],
			["ctrl-u keeps what is right of the cursor", `junkcd${LEFT}${LEFT}${control("u")}ab`, "abcd"],
			["ctrl-k", `abcdjunk${LEFT.repeat(4)}${control("k")}`, "abcd"],
			["cursor keys beyond both ends", `${LEFT}${LEFT}bcd${RIGHT}${RIGHT}${HOME}${LEFT}a`, "abcd"],
			["ctrl-c, which begins anew", `junk${control("c")}abcd`, "abcd"],
			["sequences that mean nothing to it", "ab\x1b[15~\x1b[2;3Rcd", "abcd"],
			["characters that cannot be shown", "ab\x01\x05\x02\x06\x00\x07cd", "abcd"],
		];
		for (const [what, keys, line] of cases)
			it(what, async () => {
				expect(await edited(keys)).to.equal(line);
			});

		it("no further than the row goes", async () => {
			const line = await edited("x".repeat(300));
			expect(line).to.match(/^x+$/);
			expect(line.length).to.be.within(70, 199);
			expect(await edited(`${"y".repeat(300)}${HOME}z`)).to.have.length(line.length);
		});
	});

	describe("remembers lines", () => {
		it("and brings them back, oldest last", async () => {
			for (const line of ["one", "two", "three"]) await edited(line);
			expect(await edited(UP)).to.equal("three");
			expect(await edited(`${UP}${UP}`)).to.equal("two");
			expect(await edited(`${UP}${UP}${UP}${DOWN}4`)).to.equal("three4");
		});

		it("and the line that was being typed", async () => {
			await edited("older");
			expect(await edited(`dra${UP}${DOWN}ft`)).to.equal("draft");
		});

		it("once, when the same comes twice", async () => {
			await edited("first");
			await edited("again");
			await edited("again");
			expect(await edited(`${UP}${UP}`)).to.equal("first");
		});

		it("but only the last 32", async () => {
			for (let i = 0; i < 34; i++) await edited(`line${i}`);
			expect(await edited(UP.repeat(60))).to.equal("line2");
		});
	});

	it("lists directories", async () => {
		const root = await shell.command("ls");
		expect(root).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d {10}- boot\/$/m);
		expect(root).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d +\d+ readme\.txt$/m);
		expect(await shell.command("ls /system/../system//modules/")).to.contain("example.ko\n");
		expect(await shell.command("ls /readme.txt")).to.match(/ readme\.txt\n$/);
		expect(await shell.command("ls /nowhere")).to.equal("ls: /nowhere: no such file\n");
		expect(await shell.command("ls /readme.txt/x")).to.equal("ls: /readme.txt/x: not a directory\n");
	});

	it("shows files, names in quotes too", async () => {
		expect(await shell.command('cat "/readme.txt"')).to.match(/^This is the disc of Pocket Rocket\.\n/);
		expect(await shell.command("cat /system /nowhere")).to.equal(
			"cat: /system: is a directory\ncat: /nowhere: no such file\n",
		);
		expect(await shell.command("cat")).to.equal("usage: cat PATH...\n");
	});

	it("shows every byte of a file of many sectors", async () => {
		const symbols = await shell.command("cat /boot/kernel.sym");
		expect(symbols).to.match(/^(ffffffff[0-9a-f]{8} [A-Za-z] \S+\n)+$/);
		const addresses = symbols.split("\n").map((line) => line.slice(0, 16));
		expect(addresses.slice(0, -1)).to.deep.equal(addresses.slice(0, -1).sort());
		const count = addresses.length - 1;
		expect(await shell.command("symbols")).to.match(new RegExp(`^${count} symbols; `));
	});

	it("looks symbols up by part of their name and by address", async () => {
		const lines = await shell.command("symbols kmalloc");
		const address = /^(ffffffff[0-9a-f]{8}) T kmalloc$/m.exec(lines)![1];
		expect(await shell.command(`symbols 0x${address}`)).to.equal(`${address} kmalloc+0x0\n`);
		expect(await shell.command("symbols 0x10")).to.equal("0000000000000010 has no symbol\n");
		expect(await shell.command("symbols no_such_name")).to.equal("");
	});

	it("shows memory, PCI functions, time and its own log", async () => {
		expect(await shell.command("mem")).to.match(
			/^physical: \d+ KiB, \d+ KiB free\nheap: used \d+ bytes in \d+ blocks\nheap: mapped \d+ KiB at 0000000010000000\n$/,
		);
		expect(await shell.command("pci")).to.match(
			/^00:00\.0 8086:1237 060000 host bridge\n(.*\n)*00:01\.1 8086:7010 0101\w\w IDE/,
		);
		expect(await shell.command("date")).to.match(/^20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d UTC\n$/);
		expect(await shell.command("uptime")).to.match(/^up 0 days, 00:0\d:\d\d\.\d\d\n$/);
		expect(await shell.command("dmesg")).to.contain("iso9660: mounted at /, Rock Ridge names\n");
		expect(shell.debug()).to.contain("iso9660: mounted at /, Rock Ridge names\n");
	});

	it("counts time", async () => {
		const seconds = async () => {
			const [, minutes, rest] = /:(\d\d):(\d\d\.\d\d)$/m.exec(await shell.command("uptime"))!;
			return Number(minutes) * 60 + Number(rest);
		};
		const start = await seconds();
		let now = start;
		for (let i = 0; i < 5000 && now < start + 0.2; i++) now = await seconds();
		expect(now).to.be.at.least(start + 0.2);
	});

	it("keeps the log's newest lines, whole", async () => {
		await shell.command("load chatter");
		const lines = (await shell.command("dmesg")).split("\n");
		expect(lines[0]).to.match(/^chatter: line \d+ of many$/);
		expect(lines).to.include("chatter: line 1999 of many");
		await shell.command("unload chatter");
	});
}

/** Each kind of `panic`: the report's first line, the second, and who is named. Each ends its machine. */
export const panics: { kind: string; first: RegExp; second?: string; names: string[] }[] = [
	{
		kind: "",
		first: /^PANIC: #PF page fault \(vector 14, error code 2\)$/m,
		second: "  write to 00000000deadb000, which is not mapped",
		names: ["fault_page", "do_panic", "shell_run", "main"],
	},
	{
		kind: "null",
		first: /^PANIC: #PF page fault \(vector 14, error code 0\)$/m,
		second: "  read of 0000000000000008, which is not mapped (a null pointer)",
		names: ["fault_null", "do_panic", "shell_run", "main"],
	},
	{
		kind: "text",
		first: /^PANIC: #PF page fault \(vector 14, error code 3\)$/m,
		second: "  write to ffffffff80000000, which its page forbids",
		names: ["fault_text", "do_panic", "shell_run", "main"],
	},
	{
		kind: "data",
		first: /^PANIC: #PF page fault \(vector 14, error code 11\)$/m,
		names: ["not_code", "fault_data", "do_panic", "shell_run", "main"],
	},
	{
		kind: "divide",
		first: /^PANIC: #DE divide error \(vector 0\)$/m,
		names: ["fault_divide", "do_panic", "shell_run", "main"],
	},
	{
		kind: "interrupt",
		first: /^PANIC: unexpected interrupt \(vector 128\)$/m,
		names: ["fault_interrupt", "do_panic", "shell_run", "main"],
	},
	{
		kind: "opcode",
		first: /^PANIC: #UD invalid opcode \(vector 6\)$/m,
		names: ["fault_opcode", "do_panic", "shell_run", "main"],
	},
	{
		kind: "protection",
		first: /^PANIC: #GP general protection \(vector 13, error code 1238\)$/m,
		second: "  GDT entry 583",
		names: ["fault_protection", "do_panic", "shell_run", "main"],
	},
	{
		kind: "stack",
		first: /^PANIC: #DF double fault \(vector 8, error code 0\)$/m,
		second: "  the kernel's stack ran into its guard page",
		names: ["fault_stack", "overflow_stack", "do_panic", "shell_run", "main"],
	},
	{
		kind: "free",
		first: /^PANIC: kfree: [0-9a-f]{16} is free already$/m,
		names: ["block_of", "kfree", "fault_free", "do_panic", "shell_run", "main"],
	},
	{
		kind: "call",
		first: /^PANIC: asked for at the shell$/m,
		names: ["call_panic", "do_panic", "shell_run", "main"],
	},
];

/** @param open boots the shipped disc and returns at the prompt */
export function panicSuite(open: () => Promise<Shell>): void {
	for (const { kind, first, second, names } of panics)
		it(`panic ${kind}: ${first.source}`, async () => {
			const shell = await open();
			try {
				const report = await shell.until(`panic ${kind}`, /PANIC: halted\n/);
				expect(report).to.match(first);
				if (second) expect(report.split("\n")).to.include(second);
				if (!report.includes("asked for") && kind !== "free")
					expect(report).to.match(/^CS 0008 SS 0010 CR0 [0-9a-f]{8} CR2 [0-9a-f]{16}$/m);
				const named = [...report.matchAll(/^ {2}[0-9a-f]{16} ([\w.]+?)(\.\w+\.\d+)?\+0x[0-9a-f]+$/gm)];
				const functions = named.map((match) => match[1]).filter((name, i, all) => name !== all[i - 1]);
				expect(functions).to.deep.equal(names);
				expect(shell.debug()).to.contain(report.slice(report.indexOf("PANIC:")));
			} finally {
				await shell.close();
			}
		});
}
