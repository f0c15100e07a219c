/** Accesses at the ends of segments: limits, expand-down segments, rights, null selectors. 32-bit mode. */
import type { Mode, Setup } from "../../states.ts";
import { type Context, nearEnd, type Row } from "../assemble.ts";

const RAX = 0;
const RCX = 1;
const RBX = 3;
const RSP = 4;
const RBP = 5;
const RSI = 6;
const RDI = 7;
const MODES: readonly Mode[] = [32];

const pointer = (slot: number, context: Context): Setup => {
	const { base, spread } = nearEnd(context.random);
	return [slot, 4, base, spread];
};

const strings = (context: Context): Setup[] => [[RCX, 4, 0, 6], pointer(RSI, context), pointer(RDI, context)];
const stack = (context: Context): Setup[] => [pointer(RSP, context), pointer(RBP, context)];
const both = (context: Context): Setup[] => [...strings(context), ...stack(context)];
const table = (context: Context): Setup[] => [pointer(RBX, context), [RAX, 1, 0, 16]];

const offset = ({ random }: Context): number => {
	const { base, spread } = nearEnd(random);
	return base + random.below(spread);
};

const REP = ["", "f3"];

const rows: Row[] = [
	{ name: "MOV Gb, Eb", opcode: "8A /r" },
	{ name: "MOV Eb, Gb", opcode: "88 /r" },
	{ name: "MOV Gv, Ev", opcode: "8B /r" },
	{ name: "MOV Ev, Gv", opcode: "89 /r" },
	{ name: "ADD Ev, Gv", opcode: "01 /r" },
	{ name: "CMP Ev, Gv", opcode: "39 /r" },
	{ name: "NOT Eb", opcode: "F6 /2" },
	{ name: "SETZ Eb", opcode: "0F 94 /0" },
	{ name: "CMPXCHG8B Mq", opcode: "0F C7 /1" },
	{ name: "BTS Ev, Ib", opcode: "0F BA /5 ib", undefinedFlags: () => 0x894 },
	{ name: "LEA Gv, M", opcode: "8D /r" },
	{ name: "LES Gv, Mp", opcode: "C4 /r" },
	{ name: "MOV AL, Ob", opcode: "A0 mo", immediate: offset },
	{ name: "MOV Ov, rAX", opcode: "A3 mo", immediate: offset },
	{ name: "XLAT", opcode: "D7", setup: table },
	{ name: "MOVS Yb, Xb", opcode: "A4", prefixes: REP, setup: strings },
	{ name: "MOVS Yv, Xv", opcode: "A5", prefixes: REP, setup: strings },
	{ name: "CMPS Xv, Yv", opcode: "A7", prefixes: REP, setup: strings },
	{ name: "STOS Yv, rAX", opcode: "AB", prefixes: REP, setup: strings },
	{ name: "LODS rAX, Xv", opcode: "AD", prefixes: REP, setup: strings },
	{ name: "SCAS AL, Yb", opcode: "AE", prefixes: ["", "f2"], setup: strings },
	{ name: "PUSH Zv", opcode: "50+r", setup: stack },
	{ name: "POP Zv", opcode: "58+r", setup: stack },
	{ name: "PUSH Ev", opcode: "FF /6", setup: both },
	{ name: "POP Ev", opcode: "8F /0", setup: both },
	{ name: "PUSHA Xv", opcode: "60", setup: stack },
	{ name: "POPA Xv", opcode: "61", setup: stack, unspecified: ({ faulted }) => faulted },
	{ name: "PUSHF Xv", opcode: "9C", setup: stack },
	{ name: "LEAVE Xv", opcode: "C9", setup: stack },
	{
		name: "ENTER Xv, Iw, Ib",
		opcode: "C8 iw ib",
		setup: stack,
		immediate: ({ random }, size) => random.below(size === 2 ? 0x20 : 3),
	},
	{ name: "CALL Jz", opcode: "E8 cz", sizes: [32], setup: stack, immediate: () => 0x40 },
	{ name: "RET", opcode: "C3", sizes: [32], setup: stack },
];

export const segmentRows: Row[] = rows.map((row) => ({
	...row,
	...(/ [EM]/.test(row.name) || /, [EM]/.test(row.name) ? { e: "mem" as const } : {}),
	modes: MODES,
	world: "high",
	segmented: true,
}));
