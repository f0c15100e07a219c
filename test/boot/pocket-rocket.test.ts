// The whole way: reset vector, BIOS, boot loader, kernel, shell, module.

import { expect } from "chai";
import type { Session } from "../../src/cli/api.ts";
import { bootToPrompt, run } from "../harness/pocket-rocket.ts";

describe("Pocket Rocket", function () {
	this.timeout(180000);
	let session: Session;
	before(async () => {
		session = await bootToPrompt();
	});
	after(() => session?.close());

	const heap = async () => /heap: used .*/.exec(await run(session, "mem"))?.[0];

	it("greets at its prompt, on the serial line and on the screen alike", async () => {
		await session.screen.expect(/^rocket>/m);
		for (const text of [session.serial.text, session.screen.text()]) {
			expect(text).to.match(/Pocket Rocket \d+\.\d+, x86-64, module ABI 100/);
		}
	});

	it("loads example.ko, runs it, unloads it, and has its heap as it was", async () => {
		const before = await heap();
		expect(before).to.match(/used \d+ bytes/);
		expect(await run(session, "load example")).to.equal("example: loaded\n");
		await session.debugConsole.expect("example.ko: mod_init called!");
		expect(await run(session, "modules")).to.match(/^example\s+[0-9a-f]{16}\s/);
		expect(await heap()).to.not.equal(before);
		await run(session, "unload example");
		await session.debugConsole.expect("example.ko: mod_exit called!");
		expect(await run(session, "modules")).to.not.contain("example");
		expect(await heap()).to.equal(before);
	});

	it("says where a module lies, so that the host can name its functions", async () => {
		await run(session, "load example");
		const section = /module example: \.text 0x([0-9a-f]+)/.exec(session.debugConsole.text.slice(-400));
		expect(session.symbols.describe(BigInt(`0x${section?.[1]}`))).to.match(
			/^mod_(init|exit)_v100.*\(example\)$/,
		);
		await run(session, "unload example");
	});

	it("has the kernel's symbols in the host's reports", () => {
		const main = session.symbols.named("main");
		expect(main?.address).to.satisfy((address: bigint) => address >= 0xffffffff80000000n);
		expect(session.report("now")).to.match(/ at {4}[0-9a-f]{16} {2}\w+\+0x[0-9a-f]+ \(kernel\)/);
	});

	it("lists the CD's files, under their long names", async () => {
		expect(await run(session, "ls /system/modules")).to.contain("example.ko");
	});

	it("finds its PCI functions", async () => {
		const list = await run(session, "pci");
		for (const id of ["8086:1237", "8086:7000", "8086:7010", "8086:7113", "1234:1111"])
			expect(list).to.contain(id);
	});

	it("switches itself off", async () => {
		await session.keyboard.type("poweroff\n");
		await session.run(5);
		expect(session.ended).to.deep.equal({ kind: "poweroff" });
	});
});

describe("Pocket Rocket's ways out", function () {
	this.timeout(180000);

	it("ends the run with the status that it writes to port F4h", async () => {
		const session = await bootToPrompt();
		await session.keyboard.type("exit 42\n");
		expect(await session.run(5)).to.deep.equal({ kind: "exit", value: 42 });
		session.close();
	});

	it("comes back to the prompt after a reboot", async () => {
		const session = await bootToPrompt();
		await session.keyboard.type("reboot\n");
		await session.serial.expect(/Pocket Rocket \d/);
		await session.serial.expect("rocket> ");
		expect(session.resets).to.equal(1);
		session.close();
	});

	it("can be typed at over the serial line as well", async () => {
		const session = await bootToPrompt();
		session.serial.send("ls /\r");
		expect(await session.serial.expect(/system/)).to.equal("system");
		session.close();
	});

	it("panics with a report that the host sees as the end", async () => {
		const session = await bootToPrompt();
		await session.keyboard.type("panic\n");
		const ending = await session.run(5);
		expect(ending?.kind).to.equal("panic");
		expect(session.serial.text).to.match(/Backtrace:\n( +[0-9a-f]{16} \w+\+0x[0-9a-f]+\n)+PANIC: halted/);
		session.close();
	});
});
