/** Binary arithmetic and logic, decimal adjustment, shifts and rotates, bits. SDM 1, "Programming with General-Purpose Instructions". */

import type { Setup } from "../../states.ts";
import type { Context, Row } from "../assemble.ts";
import * as undefinedFlags from "./undefined.ts";

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
const RAX = 0;
const RCX = 1;
const RDX = 2;

function arithmetic(mnemonic: string, group: number): Row[] {
	const lock = mnemonic !== "CMP";
	const rule = ["OR", "AND", "XOR"].includes(mnemonic) ? { undefinedFlags: undefinedFlags.logic } : {};
	const at = (offset: number) => hex(group * 8 + offset);
	return [
		{ name: `${mnemonic} Eb, Gb`, opcode: `${at(0)} /r`, lock, ...rule },
		{ name: `${mnemonic} Ev, Gv`, opcode: `${at(1)} /r`, lock, ...rule },
		{ name: `${mnemonic} Gb, Eb`, opcode: `${at(2)} /r`, ...rule },
		{ name: `${mnemonic} Gv, Ev`, opcode: `${at(3)} /r`, ...rule },
		{ name: `${mnemonic} AL, Ib`, opcode: `${at(4)} ib`, ...rule },
		{ name: `${mnemonic} rAX, Iz`, opcode: `${at(5)} iz`, ...rule },
		{ name: `${mnemonic} Eb, Ib`, opcode: `80 /${group} ib`, lock, ...rule },
		{ name: `${mnemonic} Ev, Iz`, opcode: `81 /${group} iz`, lock, ...rule },
		{ name: `${mnemonic} Ev, Ib`, opcode: `83 /${group} ib`, lock, ...rule },
		{ name: `${mnemonic} Eb, Ib (82)`, opcode: `82 /${group} ib`, modes: [32, 16], lock, ...rule },
	];
}

/** Half of the variants get a dividend whose quotient mostly fits. */
const dividend = ({ random, size }: Context): Setup[] => {
	if (random.chance(3)) return [];
	if (size === 8) return [[RAX, 2, 0, random.pick([0x100, 0x1000, 0x8000])]];
	const negative = random.chance(3);
	return [[RDX, size / 8, negative ? -1 : 0, random.pick([1, 2, 0x40])]];
};

const unary: Row[] = [
	{ name: "INC Eb", opcode: "FE /0", lock: true },
	{ name: "DEC Eb", opcode: "FE /1", lock: true },
	{ name: "INC Ev", opcode: "FF /0", lock: true },
	{ name: "DEC Ev", opcode: "FF /1", lock: true },
	{ name: "INC Zv", opcode: "40+r", modes: [32, 16] },
	{ name: "DEC Zv", opcode: "48+r", modes: [32, 16] },
	{ name: "NOT Eb", opcode: "F6 /2", lock: true },
	{ name: "NEG Eb", opcode: "F6 /3", lock: true },
	{ name: "NOT Ev", opcode: "F7 /2", lock: true },
	{ name: "NEG Ev", opcode: "F7 /3", lock: true },
	{ name: "MUL Eb", opcode: "F6 /4", undefinedFlags: undefinedFlags.multiply },
	{ name: "IMUL Eb", opcode: "F6 /5", undefinedFlags: undefinedFlags.multiply },
	{ name: "MUL Ev", opcode: "F7 /4", undefinedFlags: undefinedFlags.multiply },
	{ name: "IMUL Ev", opcode: "F7 /5", undefinedFlags: undefinedFlags.multiply },
	{ name: "IMUL Gv, Ev", opcode: "0F AF /r", undefinedFlags: undefinedFlags.multiply },
	{ name: "IMUL Gv, Ev, Iz", opcode: "69 /r iz", undefinedFlags: undefinedFlags.multiply },
	{ name: "IMUL Gv, Ev, Ib", opcode: "6B /r ib", undefinedFlags: undefinedFlags.multiply },
	{ name: "DIV Eb", opcode: "F6 /6", setup: dividend, undefinedFlags: undefinedFlags.divide },
	{ name: "IDIV Eb", opcode: "F6 /7", setup: dividend, undefinedFlags: undefinedFlags.divide },
	{ name: "DIV Ev", opcode: "F7 /6", setup: dividend, undefinedFlags: undefinedFlags.divide },
	{ name: "IDIV Ev", opcode: "F7 /7", setup: dividend, undefinedFlags: undefinedFlags.divide },
	{ name: "TEST Eb, Gb", opcode: "84 /r", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST Ev, Gv", opcode: "85 /r", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST AL, Ib", opcode: "A8 ib", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST rAX, Iz", opcode: "A9 iz", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST Eb, Ib", opcode: "F6 /0 ib", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST Ev, Iz", opcode: "F7 /0 iz", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST Eb, Ib (F6 /1)", opcode: "F6 /1 ib", undefinedFlags: undefinedFlags.logic },
	{ name: "TEST Ev, Iz (F7 /1)", opcode: "F7 /1 iz", undefinedFlags: undefinedFlags.logic },
];

const decimal: Row[] = [
	{ name: "DAA", opcode: "27", modes: [32, 16], undefinedFlags: undefinedFlags.adjustDecimal },
	{ name: "DAS", opcode: "2F", modes: [32, 16], undefinedFlags: undefinedFlags.adjustDecimal },
	{ name: "AAA", opcode: "37", modes: [32, 16], undefinedFlags: undefinedFlags.adjustAscii },
	{ name: "AAS", opcode: "3F", modes: [32, 16], undefinedFlags: undefinedFlags.adjustAscii },
	{
		name: "AAM Ib",
		opcode: "D4 ib",
		modes: [32, 16],
		immediate: ({ random }) => random.pick([10, 10, 16, 7, 0, 255]),
		undefinedFlags: undefinedFlags.adjustDivision,
	},
	{
		name: "AAD Ib",
		opcode: "D5 ib",
		modes: [32, 16],
		immediate: ({ random }) => random.pick([10, 10, 16, 7, 0, 255]),
		undefinedFlags: undefinedFlags.adjustDivision,
	},
];

const smallCount = ({ random }: Context): Setup[] =>
	random.chance(3) ? [] : [[RCX, 1, 0, random.pick([2, 20, 70])]];
const countImmediate = ({ random }: Context): number =>
	random.pick([0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 40, 63, 64, 65, 255]);

const SHIFTS = ["ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAL", "SAR"];
const shifts = SHIFTS.flatMap((mnemonic, digit): Row[] => {
	const rule = digit < 4 ? undefinedFlags.rotate : undefinedFlags.shift(mnemonic === "SAR");
	return [
		{ name: `${mnemonic} Eb, 1`, opcode: `D0 /${digit}`, undefinedFlags: rule },
		{ name: `${mnemonic} Ev, 1`, opcode: `D1 /${digit}`, undefinedFlags: rule },
		{ name: `${mnemonic} Eb, CL`, opcode: `D2 /${digit}`, setup: smallCount, undefinedFlags: rule },
		{ name: `${mnemonic} Ev, CL`, opcode: `D3 /${digit}`, setup: smallCount, undefinedFlags: rule },
		{
			name: `${mnemonic} Eb, Ib`,
			opcode: `C0 /${digit} ib`,
			immediate: countImmediate,
			undefinedFlags: rule,
		},
		{
			name: `${mnemonic} Ev, Ib`,
			opcode: `C1 /${digit} ib`,
			immediate: countImmediate,
			undefinedFlags: rule,
		},
	];
});

const doubleShifts: Row[] = ["SHLD", "SHRD"].flatMap((mnemonic, i): Row[] => [
	{
		name: `${mnemonic} Ev, Gv, Ib`,
		opcode: `0F ${hex(0xa4 + 8 * i)} /r ib`,
		immediate: countImmediate,
		undefinedFlags: undefinedFlags.doubleShift,
	},
	{
		name: `${mnemonic} Ev, Gv, CL`,
		opcode: `0F ${hex(0xa5 + 8 * i)} /r`,
		setup: smallCount,
		undefinedFlags: undefinedFlags.doubleShift,
	},
]);

/** A bit offset in a register reaches beyond a memory operand: up to 1 KiB to either side of it. */
const bitOffsets = ({ size }: Context): Setup[] =>
	Array.from({ length: 16 }, (_, n): Setup => [n, size / 8, -0x2000, 0x4000]);

const bitTests = ["BT", "BTS", "BTR", "BTC"].flatMap((mnemonic, i): Row[] => {
	const rule = { lock: i > 0, undefinedFlags: undefinedFlags.bitTest };
	return [
		{ name: `${mnemonic} Ev, Gv`, opcode: `0F ${hex(0xa3 + 8 * i)} /r`, e: "reg", ...rule, lock: false },
		{
			name: `${mnemonic} Ev, Gv`,
			opcode: `0F ${hex(0xa3 + 8 * i)} /r`,
			e: "mem",
			setup: bitOffsets,
			...rule,
		},
		{ name: `${mnemonic} Ev, Ib`, opcode: `0F BA /${4 + i} ib`, ...rule },
	];
});

const bits: Row[] = [
	...bitTests,
	{ name: "BSF Gv, Ev", opcode: "0F BC /r", undefinedFlags: undefinedFlags.bitScan },
	{ name: "BSR Gv, Ev", opcode: "0F BD /r", undefinedFlags: undefinedFlags.bitScan },
	{ name: "BSWAP Zy", opcode: "0F C8+r" },
];

const GROUP1 = ["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"];

export const arithmeticRows: Row[] = [
	...GROUP1.flatMap(arithmetic),
	...unary,
	...decimal,
	...shifts,
	...doubleShifts,
	...bits,
];
