// Integers to floating point and back.

import { clearRaised, IE, PE, raise, raised, rounding, setRounding, setRoundedUp, TOWARD_ZERO } from "./environment";
import { roundToIntegral } from "./round";
import { NORMAL, normalize, set, setZero, Unpacked, ZERO } from "./unpacked";

/** Exact. */
export function fromI64(u: Unpacked, value: i64): void {
	if (value == 0) {
		setZero(u, 0);
		return;
	}
	const sign: u32 = value < 0 ? 1 : 0;
	fromMagnitude(u, sign, value < 0 ? <u64>-value : <u64>value);
}

export function fromMagnitude(u: Unpacked, sign: u32, magnitude: u64): void {
	set(u, NORMAL, sign, 63, magnitude, 0);
	normalize(u);
}

/** The integer indefinite: what a masked #I leaves in a destination of `bits`. */
@inline
export function integerIndefinite(bits: u32): i64 {
	return (<i64>-1) << (bits - 1);
}

/** Rounds to a signed integer of `bits`; what does not fit is invalid. `u` is rounded in place. */
export function toInteger(u: Unpacked, bits: u32, truncate: bool): i64 {
	if (u.kind == ZERO) return 0;
	const before = raised;
	const mode = rounding;
	if (truncate) setRounding(TOWARD_ZERO);
	roundToIntegral(u);
	setRounding(mode);
	if (u.kind == ZERO) return 0;
	if (u.kind == NORMAL && u.exponent < 64) {
		const magnitude = u.high >> (63 - u.exponent);
		const limit: u64 = <u64>1 << (bits - 1);
		if (magnitude < limit || (magnitude == limit && u.sign)) return u.sign ? -<i64>magnitude : <i64>magnitude;
	}
	// Invalid alone: the rounding on the way does not count.
	if (!(before & PE)) clearRaised(PE);
	setRoundedUp(false);
	raise(IE);
	return integerIndefinite(bits);
}
