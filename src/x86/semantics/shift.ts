import type { Bit, Builder, Semantics, Value } from "../builder.ts";

/** The count is taken modulo 32, or 64 for 64-bit operands; with a count of zero no flag changes. */
const masked = (width: number, count: Value) => count.zext(32).and(width === 64 ? 63 : 31);

const topBit = (value: Value): Bit => value.isNegative();

/** Bytes and words are shifted as 32-bit values, so counts up to 31 need no special case. */
const wide = (value: Value, signed: boolean): Value =>
	value.width >= 32 ? value : signed ? value.sext(32) : value.zext(32);

const lowBit = (value: Value): Bit => value.zext(32).and(1);

/**
 * A shift: `shifted` is the result before it is cut to the operand's width, `last` the last bit
 * shifted out. A destination is always written (a 32-bit one zeroes the upper half even for count 0);
 * flags only for a count above zero.
 */
function finish(b: Builder, count: Value, result: Value, carry: Bit, overflow: Bit): Value {
	b.if(count.ne(0), () => b.flags.result(result, carry, overflow));
	return result;
}

export const shl: Semantics = (b, dst, by) => {
	const count = masked(dst.width, by);
	const operand = wide(dst, false);
	const result = operand.shl(count).zext(dst.width);
	const before = operand.shl(count.sub(1));
	const carry = dst.width >= 32 ? topBit(before) : lowBit(before.shr(dst.width - 1));
	// A count past a byte's or word's width by one and more shifts zeros out.
	return finish(b, count, result, carry, topBit(result).xor(carry));
};

export const shr: Semantics = (b, dst, by) => {
	const count = masked(dst.width, by);
	const operand = wide(dst, false);
	const result = operand.shr(count).zext(dst.width);
	const carry = lowBit(operand.shr(count.sub(1)));
	// OF is the top bit of the operand for a count of 1, undefined for more: silicon gives the
	// exclusive or of the result's two top bits, which is the same for 1.
	return finish(b, count, result, carry, topBit(result.xor(result.shl(1))));
};

export const sar: Semantics = (b, dst, by) => {
	const count = masked(dst.width, by);
	const operand = wide(dst, true);
	const result = operand.sar(count).zext(dst.width);
	const carry = lowBit(operand.sar(count.sub(1)));
	return finish(b, count, result, carry, b.constant(32, 0));
};

/** Rotates a value of any width: two shifts, or the machine's rotation where there is one. */
function rotateLeft(value: Value, count: Value): Value {
	if (value.width >= 32) return value.rotl(count);
	const within = count.and(value.width - 1);
	const bits = value.zext(32);
	const back = within.neg().and(value.width - 1);
	return bits.shl(within).or(bits.shr(back)).zext(value.width);
}

export const rol: Semantics = (b, dst, by) => {
	const count = masked(dst.width, by);
	const result = rotateLeft(dst, count);
	b.if(count.ne(0), () => {
		const carry = lowBit(result);
		b.flags.setCarryOverflow(carry, topBit(result).xor(carry));
	});
	return result;
};

export const ror: Semantics = (b, dst, by) => {
	const count = masked(dst.width, by);
	const result = rotateLeft(dst, count.neg().and(dst.width - 1));
	b.if(count.ne(0), () => {
		const carry = topBit(result);
		b.flags.setCarryOverflow(carry, topBit(result.shl(1)).xor(carry));
	});
	return result;
};

/** RCL, RCR: a rotation through width + 1 bits, in core/. The carry comes back beside the result. */
const throughCarry =
	(name: string): Semantics =>
	(b, dst, by) => {
		const count = masked(dst.width, by);
		const carryIn = b.flags.carry;
		const width = b.constant(32, dst.width);
		const arguments_ = [dst.zext(64), count, carryIn, width];
		const result = b.compute(name, 64, arguments_).zext(dst.width);
		const carry = b.compute(`${name}Carry`, 32, arguments_);
		b.if(count.ne(0), () => {
			const overflow =
				name === "rotateCarryLeft" ? topBit(result).xor(carry) : topBit(result.xor(result.shl(1)));
			b.flags.setCarryOverflow(carry, overflow);
		});
		return result;
	};
export const rcl = throughCarry("rotateCarryLeft");
export const rcr = throughCarry("rotateCarryRight");

/** SHLD, SHRD. Words with a count above 16 are undefined; core/ does with words what processors do. */
const double =
	(left: boolean): Semantics =>
	(b, dst, src, by) => {
		const count = masked(dst.width, by);
		const [result, carry] =
			dst.width === 16 ? doubleWord(b, dst, src, count, left) : doubleWide(b, dst, src, count, left);
		return finish(b, count, result, carry, topBit(result).xor(topBit(dst)));
	};

/** Both halves are shifted at once; a count of zero must not bring in the source whole. */
function doubleWide(b: Builder, dst: Value, src: Value, count: Value, left: boolean): [Value, Bit] {
	const back = count.neg(); // modulo the width, as shifts take it
	const joined = left ? dst.shl(count).or(src.shr(back)) : dst.shr(count).or(src.shl(back));
	const carry = left ? lowBit(dst.shr(back)) : lowBit(dst.shr(count.sub(1)));
	return [b.select(count.isZero(), dst, joined), carry];
}

function doubleWord(b: Builder, dst: Value, src: Value, count: Value, left: boolean): [Value, Bit] {
	const name = left ? "shiftDoubleLeft" : "shiftDoubleRight";
	const operands = [dst.zext(64), src.zext(64), count, b.constant(32, dst.width)];
	return [b.compute(name, 64, operands).zext(dst.width), b.compute(`${name}Carry`, 32, operands)];
}

export const shld = double(true);
export const shrd = double(false);
