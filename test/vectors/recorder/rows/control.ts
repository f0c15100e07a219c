/** Branches, calls and returns: the vector shows where they land. */
import { CODE_SELECTOR, type Setup } from "../../states.ts";
import type { Context, Facts, Row } from "../assemble.ts";
import { stack } from "./data.ts";

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
const RCX = 1;
const RSP = 4;
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

/** Never back into the instruction itself: its bytes would run as something else. */
const displacement = ({ random }: Context, size: number): number => {
	if (size === 1) return random.chance(2) ? random.below(0x80) : -0x80 + random.below(0x70);
	if (random.chance(8)) return random.next() | 0;
	return random.chance(2) ? random.below(0x600) : -0x700 + random.below(0x600);
};

/** Somewhere in the code page before the instruction. */
const landing = (code: number, spread = 0x600) => ({ base: code - 0x700, spread });

/** Two variants in three find a valid address in every register and every quadword of the area. */
const targets = (context: Context): Setup[] => {
	const { random, size, code } = context;
	if (random.chance(3)) return [];
	const { base, spread } = landing(code);
	return Array.from({ length: 32 }, (_, slot): Setup => [slot, size / 8, base, spread]);
};

const alignedStack = ({ mode, area, random }: Context): Setup[] => [
	[RSP, mode / 8, area + 8 * random.below(6), 1],
];

/** A call to where code cannot be faults, and may have written the return address all the same. */
const refused = ({ faulted }: Facts): boolean => faulted;

const near: Row[] = [
	...CONDITIONS.map(
		(condition, i): Row => ({
			name: `J${condition} Jb`,
			opcode: `${hex(0x70 + i)} cb`,
			immediate: displacement,
		}),
	),
	...CONDITIONS.flatMap((condition, i): Row[] => [
		{
			name: `J${condition} Jz`,
			opcode: `0F ${hex(0x80 + i)} cz`,
			default64: true,
			sizes: [64],
			modes: [64],
			immediate: displacement,
		},
		{
			name: `J${condition} Jz`,
			opcode: `0F ${hex(0x80 + i)} cz`,
			sizes: [16, 32],
			modes: [32, 16],
			immediate: displacement,
		},
	]),
	{ name: "JMP Jb", opcode: "EB cb", immediate: displacement },
	{ name: "JMP Jz", opcode: "E9 cz", default64: true, sizes: [64], modes: [64], immediate: displacement },
	{ name: "JMP Jz", opcode: "E9 cz", sizes: [16, 32], modes: [32, 16], immediate: displacement },
	{
		name: "JMP Jz",
		opcode: "E9 cz",
		sizes: [16, 32],
		modes: [32],
		world: "low",
		addressSizes: [32],
		immediate: displacement,
	},
	{
		name: "CALL Jz",
		unspecified: refused,
		opcode: "E8 cz",
		default64: true,
		sizes: [64],
		modes: [64],
		setup: stack,
		immediate: displacement,
	},
	{
		name: "CALL Jz",
		unspecified: refused,
		opcode: "E8 cz",
		sizes: [16, 32],
		modes: [32, 16],
		setup: stack,
		immediate: displacement,
	},
	{
		name: "JMP Ev",
		opcode: "FF /4",
		default64: true,
		sizes: [64],
		modes: [64],
		aligned: true,
		setup: targets,
	},
	{ name: "JMP Ev", opcode: "FF /4", sizes: [16, 32], modes: [32, 16], aligned: true, setup: targets },
	{
		name: "CALL Ev",
		unspecified: refused,
		opcode: "FF /2",
		default64: true,
		sizes: [64],
		modes: [64],
		aligned: true,
		setup: (c) => [...targets(c), ...stack(c)],
	},
	{
		name: "CALL Ev",
		unspecified: refused,
		opcode: "FF /2",
		sizes: [16, 32],
		modes: [32, 16],
		aligned: true,
		setup: (c) => [...targets(c), ...stack(c)],
	},
	{
		name: "RET",
		opcode: "C3",
		default64: true,
		sizes: [64],
		modes: [64],
		setup: (c) => [...targets(c), ...alignedStack(c)],
	},
	{
		name: "RET",
		opcode: "C3",
		sizes: [16, 32],
		modes: [32, 16],
		setup: (c) => [...targets(c), ...alignedStack(c)],
	},
	{
		name: "RET Iw",
		opcode: "C2 iw",
		default64: true,
		sizes: [64],
		modes: [64],
		setup: (c) => [...targets(c), ...alignedStack(c)],
	},
	{
		name: "RET Iw",
		opcode: "C2 iw",
		sizes: [16, 32],
		modes: [32, 16],
		setup: (c) => [...targets(c), ...alignedStack(c)],
	},
];

const countdown = ({ addressSize, random }: Context): Setup[] => [
	[RCX, addressSize / 8, 0, random.pick([2, 3, 0x1000])],
];

const loops: Row[] = ["LOOPNE", "LOOPE", "LOOP", "JrCXZ"].map((mnemonic, i) => ({
	name: `${mnemonic} Jb`,
	opcode: `${hex(0xe0 + i)} cb`,
	setup: countdown,
	immediate: displacement,
}));

/** Far targets: mostly this mode's own segment, now and then the other mode's or one that is not code. */
const farSelector = ({ random, mode }: Context): number => {
	if (mode === 16) return random.pick([CODE_SELECTOR[16], CODE_SELECTOR[16], 0x23, 0x2b, 0]);
	return random.chance(2)
		? CODE_SELECTOR[mode]
		: random.pick([0x23, 0x33, 0x23, 0x33, 0x2b, 0, 0x10, 0xfff8]);
};

/** Offset and selector in one quadword, or in two for 64-bit offsets. */
const farPointers = (context: Context): Setup[] => {
	const { size, code } = context;
	const { base, spread } = landing(code);
	const setups: Setup[] = [];
	for (let i = 0; i < 16; i += size === 64 ? 2 : 1) {
		const selector = farSelector(context);
		if (size === 64) setups.push([AREA_SLOT + i, 8, base, spread], [AREA_SLOT + i + 1, 2, selector, 1]);
		else setups.push([AREA_SLOT + i, size / 8 + 2, selector * 2 ** size + (base & (2 ** size - 1)), spread]);
	}
	return setups;
};

/** The same as stack slots of the operand size. */
const farFrame = (context: Context): Setup[] => {
	const { size, code } = context;
	const { base, spread } = landing(code);
	const selector = farSelector(context);
	const pair = (slot: number): Setup[] => {
		if (size === 64)
			return [
				[slot, 8, base, spread],
				[slot + 1, 2, selector, 1],
			];
		if (size === 16) return [[slot, 4, selector * 0x10000 + (base & 0xffff), spread]];
		return [[slot, 6, selector * 2 ** 32 + base, spread]];
	};
	return Array.from({ length: 7 }, (_, i) => pair(AREA_SLOT + 2 * i)).flat();
};

const farStack = ({ mode, area, random }: Context): Setup[] => [
	[RSP, mode / 8, area + 16 * random.below(4), 1],
];

/** 16-byte multiples hold a whole pointer whatever its size. */
const far: Row[] = [
	{ name: "JMP Mp", opcode: "FF /5", e: "mem", sizes: [16, 32, 64], aligned: true, setup: farPointers },
	{
		name: "CALL Mp",
		opcode: "FF /3",
		e: "mem",
		sizes: [16, 32, 64],
		aligned: true,
		setup: (c) => [...farPointers(c), ...stack(c)],
	},
	{ name: "RETF", opcode: "CB", sizes: [16, 32, 64], setup: (c) => [...farFrame(c), ...farStack(c)] },
	{ name: "RETF Iw", opcode: "CA iw", sizes: [16, 32, 64], setup: (c) => [...farFrame(c), ...farStack(c)] },
];

/** IRET to the same privilege level: in 64-bit mode it pops the stack pointer as well. */
const interruptFrame = (context: Context): Setup[] => {
	const { size, code, mode, random, area } = context;
	const { base, spread } = landing(code);
	const flags = random.pick([0x200, 0x600, 0xe00, 0x3200, 0x20_0200]);
	const words: [number, number][] = [
		[base, spread],
		[farSelector(context), 1],
		[flags, 0x100],
	];
	if (mode === 64) words.push([area, 0x40], [random.chance(6) ? random.pick([0, 0x33]) : 0x2b, 1]);
	const bytes = size / 8;
	return words.map(([value, range], i): Setup => [AREA_SLOT + (i * bytes) / 8, bytes, value, range]);
};

const interruptStack = ({ mode, area }: Context): Setup[] => [[RSP, mode / 8, area, 1]];

const returns: Row[] = [
	{
		name: "IRET",
		opcode: "CF",
		sizes: [16, 32, 64],
		setup: (c) => [...interruptFrame(c), ...interruptStack(c)],
	},
];

export const controlRows: Row[] = [...near, ...loops, ...far, ...returns];
