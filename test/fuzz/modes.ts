/**
 * The modes that programs run in: segments, descriptor tables, paging. What a program must know of it to
 * address something is in `Setup`.
 */
import type { Registers, Segment } from "../../src/bus/processor.ts";
import type { Random } from "../harness/random.ts";
import type { Bits } from "./encode.ts";
import {
	ALIAS,
	ARENA,
	CODE,
	CODE_END,
	DEVICE,
	GDT,
	IDT,
	INNER_STACK,
	LAZY,
	PAGE,
	PAGE_TABLE,
	RAM_SIZE,
	STACK,
	TABLES,
	TSS,
} from "./layout.ts";

import {
	buildGdt,
	bytesOf,
	GDT_LIMIT,
	HANDLER_CODE,
	HANDLER_DATA,
	otherSegments,
	programSegments,
	realSegments,
	TSS_SELECTOR,
} from "./segments.ts";

export const MODES = [
	"long",
	"long-user",
	"compatibility",
	"flat",
	"flat-user",
	"segmented",
	"protected-16",
	"real",
] as const;
export type Mode = (typeof MODES)[number];

/** In which mode exceptions are handled. */
export type HandlerKind = "long" | "protected" | "real";

export interface Setup {
	mode: Mode;
	bits: Bits;
	handlers: HandlerKind;
	cpl: number;
	paging: boolean;
	/** What a code address of the layout becomes in RIP. */
	rip(address: number): number | bigint;
	/** The data segments' bases in the encoding's order. */
	bases: number[];
	segmented: boolean;
	/** What may be loaded into segment registers besides what is there at first, in the encoding's order. */
	others: number[];
	registers: Registers;
	contents: [at: number, bytes: Uint8Array][];
}

const BITS: Record<Mode, Bits> = {
	long: 64,
	"long-user": 64,
	compatibility: 32,
	flat: 32,
	"flat-user": 32,
	segmented: 32,
	"protected-16": 16,
	real: 16,
};

// --- tables ------------------------------------------------------------------------------------------------

function buildTss(long: boolean): Uint8Array {
	const bytes = new Uint8Array(0x68);
	const view = new DataView(bytes.buffer);
	view.setUint32(4, INNER_STACK, true);
	if (!long) view.setUint16(8, HANDLER_DATA, true);
	else view.setUint32(0x24, INNER_STACK - 0x1000, true);
	view.setUint16(0x66, 0x68, true);
	return bytes;
}

/** Gates for all vectors. In long mode faults may use their own stack. */
export function buildIdt(random: Random, kind: HandlerKind, handler: (vector: number) => number): Uint8Array {
	const words: bigint[] = [];
	const ownStack = kind === "long" && random.chance(0.7) ? 1n << 32n : 0n;
	for (let vector = 0; vector < 256; vector++) {
		const offset = BigInt(handler(vector));
		if (kind === "real") {
			words.push(offset);
			continue;
		}
		const attributes = vector >= 0x20 || random.chance(0.9) ? 0xee : 0xef;
		const low = (offset & 0xffffn) | (BigInt(HANDLER_CODE) << 16n) | (BigInt(attributes) << 40n);
		words.push(low | ((offset >> 16n) << 48n) | (vector < 0x20 ? ownStack : 0n));
		if (kind === "long") words.push(0n);
	}
	if (kind !== "real") return bytesOf(words);
	return new Uint8Array(Uint32Array.from(words.map(Number)).buffer);
}

// --- paging ------------------------------------------------------------------------------------------------

const PRESENT = 1n;
const WRITE = 2n;
const USER = 4n;
const LARGE = 0x80n;

/** Pages below ARENA that a program at CPL 3 may touch. */
const OPEN = new Set([
	4,
	8,
	9,
	...Array.from({ length: (CODE_END - CODE) / PAGE }, (_, i) => CODE / PAGE + i),
]);

function arenaPage(random: Random, page: number): bigint {
	const own = BigInt(page * PAGE) | PRESENT | WRITE | USER;
	const lazy = random.chance(0.7) ? BigInt(LAZY) : 0n;
	const kind = random.below(100);
	if (kind < 66) return own;
	if (kind < 76) return (own & ~PRESENT) | lazy;
	if (kind < 84) return (own & ~WRITE) | lazy;
	if (kind < 90) return (own & 0xfffn) | BigInt(CODE + PAGE * random.below(12));
	if (kind < 95) return (own & 0xfffn) | BigInt(ARENA + PAGE * random.below(16));
	if (kind < 98) return (own & 0xfffn) | BigInt(DEVICE);
	return own & ~USER;
}

function pageEntry(random: Random, page: number): bigint {
	const at = page * PAGE;
	const system = BigInt(at) | PRESENT | WRITE;
	if (at >= ARENA && at < ARENA + 0x10000) return arenaPage(random, page);
	if (at < ARENA) return at >= CODE_END ? 0n : system | (OPEN.has(page) ? USER : 0n);
	if (at >= TABLES && at < RAM_SIZE) return system;
	return at >= RAM_SIZE && at < RAM_SIZE + 4 * PAGE ? system | USER : 0n;
}

/** PML4, PDPT, PD, PT; the lowest 2 MiB again as one large page, and the lowest GiB again at other places. */
function buildPaging(random: Random, long: boolean): [number, Uint8Array][] {
	const [root, pointers, directory] = [0, 1, 2].map((i) => BigInt(TABLES + i * PAGE));
	const table = BigInt(PAGE_TABLE);
	const rights = PRESENT | WRITE | USER;
	const level = (entries: [number, bigint][], size = 512) => {
		const values = new Array<bigint>(size).fill(0n);
		for (const [i, value] of entries) values[i] = value;
		return bytesOf(values);
	};
	const third = directory | (long ? rights : PRESENT);
	const leaves = Array.from({ length: 512 }, (_, page) => pageEntry(random, page));
	return [
		[Number(root), level([0, 511].map((i) => [i, pointers | rights]))],
		[
			Number(pointers),
			long
				? level([0, 510].map((i) => [i, third]))
				: level(
						[0, 3].map((i) => [i, third]),
						4,
					),
		],
		[
			Number(directory),
			level([
				[0, table | rights],
				[ALIAS >>> 21, rights | LARGE],
			]),
		],
		[Number(table), bytesOf(leaves)],
	];
}

// --- all of it ---------------------------------------------------------------------------------------------

const IOPL_3 = 0x3000n;
const IF = 0x200n;
const HIGH_HALF: Record<HandlerKind, bigint> = { long: -0x80000000n, protected: 0xc0000000n, real: 0n };

/** CR4: OSFXSR, OSXMMEXCPT, OSXSAVE, FSGSBASE, and now and then TSD, PCE, UMIP and PKE. SDM 3A, "Control Registers". */
function extensions(random: Random): bigint {
	const seldom = [0x4n, 0x100n, 0x800n, 0x400000n].filter(() => random.chance(0.15));
	return seldom.reduce((all, bit) => all | bit, 0x50600n);
}

function controls(random: Random, long: boolean, paging: boolean) {
	const writeProtect = random.chance(0.6) ? 0x10000n : 0n;
	return {
		cr0: (paging ? 0x80000031n : 0x31n) | writeProtect,
		cr3: BigInt(long ? TABLES : TABLES + PAGE),
		cr4: (paging ? 0x20n : 0n) | (random.chance(0.5) ? 0x80n : 0n) | extensions(random),
		efer: long ? 0xd01n : 1n,
	};
}

export function createSetup(random: Random, mode: Mode): Setup {
	const real = mode === "real";
	const long = mode === "long" || mode === "long-user" || mode === "compatibility";
	const user = mode === "long-user" || mode === "flat-user" || mode === "compatibility";
	const cpl = user || ((mode === "segmented" || mode === "protected-16") && random.chance(0.4)) ? 3 : 0;
	const paging = long || (!real && random.chance(mode === "protected-16" ? 0.3 : 0.75));
	const handlers = real ? "real" : long ? "long" : "protected";
	const uneven = mode === "segmented" || mode === "protected-16";
	const segments = real ? realSegments(random) : programSegments(random, BITS[mode], uneven, cpl);
	const others = real ? segments : otherSegments(random, segments, cpl);
	const high =
		paging && BITS[mode] !== 16 && mode !== "compatibility" && mode !== "segmented" && random.chance(0.5);
	const offset = (high ? HIGH_HALF[handlers] : 0n) - segments[1].base;
	const wide = BITS[mode] === 64 ? 64 : 32;
	const contents: Setup["contents"] = [];
	if (!real) contents.push([GDT, buildGdt(long, segments, others)], [TSS, buildTss(long)]);
	if (paging) contents.push(...buildPaging(random, long));
	const setup = { mode, bits: BITS[mode], handlers, cpl, paging, contents } as const;
	const registers = initialRegisters(random, segments, real);
	Object.assign(registers, real ? { cr4: 0x600n } : controls(random, long, paging));
	return {
		...setup,
		registers,
		others: others.map(({ selector }) => selector),
		segmented: mode === "segmented" || BITS[mode] === 16,
		bases: segments.map(({ base }) => Number(base)),
		rip: (address) => BigInt.asUintN(wide, BigInt(address) + offset),
	};
}

function initialRegisters(random: Random, segments: Segment[], real: boolean): Registers {
	const general = Array.from({ length: 16 }, () => BigInt(random.u32()));
	general[4] = BigInt(STACK) - segments[2].base;
	return {
		general,
		rip: 0n,
		rflags: 2n | IF | (real ? 0n : IOPL_3),
		segments,
		ldtr: { selector: 0, base: 0n, limit: 0, attributes: 0x82 },
		tr: { selector: TSS_SELECTOR, base: BigInt(TSS), limit: 0x67, attributes: 0x8b },
		gdtr: { base: BigInt(GDT), limit: GDT_LIMIT },
		idtr: real ? { base: 0n, limit: 0x3ff } : { base: BigInt(IDT), limit: 0xfff },
		// NE: without it a floating-point exception stops the processor until an interrupt comes.
		cr0: 0x30n,
		cr2: 0n,
		cr3: 0n,
		cr4: 0n,
		cr8: 0n,
		efer: 0n,
		debug: [0n, 0n, 0n, 0n, 0n, 0n, 0xffff0ff0n, 0x400n],
	};
}

/** How data at a linear address is reached: a segment prefix where DS does not do, and the offset. */
export function reach(setup: Setup, linear: number): { prefix?: number; offset: number } {
	if (!setup.segmented) return { offset: linear };
	const prefixes = [0x26, 0x2e, 0x36, undefined, 0x64, 0x65];
	for (const i of [3, 0, 2, 4, 5]) {
		const offset = linear - setup.bases[i];
		if (offset >= 0 && offset < setup.registers.segments[i].limit - 8) return { prefix: prefixes[i], offset };
	}
	throw new Error(`${setup.mode}: no segment reaches 0x${linear.toString(16)}`);
}
