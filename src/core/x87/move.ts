// FLD FST FXCH FCMOV, constants, integers and packed decimals (SDM 1, "Data Transfer Instructions").

import { clearRaised, IE, isForbidden, masked, NEAREST, PE, raised, rounding, setRoundedUp, UP } from "../float/environment";
import { storeF32, storeF64, storeInteger } from "../float/extended";
import { fromI64, integerIndefinite } from "../float/integers";
import { resolveX87 } from "../float/operations";
import { A, copy, noteDenormal, packF80, R, unpackF32, unpackF64 } from "../float/unpacked";
import { readFlags } from "../flags";
import { afterWrites, ownTlb, readable, storeSize, writable, written } from "../memory";
import { STATUS_FAULT, STATUS_NEXT } from "../state";
import {
	areFull, finish, finishUsual, isEmpty, keepConditions, numberedAt, numberUnder, operandIndex, overflows, pop, push, pushUsual, readRegister, registerAt, setEmpty,
	setTop, start, statusWord, storesToMemory, top, underflows, writeBits, writeRegister,
} from "./stack";
import {
	isNormalF32, isNormalF64, significandOfF32, significandOfF64, significandOfInteger, signExponentOfF32, signExponentOfF64, signExponentOfInteger,
} from "./usual";

// --- loads -------------------------------------------------------------------------------------------------

/** Pushes A, which came from a narrower format. */
function pushConverted(cpu: usize): i32 {
	if (!overflows(cpu)) {
		if (!resolveX87(A, A)) {
			noteDenormal(A);
			copy(R, A);
		}
	}
	// An unmasked #D does not keep a load from being done.
	if (!(raised & ~masked & IE)) push(cpu, R);
	return finish(cpu);
}

export function loadF32(cpu: usize, record: usize, value: u32): i32 {
	if (isNormalF32(value) && pushUsual(cpu, record, significandOfF32(value), signExponentOfF32(value))) return STATUS_NEXT;
	start(cpu, record);
	unpackF32(A, value);
	return pushConverted(cpu);
}

export function loadF64(cpu: usize, record: usize, value: u64): i32 {
	if (isNormalF64(value) && pushUsual(cpu, record, significandOfF64(value), signExponentOfF64(value))) return STATUS_NEXT;
	start(cpu, record);
	unpackF64(A, value);
	return pushConverted(cpu);
}

export function loadInteger(cpu: usize, record: usize, value: i64): i32 {
	if (pushUsual(cpu, record, significandOfInteger(value), signExponentOfInteger(value))) return STATUS_NEXT;
	start(cpu, record);
	fromI64(A, value);
	return pushConverted(cpu);
}

/** Pushes bits as they are. */
function pushBits(cpu: usize, significand: u64, signExponent: u32): i32 {
	const full = overflows(cpu);
	if (isForbidden()) return finish(cpu);
	setTop(cpu, top(cpu) - 1);
	if (full) writeRegister(cpu, 0, R);
	else writeBits(cpu, 0, significand, signExponent);
	return finish(cpu);
}

export function loadF80(cpu: usize, record: usize, linear: u64): i32 {
	const from = readable(cpu, ownTlb(cpu), linear, 10);
	if (!from) return STATUS_FAULT;
	const significand = load<u64>(from);
	const signExponent = load<u16>(from, 8);
	if (pushUsual(cpu, record, significand, signExponent)) return STATUS_NEXT;
	start(cpu, record);
	return pushBits(cpu, significand, signExponent);
}

export function loadRegister(cpu: usize, record: usize): i32 {
	const i = operandIndex(record);
	const at = registerAt(cpu, i);
	if (!isEmpty(cpu, i) && pushUsual(cpu, record, load<u64>(at), load<u16>(at, 8))) return STATUS_NEXT;
	start(cpu, record);
	if (underflows(cpu, i)) {
		if (!isForbidden()) push(cpu, R);
		return finish(cpu);
	}
	return pushBits(cpu, load<u64>(at), load<u16>(at, 8));
}

/** FLDL2T FLDL2E FLDPI FLDLG2 FLDLN2: the significand cut to 64 bits, the exponent, whether the next bit is set. */
const CONSTANTS = memory.data<u64>([
	0xd49a784bcd1b8afe, 0x4000, 0, 0xb8aa3b295c17f0bb, 0x3fff, 1, 0xc90fdaa22168c234, 0x4000, 1, 0x9a209a84fbcff798, 0x3ffd, 1,
	0xb17217f7d1cf79ab, 0x3ffe, 1,
]);

/** The constants are rounded as the rounding control says. @param number D9 E8 + number */
export function loadConstant(cpu: usize, record: usize, number: u32): i32 {
	start(cpu, record);
	if (number == 0) return pushBits(cpu, <u64>1 << 63, 0x3fff);
	if (number == 6) return pushBits(cpu, 0, 0);
	const at = CONSTANTS + (number - 1) * 24;
	const up = rounding == UP || (rounding == NEAREST && load<u64>(at, 16) != 0);
	return pushBits(cpu, load<u64>(at) + u64(up), load<u32>(at, 8));
}

// --- stores -------------------------------------------------------------------------------------------------

/** Reads ST to A for a store; the indefinite where it is empty. */
function topForStore(cpu: usize): void {
	if (underflows(cpu, 0)) copy(A, R);
	else readRegister(cpu, 0, A);
}

/** Ends a store: nothing is written, nor popped, where an unmasked exception forbids it. */
function storeTo(cpu: usize, linear: u64, value: u64, size: u32, pops: u32): i32 {
	if (storesToMemory()) {
		const to = writable(cpu, ownTlb(cpu), linear, size);
		if (!to) return STATUS_FAULT;
		storeSize(to, value, size);
		written(cpu, to);
		if (pops) pop(cpu);
	} else {
		clearRaised(PE); // what is not stored was not rounded
		setRoundedUp(false);
	}
	finish(cpu);
	return afterWrites();
}

export function storeSingle(cpu: usize, record: usize, pops: u32, linear: u64): i32 {
	start(cpu, record);
	topForStore(cpu);
	return storeTo(cpu, linear, storeF32(A), 4, pops);
}

export function storeDouble(cpu: usize, record: usize, pops: u32, linear: u64): i32 {
	start(cpu, record);
	topForStore(cpu);
	return storeTo(cpu, linear, storeF64(A), 8, pops);
}

/** FIST, FISTP, FISTTP. */
export function storeRounded(cpu: usize, record: usize, bits: u32, truncate: u32, pops: u32, linear: u64): i32 {
	start(cpu, record);
	const empty = underflows(cpu, 0);
	if (!empty) readRegister(cpu, 0, A);
	const value = empty ? integerIndefinite(bits) : storeInteger(A, bits, truncate != 0);
	return storeTo(cpu, linear, value, bits / 8, pops);
}

/** FSTP m80fp: the bits as they are. */
export function storeF80(cpu: usize, record: usize, linear: u64): i32 {
	const at = registerAt(cpu, 0);
	if (!isEmpty(cpu, 0)) {
		if (!writeTen(cpu, linear, load<u64>(at), load<u16>(at, 8))) return STATUS_FAULT;
		finishUsual(cpu, record, statusWord(cpu), 0, false, 1);
		return afterWrites();
	}
	start(cpu, record);
	underflows(cpu, 0);
	if (storesToMemory()) {
		if (!writeTen(cpu, linear, R.high, packF80(R))) return STATUS_FAULT;
		pop(cpu);
	}
	finish(cpu);
	return afterWrites();
}

function writeTen(cpu: usize, linear: u64, low: u64, high: u32): bool {
	const to = writable(cpu, ownTlb(cpu), linear, 10);
	if (!to) return false;
	store<u64>(to, low);
	store<u16>(to, <u16>high, 8);
	written(cpu, to);
	return true;
}

export function storeToRegister(cpu: usize, record: usize, pops: u32): i32 {
	const i = operandIndex(record);
	if (isEmpty(cpu, 0)) {
		start(cpu, record);
		underflows(cpu, 0);
		if (isForbidden()) return finish(cpu);
		writeRegister(cpu, i, R);
		if (pops) pop(cpu);
		return finish(cpu);
	}
	const at = registerAt(cpu, 0);
	writeBits(cpu, i, load<u64>(at), load<u16>(at, 8));
	finishUsual(cpu, record, statusWord(cpu), 0, false, pops);
	return STATUS_NEXT;
}

/** FSTPNCE: where ST is empty nothing is moved, and nothing said of it. */
export function storeUnchecked(cpu: usize, record: usize): i32 {
	start(cpu, record);
	const at = registerAt(cpu, 0);
	if (!isEmpty(cpu, 0)) writeBits(cpu, operandIndex(record), load<u64>(at), load<u16>(at, 8));
	pop(cpu);
	return finish(cpu);
}

// --- between registers ------------------------------------------------------------------------------------------

export function exchangeRegisters(cpu: usize, record: usize): i32 {
	const i = operandIndex(record);
	const status = statusWord(cpu);
	const first = numberUnder(status, 0);
	const other = numberUnder(status, i);
	if (areFull(cpu, first, other)) {
		exchange(numberedAt(cpu, first), numberedAt(cpu, other));
		finishUsual(cpu, record, status, 0, false, 0);
		return STATUS_NEXT;
	}
	const empty = isEmpty(cpu, 0);
	const otherEmpty = isEmpty(cpu, i);
	start(cpu, record);
	underflows(cpu, empty ? 0 : i);
	if (isForbidden()) return finish(cpu);
	if (empty) writeRegister(cpu, 0, R);
	if (otherEmpty) writeRegister(cpu, i, R);
	exchange(registerAt(cpu, 0), registerAt(cpu, i));
	return finish(cpu);
}

@inline
function exchange(at: usize, other: usize): void {
	const significand = load<u64>(at);
	const signExponent = load<u16>(at, 8);
	store<u64>(at, load<u64>(other));
	store<u16>(at, load<u16>(other, 8), 8);
	store<u64>(other, significand);
	store<u16>(other, signExponent, 8);
}

/** FCMOVcc. @param flags any of them must be set; @param inverted none of them may */
export function moveIf(cpu: usize, record: usize, flags: u32, inverted: u32): i32 {
	start(cpu, record);
	keepConditions();
	const i = operandIndex(record);
	const empty = underflows(cpu, 0) || underflows(cpu, i);
	if (isForbidden()) return finish(cpu);
	if (empty) writeRegister(cpu, 0, R);
	else if (((readFlags(cpu, 0) & flags) != 0) != (inverted != 0)) {
		const from = registerAt(cpu, i);
		writeBits(cpu, 0, load<u64>(from), load<u16>(from, 8));
	}
	return finish(cpu);
}

/** FFREE; FFREEP pops besides. */
export function freeRegister(cpu: usize, record: usize, pops: u32): i32 {
	start(cpu, record);
	setEmpty(cpu, operandIndex(record));
	if (pops) pop(cpu);
	return finish(cpu);
}

/** FINCSTP and FDECSTP: TOP alone. */
export function rotateStack(cpu: usize, record: usize, by: u32): i32 {
	start(cpu, record);
	setTop(cpu, top(cpu) + by);
	return finish(cpu);
}

/** FNOP. */
export function noOperation(cpu: usize, record: usize): i32 {
	start(cpu, record);
	keepConditions();
	return finish(cpu);
}
