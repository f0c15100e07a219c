import { expect } from "chai";
import { crashReport, type Scene } from "../../src/debug/crash-report.ts";
import { describeDelivery } from "../../src/debug/exceptions.ts";
import { modeName } from "../../src/debug/registers.ts";
import { SymbolTable } from "../../src/debug/symbols.ts";
import { FakeMachine, KERNEL_BASE, longModeRegisters } from "../harness/fake-machine.ts";

const RBP = 5;
const RSP = 4;

/** A kernel that has called mount from main and died in it. */
function scene(machine: FakeMachine, changes: Partial<Scene> = {}): Scene {
	const symbols = new SymbolTable();
	symbols.add([
		{ name: "main", address: KERNEL_BASE + 0x1000n, size: 0x100n, kind: "function", image: "kernel" },
		{ name: "mount", address: KERNEL_BASE + 0x2000n, size: 0x100n, kind: "function", image: "kernel" },
	]);
	const { current } = machine.processor;
	current.rip = KERNEL_BASE + 0x2010n;
	current.general[RSP] = KERNEL_BASE + 0x8000n;
	current.general[RBP] = KERNEL_BASE + 0x8010n;
	const stack = new DataView(machine.ram.buffer);
	stack.setBigUint64(0x8010, KERNEL_BASE + 0x8040n, true);
	stack.setBigUint64(0x8018, KERNEL_BASE + 0x1024n, true);
	machine.ram.set([0x0f, 0x0b], 0x2010);
	const { processor, memory } = machine;
	return {
		headline: "it died",
		processor,
		memory,
		symbols,
		now: 1.5e9,
		serial: [],
		debugConsole: [],
		...changes,
	};
}

describe("a crash report", () => {
	it("says first what happened, where, in which mode and when", () => {
		const machine = new FakeMachine();
		machine.processor.retired = 1234567;
		const lines = crashReport(scene(machine)).split("\n");
		expect(lines.slice(0, 5)).to.deep.equal([
			"it died",
			"",
			"  at    ffffffff80002010  mount+0x10 (kernel)",
			"  in    64-bit code, ring 0",
			"  after 1.500000 s of guest time, 1,234,567 instructions",
		]);
	});

	it("walks the frame pointers to who called whom", () => {
		expect(crashReport(scene(new FakeMachine()))).to.contain(
			"  called from\n" +
				"       ffffffff80002010  mount+0x10 (kernel)\n" +
				"    by ffffffff80001024  main+0x24 (kernel)\n",
		);
	});

	it("ends the walk where the chain of frames points backwards", () => {
		const machine = new FakeMachine();
		const prepared = scene(machine);
		new DataView(machine.ram.buffer).setBigUint64(0x8010, KERNEL_BASE + 0x8000n, true);
		expect(crashReport(prepared).match(/^ {4}by /gm)).to.have.length(1);
	});

	it("tells a triple fault's story: which exceptions, from where, why none was delivered", () => {
		const machine = new FakeMachine();
		const prepared = scene(machine);
		const rip = KERNEL_BASE + 0x2010n;
		machine.processor.shutdown = [
			{ vector: 14, errorCode: 2, rip, cs: 8, cr2: 0x10n, failure: "IDT entry 14 is not present" },
			{ vector: 8, errorCode: 0, rip, cs: 8, cr2: 0x10n, failure: "IDT entry 8 is not present" },
		];
		expect(crashReport(prepared)).to.contain(
			[
				"    1. #PF page fault: writing to 0x10 (supervisor): the page is not present",
				"       raised at 0008:ffffffff80002010  mount+0x10 (kernel)",
				"       not delivered: IDT entry 14 is not present",
				"    2. #DF double fault",
				"       raised at 0008:ffffffff80002010  mount+0x10 (kernel)",
				"       not delivered: IDT entry 8 is not present",
			].join("\n"),
		);
	});

	it("shows the code, the registers, the last lines and the screen, and no empty section", () => {
		const text = crashReport(
			scene(new FakeMachine(), { serial: ["one", "two"], screen: "\n  at the prompt\n\n" }),
		);
		expect(text).to.contain("    => ffffffff80002010  0f 0b                          ud2\n");
		expect(text).to.contain("rsp ffffffff80008000  rbp ffffffff80008010");
		expect(text).to.contain("  last lines on COM1\n    | one\n    | two\n");
		expect(text).to.contain("  the screen\n    |   at the prompt\n");
		expect(text).to.not.contain("debug console");
	});

	it("goes back to the function's start for the code before rip, and names what it calls", () => {
		const machine = new FakeMachine();
		const prepared = scene(machine);
		// push rbp; mov rbp, rsp; call main; ud2
		machine.ram.set([0x55, 0x48, 0x89, 0xe5, 0xe8, 0xf7, 0xef, 0xff, 0xff, 0x0f, 0x0b], 0x2000);
		machine.processor.current.rip = KERNEL_BASE + 0x2009n;
		expect(crashReport(prepared)).to.contain(
			[
				"  code around rip",
				"       ffffffff80002000  55                             push rbp",
				"       ffffffff80002001  48 89 e5                       mov rbp, rsp",
				"       ffffffff80002004  e8 f7 ef ff ff                 call 0xffffffff80001000 <main (kernel)>",
				"    => ffffffff80002009  0f 0b                          ud2",
			].join("\n"),
		);
	});

	it("says so where no memory is mapped at rip", () => {
		const machine = new FakeMachine();
		const prepared = scene(machine);
		machine.processor.current.rip = 0xdeadbeef000n;
		expect(crashReport(prepared)).to.contain("no memory is mapped there");
	});

	it("reads 16-bit frames in real mode, from the base of CS and in words", () => {
		const machine = new FakeMachine();
		const prepared = scene(machine);
		const registers = machine.processor.current;
		Object.assign(registers, { cr0: 0x10n, efer: 0n, rip: 0x20n });
		registers.segments[1] = { selector: 0xf000, base: 0xf0000n, limit: 0xffff, attributes: 0x9b };
		expect(modeName(registers)).to.equal("real mode");
		expect(crashReport(prepared)).to.contain("at    00000000000f0020");
	});
});

describe("an exception in words", () => {
	const at = { rip: 0n, cs: 8, cr2: 0x1000n };
	const cases: [number, number | undefined, string][] = [
		[6, undefined, "#UD invalid opcode"],
		[13, 0, "#GP general protection: error code 0x0"],
		[13, 0x6a, "#GP general protection: error code 0x6a, IDT entry 13"],
		[11, 0x2c, "#NP segment not present: error code 0x2c, LDT entry 5"],
		[14, 0x15, "#PF page fault: executing at 0x1000 (user): the page's rights forbid it"],
		[14, 0x09, "#PF page fault: reading from 0x1000 (supervisor): a reserved bit is set in a paging entry"],
		[0x20, undefined, "interrupt 20h"],
	];
	for (const [vector, errorCode, wanted] of cases) {
		it(`is "${wanted}"`, () => expect(describeDelivery({ ...at, vector, errorCode })).to.equal(wanted));
	}
});

describe("a processor's mode in words", () => {
	it("tells 64-bit code from compatibility mode and from paging off", () => {
		const registers = longModeRegisters();
		registers.segments[1].attributes = 0xc0fb;
		registers.segments[1].selector = 0x1b;
		expect(modeName(registers)).to.equal("32-bit code, compatibility mode, ring 3");
		Object.assign(registers, { efer: 0n, cr0: 1n });
		expect(modeName(registers)).to.equal("32-bit code, ring 3, paging off");
	});
});
