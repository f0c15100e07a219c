import type { Semantics, Value } from "../builder.ts";

/** The whole instruction is a function of core/x87: its constants come first, then what the row reads. */
export const fpu =
	(name: string, ...constants: number[]): Semantics =>
	(b, ...operands) =>
		b.core(name, ...constants.map((value) => b.constant(32, value)), ...operands);

/** The same where the operand is an integer of memory. */
export const fpuInteger =
	(name: string, ...constants: number[]): Semantics =>
	(b, operand: Value) =>
		b.core(name, ...constants.map((value) => b.constant(32, value)), operand.sext(64));
