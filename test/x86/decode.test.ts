import { expect } from "chai";
import { CpuidFeature, Decoder, DecoderOptions, type Instruction, Mnemonic } from "iced-x86";
import { type Mode, Random } from "../vectors/states.ts";
import { Bench } from "./bench.ts";
import { disassemble } from "./disassemble.ts";
import { everything } from "./open.ts";

/** The features whose instructions the processor has. */
const FEATURES = new Set([
	CpuidFeature.INTEL8086,
	CpuidFeature.INTEL8086_ONLY,
	CpuidFeature.INTEL186,
	CpuidFeature.INTEL286,
	CpuidFeature.INTEL386,
	CpuidFeature.INTEL486,
	CpuidFeature.X64,
	CpuidFeature.CMOV,
	CpuidFeature.CX8,
	CpuidFeature.CMPXCHG16B,
	CpuidFeature.MULTIBYTENOP,
	CpuidFeature.POPCNT,
	CpuidFeature.LZCNT,
	CpuidFeature.BMI1,
	CpuidFeature.BMI2,
	CpuidFeature.MOVBE,
	CpuidFeature.ADX,
	CpuidFeature.CLFSH,
	CpuidFeature.CLFLUSHOPT,
	CpuidFeature.CLWB,
	CpuidFeature.RDRAND,
	CpuidFeature.RDSEED,
	CpuidFeature.RDTSCP,
	CpuidFeature.RDPID,
	CpuidFeature.SSE,
	CpuidFeature.SSE2,
	CpuidFeature.SSE3,
	CpuidFeature.SSSE3,
	CpuidFeature.SSE4_1,
	CpuidFeature.SSE4_2,
	CpuidFeature.AES,
	CpuidFeature.PCLMULQDQ,
	CpuidFeature.SHA,
	CpuidFeature.F16C,
	CpuidFeature.AVX,
	CpuidFeature.AVX2,
	CpuidFeature.FMA,
	CpuidFeature.FPU,
	CpuidFeature.FPU287,
	CpuidFeature.FPU387,
	CpuidFeature.MMX,
	CpuidFeature.FXSR,
]);

/** Valid encodings whose meaning is #UD, or that only some processors of their feature have. */
const LEFT_OUT = new Set([Mnemonic.Ud0, Mnemonic.Ud1, Mnemonic.Ud2]);

const UD = 6;
const PF = 14;
const STRINGS = 10_000;

/**
 * Not compared as invalid: MOV of a segment register that does not exist to or from memory, where the access may fault
 * first, and MOVNTI with a repeat prefix.
 */
const LATE = /^(66|67|f[023]|[23][6e]|6[45]|4[0-9a-f])*(8c|8e|0fc3)/;

interface Opinion {
	valid: boolean;
	length: number;
	comparable: boolean;
}

function opinion(mode: Mode, bytes: Uint8Array): Opinion {
	const decoder = new Decoder(mode, bytes, DecoderOptions.None);
	const instruction = decoder.decode();
	const result = {
		valid: !instruction.isInvalid,
		length: instruction.length,
		comparable: isComparable(instruction),
	};
	instruction.free();
	decoder.free();
	return result;
}

function isComparable(instruction: Instruction): boolean {
	if (instruction.isInvalid) return false;
	const features = [...instruction.cpuidFeatures()];
	return features.every((feature) => FEATURES.has(feature)) && !LEFT_OUT.has(instruction.mnemonic);
}

/** Random bytes, with prefixes and the 0F map more often than chance has them. */
function randomBytes(random: Random): Uint8Array {
	const bytes = Uint8Array.from({ length: 15 }, () => random.next() & 0xff);
	let at = 0;
	while (random.chance(3) && at < 3)
		bytes[at++] = random.pick([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x64, 0x48, 0x41]);
	if (random.chance(3)) longOpcode(random, bytes, at);
	return bytes;
}

/** One of the longer opcode maps, or a VEX prefix with a map and mostly a vvvv that exist. */
function longOpcode(random: Random, bytes: Uint8Array, at: number): void {
	const kind = random.below(6);
	if (kind < 3) bytes[at] = 0x0f;
	if (kind === 2) bytes[at + 1] = random.pick([0x38, 0x3a]);
	if (kind < 3) return;
	bytes[at] = kind === 3 ? 0xc5 : 0xc4;
	bytes[at + 1] |= 0xc0;
	if (kind > 3) bytes[at + 1] = (bytes[at + 1] & 0xe0) | random.below(4);
	if (random.chance(2)) bytes[at + (kind > 3 ? 2 : 1)] |= 0x78;
}

/** Whether the processor wants a byte of the page after these. */
function wantsMore(bench: Bench, mode: Mode, bytes: Uint8Array): boolean {
	const { outcome, next } = bench.executeAtPageEnd(mode, bytes);
	const { exception } = outcome;
	return exception?.vector === PF && exception.cr2 === next && outcome.rip !== next;
}

/** What the processor makes of a valid instruction that is not as long, or not as valid. */
function disagreement(bench: Bench, mode: Mode, bytes: Uint8Array, length: number): string | undefined {
	const whole = bytes.subarray(0, length);
	const { outcome } = bench.executeAtPageEnd(mode, whole);
	const found: string[] = [];
	if (outcome.exception?.vector === UD) found.push("#UD");
	if (wantsMore(bench, mode, whole)) found.push("is longer");
	if (length > 1 && !wantsMore(bench, mode, whole.subarray(0, length - 1))) found.push("is shorter");
	if (!found.length) return undefined;
	return `${Buffer.from(whole).toString("hex")}  ${disassemble(whole, mode, 0)}: ${found.join(", ")}`;
}

describe("the decoder", function () {
	this.timeout(120_000);

	for (const mode of [64, 32, 16] as const) {
		it(`agrees with it that random ${mode}-bit encodings are invalid`, () => {
			const bench = new Bench(false, everything());
			const random = new Random(mode + 1);
			const wrong: string[] = [];
			let compared = 0;
			for (let i = 0; i < STRINGS; i++) {
				const bytes = randomBytes(random);
				if (opinion(mode, bytes).valid || LATE.test(Buffer.from(bytes).toString("hex"))) continue;
				compared++;
				const { exception } = bench.executeAtPageEnd(mode, bytes).outcome;
				if (exception?.vector !== UD) wrong.push(Buffer.from(bytes).toString("hex"));
			}
			expect(compared).to.be.greaterThan(STRINGS / 100);
			expect(wrong).to.deep.equal([]);
		});

		it(`agrees with an independent decoder on the length of random ${mode}-bit instructions`, () => {
			const bench = new Bench(false, everything());
			const random = new Random(mode);
			const wrong: string[] = [];
			let compared = 0;
			for (let i = 0; i < STRINGS; i++) {
				const bytes = randomBytes(random);
				const { comparable, length } = opinion(mode, bytes);
				if (!comparable) continue;
				compared++;
				const difference = disagreement(bench, mode, bytes, length);
				if (difference) wrong.push(difference);
			}
			expect(compared).to.be.greaterThan(STRINGS / 4);
			expect(wrong).to.deep.equal([]);
		});
	}
});
