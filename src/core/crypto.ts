// Carry-less multiplication and SHA, a step an instruction (SDM 1, "Programming with Intel SHA Extensions"; FIPS 180-4).

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

const STATE = memory.data(16, 16);

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
