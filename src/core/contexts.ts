// What operating systems use to keep contexts apart: PCIDs, the bases of FS and GS, protection keys, MONITOR.

import { newGeneration } from "./blocks";
import { faulted, GP, raise, raiseWith, UD } from "./fault";
import { flag, IF } from "./flags";
import { isCanonical, ownTlb, readSize } from "./memory";
import { isVirtual8086 } from "./mode";
import { linearIn } from "./segments";
import {
	CPL, CR4, INFO_SEGMENT, INFO_SEGMENTED, PKRU, RAX, RCX, RDX, REC_INFO, REC_MASK, RECORD, SEG_BASE, SEGMENT_SIZE, SEGMENTS, STATUS_FAULT,
	STATUS_LEAVE, STATUS_NEXT,
} from "./state";
import { flushAll, flushLocal, flushPage } from "./tlb";
import { halt } from "./system";

const CR4_FSGSBASE: u32 = 0x10000;
const CR4_PCIDE: u32 = 0x20000;
const CR4_PKE: u32 = 0x400000;

function general(cpu: usize): i32 {
	return raiseWith(cpu, GP, 0);
}

// INVPCID's types.
const ONE_ADDRESS: u64 = 0;
const ONE_CONTEXT: u64 = 1;
const ALL_CONTEXTS: u64 = 2;
const ALL_BUT_GLOBAL: u64 = 3;

/** INVPCID: nothing is cached by PCID, so a context is all that is not global. */
export function invalidateContext(cpu: usize, record: usize, type: u64, address: u64): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	if (isVirtual8086(cpu)) return general(cpu);
	const context = readSize(cpu, ownTlb(cpu), address, 8);
	const linear = faulted(cpu) ? 0 : readSize(cpu, ownTlb(cpu), address + 8, 8);
	if (faulted(cpu)) return STATUS_FAULT;
	const one = type <= ONE_CONTEXT;
	if (type > ALL_BUT_GLOBAL || context >> 12 || (type == ONE_ADDRESS && !isCanonical(linear))) return general(cpu);
	if (one && context && !(load<u32>(cpu + CR4) & CR4_PCIDE)) return general(cpu);
	if (type == ALL_CONTEXTS) flushAll();
	else if (type == ONE_ADDRESS) flushPage(cpu, linear);
	else flushLocal();
	newGeneration(cpu);
	return STATUS_LEAVE;
}

// --- bases of FS and GS, protection keys, MONITOR --------------------------------------------------------------------

/** RDFSBASE and RDGSBASE; `number` is the segment's. */
export function readSegmentBase(cpu: usize, record: usize, number: u32): u64 {
	if (!(load<u32>(cpu + CR4) & CR4_FSGSBASE)) raise(cpu, UD);
	return load<u64>(cpu + SEGMENTS + number * SEGMENT_SIZE + SEG_BASE);
}

export function writeSegmentBase(cpu: usize, record: usize, number: u32, value: u64): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_FSGSBASE)) return raise(cpu, UD);
	if (!isCanonical(value)) return general(cpu);
	store<u64>(cpu + SEGMENTS + number * SEGMENT_SIZE + SEG_BASE, value);
	return STATUS_NEXT;
}

export function readPkru(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_PKE)) return raise(cpu, UD);
	if (load<u32>(cpu + RCX)) return general(cpu);
	store<u64>(cpu + RAX, load<u32>(cpu + PKRU));
	store<u64>(cpu + RDX, 0);
	return STATUS_NEXT;
}

export function writePkru(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + CR4) & CR4_PKE)) return raise(cpu, UD);
	if (load<u32>(cpu + RCX) || load<u32>(cpu + RDX)) return general(cpu);
	setPkru(cpu, load<u32>(cpu + RAX));
	return STATUS_LEAVE;
}

/** TLB entries were made with the rights of before. */
export function setPkru(cpu: usize, value: u32): void {
	if (load<u32>(cpu + PKRU) == value) return;
	store<u32>(cpu + PKRU, value);
	flushAll();
}

/** The line is watched for nobody: there is no second processor. */
export function monitor(cpu: usize, record: usize): i32 {
	if (load<u32>(cpu + CPL)) return raise(cpu, UD);
	if (load<u32>(cpu + RCX)) return general(cpu);
	store<u32>(cpu + RECORD, <u32>record);
	const offset = load<u64>(cpu + RAX) & load<u64>(record + REC_MASK);
	const info: u32 = load<u16>(record + REC_INFO);
	const address = info & INFO_SEGMENTED ? linearIn(cpu, info & INFO_SEGMENT, offset, 1, false) : offset;
	readSize(cpu, ownTlb(cpu), address, 1);
	return faulted(cpu) ? STATUS_FAULT : STATUS_NEXT;
}

/** Waits for an interrupt where one can come, else not at all: both are allowed (SDM 2B, "MWAIT"). Its block ends here. */
export function monitorWait(cpu: usize, record: usize): i32 {
	if (load<u32>(cpu + CPL)) return raise(cpu, UD);
	if (load<u32>(cpu + RCX) & ~1) return general(cpu);
	return flag(cpu, IF) ? halt(cpu, record) : STATUS_LEAVE;
}
