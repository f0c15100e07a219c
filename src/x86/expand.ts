/**
 * Rows to variants. A row says `ADD Ev, Gv`; a variant is one reading of it with nothing left
 * open: the operand size, whether ModRM names a register or memory, the mode where that matters,
 * the condition. Each variant is a case of the interpreter's switch and, later, an emitter of the
 * compiler; each slot of the decode tables names a variant.
 */
import type { Width } from "./builder.ts";
import { type Encoding, parseEncoding, prefixIndices, twinEncoding } from "./encoding.ts";
import type { Access, Row, RowOptions } from "./row.ts";

/** Of a vector operand in memory, less than 128 where it is a scalar; in a register the whole register is meant. */
export type VectorWidth = Width | 128 | 256;

export type OperandKind =
	| "E"
	| "G"
	| "M"
	| "R"
	| "Z"
	| "I"
	| "J"
	| "S"
	| "C"
	| "D"
	| "O"
	| "A"
	| "X"
	| "Y"
	| "B"
	| "V"
	| "H"
	| "W"
	| "U"
	| "L"
	| "P"
	| "Q"
	| "N"
	| "ST"
	| "fixed";

export interface Operand {
	/** As written in the row: "Ev". */
	notation: string;
	kind: OperandKind;
	width: Width;
	/** Of a vector register or a vector in memory: its width; undefined for the others. */
	vector?: VectorWidth;
	access: Access;
	/** Of a fixed operand: the register's number, or -1 for the constant 1. */
	register: number;
}

export interface Variant {
	row: Row;
	/** The mnemonic and operands of the row. */
	name: string;
	operands: Operand[];
	operandSize: Width;
	/** How ModRM.mod must be; undefined where the instruction has no ModRM. */
	form?: "register" | "memory";
	/** Read for 64-bit mode or for the others; undefined where it does not matter. */
	long?: boolean;
	/** Length of a VEX-encoded instruction's vectors: what 256 means for its operands is in RowOptions.whole. */
	length: 128 | 256;
	encoding: Encoding;
	/** Last opcode byte, the condition of `+cc` included. */
	opcode: number;
	options: RowOptions;
}

const FIXED: Record<string, [number, string]> = {
	AL: [0, "b"],
	CL: [1, "b"],
	AX: [0, "w"],
	rAX: [0, "v"],
	DX: [2, "w"],
	"1": [-1, "b"],
};
/** The mask of BLENDV and the keys of SHA256RNDS2. */
const XMM0: Operand = { notation: "XMM0", kind: "fixed", width: 64, vector: 128, access: "r", register: 0 };
const SEGMENT_NAMES = new Set(["ES", "CS", "SS", "DS", "FS", "GS"]);

/** Kinds that are vector registers, or memory that is read as a vector. */
export const isVectorKind = (kind: OperandKind): boolean => "VHWUL".includes(kind);

/** In the SDM's letters: x the whole vector, dq and qq 128 and 256 bits, h, f and e a half, a quarter and an eighth of it. */
function vectorWidth(suffix: string, length: 128 | 256, notation: string): VectorWidth {
	const width = VECTOR_WIDTHS[suffix] ?? length / (PARTS[suffix] ?? Number.NaN);
	if (!width) throw new Error(`${notation}: unknown operand size`);
	return width as VectorWidth;
}
const VECTOR_WIDTHS: Record<string, number> = { b: 8, w: 16, d: 32, q: 64, dq: 128, qq: 256 };
const PARTS: Record<string, number> = { x: 1, h: 2, f: 4, e: 8 };

function widthOf(suffix: string, size: Width, notation: string): Width {
	if (suffix === "z") return size === 64 ? 32 : size;
	if (suffix === "y") return size === 64 ? 64 : 32;
	const width = WIDTHS[suffix] ?? (OPERAND_SIZED.has(suffix) ? size : undefined);
	if (!width) throw new Error(`${notation}: unknown operand size`);
	return width;
}
const WIDTHS: Record<string, Width> = {
	b: 8,
	w: 16,
	d: 32,
	q: 64,
	s: 64,
	bs: 8,
	t: 64,
	env: 64,
	state: 64,
	fx: 64,
	"": 64,
};
const OPERAND_SIZED = new Set(["v", "a", "p"]);

function parseOperand(notation: string, access: Access, { size, length }: Reading): Operand {
	if (SEGMENT_NAMES.has(notation)) return { notation, kind: "fixed", width: 16, access, register: 0 };
	if (notation === "ST" || notation === "STi")
		return { notation, kind: "ST", width: 64, access, register: notation === "ST" ? 0 : -1 };
	if (notation === "XMM0") return XMM0;
	const fixed = FIXED[notation];
	if (fixed)
		return { notation, kind: "fixed", width: widthOf(fixed[1], size, notation), access, register: fixed[0] };
	const kind = notation[0] as OperandKind;
	if (!"EGMRZIJSCDOAXYBVHWULPQN".includes(kind)) throw new Error(`${notation}: unknown operand`);
	const suffix = notation.slice(1);
	if (isVectorKind(kind) || (kind === "M" && VECTORS_IN_MEMORY.has(suffix)))
		return { notation, kind, width: 64, vector: vectorWidth(suffix, length, notation), access, register: 0 };
	// An immediate of Iz or Ibs is sign-extended to the operand size.
	const width = kind === "I" && (suffix === "z" || suffix === "bs") ? size : widthOf(suffix, size, notation);
	return { notation, kind, width, access, register: 0 };
}

/** Suffixes of M that no other operand in memory has. */
const VECTORS_IN_MEMORY = new Set(["x", "dq", "qq", "h", "f", "e"]);

/** A row's operands as it writes them. */
function notations(row: Row): readonly string[] {
	let known = written.get(row);
	if (!known) {
		const space = row[1].indexOf(" ");
		known = space < 0 ? [] : row[1].slice(space + 1).split(", ");
		written.set(row, known);
	}
	return known;
}
const written = new WeakMap<Row, readonly string[]>();

function isSized(row: Row): boolean {
	const options = row[4] ?? {};
	if (options.default64 || options.force64 || options.sized) return true;
	return notations(row).some((n) => n === "rAX" || "vzyp".includes(n.slice(-1)) || n.endsWith("bs"));
}

/** One way to read a row. */
interface Reading {
	size: Width;
	long?: boolean;
	length: 128 | 256;
}

/** The (operand size, mode) pairs that a row is read for without a VEX prefix. */
function readings(row: Row): Reading[] {
	const options = row[4] ?? {};
	const length = 128;
	const long = options.only !== "legacy";
	const legacy = options.only !== "64";
	if (options.default64 || options.force64) {
		const sizes64: Width[] = options.force64 ? [64] : [16, 64];
		return [
			...(legacy ? ([16, 32] as Width[]).map((size) => ({ size, length, long: false }) as const) : []),
			...(long ? sizes64.map((size) => ({ size, length, long: true }) as const) : []),
		];
	}
	if (options.modal)
		return [
			{ size: 32, length, long: false },
			{ size: 64, length, long: true },
		];
	if (!isSized(row)) return [{ size: 32, length }];
	return ([16, 32, 64] as Width[]).filter((size) => long || size !== 64).map((size) => ({ size, length }));
}

/** The (operand size, vector length) pairs that it is read for with one. */
function vexReadings(row: Row, { vex }: Encoding): Reading[] {
	const sizes: Width[] = vex!.w === undefined && isSized(row) ? [32, 64] : [vex!.w === 1 ? 64 : 32];
	const lengths = vex!.length === "256" ? [256] : vex!.length ? [128] : [128, 256];
	return (lengths as (128 | 256)[]).flatMap((length) => sizes.map((size) => ({ size, length })));
}

function forms(row: Row, encoding: Encoding): Variant["form"][] {
	if (!encoding.modrm) return [undefined];
	const kinds = notations(row).map((n) => n[0]);
	if (kinds.some((kind) => "EWQ".includes(kind))) return ["register", "memory"];
	return kinds.includes("M") ? ["memory"] : ["register"];
}

/** Every variant of every row, in the rows' order. @throws on unknown notation, naming the row */
export const expand = (rows: readonly Row[]): Variant[] => rows.flatMap(expandRow);

/** Every variant of a row. @throws on unknown notation, naming the row */
export function expandRow(row: Row): Variant[] {
	return naming(row, () =>
		plansOf(row).flatMap((plan) => {
			check(plan);
			return Array.from({ length: countOf(plan) }, (_, which) => variantAt(plan, which));
		}),
	);
}

/** One of a row's variants, as `expandRow` numbers them, which has seen to it that the row is right. */
export function variantOf(row: Row, which: number): Variant {
	return naming(row, () => {
		let left = which;
		for (const plan of plansOf(row)) {
			if (left < countOf(plan)) return variantAt(plan, left);
			left -= countOf(plan);
		}
		throw new Error(`it has no variant ${which}`);
	});
}

function naming<T>(row: Row, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new Error(`row "${row[0]}" "${row[1]}": ${(error as Error).message}`);
	}
}

/** A row's encoding, and what is open in it: there is a variant for each combination. */
interface Plan {
	row: Row;
	encoding: Encoding;
	ways: Reading[];
	forms: Variant["form"][];
	conditions: number;
}

function plansOf(row: Row): Plan[] {
	const encoding = parseEncoding(row[0]);
	const twin = row[4]?.vex;
	if (encoding.vex) return [planOf(row, encoding, vexReadings(row, encoding))];
	const plan = planOf(row, encoding, readings(row));
	if (!twin) return [plan];
	const vexEncoding = twinEncoding(encoding, twin);
	return [plan, planOf(row, vexEncoding, vexReadings(row, vexEncoding))];
}

const planOf = (row: Row, encoding: Encoding, ways: Reading[]): Plan => ({
	row,
	encoding,
	ways,
	forms: forms(row, encoding),
	conditions: encoding.plus === "cc" ? 16 : 1,
});

const countOf = ({ ways, forms, conditions }: Plan): number => ways.length * forms.length * conditions;

function variantAt({ row, encoding, ways, forms, conditions }: Plan, which: number): Variant {
	const reading = ways[Math.floor(which / conditions / forms.length)];
	return {
		row,
		name: row[4]?.vex && encoding.vex ? `V${row[1]}` : row[1],
		operands: operandsOf(row, encoding, reading),
		operandSize: reading.size,
		form: forms[Math.floor(which / conditions) % forms.length],
		long: reading.long,
		length: reading.length,
		encoding,
		opcode: encoding.opcode + (which % conditions),
		options: optionsOf(row, reading, encoding),
	};
}

const accessesOf = (row: Row) => (row[2] ? row[2].split(" ") : []) as Access[];

/** @throws where a row contradicts itself */
function check({ row, encoding }: Plan): void {
	const names = notations(row);
	const accesses = accessesOf(row);
	if (accesses.length !== names.length)
		throw new Error(`${names.length} operands, ${accesses.length} accesses`);
	if (
		names.some((name) => /^[EGMRSCDVWUPQN][a-z]*$/.test(name) && !FIXED[name] && !SEGMENT_NAMES.has(name)) &&
		!encoding.modrm
	) {
		throw new Error("an operand is in ModRM, which the encoding does not have");
	}
}

function operandsOf(row: Row, encoding: Encoding, reading: Reading): Operand[] {
	const names = notations(row);
	const accesses = accessesOf(row);
	return names.map((notation, i) => {
		const operand = withoutVex(parseOperand(notation, accesses[i], reading), encoding, names[0]);
		return row[4]?.lane && operand.kind === "M" ? { ...operand, vector: operand.width } : operand;
	});
}

/** A twin has the feature that its vector length came with: "AVX,AVX2". */
function optionsOf([, , , , options = {}]: Row, { length }: Reading, { vex }: Encoding): RowOptions {
	if (!options.vex || !vex) return options;
	const [short, long] = options.vex.split(" ")[0].split(",");
	return { ...options, feature: length === 256 ? (long ?? short) : short };
}

/** Without a VEX prefix H is the destination: ModRM.reg, or rm where that is written or reg belongs to the opcode. */
function withoutVex(operand: Operand, { vex, digit }: Encoding, destination: string): Operand {
	if (operand.kind !== "H" || vex) return operand;
	return { ...operand, kind: digit === undefined && !destination.startsWith("U") ? "V" : "U" };
}

/** One place of the decode tables. */
export interface Slot {
	/** As the encoding's, and 4 more under a VEX prefix. */
	map: number;
	opcode: number;
	/** 0 none, 1 66, 2 F2, 3 F3. */
	prefix: number;
	long: number;
	/** 0: 16, 1: 32, 2: 64; under a VEX prefix W * 2 + L. */
	size: number;
	/** 0 register or no ModRM, 1 memory. */
	memory: number;
	reg: number;
	/** ModRM.rm, where the whole byte is the opcode; else undefined. */
	rm?: number;
	/** Among variants that claim one place, the most specific wins; equals are an error. */
	rank: number;
}

const SIZES = [16, 32, 64];

/** W where it is the operand size counts in 64-bit mode only (SDM 2A, "VEX.W"). */
function vexSlots({ encoding: { vex }, row, options, operandSize, length }: Variant, long: number): number[] {
	if (options.only === "64" && !long) return [];
	const byOperand = vex!.w === undefined && isSized(row);
	if (byOperand && operandSize === 64 && !long) return [];
	const ws = byOperand && long ? [operandSize === 64 ? 1 : 0] : vex!.w === undefined ? [0, 1] : [vex!.w];
	const ls = vex!.length === "LIG" ? [0, 1] : [length === 256 ? 1 : 0];
	return ws.flatMap((w) => ls.map((l) => w * 2 + l));
}

function sizeSlots(variant: Variant, long: number): number[] {
	if (variant.encoding.vex) return vexSlots(variant, long);
	const { options, operandSize } = variant;
	if (variant.long !== undefined && variant.long !== (long === 1)) return [];
	if (options.only === "64" && !long) return [];
	if (options.only === "legacy" && long) return [];
	if (options.force64 && long) return [0, 1, 2];
	if (options.default64 && long) return operandSize === 64 ? [1, 2] : [0];
	if (options.modal || !isSized(variant.row)) return long ? [0, 1, 2] : [0, 1];
	return operandSize === 64 && !long ? [] : [SIZES.indexOf(operandSize)];
}

/** Every place of the decode tables that leads to a variant. */
export function slots(variant: Variant): Slot[] {
	const { encoding, form } = variant;
	const range = (count: number) => Array.from({ length: count }, (_, i) => i);
	const prefixes = prefixIndices(encoding);
	const opcodes = encoding.plus === "r" ? range(8).map((i) => encoding.opcode + i) : [variant.opcode];
	const memories = encoding.modrm ? [form === "memory" ? 1 : 0] : [0, 1];
	const exact = encoding.exact;
	const regs =
		exact !== undefined ? [(exact >> 3) & 7] : encoding.digit !== undefined ? [encoding.digit] : range(8);
	const rank = (encoding.prefix ? 4 : 0) + (exact !== undefined ? 2 : 0) + (encoding.plus === "r" ? 0 : 1);
	const out: Slot[] = [];
	for (const opcode of opcodes)
		for (const prefix of prefixes)
			for (const long of [0, 1])
				for (const size of sizeSlots(variant, long))
					for (const memory of memories)
						for (const reg of regs)
							out.push({
								map: encoding.map + (encoding.vex ? 4 : 0),
								opcode,
								prefix,
								long,
								size,
								memory,
								reg,
								rm: exact === undefined ? undefined : exact & 7,
								rank,
							});
	return out;
}
