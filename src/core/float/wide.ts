// 128-bit numbers as two halves. What does not fit one result is left in `high` and `low`.

export let high: u64 = 0;
export let low: u64 = 0;

@inline
function set(h: u64, l: u64): void {
	high = h;
	low = l;
}

/** high:low = a * b. */
export function multiply(a: u64, b: u64): void {
	const a0 = a & 0xffffffff;
	const a1 = a >> 32;
	const b0 = b & 0xffffffff;
	const b1 = b >> 32;
	const p00 = a0 * b0;
	const middle = a1 * b0 + (p00 >> 32);
	const other = a0 * b1 + (middle & 0xffffffff);
	set(a1 * b1 + (middle >> 32) + (other >> 32), (other << 32) | (p00 & 0xffffffff));
}

export function add(ah: u64, al: u64, bh: u64, bl: u64): void {
	const sum = al + bl;
	set(ah + bh + u64(sum < al), sum);
}

export function subtract(ah: u64, al: u64, bh: u64, bl: u64): void {
	set(ah - bh - u64(al < bl), al - bl);
}

@inline
export function isLess(ah: u64, al: u64, bh: u64, bl: u64): bool {
	return ah < bh || (ah == bh && al < bl);
}

/** A shift to the right that keeps in bit 0 whether anything was lost ("jamming"). */
export function shiftRightJam(h: u64, l: u64, count: u32): void {
	if (count == 0) set(h, l);
	else if (count < 64) set(h >> count, (h << (64 - count)) | (l >> count) | u64(l << (64 - count) != 0));
	else if (count == 64) set(0, h | u64(l != 0));
	else if (count < 128) set(0, (h >> (count - 64)) | u64((h << (128 - count)) != 0 || l != 0));
	else set(0, u64((h | l) != 0));
}

/** @param count below 128 */
export function shiftLeft(h: u64, l: u64, count: u32): void {
	if (count == 0) set(h, l);
	else if (count < 64) set((h << count) | (l >> (64 - count)), l << count);
	else set(l << (count - 64), 0);
}

export function leadingZeros(h: u64, l: u64): u32 {
	return h ? <u32>clz(h) : 64 + <u32>clz(l);
}

/** The remainder of the last `divide`. */
export let remainder: u64 = 0;

/** high:low / divisor, which has bit 63 set and is greater than high: a quotient of 64 bits (Knuth, algorithm D in base 2^32). */
export function divide(h: u64, l: u64, divisor: u64): u64 {
	const d1 = divisor >> 32;
	const d0 = divisor & 0xffffffff;
	const q1 = digit(h, l >> 32, divisor, d1, d0);
	const rest = ((h << 32) | (l >> 32)) - q1 * divisor;
	const q0 = digit(rest, l & 0xffffffff, divisor, d1, d0);
	remainder = ((rest << 32) | (l & 0xffffffff)) - q0 * divisor;
	return (q1 << 32) | q0;
}

function digit(rest: u64, next: u64, divisor: u64, d1: u64, d0: u64): u64 {
	let q = rest / d1;
	let r = rest % d1;
	while (q >> 32 || q * d0 > ((r << 32) | next)) {
		q--;
		r += d1;
		if (r >> 32) break;
	}
	return q;
}

/** 2^64. */
const BEYOND: f64 = 18446744073709551616.0;

/**
 * The whole part of the square root of high:low, which is at least 2^126; what is left of it in high:low. The host's root of
 * `h` is wrong by 2^12 at most; what its square lacks says by how much, to the nearest whole number, which may be above the root.
 */
export function squareRoot(h: u64, l: u64): u64 {
	const estimate = sqrt<f64>(<f64>h) * 4294967296.0;
	let root = estimate >= BEYOND ? u64.MAX_VALUE : <u64>estimate;
	lessSquare(h, l, root);
	root += <i64>nearest<f64>((<f64>(<i64>high) * BEYOND + <f64>low) / (2.0 * <f64>root));
	lessSquare(h, l, root);
	if (<i64>high < 0) lessSquare(h, l, --root);
	return root;
}

/** high:low = the number less the square of the root; below zero where it is too large. */
@inline
function lessSquare(h: u64, l: u64, root: u64): void {
	multiply(root, root);
	subtract(h, l, high, low);
}
