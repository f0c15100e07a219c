import * as S from "../core/state.ts";
import type { Bit, Flags, Ordered, Value } from "../x86/builder.ts";
import { WasmValue } from "./values.ts";
import type { Body } from "./wasm.ts";

const PF = 4;
const ZF = 0x40;

/**
 * The arithmetic flags as state.ts describes them: the last result, the vector of carries, and
 * where they stand. Recording is a few operations and three stores; reading never branches.
 */
export class LazyFlags implements Flags {
	/** @param cpu emits the address of the state block */
	constructor(
		private readonly body: Body,
		private readonly cpu: () => void,
	) {}

	addition(sum: Value, a: Value, b: Value): void {
		// The carry out of each bit: both operands have it, or one has and the sum has not.
		this.#record(sum, a.and(b).or(a.or(b).and(sum.not())));
	}

	subtraction(difference: Value, a: Value, b: Value): void {
		const lacking = a.not();
		this.#record(difference, lacking.and(b).or(lacking.or(b).and(difference)));
	}

	logic(result: Value): void {
		this.#record(result, this.#constant(result, 0));
	}

	increment(result: Value): void {
		this.#step(result, result.eq(smallest(result)), 0);
	}

	decrement(result: Value): void {
		this.#step(result, result.eq(smallest(result).not()), 15);
	}

	result(result: Value, carry: Bit, overflow: Bit): void {
		this.#store(S.FLAGS_RESULT, result.sext(64));
		this.#store(S.FLAGS_META, this.#long(0));
		this.#store(S.FLAGS_CARRIES, topBits(carry, overflow));
	}

	product(low: Value, _a: Value, _b: Value, lost: () => Bit): void {
		const overflow = lost();
		this.result(low, overflow, overflow);
	}

	setCarryOverflow(carry: Bit, overflow: Bit): void {
		const adjust = this.#load(S.FLAGS_CARRIES).and(8);
		this.#store(S.FLAGS_CARRIES, adjust.or(topBits(carry, overflow)));
		this.#store(S.FLAGS_META, this.#load(S.FLAGS_META).and(~63));
	}

	setCarry(carry: Bit): void {
		this.setCarryOverflow(carry, this.overflow);
	}

	setZero(zero: Bit): void {
		// A result that is zero, or one that is not, with SF and PF kept by their deltas.
		const result = this.#load(S.FLAGS_RESULT);
		const meta = this.#load(S.FLAGS_META);
		const sign = result.xor(meta).shr(63).shl(63);
		const parity = result.xor(meta.shr(8)).and(255).popcnt().and(1);
		const next = zero.xor(1).zext(64);
		const delta = parity.xor(next).shl(8);
		this.#store(S.FLAGS_META, meta.and(63).or(sign).or(delta));
		this.#store(S.FLAGS_RESULT, next);
	}

	/** A result of 1 has none of SF, ZF and PF, a result of 3 has PF. */
	order(_: Ordered, bits: () => Value): void {
		const given = bits();
		this.result(given.and(PF).shr(1).add(1), given.and(1), WasmValue.constant(this.body, 32, 0));
		this.setZero(given.and(ZF).ne(0));
	}

	get carry(): Bit {
		return this.#load(S.FLAGS_CARRIES).isNegative();
	}

	get overflow(): Bit {
		return this.#overflowSign().isNegative();
	}

	condition(code: number): Bit {
		const holds = this.#condition(code >> 1);
		return code & 1 ? holds.isZero() : holds;
	}

	/** Conditions by bits 3..1 of the code (SDM 1, "EFLAGS Condition Codes"). */
	#condition(pair: number): Bit {
		switch (pair) {
			case 0:
				return this.overflow;
			case 1:
				return this.carry;
			case 2:
				return this.#load(S.FLAGS_RESULT).isZero();
			case 3:
				return this.carry.or(this.#load(S.FLAGS_RESULT).isZero());
			case 4:
				return this.#load(S.FLAGS_RESULT).xor(this.#load(S.FLAGS_META)).isNegative();
			case 5:
				return this.#parity();
			case 6:
				return this.#less();
			default:
				return this.#less().or(this.#load(S.FLAGS_RESULT).isZero());
		}
	}

	#parity(): Bit {
		const bits = this.#load(S.FLAGS_RESULT).xor(this.#load(S.FLAGS_META).shr(8)).and(255);
		return bits.popcnt().and(1).isZero();
	}

	#less(): Bit {
		const sign = this.#load(S.FLAGS_RESULT).xor(this.#load(S.FLAGS_META));
		return sign.xor(this.#overflowSign()).isNegative();
	}

	#overflowSign(): Value {
		const carries = this.#load(S.FLAGS_CARRIES);
		return carries.xor(carries.shl(1)).shl(this.#load(S.FLAGS_META));
	}

	/** INC and DEC: OF and AF from the result, CF as it was. */
	#step(result: Value, overflow: Bit, adjustWhen: number): void {
		const carry = this.carry;
		const adjust = result.and(15).eq(adjustWhen).shl(3).zext(64);
		this.#store(S.FLAGS_CARRIES, topBits(carry, overflow).or(adjust));
		this.#store(S.FLAGS_RESULT, result.sext(64));
		this.#store(S.FLAGS_META, this.#long(0));
	}

	#record(result: Value, carries: Value): void {
		this.#store(S.FLAGS_RESULT, result.sext(64));
		this.#store(S.FLAGS_CARRIES, carries.sext(64));
		this.#store(S.FLAGS_META, this.#long(64 - result.width));
	}

	#constant(like: Value, value: number): Value {
		return WasmValue.constant(this.body, like.width, value);
	}

	#long(value: number): Value {
		return WasmValue.constant(this.body, 64, value);
	}

	#load(offset: number): Value {
		this.cpu();
		this.body.memory("i64.load", offset);
		return WasmValue.pop(this.body, 64);
	}

	#store(offset: number, value: Value): void {
		this.cpu();
		(value as WasmValue).emit();
		this.body.memory("i64.store", offset);
	}
}

const smallest = (like: Value): Value =>
	WasmValue.constant((like as WasmValue).body, like.width, -(2n ** BigInt(like.width - 1)));

/** Bits 63 and 62 of the carries, such that CF and OF read back as given when META's shift is 0. */
const topBits = (carry: Bit, overflow: Bit): Value =>
	carry.zext(64).shl(63).or(carry.xor(overflow).zext(64).shl(62));
