// Power series to more than 80 bits, for arguments that have been brought near zero. Each is evaluated from its
// last term on; how many terms there are follows from the greatest argument.

import { dividedBy, minus, over, plus, setOne, times } from "./precise";
import { NORMAL, normalize, set, setZero, Unpacked, ZERO } from "./unpacked";

const SQUARE = changetype<Unpacked>(memory.data(32, 8));
const TERM = changetype<Unpacked>(memory.data(32, 8));
const ONE = changetype<Unpacked>(memory.data(32, 8));

/** 1 - x^2 / (n (n + 1)) * (1 - x^2 / ((n + 2) (n + 3)) * ...), twelve of them, |x| at most pi / 4. */
function alternating(r: Unpacked, x: Unpacked, n: u32): void {
	times(SQUARE, x, x);
	setOne(ONE);
	setOne(r);
	for (let k: i32 = n + 24; k >= <i32>n; k -= 2) {
		times(TERM, SQUARE, r);
		dividedBy(TERM, TERM, k * (k + 1));
		minus(r, ONE, TERM);
	}
}

/** sin(x) to r. */
export function sine(r: Unpacked, x: Unpacked): void {
	alternating(r, x, 2);
	times(r, r, x);
}

export function cosine(r: Unpacked, x: Unpacked): void {
	alternating(r, x, 1);
}

/** e^x - 1, |x| at most ln 2. */
export function exponentialLessOne(r: Unpacked, x: Unpacked): void {
	setOne(ONE);
	setOne(r);
	for (let k: u32 = 24; k >= 2; k--) {
		times(TERM, x, r);
		dividedBy(TERM, TERM, k);
		plus(r, ONE, TERM);
	}
	times(r, r, x);
}

/** atanh(x) (or, alternating, atan(x)) by x + x^3 / 3 + x^5 / 5 ..., |x| at most 0.18. */
function odd(r: Unpacked, x: Unpacked, alternate: bool): void {
	times(SQUARE, x, x);
	if (alternate) SQUARE.sign ^= 1;
	setOne(ONE);
	setZero(r, 0);
	for (let k: i32 = 37; k >= 1; k -= 2) {
		times(r, r, SQUARE);
		dividedBy(TERM, ONE, k);
		plus(r, r, TERM);
	}
	times(r, r, x);
}

const TWO_OVER_LN2 = changetype<Unpacked>(memory.data(32, 8));
const LN2 = changetype<Unpacked>(memory.data(32, 8));

/** log2((1 + s) / (1 - s)) to r, |s| at most 0.18. */
export function logarithmOfRatio(r: Unpacked, s: Unpacked): void {
	odd(r, s, false);
	set(TWO_OVER_LN2, NORMAL, 0, 1, 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88);
	times(r, r, TWO_OVER_LN2);
}

/** 2^x - 1, |x| at most 1. */
export function powerLessOne(r: Unpacked, x: Unpacked): void {
	set(LN2, NORMAL, 0, -1, 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af);
	times(LN2, LN2, x);
	exponentialLessOne(r, LN2);
}

// --- arc tangent -------------------------------------------------------------------------------------------

/** atan(i / 8) for i from 1 to 8: exponent, significand. */
const ARC_TANGENTS = memory.data<u64>([
	-4, 0xfeadd4d5617b6e32, 0xc897989f3e888ef7, -3, 0xfadbafc96406eb15, 0x6dc79ef5f7a217e5, -2, 0xb7b0ca0f26f78473, 0x8aa32122dcfe4483,
	-2, 0xed63382b0dda7b45, 0x6fe445ecbc3a8d03, -1, 0x8f005d5ef7f59f9b, 0x5c835e1665c43747, -1, 0xa4bc7d1934f70924, 0x19a87f2a457dac9e,
	-1, 0xb8053e2bc2319e73, 0xcb2da55210a4443d, -1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1,
]);

const NODE = changetype<Unpacked>(memory.data(32, 8));
const UPPER = changetype<Unpacked>(memory.data(32, 8));
const LOWER = changetype<Unpacked>(memory.data(32, 8));

/** The nearest multiple of 1/8 of a number from 0 to 1, as its numerator. */
function nearestEighth(x: Unpacked): u32 {
	if (x.kind == ZERO || x.exponent < -4) return 0;
	return (<u32>(x.high >> (59 - x.exponent)) + 1) >> 1;
}

/** atan(x), x from 0 to 1: atan(c) + atan((x - c) / (1 + c x)) with c a multiple of 1/8. */
export function arcTangent(r: Unpacked, x: Unpacked): void {
	const eighths = nearestEighth(x);
	if (!eighths) {
		odd(r, x, true);
		return;
	}
	set(NODE, NORMAL, 0, 60, <u64>eighths, 0);
	normalize(NODE);
	minus(UPPER, x, NODE);
	times(LOWER, x, NODE);
	setOne(ONE);
	plus(LOWER, LOWER, ONE);
	over(UPPER, UPPER, LOWER);
	odd(r, UPPER, true);
	const at = ARC_TANGENTS + (eighths - 1) * 24;
	set(NODE, NORMAL, 0, <i32>load<i64>(at), load<u64>(at, 8), load<u64>(at, 16));
	plus(r, r, NODE);
}

/** Pi, halved as often as is said. */
export function setPi(r: Unpacked, halvings: i32): void {
	set(r, NORMAL, 0, 1 - halvings, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1);
}
