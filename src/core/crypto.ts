// AES, carry-less multiplication and SHA, a step an instruction (SDM 1, "Programming with Intel AES-NI" and "... SHA Extensions";
// FIPS 197, FIPS 180-4). AES's tables are computed when they are first wanted.

// --- AES -----------------------------------------------------------------------------------------------------------

const SBOX = memory.data(256);
const INVERSE_SBOX = memory.data(256);
/** A byte times 9, 11, 13 and 14: four tables. */
const MULTIPLES = memory.data(1024);
const STATE = memory.data(16, 16);
const RESULT = memory.data(16, 16);
let prepared: bool = false;

@inline
function doubled(a: u32): u32 {
	return ((a << 1) ^ (a & 0x80 ? 0x1b : 0)) & 0xff;
}

function multiply(a: u32, by: u32): u32 {
	let product: u32 = 0;
	for (; by; by >>= 1) {
		if (by & 1) product ^= a;
		a = doubled(a);
	}
	return product;
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
	for (let i: u32 = 0; i < 256; i++) {
		store<u8>(INVERSE_SBOX + load<u8>(SBOX + i), <u8>i);
		store<u8>(MULTIPLES + i, <u8>multiply(i, 9));
		store<u8>(MULTIPLES + 256 + i, <u8>multiply(i, 11));
		store<u8>(MULTIPLES + 512 + i, <u8>multiply(i, 13));
		store<u8>(MULTIPLES + 768 + i, <u8>multiply(i, 14));
	}
	prepared = true;
}

function rotated(byte: u32, by: u32): u32 {
	return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

/** ShiftRows and SubBytes, or their inverses: row r of column c comes from column c + r, or c - r. */
function substitute(box: usize, step: u32): void {
	for (let i: u32 = 0; i < 16; i++) {
		const from = (i + (i & 3) * step) & 15;
		store<u8>(RESULT + i, load<u8>(box + load<u8>(STATE + from)));
	}
}

const FORWARD: u32 = 4;
const BACKWARD: u32 = 12;

/** MixColumns, FIPS 197, 5.1.3, of RESULT. */
function mixColumns(): v128 {
	const a = v128.load(RESULT);
	const twice = v128.xor(i8x16.shl(a, 1), v128.and(i8x16.shr_s(a, 7), i8x16.splat(0x1b)));
	const right1 = v128.shuffle<u8>(a, a, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
	const right2 = v128.shuffle<u8>(a, a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
	const right3 = v128.shuffle<u8>(a, a, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
	const twiceNext = v128.shuffle<u8>(twice, twice, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
	return v128.xor(v128.xor(twice, v128.xor(twiceNext, right1)), v128.xor(right2, right3));
}

/** InvMixColumns, 5.3.3, of RESULT. */
function unmixColumns(): v128 {
	for (let column: usize = 0; column < 16; column += 4) {
		for (let row: usize = 0; row < 4; row++) {
			const a0: usize = load<u8>(RESULT + column + row);
			const a1: usize = load<u8>(RESULT + column + ((row + 1) & 3));
			const a2: usize = load<u8>(RESULT + column + ((row + 2) & 3));
			const a3: usize = load<u8>(RESULT + column + ((row + 3) & 3));
			const mixed = load<u8>(MULTIPLES + 768 + a0) ^ load<u8>(MULTIPLES + 256 + a1) ^ load<u8>(MULTIPLES + 512 + a2) ^ load<u8>(MULTIPLES + a3);
			store<u8>(STATE + column + row, mixed);
		}
	}
	return v128.load(STATE);
}

function begin(state: v128): void {
	if (!prepared) prepare();
	v128.store(STATE, state);
}

export function aesEncrypt(cpu: usize, record: usize, state: v128, key: v128): v128 {
	begin(state);
	substitute(SBOX, FORWARD);
	return v128.xor(mixColumns(), key);
}

export function aesEncryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	begin(state);
	substitute(SBOX, FORWARD);
	return v128.xor(v128.load(RESULT), key);
}

export function aesDecrypt(cpu: usize, record: usize, state: v128, key: v128): v128 {
	begin(state);
	substitute(INVERSE_SBOX, BACKWARD);
	return v128.xor(unmixColumns(), key);
}

export function aesDecryptLast(cpu: usize, record: usize, state: v128, key: v128): v128 {
	begin(state);
	substitute(INVERSE_SBOX, BACKWARD);
	return v128.xor(v128.load(RESULT), key);
}

export function aesInverseMix(cpu: usize, record: usize, state: v128): v128 {
	if (!prepared) prepare();
	v128.store(RESULT, state);
	return unmixColumns();
}

function substituteWord(word: u32): u32 {
	let result: u32 = 0;
	for (let i: u32 = 0; i < 32; i += 8) result |= <u32>load<u8>(SBOX + ((word >> i) & 0xff)) << i;
	return result;
}

export function aesKeyAssist(cpu: usize, record: usize, key: v128, constant: u32): v128 {
	if (!prepared) prepare();
	const first = substituteWord(i32x4.extract_lane(key, 1));
	const second = substituteWord(i32x4.extract_lane(key, 3));
	constant &= 0xff;
	return i32x4(first, rotr<u32>(first, 8) ^ constant, second, rotr<u32>(second, 8) ^ constant);
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
