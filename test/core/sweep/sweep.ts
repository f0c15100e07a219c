// AssemblyScript: draws the operands of reference.c and computes with src/core/float; the hashes must be the same.

import { begin, floatFlags } from "../../../src/core/float/environment";
import {
	f32Add, f32Compare, f32Div, f32Fma, f32Mul, f32Sqrt, f32Sub, f32ToF16, f32ToF64, f32ToInteger, f32ToIntegral, f64Add, f64Compare, f64Div, f64Fma,
	f64Mul, f64Sqrt, f64Sub, f64ToF32, f64ToInteger, f64ToIntegral, integerToF32, integerToF64,
} from "../../../src/core/float/formats";
import { fromI64 } from "../../../src/core/float/integers";
import { compare, operate, resolveX87, SQRT as SQUARE_ROOT } from "../../../src/core/float/operations";
import { storeF32, storeF64, storeInteger, toIntegralX87 } from "../../../src/core/float/extended";
import { roundF80 } from "../../../src/core/float/round";
import { A, B, copy, packF80, R, unpackF80 } from "../../../src/core/float/unpacked";

const ADD: u32 = 0;
const SUB: u32 = 1;
const MUL: u32 = 2;
const DIV: u32 = 3;
const SQRT: u32 = 4;
const FMA: u32 = 5;
const COMPARE: u32 = 6;
const COMPARE_QUIET: u32 = 7;
const CONVERT: u32 = 8;
const CONVERT_SMALL: u32 = 9;
const TO_I32: u32 = 10;
const TO_I64: u32 = 11;
const TRUNCATE_I32: u32 = 12;
const TRUNCATE_I64: u32 = 13;
const INTEGRAL: u32 = 14;

let seed: u64 = 0;
function next(): u64 {
	seed += 0x9e3779b97f4a7c15;
	let z = seed;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

let hash: u64 = 0;
function mix(value: u64): void {
	hash = (rotl<u64>(hash, 5) ^ value) * 0x9e3779b97f4a7c15;
}

function fraction(bits: u64, r: u64): u64 {
	const mask: u64 = (<u64>1 << bits) - 1;
	const x = next() & mask;
	const choice = r & 7;
	if (choice == 0) return 0;
	if (choice == 1) return 1;
	if (choice == 2) return mask;
	if (choice == 3) return <u64>1 << (bits - 1);
	if (choice == 4) return (x << ((r >> 8) % bits)) & mask;
	if (choice == 5) return x >> ((r >> 8) % bits);
	return x;
}

function exponent(bits: u64, r: u64): u64 {
	const maximum: u64 = (<u64>1 << bits) - 1;
	const bias = maximum >> 1;
	const choice = r & 15;
	const rest = r >> 8;
	if (choice == 0) return 0;
	if (choice == 1) return maximum;
	if (choice == 2) return 1 + (rest % 3);
	if (choice == 3) return maximum - 1 - (rest % 3);
	if (choice == 4) return rest & maximum;
	if (choice == 5) return bias + 60 + (rest % 8);
	if (choice == 6) return rest % 70;
	if (choice == 7) return maximum - 1 - (rest % 70);
	if (choice == 8) return bias / 2 + (rest % 80);
	if (choice == 9) return bias + bias / 2 - (rest % 80);
	return bias - 8 + (rest % 24);
}

let significand: u64 = 0;
function draw(format: u32): u64 {
	const r = next();
	const s = r >> 63;
	const bits: u64 = format == 0 ? 23 : format == 1 ? 52 : 63;
	const f = fraction(bits, r);
	const e = exponent(format == 0 ? 8 : format == 1 ? 11 : 15, r >> 16);
	if (format < 2) return (s << (format == 0 ? 31 : 63)) | (e << bits) | f;
	let integer = u64(e != 0);
	if (((r >> 40) & 15) == 0) integer ^= 1;
	significand = (integer << 63) | f;
	return (s << 15) | e;
}

let operandA: u64 = 0;
let operandB: u64 = 0;
let operandC: u64 = 0;
let significandA: u64 = 0;
let significandB: u64 = 0;
let result: u64 = 0;
let resultHigh: u64 = 0;
let conditions: u32 = 0;

/** ZF PF CF of a comparison's result. */
function comparison(order: u32): u64 {
	return (order & 1) | ((order & 2) << 1) | ((order & 4) << 4);
}

function single(op: u32): u64 {
	const a = <u32>operandA;
	const b = <u32>operandB;
	if (op == ADD) return f32Add(a, b);
	if (op == SUB) return f32Sub(a, b);
	if (op == MUL) return f32Mul(a, b);
	if (op == DIV) return f32Div(a, b);
	if (op == SQRT) return f32Sqrt(a);
	if (op == FMA) return f32Fma(a, b, <u32>operandC);
	if (op == COMPARE) return comparison(f32Compare(a, b, false));
	if (op == COMPARE_QUIET) return comparison(f32Compare(a, b, true));
	if (op == CONVERT) return f32ToF64(a);
	if (op == CONVERT_SMALL) return f32ToF16(a);
	if (op == TO_I32 || op == TRUNCATE_I32) return f32ToInteger(a, 32, op == TRUNCATE_I32);
	if (op == TO_I64 || op == TRUNCATE_I64) return f32ToInteger(a, 64, op == TRUNCATE_I64);
	return op == INTEGRAL ? f32ToIntegral(a) : integerToF32(operandC);
}

function doubled(op: u32): u64 {
	const a = operandA;
	const b = operandB;
	if (op == ADD) return f64Add(a, b);
	if (op == SUB) return f64Sub(a, b);
	if (op == MUL) return f64Mul(a, b);
	if (op == DIV) return f64Div(a, b);
	if (op == SQRT) return f64Sqrt(a);
	if (op == FMA) return f64Fma(a, b, operandC);
	if (op == COMPARE) return comparison(f64Compare(a, b, false));
	if (op == COMPARE_QUIET) return comparison(f64Compare(a, b, true));
	if (op == CONVERT) return f64ToF32(a);
	if (op == TO_I32 || op == TRUNCATE_I32) return f64ToInteger(a, 32, op == TRUNCATE_I32);
	if (op == TO_I64 || op == TRUNCATE_I64) return f64ToInteger(a, 64, op == TRUNCATE_I64);
	return op == INTEGRAL ? f64ToIntegral(a) : integerToF64(operandC);
}

/** Leaves the number in R. */
function arithmetic(op: u32, precision: u32): void {
	const b = op == SQRT ? A : B;
	if (!resolveX87(A, b)) operate(op == SQRT ? SQUARE_ROOT : op);
	roundF80(R, precision);
}

function extended(op: u32, precision: u32): u64 {
	unpackF80(A, significandA, <u32>operandA);
	unpackF80(B, significandB, <u32>operandB);
	if (op == CONVERT) return storeF64(A);
	if (op == CONVERT_SMALL) return storeF32(A);
	if (op == TO_I32 || op == TRUNCATE_I32) return storeInteger(A, 32, op == TRUNCATE_I32);
	if (op == TO_I64 || op == TRUNCATE_I64) return storeInteger(A, 64, op == TRUNCATE_I64);
	if (op == COMPARE || op == COMPARE_QUIET) {
		const order = compare(A, B, op == COMPARE_QUIET);
		conditions = ((order & 3) << 8 & 0x100) | ((order & 2) << 9) | ((order & 4) << 12);
		return 0;
	}
	if (op <= SQRT) arithmetic(op, precision);
	else if (op == INTEGRAL) toIntegralX87(A);
	else fromI64(R, operandC);
	if (op == INTEGRAL) copy(R, A);
	resultHigh = packF80(R);
	return R.high;
}

function environment(format: u32, env: u32): void {
	const zero = format < 2 && (env & 4) != 0;
	begin(env & 3, format == 2 && env >= 12 ? 0x27 : 0x3f, zero, zero);
}

/** The hash after `count` operands. */
export function run(format: u32, op: u32, env: u32, count: u32): u64 {
	seed = (<u64>((format * 64 + op) * 64 + env)) << 32;
	hash = 0;
	for (let i: u32 = 0; i < count; i++) {
		resultHigh = 0;
		conditions = 0;
		operandA = draw(format);
		significandA = significand;
		operandB = draw(format);
		significandB = significand;
		operandC = draw(format);
		if (op > INTEGRAL) operandC = <u64>(<i64>next() >> (operandC & 63));
		environment(format, env);
		const precision = env < 4 ? 24 : env < 8 ? 53 : 64;
		result = format == 0 ? single(op) : format == 1 ? doubled(op) : extended(op, precision);
		mix(result);
		mix((resultHigh << 16) | last());
	}
	return hash;
}

let isX87: bool = false;
function last(): u64 {
	const flags = floatFlags();
	return (isX87 ? flags & 0x23f : flags & 0x3f) | conditions;
}

export function setX87(on: bool): void {
	isX87 = on;
}

/** The last operation's, for a message: significand, exponent and sign, flags. */
export function lastResult(): u64 {
	return result;
}

export function lastHigh(): u64 {
	return (resultHigh << 16) | last();
}
