// XSAVE and its kin: state components by bits of XCR0, in the standard or the compacted format (SDM 1, "Managing State Using
// the XSAVE Feature Set"). Components: 0 x87, 1 SSE, 2 AVX, 9 PKRU.
//
// Nothing is tracked as modified: XSAVEOPT writes what is in use, as a processor may.

import { setPkru } from "./contexts";
import { faulted, GP, NM, raise, raiseWith, UD } from "./fault";
import { afterWrites, ownTlb, readSize, writeSize } from "./memory";
import { is64, controlsChanged } from "./mode";
import {
	CPL, CR0, CR4, FCW, FSW, FTW, INFO_OPERAND_SHIFT, MODEL_XCR0, MXCSR, PKRU, RAX, RCX, RDX, REC_INFO, RECORD, STATUS_FAULT, STATUS_LEAVE,
	STATUS_NEXT, VECTOR_SIZE, VECTORS, X87_REGISTERS, XCR0,
} from "./state";
import { initializeX87, resetX87 } from "./x87/control";
import { reaches } from "./x87/environment";
import { getX87, getXmm, MXCSR_MASK, putX87, putXmm } from "./x87/save";

const X87: u64 = 1;
const SSE: u64 = 2;
const AVX: u64 = 4;
const KEYS: u64 = 0x200;

const CR0_TS: u32 = 8;
const CR4_OSXSAVE: u32 = 0x40000;

// The area: the legacy region of FXSAVE, then the header, then the extended region.
const MXCSR_AT: u64 = 24;
const XSTATE_BV: u64 = 512;
const XCOMP_BV: u64 = 520;
const HEADER_END: u64 = 576;
const AVX_AT: u64 = 576;
const AVX_SIZE: u64 = 256;
const KEYS_AT: u64 = 2688;
const KEYS_SIZE: u64 = 8;
const COMPACTED: u64 = 0x8000000000000000;
const MXCSR_INITIAL: u32 = 0x1f80;
const FCW_INITIAL: u32 = 0x37f;

function general(cpu: usize): i32 {
	return raiseWith(cpu, GP, 0);
}

/** #UD without CR4.OSXSAVE, #NM with CR0.TS, #GP where the area is not aligned to 64 bytes. */
function forbidden(cpu: usize, record: usize, area: u64): bool {
	store<u32>(cpu + RECORD, <u32>record);
	if (!(load<u32>(cpu + CR4) & CR4_OSXSAVE)) raise(cpu, UD);
	else if (load<u32>(cpu + CR0) & CR0_TS) raise(cpu, NM);
	else if (area & 63) general(cpu);
	return faulted(cpu);
}

function requested(cpu: usize): u64 {
	return (<u64>load<u32>(cpu + RDX) << 32) | load<u32>(cpu + RAX);
}

function isWide(record: usize): bool {
	return ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 3;
}

/** Bytes that components take in the compacted format, the extended region from its start on. */
function offsetIn(mask: u64, component: u64, compact: bool): u64 {
	if (!compact) return component == AVX ? AVX_AT : KEYS_AT;
	return component == KEYS && mask & AVX ? HEADER_END + AVX_SIZE : HEADER_END;
}

/** The size of the area for components, for CPUID. */
export function areaSize(mask: u64, compact: bool): u32 {
	let size = HEADER_END;
	if (mask & AVX) size = offsetIn(mask, AVX, compact) + AVX_SIZE;
	if (mask & KEYS) size = offsetIn(mask, KEYS, compact) + KEYS_SIZE;
	return <u32>size;
}

// --- what is in its initial configuration (XINUSE) --------------------------------------------------------------------

function anyIn(at: usize, bytes: usize): bool {
	for (let i: usize = 0; i < bytes; i += 8) if (load<u64>(at + i)) return true;
	return false;
}

function vectorCount(cpu: usize): u32 {
	return is64(cpu) ? 16 : 8;
}

function inUse(cpu: usize): u64 {
	let mask: u64 = 0;
	const control = load<u16>(cpu + FCW) == FCW_INITIAL && !load<u16>(cpu + FSW) && !load<u8>(cpu + FTW);
	if (!control || anyIn(cpu + X87_REGISTERS, 128)) mask |= X87;
	for (let i: u32 = 0; i < 16; i++) {
		const at = cpu + VECTORS + i * VECTOR_SIZE;
		if (anyIn(at, 16)) mask |= SSE;
		if (anyIn(at + 16, 16)) mask |= AVX;
	}
	if (load<u32>(cpu + PKRU)) mask |= KEYS;
	return mask;
}

// --- saving ------------------------------------------------------------------------------------------------------------

function put(cpu: usize, at: u64, value: u64, size: u32): void {
	writeSize(cpu, ownTlb(cpu), at, value, size);
}

function putUppers(cpu: usize, at: u64): void {
	for (let i: u32 = 0; i < vectorCount(cpu); i++) {
		const upper = cpu + VECTORS + i * VECTOR_SIZE + 16;
		put(cpu, at + i * 16, load<u64>(upper), 8);
		put(cpu, at + i * 16 + 8, load<u64>(upper, 8), 8);
	}
}

function putComponents(cpu: usize, record: usize, area: u64, mask: u64, saved: u64, compact: bool): void {
	if (saved & X87) putX87(cpu, area, isWide(record));
	if (saved & SSE) putXmm(cpu, area);
	if (saved & AVX) putUppers(cpu, area + offsetIn(mask, AVX, compact));
	if (saved & KEYS) put(cpu, area + offsetIn(mask, KEYS, compact), load<u32>(cpu + PKRU), 8);
}

/** XSAVE and XSAVEOPT: `mask` components, of which `saved` are written. */
function saveStandard(cpu: usize, record: usize, area: u64, optimised: bool): i32 {
	if (forbidden(cpu, record, area)) return STATUS_FAULT;
	const mask = requested(cpu) & load<u64>(cpu + XCR0);
	if (!reaches(cpu, area, areaSize(mask, false), true)) return STATUS_FAULT;
	const used = inUse(cpu);
	const before = readSize(cpu, ownTlb(cpu), area + XSTATE_BV, 8);
	putComponents(cpu, record, area, mask, optimised ? mask & used : mask, false);
	// MXCSR belongs to SSE and AVX alike.
	if (mask & (SSE | AVX)) put(cpu, area + MXCSR_AT, load<u32>(cpu + MXCSR) | (<u64>MXCSR_MASK << 32), 8);
	put(cpu, area + XSTATE_BV, (before & ~mask) | (used & mask), 8);
	return faulted(cpu) ? STATUS_FAULT : afterWrites();
}

export function xsave(cpu: usize, record: usize, area: u64): i32 {
	return saveStandard(cpu, record, area, false);
}

export function xsaveOptimised(cpu: usize, record: usize, area: u64): i32 {
	return saveStandard(cpu, record, area, true);
}

/** XSAVEC: the compacted format, without what is in its initial configuration. */
export function xsaveCompacted(cpu: usize, record: usize, area: u64): i32 {
	if (forbidden(cpu, record, area)) return STATUS_FAULT;
	const mask = requested(cpu) & load<u64>(cpu + XCR0);
	if (!reaches(cpu, area, areaSize(mask, true), true)) return STATUS_FAULT;
	// MXCSR makes SSE in use here, though not for XSAVE.
	const used = (inUse(cpu) | (load<u32>(cpu + MXCSR) != MXCSR_INITIAL ? SSE : 0)) & mask;
	putComponents(cpu, record, area, mask, used, true);
	if (used & SSE) put(cpu, area + MXCSR_AT, load<u32>(cpu + MXCSR) | (<u64>MXCSR_MASK << 32), 8);
	put(cpu, area + XSTATE_BV, used, 8);
	put(cpu, area + XCOMP_BV, mask | COMPACTED, 8);
	return faulted(cpu) ? STATUS_FAULT : afterWrites();
}

// --- restoring -----------------------------------------------------------------------------------------------------------

function get(cpu: usize, at: u64, size: u32): u64 {
	return readSize(cpu, ownTlb(cpu), at, size);
}

function getUppers(cpu: usize, at: u64): void {
	for (let i: u32 = 0; i < vectorCount(cpu); i++) {
		const upper = cpu + VECTORS + i * VECTOR_SIZE + 16;
		store<u64>(upper, get(cpu, at + i * 16, 8));
		store<u64>(upper, get(cpu, at + i * 16 + 8, 8), 8);
	}
}

/** As FNINIT leaves it, the registers zero besides. */
function clearX87(cpu: usize, record: usize): void {
	resetX87(cpu);
	initializeX87(cpu, record);
}

function clearVectors(cpu: usize, at: usize): void {
	for (let i: u32 = 0; i < vectorCount(cpu); i++) memory.fill(cpu + VECTORS + i * VECTOR_SIZE + at, 0, 16);
}

export function xrestore(cpu: usize, record: usize, area: u64): i32 {
	if (forbidden(cpu, record, area) || !reaches(cpu, area, <u32>HEADER_END, false)) return STATUS_FAULT;
	const present = get(cpu, area + XSTATE_BV, 8);
	const layout = get(cpu, area + XCOMP_BV, 8);
	const compact = (layout & COMPACTED) != 0;
	const enabled = load<u64>(cpu + XCR0);
	const mask = requested(cpu) & enabled;
	if (!headerAllowed(cpu, area, present, layout, compact, enabled)) return general(cpu);
	const parts = compact ? layout & ~COMPACTED : mask;
	if (!reaches(cpu, area, areaSize(compact ? parts : mask, compact), false)) return STATUS_FAULT;
	const loads = mask & present;
	// In the standard format MXCSR is loaded whenever SSE or AVX is asked for, in the compacted one it is SSE's.
	const loadsMxcsr = compact ? (loads & SSE) != 0 : (mask & (SSE | AVX)) != 0;
	const mxcsr = <u32>get(cpu, area + MXCSR_AT, 4);
	if (loadsMxcsr && mxcsr & ~MXCSR_MASK) return general(cpu);
	if (loadsMxcsr) store<u32>(cpu + MXCSR, mxcsr);
	else if (compact && mask & SSE) store<u32>(cpu + MXCSR, MXCSR_INITIAL);
	restoreComponents(cpu, record, area, mask, loads, parts, compact);
	return STATUS_LEAVE;
}

/** Reserved bits of the header, and components that are not enabled. */
function headerAllowed(cpu: usize, area: u64, present: u64, layout: u64, compact: bool, enabled: u64): bool {
	if (!compact) return !(present & ~enabled) && !layout && !get(cpu, area + XCOMP_BV + 8, 8);
	const parts = layout & ~COMPACTED;
	if (parts & ~enabled || present & ~parts) return false;
	for (let at = XCOMP_BV + 8; at < HEADER_END; at += 8) if (get(cpu, area + at, 8)) return false;
	return true;
}

function restoreComponents(cpu: usize, record: usize, area: u64, mask: u64, loads: u64, parts: u64, compact: bool): void {
	if (loads & X87) getX87(cpu, area, isWide(record));
	else if (mask & X87) clearX87(cpu, record);
	if (loads & SSE) getXmm(cpu, area);
	else if (mask & SSE) clearVectors(cpu, 0);
	if (loads & AVX) getUppers(cpu, area + offsetIn(parts, AVX, compact));
	else if (mask & AVX) clearVectors(cpu, 16);
	if (loads & KEYS) setPkru(cpu, <u32>get(cpu, area + offsetIn(parts, KEYS, compact), 4));
	else if (mask & KEYS) setPkru(cpu, 0);
}

// --- XCR0 ------------------------------------------------------------------------------------------------------------------

/** XGETBV: XCR0, or with ECX = 1 what of it is in use. */
export function readExtendedControl(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_OSXSAVE)) return raise(cpu, UD);
	const number = load<u32>(cpu + RCX);
	if (number > 1) return general(cpu);
	const value = load<u64>(cpu + XCR0) & (number ? inUse(cpu) : <u64>-1);
	store<u64>(cpu + RAX, value & 0xffffffff);
	store<u64>(cpu + RDX, value >> 32);
	return STATUS_NEXT;
}

export function writeExtendedControl(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_OSXSAVE)) return raise(cpu, UD);
	const value = requested(cpu);
	const invalid = load<u32>(cpu + CPL) != 0 || load<u32>(cpu + RCX) != 0 || value & ~load<u64>(MODEL_XCR0) || !(value & X87);
	if (invalid || (value & AVX && !(value & SSE))) return general(cpu);
	store<u64>(cpu + XCR0, value);
	controlsChanged(cpu);
	return STATUS_LEAVE;
}
