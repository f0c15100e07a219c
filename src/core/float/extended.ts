// Conversions out of the double extended format as the x87 makes them: NaNs and what is unsupported are
// invalid where the SDM says so, C1 tells which way the rounding went.

import { IE, isForbidden, raise } from "./environment";
import { toInteger } from "./integers";
import { invalid } from "./operations";
import { roundF32, roundF64, roundToIntegral } from "./round";
import { copy, noteDenormal, packF32, packF64, QNAN, QUIET_BIT, R, SNAN, UNSUPPORTED, Unpacked } from "./unpacked";

/** A NaN or an unsupported number becomes what a masked #I makes of it; others are left alone. */
function settle(u: Unpacked): void {
	if (u.kind == UNSUPPORTED) {
		invalid();
		copy(u, R);
	} else if (u.kind == SNAN) {
		raise(IE);
		u.kind = QNAN;
		u.high |= QUIET_BIT;
	}
}

/** FST m32fp. */
export function storeF32(u: Unpacked): u32 {
	settle(u);
	roundF32(u);
	return packF32(u);
}

/** FST m64fp. */
export function storeF64(u: Unpacked): u64 {
	settle(u);
	roundF64(u);
	return packF64(u);
}

/** FIST, FISTP, FISTTP. */
export function storeInteger(u: Unpacked, bits: u32, truncate: bool): i64 {
	return toInteger(u, bits, truncate);
}

/** FRNDINT. */
export function toIntegralX87(u: Unpacked): void {
	settle(u);
	noteDenormal(u);
	if (!isForbidden()) roundToIntegral(u);
}
