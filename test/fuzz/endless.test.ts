// A guest that writes functions for ever: what was compiled is bounded, and the functions do what they say.

import { expect } from "chai";
import { openProcessor, startFlat } from "../x86/open.ts";

const RAM_SIZE = 4 << 20;
const CODE = 0x1000;
const TOTAL = 0x3000;
const COUNT = 0x3004;
const ARENA = 0x100000;
/** Functions are written one behind the other, round and round. */
const ARENA_END = 0x300000;
const STACK = 0x9000;
const CALLS = 4;
const STEP = 64;
/** As many as the compiler keeps at most: src/translate/region/regions.ts. */
const MOST_REGIONS = 16384;
const MOST_BYTES = 16 << 20;

const word = (value: number) => [value, value >>> 8, value >>> 16, value >>> 24].map((byte) => byte & 0xff);
const CALL_EDI = [0xff, 0xd7];

/** Writes MOV EAX, n; ADD [TOTAL], EAX; RET at EDI, calls it, goes on behind it with n + 1. */
const PROGRAM = [
	...[0xc6, 0x07, 0xb8], // MOV byte [EDI], B8h
	...[0x89, 0x77, 0x01], // MOV [EDI + 1], ESI
	...[0xc7, 0x47, 0x05, 0x01, 0x05, TOTAL & 0xff, TOTAL >>> 8], // MOV dword [EDI + 5], ...
	...[0xc7, 0x47, 0x09, 0x00, 0x00, 0xc3, 0x90],
	...new Array(CALLS).fill(CALL_EDI).flat(),
	...[0x83, 0xc7, STEP], // ADD EDI, STEP
	...[0x46], // INC ESI
	...[0xff, 0x05, ...word(COUNT)], // INC dword [COUNT]
	...[0x81, 0xff, ...word(ARENA_END)], // CMP EDI, ARENA_END
	...[0x72, 0x05], // JB over
	...[0xbf, ...word(ARENA)], // MOV EDI, ARENA
];

function open() {
	const { processor, memory } = openProcessor(RAM_SIZE, {}, { hot: 2 });
	startFlat(processor, CODE);
	const registers = processor.registers();
	registers.general[4] = BigInt(STACK);
	registers.general[6] = 1n;
	registers.general[7] = BigInt(ARENA);
	const back = -(PROGRAM.length + 2);
	memory.write(CODE, Uint8Array.from([...PROGRAM, 0xeb, back & 0xff]));
	processor.setRegisters(registers);
	return { processor, memory };
}

describe("a guest that writes code for ever", function () {
	this.timeout(120_000);

	it("has a bounded number of regions at any time, and computes what it should", () => {
		const { processor, memory } = open();
		const view = new DataView(memory.ram.buffer, memory.ram.byteOffset);
		let most = 0;
		while (processor.regionStats.compiled < MOST_REGIONS * 1.15) {
			processor.run(processor.retired + 200_000);
			const { live, liveBytes, compiled } = processor.regionStats;
			most = Math.max(most, live);
			expect(live).to.be.at.most(Math.min(compiled, MOST_REGIONS));
			expect(liveBytes).to.be.at.most(MOST_BYTES);
		}
		expect(most).to.be.below(processor.regionStats.compiled);
		expect(processor.regionStats.evicted + processor.regionStats.drops, "made room").to.be.above(0);
		// The last function may be half done: between n - 1 and n functions' worth.
		const count = view.getUint32(COUNT, true);
		const total = (n: number) => ((CALLS * n * (n + 1)) / 2) % 2 ** 32;
		const missing = (view.getUint32(TOTAL, true) - total(count) + 2 ** 32) % 2 ** 32;
		expect(missing % (count + 1)).to.equal(0);
		expect(missing / (count + 1)).to.be.at.most(CALLS);
	});
});
