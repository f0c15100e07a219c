/** A decoded instruction as text, in Intel's syntax: "add qword ptr [rax+rcx*8], 0x10". */
import type { Operand } from "../expand.ts";
import type { Address, Instruction } from "./decode.ts";
import { mnemonic, prefixWords, rowName, saysSize } from "./mnemonic.ts";

/** Names an address: "memcpy+0x10". */
export type NameAddress = (address: bigint) => string | undefined;

const LEGACY = "ax cx dx bx sp bp si di".split(" ");
const LOW_BYTES = "al cl dl bl spl bpl sil dil".split(" ");
const HIGH_BYTES = "ah ch dh bh".split(" ");
const SEGMENTS = "es cs ss ds fs gs".split(" ");
const POINTERS: Record<number, string> = {
	8: "byte",
	16: "word",
	32: "dword",
	48: "fword",
	64: "qword",
	80: "tbyte",
	128: "xmmword",
	256: "ymmword",
};
const BX = 3;
const SP = 4;
const BP = 5;
const SI = 6;
const DI = 7;

/**
 * @param address where the instruction lies, for branch targets
 * @param name asked for names of what branches and RIP-relative operands go to
 */
export function format(instruction: Instruction, address: bigint, name?: NameAddress): string {
	const operands = instruction.variant.operands.flatMap((operand, i) =>
		isImplied(instruction, operand) || isDestination(instruction, operand, i)
			? []
			: [operandText(instruction, operand, i, address)],
	);
	if (rowName(instruction) === "XLAT") operands.push(memory(instruction, XLAT_TABLE));
	if (rowName(instruction).includes("MASKMOV") && instruction.variant.form === "register")
		operands.push(...storeSegment(instruction));
	const words = [...sizeWord(instruction), ...addressWord(instruction), ...prefixWords(instruction)];
	const head = [...words, mnemonic(instruction)].join(" ");
	const text = operands.length ? `${head} ${operands.join(", ")}` : head;
	const target = targetOf(instruction, address);
	const known = target === undefined ? undefined : name?.(target);
	return known ? `${text} <${known}>` : text;
}

/** What a relative branch, or an operand relative to RIP, points at. */
export function targetOf(instruction: Instruction, address: bigint): bigint | undefined {
	const { variant, address: memory, length, immediates, mode } = instruction;
	const next = address + BigInt(length);
	if (variant.operands.some(({ kind }) => kind === "J"))
		return BigInt.asUintN(mode === 64 ? 64 : instruction.operandSize, next + immediates[0]);
	return memory?.ripRelative ? BigInt.asUintN(memory.size, next + memory.displacement) : undefined;
}

/** MASKMOVQ and MASKMOVDQU store to DS:rDI; a segment that a prefix names is written behind the registers. */
const storeSegment = ({ prefixes }: Instruction): string[] =>
	prefixes.segment === undefined || prefixes.segment === DS ? [] : [SEGMENTS[prefixes.segment]];

/** XLAT's table, which no ModRM byte names. */
const XLAT_TABLE: Operand = { notation: "Xb", kind: "X", width: 8, access: "r", register: BX };

/** The accumulator of STOS, LODS and SCAS, which the mnemonic's letter says; SALC's AL; XMM0, which is never written. */
const isImplied = ({ variant }: Instruction, { kind, notation }: Operand): boolean =>
	kind === "fixed" &&
	(notation === "XMM0" ||
		(notation !== "DX" && variant.operands.some((other) => "XY".includes(other.kind))) ||
		variant.name === "SALC AL");

/** Without a VEX prefix one register is destination and first source, and is written once. */
function isDestination({ variant }: Instruction, { notation }: Operand, index: number): boolean {
	if (variant.encoding.vex || index === 0) return false;
	return notation === "Hx" || (index === 1 && variant.operands[0].notation === "Hx");
}

/** "data16" where an operand-size prefix means something that neither mnemonic nor operands show. */
function sizeWord(instruction: Instruction): string[] {
	const { variant, mode, operandSize } = instruction;
	const { options, operands } = variant;
	const usual = mode === 16 ? 16 : mode === 64 && (options.default64 || options.force64) ? 64 : 32;
	if (operandSize === usual || saysSize(instruction) || !matters(instruction)) return [];
	const shown = operands.some(
		({ kind, notation }) =>
			notation === "rAX" || ("EGMRZ".includes(kind) && /[vyzpa]$|^M$|^M(state|fx)$/.test(notation)),
	);
	return shown ? [] : [`data${operandSize}`];
}

/** Whether the operand size changes what the instruction does. */
function matters(instruction: Instruction): boolean {
	const { default64, force64, sized } = instruction.variant.options;
	if (instruction.variant.encoding.prefix === "66") return false;
	return Boolean(default64 || force64 || sized) || STACK_WORDS.has(rowName(instruction));
}

const STACK_WORDS = new Set(["RETF", "PUSH", "POP", "JMP", "CALL"]);

/** "addr32" and "fs" where such a prefix means something that no operand shows. */
function addressWord(instruction: Instruction): string[] {
	const { variant, mode, addressSize, prefixes } = instruction;
	const name = rowName(instruction);
	const words: string[] = [];
	const hidden = COUNTED.has(name) || variant.operands.some(({ kind }) => kind === "O");
	if (hidden && addressSize !== mode) words.push(`addr${addressSize}`);
	if (name === "MONITOR" && prefixes.segment !== undefined && prefixes.segment !== DS)
		words.push(SEGMENTS[prefixes.segment]);
	return words;
}

const COUNTED = new Set(["LOOP", "LOOPE", "LOOPNE", "MONITOR", "MASKMOVQ", "MASKMOVDQU", "VMASKMOVDQU"]);

function operandText(instruction: Instruction, operand: Operand, index: number, address: bigint): string {
	const { reg, rm, variant, immediates, operandSize } = instruction;
	const { kind, width } = operand;
	if (kind === "J") return hex(targetOf(instruction, address)!);
	if (kind === "I") return hex(BigInt.asUintN(width, immediateOf(instruction, index)));
	if (kind === "A")
		return `${hex(BigInt.asUintN(operandSize, immediates[0]))}, ${hex(BigInt.asUintN(16, immediates[1]))}`;
	if (kind === "S") return SEGMENTS[reg & 7];
	if (kind === "C" || kind === "D") return `${kind.toLowerCase()}r${reg}`;
	if (operand.vector && !(variant.form === "memory" && "WM".includes(kind)))
		return vectorRegister(instruction, operand);
	if (kind === "fixed") return fixed(operand, instruction);
	if (kind === "ST") return `st(${operand.register < 0 ? rm & 7 : 0})`;
	if (kind === "P") return `mm${reg & 7}`;
	if (kind === "N" || (kind === "Q" && variant.form === "register")) return `mm${rm & 7}`;
	if (kind === "B") return register(instruction.vvvv, width, instruction);
	if (kind === "G") return register(reg, width, instruction);
	if (kind === "R" || kind === "Z" || (kind === "E" && variant.form === "register"))
		return register(rm, WHOLE.has(rowName(instruction)) ? operandSize : width, instruction);
	return memory(instruction, operand);
}

/** XMM or YMM, by the operand's width. */
function vectorRegister(instruction: Instruction, { kind, vector }: Operand): string {
	const { reg, rm, vvvv, immediates, mode } = instruction;
	const numbers: Record<string, number> = { V: reg, H: vvvv, W: rm, U: rm };
	const last = Number(immediates[0] ?? 0n) & 255;
	const number = kind === "L" ? (last >> 4) & (mode === 64 ? 15 : 7) : (numbers[kind] ?? 0);
	// Four doublewords by quadword indices fill an XMM register only.
	const wide = vector === 256 && !/GATHERQ(D|PS)$/.test(rowName(instruction));
	return `${wide ? "ymm" : "xmm"}${number}`;
}

/** The operand's immediate: the rows have at most two, in the operands' order. */
function immediateOf({ variant, immediates }: Instruction, index: number): bigint {
	return immediates[variant.operands.slice(0, index).filter(({ kind }) => kind === "I").length];
}

function fixed({ notation, register: number, width }: Operand, instruction: Instruction): string {
	if (number < 0) return "1";
	if (SEGMENTS.includes(notation.toLowerCase())) return notation.toLowerCase();
	// Ports are at most 32 bits wide.
	const isPort = PORTS.has(rowName(instruction));
	return register(number, isPort ? Math.min(width, 32) : width, { ...instruction, prefixes: NO_PREFIXES });
}

/** Their source is a word, but assemblers write the whole register (SDM 2A, "LAR": r32/m16). */
const WHOLE = new Set(["LAR", "LSL"]);
const PORTS = new Set(["IN", "OUT"]);
const NO_PREFIXES = { rex: 0, operandSize: false, addressSize: false, repeat: 0, lock: false };

function register(number: number, width: number, { prefixes }: Instruction): string {
	if (width === 8 && !prefixes.rex && number >= 4) return HIGH_BYTES[number - 4];
	if (width === 8) return number < 8 ? LOW_BYTES[number] : `r${number}b`;
	const suffix = width === 64 ? "" : width === 32 ? "d" : "w";
	if (number >= 8) return `r${number}${suffix}`;
	return (width === 64 ? "r" : width === 32 ? "e" : "") + LEGACY[number];
}

// --- memory ------------------------------------------------------------------------------------------

function memory(instruction: Instruction, operand: Operand): string {
	const { addressSize, immediates } = instruction;
	const none = { index: -1, scale: 1, displacement: 0n, ripRelative: false, size: addressSize };
	const pointer = pointerOf(instruction, operand);
	const isString = operand.kind === "X" || operand.kind === "Y";
	const before = pointer + segmentOf(instruction, operand);
	if (isString) {
		const base = operand.register || (operand.kind === "X" ? SI : DI);
		return `${before}[${inside({ ...none, base }, instruction)}]`;
	}
	if (operand.kind === "O") return `${before}[${hex(BigInt.asUintN(addressSize, immediates[0]))}]`;
	return `${before}[${inside(instruction.address!, instruction)}]`;
}

/** "fs:" where a prefix names a segment that the operand does not have by itself. */
function segmentOf({ prefixes, address, variant }: Instruction, { kind }: Operand): string {
	const named = prefixes.segment;
	if (named === undefined || variant.name.startsWith("LEA ")) return "";
	const onStack = address !== undefined && (address.base === SP || address.base === BP);
	if (named === (onStack ? SS : DS)) return "";
	// The destination of a string instruction is in ES, whatever a prefix says.
	return `${SEGMENTS[kind === "Y" ? ES : named]}:`;
}

const ES = 0;
const SS = 2;
const DS = 3;

/** A bare M is an area that the instruction knows, or an address alone; of these it is an operand. */
const SIZED_BY_OPERAND = new Set(["BT", "BTS", "BTR", "BTC", "POP", "INVPCID"]);

/** The x87's environment and state, FXSAVE's area: what stands before a 16-bit layout, and before the other. */
const AREAS: Record<string, [string, string]> = {
	Menv: ["fpuenv14 ptr ", "fpuenv28 ptr "],
	Mstate: ["fpustate94 ptr ", "fpustate108 ptr "],
	Mfx: ["", ""],
};

/** Whether the layout is the one that the mode has by itself. */
const isUsual = ({ mode, operandSize }: Instruction): boolean => (operandSize === 16) === (mode === 16);

function pointerOf(instruction: Instruction, operand: Operand): string {
	const name = rowName(instruction);
	if (operand.notation === "M" && !SIZED_BY_OPERAND.has(name)) return "";
	const area = AREAS[operand.notation];
	if (area) return isUsual(instruction) ? "" : area[instruction.operandSize === 16 ? 0 : 1];
	return `${POINTERS[memoryWidth(instruction, operand)]} ptr `;
}

function memoryWidth(instruction: Instruction, { notation, width, vector }: Operand): number {
	const { operandSize, variant } = instruction;
	// VPGATHERDQ and VGATHERDPD fetch quadwords.
	if (variant.options.vsib) return /(Q|PD)$/.test(rowName(instruction)) ? 64 : 32;
	if (vector) return vector;
	if (rowName(instruction) === "INVPCID") return 128; // a descriptor
	if (notation === "Mp") return operandSize + 16;
	if (notation === "Ma") return operandSize * 2;
	if (notation === "Ms") return 48;
	if (notation === "Mt") return 80;
	if (notation === "Mq" && rowName(instruction) === "CMPXCHG8B") return operandSize === 64 ? 128 : 64;
	return notation === "M" ? operandSize : width;
}

/** Indices fill a register as the elements do, or half of it where they are half as wide. */
function vectorIndex({ variant }: Instruction): string {
	const wide = variant.length === 256 && !/GATHERD(Q|PD)/.test(variant.name);
	return wide ? "ymm" : "xmm";
}

function inside(address: Address, instruction: Instruction): string {
	const { base, index, scale, displacement, ripRelative, size } = address;
	const name = (number: number) =>
		register(number, size, { ...instruction, prefixes: { ...instruction.prefixes, rex: 0 } });
	const terms: string[] = [];
	if (ripRelative) terms.push(size === 64 ? "rip" : "eip");
	if (base >= 0) terms.push(name(base));
	const vsib = instruction.variant.options.vsib;
	const indexName = vsib ? `${vectorIndex(instruction)}${index}` : index >= 0 ? name(index) : "";
	if (index >= 0) terms.push(scale > 1 || (base < 0 && size !== 16) ? `${indexName}*${scale}` : indexName);
	if (!terms.length) return hex(BigInt.asUintN(size, displacement));
	if (displacement === 0n) return terms.join("+");
	return `${terms.join("+")}${displacement < 0n ? "-" : "+"}${hex(displacement < 0n ? -displacement : displacement)}`;
}

const hex = (value: bigint): string => (value < 10n ? `${value}` : `0x${value.toString(16)}`);
