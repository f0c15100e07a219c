// Exceptions: how they are raised. Raising leaves them in the state block; the interpreter's loop
// takes the instruction back and events.ts delivers them.

import { FAULT_ERROR, FAULT_HAS_ERROR, FAULT_VECTOR, STATUS_FAULT } from "./state";

export const DE: u32 = 0;
export const DB: u32 = 1;
export const BP: u32 = 3;
export const OF: u32 = 4;
export const BR: u32 = 5;
export const UD: u32 = 6;
export const NM: u32 = 7;
export const DF: u32 = 8;
export const TS: u32 = 10;
export const NP: u32 = 11;
export const SS_FAULT: u32 = 12;
export const GP: u32 = 13;
export const PF: u32 = 14;
export const MF: u32 = 16;
export const AC_FAULT: u32 = 17;
export const XM: u32 = 19;
/** No exception: the instruction is to be executed again, alone (debug.ts). */
export const RETRY: u32 = 0x100;
/** No exception either: the processor stands still before the instruction until an interrupt comes (x87/control.ts). */
export const FREEZE: u32 = 0x101;

/** Raises an exception that pushes no error code. Answers STATUS_FAULT, so that rows' functions can return it. */
export function raise(cpu: usize, vector: u32): i32 {
	store<u32>(cpu + FAULT_VECTOR, vector + 1);
	store<u32>(cpu + FAULT_HAS_ERROR, 0);
	return STATUS_FAULT;
}

export function raiseWith(cpu: usize, vector: u32, error: u32): i32 {
	store<u32>(cpu + FAULT_VECTOR, vector + 1);
	store<u32>(cpu + FAULT_ERROR, error);
	store<u32>(cpu + FAULT_HAS_ERROR, 1);
	return STATUS_FAULT;
}

@inline
export function faulted(cpu: usize): bool {
	return load<u32>(cpu + FAULT_VECTOR) != 0;
}

export function clearFault(cpu: usize): void {
	store<u32>(cpu + FAULT_VECTOR, 0);
}
