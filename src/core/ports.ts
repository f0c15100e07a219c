// IN and OUT.

import { busReadPort, busWritePort } from "./bus";
import { notePort } from "./debug";
import { faulted, GP, raiseWith } from "./fault";
import { iopl } from "./flags";
import { readSize } from "./memory";
import { isProtected, isVirtual8086 } from "./mode";
import {
	CPL, INFO_OPERAND_SHIFT, RAX, RDX, REC_IMMEDIATE, REC_INFO, RECORD, SEG_ATTRIBUTES, SEG_BASE, SEG_LIMIT, STATUS_FAULT, STATUS_LEAVE, TR,
} from "./state";
import { SYSTEM_TLB } from "./tlb";

/** Whether the I/O permission bit map of the TSS forbids the port (SDM 1, "I/O Permission Bit Map"). Raises #GP. */
export function portForbidden(cpu: usize, port: u32, size: u32): bool {
	if (!isProtected(cpu) || (!isVirtual8086(cpu) && load<u32>(cpu + CPL) <= iopl(cpu))) return false;
	const attributes = load<u32>(cpu + TR + SEG_ATTRIBUTES);
	const limit = load<u32>(cpu + TR + SEG_LIMIT);
	const base = load<u64>(cpu + TR + SEG_BASE);
	if ((attributes & 0x8d) == 0x89 || (attributes & 0x8d) == 0x8b || (attributes & 0x89) == 0x89) {
		if (limit >= 103) {
			const map = <u32>readSize(cpu, SYSTEM_TLB, base + 102, 2);
			if (faulted(cpu)) return true;
			const at = map + (port >> 3);
			if (at + 1 <= limit) {
				const bits = <u32>readSize(cpu, SYSTEM_TLB, base + at, 2);
				if (faulted(cpu)) return true;
				if (!((bits >> (port & 7)) & ((1 << size) - 1))) return false;
			}
		}
	}
	raiseWith(cpu, GP, 0);
	return true;
}

/** Bytes of a port access: at most four, also with a 64-bit operand size. */
export function portSize(record: usize): u32 {
	return min(1 << ((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3), 4);
}

function input(cpu: usize, record: usize, port: u32, size: u32): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	if (portForbidden(cpu, port, size)) return STATUS_FAULT;
	const value = busReadPort(port, size);
	notePort(cpu, port, size);
	if (size == 1) store<u8>(cpu + RAX, <u8>value);
	else if (size == 2) store<u16>(cpu + RAX, <u16>value);
	else store<u64>(cpu + RAX, value);
	return STATUS_LEAVE;
}

function output(cpu: usize, record: usize, port: u32, size: u32): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	if (portForbidden(cpu, port, size)) return STATUS_FAULT;
	const value = load<u32>(cpu + RAX);
	notePort(cpu, port, size);
	busWritePort(port, size == 4 ? value : value & ((1 << (size * 8)) - 1), size);
	return STATUS_LEAVE;
}

function immediatePort(record: usize): u32 {
	return load<u8>(record + REC_IMMEDIATE);
}

function dxPort(cpu: usize): u32 {
	return load<u16>(cpu + RDX);
}

export function inputImmediate8(cpu: usize, record: usize): i32 {
	return input(cpu, record, immediatePort(record), 1);
}

export function inputImmediate(cpu: usize, record: usize): i32 {
	return input(cpu, record, immediatePort(record), portSize(record));
}

export function inputDx8(cpu: usize, record: usize): i32 {
	return input(cpu, record, dxPort(cpu), 1);
}

export function inputDx(cpu: usize, record: usize): i32 {
	return input(cpu, record, dxPort(cpu), portSize(record));
}

export function outputImmediate8(cpu: usize, record: usize): i32 {
	return output(cpu, record, immediatePort(record), 1);
}

export function outputImmediate(cpu: usize, record: usize): i32 {
	return output(cpu, record, immediatePort(record), portSize(record));
}

export function outputDx8(cpu: usize, record: usize): i32 {
	return output(cpu, record, dxPort(cpu), 1);
}

export function outputDx(cpu: usize, record: usize): i32 {
	return output(cpu, record, dxPort(cpu), portSize(record));
}
