import { expect } from "chai";
import type { ProcessorOptions } from "../../src/translate/processor.ts";
import { openProcessor, startFlat } from "./open.ts";

const RAM_SIZE = 1 << 20;
/** A JMP rel32 whose last two bytes lie in the next page, where no other code is. */
const JUMP = 0x1ffd;
const FIRST = 0x3000;
/** Where it leads with another third byte of its displacement, at 2000h. */
const SECOND = FIRST + 0x10000;
const DISPLACEMENT = FIRST - (JUMP + 5);

const jump = (from: number, to: number): number[] => {
	const bytes = Buffer.alloc(5, 0xe9);
	bytes.writeInt32LE(to - (from + 5), 1);
	return [...bytes];
};

/** Runs `rounds` times from JUMP to what it leads to and back, in flat 32-bit mode. @returns EBX: 1 for each time at FIRST, 256 at SECOND */
function rounds(times: number, change: number, options: ProcessorOptions): bigint {
	const { processor, memory } = openProcessor(RAM_SIZE, {}, options);
	const write = (address: number, bytes: number[]) => memory.write(address, Uint8Array.from(bytes));
	write(JUMP, jump(JUMP, FIRST));
	// ADD EBX, 1 or 256; XOR BYTE [2000h], change.
	const exchange = [0x80, 0x35, 0x00, 0x20, 0x00, 0x00, change];
	const one = [0x83, 0xc3, 0x01, ...exchange];
	const other = [0x81, 0xc3, 0x00, 0x01, 0x00, 0x00, ...exchange];
	write(FIRST, [...one, ...jump(FIRST + one.length, JUMP)]);
	write(SECOND, [...other, ...jump(SECOND + other.length, JUMP)]);
	startFlat(processor, JUMP);
	const { general } = processor.registers();
	processor.run(processor.retired + 4 * times);
	expect(processor.registers().rip).to.equal(BigInt(JUMP));
	return processor.registers().general[3] - general[3];
}

describe("an instruction that goes from one page into the next", () => {
	for (const options of [{ compiler: false }, { hot: 8 }]) {
		const how = options.hot ? "compiled" : "interpreted";
		it(`is decoded anew after a write to its second page, ${how}`, () => {
			const change = (DISPLACEMENT ^ (SECOND - (JUMP + 5))) >> 16;
			expect(rounds(100, change, options)).to.equal(50n * 257n);
		});

		it(`is the same each time without one, ${how}`, () => {
			expect(rounds(100, 0, options)).to.equal(100n);
		});
	}

	// FF /7, FE /7, 0F C7 /0 with a register; and INC, INC and CMPXCHG8B by another ModRM byte.
	const CASES: [bytes: number[], other: number][] = [
		[[0xff, 0xff], 0xc0],
		[[0xfe, 0x38], 0xc0],
		[[0x0f, 0xc7, 0xc0], 0x08],
	];
	for (const [bytes, other] of CASES) {
		const text = bytes.map((byte) => byte.toString(16)).join(" ");
		it(`is invalid by the ModRM byte in its second page until that is another one: ${text}`, () => {
			const { processor, memory } = openProcessor(RAM_SIZE);
			const at = 0x3000 - (bytes.length - 1);
			memory.write(at, Uint8Array.from(bytes));
			startFlat(processor, at);
			const start = processor.registers();
			processor.run(processor.retired + 1);
			expect(processor.shutdown[0]?.vector).to.equal(6);
			processor.reset();
			memory.write(0x3000, Uint8Array.from([other]));
			processor.setRegisters(start);
			processor.run(processor.retired + 1);
			expect(processor.registers().rip).to.equal(BigInt(at + bytes.length));
		});
	}
});
