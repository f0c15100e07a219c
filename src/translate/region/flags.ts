/**
 * Flags in a region. An instruction that sets them emits nothing: what set them, with its operands, is
 * remembered here while the region is emitted, and a condition is one comparison of those operands. Only
 * where somebody else may look (another block, the way out) are they written to three locals: the kind of
 * instruction with what has changed CF and OF since, and two operands. In the engine's code those
 * copies cost registers at most; `settlePending` in core/flags.ts makes flags of them.
 */
import * as S from "../../core/state.ts";
import type { Bit, Flags, Ordered, Value, Width } from "../../x86/builder.ts";
import { LazyFlags } from "../flags.ts";
import { WasmValue } from "../values.ts";
import type { Body, Callee } from "../wasm.ts";
import { passNothing } from "./links.ts";

/** The instruction that set the flags, and CF and OF where something has changed them since. */
export interface Setter {
	type: number;
	a: Value;
	b: Value;
	r: Value;
	carryIn?: Bit;
	carry?: Bit;
	overflow?: Bit;
	/** The numbers that KIND_ORDER compares. */
	order?: Ordered;
	/** Of a product: whether its other half mattered. */
	lost?: () => Bit;
}

interface LastSetter extends Setter {
	/** The locals say the same. */
	written: boolean;
}

/** "locals": only the locals know; "memory": the state block has them, and the locals say so. */
export type Known = LastSetter | "locals" | "memory";

export class RegionFlags implements Flags {
	/** On entry the locals are zero: the flags are where the one who came left them. */
	known: Known = "locals";
	/** Whether the locals are ever written. */
	#used = false;
	readonly #kind: number;
	readonly #a: number;
	readonly #b: number;
	readonly #memory: LazyFlags;

	constructor(
		private readonly body: Body,
		private readonly settleFlags: Callee,
	) {
		this.#kind = body.variable("i32");
		this.#a = body.variable("i64");
		this.#b = body.variable("i64");
		this.#memory = new LazyFlags(body, () => body.local("local.get", 0));
	}

	addition(r: Value, a: Value, b: Value, withCarry = false): void {
		const carryIn = withCarry ? this.carry : undefined;
		this.#set({ type: withCarry ? S.KIND_ADC : S.KIND_ADD, a, b, r, carryIn, written: false });
	}

	subtraction(r: Value, a: Value, b: Value, withBorrow = false): void {
		const carryIn = withBorrow ? this.carry : undefined;
		this.#set({ type: withBorrow ? S.KIND_SBB : S.KIND_SUB, a, b, r, carryIn, written: false });
	}

	logic(r: Value): void {
		this.#set({ type: S.KIND_LOGIC, a: r, b: r, r, written: false });
	}

	increment(r: Value): void {
		this.#step(S.KIND_INC, r);
	}

	decrement(r: Value): void {
		this.#step(S.KIND_DEC, r);
	}

	result(r: Value, carry: Bit, overflow: Bit): void {
		this.#set({
			type: S.KIND_RESULT,
			a: r,
			b: carry.or(overflow.shl(1)),
			r,
			carry,
			overflow,
			written: false,
		});
	}

	product(r: Value, a: Value, b: Value, lost: () => Bit): void {
		this.#set({ type: S.KIND_IMUL, a, b, r, lost, written: false });
	}

	order(numbers: Ordered): void {
		const { a, b } = numbers;
		this.#set({ type: S.KIND_ORDER, a, b, r: a, order: numbers, written: false });
	}

	setCarryOverflow(carry: Bit, overflow: Bit): void {
		this.#override(carry, overflow);
	}

	setCarry(carry: Bit): void {
		this.#override(carry);
	}

	setZero(zero: Bit): void {
		this.#toMemory();
		this.#memory.setZero(zero);
	}

	get carry(): Bit {
		return this.known === "locals" ? this.#keptCarry() : this.condition(2);
	}

	get overflow(): Bit {
		return this.condition(0);
	}

	condition(code: number): Bit {
		const holds = this.#condition(code >> 1);
		return code & 1 ? holds.isZero() : holds;
	}

	/** Brings the locals up to date, for what follows reads them: another block, the way out. */
	write(): void {
		const { known } = this;
		if (typeof known === "string" || known.written) return;
		this.#used = true;
		this.#emitKind(known);
		this.body.local("local.set", this.#kind);
		(known.a.zext(64) as WasmValue).emit();
		this.body.local("local.set", this.#a);
		// Where it is not looked at it is set all the same, or the engine would keep what was there.
		if (known.b !== known.a) (known.b.zext(64) as WasmValue).emit();
		else this.body.constant("i64", 0);
		this.body.local("local.set", this.#b);
		this.known = { ...known, written: true };
	}

	/** Leaves them behind for who comes next. */
	leave(): void {
		const { known } = this;
		if (known === "memory") return;
		if (known === "locals") this.leaveLocals();
		else
			this.#leavePending(
				() => this.#emitKind(known),
				() => (known.a.zext(64) as WasmValue).emit(),
				() => (known.b.zext(64) as WasmValue).emit(),
			);
	}

	/** As `leave`, where the locals are up to date: they tell all, or what has changed since, or nothing. */
	leaveLocals(): void {
		const { body } = this;
		const get = (local: number) => () => body.local("local.get", local);
		get(this.#kind)();
		body.constant("i32", S.KIND_MASK);
		body.op("i32.and");
		body.open("if");
		this.#leavePending(get(this.#kind), get(this.#a), get(this.#b));
		body.else();
		get(this.#kind)();
		body.open("if");
		this.#callSettle();
		body.end();
		body.end();
	}

	/** Writes them down for a function of core/ that reads them. */
	settle(): void {
		this.#toMemory();
	}

	/** Code that is not this region's has run. */
	reloaded(): void {
		this.#clear();
		this.known = "locals";
	}

	/** Ways have come together: only the locals tell. */
	forget(): void {
		this.known = "locals";
	}

	/** Whether the region has to bring any flags out. */
	get used(): boolean {
		return this.#used;
	}

	#set(setter: LastSetter): void {
		this.known = setter;
	}

	/** INC and DEC keep CF: it is carried along beside the result. */
	#step(type: number, r: Value): void {
		const { known } = this;
		const carry = typeof known === "string" ? this.carry : (known.carry ?? this.carry);
		this.#set({ type, a: r, b: r, r, carry, written: false });
	}

	/** CF where only the locals know the flags: worked out once, from then on it stands beside the kind. */
	#keptCarry(): Bit {
		const { body } = this;
		this.#used = true;
		body.local("local.get", this.#kind);
		body.constant("i32", S.OVER_HAS_CARRY);
		body.op("i32.and");
		body.op("i32.eqz");
		body.open("if");
		this.#callSettle();
		(this.#memory.carry.shl(S.OVER_SHIFT).or(S.OVER_HAS_CARRY) as WasmValue).emit();
		body.local("local.set", this.#kind);
		body.end();
		body.local("local.get", this.#kind);
		return WasmValue.pop(body, 32).shr(S.OVER_SHIFT).and(1);
	}

	#override(carry: Bit, overflow?: Bit): void {
		const { known } = this;
		if (typeof known !== "string") {
			const changed = { ...known, carry, overflow: overflow ?? known.overflow, written: false };
			if (known.type === S.KIND_RESULT) changed.b = carry.or(changed.overflow!.shl(1));
			this.known = changed;
			return;
		}
		this.#used = true;
		const { body } = this;
		this.known = "locals";
		const gone = overflow ? ~S.KIND_MASK : S.OVER_CARRY | S.OVER_HAS_CARRY;
		body.local("local.get", this.#kind);
		const kept = WasmValue.pop(body, 32).and(~gone);
		(kept.or(over(carry, overflow)) as WasmValue).emit();
		body.local("local.set", this.#kind);
	}

	/** Conditions by bits 3..1 of the code. */
	#condition(pair: number): Bit {
		const { known } = this;
		if (typeof known === "string") {
			this.#toMemory();
			return this.#memory.condition(pair * 2);
		}
		return conditionOf(known, pair);
	}

	#emitKind({ type, r, carryIn, carry, overflow }: Setter): void {
		let kind: Value = WasmValue.constant(this.body, 32, type | (r.width << S.KIND_WIDTH_SHIFT));
		if (carryIn) kind = kind.or(carryIn.shl(S.KIND_CARRY_IN_SHIFT));
		if (carry && type !== S.KIND_RESULT) kind = kind.or(over(carry, overflow));
		(kind as WasmValue).emit();
	}

	/** Each emits its value. */
	#leavePending(kind: () => void, a: () => void, b: () => void): void {
		this.#store("i32.store", S.PENDING_KIND, kind);
		this.#store("i64.store", S.PENDING_A, a);
		this.#store("i64.store", S.PENDING_B, b);
	}

	#store(store: "i32.store" | "i64.store", offset: number, emit: () => void): void {
		this.body.local("local.get", 0);
		emit();
		this.body.memory(store, offset);
	}

	#callSettle(): void {
		const { body } = this;
		body.local("local.get", 0);
		for (const local of [this.#kind, this.#a, this.#b]) body.local("local.get", local);
		passNothing(body);
		body.call(this.settleFlags);
		this.#clear();
	}

	#clear(): void {
		this.body.constant("i32", 0);
		this.body.local("local.set", this.#kind);
	}

	#toMemory(): void {
		if (this.known === "memory") return;
		this.write();
		this.#callSettle();
		this.known = "memory";
	}
}

/** A condition of flags that are known by what set them. @param pair bits 3..1 of the condition's code */
export function conditionOf(setter: Setter, pair: number): Bit {
	if (setter.order) return orderCondition(setter, setter.order, pair);
	const { type, a, b, r } = setter;
	const plain = type === S.KIND_SUB && !setter.carry && !setter.overflow;
	const overflow = () => setter.overflow ?? overflowOf(setter);
	const carry = () => setter.carry ?? carryOf(setter);
	const less = () => (plain ? a.ltS(b) : r.isNegative().xor(overflow()));
	switch (pair) {
		case 0:
			return overflow();
		case 1:
			return carry();
		case 2:
			return type === S.KIND_SUB ? a.eq(b) : r.isZero();
		case 3:
			return plain ? a.leU(b) : carry().or(r.isZero());
		case 4:
			return r.isNegative();
		case 5:
			return r.zext(32).and(255).popcnt().and(1).isZero();
		case 6:
			return less();
		default:
			return plain ? b.ltS(a).isZero() : less().or(r.isZero());
	}
}

/** Of OF, SF and PF a comparison sets none; CF and OF may have been set since. */
function orderCondition({ a, carry, overflow = zero(a) }: Setter, numbers: Ordered, pair: number): Bit {
	const equal = () => numbers.compare("eq");
	switch (pair) {
		case 1:
			return carry ?? numbers.compare("lt");
		case 2:
			return equal();
		case 3:
			return carry ? carry.or(equal()) : numbers.compare("le");
		case 4:
		case 5:
			return zero(a);
		case 7:
			return overflow.or(equal());
		default:
			return overflow;
	}
}

function carryOf({ type, a, b, r, carryIn, lost }: Setter): Bit {
	switch (type) {
		case S.KIND_ADD:
			return r.ltU(a);
		case S.KIND_ADC:
			return a.and(b).or(a.or(b).and(r.not())).isNegative();
		case S.KIND_SUB:
			return a.ltU(b);
		case S.KIND_SBB:
			return a.ltU(b).or(a.eq(b).and(carryIn!));
		case S.KIND_IMUL:
			return lost!();
		default:
			return zero(r);
	}
}

function overflowOf({ type, a, b, r, lost }: Setter): Bit {
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
		case S.KIND_IMUL:
			return lost!();
		default:
			return zero(r);
	}
}

/** OVER_* of a carry and, where it is known, an overflow. */
const over = (carry: Bit, overflow?: Bit): Value => {
	const bits = overflow ? carry.or(overflow.shl(1)) : carry;
	return bits.shl(S.OVER_SHIFT).or(S.OVER_HAS_CARRY | (overflow ? S.OVER_HAS_OVERFLOW : 0));
};

const bodyOf = (value: Value): Body => (value as WasmValue).body;
const zero = (like: Value): Bit => WasmValue.constant(bodyOf(like), 32, 0);
const smallest = (like: Value): Value =>
	WasmValue.constant(bodyOf(like), like.width as Width, -(2n ** BigInt(like.width - 1)));
