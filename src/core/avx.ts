// What AVX, AVX2, FMA and F16C do lane by lane: memory under a mask, gathers, fused multiply-add, halves of singles.

import { faulted, raise, UD } from "./fault";
import { setRounding } from "./float/environment";
import { f16ToF32, f32Fma, f32ToF16, f64Fma } from "./float/formats";
import { afterWrites, loadSize, ownTlb, readSize, storeSize, updatable, written } from "./memory";
import { is64 } from "./mode";
import { segmented } from "./segments";
import { finishSse, nextLane, startSse } from "./sse";
import {
	INFO_SEGMENTED, REC_BASE, REC_DISPLACEMENT, REC_INDEX, REC_INFO, REC_MASK, REC_REG, REC_SCALE, REC_VVVV, RECORD, STATUS_FAULT,
	STATUS_NEXT, VECTOR_SIZE, VECTORS,
} from "./state";

const X = memory.data(32, 16);
const Y = memory.data(32, 16);
const Z = memory.data(16, 16);
const R = memory.data(16, 16);

// --- registers -------------------------------------------------------------------------------------------------------

function registers(cpu: usize): usize {
	return is64(cpu) ? 16 : 8;
}

export function zeroUpper(cpu: usize, record: usize): i32 {
	for (let i: usize = 0; i < registers(cpu); i++) v128.store(cpu + VECTORS + i * VECTOR_SIZE, i64x2.splat(0), 16);
	return STATUS_NEXT;
}

export function zeroAll(cpu: usize, record: usize): i32 {
	memory.fill(cpu + VECTORS, 0, registers(cpu) * VECTOR_SIZE);
	return STATUS_NEXT;
}

// --- memory under a mask -----------------------------------------------------------------------------------------------

/** Whether the element of a mask is set: its sign. */
@inline
function isSet(mask: usize, size: u32): bool {
	return size == 8 ? load<i64>(mask) < 0 : load<i32>(mask) < 0;
}

export function maskedLoad(cpu: usize, record: usize, mask: v128, address: u64, size: u32): v128 {
	store<u32>(cpu + RECORD, <u32>record);
	v128.store(X, mask);
	v128.store(R, i64x2.splat(0));
	for (let at: u32 = 0; at < 16; at += size) {
		if (!isSet(X + at, size)) continue;
		const value = readSize(cpu, ownTlb(cpu), address + at, size);
		if (faulted(cpu)) return mask;
		storeSize(R + at, value, size);
	}
	return v128.load(R);
}

/** Elements are written one by one once all are known to be writable. */
export function maskedStore(cpu: usize, record: usize, address: u64, mask0: v128, mask1: v128, low: v128, high: v128, size: u32): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	v128.store(X, mask0);
	v128.store(X, mask1, 16);
	v128.store(Y, low);
	v128.store(Y, high, 16);
	for (let at: u32 = 0; at < 32; at += size) {
		if (isSet(X + at, size) && !updatable(cpu, ownTlb(cpu), address + at, size)) return STATUS_FAULT;
	}
	for (let at: u32 = 0; at < 32; at += size) {
		if (!isSet(X + at, size)) continue;
		const pointer = updatable(cpu, ownTlb(cpu), address + at, size);
		storeSize(pointer, loadSize(Y + at, size), size);
		written(cpu, pointer);
	}
	return afterWrites();
}

/** An element's linear address (SDM 2A, "Vector SIB (VSIB) Memory Addressing"). */
function elementAddress(cpu: usize, record: usize, index: i64, size: u32): u64 {
	const base = load<u64>(cpu + load<u16>(record + REC_BASE));
	const scaled = <u64>index << load<u8>(record + REC_SCALE);
	const offset = (base + scaled + load<u64>(record + REC_DISPLACEMENT)) & load<u64>(record + REC_MASK);
	return load<u16>(record + REC_INFO) & INFO_SEGMENTED ? segmented(cpu, record, offset, size) : offset;
}

/**
 * VGATHER, VPGATHER: element by element, so that after a fault those that were loaded need not be loaded again: their mask is clear.
 * @param how bytes of an index in bits 3..0, of an element in bits 7..4; bit 8: 256 bits
 */
export function gather(cpu: usize, record: usize, how: u32): i32 {
	const result = load<u16>(record + REC_REG);
	const mask = load<u16>(record + REC_VVVV);
	const indices = load<u16>(record + REC_INDEX);
	if (result == mask || result == indices || mask == indices) return raise(cpu, UD);
	store<u32>(cpu + RECORD, <u32>record);
	const indexSize = how & 15;
	const size = (how >> 4) & 15;
	const count: u32 = (how & 0x100 ? 32 : 16) / max(indexSize, size);
	for (let i: u32 = 0; i < count; i++) {
		const at = cpu + mask + i * size;
		if (!isSet(at, size)) continue;
		const from = cpu + indices + i * indexSize;
		const index: i64 = indexSize == 8 ? load<i64>(from) : <i64>load<i32>(from);
		const linear = elementAddress(cpu, record, index, size);
		const value = faulted(cpu) ? 0 : readSize(cpu, ownTlb(cpu), linear, size);
		if (faulted(cpu)) return STATUS_FAULT;
		storeSize(cpu + result + i * size, value, size);
		storeSize(at, 0, size);
	}
	memory.fill(cpu + mask, 0, VECTOR_SIZE);
	memory.fill(cpu + result + count * size, 0, VECTOR_SIZE - count * size);
	return STATUS_NEXT;
}

// --- fused multiply-add ----------------------------------------------------------------------------------------------------

const DOUBLE: u32 = 16;
const SCALAR: u32 = 32;
/** FMADD, FMSUB, FNMADD, FNMSUB are 0 to 3. */
const FMADDSUB: u32 = 4;
const FMSUBADD: u32 = 5;

/** A number's sign is turned, a NaN's stays. */
@inline
function negated32(a: u32, negate: bool): u32 {
	return negate && (a & 0x7fffffff) <= 0x7f800000 ? a ^ 0x80000000 : a;
}

@inline
function negated64(a: u64, negate: bool): u64 {
	return negate && (a & 0x7fffffffffffffff) <= 0x7ff0000000000000 ? a ^ 0x8000000000000000 : a;
}

export function fuse(cpu: usize, record: usize, a: v128, b: v128, c: v128, how: u32): v128 {
	startSse(cpu);
	v128.store(X, a);
	v128.store(Y, b);
	v128.store(Z, c);
	const lanes: u32 = how & SCALAR ? 1 : how & DOUBLE ? 2 : 4;
	for (let i: u32 = 0; i < lanes; i++) {
		let form = how & 7;
		if (form == FMADDSUB) form = i & 1 ? 0 : 1;
		else if (form == FMSUBADD) form = i & 1;
		const product = form >= 2;
		const sum = (form & 1) != 0;
		if (how & DOUBLE) {
			const at = i << 3;
			const x = negated64(load<u64>(X + at), product);
			store<u64>(R + at, f64Fma(x, load<u64>(Y + at), negated64(load<u64>(Z + at), sum)));
		} else {
			const at = i << 2;
			const x = negated32(load<u32>(X + at), product);
			store<u32>(R + at, f32Fma(x, load<u32>(Y + at), negated32(load<u32>(Z + at), sum)));
		}
		nextLane();
	}
	finishSse(cpu, how);
	return v128.load(R);
}

// --- halves of singles -----------------------------------------------------------------------------------------------------

/** VCVTPH2PS: of the four lowest halves. */
export function halvesToSingles(cpu: usize, record: usize, x: v128, how: u32): v128 {
	startSse(cpu);
	v128.store(X, x);
	for (let i: usize = 0; i < 4; i++) store<u32>(R + (i << 2), f16ToF32(load<u16>(X + (i << 1))));
	finishSse(cpu, how);
	return v128.load(R);
}

/** VCVTPS2PH. Bits 1..0 of `mode` name the rounding unless bit 2 leaves it to MXCSR. */
export function singlesToHalves(cpu: usize, record: usize, x: v128, mode: u32, how: u32): v128 {
	startSse(cpu);
	if (!(mode & 4)) setRounding(mode & 3);
	v128.store(X, x);
	store<u64>(R, 0, 8);
	for (let i: usize = 0; i < 4; i++) store<u16>(R + (i << 1), <u16>f32ToF16(load<u32>(X + (i << 2))));
	finishSse(cpu, how);
	return v128.load(R);
}
