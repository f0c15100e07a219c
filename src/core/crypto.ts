// AES, carry-less multiplication and SHA, a step an instruction (SDM 1, "Programming with Intel AES-NI" and "... SHA Extensions";
// FIPS 197, FIPS 180-4). AES's tables are computed when they are first wanted.

// --- AES -----------------------------------------------------------------------------------------------------------

const SBOX = memory.data(256);
const INVERSE_SBOX = memory.data(256);
const STATE = memory.data(16, 16);
let prepared: bool = false;

@inline
function doubled(a: u32): u32 {
	return ((a << 1) ^ (a & 0x80 ? 0x1b : 0)) & 0xff;
}

/** FIPS 197, 5.1.1: the inverse in the field, then an affine transformation. */
function prepare(): void {
	let p: u32 = 1;
	let q: u32 = 1;
	// 3 generates the field: p runs through all its elements, q through their inverses.
	do {
		p = p ^ doubled(p);
		q ^= q << 1;
		q ^= q << 2;
		q ^= q << 4;
		q &= 0xff;
		if (q & 0x80) q ^= 0x09;
		const byte = (q ^ rotated(q, 1) ^ rotated(q, 2) ^ rotated(q, 3) ^ rotated(q, 4) ^ 0x63) & 0xff;
		store<u8>(SBOX + p, <u8>byte);
	} while (p != 1);
	store<u8>(SBOX, 0x63);
	for (let i: u32 = 0; i < 256; i++) store<u8>(INVERSE_SBOX + load<u8>(SBOX + i), <u8>i);
	prepared = true;
}

function rotated(byte: u32, by: u32): u32 {
	return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

/** What sixteen bytes of a table have for those indexes that lie `first` to `first + 15`; 0 for the others. */
@inline
function among(table: usize, indexes: v128, first: i8): v128 {
	return i8x16.swizzle(v128.load(table), i8x16.sub(indexes, i8x16.splat(first)));
}

/** The same of 64 bytes. */
@inline
function amongMore(table: usize, indexes: v128, first: i8): v128 {
	const low = v128.or(among(table, indexes, first), among(table + 16, indexes, first + 16));
	return v128.or(low, v128.or(among(table + 32, indexes, first + 32), among(table + 48, indexes, first + 48)));
}

/** SubBytes, or its inverse. */
@inline
function substitute(box: usize, bytes: v128): v128 {
	if (!prepared) prepare();
	const low = v128.or(amongMore(box, bytes, 0), amongMore(box + 64, bytes, 64));
	return v128.or(low, v128.or(amongMore(box + 128, bytes, -128), amongMore(box + 192, bytes, -64)));
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
	return v128.xor(mixColumns(substitute(SBOX, shiftRows(state))), key);
}

export function aesEncryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(substitute(SBOX, shiftRows(state)), key);
}

export function aesDecrypt(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(unmixColumns(substitute(INVERSE_SBOX, unshiftRows(state))), key);
}

export function aesDecryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	return v128.xor(substitute(INVERSE_SBOX, unshiftRows(state)), key);
}

export function aesInverseMix(cpu: usize, record: usize, state: v128): v128 {
	return unmixColumns(state);
}

/** SubWord of lanes 1 and 3, each as it is and rotated by a byte, the latter with the constant added. */
export function aesKeyAssist(cpu: usize, record: usize, key: v128, constant: u32): v128 {
	const box = substitute(SBOX, key);
	const words = v128.shuffle<u8>(box, box, 4, 5, 6, 7, 5, 6, 7, 4, 12, 13, 14, 15, 13, 14, 15, 12);
	constant &= 0xff;
	return v128.xor(words, i32x4(0, constant, 0, constant));
}

// --- PCLMULQDQ -----------------------------------------------------------------------------------------------------

/** Bits 0 and 4 of the immediate choose each factor's half. */
export function carrylessMultiply(cpu: usize, record: usize, x: v128, y: v128, halves: u32): v128 {
	const a: u64 = halves & 1 ? i64x2.extract_lane(x, 1) : i64x2.extract_lane(x, 0);
	const b: u64 = halves & 16 ? i64x2.extract_lane(y, 1) : i64x2.extract_lane(y, 0);
	let low: u64 = 0;
	let high: u64 = 0;
	for (let i: u64 = 0; i < 64; i++) {
		const mask = <u64>-(<i64>((b >> i) & 1));
		low ^= (a << i) & mask;
		if (i) high ^= (a >> (64 - i)) & mask;
	}
	return i64x2(low, high);
}

// --- SHA -------------------------------------------------------------------------------------------------------------

@inline
function word(x: v128, i: u32): u32 {
	v128.store(STATE, x);
	return load<u32>(STATE + (i << 2));
}

/** Words are given from the highest lane down, as the SDM numbers them. */
@inline
function words(w3: u32, w2: u32, w1: u32, w0: u32): v128 {
	return i32x4(w0, w1, w2, w3);
}

export function sha1NextE(cpu: usize, record: usize, x: v128, y: v128): v128 {
	return words(word(y, 3) + rotl<u32>(word(x, 3), 30), word(y, 2), word(y, 1), word(y, 0));
}

export function sha1Message1(cpu: usize, record: usize, x: v128, y: v128): v128 {
	const w0 = word(x, 3);
	const w1 = word(x, 2);
	const w2 = word(x, 1);
	const w3 = word(x, 0);
	const w4 = word(y, 3);
	const w5 = word(y, 2);
	return words(w2 ^ w0, w3 ^ w1, w4 ^ w2, w5 ^ w3);
}

export function sha1Message2(cpu: usize, record: usize, x: v128, y: v128): v128 {
	const w16 = rotl<u32>(word(x, 3) ^ word(y, 2), 1);
	const w17 = rotl<u32>(word(x, 2) ^ word(y, 1), 1);
	const w18 = rotl<u32>(word(x, 1) ^ word(y, 0), 1);
	const w19 = rotl<u32>(word(x, 0) ^ w16, 1);
	return words(w16, w17, w18, w19);
}

/** FIPS 180-4, 4.1.1 and 4.2.1. */
function sha1Function(kind: u32, b: u32, c: u32, d: u32): u32 {
	if (kind == 0) return ((b & c) ^ (~b & d)) + 0x5a827999;
	if (kind == 1) return (b ^ c ^ d) + 0x6ed9eba1;
	if (kind == 2) return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

export function sha1Rounds(cpu: usize, record: usize, x: v128, y: v128, kind: u32): v128 {
	let a = word(x, 3);
	let b = word(x, 2);
	let c = word(x, 1);
	let d = word(x, 0);
	let e: u32 = 0;
	for (let i: u32 = 0; i < 4; i++) {
		const next = sha1Function(kind & 3, b, c, d) + rotl<u32>(a, 5) + word(y, 3 - i) + e;
		e = d;
		d = c;
		c = rotl<u32>(b, 30);
		b = a;
		a = next;
	}
	return words(a, b, c, d);
}

export function sha256Rounds(cpu: usize, record: usize, x: v128, y: v128, keys: v128): v128 {
	let a = word(y, 3);
	let b = word(y, 2);
	let e = word(y, 1);
	let f = word(y, 0);
	let c = word(x, 3);
	let d = word(x, 2);
	let g = word(x, 1);
	let h = word(x, 0);
	for (let i: u32 = 0; i < 2; i++) {
		const sum1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
		const sum0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
		const first = ((e & f) ^ (~e & g)) + sum1 + word(keys, i) + h;
		const next = first + ((a & b) ^ (a & c) ^ (b & c)) + sum0;
		h = g;
		g = f;
		f = e;
		e = first + d;
		d = c;
		c = b;
		b = a;
		a = next;
	}
	return words(a, b, e, f);
}

function sigma0(w: u32): u32 {
	return rotr<u32>(w, 7) ^ rotr<u32>(w, 18) ^ (w >> 3);
}

function sigma1(w: u32): u32 {
	return rotr<u32>(w, 17) ^ rotr<u32>(w, 19) ^ (w >> 10);
}

export function sha256Message1(cpu: usize, record: usize, x: v128, y: v128): v128 {
	const w0 = word(x, 0);
	const w1 = word(x, 1);
	const w2 = word(x, 2);
	const w3 = word(x, 3);
	return words(w3 + sigma0(word(y, 0)), w2 + sigma0(w3), w1 + sigma0(w2), w0 + sigma0(w1));
}

export function sha256Message2(cpu: usize, record: usize, x: v128, y: v128): v128 {
	const w16 = word(x, 0) + sigma1(word(y, 2));
	const w17 = word(x, 1) + sigma1(word(y, 3));
	return words(word(x, 3) + sigma1(w17), word(x, 2) + sigma1(w16), w17, w16);
}
