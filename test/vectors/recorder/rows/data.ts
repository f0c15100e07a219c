/** Moves, exchanges, conversions, the stack, flags, addresses. */

import type { Setup } from "../../states.ts";
import type { Context, Row } from "../assemble.ts";

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
const RAX = 0;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const RBP = 5;
const AREA_SLOT = 16;
const CONDITIONS = [
	"O",
	"NO",
	"B",
	"NB",
	"Z",
	"NZ",
	"BE",
	"NBE",
	"S",
	"NS",
	"P",
	"NP",
	"L",
	"NL",
	"LE",
	"NLE",
];

const pointerBytes = (mode: number) => mode / 8;

/** The stack pointer in the middle of the area. */
export const stack = ({ mode, area }: Context): Setup[] => [[RSP, pointerBytes(mode), area + 0x38, 16]];

const moffs = ({ area, random }: Context): number => area + random.below(0x40);

const moves: Row[] = [
	{ name: "MOV Eb, Gb", opcode: "88 /r" },
	{ name: "MOV Ev, Gv", opcode: "89 /r" },
	{ name: "MOV Gb, Eb", opcode: "8A /r" },
	{ name: "MOV Gv, Ev", opcode: "8B /r" },
	{ name: "MOV AL, Ob", opcode: "A0 mo", immediate: moffs },
	{ name: "MOV rAX, Ov", opcode: "A1 mo", immediate: moffs },
	{ name: "MOV Ob, AL", opcode: "A2 mo", immediate: moffs },
	{ name: "MOV Ov, rAX", opcode: "A3 mo", immediate: moffs },
	{ name: "MOV Zb, Ib", opcode: "B0+r ib" },
	{ name: "MOV Zv, Iv", opcode: "B8+r iv" },
	{ name: "MOV Eb, Ib", opcode: "C6 /0 ib" },
	{ name: "MOV Ev, Iz", opcode: "C7 /0 iz" },
	{ name: "MOVZX Gv, Eb", opcode: "0F B6 /r" },
	{ name: "MOVZX Gv, Ew", opcode: "0F B7 /r" },
	{ name: "MOVSX Gv, Eb", opcode: "0F BE /r" },
	{ name: "MOVSX Gv, Ew", opcode: "0F BF /r" },
	{ name: "MOVSXD Gv, Ed", opcode: "63 /r", modes: [64] },
	...CONDITIONS.map(
		(condition, i): Row => ({ name: `CMOV${condition} Gv, Ev`, opcode: `0F ${hex(0x40 + i)} /r` }),
	),
	...CONDITIONS.map(
		(condition, i): Row => ({ name: `SET${condition} Eb`, opcode: `0F ${hex(0x90 + i)} /0` }),
	),
	{ name: "SETZ Eb (/5)", opcode: "0F 94 /5" },
	{ name: "LEA Gv, M", opcode: "8D /r", e: "mem" },
	{
		name: "XLAT",
		opcode: "D7",
		setup: ({ addressSize, data }) => [[RBX, addressSize / 8, data + 0xf00, 0x80]],
	},
];

/** Half of the variants hold nothing but 0 and 1, so that comparisons come out equal often. */
const equal = ({ random }: Context): Setup[] => {
	if (random.chance(2)) return [];
	return Array.from({ length: 32 }, (_, slot): Setup => [slot, 8, 0, 2]);
};

const equalWide = (context: Context): Setup[] => [...equal(context), [RDX, 8, 0, 2], [RAX, 8, 0, 2]];

const exchanges: Row[] = [
	{ name: "XCHG Eb, Gb", opcode: "86 /r", lock: true, aligned: true },
	{ name: "XCHG Ev, Gv", opcode: "87 /r", lock: true, aligned: true },
	{ name: "XCHG Zv, rAX", opcode: "90+r" },
	{ name: "XADD Eb, Gb", opcode: "0F C0 /r", lock: true },
	{ name: "XADD Ev, Gv", opcode: "0F C1 /r", lock: true },
	{ name: "CMPXCHG Eb, Gb", opcode: "0F B0 /r", lock: true, setup: equal },
	{ name: "CMPXCHG Ev, Gv", opcode: "0F B1 /r", lock: true, setup: equal },
	{ name: "CMPXCHG8B Mq", opcode: "0F C7 /1", e: "mem", lock: true, setup: equalWide },
	{
		name: "CMPXCHG16B Mdq",
		opcode: "0F C7 /1",
		modes: [64],
		sizes: [64],
		e: "mem",
		lock: true,
		aligned: true,
		setup: equalWide,
	},
	{
		name: "CMPXCHG16B Mdq (unaligned)",
		opcode: "0F C7 /1",
		modes: [64],
		sizes: [64],
		e: "mem",
		setup: equalWide,
	},
];

const conversions: Row[] = [
	{ name: "CBW/CWDE/CDQE", opcode: "98", sizes: [16, 32, 64] },
	{ name: "CWD/CDQ/CQO", opcode: "99", sizes: [16, 32, 64] },
	{ name: "LAHF", opcode: "9F" },
	{ name: "SAHF", opcode: "9E" },
	{ name: "CMC", opcode: "F5" },
	{ name: "CLC", opcode: "F8" },
	{ name: "STC", opcode: "F9" },
	{ name: "CLD", opcode: "FC" },
	{ name: "STD", opcode: "FD" },
	{ name: "NOP", opcode: "90" },
	{ name: "PAUSE", opcode: "F3 90" },
	{ name: "NOP Ev", opcode: "0F 1F /0" },
	{ name: "ENDBR64", opcode: "F3 0F 1E FA" },
	{ name: "ENDBR32", opcode: "F3 0F 1E FB" },
	{ name: "PREFETCHW M", opcode: "0F 0D /1", e: "mem" },
	{ name: "PREFETCHT0 M", opcode: "0F 18 /1", e: "mem" },
	{ name: "NOP Ev (0F 18 /4)", opcode: "0F 18 /4" },
];

/** What POPF may find: one interesting bit besides status flags, never TF or AC, which would trap the recorder. */
const flagImages = ({ random }: Context): Setup[] => {
	const high = random.pick([0, 0x200, 0x400, 0x800, 0xe00, 0x3000, 0x20_0000, 0x1a_0000]);
	return Array.from({ length: 16 }, (_, i): Setup => [AREA_SLOT + i, 8, high, 0x100]);
};

const alignedStack = ({ mode, area, random }: Context): Setup[] => [
	[RSP, pointerBytes(mode), area + 8 * random.below(8), 1],
];

const frame = ({ mode, area }: Context): Setup[] => [[RBP, pointerBytes(mode), area + 0x40, 16]];

const stacks: Row[] = [
	{ name: "PUSH Zv", opcode: "50+r", default64: true, setup: stack },
	{ name: "POP Zv", opcode: "58+r", default64: true, setup: stack },
	{ name: "PUSH Ev", opcode: "FF /6", default64: true, setup: stack },
	{ name: "POP Ev", opcode: "8F /0", default64: true, setup: stack },
	{ name: "PUSH Iz", opcode: "68 iz", default64: true, setup: stack },
	{ name: "PUSH Ib", opcode: "6A ib", default64: true, sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH Ib", opcode: "6A ib", default64: true, sizes: [16, 64], modes: [64], setup: stack },
	{ name: "PUSHA Xv", opcode: "60", modes: [32, 16], setup: stack },
	{ name: "POPA Xv", opcode: "61", modes: [32, 16], setup: stack },
	{ name: "PUSHF Xv", opcode: "9C", default64: true, setup: stack },
	{
		name: "POPF Xv",
		opcode: "9D",
		default64: true,
		setup: (context) => [...flagImages(context), ...alignedStack(context)],
	},
	{
		name: "ENTER Xv, Iw, Ib",
		opcode: "C8 iw ib",
		default64: true,
		setup: (context) => [...stack(context), ...frame(context)],
		immediate: ({ random }, size) =>
			size === 2 ? random.pick([0, 8, 0x20, 0x34, 0x100]) : random.pick([0, 0, 1, 2, 3, 5, 31, 32, 33]),
	},
	{ name: "LEAVE Xv", opcode: "C9", default64: true, setup: frame },
];

const SELECTORS = [0x2b, 0x23, 0x28, 0, 1, 3, 0x33, 0x10, 0x18, 0xfff8];

/** Every place a selector may be read from. */
const selectors = ({ random }: Context): Setup[] =>
	Array.from({ length: 32 }, (_, slot): Setup => [slot, 2, random.pick(SELECTORS), 1]);

const farPointers = ({ random, size, area }: Context): Setup[] =>
	Array.from(
		{ length: 16 },
		(_, i): Setup => [
			AREA_SLOT + i,
			size / 8 + 2,
			random.pick([0x2b, 0x2b, 0, 0x23, 0xfff8]) * 2 ** size + (area & 0xffff),
			1,
		],
	);

const segments: Row[] = [
	{ name: "MOV Ev, Sw", opcode: "8C /r" },
	{ name: "MOV Sw, Ew", opcode: "8E /r", setup: selectors, aligned: true },
	{ name: "PUSH ES", opcode: "06", sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH CS", opcode: "0E", sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH SS", opcode: "16", sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH DS", opcode: "1E", sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH FS", opcode: "0F A0", default64: true, sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH GS", opcode: "0F A8", default64: true, sizes: [16, 32], modes: [32, 16], setup: stack },
	{ name: "PUSH FS", opcode: "0F A0", default64: true, sizes: [16, 64], modes: [64], setup: stack },
	{ name: "PUSH GS", opcode: "0F A8", default64: true, sizes: [16, 64], modes: [64], setup: stack },
	{
		name: "POP ES",
		opcode: "07",
		sizes: [16, 32],
		modes: [32, 16],
		setup: (c) => [...selectors(c), ...alignedStack(c)],
	},
	{
		name: "POP SS",
		opcode: "17",
		sizes: [16, 32],
		modes: [32, 16],
		setup: (c) => [...selectors(c), ...alignedStack(c)],
	},
	{
		name: "POP DS",
		opcode: "1F",
		sizes: [16, 32],
		modes: [32, 16],
		setup: (c) => [...selectors(c), ...alignedStack(c)],
	},
	{ name: "LES Gv, Mp", opcode: "C4 /r", e: "mem", aligned: true, modes: [32, 16], setup: farPointers },
	{ name: "LDS Gv, Mp", opcode: "C5 /r", e: "mem", aligned: true, modes: [32, 16], setup: farPointers },
	{ name: "LSS Gv, Mp", opcode: "0F B2 /r", e: "mem", aligned: true, sizes: [16, 32], setup: farPointers },
	{ name: "ARPL Ew, Gw", opcode: "63 /r", modes: [32, 16] },
];

/** Registers small and equal often enough for both outcomes of BOUND. */
const bounds = ({ random, size }: Context): Setup[] =>
	Array.from({ length: 32 }, (_, slot): Setup => {
		if (slot < AREA_SLOT) return [slot, size / 8, -4, 0x20];
		const high = random.below(0x20);
		return size === 16 ? [slot, 4, high * 0x10000 + 2, 4] : [slot, 8, high * 2 ** 32 + 2, 4];
	});

const traps: Row[] = [
	{ name: "BOUND Gv, Ma", opcode: "62 /r", e: "mem", aligned: true, modes: [32, 16], setup: bounds },
	{ name: "INTO", opcode: "CE", modes: [32, 16] },
	{ name: "INT3", opcode: "CC" },
	{ name: "UD2", opcode: "0F 0B" },
	{ name: "UD1 Gv, Ev", opcode: "0F B9 /r" },
];

export const dataRows: Row[] = [...moves, ...exchanges, ...conversions, ...stacks, ...segments, ...traps];
