/** Guest registers as locals of a region, and what is known about what they hold. */
import * as S from "../../core/state.ts";
import type { Value, Width } from "../../x86/builder.ts";
import { type Origin, WasmValue } from "../values.ts";
import type { Body } from "../wasm.ts";
import type { History } from "./liveness.ts";
import { type KnownVectors, RegionVectors } from "./vectors.ts";

export const REGISTER_COUNT = 16;

/** What is known of a register's value, as wide as it was written: see WasmValue. */
type Fact = Pick<WasmValue, "width" | "isBit" | "maskOf">;

/** What is known at a place. */
export interface KnownRegisters {
	origins: readonly (Origin | undefined)[];
	facts: readonly (Fact | undefined)[];
	vectors: KnownVectors;
}

export class RegionRegisters {
	readonly #locals: (number | undefined)[] = new Array(REGISTER_COUNT).fill(undefined);
	#origins: (Origin | undefined)[] = new Array(REGISTER_COUNT).fill(undefined);
	#facts: (Fact | undefined)[] = new Array(REGISTER_COUNT).fill(undefined);
	#versions = 0;
	/** The innermost loop under way. */
	loop: unknown;
	/** Registers that something was loaded into, a bit each, by the loop. */
	readonly loaded = new Map<unknown, number>();

	/** @param long registers are known by all 64 bits; else by their low 32, which is what addresses are made of */
	constructor(
		private readonly body: Body,
		private readonly history: History,
		private readonly long: boolean,
		/** Registers 16 to 31. */
		readonly vectors = new RegionVectors(body, history),
	) {}

	/** @param at offset in the state block; odd for AH, CH, DH and BH */
	read(at: number, width: Width): WasmValue {
		const number = at >> 3;
		this.history.read(number);
		const whole = this.#whole(number);
		if (at & 1) return whole.shr(8).zext(8) as WasmValue;
		const value = whole.zext(width) as WasmValue;
		if (width === 64 || (width === 32 && !this.long)) value.origin = this.#origin(number);
		const fact = this.#facts[number];
		if (fact?.width === width) {
			value.isBit = fact.isBit;
			value.maskOf = fact.maskOf;
		}
		return value;
	}

	/** What names the registers' values here, each with its register. */
	get roots(): ReadonlyMap<string, number> {
		const roots = new Map<string, number>();
		for (let number = 0; number < REGISTER_COUNT; number++) {
			const { root, delta } = this.#origin(number);
			if (!delta) roots.set(root, number);
		}
		return roots;
	}

	/** All of a register as it is, whatever is recorded of it. */
	peek(number: number): WasmValue {
		return this.#whole(number);
	}

	#origin(number: number): Origin {
		this.#origins[number] ??= { root: `r${number}.${++this.#versions}`, delta: 0 };
		return this.#origins[number];
	}

	write(at: number, width: Width, value: Value): void {
		const number = at >> 3;
		if ((value as WasmValue).loaded)
			this.loaded.set(this.loop, (this.loaded.get(this.loop) ?? 0) | (1 << number));
		const next = width >= 32 ? value.zext(64) : this.#merge(number, at & 1 ? 8 : 0, width, value);
		(next as WasmValue).emit();
		this.body.local("local.set", this.#local(number));
		this.#origins[number] = width >= 32 ? (value as WasmValue).origin : undefined;
		const { isBit, maskOf } = value as WasmValue;
		this.#facts[number] = width >= 32 && (isBit || maskOf) ? { width, isBit, maskOf } : undefined;
		this.history.write(number);
	}

	/** Whether what is written now may also stay as it is. */
	conditionally(so: boolean): void {
		this.history.conditional = so;
	}

	/** What the registers hold is not known any more: after a join of ways, or after other code has run. */
	forget(): void {
		this.#origins = new Array(REGISTER_COUNT).fill(undefined);
		this.#facts = new Array(REGISTER_COUNT).fill(undefined);
		this.vectors.forget();
	}

	/** For a branch: what is known on both its ways. */
	get known(): KnownRegisters {
		return { origins: [...this.#origins], facts: [...this.#facts], vectors: this.vectors.known };
	}
	set known({ origins, facts, vectors }: KnownRegisters) {
		this.#origins = [...origins];
		this.#facts = [...facts];
		this.vectors.known = vectors;
	}

	/** @param mask a bit a register */
	load(mask: number): void {
		this.#each(mask, (number, local) => {
			this.body.local("local.get", 0);
			this.body.memory("i64.load", S.REGISTERS + number * 8);
			this.body.local("local.set", local);
		});
		this.vectors.load(mask >>> REGISTER_COUNT);
	}

	store(mask: number): void {
		this.#each(mask, (number, local) => {
			this.body.local("local.get", 0);
			this.body.local("local.get", local);
			this.body.memory("i64.store", S.REGISTERS + number * 8);
		});
		this.vectors.store(mask >>> REGISTER_COUNT);
	}

	#each(mask: number, act: (number: number, local: number) => void): void {
		for (let number = 0; number < REGISTER_COUNT; number++)
			if (mask & (1 << number)) act(number, this.#local(number));
	}

	#local(number: number): number {
		this.#locals[number] ??= this.body.variable("i64");
		return this.#locals[number];
	}

	#whole(number: number): WasmValue {
		this.body.local("local.get", this.#local(number));
		return WasmValue.pop(this.body, 64);
	}

	/** Bytes and words leave the rest of their register as it is. */
	#merge(number: number, shift: number, width: Width, value: Value): Value {
		this.history.read(number);
		const mask = width === 16 ? 0xffff : shift ? 0xff00 : 0xff;
		const kept = this.#whole(number).and(WasmValue.constant(this.body, 64, ~mask));
		return kept.or(value.zext(64).shl(shift));
	}
}
