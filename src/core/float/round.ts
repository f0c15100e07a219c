// Rounding to a format: the one place where precision, overflow and underflow are decided
// (SDM 1, "Floating-Point Exceptions"). Tininess is detected after rounding.

import {
	DOWN, flushToZero, isMasked, NEAREST, OE, PE, raise, rounding, setRoundedUp, UE, UP,
} from "./environment";
import { INTEGER_BIT, NORMAL, setInfinity, setZero, Unpacked } from "./unpacked";
import { high, low, shiftRightJam } from "./wide";

/** What an unmasked overflow or underflow takes from or adds to the exponent of a register's result (SDM 1, "Numeric Overflow Exception (#O)"). */
const WRAP: i32 = 24576;

/** The discarded bits, as a fraction of the last place: 0 none, 1 less than half, 2 half, 3 more. */
function discarded(h: u64, l: u64, bits: u32): u32 {
	let fraction: u64;
	let rest: u64;
	if (bits == 0) {
		fraction = l;
		rest = 0;
	} else {
		fraction = h << (64 - bits);
		rest = l;
	}
	if (!(fraction | rest)) return 0;
	if (!(fraction & INTEGER_BIT)) return 1;
	return (fraction << 1) | rest ? 3 : 2;
}

/** Whether the magnitude goes up. */
export function roundsUp(sign: u32, odd: bool, part: u32): bool {
	if (rounding == NEAREST) return part == 3 || (part == 2 && odd);
	if (rounding == DOWN) return sign != 0 && part != 0;
	if (rounding == UP) return sign == 0 && part != 0;
	return false;
}

let inexact: bool = false;

/**
 * Cuts the significand to 64 - `bits` bits. A carry out of bit 63 goes to the exponent, one into it makes a denormal normal.
 * Sets `inexact` and C1.
 */
function cut(u: Unpacked, bits: u32): void {
	const part = discarded(u.high, u.low, bits);
	const unit: u64 = <u64>1 << bits;
	const up = roundsUp(u.sign, (u.high & unit) != 0, part);
	inexact = part != 0;
	setRoundedUp(up);
	u.low = 0;
	u.high &= ~(unit - 1);
	if (!up) return;
	u.high += unit;
	if (u.high) return;
	u.high = INTEGER_BIT;
	u.exponent++;
}

/** Whether it is still below the format's range once it is rounded as if the range had no end. */
function isTiny(u: Unpacked, bits: u32, minimum: i32): bool {
	if (u.exponent >= minimum) return false;
	if (u.exponent < minimum - 1) return true;
	const unit: u64 = <u64>1 << bits;
	const allOnes = (u.high | (unit - 1)) == <u64>-1;
	return !(allOnes && roundsUp(u.sign, true, discarded(u.high, u.low, bits)));
}

function overflow(u: Unpacked, bits: u32, maximum: i32): void {
	raise(OE | PE);
	const toInfinity = rounding == NEAREST || rounding == (u.sign ? DOWN : UP);
	setRoundedUp(toInfinity);
	if (toInfinity) {
		setInfinity(u, u.sign);
		return;
	}
	u.exponent = maximum;
	u.high = ~((<u64>1 << bits) - 1);
}

function underflow(u: Unpacked, bits: u32, minimum: i32): void {
	if (flushToZero) {
		raise(UE | PE);
		setZero(u, u.sign);
		setRoundedUp(false);
		return;
	}
	shiftRightJam(u.high, u.low, <u32>min(minimum - u.exponent, 200));
	u.high = high;
	u.low = low;
	u.exponent = minimum;
	cut(u, bits);
	if (inexact) raise(UE | PE);
	if (!u.high) setZero(u, u.sign);
}

/**
 * Rounds a NORMAL to `precision` bits and to exponents from `minimum` to `maximum`. Other kinds are left alone.
 * @param wraps an unmasked overflow or underflow still gives a result, with its exponent wrapped (x87 registers);
 * without it the result means nothing then
 */
export function round(u: Unpacked, precision: u32, minimum: i32, maximum: i32, wraps: bool): void {
	if (u.kind != NORMAL) return;
	const bits = 64 - precision;
	if (isTiny(u, bits, minimum)) {
		if (isMasked(UE)) {
			underflow(u, bits, minimum);
			return;
		}
		raise(UE);
		if (wraps) u.exponent += WRAP;
		cut(u, bits);
	} else {
		cut(u, bits);
		if (u.exponent > maximum) {
			if (isMasked(OE)) {
				overflow(u, bits, maximum);
				return;
			}
			raise(OE);
			if (wraps) u.exponent -= WRAP;
		}
	}
	if (inexact) raise(PE);
}

@inline
export function roundF32(u: Unpacked): void {
	round(u, 24, -126, 127, false);
}

@inline
export function roundF64(u: Unpacked): void {
	round(u, 53, -1022, 1023, false);
}

/** @param precision 24, 53 or 64: the x87's precision control */
@inline
export function roundF80(u: Unpacked, precision: u32): void {
	round(u, precision, -16382, 16383, true);
}

/** To an integer of the same kind, in the rounding mode of now; #P if that changed it. */
export function roundToIntegral(u: Unpacked): void {
	if (u.kind != NORMAL || u.exponent >= 63 + 64) return;
	if (u.exponent >= 63) return; // operands have 64 bits
	if (u.exponent < 0) {
		shiftRightJam(u.high, u.low, <u32>min(-u.exponent, 200));
		u.high = high;
		u.low = low;
		u.exponent = 0;
	}
	cut(u, 63 - u.exponent);
	if (inexact) raise(PE);
	if (!u.high) setZero(u, u.sign);
}
