import { expect } from "chai";
import fc from "fast-check";
import type { ProcessorBus } from "../../src/translate/processor.ts";
import { openProcessor, startFlat } from "./open.ts";

const RAM_SIZE = 1 << 20;
const CODE = 0x600;
const PORT = 0x1f0;
/** REP INSB, INSW and INSD behind the prefixes of 32-bit code, and HLT. */
const REP_INS: Record<number, number[]> = { 1: [0xf3, 0x6c], 2: [0x66, 0xf3, 0x6d], 4: [0xf3, 0x6d] };
const HLT = 0xf4;

/** What a port answers: numbers that never come again, in blocks; behind each block they are read one by one. */
class Source {
	#next = 1;

	/** @param sizes of the blocks, in elements; the last goes on for ever */
	constructor(
		private readonly sizes: number[],
		private readonly isEager: boolean,
	) {}

	bus(): Partial<ProcessorBus> {
		const one = (size: number) => (Math.imul(this.#next++, 0x9e3779b1) >>> 0) % 2 ** (8 * size);
		return {
			readPort: (port, size) => (port === PORT ? one(size) : 0),
			readPortMany: (port, size, into) => {
				if (!this.isEager || port !== PORT) return 0;
				const count = Math.min(this.sizes.shift() ?? Number.POSITIVE_INFINITY, into.length / size);
				for (let i = 0; i < count; i++)
					for (let byte = 0, value = one(size); byte < size; byte++)
						into[i * size + byte] = value >>> (8 * byte);
				return count;
			},
		};
	}
}

interface Case {
	size: number;
	count: number;
	to: number;
	/** Of a segment in real mode; flat 32-bit mode without one. */
	segment?: number;
	/** What protected mode has left in it. */
	limit: number;
	attributes: number;
	down: boolean;
	blocks: number[];
}

/** Memory and registers after it, and the shutdown that a fault without a handler ends in. */
function outcome({ size, count, to, segment, limit, attributes, down, blocks }: Case, isEager: boolean) {
	const { processor, memory } = openProcessor(RAM_SIZE, new Source([...blocks], isEager).bus());
	const isReal = segment !== undefined;
	// In 16-bit code the prefix means the other size.
	const code = REP_INS[size].filter((byte) => byte !== 0x66);
	const prefix = (size === 2) !== isReal && size !== 1 ? [0x66] : [];
	memory.write(CODE, Uint8Array.from([down ? 0xfd : 0xfc, ...prefix, ...code, HLT]));
	startFlat(processor, CODE);
	const registers = processor.registers();
	if (segment !== undefined) {
		const real = (selector: number) => ({
			selector,
			base: BigInt(selector * 16),
			limit,
			attributes,
		});
		registers.cr0 = 0x10n;
		registers.segments = [segment, 0, 0, 0, 0, 0].map(real);
	}
	registers.general[1] = BigInt(count);
	registers.general[2] = BigInt(PORT);
	registers.general[7] = BigInt(to);
	processor.setRegisters(registers);
	processor.run(2000);
	return {
		ram: Buffer.from(memory.ram).toString("base64"),
		state: processor.save().toString(),
		shutdown: processor.shutdown,
	};
}

describe("REP INS", () => {
	it("takes what a device has at hand as if it had been read one by one", () => {
		const numbers = fc.record({
			size: fc.constantFrom(1, 2, 4),
			count: fc.integer({ min: 0, max: 9000 }),
			// Near a page's end, near a segment's end, anywhere.
			to: fc.oneof(
				fc.integer({ min: 0x4ff0, max: 0x5010 }),
				fc.integer({ min: 0xff80, max: 0xffff }),
				fc.integer({ min: 0x1000, max: 0xffff }),
			),
			segment: fc.option(fc.constantFrom(0x1000, 0x2fff, 0x8001), { nil: undefined }),
			limit: fc.constantFrom(0xffff, 0xffff, 0xffffffff, 0x8000),
			attributes: fc.constantFrom(0x93, 0x93, 0x97),
			down: fc.boolean(),
			blocks: fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }),
		});
		fc.assert(
			fc.property(numbers, (one) => {
				expect(outcome(one, true)).to.deep.equal(outcome(one, false));
			}),
			{ numRuns: 40, seed: 20_261_128 },
		);
	});

	/** 1,024 words of 5A5Ah to an address, in flat 32-bit mode, from a device that has them at hand. */
	function fill(ramSize: number, to: number) {
		let asked = 0;
		const { processor, memory } = openProcessor(ramSize, {
			readPortMany: (_port, _size, into) => {
				asked++;
				into.fill(0x5a);
				return into.length / 2;
			},
		});
		memory.write(CODE, Uint8Array.from([...REP_INS[2], HLT]));
		startFlat(processor, CODE);
		const registers = processor.registers();
		Object.assign(registers.general, { 1: 1024n, 2: BigInt(PORT), 7: BigInt(to) });
		processor.setRegisters(registers);
		processor.run(10);
		return { asked, end: processor.registers().general[7], ram: memory.ram };
	}

	it("does so at all", () => {
		const { asked, end, ram } = fill(RAM_SIZE, 0x8000);
		expect(asked).to.equal(1);
		expect(end).to.equal(0x8000n + 2048n);
		expect(ram[0x8000 + 100]).to.equal(0x5a);
	});

	it("reaches memory from 2 GiB of host addresses up", () => {
		const { ram } = fill(2 ** 31, 0x7f000000);
		expect(ram[0x7f000000 + 100]).to.equal(0x5a);
		expect(ram[0x7f000000 + 2048]).to.equal(0);
	});
});
