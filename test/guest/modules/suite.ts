/**
 * What the module loader promises, as tests over a shell. The same suite runs in Gantry
 * (test/kernel) and in QEMU (test/peers), from the same disc.
 */
import { expect } from "chai";
import { heapFigures, type Shell } from "../kernel/shell.ts";
import { refusals } from "./catalogue.ts";

/** @param open boots the test disc that catalogue.ts makes, and returns at the prompt */
export function moduleSuite(open: () => Promise<Shell>): void {
	let shell: Shell;
	let fresh: string;

	before(async () => {
		shell = await open();
		fresh = await heapFigures(shell);
	});
	after(() => shell.close());
	afterEach("the registry is empty and the heap as it was", async () => {
		expect(await shell.command("modules")).to.equal("no modules are loaded\n");
		expect(await heapFigures(shell)).to.equal(fresh);
	});

	it("loads example.ko, lists it, unloads it, and calls its entry points", async () => {
		expect(await shell.command("load example")).to.equal("example: loaded\n");
		expect(shell.debug()).to.match(/^module example: \.text 0x[0-9a-f]+ .*\nexample\.ko: mod_init called!$/m);
		expect(shell.debug()).not.to.contain("mod_exit called!");
		expect(await shell.command("modules")).to.match(
			/^example +[0-9a-f]{16} +\d+ bytes, \d+ sections, 2 functions\n$/,
		);
		expect(await shell.command("unload example")).to.equal("example: unloaded\n");
		expect(shell.debug()).to.match(/^example\.ko: mod_exit called!\nmodule example: unloaded$/m);
	});

	it("refuses to load a module twice, and keeps the first", async () => {
		await shell.command("load example");
		expect(await shell.command("load example")).to.equal("load: example: already loaded\n");
		expect(await shell.command("modules")).to.match(/^example .*\n$/);
		await shell.command("unload example");
	});

	it("refuses to unload what is not loaded", async () => {
		expect(await shell.command("unload example")).to.equal("unload: example: not loaded\n");
	});

	for (const { name, message } of refusals)
		it(`refuses ${name}: ${message.source.replace(/^\^|\$$/g, "")}`, async () => {
			const output = await shell.command(`load ${name}`);
			const prefix = `load: ${name}: `;
			expect(output.slice(0, prefix.length)).to.equal(prefix);
			expect(output.slice(prefix.length).trimEnd()).to.match(message);
		});

	it("never calls the exit of a module whose init returned false, and takes its command away", async () => {
		await shell.command("load unwilling");
		expect(shell.debug()).to.contain("unwilling.ko: no\n");
		expect(shell.debug()).not.to.contain("exit must not be called");
		expect(await shell.command("unwilling")).to.equal("unwilling: no such command; try help\n");
	});

	it("leaves what is loaded alone when another load fails", async () => {
		await shell.command("load example hexdump");
		const loaded = await shell.command("modules");
		for (const name of ["unresolved", "unwilling", "cut-table", "large"]) await shell.command(`load ${name}`);
		expect(await shell.command("modules")).to.equal(loaded);
		expect(await shell.command("hexdump /readme.txt 4")).to.match(/^00000000 {2}54 68 69 73 .* This\n$/);
		await shell.command("unload hexdump example");
	});

	it("applies every supported relocation, also at the ends of its range", async () => {
		expect(await shell.command("load relocations")).to.equal(
			"relocations: all as they should be\nrelocations: loaded\n",
		);
		await shell.command("unload relocations");
	});

	it("gives modules a heap, strings, files, symbols, time and PCI that work", async () => {
		expect(await shell.command("load selftest")).to.equal("selftest: all good\nselftest: loaded\n");
		await shell.command("unload selftest");
	});

	it("nulls entry points and section pointers on unload", async () => {
		await shell.command("load stale example");
		expect(await shell.command("stale example")).to.equal("stale: complete, unloaded, all NULL\n");
		await shell.command("unload stale");
	});

	it("takes away a command that a module has left behind", async () => {
		await shell.command("load stale");
		await shell.command("unload stale");
		expect(await shell.command("stale")).to.equal("stale: no such command; try help\n");
	});

	it("says where each section of a module lies", async () => {
		await shell.command("load example sections");
		const [, text] =
			/module example: \.text 0x([0-9a-f]+)/.exec(shell.debug().split("\n").reverse().join("\n")) ?? [];
		const lines = (await shell.command("sections example")).split("\n");
		expect(lines[0]).to.match(new RegExp(`^ 1 0{8}${text} example\\.ko:mod_init_v100\\+0x0$`));
		await shell.command("unload example sections");
	});
}

/** Ends in a panic, so it needs a shell of its own. */
export function moduleCrash(open: () => Promise<Shell>): void {
	it("names the functions of a module that faults", async () => {
		const shell = await open();
		try {
			const report = await shell.until("load crash", /PANIC: halted/);
			expect(report).to.match(/^PANIC: #PF page fault \(vector 14, error code 2\)$/m);
			expect(report).to.match(/^ {2}write to 0000000090000000, which is not mapped$/m);
			const names = [...report.matchAll(/^ {2}[0-9a-f]{16} (\S+)\+0x[0-9a-f]+$/gm)].map((match) => match[1]);
			expect(names).to.deep.equal([
				"crash.ko:touch",
				"crash.ko:mod_init_v100",
				"load_module",
				"load",
				"shell_run",
				"main",
			]);
			expect(shell.debug()).to.contain("PANIC: #PF page fault");
		} finally {
			await shell.close();
		}
	});
}
