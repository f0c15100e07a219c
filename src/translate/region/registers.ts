import * as S from "../../core/state.ts";
import type { Value, Width } from "../../x86/builder.ts";
import { WasmValue } from "../values.ts";
import type { Body } from "../wasm.ts";

/** Guest registers as locals: loaded where the region is entered, those that were written stored where it is left. */
export class RegionRegisters {
	readonly #locals = new Map<number, number>();
	readonly #written = new Set<number>();

	constructor(private readonly body: Body) {}

	/** @param at offset in the state block; odd for AH, CH, DH and BH */
	read(at: number, width: Width): Value {
		this.body.local("local.get", this.#local(at >> 3));
		const whole = WasmValue.pop(this.body, 64);
		return at & 1 ? whole.shr(8).zext(8) : whole.zext(width);
	}

	write(at: number, width: Width, value: Value): void {
		const number = at >> 3;
		this.#written.add(number);
		const next = width >= 32 ? value.zext(64) : this.#merge(number, at & 1 ? 8 : 0, width, value);
		(next as WasmValue).emit();
		this.body.local("local.set", this.#local(number));
	}

	/** Loads every register that the region uses: for the place reserved at its entry. */
	load(): void {
		for (const [number, local] of this.#locals) {
			this.body.local("local.get", 0);
			this.body.memory("i64.load", S.REGISTERS + number * 8);
			this.body.local("local.set", local);
		}
	}

	store(): void {
		for (const number of this.#written) {
			this.body.local("local.get", 0);
			this.body.local("local.get", this.#local(number));
			this.body.memory("i64.store", S.REGISTERS + number * 8);
		}
	}

	#local(number: number): number {
		const known = this.#locals.get(number);
		if (known !== undefined) return known;
		const local = this.body.variable("i64");
		this.#locals.set(number, local);
		return local;
	}

	/** Bytes and words leave the rest of their register as it is. */
	#merge(number: number, shift: number, width: Width, value: Value): Value {
		this.body.local("local.get", this.#local(number));
		const whole = WasmValue.pop(this.body, 64);
		const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
		const kept = whole.and(WasmValue.constant(this.body, 64, ~mask));
		return kept.or(value.zext(64).shl(shift));
	}
}
