// What the search has found where a program of its own says more than the one that showed it.

import { expect } from "chai";
import { openProcessor } from "../x86/open.ts";

const HALT = 0xf4;

/** Runs real-mode code at 1000h, all segments 0. */
function runCode(bytes: number[], instructions: number) {
	const { processor, memory } = openProcessor(0x20000);
	const registers = processor.registers();
	for (const segment of registers.segments) Object.assign(segment, { selector: 0, base: 0n });
	registers.rip = 0x1000n;
	processor.setRegisters(registers);
	memory.write(0x1000, Uint8Array.from(bytes));
	processor.run(processor.retired + instructions);
	return memory;
}

describe("what random programs have found", () => {
	it("a write across two pages that were never touched reaches both", () => {
		for (let page = 4; page < 8; page++) {
			// MOV word [page's last byte], 1234h
			const memory = runCode([0xc7, 0x06, 0xff, (page << 4) | 0x0f, 0x34, 0x12, HALT], 1);
			expect([...memory.read(page * 0x1000 + 0xfff, 2)], `page ${page}`).to.deep.equal([0x34, 0x12]);
		}
	});

	it("MWAIT goes on behind itself where no interrupt can end it", () => {
		// CLI; XOR CX, CX; MWAIT; MOV byte [5000h], 1
		const memory = runCode([0xfa, 0x31, 0xc9, 0x0f, 0x01, 0xc9, 0xc6, 0x06, 0x00, 0x50, 0x01, HALT], 4);
		expect(memory.read(0x5000, 1)[0]).to.equal(1);
	});
});
