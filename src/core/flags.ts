// RFLAGS: the lazy arithmetic flags (state.ts says how they are kept) and the system flags.

import { updateMode } from "./mode";
import {
	ATTENTION, ATTENTION_STEP, CPL, FLAGS_CARRIES, FLAGS_META, FLAGS_RESULT, FLAGS_SYSTEM, KIND_ADC, KIND_INC, KIND_RESULT, KIND_SBB, RAX, STATUS_NEXT,
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
	if (mask & ARITHMETIC) writeArithmetic(cpu, (flags & mask) | (readFlags(cpu, 0) & ~mask));
	setSystemFlags(cpu, (flags & mask) | (load<u32>(cpu + FLAGS_SYSTEM) & ~mask));
}

/** TF wants attention before every instruction; AC and VM change how memory is reached. */
export function setSystemFlags(cpu: usize, flags: u32): void {
	const changed = (load<u32>(cpu + FLAGS_SYSTEM) ^ flags) & (AC | VM);
	store<u32>(cpu + FLAGS_SYSTEM, flags & SYSTEM);
	if (flags & TF) store<u32>(cpu + ATTENTION, load<u32>(cpu + ATTENTION) | ATTENTION_STEP);
	if (changed) updateMode(cpu);
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

/** Writes the flags that a region kept as operands and result: see KIND_*. */
export function settleFlags(cpu: usize, kind: u32, a: i64, b: i64, r: i64): void {
	if (!kind) return;
	const type = kind & 0xff;
	const shift: i64 = 64 - (kind >> 8);
	const result = (r << shift) >> shift;
	store<i64>(cpu + FLAGS_RESULT, result);
	if (type >= KIND_INC) {
		store<i64>(cpu + FLAGS_META, 0);
		store<i64>(cpu + FLAGS_CARRIES, stepCarries(type, shift, a, b, result));
		return;
	}
	const left = (a << shift) >> shift;
	const right = (b << shift) >> shift;
	let carries: i64 = 0;
	if (type <= KIND_ADC) carries = (left & right) | ((left | right) & ~result);
	else if (type <= KIND_SBB) carries = (~left & right) | ((~left | right) & result);
	store<i64>(cpu + FLAGS_META, shift);
	store<i64>(cpu + FLAGS_CARRIES, carries);
}

/** CF at bit 63 and CF ^ OF at bit 62, AF at bit 3, as translate/flags.ts leaves them. */
function stepCarries(type: u32, shift: i64, a: i64, b: i64, result: i64): i64 {
	if (type == KIND_RESULT) return ((a & 1) << 63) | (((a ^ b) & 1) << 62);
	const smallest = i64.MIN_VALUE >> shift;
	const overflow: i64 = type == KIND_INC ? (result == smallest ? 1 : 0) : result == ~smallest ? 1 : 0;
	const adjust: i64 = (result & 15) == (type == KIND_INC ? 0 : 15) ? 8 : 0;
	return ((b & 1) << 63) | (((b ^ overflow) & 1) << 62) | adjust;
}
