// The model-specific registers: those that the processor's model (x86/models.ts) has.

import { GP, raiseWith } from "./fault";
import { isCanonical } from "./memory";
import { controlsChanged } from "./mode";
import { timestamp } from "./system";
import { busNow } from "./bus";
import {
	CR0, CSTAR, EFER, FMASK, FS, GS, KERNEL_GS_BASE, LSTAR, MISC_ENABLE, MODEL_EFER, MTRR_DEF_TYPE, MTRR_FIXED, MTRR_VARIABLE, PAT, RAX, RCX, RDX,
	RECORD, SEG_BASE, STAR, STATUS_LEAVE, STATUS_NEXT, SYSENTER_CS, SYSENTER_EIP, SYSENTER_ESP, TSC_AUX, TSC_OFFSET,
} from "./state";
import { flushAll } from "./tlb";

function general(cpu: usize): i32 {
	return raiseWith(cpu, GP, 0);
}

// --- MSRs --------------------------------------------------------------------------------------------------

/** Where an MSR that is simply stored lies in the state block; 0 where it is not one of those. */
function storedAt(number: u32): u32 {
	if (number == 0x174) return SYSENTER_CS;
	if (number == 0x175) return SYSENTER_ESP;
	if (number == 0x176) return SYSENTER_EIP;
	if (number == 0x1a0) return MISC_ENABLE;
	if (number >= 0x200 && number <= 0x20f) return MTRR_VARIABLE + (number - 0x200) * 8;
	if (number == 0x250) return MTRR_FIXED;
	if (number == 0x258 || number == 0x259) return MTRR_FIXED + (number - 0x257) * 8;
	if (number >= 0x268 && number <= 0x26f) return MTRR_FIXED + (number - 0x265) * 8;
	if (number == 0x277) return PAT;
	if (number == 0x2ff) return MTRR_DEF_TYPE;
	if (number >= 0xc0000081 && !load<u64>(MODEL_EFER)) return 0; // no 64-bit mode
	if (number == 0xc0000081) return STAR;
	if (number == 0xc0000082) return LSTAR;
	if (number == 0xc0000083) return CSTAR;
	if (number == 0xc0000084) return FMASK;
	if (number == 0xc0000100) return FS + SEG_BASE;
	if (number == 0xc0000101) return GS + SEG_BASE;
	if (number == 0xc0000102) return KERNEL_GS_BASE;
	if (number == 0xc0000103) return TSC_AUX;
	return 0;
}

function holdsAddress(number: u32): bool {
	return number == 0x175 || number == 0x176 || number == 0xc0000082 || number == 0xc0000083 || (number >= 0xc0000100 && number <= 0xc0000102);
}

export function readMsr(cpu: usize, record: usize): i32 {
	const number = load<u32>(cpu + RCX);
	store<u32>(cpu + RECORD, <u32>record);
	const at = storedAt(number);
	let value: u64 = 0;
	if (at) value = load<u64>(cpu + at);
	else if (number == 0x10) value = timestamp(cpu);
	else if (number == 0x17 || number == 0x8b || number == 0x179) value = 0; // platform id, microcode, no machine checks
	else if (number == 0xfe) value = 0x508; // MTRRcap: eight variable ranges, fixed ranges, WC
	else if (number == 0xc0000080 && load<u64>(MODEL_EFER)) value = load<u64>(cpu + EFER);
	else return general(cpu);
	store<u64>(cpu + RAX, value & 0xffffffff);
	store<u64>(cpu + RDX, value >> 32);
	return STATUS_NEXT;
}

export function writeMsr(cpu: usize, record: usize): i32 {
	const number = load<u32>(cpu + RCX);
	const value = <u64>load<u32>(cpu + RAX) | (<u64>load<u32>(cpu + RDX) << 32);
	store<u32>(cpu + RECORD, <u32>record);
	if (holdsAddress(number) && !isCanonical(value)) return general(cpu);
	const at = storedAt(number);
	if (number == 0xc0000080) return writeEfer(cpu, value);
	if (number == 0x277 && !validPat(value)) return general(cpu);
	if (number == 0xc0000103 && value >> 32) return general(cpu);
	if (at) store<u64>(cpu + at, value);
	else if (number == 0x10) store<u64>(cpu + TSC_OFFSET, value - <u64>busNow());
	else if (number != 0x8b) return general(cpu);
	return STATUS_LEAVE;
}

/** Memory types 0, 1, 4, 5, 6 and 7. */
function validPat(value: u64): bool {
	for (let i: u64 = 0; i < 64; i += 8) {
		const type = (value >> i) & 0xff;
		if (type > 7 || type == 2 || type == 3) return false;
	}
	return true;
}

function writeEfer(cpu: usize, value: u64): i32 {
	const before = load<u64>(cpu + EFER);
	const allowed = load<u64>(MODEL_EFER);
	if (!allowed || value & ~allowed) return general(cpu);
	const paging = (load<u32>(cpu + CR0) & 0x80000000) != 0;
	if (paging && (before ^ value) & 0x100) return general(cpu);
	store<u64>(cpu + EFER, (value & ~<u64>0x400) | (before & 0x400));
	if ((before ^ value) & 0x800) flushAll();
	controlsChanged(cpu);
	return STATUS_LEAVE;
}
