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
	/** Stays a call away from the interpreter's loop, in both forms or where its operand is memory. */
	cold?: boolean | "memory";
	/** A function of core/ that is called before any operand is reached, and may raise an exception: #NM, #MF. */
	check?: string;
	/** The operand size is this, whatever the prefixes say. */
	size?: 16 | 32 | 64;
	/**
	 * The instruction exists with a VEX prefix too, its mnemonic with a V before it. H, which is the destination itself without
	 * the prefix, is then VEX.vvvv's register, and the upper half of a destination is zeroed.
	 */
	vex?: VexTwin;
	/** Of a 16-byte memory operand: whether it must be aligned. By default without a VEX prefix, and not with it. */
	aligned?: boolean;
	/** A 256-bit operand is given to the semantics as two vectors, low and high; by default they are run for each half. */
	whole?: boolean;
	/** M is the lowest lane of a vector: read with zeros above, written alone. */
	lane?: boolean;
	/** M's index is a vector register (SDM 2A, "Vector SIB (VSIB) Memory Addressing"). */
	vsib?: boolean;
	/** #UD and #NM as for vector instructions, though no operand shows that it is one. */
	vector?: boolean;
}

/** Which vector lengths the twin has, by feature: `AVX` is both with AVX, `AVX,AVX2` 128 bits with one and 256 with the other. */
export type VexTwin = "AVX" | "AVX,AVX2" | "AVX LIG" | `${string} 128`;

/** One instruction: its encoding as the SDM prints it, its operands in opcode-map notation, what it does to them. */
export type Row = readonly [
	encoding: string,
	instruction: string,
	access: string,
	semantics: Semantics,
	options?: RowOptions,
];
