/**
 * Flags in a region: what set them is kept in four locals and settled into the state block only where
 * the region is left, so an instruction that sets flags costs nothing that the engine does not need. Inside a
 * block what set them is known, and a condition is one comparison.
 */
import * as S from "../../core/state.ts";
import type { Bit, Flags, Value, Width } from "../../x86/builder.ts";
import { LazyFlags } from "../flags.ts";
import { WasmValue } from "../values.ts";
import type { Body, Callee } from "../wasm.ts";

/** What set the flags and with which operands; "memory" when the state block has them, undefined when it is not known here. */
export type Known = { kind: number; a: Value; b: Value; r: Value } | "memory" | undefined;

export class RegionFlags implements Flags {
	known: Known;
	/** Whether any instruction of the region sets flags. */
	used = false;
	readonly #kind: number;
	readonly #a: number;
	readonly #b: number;
	readonly #r: number;
	readonly #memory: LazyFlags;

	constructor(
		private readonly body: Body,
		private readonly settleFlags: Callee,
	) {
		this.#kind = body.variable("i32");
		this.#a = body.variable("i64");
		this.#b = body.variable("i64");
		this.#r = body.variable("i64");
		this.#memory = new LazyFlags(body, () => body.local("local.get", 0));
	}

	addition(sum: Value, a: Value, b: Value, withCarry = false): void {
		this.#set(withCarry ? S.KIND_ADC : S.KIND_ADD, a, b, sum);
	}

	subtraction(difference: Value, a: Value, b: Value, withBorrow = false): void {
		this.#set(withBorrow ? S.KIND_SBB : S.KIND_SUB, a, b, difference);
	}

	logic(result: Value): void {
		this.#set(S.KIND_LOGIC, result, result, result);
	}

	increment(result: Value): void {
		this.#set(S.KIND_INC, result, this.carry, result);
	}

	decrement(result: Value): void {
		this.#set(S.KIND_DEC, result, this.carry, result);
	}

	result(result: Value, carry: Bit, overflow: Bit): void {
		this.#set(S.KIND_RESULT, carry, overflow, result);
	}

	setCarryOverflow(carry: Bit, overflow: Bit): void {
		this.#toMemory();
		this.#memory.setCarryOverflow(carry, overflow);
	}

	setCarry(carry: Bit): void {
		this.#toMemory();
		this.#memory.setCarry(carry);
	}

	setZero(zero: Bit): void {
		this.#toMemory();
		this.#memory.setZero(zero);
	}

	get carry(): Bit {
		return this.condition(2);
	}

	get overflow(): Bit {
		return this.condition(0);
	}

	condition(code: number): Bit {
		const holds = this.#condition(code >> 1);
		return code & 1 ? holds.xor(1) : holds;
	}

	/** Writes the flags to the state block, on the way out. */
	settle(): void {
		if (!this.used) return;
		const { body } = this;
		body.local("local.get", 0);
		for (const local of [this.#kind, this.#a, this.#b, this.#r]) body.local("local.get", local);
		body.call(this.settleFlags);
	}

	/** The state block has them: after code that is not this region's. */
	reloaded(): void {
		this.body.constant("i32", 0);
		this.body.local("local.set", this.#kind);
		this.known = "memory";
	}

	/** After a branch of code that may or may not have set flags. */
	forget(): void {
		this.known = undefined;
	}

	#condition(pair: number): Bit {
		const { known } = this;
		if (known === undefined || known === "memory") {
			this.#toMemory();
			return this.#memory.condition(pair * 2);
		}
		const { kind, a, b, r } = known;
		const type = kind & 0xff;
		if (pair === 2) return type === S.KIND_SUB ? a.eq(b) : r.isZero();
		if (pair === 4) return r.isNegative();
		if (pair === 5) return r.zext(32).and(255).popcnt().and(1).isZero();
		if (pair === 0) return overflowOf(type, a, b, r);
		if (pair === 1) return carryOf(type, a, b, r);
		if (pair === 3) return type === S.KIND_SUB ? a.leU(b) : carryOf(type, a, b, r).or(r.isZero());
		const less = type === S.KIND_SUB ? a.ltS(b) : r.isNegative().xor(overflowOf(type, a, b, r));
		return pair === 6 ? less : type === S.KIND_SUB ? b.ltS(a).xor(1) : less.or(r.isZero());
	}

	#set(type: number, a: Value, b: Value, r: Value): void {
		this.used = true;
		const kind = type | (r.width << 8);
		this.known = { kind, a, b, r };
		this.body.constant("i32", kind);
		this.body.local("local.set", this.#kind);
		for (const [local, value] of [
			[this.#a, a],
			[this.#b, b],
			[this.#r, r],
		] as const) {
			(value.zext(64) as WasmValue).emit();
			this.body.local("local.set", local);
		}
	}

	#toMemory(): void {
		if (this.known === "memory") return;
		this.used = true;
		const { body } = this;
		body.local("local.get", 0);
		for (const local of [this.#kind, this.#a, this.#b, this.#r]) body.local("local.get", local);
		body.call(this.settleFlags);
		body.constant("i32", 0);
		body.local("local.set", this.#kind);
		this.known = "memory";
	}
}

function carryOf(type: number, a: Value, b: Value, r: Value): Bit {
	switch (type) {
		case S.KIND_ADD:
			return r.ltU(a);
		case S.KIND_ADC:
			return a.and(b).or(a.or(b).and(r.not())).isNegative();
		case S.KIND_SUB:
			return a.ltU(b);
		case S.KIND_SBB:
			return a.not().and(b).or(a.not().or(b).and(r)).isNegative();
		case S.KIND_INC:
		case S.KIND_DEC:
			return b;
		case S.KIND_RESULT:
			return a;
		default:
			return zero(r);
	}
}

function overflowOf(type: number, a: Value, b: Value, r: Value): Bit {
	switch (type) {
		case S.KIND_ADD:
		case S.KIND_ADC:
			return a.xor(r).and(b.xor(r)).isNegative();
		case S.KIND_SUB:
		case S.KIND_SBB:
			return a.xor(b).and(a.xor(r)).isNegative();
		case S.KIND_INC:
			return r.eq(smallest(r));
		case S.KIND_DEC:
			return r.eq(smallest(r).not());
		case S.KIND_RESULT:
			return b;
		default:
			return zero(r);
	}
}

const bodyOf = (value: Value): Body => (value as WasmValue).body;
const zero = (like: Value): Bit => WasmValue.constant(bodyOf(like), 32, 0);
const smallest = (like: Value): Value =>
	WasmValue.constant(bodyOf(like), like.width as Width, -(2n ** BigInt(like.width - 1)));
