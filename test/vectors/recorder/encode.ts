/** From a row's variant to bytes: registers, a memory operand, prefixes and immediates drawn at random. 64-bit mode. */
import type { Operand, Variant } from "../../../src/x86/expand.ts";
import type { ExtensionVariant } from "../extensions.ts";
import { AREA, type Random, type Setup, WORLDS } from "../states.ts";

const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
/** Bases that need no SIB byte; RAX, RCX and RDX are operands of many instructions. */
const BASES = [3, 6, 7, 8, 9, 10, 11, 14, 15];
const DISPLACEMENT = 0x10;
const AREA_AT = WORLDS.high.data + AREA;
const RDI = 7;

interface Fields {
	reg: number;
	rm: number;
	vvvv: number;
	memory: boolean;
}

const find = (variant: Variant, kinds: string): Operand | undefined =>
	variant.operands.find((operand) => operand.kind !== "fixed" && kinds.includes(operand.kind));

function chooseFields(variant: Variant, random: Random): Fields {
	const { encoding } = variant;
	const memory = variant.form === "memory";
	const vector = random.below(16);
	const again = random.chance(5);
	const pick = () => (again ? vector : random.below(16));
	const reg = encoding.exact !== undefined ? (encoding.exact >> 3) & 7 : (encoding.digit ?? pick());
	const rm = encoding.exact !== undefined ? encoding.exact & 7 : memory ? random.pick(BASES) : pick();
	return { reg, rm, vvvv: find(variant, "HB") ? pick() : 0, memory };
}

function vexPrefix(variant: Variant, { reg, rm, vvvv }: Fields, random: Random): number[] {
	const { encoding, operandSize, length } = variant;
	const pp = { NP: 0, "66": 1, F3: 2, F2: 3, NFx: 0 }[encoding.prefix ?? "NP"];
	const ignored = encoding.vex!.w === undefined && !find(variant, "GB");
	const w = encoding.vex!.w ?? (operandSize === 64 ? 1 : ignored && random.chance(4) ? 1 : 0);
	const l = encoding.vex!.length === "LIG" ? random.below(2) : length === 256 ? 1 : 0;
	const last = ((~vvvv & 15) << 3) | (l << 2) | pp;
	const r = encoding.digit === undefined ? reg >> 3 : 0;
	if (encoding.map === 1 && w === 0 && rm < 8 && random.chance(2)) return [0xc5, ((r ^ 1) << 7) | last];
	return [0xc4, ((r ^ 1) << 7) | 0x40 | (((rm >> 3) ^ 1) << 5) | encoding.map, (w << 7) | last];
}

function legacyPrefixes(variant: Variant, { reg, rm }: Fields, random: Random): number[] {
	const { encoding, operandSize, options } = variant;
	const mandatory = { NP: [], NFx: [], "66": [0x66], F2: [0xf2], F3: [0xf3] }[encoding.prefix ?? "NP"];
	const narrow = operandSize === 16 && encoding.prefix !== "66" ? [0x66] : [];
	const w = operandSize === 64 && !options.default64 && !options.modal ? 8 : 0;
	const rex = w | (encoding.digit === undefined ? (reg >> 1) & 4 : 0) | (rm >> 3);
	return [...narrow, ...mandatory, ...(rex || random.chance(4) ? [0x40 | rex] : [])];
}

/** Bytes of the immediates; `immediate` is a row's own choice. */
function immediates(variant: Variant, random: Random, choose?: (random: Random) => number): number[] {
	const count = variant.operands.filter((operand) => operand.kind === "I" || operand.kind === "L").length;
	return Array.from(
		{ length: count },
		() => choose?.(random) ?? (random.chance(3) ? random.below(16) : random.next() & 255),
	);
}

export interface Encoded extends ExtensionVariant {
	memory: boolean;
}

/** @param aligned whether most memory operands are aligned to 16 bytes */
export function encode(
	variant: Variant,
	random: Random,
	choose?: (random: Random) => number,
): ExtensionVariant {
	const { encoding } = variant;
	const fields = chooseFields(variant, random);
	const prefixes = encoding.vex
		? vexPrefix(variant, fields, random)
		: [...legacyPrefixes(variant, fields, random), ...MAPS[encoding.map]];
	const mod = fields.memory ? 0x40 : 0xc0;
	const plus = encoding.plus === "r" ? fields.rm & 7 : 0;
	const rm = variant.options.vsib ? 4 : fields.rm & 7;
	const modrm = encoding.modrm ? [mod | ((fields.reg & 7) << 3) | rm, ...sib(variant, fields)] : [];
	const bytes = [
		...prefixes,
		variant.opcode | plus,
		...modrm,
		...(fields.memory ? [DISPLACEMENT] : []),
		...immediates(variant, random, choose),
	];
	const code = Buffer.from(bytes).toString("hex");
	const setup = fields.memory ? place(fields, random) : stringsPlace(variant);
	// VPGATHERQD and VGATHERQPS have indices of 64 bits.
	const indices = /GATHER(.)/.exec(variant.name)?.[1] === "Q" ? 8 : 4;
	return variant.options.vsib ? { code, setup, indices } : { code, setup };
}

/** The index is XMM register 1, or with the others' register that too: destination, mask and index must differ. */
const VSIB_INDEX = 1;
const sib = ({ options }: Variant, { rm }: Fields): number[] =>
	options.vsib ? [(VSIB_INDEX << 3) | (rm & 7)] : [];

/** Mostly aligned, now and then not, and across the boundary of the two pages. */
function place({ rm }: Fields, random: Random): Setup[] {
	const offset = random.chance(3) ? random.below(96) : 16 * random.below(7);
	return [[rm, 8, AREA_AT + offset - DISPLACEMENT, 1]];
}

/** MASKMOVDQU writes to [RDI]. */
const stringsPlace = (variant: Variant): Setup[] =>
	variant.name.includes("MASKMOVDQU") ? [[RDI, 8, AREA_AT, 64]] : [];
