/**
 * Typed values over WebAssembly temporaries. A value of up to 32 bits is an i32, sign-extended from
 * its width (so equality, order and sign need no masking); a 64-bit one is an i64.
 */
import type { Bit, Value, Width } from "../x86/builder.ts";
import type { ScalarType } from "./opcodes.ts";
import type { Body, OpName, Temp } from "./wasm.ts";

export const typeOf = (width: Width): ScalarType => (width === 64 ? "i64" : "i32");

type Operation =
	| "add"
	| "sub"
	| "mul"
	| "div_u"
	| "div_s"
	| "and"
	| "or"
	| "xor"
	| "shl"
	| "shr_u"
	| "shr_s"
	| "rotl"
	| "rotr";
type Comparison = "eq" | "ne" | "lt_u" | "le_u" | "lt_s";
type Unary = "clz" | "ctz" | "popcnt" | "eqz";

/** Instructions' names, put together once for each. */
const NAMES = { i32: new Map<string, OpName>(), i64: new Map<string, OpName>() };

function nameOf(type: ScalarType, operation: Operation | Comparison | Unary): OpName {
	let name = NAMES[type].get(operation);
	if (!name) {
		name = `${type}.${operation}` as OpName;
		NAMES[type].set(operation, name);
	}
	return name;
}

/** Operations on known operands, which are sign-extended; the count of a shift is taken modulo the machine's width. */
const FOLDS: Partial<Record<Operation, (a: bigint, b: bigint, width: Width) => bigint>> = {
	add: (a, b) => a + b,
	sub: (a, b) => a - b,
	and: (a, b) => a & b,
	or: (a, b) => a | b,
	xor: (a, b) => a ^ b,
	shl: (a, b, width) => a << (b & (width === 64 ? 63n : 31n)),
	shr_s: (a, b, width) => a >> (b & (width === 64 ? 63n : 31n)),
	shr_u: (a, b, width) => BigInt.asUintN(width === 64 ? 64 : 32, a) >> (b & (width === 64 ? 63n : 31n)),
};

/** A value as another one plus a known number: what the compiler knows two addresses by. */
export interface Origin {
	/** Names a value that does not change. */
	root: string;
	delta: number;
}

export class WasmValue implements Value {
	/** Set where it is known; sums and differences with known numbers keep it. */
	origin?: Origin;
	/** It comes from the guest's memory as it is. */
	loaded?: boolean;
	/** It is 0 or 1. */
	isBit?: boolean;
	/** The bit whose negative it is: all ones or none. */
	maskOf?: WasmValue;

	constructor(
		readonly body: Body,
		readonly width: Width,
		private readonly source: Temp | bigint,
	) {}

	/** Its value where it is known now, sign-extended. */
	get known(): bigint | undefined {
		return typeof this.source === "bigint" ? this.source : undefined;
	}

	/** Puts it on the WebAssembly stack. */
	emit(): void {
		if (typeof this.source === "bigint") this.body.constant(typeOf(this.width), this.source);
		else this.body.get(this.source);
	}

	static constant(body: Body, width: Width, value: number | bigint): WasmValue {
		const whole = BigInt(value);
		const fits = typeof value === "number" && width >= 32 && value === (value | 0);
		return new WasmValue(body, width, fits ? whole : BigInt.asIntN(width, whole));
	}

	/** Takes what is on the stack, already in canonical form. */
	static pop(body: Body, width: Width): WasmValue {
		return new WasmValue(body, width, body.set(typeOf(width)));
	}

	add(other: Value | number): Value {
		return this.#arithmetic("add", other);
	}
	sub(other: Value | number): Value {
		return this.#arithmetic("sub", other);
	}
	mul(other: Value | number): Value {
		return this.#arithmetic("mul", other);
	}
	divU(other: Value): Value {
		return this.#binary("div_u", other);
	}
	divS(other: Value): Value {
		return this.#binary("div_s", other);
	}
	and(other: Value | number): Value {
		const operand = this.#operand(other);
		const chosen = this.#choose(operand) ?? operand.#choose(this);
		if (chosen) return chosen;
		const result = this.#binary("and", operand);
		if (this.known === 1n || operand.known === 1n) result.isBit = true;
		return result;
	}
	/** What a mask leaves of a value: a host chooses by a bit sooner than it has made a mask of it, as CRCs do at each bit. */
	#choose(value: WasmValue): WasmValue | undefined {
		if (!this.maskOf) return undefined;
		const bit = this.maskOf.zext(32) as WasmValue;
		value.emit();
		WasmValue.constant(this.body, this.width, 0).emit();
		bit.emit();
		this.body.op("select");
		return WasmValue.pop(this.body, this.width);
	}
	or(other: Value | number): Value {
		return this.#binary("or", other);
	}
	xor(other: Value | number): Value {
		return this.#binary("xor", other);
	}
	not(): Value {
		return this.xor(-1);
	}
	neg(): Value {
		return WasmValue.constant(this.body, this.width, 0).sub(this);
	}
	shl(count: Value | number): Value {
		return this.#shift("shl", count);
	}
	sar(count: Value | number): Value {
		return this.#shift("shr_s", count);
	}
	rotl(count: Value | number): Value {
		if (!this.body.rotates) return this.shl(count).or(this.shr(negative(count)));
		return this.#shift("rotl", count);
	}
	rotr(count: Value | number): Value {
		if (!this.body.rotates) return this.shr(count).or(this.shl(negative(count)));
		return this.#shift("rotr", count);
	}

	shr(count: Value | number): Value {
		if (this.width >= 32) return this.#shift("shr_u", count);
		return (this.zext(32) as WasmValue).#shift("shr_u", count).zext(this.width);
	}

	clz(): Value {
		return this.#unary("clz");
	}
	ctz(): Value {
		return this.#unary("ctz");
	}
	popcnt(): Value {
		return this.#unary("popcnt");
	}
	eq(other: Value | number): Bit {
		return this.#compare("eq", other);
	}
	ne(other: Value | number): Bit {
		return this.#compare("ne", other);
	}
	ltU(other: Value | number): Bit {
		return this.#compare("lt_u", other);
	}
	leU(other: Value | number): Bit {
		return this.#compare("le_u", other);
	}
	ltS(other: Value | number): Bit {
		return this.#compare("lt_s", other);
	}
	isZero(): Bit {
		return this.eq(0);
	}
	isNegative(): Bit {
		return this.ltS(0);
	}

	zext(width: Width): Value {
		if (width === this.width) return this;
		if (width < this.width) return this.#narrow(width);
		if (typeof this.source === "bigint")
			return WasmValue.constant(this.body, width, BigInt.asUintN(this.width, this.source));
		const masked =
			this.width === 32
				? this
				: (new WasmValue(this.body, 32, this.source).and(2 ** this.width - 1) as WasmValue);
		if (width !== 64) return masked.#as(width);
		masked.emit();
		this.body.op("i64.extend_i32_u");
		return WasmValue.pop(this.body, 64);
	}

	sext(width: Width): Value {
		if (width < this.width) return this.#narrow(width);
		if (width !== 64 || this.width === 64) return this.#as(width);
		this.emit();
		this.body.op("i64.extend_i32_s");
		return WasmValue.pop(this.body, 64);
	}

	/** The same temporary seen at another width: right where the bits are canonical for both. */
	#as(width: Width): WasmValue {
		return new WasmValue(this.body, width, this.source);
	}

	#narrow(width: Width): WasmValue {
		if (typeof this.source === "bigint") return WasmValue.constant(this.body, width, this.source);
		this.emit();
		if (this.width === 64) this.body.op("i32.wrap_i64");
		return this.#canonical(width);
	}

	#canonical(width: Width): WasmValue {
		if (width === 8) this.body.op("i32.extend8_s");
		if (width === 16) this.body.op("i32.extend16_s");
		return WasmValue.pop(this.body, width);
	}

	#op(operation: Operation | Comparison | Unary): void {
		this.body.op(nameOf(typeOf(this.width), operation));
	}

	#operand(other: Value | number): WasmValue {
		if (typeof other === "number") return WasmValue.constant(this.body, this.width, other);
		if (other.width !== this.width)
			throw new Error(`a ${this.width}-bit value meets a ${other.width}-bit one`);
		return other as WasmValue;
	}

	#emitBoth(other: Value | number): void {
		const operand = this.#operand(other);
		this.emit();
		operand.emit();
	}

	#binary(operation: Operation, other: Value | number): WasmValue {
		const folded = this.#fold(operation, this.#operand(other));
		if (folded) return folded;
		this.#emitBoth(other);
		this.#op(operation);
		return WasmValue.pop(this.body, this.width);
	}

	/** The result, where both operands are known. */
	#fold(operation: Operation, other: WasmValue): WasmValue | undefined {
		const a = this.known;
		const b = other.known;
		if (a === undefined || b === undefined) return undefined;
		const result = FOLDS[operation]?.(a, b, this.width);
		return result === undefined ? undefined : WasmValue.constant(this.body, this.width, result);
	}

	#arithmetic(operation: Operation, other: Value | number): WasmValue {
		const folded = this.#fold(operation, this.#operand(other));
		if (folded) return folded;
		this.#emitBoth(other);
		this.#op(operation);
		const result = this.#canonical(this.width);
		const operand = this.#operand(other);
		if (operation !== "mul") result.origin = originOf(operation === "sub" ? -1 : 1, this, operand);
		if (operation === "sub" && this.known === 0n && operand.isBit) result.maskOf = operand;
		return result;
	}

	#shift(operation: Operation, count: Value | number): WasmValue {
		const by = typeof count === "number" ? count : count.zext(this.width === 64 ? 64 : 32);
		const operand =
			typeof by === "number"
				? WasmValue.constant(this.body, this.width === 64 ? 64 : 32, by)
				: (by as WasmValue);
		if (operand.known === 0n) return this;
		const folded = this.#fold(operation, operand);
		if (folded) return folded;
		this.emit();
		operand.emit();
		this.#op(operation);
		const result = this.#canonical(this.width);
		if (operation === "shl" && operand.known !== undefined && this.origin) {
			const by = Number(operand.known);
			result.origin = within(`${this.origin.root}<<${by}`, this.origin.delta * 2 ** by);
		}
		return result;
	}

	#unary(operation: Unary): WasmValue {
		this.emit();
		this.#op(operation);
		return WasmValue.pop(this.body, this.width);
	}

	#compare(operation: Comparison, other: Value | number): Bit {
		const a = this.known;
		const b = this.#operand(other).known;
		if (a !== undefined && b !== undefined && (operation === "eq" || operation === "ne")) {
			return WasmValue.constant(this.body, 32, (a === b) === (operation === "eq") ? 1 : 0);
		}
		if (operation === "eq" && other === 0) {
			this.emit();
			this.#op("eqz");
		} else {
			this.#emitBoth(other);
			this.#op(operation);
		}
		return WasmValue.pop(this.body, 32);
	}
}

const negative = (count: Value | number): Value | number =>
	typeof count === "number" ? -count : count.neg();

/** A sum's origin: of a value and a known number, or of two values. */
function originOf(sign: 1 | -1, a: WasmValue, b: WasmValue): Origin | undefined {
	if (!a.origin) return undefined;
	if (b.known !== undefined) return within(a.origin.root, a.origin.delta + sign * Number(b.known));
	if (!b.origin || sign < 0) return undefined;
	return within(`${a.origin.root}+${b.origin.root}`, a.origin.delta + b.origin.delta);
}

/** Numbers that stay exact. */
const within = (root: string, delta: number): Origin | undefined =>
	Math.abs(delta) < 2 ** 40 ? { root, delta } : undefined;

/** Loads a value from the address on the stack. */
export function loadValue(body: Body, width: Width, offset = 0): WasmValue {
	const load = { 8: "i32.load8_s", 16: "i32.load16_s", 32: "i32.load", 64: "i64.load" } as const;
	body.memory(load[width], offset);
	return WasmValue.pop(body, width);
}

/** Stores a value to an address, and nothing beyond its width. */
export function storeValue(pointer: WasmValue, value: Value): void {
	const store = { 8: "i32.store8", 16: "i32.store16", 32: "i32.store", 64: "i64.store" } as const;
	pointer.emit();
	(value as WasmValue).emit();
	pointer.body.memory(store[value.width], 0);
}
