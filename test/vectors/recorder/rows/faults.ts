/** Instructions that fault: memory that is not there, addresses that are not canonical, privilege, prefixes. */
import type { Mode, Setup } from "../../states.ts";
import type { Context, Place, Row } from "../assemble.ts";

const RSP = 4;
const RBP = 5;
const RSI = 6;
const RDI = 7;
const RCX = 1;

/** Reads, writes and read-modify-writes that between them use every kind of access. */
const accesses: Row[] = [
	{ name: "MOV Gv, Ev", opcode: "8B /r" },
	{ name: "MOV Ev, Gv", opcode: "89 /r" },
	{ name: "MOV Eb, Ib", opcode: "C6 /0 ib" },
	{ name: "ADD Ev, Gv", opcode: "01 /r" },
	{ name: "CMP Ev, Gv", opcode: "39 /r" },
	{ name: "ADC Gv, Ev", opcode: "13 /r" },
	{ name: "NEG Eb", opcode: "F6 /3" },
	{ name: "MUL Ev", opcode: "F7 /4", undefinedFlags: () => 0x0d4 },
	{ name: "SETZ Eb", opcode: "0F 94 /0" },
	{ name: "CMOVZ Gv, Ev", opcode: "0F 44 /r" },
	{ name: "XADD Ev, Gv", opcode: "0F C1 /r" },
	{ name: "CMPXCHG Ev, Gv", opcode: "0F B1 /r" },
	{ name: "MOVZX Gv, Eb", opcode: "0F B6 /r" },
];

const places: [string, Place, readonly Mode[]][] = [
	["over the end", { base: 0x2000 - 9, spread: 12 }, [64, 32, 16]],
	["before the start", { base: -9, spread: 12 }, [64, 32, 16]],
	["read-only", { base: 0x4000, spread: 0xff0 }, [64, 32, 16]],
	["over the end of read-only", { base: 0x5000 - 9, spread: 12 }, [64, 32]],
	["not canonical", { base: 2 ** 47, absolute: true, spread: 0x1000 }, [64]],
	["over the end of canonical", { base: 2 ** 47 - 9, absolute: true, spread: 12 }, [64]],
	["the upper half", { base: -(2 ** 47), absolute: true, spread: 0x1000 }, [64]],
	["over the end of the address space", { base: -9, absolute: true, spread: 9 }, [64]],
];

const placed: Row[] = places.flatMap(([where, place, modes]) =>
	accesses.map(
		(row): Row => ({
			...row,
			name: `${row.name} (${where})`,
			e: "mem",
			modes,
			sizes: /v/.test(row.name.split(" ").slice(1).join(" ")) ? [16, 32, 64] : [8],
			addressSizes: modes.length === 1 ? [64] : undefined,
			place,
		}),
	),
);

const ends = ({ random, mode, data }: Context): number => {
	const inside = [data + 4, data + 0x2000 - 4, data + 2, data + 0x1ffc, data - 2];
	const outside = [2 ** 47 + 0x100, 2 ** 47 + 2, -(2 ** 47) + 4];
	return random.pick(mode === 64 ? [...inside, ...outside] : inside);
};

/** The stack pointer where pushes and pops fault; RBP too, for ENTER and LEAVE. */
const badStack = (context: Context): Setup[] => [
	[RSP, context.mode / 8, ends(context), 8],
	[RBP, context.mode / 8, ends(context), 8],
];

const onStack: Row[] = [
	{ name: "PUSH Zv", opcode: "50+r", default64: true },
	{ name: "POP Zv", opcode: "58+r", default64: true },
	{ name: "POP Ev", opcode: "8F /0", default64: true, e: "mem" },
	{ name: "PUSH Ev", opcode: "FF /6", default64: true, e: "mem" },
	{ name: "PUSHF Xv", opcode: "9C", default64: true },
	{ name: "LEAVE Xv", opcode: "C9", default64: true },
	{
		name: "ENTER Xv, Iw, Ib",
		opcode: "C8 iw ib",
		default64: true,
		immediate: ({ random }, size) => random.below(size === 2 ? 0x40 : 4),
	},
	{ name: "CALL Jz", opcode: "E8 cz", default64: true, sizes: [64], modes: [64], immediate: () => 0x40 },
	{ name: "CALL Jz", opcode: "E8 cz", sizes: [32], modes: [32], immediate: () => 0x40 },
	{ name: "PUSHA Xv", opcode: "60", modes: [32, 16] },
	{ name: "POPA Xv", opcode: "61", modes: [32, 16], unspecified: ({ faulted }) => faulted },
];
const stackAccesses = onStack.map(
	(row): Row => ({ ...row, name: `${row.name} (bad stack)`, setup: badStack }),
);

const badPointers = (context: Context): Setup[] => [
	[RCX, 8, 0, 3],
	[RSI, 8, context.random.pick([2 ** 47 - 8, 2 ** 47, context.area, -8]), 16],
	[RDI, 8, context.random.pick([2 ** 47 - 8, -(2 ** 47) - 8, context.area, -8]), 16],
];

const wildStrings: Row[] = [
	{ name: "MOVS Yv, Xv", opcode: "A5", prefixes: ["", "f3"] },
	{ name: "CMPS Xv, Yv", opcode: "A7", prefixes: ["", "f3"] },
	{ name: "STOS Yv, rAX", opcode: "AB", prefixes: ["", "f3"] },
	{ name: "LODS rAX, Xv", opcode: "AD", prefixes: ["", "f3"] },
	{ name: "SCAS rAX, Yv", opcode: "AF", prefixes: ["", "f2"] },
].map(
	(row): Row => ({
		...row,
		name: `${row.name} (not canonical)`,
		modes: [64],
		addressSizes: [64],
		setup: badPointers,
	}),
);

const plain = (name: string, opcode: string, modes?: readonly Mode[]): Row => ({
	name: `${name} (${opcode})`,
	opcode,
	modes,
});

/** CPL 3 with IOPL 0. */
const privileged: Row[] = [
	plain("HLT", "F4"),
	plain("CLI", "FA"),
	plain("STI", "FB"),
	plain("CLTS", "0F 06"),
	plain("INVD", "0F 08"),
	plain("WBINVD", "0F 09"),
	plain("WRMSR", "0F 30"),
	plain("RDMSR", "0F 32"),
	plain("IN AL, DX", "EC"),
	plain("IN eAX, DX", "ED"),
	plain("OUT DX, AL", "EE"),
	plain("OUT DX, eAX", "EF"),
	plain("IN AL, Ib", "E4 ib"),
	plain("OUT Ib, AL", "E6 ib"),
	plain("INS Yb, DX", "6C"),
	plain("OUTS DX, Xb", "6E"),
	plain("MOV EAX, CR0", "0F 20 C0"),
	plain("MOV CR3, EAX", "0F 22 D8"),
	plain("MOV EAX, DR7", "0F 21 F8"),
	plain("LGDT", "0F 01 15 00 00 00 00"),
	plain("LTR EAX", "0F 00 D8"),
	plain("LLDT EAX", "0F 00 D0"),
	plain("INVLPG [RAX]", "0F 01 38"),
	plain("LMSW AX", "0F 01 F0"),
	plain("SWAPGS", "0F 01 F8", [64]),
	plain("INT 0D", "CD 0D"),
	plain("INT 08", "CD 08"),
	plain("INT 20", "CD 20"),
];

/** Encodings that 64-bit mode took away, that never were, and LOCK where it may not stand. */
const undefinedOpcodes: Row[] = [
	...[
		"06",
		"07",
		"0E",
		"16",
		"17",
		"1E",
		"1F",
		"27",
		"2F",
		"37",
		"3F",
		"60",
		"61",
		"82 C0 01",
		"9A",
		"CE",
		"D4 0A",
		"D5 0A",
		"EA",
	].map((opcode) => plain("no such instruction in 64-bit mode", opcode, [64])),
	...[
		"0F 04",
		"0F 0A",
		"0F 0C",
		"0F 24 C0",
		"0F 26 C0",
		"0F 39",
		"0F FF C0",
		"FE D0",
		"FE F8",
		"FF F8",
		"8F C8",
		"C6 C8 00",
		"C7 C8",
	].map((opcode) => plain("no such instruction", opcode)),
	...[
		"8E C8",
		"8E F0",
		"8C F0",
		"8D C0",
		"0F B2 C0",
		"0F C7 C8",
		"0F BA C0 01",
		"0F 20 C8",
		"0F 20 E8",
		"0F 22 C8",
	].map((opcode) => plain("invalid operand", opcode)),
	...[
		"01 C0",
		"8B 00",
		"90",
		"39 00",
		"F6 00 00",
		"0F A3 00",
		"86 C0",
		"0F C7 C8",
		"A4",
		"50",
		"0F AF 00",
		"D0 00",
		"03 00",
		"E8 00 00",
	].map((opcode): Row => ({ ...plain("LOCK is not allowed", opcode), prefixes: ["f0"] })),
];

const tooLong: Row[] = [14, 15].map((prefixes) => ({
	name: `NOP with ${prefixes} prefixes`,
	opcode: `${Array(prefixes).fill("2E").join(" ")} 90`,
	anyLength: true,
}));

export const faultRows: Row[] = [
	...placed,
	...stackAccesses,
	...wildStrings,
	...privileged,
	...undefinedOpcodes,
	...tooLong,
];
