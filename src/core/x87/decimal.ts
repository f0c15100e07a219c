// FBLD and FBSTP: eighteen packed decimal digits and a sign (SDM 1, "BCD and Packed BCD Integers").

import { clearRaised, IE, isForbidden, PE, raise, setRoundedUp } from "../float/environment";
import { fromMagnitude } from "../float/integers";
import { roundToIntegral } from "../float/round";
import { A, NORMAL, R, setZero, ZERO } from "../float/unpacked";
import { afterWrites, ownTlb, readable, writable, written } from "../memory";
import { STATUS_FAULT } from "../state";
import { finish, overflows, pop, push, readRegister, start, storesToMemory, underflows } from "./stack";

const LIMIT: u64 = 1000000000000000000;
/** What a masked #I stores: FFFF C000 0000 0000 0000h. */
const INDEFINITE_HIGH: u32 = 0xffff;
const INDEFINITE_LOW: u64 = 0xc000000000000000;

export function loadDecimal(cpu: usize, record: usize, linear: u64): i32 {
	const from = readable(cpu, ownTlb(cpu), linear, 10);
	if (!from) return STATUS_FAULT;
	let value: u64 = 0;
	for (let i: i32 = 8; i >= 0; i--) {
		const byte: u64 = load<u8>(from + i);
		value = value * 100 + (byte >> 4) * 10 + (byte & 15);
	}
	const sign: u32 = load<u8>(from + 9) >> 7;
	start(cpu, record);
	if (!overflows(cpu)) {
		if (value) fromMagnitude(R, sign, value);
		else setZero(R, sign);
	}
	if (!isForbidden()) push(cpu, R);
	return finish(cpu);
}

let decimalLow: u64 = 0;
let decimalHigh: u32 = 0;

/** A rounded, as digits; false where it has too many. */
function toDigits(): bool {
	roundToIntegral(A);
	if (A.kind != NORMAL && A.kind != ZERO) return false;
	const value: u64 = A.kind == ZERO ? 0 : A.exponent > 62 ? LIMIT : A.high >> (63 - A.exponent);
	if (value >= LIMIT) return false;
	decimalLow = 0;
	let rest = value;
	for (let i: u32 = 0; i < 16; i++) {
		decimalLow |= (rest % 10) << (4 * i);
		rest /= 10;
	}
	decimalHigh = <u32>(rest % 10) | (<u32>(rest / 10) << 4) | (A.sign << 15);
	return true;
}

export function storeDecimal(cpu: usize, record: usize, linear: u64): i32 {
	start(cpu, record);
	const empty = underflows(cpu, 0);
	if (!empty) readRegister(cpu, 0, A);
	if (empty || !toDigits()) {
		clearRaised(PE);
		setRoundedUp(false);
		raise(IE);
		decimalLow = INDEFINITE_LOW;
		decimalHigh = INDEFINITE_HIGH;
	}
	if (storesToMemory()) {
		const to = writable(cpu, ownTlb(cpu), linear, 10);
		if (!to) return STATUS_FAULT;
		store<u64>(to, decimalLow);
		store<u16>(to, <u16>decimalHigh, 8);
		written(cpu, to);
		pop(cpu);
	}
	finish(cpu);
	return afterWrites();
}
