// What the compiler's bounds hold: the budget where much is called and copied, the table where very much is drafted.
import { expect } from "chai";
import type { ProcessorOptions } from "../../src/translate/processor.ts";
import { openProcessor, startFlat } from "../x86/open.ts";

const STACK = 0x90000n;
const little = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** 32-bit code: instructions, labels by name, and calls of them. */
class Code {
	readonly bytes: number[] = [];
	readonly #labels = new Map<string, number>();
	readonly #targets: [at: number, name: string][] = [];

	emit(...bytes: number[]): void {
		this.bytes.push(...bytes);
	}

	label(name: string): void {
		this.#labels.set(name, this.bytes.length);
	}

	/** INC EAX, so many times. */
	count(times: number): void {
		for (let i = 0; i < times; i++) this.emit(0x40);
	}

	/** An opcode and a displacement. */
	to(name: string, ...opcode: number[]): void {
		this.emit(...opcode, ...little(0));
		this.#targets.push([this.bytes.length, name]);
	}

	finish(): Uint8Array {
		for (const [end, name] of this.#targets)
			this.bytes.splice(end - 4, 4, ...little(this.#labels.get(name)! - end));
		return Uint8Array.from(this.bytes);
	}
}

/** REP MOVSB of 256 KiB, which counts as 256 instructions, and forty ways through three functions inside one another. */
function copyAndCall(): Uint8Array {
	const code = new Code();
	code.label("main");
	code.emit(0xb9, ...little(262144), 0xbe, ...little(0x100000), 0xbf, ...little(0x180000), 0xf3, 0xa4);
	for (let i = 0; i < 8; i++) code.to("a", 0xe8);
	code.emit(0x4d);
	code.to("main", 0x0f, 0x85);
	code.emit(0xf4);
	const callers: [name: string, own: number, calls: number, callee: string][] = [
		["a", 20, 5, "b"],
		["b", 20, 4, "c"],
		["c", 30, 0, ""],
	];
	for (const [name, own, calls, callee] of callers) {
		code.label(name);
		code.count(own);
		for (let i = 0; i < calls; i++) code.to(callee, 0xe8);
		code.emit(0xc3);
	}
	return code.finish();
}

/** Where it stands after each of many budgets. */
function stops(options: ProcessorOptions): string[] {
	const { processor, memory } = openProcessor(4 << 20, {}, options);
	memory.write(0x2000, copyAndCall());
	startFlat(processor, 0x2000);
	const registers = processor.registers();
	registers.general[4] = STACK;
	registers.general[5] = 1000n;
	processor.setRegisters(registers);
	processor.run(1_000_000);
	return Array.from({ length: 400 }, (_, i) => {
		processor.run(processor.retired + 4000 + ((i * 37) % 9000));
		return `${processor.retired} ${processor.registers().rip}`;
	});
}

describe("the compiler's bounds", function () {
	this.timeout(60_000);

	it("hold the budget behind a long copy, whatever is called inside one region", () => {
		expect(stops({ hot: 20 })).to.deep.equal(stops({ compiler: false }));
	});

	it("hold the table where more functions are warm than it has places", () => {
		const functions = 9000;
		const { processor, memory } = openProcessor(16 << 20);
		const entry = (at: number, value: number) =>
			memory.write(at, Uint8Array.from([...little(value), 0, 0, 0, 0]));
		entry(0x1000, 0x2003);
		entry(0x2000, 0x3003);
		for (let i = 0; i < 8; i++) entry(0x3000 + 8 * i, (i << 21) | 0x83);
		// Each is INC EAX; RET, 16 bytes behind the one before.
		for (let i = 0; i < functions; i++) memory.write(0x200000 + 16 * i, Uint8Array.from([0xff, 0xc0, 0xc3]));
		// MOV RBX, 200000h; MOV ECX, functions; CALL RBX; ADD RBX, 16; DEC ECX; JNZ to the CALL; JMP to the start.
		const start = [0x48, 0xc7, 0xc3, ...little(0x200000), 0xb9, ...little(functions)];
		const loop = [0xff, 0xd3, 0x48, 0x83, 0xc3, 16, 0xff, 0xc9, 0x75, 0xf6, 0xeb, 0xe8];
		memory.write(0x10000, Uint8Array.from([...start, ...loop]));
		startFlat(processor, 0x10000);
		const registers = processor.registers();
		Object.assign(registers, { cr0: 0x80000011n, cr4: 0x20n, efer: 0x500n, cr3: 0x1000n });
		registers.segments[1].attributes = 0xa09b;
		registers.general[0] = 0n;
		registers.general[4] = STACK;
		processor.setRegisters(registers);
		const rounds = 100;
		processor.run(rounds * (6 * functions + 3));
		expect(processor.registers().general[0]).to.equal(BigInt(rounds * functions));
		expect(processor.regionStats.drafts).to.be.above(4096);
	});
});
