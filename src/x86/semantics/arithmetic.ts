import type { Bit, Builder, Semantics, Value, Width } from "../builder.ts";

export const add: Semantics = (b, dst, src) => {
	const sum = dst.add(src);
	b.flags.addition(sum, dst, src);
	return sum;
};

export const adc: Semantics = (b, dst, src) => {
	const sum = dst.add(src).add(b.flags.carry.zext(dst.width));
	b.flags.addition(sum, dst, src, true);
	return sum;
};

export const sub: Semantics = (b, dst, src) => {
	const difference = dst.sub(src);
	b.flags.subtraction(difference, dst, src);
	return difference;
};

export const sbb: Semantics = (b, dst, src) => {
	const difference = dst.sub(src).sub(b.flags.carry.zext(dst.width));
	b.flags.subtraction(difference, dst, src, true);
	return difference;
};

export const cmp: Semantics = (b, dst, src) => {
	b.flags.subtraction(dst.sub(src), dst, src);
};

const logic =
	(combine: (dst: Value, src: Value) => Value): Semantics =>
	(b, dst, src) => {
		const result = combine(dst, src);
		b.flags.logic(result);
		return result;
	};
export const and = logic((dst, src) => dst.and(src));
export const or = logic((dst, src) => dst.or(src));
export const xor = logic((dst, src) => dst.xor(src));

export const test: Semantics = (b, dst, src) => {
	b.flags.logic(dst.and(src));
};

export const inc: Semantics = (b, dst) => {
	const result = dst.add(1);
	b.flags.increment(result);
	return result;
};

export const dec: Semantics = (b, dst) => {
	const result = dst.sub(1);
	b.flags.decrement(result);
	return result;
};

export const neg: Semantics = (b, dst) => {
	const result = dst.neg();
	b.flags.subtraction(result, b.constant(dst.width, 0), dst);
	return result;
};

export const not: Semantics = (_, dst) => dst.not();

/** Where the high half of a product goes: AH for bytes, else rDX. */
function setHighAndLow(b: Builder, high: Value, low: Value): void {
	if (low.width === 8) {
		b.setRegister(0, 16, high.zext(16).shl(8).or(low.zext(16)));
		return;
	}
	b.setRegister(0, low.width, low);
	b.setRegister(2, low.width, high);
}

/** The high half of a product; of 64-bit factors it is computed in core/. */
function highHalf(b: Builder, a: Value, c: Value, signed: boolean): Value {
	const width = a.width;
	if (width === 64) return b.compute(signed ? "multiplyHighSigned" : "multiplyHighUnsigned", 64, [a, c]);
	const wide = (v: Value) => (signed ? v.sext(64) : v.zext(64));
	return wide(a).mul(wide(c)).shr(width).zext(width);
}

/** SF, ZF, PF are undefined after a multiplication; they follow the low half as on the processors of now. */
function multiplicationFlags(b: Builder, low: Value, lost: Bit): void {
	b.flags.result(low, lost, lost);
}

export const mul: Semantics = (b, src) => {
	const accumulator = b.register(0, src.width);
	const low = accumulator.mul(src);
	const high = highHalf(b, accumulator, src, false);
	multiplicationFlags(b, low, high.ne(0));
	setHighAndLow(b, high, low);
};

export const imul1: Semantics = (b, src) => {
	const accumulator = b.register(0, src.width);
	const low = accumulator.mul(src);
	const high = highHalf(b, accumulator, src, true);
	multiplicationFlags(b, low, high.ne(low.sar(src.width - 1)));
	setHighAndLow(b, high, low);
};

/** The two- and three-operand forms: the product is cut to the operand's width. */
const imulCut = (b: Builder, a: Value, c: Value): Value => {
	const low = a.mul(c);
	const lost = () =>
		a.width === 64 ? highHalf(b, a, c, true).ne(low.sar(63)) : a.sext(64).mul(c.sext(64)).ne(low.sext(64));
	b.flags.product(low, a, c, lost);
	return low;
};
export const imul2: Semantics = (b, dst, src) => imulCut(b, dst, src);
export const imul3: Semantics = (b, src, immediate) => imulCut(b, src, immediate);

/** The high half of a dividend: AH for bytes, else rDX. */
const highDividend = (b: Builder, width: Width): Value =>
	width === 8 ? b.register(0, 16).shr(8).zext(8) : b.register(2, width);

/** Quotient and remainder of the dividend's low half, its high half being what the sign or zero extends it to. */
function divideLow(b: Builder, by: Value, quotient: (low: Value) => Value): void {
	const low = b.register(0, by.width);
	const found = quotient(low);
	setHighAndLow(b, low.sub(found.mul(by)), found);
}

/** #DE and dividends of both halves are core/'s. */
export const div: Semantics = (b, src) => {
	const unusual = () => highDividend(b, src.width).ne(0).or(src.isZero());
	if (!b.usually(unusual, `divide${src.width}`, src.zext(64))) return;
	const wide = src.width === 64 ? 64 : 32;
	divideLow(b, src, (low) => low.zext(wide).divU(src.zext(wide)).zext(src.width));
};

/** A divisor of -1 is core/'s too: it is the one whose quotient may not fit. */
export const idiv: Semantics = (b, src) => {
	const { width } = src;
	const isExtended = () => highDividend(b, width).eq(b.register(0, width).sar(width - 1));
	const unusual = () => isExtended().isZero().or(src.isZero()).or(src.eq(-1));
	if (!b.usually(unusual, `divideSigned${width}`, src.zext(64))) return;
	divideLow(b, src, (low) => low.divS(src));
};

export const cbw: Semantics = (b) => {
	const half = (b.operandSize / 2) as Width;
	b.setRegister(0, b.operandSize, b.register(0, half).sext(b.operandSize));
};

export const cwd: Semantics = (b) => {
	const width = b.operandSize;
	b.setRegister(2, width, b.register(0, width).sar(width - 1));
};

export const xadd: Semantics = (b, dst, src) => {
	const sum = dst.add(src);
	b.flags.addition(sum, dst, src);
	return [sum, dst];
};

/** Memory is written in either case, as the bus cycle is (SDM 2A, "CMPXCHG"); a register only when they are equal. */
export const cmpxchg: Semantics = (b, dst, src) => {
	const accumulator = b.register(0, dst.width);
	const equal = accumulator.eq(dst);
	b.flags.subtraction(accumulator.sub(dst), accumulator, dst);
	b.if(equal.isZero(), () => b.setRegister(0, dst.width, dst));
	return b.orKeep(equal, src, dst);
};

export const bcd =
	(name: string): Semantics =>
	(b, immediate) =>
		b.core(name, ...(immediate ? [immediate.zext(32)] : []));
