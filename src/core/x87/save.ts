// FXSAVE and FXRSTOR (SDM 2A): x87, MMX, XMM and MXCSR in 512 bytes. The two parts are functions of their own, for
// XSAVE has the same layout.

import { faulted, GP, raiseWith } from "../fault";
import { afterWrites, ownTlb, readSize, writeSize } from "../memory";
import { is64 } from "../mode";
import {
	FCW, FDP, FIP, FOP, FSW, FTW, INFO_OPERAND_SHIFT, MXCSR, REC_INFO, STATUS_FAULT, STATUS_NEXT, VECTOR_SIZE, VECTORS,
} from "../state";
import { setControlWord } from "./control";
import { reaches } from "./environment";
import { registerAt, setStatusWord } from "./stack";

export const LEGACY_SIZE: u32 = 512;
/** MXCSR bits that exist, DAZ among them. */
export const MXCSR_MASK: u32 = 0xffff;
const REGISTERS_AT: u32 = 32;
const XMM_AT: u32 = 160;

@inline
function put(cpu: usize, linear: u64, value: u64, size: u32): void {
	writeSize(cpu, ownTlb(cpu), linear, value, size);
}

@inline
function get(cpu: usize, linear: u64, size: u32): u64 {
	return readSize(cpu, ownTlb(cpu), linear, size);
}

/** With REX.W pointers have 64 bits; else 32, and selectors behind them, which this CPU model saves as zero. */
function isWide(record: usize): bool {
	return ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 3;
}

/** Bytes 0..23 and 32..159. */
export function putX87(cpu: usize, linear: u64, wide: bool): void {
	const pointers: u64 = wide ? <u64>-1 : 0xffffffff;
	put(cpu, linear, load<u16>(cpu + FCW) | (<u32>load<u16>(cpu + FSW) << 16), 4);
	put(cpu, linear + 4, load<u8>(cpu + FTW) | (<u32>load<u16>(cpu + FOP) << 16), 4);
	put(cpu, linear + 8, load<u64>(cpu + FIP) & pointers, 8);
	put(cpu, linear + 16, load<u64>(cpu + FDP) & pointers, 8);
	for (let i: u32 = 0; i < 8; i++) {
		const at = registerAt(cpu, i);
		put(cpu, linear + REGISTERS_AT + i * 16, load<u64>(at), 8);
		put(cpu, linear + REGISTERS_AT + i * 16 + 8, load<u16>(at, 8), 8);
	}
}

export function getX87(cpu: usize, linear: u64, wide: bool): void {
	const pointers: u64 = wide ? <u64>-1 : 0xffffffff;
	const words = get(cpu, linear, 8);
	setStatusWord(cpu, <u32>(words >> 16) & 0xffff);
	setControlWord(cpu, <u32>words & 0xffff);
	store<u8>(cpu + FTW, <u8>(words >> 32));
	store<u16>(cpu + FOP, <u16>(words >> 48) & 0x7ff);
	store<u64>(cpu + FIP, get(cpu, linear + 8, 8) & pointers);
	store<u64>(cpu + FDP, get(cpu, linear + 16, 8) & pointers);
	for (let i: u32 = 0; i < 8; i++) {
		const at = registerAt(cpu, i);
		store<u64>(at, get(cpu, linear + REGISTERS_AT + i * 16, 8));
		store<u16>(at, <u16>get(cpu, linear + REGISTERS_AT + i * 16 + 8, 2), 8);
	}
}

@inline
function vectorCount(cpu: usize): u32 {
	return is64(cpu) ? 16 : 8;
}

export function putXmm(cpu: usize, linear: u64): void {
	for (let i: u32 = 0; i < vectorCount(cpu); i++) {
		const at = cpu + VECTORS + i * VECTOR_SIZE;
		put(cpu, linear + XMM_AT + i * 16, load<u64>(at), 8);
		put(cpu, linear + XMM_AT + i * 16 + 8, load<u64>(at, 8), 8);
	}
}

export function getXmm(cpu: usize, linear: u64): void {
	for (let i: u32 = 0; i < vectorCount(cpu); i++) {
		const at = cpu + VECTORS + i * VECTOR_SIZE;
		store<u64>(at, get(cpu, linear + XMM_AT + i * 16, 8));
		store<u64>(at, get(cpu, linear + XMM_AT + i * 16 + 8, 8), 8);
	}
}

function general(cpu: usize): i32 {
	return raiseWith(cpu, GP, 0);
}

export function fxsave(cpu: usize, record: usize, linear: u64): i32 {
	if (linear & 15) return general(cpu);
	if (!reaches(cpu, linear, LEGACY_SIZE, true)) return STATUS_FAULT;
	putX87(cpu, linear, isWide(record));
	put(cpu, linear + 24, load<u32>(cpu + MXCSR) | (<u64>MXCSR_MASK << 32), 8);
	putXmm(cpu, linear);
	return afterWrites();
}

export function fxrstor(cpu: usize, record: usize, linear: u64): i32 {
	if (linear & 15) return general(cpu);
	if (!reaches(cpu, linear, LEGACY_SIZE, false)) return STATUS_FAULT;
	const mxcsr = <u32>get(cpu, linear + 24, 4);
	if (mxcsr & ~MXCSR_MASK) return general(cpu);
	getX87(cpu, linear, isWide(record));
	store<u32>(cpu + MXCSR, mxcsr);
	getXmm(cpu, linear);
	return faulted(cpu) ? STATUS_FAULT : STATUS_NEXT;
}
