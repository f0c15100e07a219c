import type { Builder, Semantics, Value } from "../builder.ts";

/** The x87's registers become MMX registers. The operands have been read by then, so nothing faults any more. */
const enter = (b: Builder): void => void b.compute("enterMmx", 32, []);

/** A function of core/mmx.ts on two operands, as 64 bits each. */
export const mmx =
	(name: string): Semantics =>
	(b, ...operands) => {
		enter(b);
		return b.compute(
			name,
			64,
			operands.map((operand) => operand.zext(64)),
		);
	};

/** The same with an immediate byte behind. */
export const withImmediate =
	(name: string): Semantics =>
	(b, ...operands) => {
		enter(b);
		const immediate = operands.at(-1)!.zext(32);
		return b.compute(name, 64, [...operands.slice(0, -1), immediate]);
	};

/** PUNPCKH: the low halves' function on what lies above them. */
export const high =
	(name: string): Semantics =>
	(b, first, second) => {
		enter(b);
		return b.compute(name, 64, [first.shr(32), second.shr(32)]);
	};

const plain =
	(operation: (a: Value, b: Value) => Value): Semantics =>
	(b, first, second) => {
		enter(b);
		return operation(first, second);
	};
export const pand = plain((a, b) => a.and(b));
export const pandn = plain((a, b) => a.not().and(b));
export const por = plain((a, b) => a.or(b));
export const pxor = plain((a, b) => a.xor(b));
export const paddq = plain((a, b) => a.add(b));
export const psubq = plain((a, b) => a.sub(b));

/** MOVD and MOVQ: zero-extended to the register, cut to the operand. */
export const move: Semantics = (b, source) => {
	enter(b);
	return source.zext(b.width);
};

const WORD = 16;
/** The immediate's low two bits say which word, as a shift count. */
const wordShift = (index: Value): Value => index.zext(64).and(3).mul(WORD);

export const pinsrw: Semantics = (b, destination, source, index) => {
	enter(b);
	const by = wordShift(index);
	const hole = b.constant(64, 0xffff).shl(by).not();
	return destination.and(hole).or(source.zext(64).and(0xffff).shl(by));
};

export const pextrw: Semantics = (b, source, index) => {
	enter(b);
	return source.shr(wordShift(index)).and(0xffff).zext(32);
};

export const pmovmskb: Semantics = (b, source) => {
	enter(b);
	return b.compute("pmovmskb", 32, [source]);
};
