/**
 * Rows to variants. A row says `ADD Ev, Gv`; a variant is one reading of it with nothing left
 * open: the operand size, whether ModRM names a register or memory, the mode where that matters,
 * the condition. Each variant is a case of the interpreter's switch and, later, an emitter of the
 * compiler; each slot of the decode tables names a variant.
 */
import type { Width } from "./builder.ts";
import type { Access, Row, RowOptions } from "./row.ts";

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
	| "fixed";

export interface Operand {
	/** As written in the row: "Ev". */
	notation: string;
	kind: OperandKind;
	width: Width;
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
	encoding: Encoding;
	/** Last opcode byte, the condition of `+cc` included. */
	opcode: number;
	options: RowOptions;
}

export interface Encoding {
	/** 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A. */
	map: number;
	opcode: number;
	prefix?: "66" | "F2" | "F3";
	/** `+r`: the low three bits are a register. `+cc`: the low four are a condition. */
	plus?: "r" | "cc";
	modrm: boolean;
	/** ModRM.reg, where it belongs to the opcode. */
	digit?: number;
	/** The whole ModRM byte, where it belongs to the opcode. */
	exact?: number;
}

const PREFIXES = ["66", "F2", "F3"] as const;
const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const IMMEDIATES = new Set(["ib", "iw", "iz", "iv", "cb", "cz"]);

export function parseEncoding(text: string): Encoding {
	const tokens = text.split(" ").filter((token) => !IMMEDIATES.has(token));
	const isMandatory = tokens.length > 1 && (PREFIXES as readonly string[]).includes(tokens[0]);
	const prefix = isMandatory ? (tokens.shift() as Encoding["prefix"]) : undefined;
	const slash = tokens.find((token) => token.startsWith("/"));
	const bytes = tokens.filter((token) => !token.startsWith("/"));
	const plus = bytes.at(-1)!.split("+")[1] as Encoding["plus"];
	const values = bytes.map((token) => Number.parseInt(token, 16));
	if (values.some(Number.isNaN)) throw new Error(`${text}: not an encoding`);
	const map =
		values[0] === 0x0f && values.length > 1 ? (values[1] === 0x38 ? 2 : values[1] === 0x3a ? 3 : 1) : 0;
	const [opcode, exact] = values.slice(MAPS[map].length);
	const digit = slash && slash !== "/r" ? Number(slash[1]) : undefined;
	return { map, opcode, prefix, plus, modrm: slash !== undefined || exact !== undefined, digit, exact };
}

const FIXED: Record<string, [number, string]> = {
	AL: [0, "b"],
	CL: [1, "b"],
	rAX: [0, "v"],
	DX: [2, "w"],
	"1": [-1, "b"],
};
const SEGMENT_NAMES = new Set(["ES", "CS", "SS", "DS", "FS", "GS"]);

function widthOf(suffix: string, size: Width, notation: string): Width {
	const widths: Record<string, Width> = {
		b: 8,
		w: 16,
		d: 32,
		q: 64,
		v: size,
		z: size === 64 ? 32 : size,
		a: size,
		s: 64,
		y: size === 64 ? 64 : 32,
		bs: 8,
		p: size,
		"": 64,
	};
	const width = widths[suffix];
	if (!width) throw new Error(`${notation}: unknown operand size`);
	return width;
}

function parseOperand(notation: string, access: Access, size: Width): Operand {
	if (SEGMENT_NAMES.has(notation)) return { notation, kind: "fixed", width: 16, access, register: 0 };
	const fixed = FIXED[notation];
	if (fixed)
		return { notation, kind: "fixed", width: widthOf(fixed[1], size, notation), access, register: fixed[0] };
	const kind = notation[0] as OperandKind;
	if (!"EGMRZIJSCDOAXY".includes(kind)) throw new Error(`${notation}: unknown operand`);
	const suffix = notation.slice(1);
	// An immediate of Iz or Ibs is sign-extended to the operand size.
	const width = kind === "I" && (suffix === "z" || suffix === "bs") ? size : widthOf(suffix, size, notation);
	return { notation, kind, width, access, register: 0 };
}

const notations = (row: Row) => row[1].split(" ").slice(1).join(" ").split(", ").filter(Boolean);

function isSized(row: Row): boolean {
	const options = row[4] ?? {};
	if (options.default64 || options.force64 || options.sized) return true;
	return notations(row).some((n) => n === "rAX" || /[vzyp]$|bs$/.test(n));
}

/** The (operand size, mode) pairs that a row is read for. */
function readings(row: Row): { size: Width; long?: boolean }[] {
	const options = row[4] ?? {};
	const long = options.only !== "legacy";
	const legacy = options.only !== "64";
	if (options.default64 || options.force64) {
		const sizes64: Width[] = options.force64 ? [64] : [16, 64];
		return [
			...(legacy ? ([16, 32] as Width[]).map((size) => ({ size, long: false })) : []),
			...(long ? sizes64.map((size) => ({ size, long: true })) : []),
		];
	}
	if (options.modal)
		return [
			{ size: 32, long: false },
			{ size: 64, long: true },
		];
	if (!isSized(row)) return [{ size: 32 }];
	return ([16, 32, 64] as Width[]).filter((size) => long || size !== 64).map((size) => ({ size }));
}

function forms(row: Row, encoding: Encoding): Variant["form"][] {
	if (!encoding.modrm) return [undefined];
	const kinds = notations(row).map((n) => n[0]);
	if (kinds.includes("E")) return ["register", "memory"];
	return kinds.includes("M") ? ["memory"] : ["register"];
}

/** Every variant of every row, in the rows' order. @throws on unknown notation, naming the row */
export function expand(rows: readonly Row[]): Variant[] {
	return rows.flatMap((row) => {
		try {
			return expandRow(row);
		} catch (error) {
			throw new Error(`row "${row[0]}" "${row[1]}": ${(error as Error).message}`);
		}
	});
}

function expandRow(row: Row): Variant[] {
	const encoding = parseEncoding(row[0]);
	const names = notations(row);
	const accesses = row[2].split(" ").filter(Boolean) as Access[];
	if (accesses.length !== names.length)
		throw new Error(`${names.length} operands, ${accesses.length} accesses`);
	if (
		names.some((name) => /^[EGMRSCD][a-z]*$/.test(name) && !FIXED[name] && !SEGMENT_NAMES.has(name)) &&
		!encoding.modrm
	) {
		throw new Error("an operand is in ModRM, which the encoding does not have");
	}
	const conditions = encoding.plus === "cc" ? 16 : 1;
	const variants: Variant[] = [];
	for (const { size, long } of readings(row))
		for (const form of forms(row, encoding))
			for (let condition = 0; condition < conditions; condition++)
				variants.push({
					row,
					name: row[1],
					operands: names.map((notation, i) => parseOperand(notation, accesses[i], size)),
					operandSize: size,
					form,
					long,
					encoding,
					opcode: encoding.opcode + condition,
					options: row[4] ?? {},
				});
	return variants;
}

/** One place of the decode tables. */
export interface Slot {
	map: number;
	opcode: number;
	/** 0 none, 1 66, 2 F2, 3 F3. */
	prefix: number;
	long: number;
	/** 0: 16, 1: 32, 2: 64. */
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

function sizeSlots(variant: Variant, long: number): number[] {
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
	const prefixes = encoding.prefix ? [PREFIXES.indexOf(encoding.prefix) + 1] : range(4);
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
								map: encoding.map,
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
