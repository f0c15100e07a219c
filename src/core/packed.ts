// Packed integers that neither the host nor a few lane operations do: string comparison, sums of blocks, the smallest word,
// shifts of each lane by a count of its own.

import { CF, OF_FLAG, SF, writeArithmetic, ZF } from "./flags";
import { INFO_OPERAND_SHIFT, RAX, RCX, RDX, REC_INFO, STATUS_NEXT, VECTORS } from "./state";

const X = memory.data(16, 16);
const Y = memory.data(16, 16);
const R = memory.data(16, 16);

/** PHMINPOSUW: the smallest word and its place. */
export function smallestWord(cpu: usize, record: usize, x: v128): v128 {
	v128.store(X, x);
	let place: u32 = 0;
	for (let i: u32 = 1; i < 8; i++) if (load<u16>(X + (i << 1)) < load<u16>(X + (place << 1))) place = i;
	return i64x2(<u64>load<u16>(X + (place << 1)) | (<u64>place << 16), 0);
}

/** MPSADBW: eight sums of four differences, between a block of the second operand and blocks of the first. */
export function sumsOfBlocks(cpu: usize, record: usize, x: v128, y: v128, places: u32): v128 {
	v128.store(X, x);
	v128.store(Y, y);
	const first = (places & 4) as usize;
	const second = ((places & 3) << 2) as usize;
	for (let i: usize = 0; i < 8; i++) {
		let sum: i32 = 0;
		for (let j: usize = 0; j < 4; j++) {
			sum += abs<i32>(<i32>load<u8>(X + first + i + j) - <i32>load<u8>(Y + second + j));
		}
		store<u16>(R + (i << 1), <u16>sum);
	}
	return v128.load(R);
}

// --- SSE4.2 strings (SDM 2B, "Imm8 Control Byte Operation for PCMPESTRI ...") ---------------------------------------------

/** An element, sign-extended where the control says that they are signed. */
function element(at: usize, i: u32, control: u32): i32 {
	const signed = (control & 2) != 0;
	if (control & 1) return signed ? <i32>load<i16>(at + (i << 1)) : <i32>load<u16>(at + (i << 1));
	return signed ? <i32>load<i8>(at + i) : <i32>load<u8>(at + i);
}

/** Up to the first zero. */
function implicitLength(at: usize, control: u32, count: u32): u32 {
	let i: u32 = 0;
	while (i < count && element(at, i, control & 1)) i++;
	return i;
}

/** A register's magnitude, at most the number of elements. */
function explicitLength(cpu: usize, register: usize, wide: bool, count: u32): u32 {
	let value: i64 = wide ? load<i64>(cpu + register) : <i64>load<i32>(cpu + register);
	if (value < 0) value = -value;
	return value < 0 || value > <i64>count ? count : <u32>value;
}

const EQUAL_ANY: u32 = 0;
const RANGES: u32 = 1;
const EQUAL_EACH: u32 = 2;

/** Whether element j of the second string meets the aggregation; elements beyond a string's end are not valid. */
function meets(j: u32, control: u32, first: u32, second: u32, count: u32): bool {
	const kind = (control >> 2) & 3;
	if (kind == EQUAL_ANY) {
		if (j >= second) return false;
		for (let i: u32 = 0; i < first; i++) if (element(X, i, control) == element(Y, j, control)) return true;
		return false;
	}
	if (kind == RANGES) {
		if (j >= second) return false;
		const value = element(Y, j, control);
		for (let i: u32 = 0; i + 1 < first; i += 2) {
			if (value >= element(X, i, control) && value <= element(X, i + 1, control)) return true;
		}
		return false;
	}
	if (kind == EQUAL_EACH) {
		if (j >= first || j >= second) return j >= first && j >= second;
		return element(X, j, control) == element(Y, j, control);
	}
	// Equal ordered: the first string begins at j; what lies beyond the register is not compared.
	for (let i: u32 = 0; i < first && i + j < count; i++) {
		if (i + j >= second || element(X, i, control) != element(Y, i + j, control)) return false;
	}
	return true;
}

function compare(control: u32, first: u32, second: u32, count: u32): u32 {
	let bits: u32 = 0;
	for (let j: u32 = 0; j < count; j++) if (meets(j, control, first, second, count)) bits |= 1 << j;
	if (!(control & 0x10)) return bits;
	// Negated, all of it or only what is valid of the second string.
	return bits ^ (control & 0x20 ? (1 << second) - 1 : (1 << count) - 1);
}

/** The mask as bits, or each bit as an element. */
function writeMask(cpu: usize, control: u32, bits: u32, count: u32): void {
	v128.store(R, i64x2.splat(0));
	if (control & 0x40) {
		for (let i: u32 = 0; i < count; i++) {
			const value: i32 = (bits >> i) & 1 ? -1 : 0;
			if (control & 1) store<u16>(R + (i << 1), <u16>value);
			else store<u8>(R + i, <u8>value);
		}
	} else store<u32>(R, bits);
	v128.store(cpu + VECTORS, v128.load(R));
}

/** @param how bit 0: lengths in rAX and rDX; bit 1: the mask to XMM0 instead of an index to ECX; bit 2: under a VEX prefix */
export function compareStrings(cpu: usize, record: usize, x: v128, y: v128, control: u32, how: u32): i32 {
	control &= 0xff;
	v128.store(X, x);
	v128.store(Y, y);
	const count: u32 = control & 1 ? 8 : 16;
	const wide = ((<u32>load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 3;
	const first = how & 1 ? explicitLength(cpu, RAX, wide, count) : implicitLength(X, control, count);
	const second = how & 1 ? explicitLength(cpu, RDX, wide, count) : implicitLength(Y, control, count);
	const bits = compare(control, first, second, count);
	if (how & 2) {
		writeMask(cpu, control, bits, count);
		if (how & 4) v128.store(cpu + VECTORS, i64x2.splat(0), 16);
	} else {
		const index: u32 = !bits ? count : control & 0x40 ? 31 - clz<u32>(bits) : ctz<u32>(bits);
		store<u64>(cpu + RCX, index);
	}
	writeArithmetic(cpu, (bits ? CF : 0) | (second < count ? ZF : 0) | (first < count ? SF : 0) | (bits & 1 ? OF_FLAG : 0));
	return STATUS_NEXT;
}

// --- AVX2 ------------------------------------------------------------------------------------------------------------------

/** VPSLLV, VPSRLV, VPSRAV. @param how bits 1..0: left, right, right with signs; bit 4: quadwords */
export function shiftEach(cpu: usize, record: usize, x: v128, counts: v128, how: u32): v128 {
	v128.store(X, x);
	v128.store(Y, counts);
	const kind = how & 3;
	if (how & 16) {
		for (let i: usize = 0; i < 16; i += 8) {
			const by = load<u64>(Y + i);
			const value = load<u64>(X + i);
			store<u64>(R + i, by > 63 ? 0 : kind ? value >> by : value << by);
		}
		return v128.load(R);
	}
	for (let i: usize = 0; i < 16; i += 4) {
		const by = load<u32>(Y + i);
		const value = load<u32>(X + i);
		if (kind == 2) store<i32>(R + i, <i32>value >> min<u32>(by, 31));
		else store<u32>(R + i, by > 31 ? 0 : kind ? value >> by : value << by);
	}
	return v128.load(R);
}
