/** The segments of programs and of their handlers, and the GDT that holds them. SDM 3A, "Segment Descriptors". */
import type { Segment } from "../../src/bus/processor.ts";
import type { Random } from "../harness/random.ts";
import type { Bits } from "./encode.ts";
import { ARENA, CODE, TSS } from "./layout.ts";

const G = 0x8000;
const L = 0x2000;
const D = 0x4000;
const DATA = 0x93;
const EXECUTABLE = 0x9b;

/** GDT: null, code and data for handlers, ES CS SS DS FS GS of the program, the TSS, the program's other segments. */
export const HANDLER_CODE = 0x08;
export const HANDLER_DATA = 0x10;
const FIRST_PROGRAM = 3;
export const TSS_SELECTOR = 9 * 8;
const FIRST_OTHER = 11;
/** What SYSENTER and SYSCALL load, and SYSEXIT and SYSRET: code and data of CPL 0, 32-bit code and data, 64-bit code and data of CPL 3. */
export const FAST_SYSTEM = 17 * 8;
/** Of STAR: SYSRET adds 8 for SS and 16 for CS. */
export const FAST_USER = FAST_SYSTEM + 16;
export const GDT_LIMIT = 23 * 8 - 1;
const USER = 3 << 5;
const SS = 2;

export const bytesOf = (values: bigint[]): Uint8Array =>
	new Uint8Array(BigUint64Array.from(values.map((value) => BigInt.asUintN(64, value))).buffer);

function descriptor({ base, limit, attributes }: Segment): bigint {
	const scaled = attributes & G ? limit >>> 12 : limit;
	return (
		BigInt(scaled & 0xffff) |
		((base & 0xffffffn) << 16n) |
		(BigInt(attributes & 0xf0ff) << 40n) |
		(BigInt(scaled >>> 16) << 48n) |
		((base >> 24n) << 56n)
	);
}

const flat = (selector: number, attributes: number): Segment => ({
	selector,
	base: 0n,
	limit: 0xffffffff,
	attributes: attributes | G | D,
});

/** Bases and limits of a program with segments: what it needs lies inside them, and a little more. */
function unevenSegments(random: Random, bits: Bits): { bases: number[]; limits: number[] } {
	const far = bits === 16 ? 0xffff : 0xffffffff;
	const arena = bits === 16 ? [ARENA, ARENA - 0x100] : [0, 0x1000, ARENA, ARENA - 0x8010];
	const code = bits === 16 ? [CODE, CODE - 0x40] : [0, CODE, 0x8000];
	const bases = [
		random.pick(arena),
		random.pick(code),
		random.pick([0, 0, 0x1000]),
		random.pick(arena),
		random.pick(code),
		random.pick([0, 0x4000, ARENA]),
	];
	const limits = bases.map((base, i) => {
		if (i === 1 || i === 2 || i === 4 || random.chance(0.6)) return far;
		return Math.min(far, ARENA + random.pick([0x7fff, 0x8ffe, 0xffff]) - base);
	});
	return { bases, limits };
}

export function realSegments(random: Random): Segment[] {
	const paragraphs = [random.pick([0x2000, 0x1ff0]), 0x1000, 0, random.pick([0x2000, 0x1ff8]), 0x1000, 0x400];
	return paragraphs.map((selector) => ({
		selector,
		base: BigInt(selector * 16),
		limit: 0xffff,
		attributes: DATA,
	}));
}

export function programSegments(random: Random, bits: Bits, uneven: boolean, cpl: number): Segment[] {
	const { bases, limits } = uneven
		? unevenSegments(random, bits)
		: { bases: [0, 0, 0, 0, 0, 0], limits: new Array<number>(6).fill(0xffffffff) };
	return bases.map((base, i) => {
		const kind = (i === 1 ? EXECUTABLE : DATA) | (cpl << 5);
		const size = i === 1 && bits === 64 ? L : bits === 16 ? 0 : D;
		return segment((FIRST_PROGRAM + i) * 8 + cpl, base, limits[i], kind | size);
	});
}

function segment(selector: number, base: number, limit: number, attributes: number): Segment {
	const granular = limit > 0xfffff;
	return {
		selector,
		base: BigInt(base),
		limit: granular ? (limit | 0xfff) >>> 0 : limit,
		attributes: attributes | (granular ? G : 0),
	};
}

/** What a program may load in the place of its segments: a stack of the other size, data that ends sooner, other bases. */
export function otherSegments(random: Random, segments: Segment[], cpl: number): Segment[] {
	return segments.map(({ base, limit, attributes }, i) => {
		const selector = (FIRST_OTHER + i) * 8 + cpl;
		if (i === SS) return { selector, base, limit, attributes: attributes ^ D };
		if (i > 3) return segment(selector, random.pick([0, ARENA, 0x1000]), 0xffffffff, DATA | D | (cpl << 5));
		return segment(selector, Number(base), Math.min(limit, ARENA + 0xefff - Number(base)), attributes & ~G);
	});
}

export function buildGdt(long: boolean, segments: Segment[], others: Segment[]): Uint8Array {
	const code = { ...flat(HANDLER_CODE, EXECUTABLE), attributes: EXECUTABLE | G | (long ? L : D) };
	const tss = { selector: 0, base: BigInt(TSS), limit: 0x67, attributes: 0x8b };
	return bytesOf([
		0n,
		descriptor(code),
		descriptor(flat(0, DATA)),
		...segments.map(descriptor),
		descriptor(tss),
		0n,
		...others.map(descriptor),
		descriptor(code),
		descriptor(flat(0, DATA)),
		descriptor(flat(0, EXECUTABLE | USER)),
		descriptor(flat(0, DATA | USER)),
		descriptor({ ...code, attributes: code.attributes | USER }),
		descriptor(flat(0, DATA | USER)),
	]);
}
