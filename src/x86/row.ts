import type { Semantics } from "./builder.ts";

/**
 * How an operand is used: r(ead), w(ritten), rw (both, memory checked for writing before it is
 * read), a(ddress: the linear address of M), m (the same, and it is modified there), e(ffective address: M's offset, as LEA wants it), n(umber of a segment, control or debug register), - (the semantics see to it).
 */
export type Access = "r" | "w" | "rw" | "a" | "m" | "e" | "n" | "-";

export interface RowOptions {
	/** #GP(0) unless CPL is 0. */
	privileged?: boolean;
	/** LOCK is allowed when the destination is memory. */
	lock?: boolean;
	/** In 64-bit mode the operand size is 64 (or 16 by prefix), never 32: stack operations and near branches. */
	default64?: boolean;
	/** As default64, and the operand-size prefix is ignored in 64-bit mode (near branches on Intel processors). */
	force64?: boolean;
	/** Semantics look at `b.operandSize` though no operand's width shows it. */
	sized?: boolean;
	/** Semantics look at `b.long`: read once for 64-bit mode, once for the others. Implied by `default64` and `force64`. */
	modal?: boolean;
	/** Only in 64-bit mode, or never in it. */
	only?: "64" | "legacy";
	/** Nothing after it belongs to its block: it may change where or how code runs. */
	ends?: boolean;
	/** The CPUID feature that brought it (features.ts); of no feature where every model has it. */
	feature?: string;
	/** Stays a call away from the interpreter's loop. */
	cold?: boolean;
	/** The operand size is this, whatever the prefixes say. */
	size?: 16 | 32 | 64;
}

/** One instruction: its encoding as the SDM prints it, its operands in opcode-map notation, what it does to them. */
export type Row = readonly [
	encoding: string,
	instruction: string,
	access: string,
	semantics: Semantics,
	options?: RowOptions,
];
