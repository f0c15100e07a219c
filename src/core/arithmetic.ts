// Arithmetic that is too long for a row: wide products and quotients, rotations through carry, BCD.

import { DE, GP, raise, raiseWith } from "./fault";
import { AF, CF, readFlags, writeArithmetic, ZF, SF, PF_FLAG } from "./flags";
import {
	INFO_OPERAND_SHIFT, RANDOM, RAX, RBX, RCX, RDX, REC_INFO, REC_MASK,
	RECORD, STATUS_FAULT, STATUS_LEAVE, STATUS_NEXT,
} from "./state";
import { loadSize, ownTlb, readable, storeSize, updatable, written } from "./memory";

// --- products -------------------------------------------------------------------------------------------

function high(a: u64, b: u64): u64 {
	const al = a & 0xffffffff;
	const ah = a >> 32;
	const bl = b & 0xffffffff;
	const bh = b >> 32;
	const low = al * bl;
	const middle = ah * bl + (low >> 32);
	const other = al * bh + (middle & 0xffffffff);
	return ah * bh + (middle >> 32) + (other >> 32);
}

export function multiplyHighUnsigned(cpu: usize, record: usize, a: u64, b: u64): u64 {
	return high(a, b);
}

export function multiplyHighSigned(cpu: usize, record: usize, a: u64, b: u64): u64 {
	let result = high(a, b);
	if (<i64>a < 0) result -= b;
	if (<i64>b < 0) result -= a;
	return result;
}

// --- quotients -------------------------------------------------------------------------------------------

export function divide8(cpu: usize, record: usize, by: u64): i32 {
	const dividend: u64 = load<u16>(cpu + RAX);
	if (!by || dividend / by > 0xff) return raise(cpu, DE);
	store<u16>(cpu + RAX, <u16>((dividend / by) | ((dividend % by) << 8)));
	return STATUS_NEXT;
}

export function divide16(cpu: usize, record: usize, by: u64): i32 {
	const dividend: u64 = load<u16>(cpu + RAX) | (<u64>load<u16>(cpu + RDX) << 16);
	if (!by || dividend / by > 0xffff) return raise(cpu, DE);
	store<u16>(cpu + RAX, <u16>(dividend / by));
	store<u16>(cpu + RDX, <u16>(dividend % by));
	return STATUS_NEXT;
}

export function divide32(cpu: usize, record: usize, by: u64): i32 {
	const dividend: u64 = load<u32>(cpu + RAX) | (<u64>load<u32>(cpu + RDX) << 32);
	if (!by || dividend / by > 0xffffffff) return raise(cpu, DE);
	store<u64>(cpu + RAX, dividend / by);
	store<u64>(cpu + RDX, dividend % by);
	return STATUS_NEXT;
}

let quotient: u64 = 0;
let rest: u64 = 0;

/** A 128-bit dividend by a 64-bit divisor that is above its high half. Bit by bit: compilers hardly use it. */
function divideWide(top: u64, low: u64, by: u64): void {
	if (!top) {
		quotient = low / by;
		rest = low % by;
		return;
	}
	quotient = 0;
	rest = top;
	for (let bit = 63; bit >= 0; bit--) {
		const carry = rest >> 63;
		rest = (rest << 1) | ((low >> bit) & 1);
		if (carry || rest >= by) {
			rest -= by;
			quotient |= (<u64>1) << bit;
		}
	}
}

export function divide64(cpu: usize, record: usize, by: u64): i32 {
	const top = load<u64>(cpu + RDX);
	if (top >= by) return raise(cpu, DE); // also a divisor of zero
	divideWide(top, load<u64>(cpu + RAX), by);
	store<u64>(cpu + RAX, quotient);
	store<u64>(cpu + RDX, rest);
	return STATUS_NEXT;
}

/** Whether a signed division of dividends up to 64 bits gives a quotient of `bits`. */
function divideSigned(dividend: i64, by: i64, bits: i64): bool {
	if (!by || (by == -1 && dividend == i64.MIN_VALUE)) return false;
	const result = dividend / by;
	quotient = <u64>result;
	rest = <u64>(dividend % by);
	return (result << (64 - bits)) >> (64 - bits) == result;
}

export function divideSigned8(cpu: usize, record: usize, by: u64): i32 {
	if (!divideSigned(load<i16>(cpu + RAX), <i64>(<i8>by), 8)) return raise(cpu, DE);
	store<u16>(cpu + RAX, <u16>((quotient & 0xff) | (rest << 8)));
	return STATUS_NEXT;
}

export function divideSigned16(cpu: usize, record: usize, by: u64): i32 {
	const dividend = <i32>(<u32>load<u16>(cpu + RAX) | (<u32>load<u16>(cpu + RDX) << 16));
	if (!divideSigned(dividend, <i64>(<i16>by), 16)) return raise(cpu, DE);
	store<u16>(cpu + RAX, <u16>quotient);
	store<u16>(cpu + RDX, <u16>rest);
	return STATUS_NEXT;
}

export function divideSigned32(cpu: usize, record: usize, by: u64): i32 {
	const dividend = <i64>(<u64>load<u32>(cpu + RAX) | (<u64>load<u32>(cpu + RDX) << 32));
	if (!divideSigned(dividend, <i64>(<i32>by), 32)) return raise(cpu, DE);
	store<u64>(cpu + RAX, quotient & 0xffffffff);
	store<u64>(cpu + RDX, rest & 0xffffffff);
	return STATUS_NEXT;
}

export function divideSigned64(cpu: usize, record: usize, by: u64): i32 {
	let low = load<u64>(cpu + RAX);
	let top = load<u64>(cpu + RDX);
	const negative = <i64>top < 0;
	if (negative) {
		low = -low;
		top = ~top + (low == 0 ? 1 : 0);
	}
	const size = <i64>by < 0 ? -by : by;
	if (top >= size) return raise(cpu, DE);
	divideWide(top, low, size);
	const negate = negative != <i64>by < 0;
	const most: u64 = negate ? 0x8000000000000000 : 0x7fffffffffffffff;
	if (quotient > most) return raise(cpu, DE);
	store<u64>(cpu + RAX, negate ? -quotient : quotient);
	store<u64>(cpu + RDX, negative ? -rest : rest);
	return STATUS_NEXT;
}

// --- rotations through carry, double shifts ----------------------------------------------------------------

let carried: u32 = 0;

function throughCarry(value: u64, count: u32, carry: u32, width: u32, left: bool): u64 {
	const steps = width < 32 ? count % (width + 1) : count;
	carried = carry;
	for (let i: u32 = 0; i < steps; i++) {
		if (left) {
			const out = <u32>(value >> (width - 1)) & 1;
			value = (value << 1) | carried;
			carried = out;
		} else {
			const out = <u32>value & 1;
			value = (value >> 1) | (<u64>carried << (width - 1));
			carried = out;
		}
		if (width < 64) value &= (<u64>1 << width) - 1;
	}
	return value;
}

export function rotateCarryLeft(cpu: usize, record: usize, value: u64, count: u32, carry: u32, width: u32): u64 {
	return throughCarry(value, count, carry, width, true);
}

export function rotateCarryLeftCarry(cpu: usize, record: usize, value: u64, count: u32, carry: u32, width: u32): u32 {
	throughCarry(value, count, carry, width, true);
	return carried;
}

export function rotateCarryRight(cpu: usize, record: usize, value: u64, count: u32, carry: u32, width: u32): u64 {
	return throughCarry(value, count, carry, width, false);
}

export function rotateCarryRightCarry(cpu: usize, record: usize, value: u64, count: u32, carry: u32, width: u32): u32 {
	throughCarry(value, count, carry, width, false);
	return carried;
}

/** SHLD and SHRD step by step; words with counts above 16 go on with the destination's own bits, as on silicon. */
function shiftDouble(into: u64, from: u64, count: u32, width: u32, left: bool): u64 {
	const mask: u64 = width == 64 ? <u64>-1 : (<u64>1 << width) - 1;
	const start = into;
	carried = 0;
	for (let i: u32 = 0; i < count; i++) {
		const source = i < width ? from : start;
		const at = i % width;
		if (left) {
			carried = <u32>(into >> (width - 1)) & 1;
			into = ((into << 1) | ((source >> (width - 1 - at)) & 1)) & mask;
		} else {
			carried = <u32>into & 1;
			into = (into >> 1) | (((source >> at) & 1) << (width - 1));
		}
	}
	return into;
}

export function shiftDoubleLeft(cpu: usize, record: usize, into: u64, from: u64, count: u32, width: u32): u64 {
	return shiftDouble(into, from, count, width, true);
}

export function shiftDoubleLeftCarry(cpu: usize, record: usize, into: u64, from: u64, count: u32, width: u32): u32 {
	shiftDouble(into, from, count, width, true);
	return carried;
}

export function shiftDoubleRight(cpu: usize, record: usize, into: u64, from: u64, count: u32, width: u32): u64 {
	return shiftDouble(into, from, count, width, false);
}

export function shiftDoubleRightCarry(cpu: usize, record: usize, into: u64, from: u64, count: u32, width: u32): u32 {
	shiftDouble(into, from, count, width, false);
	return carried;
}

// --- bits ------------------------------------------------------------------------------------------------

export function swapBytes(cpu: usize, record: usize, value: u64): u64 {
	return bswap<u64>(value);
}

/** Sets CF alone. */
function setCarry(cpu: usize, carry: bool): void {
	const flags = readFlags(cpu, 0);
	writeArithmetic(cpu, carry ? flags | CF : flags & ~CF);
}

/** BT, BTS, BTR, BTC (0..3) of a bit string in memory: the bit number is signed and not bounded by the operand. */
export function bitString(cpu: usize, record: usize, address: u64, index: i64, width: u32, verb: u32): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	const size = width >> 3;
	const at = (address + <u64>(index >> (31 - clz(width))) * size) & (load<i64>(record + REC_MASK) == -1 ? <u64>-1 : <u64>0xffffffff);
	const pointer = verb ? updatable(cpu, ownTlb(cpu), at, size) : readable(cpu, ownTlb(cpu), at, size);
	if (!pointer) return STATUS_FAULT;
	const bit = (<u64>1) << (<u64>index & (width - 1));
	const value = loadSize(pointer, size);
	setCarry(cpu, (value & bit) != 0);
	if (!verb) return STATUS_NEXT;
	storeSize(pointer, verb == 1 ? value | bit : verb == 2 ? value & ~bit : value ^ bit, size);
	written(cpu, pointer);
	return STATUS_LEAVE;
}

/** CMPXCHG8B, and CMPXCHG16B with REX.W. */
export function compareExchange8or16(cpu: usize, record: usize, address: u64): i32 {
	store<u32>(cpu + RECORD, <u32>record);
	if (((load<u16>(record + REC_INFO) >> INFO_OPERAND_SHIFT) & 3) == 3) return compareExchange16(cpu, address);
	const pointer = updatable(cpu, ownTlb(cpu), address, 8);
	if (!pointer) return STATUS_FAULT;
	const old = load<u64>(pointer);
	const expected = load<u32>(cpu + RAX) | (<u64>load<u32>(cpu + RDX) << 32);
	const equal = old == expected;
	setZero(cpu, equal);
	if (equal) store<u64>(pointer, load<u32>(cpu + RBX) | (<u64>load<u32>(cpu + RCX) << 32));
	else {
		store<u64>(cpu + RAX, old & 0xffffffff);
		store<u64>(cpu + RDX, old >> 32);
	}
	written(cpu, pointer);
	return STATUS_LEAVE;
}

function compareExchange16(cpu: usize, address: u64): i32 {
	if (address & 15) return raiseWith(cpu, GP, 0);
	const pointer = updatable(cpu, ownTlb(cpu), address, 16);
	if (!pointer) return STATUS_FAULT;
	const equal = load<u64>(pointer) == load<u64>(cpu + RAX) && load<u64>(pointer, 8) == load<u64>(cpu + RDX);
	setZero(cpu, equal);
	if (equal) {
		store<u64>(pointer, load<u64>(cpu + RBX));
		store<u64>(pointer, load<u64>(cpu + RCX), 8);
	} else {
		store<u64>(cpu + RAX, load<u64>(pointer));
		store<u64>(cpu + RDX, load<u64>(pointer, 8));
	}
	written(cpu, pointer);
	return STATUS_LEAVE;
}

function setZero(cpu: usize, zero: bool): void {
	const flags = readFlags(cpu, 0);
	writeArithmetic(cpu, zero ? flags | ZF : flags & ~ZF);
}

// --- counts of LOOP and JrCXZ -----------------------------------------------------------------------------

export function readCount(cpu: usize, record: usize): u64 {
	return load<u64>(cpu + RCX) & load<u64>(record + REC_MASK);
}

export function decrementCount(cpu: usize, record: usize): u64 {
	const mask = load<u64>(record + REC_MASK);
	const count = (load<u64>(cpu + RCX) - 1) & mask;
	if (mask == 0xffff) store<u16>(cpu + RCX, <u16>count);
	else store<u64>(cpu + RCX, count);
	return count;
}

// --- BCD (SDM 2A and 2B, "AAA" and the others) ---------------------------------------------------------------

/** SF, ZF and PF from AL, CF and AF as given, OF cleared. */
function bcdFlags(cpu: usize, carry: bool, adjust: bool): void {
	const al = load<u8>(cpu + RAX);
	let flags: u32 = (carry ? CF : 0) | (adjust ? AF : 0);
	if (!al) flags |= ZF;
	if (al & 0x80) flags |= SF;
	if (!(popcnt(<u32>al) & 1)) flags |= PF_FLAG;
	writeArithmetic(cpu, flags);
}

function decimalAdjust(cpu: usize, sign: i32): i32 {
	const flags = readFlags(cpu, 0);
	const before: u32 = load<u8>(cpu + RAX);
	const low = (before & 15) > 9 || (flags & AF) != 0;
	const top = before > 0x99 || (flags & CF) != 0;
	let al = before;
	let carry = top;
	if (low) {
		if (sign < 0 && before < 6) carry = true;
		al += sign * 6;
	}
	if (top) al += sign * 0x60;
	store<u8>(cpu + RAX, <u8>al);
	bcdFlags(cpu, carry, low);
	return STATUS_NEXT;
}

export function decimalAdjustAdd(cpu: usize, record: usize): i32 {
	return decimalAdjust(cpu, 1);
}

export function decimalAdjustSubtract(cpu: usize, record: usize): i32 {
	return decimalAdjust(cpu, -1);
}

function asciiAdjust(cpu: usize, step: i32): i32 {
	const ax = load<u16>(cpu + RAX);
	const adjust = (ax & 15) > 9 || (readFlags(cpu, 0) & AF) != 0;
	const value = adjust ? ax + step : ax;
	store<u16>(cpu + RAX, <u16>(value & 0xff0f));
	bcdFlags(cpu, adjust, adjust);
	return STATUS_NEXT;
}

export function asciiAdjustAdd(cpu: usize, record: usize): i32 {
	return asciiAdjust(cpu, 0x106);
}

export function asciiAdjustSubtract(cpu: usize, record: usize): i32 {
	return asciiAdjust(cpu, -0x106);
}

export function asciiAdjustMultiply(cpu: usize, record: usize, base: u32): i32 {
	base &= 0xff;
	if (!base) return raise(cpu, DE);
	const al: u32 = load<u8>(cpu + RAX);
	store<u16>(cpu + RAX, <u16>(((al / base) << 8) | al % base));
	bcdFlags(cpu, false, false);
	return STATUS_NEXT;
}

export function asciiAdjustDivide(cpu: usize, record: usize, base: u32): i32 {
	const ax: u32 = load<u16>(cpu + RAX);
	store<u16>(cpu + RAX, <u16>(((ax & 0xff) + (ax >> 8) * (base & 0xff)) & 0xff));
	bcdFlags(cpu, false, false);
	return STATUS_NEXT;
}

/** splitmix64 over the seed in the state block: RDRAND is a function of the run's inputs. */
export function random(cpu: usize, record: usize): u64 {
	const state = load<u64>(cpu + RANDOM) + 0x9e3779b97f4a7c15;
	store<u64>(cpu + RANDOM, state);
	let x = state;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}
