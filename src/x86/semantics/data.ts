import type { Builder, Semantics, Value } from "../builder.ts";

export const mov: Semantics = (_, src) => src;
export const xchg: Semantics = (_, a, c) => [c, a];
export const movzx: Semantics = (b, src) => src.zext(b.width);
export const movsx: Semantics = (b, src) => src.sext(b.width);
export const lea: Semantics = (b, offset) => offset.zext(b.width);

export const cmovcc: Semantics = (b, dst, src) => b.select(b.flags.condition(b.opcode & 15), src, dst);
export const setcc: Semantics = (b) => b.flags.condition(b.opcode & 15).zext(8);

export const push: Semantics = (b, src) => b.push(src.sext(b.operandSize));
export const pop: Semantics = (b) => b.pop(b.operandSize);
/** POP to memory: the address is formed after RSP was incremented, so it is done in one piece. */
export const popMemory: Semantics = (b) => b.core("popMemory");

export const leave: Semantics = (b) => b.leave();
export const enter: Semantics = (b) => b.core("enter");
export const pusha: Semantics = (b) => b.core("pushAll");
export const popa: Semantics = (b) => b.core("popAll");

/** MOV Ew, Sw and PUSH Sw read the selector; a 32- or 64-bit register is zero-extended. */
export const fromSegment: Semantics = (b, selector) => selector.zext(b.width);

export const xlat: Semantics = (b) => b.core("translateByte");
export const nothing: Semantics = () => {};

/** A core function that does the whole instruction, given the operands that the row reads. */
export const core =
	(name: string): Semantics =>
	(b, ...operands) =>
		b.core(name, ...operands.map((v) => (v.width < 32 ? v.zext(32) : v)));
/** The same for instructions that name a segment register in their opcode. */
export const segment =
	(name: string, number: number): Semantics =>
	(b, ...operands) =>
		b.core(name, b.constant(32, number), ...operands);
export const undefinedOpcode: Semantics = (b) => b.fault("UD");

export const lahf: Semantics = (b) => {
	const flags = b.compute("readFlags", 32, []);
	b.setRegister(4, 8, flags.zext(8));
};

const carryFlag =
	(value: (carry: Value, b: Builder) => Value): Semantics =>
	(b) =>
		b.flags.setCarry(value(b.flags.carry, b));
export const clc = carryFlag((_, b) => b.constant(32, 0));
export const stc = carryFlag((_, b) => b.constant(32, 1));
export const cmc = carryFlag((carry) => carry.xor(1));
export const salc: Semantics = (b) => b.constant(8, 0).sub(b.flags.carry.zext(8));
