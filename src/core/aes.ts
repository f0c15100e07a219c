// AES, a step an instruction (SDM 1, "Programming with Intel AES-NI"; FIPS 197).

/*
 * SubBytes without a table of 256: GF(256) is seen as pairs (i, k) over GF(16), x = i alpha + k, where alpha plus its conjugate and
 * alpha times its conjugate are one number a. Then x's norm is N = k^2 + a i k + a i^2, and with j = i + k
 *
 *   io = 1 / (1/i + a/k) + j = N / (k + a i)        jo = 1 / (1/j + a/k) + i = N / (k + a j)
 *
 * of which 1/x = (i alpha' + k) / N is a linear function of 1/io and 1/jo: only functions of four bits, which a swizzle looks up for
 * sixteen bytes at once. 1/0 is INFINITY, beyond the swizzle's indexes, which gives 0 for it. (M. Hamburg, "Accelerating AES with
 * Vector Permute Instructions", CHES 2009.)
 */
const INFINITY: u32 = 0x80;
/** Of four bits: 1/n, and a/n. */
const INVERSE = memory.data(16, 16);
const A_OVER = memory.data(16, 16);
/** For SubBytes and for its inverse: from a byte's low and high half to i and k, from io and jo to the byte. */
const FORWARD = memory.data(64, 16);
const BACKWARD = memory.data(64, 16);
const FROM_LOW: usize = 0;
const FROM_HIGH: usize = 16;
const TO_IO: usize = 32;
const TO_JO: usize = 48;
/** FIPS 197, 5.1.1: what the affine transformation adds. */
const ADDED: u32 = 0x63;
let prepared: bool = false;

function times(a: u32, b: u32): u32 {
	let product: u32 = 0;
	for (; b; b >>= 1) {
		if (b & 1) product ^= a;
		a = ((a << 1) ^ (a & 0x80 ? 0x1b : 0)) & 0xff;
	}
	return product;
}

function power(a: u32, exponent: u32): u32 {
	let product: u32 = 1;
	while (exponent--) product = times(product, a);
	return product;
}

/** In the field of 256, 0 for 0. */
function inverted(a: u32): u32 {
	return power(a, 254);
}

/** Four bits as an element of the field of 16 inside that of 256: sums of powers of an element of order 15. */
function element(bits: u32): u32 {
	let sum: u32 = 0;
	for (let i: u32 = 0; i < 4; i++) if (bits & (1 << i)) sum ^= power(3, 17 * i);
	return sum;
}

function bitsOf(x: u32): u32 {
	let bits: u32 = 0;
	while (element(bits) != x) bits++;
	return bits;
}

/** i in the high half, k in the low. */
function pairOf(x: u32, alpha: u32): u32 {
	let pair: u32 = 0;
	while ((times(element(pair >> 4), alpha) ^ element(pair & 15)) != x) pair++;
	return pair;
}

/** The affine transformation's linear part. */
function affine(byte: u32): u32 {
	return byte ^ rotated(byte, 1) ^ rotated(byte, 2) ^ rotated(byte, 3) ^ rotated(byte, 4);
}

function unaffine(byte: u32): u32 {
	let before: u32 = 0;
	while (affine(before) != byte) before++;
	return before;
}

function rotated(byte: u32, by: u32): u32 {
	return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

function prepare(): void {
	let alpha: u32 = 1;
	while ((alpha ^ power(alpha, 16)) != power(alpha, 17)) alpha++;
	const a = power(alpha, 17);
	const conjugate = power(alpha, 16);
	const byA = inverted(a);
	for (let n: u32 = 0; n < 16; n++) {
		const inverse = inverted(element(n));
		store<u8>(INVERSE + n, <u8>(n ? bitsOf(inverse) : INFINITY));
		store<u8>(A_OVER + n, <u8>(n ? bitsOf(times(a, inverse)) : INFINITY));
		store<u8>(FORWARD + FROM_LOW + n, <u8>pairOf(n, alpha));
		store<u8>(FORWARD + FROM_HIGH + n, <u8>pairOf(n << 4, alpha));
		store<u8>(BACKWARD + FROM_LOW + n, <u8>pairOf(unaffine(n ^ ADDED), alpha));
		store<u8>(BACKWARD + FROM_HIGH + n, <u8>pairOf(unaffine(n << 4), alpha));
		// k/N is (1/io + 1/jo) / a, and i/N is (1/io + k/N) / a.
		const k = times(inverse, byA);
		const fromIo = times(times(inverse ^ k, byA), conjugate) ^ k;
		const fromJo = times(times(k, byA), conjugate) ^ k;
		store<u8>(FORWARD + TO_IO + n, <u8>affine(fromIo));
		store<u8>(FORWARD + TO_JO + n, <u8>affine(fromJo));
		store<u8>(BACKWARD + TO_IO + n, <u8>fromIo);
		store<u8>(BACKWARD + TO_JO + n, <u8>fromJo);
	}
	prepared = true;
}

/** What a table of sixteen bytes has for each index; 0 for those beyond. */
@inline
function lookUp(table: usize, indexes: v128): v128 {
	return i8x16.swizzle(v128.load(table), indexes);
}

/** The inversion, between the tables' transformations. */
@inline
function substituteBy(tables: usize, bytes: v128): v128 {
	if (!prepared) prepare();
	const low = i8x16.splat(15);
	const pair = v128.xor(
		lookUp(tables + FROM_LOW, v128.and(bytes, low)),
		lookUp(tables + FROM_HIGH, i8x16.shr_u(bytes, 4)),
	);
	const i = i8x16.shr_u(pair, 4);
	const k = v128.and(pair, low);
	const j = v128.xor(i, k);
	const aOverK = lookUp(A_OVER, k);
	const io = v128.xor(lookUp(INVERSE, v128.xor(lookUp(INVERSE, i), aOverK)), j);
	const jo = v128.xor(lookUp(INVERSE, v128.xor(lookUp(INVERSE, j), aOverK)), i);
	return v128.xor(lookUp(tables + TO_IO, io), lookUp(tables + TO_JO, jo));
}

/** SubBytes. */
@inline
function substitute(bytes: v128): v128 {
	return v128.xor(substituteBy(FORWARD, bytes), i8x16.splat(<i8>ADDED));
}

@inline
function unsubstitute(bytes: v128): v128 {
	return substituteBy(BACKWARD, bytes);
}

/** Row r of column c comes from column c + r. */
@inline
function shiftRows(a: v128): v128 {
	return v128.shuffle<u8>(a, a, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11);
}

/** Row r of column c comes from column c - r. */
@inline
function unshiftRows(a: v128): v128 {
	return v128.shuffle<u8>(a, a, 0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3);
}

/** Each byte times 2 in the field. */
@inline
function twice(a: v128): v128 {
	return v128.xor(i8x16.shl(a, 1), v128.and(i8x16.shr_s(a, 7), i8x16.splat(0x1b)));
}

/** Row r comes from row r + 1. */
@inline
function nextRow(a: v128): v128 {
	return v128.shuffle<u8>(a, a, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

/** Row r comes from row r + 2. */
@inline
function rowAfterNext(a: v128): v128 {
	return v128.shuffle<u8>(a, a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

/** MixColumns, FIPS 197, 5.1.3: 2 a[r] + 3 a[r + 1] + a[r + 2] + a[r + 3]. */
@inline
function mixColumns(a: v128): v128 {
	const next = nextRow(a);
	const pair = v128.xor(a, next);
	return v128.xor(v128.xor(twice(pair), next), rowAfterNext(pair));
}

/** InvMixColumns, 5.3.3: MixColumns of 5 a[r] + 4 a[r + 2], as 5 + 4 x^2 times its polynomial is the inverse's. */
@inline
function unmixColumns(a: v128): v128 {
	return mixColumns(v128.xor(a, twice(twice(v128.xor(a, rowAfterNext(a))))));
}

export function aesEncrypt(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(mixColumns(substitute(shiftRows(state))), key);
}

export function aesEncryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(substitute(shiftRows(state)), key);
}

export function aesDecrypt(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(unmixColumns(unsubstitute(unshiftRows(state))), key);
}

export function aesDecryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(unsubstitute(unshiftRows(state)), key);
}

export function aesInverseMix(cpu: usize, record: usize, state: v128): v128 {
	return unmixColumns(state);
}

/** SubWord of lanes 1 and 3, each as it is and rotated by a byte, the latter with the constant added. */
export function aesKeyAssist(cpu: usize, record: usize, key: v128, constant: u32): v128 {
	const box = substitute(key);
	const words = v128.shuffle<u8>(box, box, 4, 5, 6, 7, 5, 6, 7, 4, 12, 13, 14, 15, 13, 14, 15, 12);
	constant &= 0xff;
	return v128.xor(words, i32x4(0, constant, 0, constant));
}
