/**
 * Random worlds for random code: descriptor tables, gates, page tables and registers that mostly make sense,
 * so that programs live for a while, and sometimes do not.
 *
 * Physical memory        holds
 *   00000h               real-mode vectors             10000h  code
 *   01000h .. 04fffh     GDT, IDT, TSS, LDT            20000h  data
 *   08000h .. 09fffh     stacks                        80000h  page tables
 *   a0000h               video memory                  c0000h  a ROM with RAM beneath that takes the writes
 *   b0000h               a device                      d0000h  RAM that cannot be written      e0000h  ROM
 */
import type { GuestMemory } from "../../src/bus/guest-memory.ts";
import type { Storage } from "../../src/bus/memory.ts";
import type { Registers, Segment } from "../../src/bus/processor.ts";
import type { Random } from "../harness/random.ts";
import { randomCode } from "./robust-code.ts";

export const RAM_SIZE = 0x140000;
const PAGE = 0x1000;
const GDT = 0x1000;
const IDT = 0x2000;
const TSS = 0x3000;
const LDT = 0x4000;
const STACK = 0x8000;
const CODE = 0x10000;
const CODE_SIZE = 0x4000;
const DATA = 0x20000;
const TABLES = 0x80000;
const VIDEO = 0xa0000;
const DEVICE = 0xb0000;
const SHADOWED = 0xc0000;
const PROTECTED = 0xd0000;
const ROM = 0xe0000;
const WINDOW = 0x10000;

export type Mode = "real" | "v86" | "protected" | "paging" | "pae" | "long" | "compatibility";
export const MODES: Mode[] = ["real", "v86", "protected", "paging", "pae", "long", "compatibility"];

export interface World {
	mode: Mode;
	registers: Registers;
	/** What memory holds, by physical address. */
	contents: [number, Uint8Array][];
	video: Uint8Array;
	rom: Uint8Array;
}

/** Maps video memory, a device's hole and ROMs over RAM. Called once for each memory. */
export function mapBoard(memory: GuestMemory): { video: Storage; rom: Storage } {
	const video = memory.allocate(WINDOW);
	const rom = memory.allocate(WINDOW);
	memory.map(VIDEO, WINDOW, video, 0, true);
	memory.unmap(DEVICE, WINDOW);
	memory.map(SHADOWED, WINDOW, rom, 0, false);
	memory.mapRam(SHADOWED, WINDOW, false, true);
	memory.mapRam(PROTECTED, WINDOW, true, false);
	memory.map(ROM, WINDOW, rom, 0, false);
	memory.map(0xffff0000, WINDOW, rom, 0, false);
	return { video, rom };
}

// --- descriptors ------------------------------------------------------------------------------------------

const CODE64 = 0xa09b;
const CODE32 = 0xc09b;
const CODE16 = 0x009b;
const DATA32 = 0xc093;
const DATA16 = 0x0093;
const USER = 0x60;

const descriptor = (attributes: number, base = 0, limit = 0xfffff): bigint =>
	BigInt(limit & 0xffff) |
	(BigInt(base & 0xffffff) << 16n) |
	(BigInt(attributes & 0xf0ff) << 40n) |
	(BigInt(limit >>> 16) << 48n) |
	(BigInt(base >>> 24) << 56n);

/** What the processor makes of a descriptor. */
function segmentOf(selector: number, raw: bigint): Segment {
	const limit = Number((raw & 0xffffn) | ((raw >> 32n) & 0xf0000n));
	const attributes = Number((raw >> 40n) & 0xf0ffn);
	return {
		selector,
		base: ((raw >> 16n) & 0xffffffn) | ((raw >> 56n) << 24n),
		limit: attributes & 0x8000 ? ((limit << 12) | 0xfff) >>> 0 : limit,
		attributes,
	};
}

const gate = (selector: number, offset: number, attributes: number): bigint =>
	BigInt(offset & 0xffff) |
	(BigInt(selector) << 16n) |
	(BigInt(attributes) << 40n) |
	(BigInt(offset >>> 16) << 48n);

const SELECTORS = 26;
const TSS_SELECTOR = 9 * 8;
const LDT_SELECTOR = 11 * 8;

function buildGdt(random: Random, long: boolean): bigint[] {
	const anywhere = () => random.pick([0, 0, 0x10000, 0xfff0, 0x12345, 0xffff0000]);
	const limit = () => random.pick([0xffff, 0x7fff, 0x10ff, random.below(0x10000)]);
	const gates = Array.from({ length: 3 }, () =>
		gate(8, handler(random), random.pick([0x8c, 0xec, 0xe4, 0x0c])),
	);
	return [
		0n,
		descriptor(long ? CODE64 : CODE32),
		descriptor(DATA32),
		descriptor(CODE32),
		descriptor(CODE16, CODE, limit()),
		descriptor((long ? CODE64 : CODE32) | USER),
		descriptor(DATA32 | USER),
		descriptor(CODE32 | USER),
		descriptor(CODE16 | USER, CODE, limit()),
		descriptor(long || random.chance(0.8) ? 0x89 : 0x81, TSS, 0x7ff),
		0n,
		descriptor(0x82, LDT, 0x7f),
		0n,
		descriptor(0x409b | (random.chance(0.5) ? USER : 0), anywhere(), limit()),
		descriptor(0x4097, 0, limit()),
		descriptor(DATA16 | USER, anywhere(), limit()),
		gates[0],
		long ? 0n : gates[1],
		descriptor(0xc09f),
		...Array.from({ length: 6 }, () => random.u64()),
		gates[2],
	];
}

const handler = (random: Random) => CODE + random.below(CODE_SIZE);

function buildIdt(random: Random, long: boolean): bigint[] {
	const gates: bigint[] = [];
	const broken = random.chance(0.2) ? 0.2 : 0.01;
	for (let vector = 0; vector < 256; vector++) {
		const type = random.pick(long ? [0xee, 0xef, 0x8e] : [0xee, 0xef, 0x8e, 0x8f, 0xe6]);
		const code = long ? 8 : random.pick([8, 8, 8, 24, 0x20]);
		const raw = random.chance(broken) ? random.u64() : gate(code, handler(random), type);
		const stack = long && random.chance(0.2) ? BigInt(random.below(8)) << 32n : 0n;
		gates.push(raw | stack);
		if (long) gates.push(random.chance(broken / 4) ? random.u64() : 0n);
	}
	return gates;
}

function buildTss(random: Random, long: boolean): Uint8Array {
	const bytes = new Uint8Array(0x800);
	const view = new DataView(bytes.buffer);
	const top = () => STACK + 0x100 * random.below(0x20);
	if (long) for (let at = 4; at < 0x5c; at += 8) view.setUint32(at, top(), true);
	else
		for (let at = 4; at < 0x1c; at += 8) {
			view.setUint32(at, top(), true);
			view.setUint16(at + 4, at === 4 ? 0x10 : random.u32(), true);
		}
	view.setUint16(0x66, random.pick([0x68, 0x68, 0x800, 0x7f0, 0xffff]), true);
	if (random.chance(0.5)) bytes.fill(0xff, 0x68, 0x400);
	return bytes;
}

// --- page tables -------------------------------------------------------------------------------------------

const SPAN = 0x200000;

/** Where a page that goes astray leads: the tables themselves, devices, ROM, past RAM, past 4 GiB. */
function astray(random: Random, wide: boolean): bigint {
	const places = [
		TABLES,
		CODE,
		CODE + PAGE,
		DEVICE,
		VIDEO,
		ROM,
		SHADOWED,
		PROTECTED,
		GDT,
		0x13f000,
		0x140000,
		0xfec00000,
		0xfffff000,
	];
	if (wide && random.chance(0.1)) return 0x1_2345_6000n;
	return BigInt(random.pick(places) + PAGE * random.below(2)) & 0xffff_f000n;
}

function leaf(random: Random, physical: number, wide: boolean): bigint {
	let flags = 7n;
	if (random.chance(0.06)) flags = BigInt(random.below(8));
	if (random.chance(0.2)) flags |= 0x100n;
	if (random.chance(0.3)) flags |= 0x60n;
	if (wide && random.chance(0.03)) flags |= 1n << 63n;
	const vital = physical < STACK && !random.chance(0.1);
	const to = !vital && random.chance(0.06) ? astray(random, wide) : BigInt(physical);
	return (vital ? flags | 3n : flags) | to;
}

/** Both tables of the lowest 2 MiB; they are seen again at other places, the root among them. */
function build64(random: Random, contents: World["contents"], pae: boolean): number {
	const [root, pointers, directory, table, last] = [0, 1, 2, 3, 4].map((i) => TABLES + i * PAGE);
	const entry = (physical: number, flags = 7n) => BigInt(physical) | flags;
	const rootEntries = new Array<bigint>(512).fill(0n);
	rootEntries[0] = rootEntries[511] = rootEntries[255] = rootEntries[256] = entry(pointers);
	rootEntries[510] = entry(root);
	const pointerEntries = new Array<bigint>(512).fill(0n);
	pointerEntries[0] = pointerEntries[511] = entry(directory, pae ? 1n : 7n);
	pointerEntries[3] = entry(directory, pae ? 1n : 7n);
	const directoryEntries = new Array<bigint>(512).fill(0n);
	directoryEntries[0] = directoryEntries[511] = entry(table);
	if (random.chance(0.2)) directoryEntries[0] = 0x87n;
	directoryEntries[1] = random.chance(0.5) ? 0x87n : entry(last);
	directoryEntries[2] = entry(root);
	directoryEntries[3] = entry(random.pick([DEVICE, VIDEO, ROM, 0x200000]));
	put64(contents, root, rootEntries);
	put64(contents, pointers, pointerEntries);
	put64(contents, directory, directoryEntries);
	for (const at of [table, last])
		put64(
			contents,
			at,
			Array.from({ length: 512 }, (_, i) => leaf(random, i * PAGE, true)),
		);
	return pae ? pointers : root;
}

function build32(random: Random, contents: World["contents"]): number {
	const [directory, table] = [TABLES, TABLES + PAGE];
	const entries = new Array<number>(1024).fill(0);
	entries[0] = entries[1023] = table | 7;
	entries[1] = 0x87;
	entries[2] = directory | 7;
	entries[3] = random.pick([DEVICE, VIDEO, ROM, 0x200000]) | 7;
	contents.push([directory, new Uint8Array(Uint32Array.from(entries).buffer)]);
	const leaves = Array.from({ length: 1024 }, (_, i) =>
		Number(leaf(random, (i * PAGE) % SPAN, false) & 0xffffffffn),
	);
	contents.push([table, new Uint8Array(Uint32Array.from(leaves).buffer)]);
	return directory;
}

function put64(contents: World["contents"], at: number, values: bigint[]): void {
	contents.push([at, new Uint8Array(BigUint64Array.from(values.map((v) => BigInt.asUintN(64, v))).buffer)]);
}

// --- registers ------------------------------------------------------------------------------------------------

/** An address or a number that is likely to meet something. */
export function randomValue(random: Random, wide: boolean): bigint {
	const near = () => BigInt(random.between(-16, 16));
	const kind = random.below(12);
	if (kind < 3) return BigInt(DATA + random.below(0x8000));
	if (kind < 5) return BigInt(CODE + random.below(CODE_SIZE));
	if (kind === 5) return BigInt(random.below(RAM_SIZE >> 12) * PAGE) + near();
	if (kind === 6)
		return BigInt(random.pick([VIDEO, DEVICE, SHADOWED, PROTECTED, ROM]) + random.below(WINDOW));
	if (kind === 7) return BigInt(random.below(256));
	if (kind === 8) return near();
	if (kind === 9) return BigInt(random.pick([TABLES, GDT, IDT, TSS, LDT, 0]) + random.below(PAGE));
	if (!wide) return BigInt(random.u32());
	return random.pick([0x7fff_ffff_fff0n, -0x8000_0000_0000n, -0x20_0000n, -0x1000n, 0n]) + near();
}

const unsigned = (value: bigint) => BigInt.asUintN(64, value);

function flags(random: Random, mode: Mode): bigint {
	let value = 2 | (random.u32() & 0xcd5);
	if (random.chance(0.8)) value |= 0x200;
	if (random.chance(0.08)) value |= 0x100;
	if (random.chance(0.05)) value |= 0x40000;
	if (random.chance(0.05)) value |= 0x4000;
	value |= random.pick([0, 0x3000, 0x3000]);
	return BigInt(mode === "v86" ? value | 0x20000 : value);
}

function realSegment(selector: number, attributes: number): Segment {
	return { selector, base: BigInt(selector * 16), limit: 0xffff, attributes };
}

function realSegments(random: Random, attributes: number): Segment[] {
	const paragraph = () => random.pick([0, 0x1000, 0x1001, 0x17ff, 0x2000, 0xa000, 0xb000, 0xe000, 0xffff]);
	return Array.from({ length: 6 }, (_, i) =>
		realSegment(
			i === 1 ? 0x1000 : i === 2 ? random.pick([0, 0x800]) : paragraph(),
			attributes | (i === 1 ? 0 : 0),
		),
	);
}

function protectedSegments(random: Random, mode: Mode, gdt: bigint[], cpl: number): Segment[] {
	const load = (number: number, rpl = cpl) => segmentOf(number * 8 + rpl, gdt[number]);
	const kinds = mode === "long" ? [1] : random.chance(0.75) ? [3] : [4, 13];
	const code = random.pick(kinds) + (cpl && mode !== "long" ? 0 : 0);
	const offset = cpl === 3 && code < 5 ? 4 : 0;
	const cs = load(code + offset);
	cs.attributes = (cs.attributes & ~USER) | (cpl * 0x20);
	const data = () => load(random.pick(cpl ? [6, 6, 6, 15] : [2, 2, 2, 6, 14, 15]));
	const flat = load(cpl ? 6 : 2);
	return [data(), cs, random.chance(0.9) ? flat : data(), random.chance(0.7) ? flat : data(), data(), data()];
}

const CR0 = { real: 0x10n, protected: 0x11n, paging: 0x80000011n };

export function randomWorld(random: Random, mode: Mode): World {
	const contents: World["contents"] = [];
	const long = mode === "long" || mode === "compatibility";
	const gdt = buildGdt(random, long);
	// Past the code lies more of it, so that execution runs over the ends of segments and windows.
	const code = randomCode(random, CODE_SIZE + PAGE);
	for (const at of [CODE, PROTECTED + WINDOW - PAGE]) contents.push([at, code]);
	contents.push([DATA, random.bytes(0x2000)]);
	for (let vector = 0; vector < 256; vector++) {
		const at = handler(random);
		contents.push([vector * 4, new Uint8Array(Uint16Array.of(at - CODE, CODE >> 4).buffer)]);
	}
	put64(contents, GDT, gdt);
	put64(contents, LDT, gdt.slice(0, 16));
	put64(contents, IDT, buildIdt(random, long));
	contents.push([TSS, buildTss(random, long)]);
	const cr3 =
		mode === "paging" || (mode === "v86" && random.chance(0.5))
			? build32(random, contents)
			: build64(random, contents, mode === "pae");
	const registers = randomRegisters(random, mode, gdt, cr3);
	const [video, rom] = [0, 0].map(() => repeated(randomCode(random, PAGE)));
	return { mode, registers, contents, video, rom };
}

/** Fills a window with one page's contents. */
function repeated(page: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(WINDOW);
	for (let at = 0; at < WINDOW; at += PAGE) bytes.set(page, at);
	return bytes;
}

function randomRegisters(random: Random, mode: Mode, gdt: bigint[], cr3: number): Registers {
	const long = mode === "long" || mode === "compatibility";
	const cpl = mode === "real" ? 0 : mode === "v86" ? 3 : random.pick([0, 0, 3]);
	const real = mode === "real" || mode === "v86";
	const segments = real
		? realSegments(random, mode === "v86" ? 0xf3 : 0x93)
		: protectedSegments(random, mode, gdt, cpl);
	const paging = long || mode === "pae" || mode === "paging";
	const general = Array.from({ length: 16 }, () => randomValue(random, long));
	general[4] = BigInt(STACK + random.below(0x2000));
	const start = BigInt(CODE + random.below(CODE_SIZE)) - segments[1].base;
	let cr4 = long || mode === "pae" ? 0x20n : 0n;
	cr4 |= random.chance(0.5) ? 0x80n : 0n;
	if (random.chance(0.5)) cr4 |= 0x10n;
	if (random.chance(0.1)) cr4 |= random.pick([0x100000n, 0x200000n]);
	return {
		general: general.map((value) => (long ? unsigned(value) : value & 0xffffffffn)),
		rip: start & 0xffffffffn,
		rflags: flags(random, mode),
		segments,
		ldtr: { selector: LDT_SELECTOR, base: BigInt(LDT), limit: 0x7f, attributes: 0x82 },
		tr: { selector: TSS_SELECTOR, base: BigInt(TSS), limit: 0x7ff, attributes: 0x8b },
		gdtr: { base: BigInt(GDT), limit: SELECTORS * 8 - 1 },
		idtr: {
			base: real && mode === "real" ? 0n : BigInt(IDT),
			limit: random.chance(0.95) ? 0xfff : random.below(0x1000),
		},
		cr0:
			(paging ? CR0.paging : mode === "real" ? CR0.real : CR0.protected) |
			(random.chance(0.5) ? 0x10000n : 0n),
		cr2: 0n,
		cr3: BigInt(cr3),
		cr4,
		cr8: 0n,
		efer: (long ? 0x500n : 0n) | 0x801n,
		debug: [0n, 0n, 0n, 0n, 0n, 0n, 0xffff0ff0n, 0x400n],
	};
}
