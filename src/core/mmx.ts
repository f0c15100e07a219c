// MMX: sixty-four bits as bytes, words or doublewords, in the x87's registers (SDM 1, "Programming with Intel MMX
// Technology"). Each function gets what the operands hold and answers what the destination gets. It works on the low half of
// a v128.

import { segmented } from "./segments";
import { afterWrites, ownTlb, writeSize } from "./memory";
import { faulted } from "./fault";
import { FSW, FTW, RDI, REC_MASK, STATUS_FAULT, STATUS_NEXT } from "./state";
import { reaches } from "./x87/environment";

const TOP_MASK: u32 = 0x3800;

/** What every MMX instruction but EMMS does besides: TOP is 0, no register is empty. */
export function enterMmx(cpu: usize, record: usize): u32 {
	store<u16>(cpu + FSW, <u16>(<u32>load<u16>(cpu + FSW) & ~TOP_MASK));
	store<u8>(cpu + FTW, 0xff);
	return 0;
}

/** EMMS: all registers are empty again, for the x87. */
export function emptyMmx(cpu: usize, record: usize): i32 {
	enterMmx(cpu, record);
	store<u8>(cpu + FTW, 0);
	return STATUS_NEXT;
}

@inline
function v(x: u64): v128 {
	return i64x2.splat(x);
}

/** a in the low half, b in the high one. */
@inline
function both(a: u64, b: u64): v128 {
	return i64x2.replace_lane(i64x2.splat(a), 1, b);
}

@inline
function low(x: v128): u64 {
	return i64x2.extract_lane(x, 0);
}

// --- sums and differences -------------------------------------------------------------------------------------

export function paddb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.add(v(a), v(b)));
}
export function paddw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.add(v(a), v(b)));
}
export function paddd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.add(v(a), v(b)));
}
export function paddsb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.add_sat_s(v(a), v(b)));
}
export function paddsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.add_sat_s(v(a), v(b)));
}
export function paddusb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.add_sat_u(v(a), v(b)));
}
export function paddusw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.add_sat_u(v(a), v(b)));
}
export function psubb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.sub(v(a), v(b)));
}
export function psubw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.sub(v(a), v(b)));
}
export function psubd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.sub(v(a), v(b)));
}
export function psubsb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.sub_sat_s(v(a), v(b)));
}
export function psubsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.sub_sat_s(v(a), v(b)));
}
export function psubusb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.sub_sat_u(v(a), v(b)));
}
export function psubusw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.sub_sat_u(v(a), v(b)));
}

// --- comparisons, extremes, averages -----------------------------------------------------------------------------

export function pcmpeqb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.eq(v(a), v(b)));
}
export function pcmpeqw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.eq(v(a), v(b)));
}
export function pcmpeqd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.eq(v(a), v(b)));
}
export function pcmpgtb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.gt_s(v(a), v(b)));
}
export function pcmpgtw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.gt_s(v(a), v(b)));
}
export function pcmpgtd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.gt_s(v(a), v(b)));
}
export function pminub(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.min_u(v(a), v(b)));
}
export function pmaxub(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.max_u(v(a), v(b)));
}
export function pminsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.min_s(v(a), v(b)));
}
export function pmaxsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.max_s(v(a), v(b)));
}
export function pavgb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.avgr_u(v(a), v(b)));
}
export function pavgw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.avgr_u(v(a), v(b)));
}

// --- products ---------------------------------------------------------------------------------------------------

export function pmullw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.mul(v(a), v(b)));
}
export function pmulhw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	const products = i32x4.shr_s(i32x4.extmul_low_i16x8_s(v(a), v(b)), 16);
	return low(i16x8.narrow_i32x4_s(products, products));
}
export function pmulhuw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	const products = i32x4.shr_u(i32x4.extmul_low_i16x8_u(v(a), v(b)), 16);
	return low(i16x8.narrow_i32x4_u(products, products));
}
/** Rounded, and 8000h times itself stays 8000h: WebAssembly's would saturate. */
export function pmulhrsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	const products = i32x4.shr_s(i32x4.extmul_low_i16x8_s(v(a), v(b)), 14);
	const rounded = i32x4.shr_s(i32x4.add(products, i32x4.splat(1)), 1);
	const words = v128.and(rounded, i32x4.splat(0xffff));
	return low(i16x8.narrow_i32x4_u(words, words));
}
export function pmuludq(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return (a & 0xffffffff) * (b & 0xffffffff);
}
export function pmaddwd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.dot_i16x8_s(v(a), v(b)));
}
/** Unsigned bytes of the first by signed bytes of the second. */
export function pmaddubsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	const products = i16x8.mul(i16x8.extend_low_i8x16_u(v(a)), i16x8.extend_low_i8x16_s(v(b)));
	return low(i16x8.add_sat_s(evenWords(products), oddWords(products)));
}
export function psadbw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	const distances = i8x16.sub(i8x16.max_u(v(a), v(b)), i8x16.min_u(v(a), v(b)));
	const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(distances));
	return <u64>(i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1));
}

// --- neighbours, signs ---------------------------------------------------------------------------------------------

@inline
function evenWords(x: v128): v128 {
	return v128.shuffle<i16>(x, x, 0, 2, 4, 6, 0, 2, 4, 6);
}
@inline
function oddWords(x: v128): v128 {
	return v128.shuffle<i16>(x, x, 1, 3, 5, 7, 1, 3, 5, 7);
}
@inline
function evenDoublewords(x: v128): v128 {
	return v128.shuffle<i32>(x, x, 0, 2, 0, 2);
}
@inline
function oddDoublewords(x: v128): v128 {
	return v128.shuffle<i32>(x, x, 1, 3, 1, 3);
}

export function phaddw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.add(evenWords(both(a, b)), oddWords(both(a, b))));
}
export function phaddd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.add(evenDoublewords(both(a, b)), oddDoublewords(both(a, b))));
}
export function phaddsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.add_sat_s(evenWords(both(a, b)), oddWords(both(a, b))));
}
export function phsubw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.sub(evenWords(both(a, b)), oddWords(both(a, b))));
}
export function phsubd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i32x4.sub(evenDoublewords(both(a, b)), oddDoublewords(both(a, b))));
}
export function phsubsw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.sub_sat_s(evenWords(both(a, b)), oddWords(both(a, b))));
}

/** a, negated where `negative`, cleared where `zero`. */
@inline
function signed(a: v128, negated: v128, negative: v128, zero: v128): u64 {
	return low(v128.andnot(v128.bitselect(negated, a, negative), zero));
}
export function psignb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return signed(v(a), i8x16.neg(v(a)), i8x16.lt_s(v(b), i8x16.splat(0)), i8x16.eq(v(b), i8x16.splat(0)));
}
export function psignw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return signed(v(a), i16x8.neg(v(a)), i16x8.lt_s(v(b), i16x8.splat(0)), i16x8.eq(v(b), i16x8.splat(0)));
}
export function psignd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return signed(v(a), i32x4.neg(v(a)), i32x4.lt_s(v(b), i32x4.splat(0)), i32x4.eq(v(b), i32x4.splat(0)));
}
export function pabsb(cpu: usize, record: usize, a: u64): u64 {
	return low(i8x16.abs(v(a)));
}
export function pabsw(cpu: usize, record: usize, a: u64): u64 {
	return low(i16x8.abs(v(a)));
}
export function pabsd(cpu: usize, record: usize, a: u64): u64 {
	return low(i32x4.abs(v(a)));
}

// --- shifts: a count beyond the element's width shifts everything out ----------------------------------------------

export function psrlw(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 15 ? 0 : low(i16x8.shr_u(v(a), <i32>count));
}
export function psrld(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 31 ? 0 : low(i32x4.shr_u(v(a), <i32>count));
}
export function psrlq(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 63 ? 0 : a >> count;
}
export function psraw(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return low(i16x8.shr_s(v(a), <i32>min<u64>(count, 15)));
}
export function psrad(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return low(i32x4.shr_s(v(a), <i32>min<u64>(count, 31)));
}
export function psllw(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 15 ? 0 : low(i16x8.shl(v(a), <i32>count));
}
export function pslld(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 31 ? 0 : low(i32x4.shl(v(a), <i32>count));
}
export function psllq(cpu: usize, record: usize, a: u64, count: u64): u64 {
	return count > 63 ? 0 : a << count;
}

// --- packing and shuffling -------------------------------------------------------------------------------------------

export function packsswb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.narrow_i16x8_s(both(a, b), both(a, b)));
}
export function packuswb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.narrow_i16x8_u(both(a, b), both(a, b)));
}
export function packssdw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i16x8.narrow_i32x4_s(both(a, b), both(a, b)));
}
/** Interleaves the low halves; the high ones come by a shift of both operands. */
export function punpcklbw(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(v128.shuffle<i8>(v(a), v(b), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0));
}
export function punpcklwd(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(v128.shuffle<i16>(v(a), v(b), 0, 8, 1, 9, 0, 0, 0, 0));
}
export function punpckldq(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return (a & 0xffffffff) | (b << 32);
}
/** Bytes of a by b's low three bits, zero where b's byte has bit 7. */
export function pshufb(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return low(i8x16.swizzle(v(a), v(b & 0x8787878787878787)));
}
export function pshufw(cpu: usize, record: usize, a: u64, order: u32): u64 {
	let result: u64 = 0;
	for (let i: u32 = 0; i < 4; i++) result |= ((a >> (((order >> (2 * i)) & 3) * 16)) & 0xffff) << (16 * i);
	return result;
}
/** The eight bytes from byte `by` on of b with a above it. */
export function palignr(cpu: usize, record: usize, a: u64, b: u64, by: u32): u64 {
	by &= 0xff;
	if (by >= 16) return 0;
	if (by >= 8) return a >> (8 * (by - 8));
	return by ? (b >> (8 * by)) | (a << (64 - 8 * by)) : b;
}
export function pmovmskb(cpu: usize, record: usize, a: u64): u32 {
	return i8x16.bitmask(v(a)) & 0xff;
}

/** MASKMOVQ: bytes of a to where RDI points, those whose byte of the mask has bit 7. */
export function maskmovq(cpu: usize, record: usize, a: u64, mask: u64): i32 {
	const linear = segmented(cpu, record, load<u64>(cpu + RDI) & load<u64>(record + REC_MASK), 0x10008);
	if (faulted(cpu) || (mask & 0x8080808080808080 && !reaches(cpu, linear, 8, true))) return STATUS_FAULT;
	enterMmx(cpu, record);
	for (let i: u32 = 0; i < 8; i++) {
		if ((mask >> (8 * i)) & 0x80) writeSize(cpu, ownTlb(cpu), linear + i, (a >> (8 * i)) & 0xff, 1);
	}
	return afterWrites();
}
