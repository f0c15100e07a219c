// SYSCALL, SYSRET, SYSENTER, SYSEXIT: transfers to flat segments that no descriptor is read for.

import { GP, raise, raiseWith, UD } from "./fault";
import { IF, readFlags, RF, setSystemFlags, VM, writeFlags } from "./flags";
import { isCanonical, isLong } from "./memory";
import { codeSegmentChanged, is64, isProtected } from "./mode";
import { CPL, CS, EFER, FMASK, LSTAR, R11, RCX, RDX, RSP, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, SEG_SELECTOR, SS, STAR, SYSENTER_CS, SYSENTER_EIP, SYSENTER_ESP } from "./state";
import { goTo, nextRip, operandBytes } from "./transfer";

const FLAT_CODE: u32 = 0x809b; // present, code, readable, accessed; G
const FLAT_DATA: u32 = 0xc093;

/** The flat segments that fast system calls load without looking at descriptors. */
function flat(cpu: usize, segment: usize, selector: u32, attributes: u32): void {
	store<u32>(cpu + segment + SEG_SELECTOR, selector);
	store<u64>(cpu + segment + SEG_BASE, 0);
	store<u32>(cpu + segment + SEG_LIMIT, 0xffffffff);
	store<u32>(cpu + segment + SEG_ATTRIBUTES, attributes | ((selector & 3) << 5));
}

function fastCode(cpu: usize, selector: u32, wide: bool): void {
	flat(cpu, CS, selector, FLAT_CODE | (wide ? 0x2000 : 0x4000));
	store<u32>(cpu + CPL, selector & 3);
}

export function systemCall(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + EFER) & 1) || !is64(cpu)) return raise(cpu, UD); // Intel: 64-bit mode only
	const flags = readFlags(cpu, 0);
	store<u64>(cpu + RCX, nextRip(cpu, record));
	store<u64>(cpu + R11, flags & ~RF);
	const selector = <u32>(load<u64>(cpu + STAR) >> 32) & 0xfffc;
	fastCode(cpu, selector, true);
	flat(cpu, SS, selector + 8, FLAT_DATA);
	const mask = load<u32>(cpu + FMASK);
	writeFlags(cpu, 0, mask | RF);
	codeSegmentChanged(cpu);
	return goTo(cpu, load<u64>(cpu + LSTAR));
}

export function systemReturn(cpu: usize, record: usize): i32 {
	if (!(load<u32>(cpu + EFER) & 1) || !is64(cpu)) return raise(cpu, UD);
	const wide = operandBytes(record) == 8;
	const rip = wide ? load<u64>(cpu + RCX) : <u64>load<u32>(cpu + RCX);
	if (wide && !isCanonical(rip)) return raiseWith(cpu, GP, 0);
	const base = <u32>(load<u64>(cpu + STAR) >> 48);
	fastCode(cpu, ((wide ? base + 16 : base) & 0xffff) | 3, wide);
	flat(cpu, SS, ((base + 8) & 0xffff) | 3, FLAT_DATA);
	writeFlags(cpu, load<u32>(cpu + R11) & ~(RF | VM), <u32>-1 & ~VM);
	codeSegmentChanged(cpu);
	return goTo(cpu, rip);
}

export function systemEnter(cpu: usize, record: usize): i32 {
	const selector = load<u32>(cpu + SYSENTER_CS) & 0xfffc;
	if (!isProtected(cpu) || !selector) return raiseWith(cpu, GP, 0);
	const long = isLong(cpu);
	setSystemFlags(cpu, readFlags(cpu, 0) & ~(VM | IF | RF));
	fastCode(cpu, selector, long);
	flat(cpu, SS, selector + 8, FLAT_DATA);
	codeSegmentChanged(cpu);
	store<u64>(cpu + RSP, long ? load<u64>(cpu + SYSENTER_ESP) : <u64>load<u32>(cpu + SYSENTER_ESP));
	return goTo(cpu, long ? load<u64>(cpu + SYSENTER_EIP) : <u64>load<u32>(cpu + SYSENTER_EIP));
}

export function systemExit(cpu: usize, record: usize): i32 {
	const selector = load<u32>(cpu + SYSENTER_CS) & 0xfffc;
	if (!isProtected(cpu) || !selector) return raiseWith(cpu, GP, 0);
	const wide = operandBytes(record) == 8;
	const rip = load<u64>(cpu + RDX);
	if (wide && (!isCanonical(rip) || !isCanonical(load<u64>(cpu + RCX)))) return raiseWith(cpu, GP, 0);
	fastCode(cpu, (selector + (wide ? 32 : 16)) | 3, wide);
	flat(cpu, SS, (selector + (wide ? 40 : 24)) | 3, FLAT_DATA);
	codeSegmentChanged(cpu);
	store<u64>(cpu + RSP, wide ? load<u64>(cpu + RCX) : <u64>load<u32>(cpu + RCX));
	return goTo(cpu, wide ? rip : rip & 0xffffffff);
}
