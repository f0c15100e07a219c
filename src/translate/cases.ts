/**
 * The interpreter's cases: which variant a record's REC_OP means. Cases in line come first; behind them lie those that are
 * functions of their own.
 *
 * Reading all rows takes tens of milliseconds, so it is done when Gantry is built. What is kept, behind the decode tables, is
 * each case's row and which of the row's variants it is; a running processor reads the few rows that it comes to ask about.
 */
import { CASE_SIZE, CASES_OFFSET } from "../core/descriptor.ts";
import { FIRST_VARIANT } from "../core/state.ts";
import { expandRow, type Variant, variantOf } from "../x86/expand.ts";
import type { Row } from "../x86/row.ts";

export interface Case {
	variant: Variant;
	/** The row's number, and which of its variants it is. */
	row: number;
	which: number;
}

/**
 * Whether a variant is a case in line: what 32-bit and 64-bit code is made of. The loop is one function, which the engine
 * compiles whole before the first instruction runs, and optimises whole while the guest goes slowly.
 */
export function isInline({ options, operandSize, operands, form }: Variant): boolean {
	const { cold = false } = options;
	if (cold === true || cold === form) return false;
	return operandSize !== 16 || operands.every(({ width, notation }) => width === 8 && notation !== "Jb");
}

/** All variants of the rows, in the order of the cases. @throws on unknown notation, naming the row */
export function casesOf(rows: readonly Row[]): Case[] {
	const all = rows.flatMap((row, number) =>
		expandRow(row).map((variant, which): Case => ({ variant, row: number, which })),
	);
	const inline = all.filter(({ variant }) => isInline(variant));
	return [...inline, ...all.filter(({ variant }) => !isInline(variant))];
}

/** As `Cases` reads them. */
export const encodeCases = (cases: readonly Case[]): Uint16Array =>
	Uint16Array.from(cases.flatMap(({ row, which }) => [row, which]));

/** A variant by its case, read from its row when it is first asked for. */
export class Cases {
	readonly #known: (Variant | undefined)[] = [];
	readonly #table: DataView;

	/** @param tables the decode tables, built from the same rows */
	constructor(
		private readonly rows: readonly Row[],
		tables: Uint8Array,
	) {
		const view = new DataView(tables.buffer, tables.byteOffset, tables.byteLength);
		this.#table = new DataView(view.buffer, view.byteOffset + view.getUint32(CASES_OFFSET, true));
	}

	/** Undefined where it is no instruction: what ends a block that was cut, an undefined opcode. */
	variant(op: number): Variant | undefined {
		if (op < FIRST_VARIANT) return undefined;
		return (this.#known[op] ??= this.#read((op - FIRST_VARIANT) * CASE_SIZE));
	}

	#read(at: number): Variant {
		const row = this.#table.getUint16(at, true);
		return variantOf(this.rows[row], this.#table.getUint16(at + 2, true));
	}
}
