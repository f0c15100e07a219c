/**
 * The arithmetic flags of a stencil. They are left in locals, as what set them and two operands, which is how regions leave them behind
 * (PENDING_* of core/state.ts); or not at all where nobody will look. What only changes some of them works on settled flags.
 */
import * as S from "../../core/state.ts";
import * as T from "../../core/stencil.ts";
import type { Bit, Flags, Ordered, Value, Width } from "../../x86/builder.ts";
import { LazyFlags } from "../flags.ts";
import { conditionOf, type Setter } from "../region/flags.ts";
import { WasmValue } from "../values.ts";
import type { Body } from "../wasm.ts";
import type { DraftBody } from "./body.ts";

/** A variant that stays the interpreter's. */
export class NotDrafted extends Error {}

const CARRY = 2;
const OVERFLOW = 0;

export class DraftFlags extends LazyFlags implements Flags {
	/** STENCIL_*: what the instruction does to them. */
	properties = 0;
	/** KIND_* and width of what it leaves pending. */
	kind = 0;
	#depth = 0;

	constructor(
		private readonly draft: DraftBody,
		private readonly leaves: boolean,
	) {
		super(draft, () => draft.constant("i32", S.CPU));
	}

	/** What is done to flags inside may not be done. */
	conditionally(act: () => void): void {
		this.#depth++;
		act();
		this.#depth--;
	}

	get isConditional(): boolean {
		return this.#depth > 0;
	}

	override addition(sum: Value, a: Value, b: Value, withCarry = false): void {
		if (withCarry) this.#withCarry(S.KIND_ADC, sum, a, b);
		else this.#set(S.KIND_ADD, sum.width, a, b, () => super.addition(sum, a, b));
	}
	override subtraction(difference: Value, a: Value, b: Value, withBorrow = false): void {
		if (withBorrow) this.#withCarry(S.KIND_SBB, difference, a, b);
		else this.#set(S.KIND_SUB, difference.width, a, b, () => super.subtraction(difference, a, b));
	}
	override logic(result: Value): void {
		this.#set(S.KIND_LOGIC, result.width, result, undefined, () => super.logic(result));
	}
	override result(result: Value, carry: Bit, overflow: Bit): void {
		const bits = this.leaves ? carry.or(overflow.shl(1)) : undefined;
		this.#set(S.KIND_RESULT, result.width, result, bits, () => super.result(result, carry, overflow));
	}
	override product(low: Value, a: Value, b: Value, lost: () => Bit): void {
		this.#set(S.KIND_IMUL, low.width, a, b, () => super.product(low, a, b, lost));
	}
	override increment(result: Value): void {
		this.#step(S.KIND_INC, result);
	}
	override decrement(result: Value): void {
		this.#step(S.KIND_DEC, result);
	}
	override setCarryOverflow(carry: Bit, overflow: Bit): void {
		this.#change(() => super.setCarryOverflow(carry, overflow));
	}
	override setCarry(carry: Bit): void {
		this.#change(() => super.setCarry(carry));
	}
	override setZero(zero: Bit): void {
		this.#change(() => super.setZero(zero));
	}
	override order(_numbers: Ordered, _bits: () => Value): void {
		throw new Error("drafts compare no floating-point numbers");
	}

	override get carry(): Bit {
		return this.condition(CARRY);
	}
	override get overflow(): Bit {
		return this.condition(OVERFLOW);
	}
	override condition(code: number): Bit {
		this.properties |= T.STENCIL_READS_FLAGS;
		this.draft.loads();
		this.draft.hole(T.HOLE_CONDITION, code);
		return WasmValue.pop(this.draft, 32);
	}

	/** All flags, by what sets them; where that depends on something, they are written down at once. */
	#set(type: number, width: Width, a: Value, b: Value | undefined, writeDown: () => void): void {
		if (this.isConditional) {
			this.#change(writeDown);
			return;
		}
		this.properties |= T.STENCIL_SETS_FLAGS;
		if (this.leaves) this.#pending(type, width, a, b);
	}

	/** CF goes in: a bit beside the kind, which is why no condition is known by the kind alone. */
	#withCarry(type: number, result: Value, a: Value, b: Value): void {
		this.properties |= T.STENCIL_SETS_FLAGS;
		if (!this.leaves) return;
		this.#pending(type, result.width, a, b, this.carry.shl(S.KIND_CARRY_IN_SHIFT));
	}

	/** All but CF, which is kept beside the kind. */
	#step(type: number, result: Value): void {
		if (!this.leaves) return;
		this.#pending(type, result.width, result, undefined, this.carry.shl(S.OVER_SHIFT).or(S.OVER_HAS_CARRY));
	}

	/** Some of them. @throws NotDrafted where the same instruction has left them pending before (POPCNT) */
	#change(act: () => void): void {
		if (!this.leaves) return;
		if (this.kind) throw new NotDrafted("it sets all flags, and then changes some");
		this.properties |= T.STENCIL_SETTLED;
		act();
	}

	/** @param more what of the kind is only known then */
	#pending(type: number, width: Width, a: Value, b: Value | undefined, more?: Value): void {
		this.kind = type | (width << S.KIND_WIDTH_SHIFT);
		if (more) this.#leave(T.LOCAL_KIND, more.or(WasmValue.constant(this.draft, 32, this.kind)));
		this.#leave(T.LOCAL_A, a, true);
		if (b) this.#leave(T.LOCAL_B, b, true);
	}

	#leave(local: number, value: Value, wide = false): void {
		(value as WasmValue).emit();
		if (wide && value.width < 64) this.draft.op("i64.extend_i32_u");
		this.draft.local("local.set", local);
		this.draft.endStatement({ stores: true });
	}
}

/** Kinds by which conditions can be told without settling the flags. */
export const CONDITION_KINDS = [S.KIND_ADD, S.KIND_SUB, S.KIND_LOGIC, S.KIND_INC, S.KIND_DEC, S.KIND_RESULT];

/** Leaves a condition of flags that are pending: by a kind and width that are known. @param pair bits 3..1 of the condition's code */
export function pendingCondition(body: Body, type: number, width: Width, pair: number): void {
	(conditionOf(pendingSetter(body, type, width), pair) as WasmValue).emit();
}

/** The same of flags that are settled. */
export function settledCondition(body: Body, pair: number): void {
	const flags = new LazyFlags(body, () => body.constant("i32", S.CPU));
	(flags.condition(pair * 2) as WasmValue).emit();
}

function pendingSetter(body: Body, type: number, width: Width): Setter {
	const at = (local: number, as: Width): Value => {
		body.local("local.get", local);
		if (as < 64) body.op("i32.wrap_i64");
		return WasmValue.pop(body, as);
	};
	const a = at(T.LOCAL_A, width);
	switch (type) {
		case S.KIND_ADD: {
			const b = at(T.LOCAL_B, width);
			return { type, a, b, r: a.add(b) };
		}
		case S.KIND_SUB: {
			const b = at(T.LOCAL_B, width);
			return { type, a, b, r: a.sub(b) };
		}
		case S.KIND_RESULT: {
			const bits = at(T.LOCAL_B, 32);
			return { type, a, b: bits, r: a, carry: bits.and(1), overflow: bits.shr(1) };
		}
		case S.KIND_LOGIC:
			return { type, a, b: a, r: a };
		default:
			return { type, a, b: a, r: a, carry: kindBit(body) };
	}
}

/** CF, which INC and DEC keep beside the kind. */
function kindBit(body: Body): Bit {
	body.local("local.get", T.LOCAL_KIND);
	return WasmValue.pop(body, 32).shr(S.OVER_SHIFT).and(1);
}
