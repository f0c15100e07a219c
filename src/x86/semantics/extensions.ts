/**
 * General-purpose instructions that came after the 64-bit architecture: counting bits, BMI1 and BMI2, MOVBE, ADX, CRC32,
 * random numbers. Flags that the SDM leaves undefined follow the result, as the shifts' do.
 */
import type { Bit, Builder, Semantics, Value } from "../builder.ts";
import { swapped, wide } from "./bits.ts";

const zero = (b: Builder): Bit => b.constant(32, 0);

/** Every flag is cleared but ZF, which speaks of the source. */
export const popcnt: Semantics = (b, src) => {
	b.flags.result(b.constant(32, 1), zero(b), zero(b));
	b.flags.setZero(src.isZero());
	return wide(src).popcnt().zext(src.width);
};

/** LZCNT, TZCNT: CF says that the source is zero, ZF that the result is. */
const count =
	(result: (src: Value) => Value): Semantics =>
	(b, src) => {
		const found = result(src);
		b.flags.result(found, src.isZero(), zero(b));
		return found;
	};
export const lzcnt = count((src) => (src.width === 16 ? src.zext(32).clz().sub(16).zext(16) : src.clz()));
/** A bit beyond the operand ends the count for words. */
export const tzcnt = count((src) => (src.width === 16 ? src.zext(32).or(0x10000).ctz().zext(16) : src.ctz()));

export const andn: Semantics = (b, src1, src2) => {
	const result = src1.not().and(src2);
	b.flags.logic(result);
	return result;
};

/** BLSI, BLSMSK, BLSR: of the lowest bit that is set. */
const lowest =
	(combine: (src: Value) => Value, carry: (src: Value) => Bit): Semantics =>
	(b, src) => {
		const result = combine(src);
		b.flags.result(result, carry(src), zero(b));
		return result;
	};
export const blsi = lowest(
	(src) => src.and(src.neg()),
	(src) => src.ne(0),
);
export const blsmsk = lowest(
	(src) => src.xor(src.sub(1)),
	(src) => src.isZero(),
);
export const blsr = lowest(
	(src) => src.and(src.sub(1)),
	(src) => src.isZero(),
);

/** The low `count` bits of a value; `count` is of 32 bits, and from the width on means all. */
function lowBits(b: Builder, value: Value, bits: Value): Value {
	const mask = b.constant(value.width, 1).shl(bits).sub(1);
	return b.select(bits.ltU(value.width), value.and(mask), value);
}

/** The control's low byte says where the field starts, the next how long it is. */
export const bextr: Semantics = (b, src, control) => {
	const fields = control.zext(32);
	const start = fields.and(255);
	const shifted = b.select(start.ltU(src.width), src.shr(start), b.constant(src.width, 0));
	const result = lowBits(b, shifted, fields.shr(8).and(255));
	b.flags.logic(result);
	return result;
};

export const bzhi: Semantics = (b, src, index) => {
	const bits = index.zext(32).and(255);
	const result = lowBits(b, src, bits);
	b.flags.result(result, bits.ltU(src.width).xor(1), zero(b));
	return result;
};

export const pdep: Semantics = (b, src, mask) =>
	b.compute("depositBits", 64, [src.zext(64), mask.zext(64)]).zext(src.width);
export const pext: Semantics = (b, src, mask) =>
	b.compute("extractBits", 64, [src.zext(64), mask.zext(64)]).zext(src.width);

/** The high half goes to the first operand, and is what stays where both are one register. */
export const mulx: Semantics = (b, src) => {
	const factor = b.register(2, src.width);
	if (src.width === 64) return [b.compute("multiplyHighUnsigned", 64, [factor, src]), factor.mul(src)];
	const product = factor.zext(64).mul(src.zext(64));
	return [product.shr(32).zext(32), product.zext(32)];
};

/** SARX, SHLX, SHRX, RORX change no flag. */
const shiftOnly =
	(verb: "sar" | "shl" | "shr" | "rotr"): Semantics =>
	(_, src, by) =>
		src[verb](by.zext(32).and(src.width - 1));
export const sarx = shiftOnly("sar");
export const shlx = shiftOnly("shl");
export const shrx = shiftOnly("shr");
export const rorx = shiftOnly("rotr");

export const movbe: Semantics = (b, src) => swapped(b, src);

/** ADCX, ADOX: an addition whose carry goes in and out through one flag, the others untouched. */
const addWith =
	(flag: "carry" | "overflow"): Semantics =>
	(b, dst, src) => {
		const before = b.flags[flag];
		const sum = dst.add(src).add(before.zext(dst.width));
		const carry = sum.ltU(dst).or(before.and(sum.eq(dst)));
		if (flag === "carry") b.flags.setCarry(carry);
		else b.flags.setCarryOverflow(b.flags.carry, carry);
		return sum;
	};
export const adcx = addWith("carry");
export const adox = addWith("overflow");

/** The destination's low half is the checksum, whatever its width. */
export const crc32: Semantics = (b, dst, src) =>
	b.compute("checksum", 32, [dst.zext(32), src.zext(64), b.constant(32, src.width)]).zext(dst.width);

/** RDRAND, RDSEED: there is always a number, so CF is set. */
export const random: Semantics = (b) => {
	b.flags.result(b.constant(32, 1), b.constant(32, 1), zero(b));
	return b.compute("random", 64, []).zext(b.width);
};
