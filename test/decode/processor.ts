// The processor's own decoder (src/core/decode.ts) alone, held against what the disassembler reads out of the rows: the same
// row, length, prefixes and operands. The disassembler in turn is held against iced-x86 (opinions.ts).

import {
	FIRST_VARIANT,
	INFO_ADDRESS_SHIFT,
	INFO_LOCK,
	INFO_OPERAND_SHIFT,
	INFO_REP,
	INFO_REPNE,
	INFO_SEGMENT,
	MODE_32,
	MODE_64,
	OP_UNDEFINED,
	PAGE_BASE,
	REC_BASE,
	REC_DISPLACEMENT,
	REC_IMMEDIATE,
	REC_INDEX,
	REC_INFO,
	REC_IS4,
	REC_LENGTH,
	REC_OP,
	REC_REG,
	REC_RM,
	REC_SCALE,
	REC_VVVV,
	TABLES,
	VECTOR_SIZE,
	VECTORS,
	X87_REGISTER_SIZE,
	X87_REGISTERS,
	ZERO,
} from "../../src/core/state.ts";
import { buildTables } from "../../src/translate/tables.ts";
import { type CodeSize, decode, type Instruction } from "../../src/x86/disassembler/decode.ts";
import { isVectorKind, type Operand, type Variant } from "../../src/x86/expand.ts";
import { rows } from "../../src/x86/rows/index.ts";
import { compileCore } from "../core/compile.ts";

interface Driver {
	memory: WebAssembly.Memory;
	bytesAt(): number;
	recordAt(): number;
	run(count: number, mode: number): number;
}

const MODES: Record<CodeSize, number> = { 16: 0, 32: MODE_32, 64: MODE_64 };
const SP = 4;
const BP = 5;

const compile = (): Promise<Driver> =>
	compileCore("test/decode/driver/driver.ts", ["--initialMemory", "128", "--memoryBase", "1024"]);

/** What the processor makes of bytes, field by field. */
interface Decoded {
	variant: Variant;
	length: number;
	record: DataView;
}

export class ProcessorDecoder {
	readonly #driver: Driver;
	readonly #variants: Variant[];
	readonly #bytes: Uint8Array;
	readonly #record: DataView;

	private constructor(driver: Driver) {
		const { variants, bytes } = buildTables(rows);
		const { buffer } = driver.memory;
		new Uint8Array(buffer).set(bytes, TABLES);
		this.#driver = driver;
		this.#variants = variants;
		this.#bytes = new Uint8Array(buffer, driver.bytesAt(), 16);
		this.#record = new DataView(buffer, driver.recordAt(), 64);
	}

	static async open(): Promise<ProcessorDecoder> {
		return new ProcessorDecoder(await compile());
	}

	/** Undefined for what raises #UD, or #GP by its length. */
	decode(bytes: Uint8Array, mode: CodeSize): Decoded | undefined {
		this.#bytes.fill(0);
		this.#bytes.set(bytes);
		const length = this.#driver.run(bytes.length, MODES[mode]);
		const op = this.#record.getUint16(REC_OP, true);
		if (length === 0 || op === OP_UNDEFINED) return undefined;
		return { variant: this.#variants[op - FIRST_VARIANT], length, record: this.#record };
	}

	/** Where the processor and the disassembler do not read the same; undefined where they do. */
	difference(bytes: Uint8Array, mode: CodeSize): string | undefined {
		const ours = this.decode(bytes, mode);
		const rowsSay = decode(bytes, mode);
		if (!rowsSay && (!ours || refusesLater(ours.variant))) return undefined;
		if (!rowsSay) return `${ours!.variant.name} by the processor, nothing by the disassembler`;
		if (!ours) return `${rowsSay.variant.name} by the disassembler, nothing by the processor`;
		return fieldDifference(rowsSay, ours);
	}
}

/**
 * Segment, control and debug registers that do not exist, and gathers that name a register twice, raise #UD when the
 * instruction is executed.
 */
const refusesLater = ({ operands, options }: Variant): boolean =>
	options.vsib === true || operands.some(({ kind }) => "SCD".includes(kind));

const KEYS = ["row", "form", "operandSize", "long", "length", "opcode"] as const;

function fieldDifference(rowsSay: Instruction, ours: Decoded): string | undefined {
	const wrongVariant = KEYS.some((key) => rowsSay.variant[key] !== ours.variant[key]);
	if (wrongVariant)
		return `${rowsSay.variant.name} by the disassembler, ${ours.variant.name} by the processor`;
	const { record } = ours;
	for (const [offset, name, expected] of expectedFields(rowsSay)) {
		const found = FIELD_READERS[name](record, offset);
		if (found !== BigInt(expected))
			return `${name}: ${expected} by the disassembler, ${found} by the processor`;
	}
	return undefined;
}

type Field = [offset: number, name: keyof typeof FIELD_READERS, expected: bigint | number];

const FIELD_READERS = {
	length: (record: DataView, at: number) => BigInt(record.getUint8(at)),
	register: (record: DataView, at: number) => BigInt(record.getUint16(at, true)),
	scale: (record: DataView, at: number) => BigInt(record.getUint8(at)),
	displacement: (record: DataView, at: number) => record.getBigInt64(at, true),
	immediate: (record: DataView, at: number) => record.getBigInt64(at, true),
	sizes: (record: DataView, at: number) => BigInt(record.getUint16(at, true) & ~INFO_SEGMENT & ~8),
	segment: (record: DataView, at: number) => BigInt(record.getUint16(at, true) & INFO_SEGMENT),
};

function expectedFields(instruction: Instruction): Field[] {
	const { length, variant } = instruction;
	return [
		[REC_LENGTH, "length", length],
		[REC_INFO, "sizes", sizes(instruction)],
		...registerFields(instruction),
		...(instruction.address ? addressFields(instruction) : []),
		...immediateField(instruction),
		...(variant.encoding.vex ? vexFields(instruction) : []),
	];
}

function sizes({ prefixes, operandSize, addressSize, variant }: Instruction): number {
	// A VEX prefix's W and L take the operand size's place while the tables are looked up; what is kept is the row's.
	const size = Math.log2(operandSize / 8) << INFO_OPERAND_SHIFT;
	const address = Math.log2(addressSize / 8) << INFO_ADDRESS_SHIFT;
	const repeat = variant.encoding.vex ? 0 : prefixes.repeat;
	const rep = repeat === 0xf3 ? INFO_REP : repeat ? INFO_REPNE : 0;
	return size | address | rep | (prefixes.lock ? INFO_LOCK : 0);
}

/** Where a register lies in the state block, or its number where it has no place there. */
function place(operand: Operand, number: number, rex: number): number {
	const { kind, width } = operand;
	if (kind === "S") return number & 7;
	if ("CD".includes(kind)) return number;
	if (isVectorKind(kind)) return VECTORS + number * VECTOR_SIZE;
	if ("PQN".includes(kind)) return X87_REGISTERS + (number & 7) * X87_REGISTER_SIZE;
	return width === 8 && !rex && number >= 4 ? (number - 4) * 8 + 1 : number * 8;
}

function registerFields({ variant, reg, rm, prefixes }: Instruction): Field[] {
	const { operands, form } = variant;
	const { rex } = prefixes;
	const of = (kinds: string) =>
		operands.find(({ kind }) => kind !== "fixed" && kind !== "ST" && kinds.includes(kind));
	const inReg = of("GSCDVP");
	const inRm = of("Z") ?? (form === "register" ? of("ERWUQN") : undefined);
	return [
		...(inReg ? [[REC_REG, "register", place(inReg, reg, rex)] as Field] : []),
		...(inRm ? [[REC_RM, "register", place(inRm, rm, rex)] as Field] : []),
	];
}

function addressFields({ address, variant, length, prefixes, mode }: Instruction): Field[] {
	const { base, index, scale, displacement, ripRelative } = address!;
	const indexPlace = variant.options.vsib ? VECTORS + index * VECTOR_SIZE : index < 0 ? ZERO : index * 8;
	const usual = base === SP || base === BP ? 2 : 3;
	const segment = prefixes.segment ?? usual;
	return [
		[REC_BASE, "register", ripRelative ? PAGE_BASE : base < 0 ? ZERO : base * 8],
		[REC_INDEX, "register", indexPlace],
		[REC_SCALE, "scale", index < 0 ? 0 : Math.log2(scale)],
		[REC_DISPLACEMENT, "displacement", ripRelative ? displacement + BigInt(length) : displacement],
		...(mode !== 64 || segment >= 4 ? [[REC_INFO, "segment", segment] as Field] : []),
	];
}

/** The x87's rows keep their last opcode there instead, and an immediate beside a vector register lies with it. */
function immediateField({ variant, immediates, length, operandSize, addressSize }: Instruction): Field[] {
	const kinds = variant.operands.map(({ kind }) => kind);
	if (!immediates.length || kinds.includes("L") || variant.encoding.vex) return [];
	const unsigned = (value: bigint, bits: number) => BigInt.asUintN(bits, value);
	let value = immediates[0];
	if (kinds.includes("J")) value += BigInt(length);
	else if (kinds.includes("A"))
		value = unsigned(value, operandSize === 16 ? 16 : 32) | (unsigned(immediates[1], 16) << 32n);
	else if (kinds.includes("O") && addressSize < 64) value = unsigned(value, addressSize);
	else if (immediates.length === 2) value = unsigned(value, 16) | (unsigned(immediates[1], 8) << 16n);
	return [[REC_IMMEDIATE, "immediate", value]];
}

function vexFields({ variant, vvvv, immediates, mode }: Instruction): Field[] {
	const has = (kind: string) => variant.operands.some((operand) => operand.kind === kind);
	const named = has("H") ? VECTORS + vvvv * VECTOR_SIZE : vvvv * 8;
	const last = (Number(immediates[0] ?? 0n) >> 4) & (mode === 64 ? 15 : 7);
	return [
		...(has("H") || has("B") ? [[REC_VVVV, "register", named] as Field] : []),
		...(has("L") ? [[REC_IS4, "register", VECTORS + last * VECTOR_SIZE] as Field] : []),
	];
}
