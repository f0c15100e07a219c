/** MOVS CMPS STOS LODS SCAS: every width, with and without REP, both directions, into a missing page. */
import type { Setup } from "../../states.ts";
import type { Context, Facts, Row } from "../assemble.ts";

const RAX = 0;
const RCX = 1;
const RSI = 6;
const RDI = 7;
const AREA_SLOT = 16;

const counts = (context: Context): Setup => [
	RCX,
	context.addressSize / 8,
	0,
	context.random.pick([2, 6, 11]),
];

/** Source and destination in the area, apart or overlapping. */
const inArea = (context: Context): Setup[] => {
	const bytes = context.addressSize / 8;
	return [counts(context), [RSI, bytes, context.area + 0x30, 0x20], [RDI, bytes, context.area + 0x38, 0x20]];
};

/** Either pointer within six elements of an end of the data: some repetitions, or the first, fault. */
const atEnds = (context: Context): Setup[] => {
	const bytes = context.addressSize / 8;
	const reach = (6 * context.size) / 8;
	const start = context.random.chance(2) ? context.data : context.data + 0x2000 - reach + 2;
	const near: Setup = [context.random.pick([RSI, RDI]), bytes, start, reach];
	return [...inArea(context), [RCX, bytes, 1, 11], near];
};

/** Mostly equal bytes, so that comparisons go on for a while. */
const alike = (context: Context): Setup[] => {
	if (context.random.chance(3)) return [];
	const values: Setup[] = Array.from({ length: 16 }, (_, i) => [
		AREA_SLOT + i,
		8,
		0,
		context.random.chance(4) ? 0x1000 : 1,
	]);
	return [...values, [RAX, 8, 0, 1]];
};

/**
 * With 32-bit addresses in 64-bit mode, the upper halves of RCX, RSI and RDI where no repetition was done:
 * cleared or not, as the processor's microcode has it.
 */
const halves = ({ mode, addressSize, count, faulted }: Facts): boolean =>
	mode === 64 && addressSize === 32 && (faulted || count === 0);

function both(name: string, opcode: string, prefixes: readonly string[], compares = false): Row[] {
	const unspecified = prefixes[0] ? halves : undefined;
	const values = (context: Context) => (compares ? alike(context) : []);
	return [
		{ name, opcode, prefixes, unspecified, setup: (context) => [...values(context), ...inArea(context)] },
		{
			name: `${name} (page fault)`,
			opcode,
			prefixes,
			unspecified,
			setup: (context) => [...values(context), ...atEnds(context)],
		},
	];
}

const PLAIN = [""];
const REP = ["f3"];
const REPNE = ["f2"];

const moving: [string, readonly string[]][] = [
	["", PLAIN],
	["REP ", REP],
];
const comparing: [string, readonly string[]][] = [
	["", PLAIN],
	["REPE ", REP],
	["REPNE ", REPNE],
];

export const stringRows: Row[] = [
	...moving.flatMap(([rep, prefixes]) => [
		...both(`${rep}MOVS Yb, Xb`, "A4", prefixes),
		...both(`${rep}MOVS Yv, Xv`, "A5", prefixes),
		...both(`${rep}STOS Yb, AL`, "AA", prefixes),
		...both(`${rep}STOS Yv, rAX`, "AB", prefixes),
		...both(`${rep}LODS AL, Xb`, "AC", prefixes),
		...both(`${rep}LODS rAX, Xv`, "AD", prefixes),
	]),
	...both("REPNE MOVS Yb, Xb", "A4", REPNE),
	...comparing.flatMap(([rep, prefixes]) => [
		...both(`${rep}CMPS Xb, Yb`, "A6", prefixes, true),
		...both(`${rep}CMPS Xv, Yv`, "A7", prefixes, true),
		...both(`${rep}SCAS AL, Yb`, "AE", prefixes, true),
		...both(`${rep}SCAS rAX, Yv`, "AF", prefixes, true),
	]),
];
