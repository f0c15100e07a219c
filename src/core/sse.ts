// Vector floating point with all that can come of it: flags, rounding, NaNs, denormals. The generated
// code does itself what cannot differ (x86/semantics/float.ts says when); the rest comes here, lane by lane.
//
// `how` says of what an operation is one: bit 4 doubles instead of singles, bit 5 the lowest lane only, bits 6 and 7 the first
// or the second half of a 256-bit one.

import { BEFORE, begin, clearRaised, masked, PE, raised, setRounding } from "./float/environment";
import {
	f32Add, f32Compare, f32Div, f32Mul, f32Sqrt, f32Sub, f32ToF64, f32ToIntegral, f32ToInteger, f64Add, f64Compare, f64Div, f64Mul, f64Sqrt,
	f64Sub, f64ToF32, f64ToIntegral, f64ToInteger, integerToF32, integerToF64,
} from "./float/formats";
import { EQUAL, GREATER, LESS, UNORDERED } from "./float/operations";
import { faulted, GP, raise, raiseWith, UD, XM } from "./fault";
import { afterWrites, ownTlb, updatable, written } from "./memory";
import { segmented } from "./segments";
import { CR4, INFO_SEGMENTED, MXCSR, RDI, REC_INFO, REC_MASK, RECORD, STATUS_FAULT, STATUS_NEXT } from "./state";

const DOUBLE: u32 = 16;
const SCALAR: u32 = 32;
const FIRST_HALF: u32 = 64;
const SECOND_HALF: u32 = 128;
const CR4_OSXMMEXCPT: u32 = 0x400;

/** Operands and result of the instruction under way. */
const X = memory.data(16, 16);
const Y = memory.data(16, 16);
const R = memory.data(16, 16);

/** What the lanes before this one raised. */
let collected: u32 = 0;

/** Puts aside what a lane raised, for it says nothing of the next. */
export function nextLane(): void {
	collected |= raised;
	clearRaised(ALL);
}

/** Reads MXCSR: nothing is raised yet. */
export function startSse(cpu: usize): void {
	collected = 0;
	const control = load<u32>(cpu + MXCSR);
	begin((control >> 13) & 3, (control >> 7) & 0x3f, (control & 0x40) != 0, (control & 0x8000) != 0);
}

const ALL: u32 = 0x3f;
let fromFirstHalf: u32 = 0;

/** Writes what was raised to MXCSR, and raises #XM for what is not masked (SDM 1, "SIMD Floating-Point Exception Conditions"). */
export function finishSse(cpu: usize, how: u32 = 0): void {
	let flags = raised | collected;
	// Where something is unmasked both halves come here, and what they raise is one.
	if (masked != ALL && how & FIRST_HALF) {
		fromFirstHalf = flags;
		return;
	}
	if (masked != ALL && how & SECOND_HALF) flags |= fromFirstHalf;
	// What comes before the computation comes alone: the others were not computed.
	if (flags & BEFORE & ~masked) flags &= BEFORE;
	store<u32>(cpu + MXCSR, load<u32>(cpu + MXCSR) | flags);
	if (flags & ~masked) raise(cpu, load<u32>(cpu + CR4) & CR4_OSXMMEXCPT ? XM : UD);
}

@inline
function lanesOf(how: u32): u32 {
	return how & SCALAR ? 1 : how & DOUBLE ? 2 : 4;
}

// --- arithmetic -------------------------------------------------------------------------------------------

const MIN: u32 = 5;
const MAX: u32 = 6;
const ADDSUB: u32 = 7;

function single(op: u32, a: u32, b: u32): u32 {
	if (op == 0) return f32Add(a, b);
	if (op == 1) return f32Sub(a, b);
	if (op == 2) return f32Mul(a, b);
	if (op == 3) return f32Div(a, b);
	if (op == 4) return f32Sqrt(a);
	// The second operand where they are equal or not ordered.
	const order = f32Compare(a, b, false);
	const chosen = order == (op == MIN ? LESS : GREATER) ? a : b;
	return flushed32(chosen);
}

function double(op: u32, a: u64, b: u64): u64 {
	if (op == 0) return f64Add(a, b);
	if (op == 1) return f64Sub(a, b);
	if (op == 2) return f64Mul(a, b);
	if (op == 3) return f64Div(a, b);
	if (op == 4) return f64Sqrt(a);
	const order = f64Compare(a, b, false);
	const chosen = order == (op == MIN ? LESS : GREATER) ? a : b;
	return flushed64(chosen);
}

let daz: bool = false;

/** MIN and MAX see a denormal as zero under DAZ, and give that zero, beside a NaN too. */
function flushed32(a: u32): u32 {
	return daz && !(a & 0x7f800000) ? a & 0x80000000 : a;
}

function flushed64(a: u64): u64 {
	return daz && !(a & 0x7ff0000000000000) ? a & 0x8000000000000000 : a;
}

export function floatArithmetic(cpu: usize, record: usize, x: v128, y: v128, how: u32): v128 {
	startSse(cpu);
	daz = (load<u32>(cpu + MXCSR) & 0x40) != 0;
	v128.store(X, x);
	v128.store(Y, y);
	v128.store(R, x);
	const lanes = lanesOf(how);
	for (let i: u32 = 0; i < lanes; i++) {
		let op = how & 15;
		if (op == ADDSUB) op = i & 1 ? 0 : 1;
		if (how & DOUBLE) store<u64>(R + (i << 3), double(op, load<u64>(X + (i << 3)), load<u64>(Y + (i << 3))));
		else store<u32>(R + (i << 2), single(op, load<u32>(X + (i << 2)), load<u32>(Y + (i << 2))));
		nextLane();
	}
	finishSse(cpu, how);
	return v128.load(R);
}

// --- comparisons ---------------------------------------------------------------------------------------------

/** COMIS, UCOMIS: ZF, PF and CF as in RFLAGS. Bit 0 of `how`: only a signalling NaN is invalid. */
export function floatCompare(cpu: usize, record: usize, x: v128, y: v128, how: u32): u32 {
	startSse(cpu);
	const quiet = (how & 1) != 0;
	const order =
		how & DOUBLE
			? f64Compare(i64x2.extract_lane(x, 0), i64x2.extract_lane(y, 0), quiet)
			: f32Compare(i32x4.extract_lane(x, 0), i32x4.extract_lane(y, 0), quiet);
	finishSse(cpu);
	if (order == UNORDERED) return 0x45;
	return order == EQUAL ? 0x40 : order == LESS ? 1 : 0;
}

/** Which orders each of the first sixteen predicates holds for: bits LESS 1, EQUAL 2, GREATER 4, unordered 8. */
const PREDICATES = memory.data<u8>([2, 1, 3, 8, 13, 14, 12, 7, 10, 9, 11, 0, 5, 6, 4, 15]);
/** The predicates that make quiet NaNs invalid; from 16 on it is the others. */
const SIGNALLING: u32 = 0x6666;

function orderBit(order: u32): u32 {
	return order == LESS ? 1 : order == EQUAL ? 2 : order == UNORDERED ? 8 : 4;
}

export function floatCompareMask(cpu: usize, record: usize, x: v128, y: v128, predicate: u32, how: u32): v128 {
	startSse(cpu);
	v128.store(X, x);
	v128.store(Y, y);
	v128.store(R, x);
	const holds: u32 = load<u8>(PREDICATES + (predicate & 15));
	const quiet = (((SIGNALLING >> (predicate & 15)) & 1) ^ (predicate >> 4)) == 0;
	const lanes = lanesOf(how);
	for (let i: u32 = 0; i < lanes; i++) {
		if (how & DOUBLE) {
			const order = f64Compare(load<u64>(X + (i << 3)), load<u64>(Y + (i << 3)), quiet);
			store<i64>(R + (i << 3), holds & orderBit(order) ? -1 : 0);
		} else {
			const order = f32Compare(load<u32>(X + (i << 2)), load<u32>(Y + (i << 2)), quiet);
			store<i32>(R + (i << 2), holds & orderBit(order) ? -1 : 0);
		}
	}
	finishSse(cpu, how);
	return v128.load(R);
}

// --- conversions -----------------------------------------------------------------------------------------------

/** CVTSI2SS, CVTSI2SD. Answers the bits of the number, a single in the lower half. */
export function integerToFloat(cpu: usize, record: usize, value: u64, how: u32): u64 {
	startSse(cpu);
	const result: u64 = how & DOUBLE ? integerToF64(<i64>value) : integerToF32(<i64>value);
	finishSse(cpu);
	return result;
}

/** CVTSS2SI and the like. Bit 0 of `how`: truncating; bit 1: to 64 bits. */
export function floatToInteger(cpu: usize, record: usize, bits: u64, how: u32): u64 {
	startSse(cpu);
	const width: u32 = how & 2 ? 64 : 32;
	const truncate = (how & 1) != 0;
	const result = how & DOUBLE ? f64ToInteger(bits, width, truncate) : f32ToInteger(<u32>bits, width, truncate);
	finishSse(cpu);
	return <u64>result;
}

const PS2DQ: u32 = 0;
const TPS2DQ: u32 = 1;
const DQ2PS: u32 = 2;
const PD2DQ: u32 = 3;
const TPD2DQ: u32 = 4;
const PD2PS: u32 = 5;
const PS2PD: u32 = 6;
const SS2SD: u32 = 7;
const SD2SS: u32 = 8;

function convertLane(kind: u32, i: usize): void {
	const word = load<u32>(X + (i << 2));
	const long = load<u64>(X + (i << 3));
	if (kind == PS2DQ || kind == TPS2DQ) store<i32>(R + (i << 2), <i32>f32ToInteger(word, 32, kind == TPS2DQ));
	else if (kind == DQ2PS) store<u32>(R + (i << 2), integerToF32(<i64>(<i32>word)));
	else if (kind == PD2DQ || kind == TPD2DQ) store<i32>(R + (i << 2), <i32>f64ToInteger(long, 32, kind == TPD2DQ));
	else if (kind == PD2PS || kind == SD2SS) store<u32>(R + (i << 2), f64ToF32(long));
	else store<u64>(R + (i << 3), f32ToF64(word));
}

export function floatConvert(cpu: usize, record: usize, x: v128, how: u32): v128 {
	const kind = how & 15;
	startSse(cpu);
	v128.store(X, x);
	v128.store(R, i64x2.splat(0));
	const lanes: usize = kind <= DQ2PS ? 4 : kind >= SS2SD ? 1 : 2;
	for (let i: usize = 0; i < lanes; i++) convertLane(kind, i);
	finishSse(cpu, how);
	return v128.load(R);
}

// --- the rest ----------------------------------------------------------------------------------------------------

/** ROUND. Bits 1..0 of `mode` name the rounding unless bit 2 leaves it to MXCSR; bit 3 keeps PE as it is. */
export function floatRound(cpu: usize, record: usize, x: v128, mode: u32, how: u32): v128 {
	startSse(cpu);
	if (!(mode & 4)) setRounding(mode & 3);
	v128.store(X, x);
	v128.store(R, x);
	const lanes = lanesOf(how);
	for (let i: u32 = 0; i < lanes; i++) {
		if (how & DOUBLE) store<u64>(R + (i << 3), f64ToIntegral(load<u64>(X + (i << 3))));
		else store<u32>(R + (i << 2), f32ToIntegral(load<u32>(X + (i << 2))));
	}
	if (mode & 8) clearRaised(PE);
	finishSse(cpu, how);
	return v128.load(R);
}

/** An unmasked exception of one step keeps the next from being taken. */
function stopped(): bool {
	return ((raised | collected) & ~masked) != 0;
}

/** Sums across all lanes, in the order in which processors answer one of two NaNs. Y holds the products, X partial sums. */
function sumSingles(): void {
	for (let i: u32 = 0; i < 4; i++) {
		store<u32>(X + (i << 2), f32Add(load<u32>(Y + ((i ^ 1) << 2)), load<u32>(Y + (i << 2))));
		nextLane();
	}
	if (stopped()) return;
	for (let i: u32 = 0; i < 4; i++) store<u32>(R + (i << 2), f32Add(load<u32>(X + (i << 2)), load<u32>(X + ((i ^ 2) << 2))));
}

function multiplySingles(mask: u32): void {
	for (let i: u32 = 0; i < 4; i++) {
		const at = i << 2;
		store<u32>(Y + at, mask & (0x10 << i) ? f32Mul(load<u32>(X + at), load<u32>(Y + at)) : 0);
		nextLane();
	}
}

function multiplyDoubles(mask: u32): void {
	for (let i: u32 = 0; i < 2; i++) {
		const at = i << 3;
		store<u64>(Y + at, mask & (0x10 << i) ? f64Mul(load<u64>(X + at), load<u64>(Y + at)) : 0);
		nextLane();
	}
}

/** DPPS, DPPD: products of the lanes that the mask's upper half names, summed, to those that the lower half names. */
export function dotProduct(cpu: usize, record: usize, x: v128, y: v128, mask: u32, how: u32): v128 {
	startSse(cpu);
	v128.store(X, x);
	v128.store(Y, y);
	if (how & DOUBLE) {
		multiplyDoubles(mask);
		for (let i: u32 = 0; i < 2 && !stopped(); i++) store<u64>(R + (i << 3), f64Add(load<u64>(Y + (i << 3)), load<u64>(Y + ((i ^ 1) << 3))));
		for (let i: u32 = 0; i < 2; i++) if (!((mask >> i) & 1)) store<u64>(R + (i << 3), 0);
	} else {
		multiplySingles(mask);
		if (!stopped()) sumSingles();
		for (let i: u32 = 0; i < 4; i++) if (!((mask >> i) & 1)) store<u32>(R + (i << 2), 0);
	}
	finishSse(cpu, how);
	return v128.load(R);
}

/** Twelve bits of 1/x; the rest is zero. Denormals count as zero, and become it. */
function approximation(bits: u32, root: bool): u32 {
	const sign = bits & 0x80000000;
	const rest = bits & 0x7fffffff;
	if (rest > 0x7f800000) return bits | 0x400000;
	if (rest < 0x800000) return sign | 0x7f800000;
	if (root && sign) return 0xffc00000;
	if (rest == 0x7f800000) return sign;
	const value = <f64>reinterpret<f32>(bits);
	const result = reinterpret<u32>(<f32>(root ? 1 / sqrt(value) : 1 / value));
	const cut = (result + 0x800) & 0xfffff000;
	return (cut & 0x7fffffff) < 0x800000 ? sign : cut;
}

function approximateAll(x: v128, root: bool): v128 {
	v128.store(X, x);
	for (let i: usize = 0; i < 16; i += 4) store<u32>(R + i, approximation(load<u32>(X + i), root));
	return v128.load(R);
}

export function reciprocal(cpu: usize, record: usize, x: v128): v128 {
	return approximateAll(x, false);
}

export function reciprocalRoot(cpu: usize, record: usize, x: v128): v128 {
	return approximateAll(x, true);
}

// --- MASKMOVDQU -----------------------------------------------------------------------------------------------------

/** Bytes whose mask is negative, to [rDI] in DS or the segment that a prefix names. */
export function maskedMove(cpu: usize, record: usize, x: v128, mask: v128): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	if (!i8x16.bitmask(mask)) return STATUS_NEXT;
	const offset = load<u64>(cpu + RDI) & load<u64>(record + REC_MASK);
	const linear: u64 = load<u16>(record + REC_INFO) & INFO_SEGMENTED ? segmented(cpu, record, offset, 0x110) : offset;
	const pointer = faulted(cpu) ? 0 : updatable(cpu, ownTlb(cpu), linear, 16);
	if (!pointer) return STATUS_FAULT;
	v128.store(pointer, v128.bitselect(x, v128.load(pointer), i8x16.shr_s(mask, 7)));
	written(cpu, pointer);
	return afterWrites();
}

// --- MXCSR -------------------------------------------------------------------------------------------------------

/** Bits 31..16 are reserved. */
export function loadMxcsr(cpu: usize, record: usize, value: u32): i32 {
	if (value >> 16) return raiseWith(cpu, GP, 0);
	store<u32>(cpu + MXCSR, value);
	return STATUS_NEXT;
}
