// RFLAGS: the lazy arithmetic flags (state.ts says how they are kept) and the system flags.

import { controlsChanged, updateMode } from "./mode";
import { multiplyHighSigned } from "./arithmetic";
import {
	ATTENTION, ATTENTION_STEP, CPL, FLAGS_CARRIES, FLAGS_META, FLAGS_RESULT, FLAGS_SYSTEM, KIND_ADC, KIND_ADD, KIND_CARRY_IN_SHIFT, KIND_IMUL, KIND_INC,
	KIND_LOGIC, KIND_MASK, KIND_ORDER, KIND_RESULT, KIND_SBB, KIND_SUB, KIND_WIDTH_SHIFT, OVER_CARRY, OVER_HAS_CARRY, OVER_HAS_OVERFLOW, OVER_OVERFLOW, PENDING_A, PENDING_B,
	PENDING_KIND, RAX, STATUS_NEXT,
} from "./state";

export const CF: u32 = 1;
export const PF_FLAG: u32 = 4;
export const AF: u32 = 0x10;
export const ZF: u32 = 0x40;
export const SF: u32 = 0x80;
export const TF: u32 = 0x100;
export const IF: u32 = 0x200;
export const DF_FLAG: u32 = 0x400;
export const OF_FLAG: u32 = 0x800;
export const IOPL: u32 = 0x3000;
export const NT: u32 = 0x4000;
export const RF: u32 = 0x10000;
export const VM: u32 = 0x20000;
export const AC: u32 = 0x40000;
export const VIF: u32 = 0x80000;
export const VIP: u32 = 0x100000;
export const ID: u32 = 0x200000;
export const ARITHMETIC: u32 = CF | PF_FLAG | AF | ZF | SF | OF_FLAG;
export const SYSTEM: u32 = TF | IF | DF_FLAG | IOPL | NT | RF | VM | AC | VIF | VIP | ID;

export function readFlags(cpu: usize, record: usize): u32 {
	const result = load<i64>(cpu + FLAGS_RESULT);
	const carries = load<i64>(cpu + FLAGS_CARRIES);
	const meta = load<i64>(cpu + FLAGS_META);
	let flags = load<u32>(cpu + FLAGS_SYSTEM) | 2;
	if (carries < 0) flags |= CF;
	if (!(popcnt((result ^ (meta >> 8)) & 255) & 1)) flags |= PF_FLAG;
	if (carries & 8) flags |= AF;
	if (result == 0) flags |= ZF;
	if ((result ^ meta) < 0) flags |= SF;
	if ((carries ^ (carries << 1)) << (meta & 63) < 0) flags |= OF_FLAG;
	return flags;
}

/** Sets the arithmetic flags from their places in `flags`. */
export function writeArithmetic(cpu: usize, flags: u32): void {
	const zero = (flags & ZF) != 0;
	const carry: u64 = flags & CF ? 1 : 0;
	const overflow: u64 = flags & OF_FLAG ? 1 : 0;
	const parity = (flags & PF_FLAG) != 0;
	let meta: u64 = zero != parity ? 0x100 : 0;
	if (flags & SF) meta |= 0x8000000000000000;
	store<u64>(cpu + FLAGS_RESULT, zero ? 0 : 1);
	store<u64>(cpu + FLAGS_CARRIES, (carry << 63) | ((carry ^ overflow) << 62) | (flags & AF ? 8 : 0));
	store<u64>(cpu + FLAGS_META, meta);
}

/** Sets the flags that `mask` names. */
export function writeFlags(cpu: usize, flags: u32, mask: u32): void {
	if (mask & ARITHMETIC) {
		const kept = (mask & ARITHMETIC) == ARITHMETIC ? 0 : readFlags(cpu, 0) & ~mask;
		writeArithmetic(cpu, (flags & mask) | kept);
	}
	setSystemFlags(cpu, (flags & mask) | (load<u32>(cpu + FLAGS_SYSTEM) & ~mask));
}

/** TF wants attention before every instruction; AC and VM change how memory is reached. */
export function setSystemFlags(cpu: usize, flags: u32): void {
	const changed = (load<u32>(cpu + FLAGS_SYSTEM) ^ flags) & (AC | VM);
	store<u32>(cpu + FLAGS_SYSTEM, flags & SYSTEM);
	if (flags & TF) store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_STEP);
	if (changed & VM) controlsChanged(cpu);
	else if (changed) updateMode(cpu);
}

@inline
export function flag(cpu: usize, which: u32): bool {
	return (load<u32>(cpu + FLAGS_SYSTEM) & which) != 0;
}

export function iopl(cpu: usize): u32 {
	return (load<u32>(cpu + FLAGS_SYSTEM) >> 12) & 3;
}

/** What POPF and IRET may change at this privilege (SDM 2B, "POPF"). */
export function changeable(cpu: usize): u32 {
	let mask = ARITHMETIC | TF | DF_FLAG | NT | AC | ID;
	const cpl = load<u32>(cpu + CPL);
	if (cpl == 0) mask |= IOPL;
	if (cpl <= iopl(cpu)) mask |= IF;
	return mask;
}

export function storeAhToFlags(cpu: usize, record: usize): i32 {
	const mask = ARITHMETIC & ~OF_FLAG;
	writeArithmetic(cpu, (load<u8>(cpu + RAX + 1) & mask) | (readFlags(cpu, 0) & OF_FLAG));
	return STATUS_NEXT;
}

export function clearDirection(cpu: usize, record: usize): i32 {
	store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) & ~DF_FLAG);
	return STATUS_NEXT;
}

export function setDirection(cpu: usize, record: usize): i32 {
	store<u32>(cpu + FLAGS_SYSTEM, load<u32>(cpu + FLAGS_SYSTEM) | DF_FLAG);
	return STATUS_NEXT;
}

/** Writes down the flags that a region left as operands: see KIND_* and OVER_*. */
export function settlePending(cpu: usize): void {
	const kind = load<u32>(cpu + PENDING_KIND);
	store<u32>(cpu + PENDING_KIND, 0);
	if (kind & KIND_MASK) settle(cpu, kind & KIND_MASK, load<i64>(cpu + PENDING_A), load<i64>(cpu + PENDING_B));
	if (kind & ~KIND_MASK) applyOver(cpu, kind);
}

/** As settlePending, for what a region holds in its locals: set after what is pending. */
export function settleFlags(cpu: usize, kind: u32, a: i64, b: i64): void {
	settlePending(cpu);
	if (kind & KIND_MASK) settle(cpu, kind & KIND_MASK, a, b);
	if (kind & ~KIND_MASK) applyOver(cpu, kind);
}

function settle(cpu: usize, kind: u32, a: i64, b: i64): void {
	const type = kind & 0xff;
	if (type == KIND_ORDER) {
		settleOrder(cpu, ((kind >> KIND_WIDTH_SHIFT) & 0xff) == 64, a, b);
		return;
	}
	const width = <i64>((kind >> KIND_WIDTH_SHIFT) & 0xff);
	const shift = 64 - width;
	const left = (a << shift) >> shift;
	const right = (b << shift) >> shift;
	const result = (resultOf(type, left, right, <i64>(kind >> KIND_CARRY_IN_SHIFT)) << shift) >> shift;
	store<i64>(cpu + FLAGS_RESULT, result);
	store<i64>(cpu + FLAGS_META, type <= KIND_LOGIC ? shift : 0);
	store<i64>(cpu + FLAGS_CARRIES, carriesOf(type, shift, left, right, result));
}

/** As COMISS and COMISD leave them. */
function settleOrder(cpu: usize, double: bool, a: i64, b: i64): void {
	const x = double ? reinterpret<f64>(a) : <f64>reinterpret<f32>(<i32>a);
	const y = double ? reinterpret<f64>(b) : <f64>reinterpret<f32>(<i32>b);
	writeArithmetic(cpu, x < y ? CF : x == y ? ZF : x > y ? 0 : CF | PF_FLAG | ZF);
}

function resultOf(type: u32, a: i64, b: i64, carry: i64): i64 {
	switch (type) {
		case KIND_ADD:
		case KIND_ADC:
			return a + b + carry;
		case KIND_SUB:
		case KIND_SBB:
			return a - b - carry;
		case KIND_IMUL:
			return a * b;
		default:
			return a;
	}
}

/** CF at bit 63 and CF ^ OF at bit 62, AF at bit 3, or the vector of carries: as translate/flags.ts leaves them. */
function carriesOf(type: u32, shift: i64, a: i64, b: i64, result: i64): i64 {
	if (type <= KIND_ADC) return (a & b) | ((a | b) & ~result);
	if (type <= KIND_SBB) return (~a & b) | ((~a | b) & result);
	if (type == KIND_LOGIC) return 0;
	if (type == KIND_RESULT) return topBits(b & 1, (b >> 1) & 1);
	if (type == KIND_IMUL) {
		const lost: i64 = productFits(a, b, result) ? 0 : 1;
		return topBits(lost, lost);
	}
	const smallest = i64.MIN_VALUE >> shift;
	const overflow: i64 = type == KIND_INC ? (result == smallest ? 1 : 0) : result == ~smallest ? 1 : 0;
	return topBits(0, overflow) | ((result & 15) == (type == KIND_INC ? 0 : 15) ? 8 : 0);
}

@inline
function topBits(carry: i64, overflow: i64): i64 {
	return (carry << 63) | ((carry ^ overflow) << 62);
}

/** Whether the signed product of two sign-extended operands is `low`, their product cut to the operand's width. */
function productFits(a: i64, b: i64, low: i64): bool {
	return a * b == low && <i64>multiplyHighSigned(0, 0, a, b) == low >> 63;
}

/** CF and OF as OVER_* says, the other flags as they are. */
function applyOver(cpu: usize, over: u32): void {
	const carries = load<i64>(cpu + FLAGS_CARRIES);
	const meta = load<i64>(cpu + FLAGS_META);
	const carry: i64 = over & OVER_HAS_CARRY ? (over & OVER_CARRY ? 1 : 0) : carries < 0 ? 1 : 0;
	const before: i64 = (carries ^ (carries << 1)) << (meta & 63) < 0 ? 1 : 0;
	const overflow: i64 = over & OVER_HAS_OVERFLOW ? (over & OVER_OVERFLOW ? 1 : 0) : before;
	store<i64>(cpu + FLAGS_CARRIES, topBits(carry, overflow) | (carries & 8));
	store<i64>(cpu + FLAGS_META, meta & ~63);
}
