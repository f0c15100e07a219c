import type { Builder, Semantics, Value } from "../builder.ts";

type Change = (value: Value, bit: Value) => Value;

/** BT, BTS, BTR, BTC of a register or with an immediate: the bit number is taken modulo the width. */
const bitTest =
	(change?: Change): Semantics =>
	(b, dst, index) => {
		const number = index.zext(32).and(dst.width - 1);
		b.flags.setCarry(wide(dst).shr(number).zext(32).and(1));
		if (!change) return;
		const one = b.constant(dst.width === 64 ? 64 : 32, 1).shl(number);
		return change(wide(dst), one).zext(dst.width);
	};

/** Shifts are defined on 32 and 64 bits; narrower values are widened first. */
export const wide = (value: Value): Value => (value.width < 32 ? value.zext(32) : value);

const set: Change = (value, bit) => value.or(bit);
const reset: Change = (value, bit) => value.and(bit.not());
const complement: Change = (value, bit) => value.xor(bit);

export const bt = bitTest();
export const bts = bitTest(set);
export const btr = bitTest(reset);
export const btc = bitTest(complement);

/** With a register as bit number and memory as operand, the number reaches beyond the operand. */
export const bitString =
	(name: string): Semantics =>
	(b, address, index) =>
		b.core(
			"bitString",
			address,
			index.sext(64),
			b.constant(32, index.width),
			b.constant(32, ["bt", "bts", "btr", "btc"].indexOf(name)),
		);

/** BSF, BSR: with a source of zero, ZF is set and the destination stays as it is, as on every processor made. */
const scan =
	(find: (b: Builder, src: Value) => Value): Semantics =>
	(b, dst, src) => {
		b.flags.logic(src);
		return b.select(src.isZero(), dst, find(b, src).zext(dst.width));
	};
export const bsf = scan((_, src) => wide(src).ctz());
export const bsr = scan((b, src) =>
	b.constant(src.width === 64 ? 64 : 32, src.width === 64 ? 63 : 31).sub(wide(src).clz()),
);

/** The value's bytes in the other order. */
export function swapped(b: Builder, dst: Value): Value {
	if (dst.width === 64) return b.compute("swapBytes", 64, [dst]);
	if (dst.width === 16) return dst.shl(8).or(dst.shr(8));
	const odd = dst.and(0xff00ff00 | 0).shr(8);
	return odd.or(dst.and(0x00ff00ff).shl(8)).rotl(16);
}

/** Of a word it is undefined; processors give zero. */
export const bswap: Semantics = (b, dst) => (dst.width === 16 ? b.constant(16, 0) : swapped(b, dst));
