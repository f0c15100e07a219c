/**
 * Vector registers as locals of a region: two v128 each, the upper halves only where an instruction of the region
 * touches one. In the region's history they are registers 16 to 31.
 *
 * What is known of them while code is emitted: facts about their lanes (x86/vector.ts), which save operations the same
 * test again; which addresses are multiples of 16; and which conditions hold, of those that nothing can change while
 * regions run (CR0.TS, CR4.OSFXSR, XCR0, MXCSR's control bits). A condition is worked out where the region is entered;
 * instructions that need it leave the region where it does not hold, once a basic block. MXCSR's flags are
 * only ever set by what compiled code calls.
 */
import * as S from "../../core/state.ts";
import type { Fact, Vector } from "../../x86/vector.ts";
import { loadVector, storeVector, WasmVector, zeroVector } from "../vectors.ts";
import type { Body } from "../wasm.ts";
import type { LeaveIf } from "./accesses.ts";
import type { History } from "./liveness.ts";

/** Of XMM0 in the history. */
const FIRST = 16;
const COUNT = 16;
const HALF = 16;

/** Instructions must leave the region unless a word of the state block, under a mask, is so. */
export interface Condition {
	word: number;
	mask: number;
	bits: number;
}

/** What is known at a place. */
export interface KnownVectors {
	identities: readonly (object | undefined)[];
	facts: ReadonlyMap<object, ReadonlySet<Fact>>;
	aligned: ReadonlyMap<string, number>;
	held: ReadonlySet<string>;
}

export class RegionVectors {
	/** Locals by register and half. */
	readonly #locals: (number | undefined)[] = new Array(2 * COUNT).fill(undefined);
	/** Local that is zero where the condition holds. */
	readonly #conditions = new Map<string, { condition: Condition; local: number }>();
	readonly #later: (() => void)[] = [];
	/** What a register's half is known by: equal where its value is. */
	#identities: (object | undefined)[] = [];
	#facts = new Map<object, ReadonlySet<Fact>>();
	/** Addresses less 16 * n, by what they are known by. */
	#aligned = new Map<string, number>();
	#held = new Set<string>();

	constructor(
		private readonly body: Body,
		private readonly history: History,
	) {}

	// --- registers ------------------------------------------------------------------------------------------

	read(register: number, half: number): WasmVector {
		this.history.read(FIRST + register);
		this.body.local("local.get", this.#local(register, half));
		const value = WasmVector.pop(this.body);
		this.#identities[2 * register + half] ??= {};
		value.identity = this.#identities[2 * register + half]!;
		return value;
	}

	/** @param last nothing of the register is left as it was once this is written */
	write(register: number, half: number, value: Vector, last: boolean): void {
		(value as WasmVector).emit();
		this.body.local("local.set", this.#local(register, half));
		this.#identities[2 * register + half] = (value as WasmVector).identity;
		this.history.write(FIRST + register, () => !last && this.#hasUpper(register));
	}

	/** Zeroes the upper halves of so many registers: in the state block, and in the locals that there are in the end. */
	zeroUpper(count: number): void {
		const { body } = this;
		const place = body.reserve();
		for (let register = 0; register < count; register++) this.#identities[2 * register + 1] = undefined;
		this.#later.push(() =>
			place(() => {
				for (let register = 0; register < count; register++) {
					const address = () => body.local("local.get", 0);
					storeVector(address, zeroVector(body), 128, S.VECTORS + register * S.VECTOR_SIZE + HALF);
					if (!this.#hasUpper(register)) continue;
					zeroVector(body).emit();
					body.local("local.set", this.#local(register, 1));
				}
			}),
		);
	}

	/** @param mask a bit a register */
	load(mask: number): void {
		this.#each(mask, (local, offset) => {
			this.body.local("local.get", 0);
			loadVector(this.body, 128, offset).emit();
			this.body.local("local.set", local);
		});
	}

	store(mask: number): void {
		this.#each(mask, (local, offset) => {
			this.body.local("local.get", 0);
			this.body.local("local.get", local);
			this.body.simdMemory("v128.store", offset);
		});
	}

	#each(mask: number, act: (local: number, offset: number) => void): void {
		for (let i = 0; mask && i < 2 * COUNT; i++) {
			const local = this.#locals[i];
			if (local !== undefined && mask & (1 << (i >> 1)))
				act(local, S.VECTORS + (i >> 1) * S.VECTOR_SIZE + (i & 1) * HALF);
		}
	}

	#local(register: number, half: number): number {
		this.#locals[2 * register + half] ??= this.body.variable("v128");
		return this.#locals[2 * register + half]!;
	}

	#hasUpper(register: number): boolean {
		return this.#locals[2 * register + 1] !== undefined;
	}

	// --- what is known ----------------------------------------------------------------------------------------

	knows(vector: Vector, fact: Fact): boolean {
		const facts = this.#facts.get((vector as WasmVector).identity);
		return facts !== undefined && (facts.has(fact) || facts.has(fact.replace("scalar", "packed") as Fact));
	}

	learn(vector: Vector, fact: Fact): void {
		const { identity } = vector as WasmVector;
		this.#facts.set(identity, new Set([...(this.#facts.get(identity) ?? []), fact]));
	}

	/** Whether an address is known to be a multiple of 16; from now on it is. */
	isAligned(root: string, delta: number): boolean {
		const known = this.#aligned.get(root);
		this.#aligned.set(root, delta & 15);
		return known === (delta & 15);
	}

	/** Leaves the region unless the condition holds. */
	require(condition: Condition, prepare: () => LeaveIf): void {
		const key = `${condition.word} ${condition.mask} ${condition.bits}`;
		if (this.#held.has(key)) return;
		this.#held.add(key);
		let entry = this.#conditions.get(key);
		if (!entry) {
			entry = { condition, local: this.body.variable("i32") };
			this.#conditions.set(key, entry);
		}
		const { local } = entry;
		prepare()(() => this.body.local("local.get", local));
	}

	get known(): KnownVectors {
		return {
			identities: [...this.#identities],
			facts: new Map(this.#facts),
			aligned: new Map(this.#aligned),
			held: new Set(this.#held),
		};
	}
	set known({ identities, facts, aligned, held }: KnownVectors) {
		this.#identities = [...identities];
		this.#facts = new Map(facts);
		this.#aligned = new Map(aligned);
		this.#held = new Set(held);
	}

	forget(): void {
		this.#identities = [];
		this.#facts.clear();
		this.#aligned.clear();
		this.#held.clear();
	}

	// --- ends -----------------------------------------------------------------------------------------------

	/** Where the region is entered, all being known: works out the conditions. */
	prologue(): void {
		const { body } = this;
		for (const { condition, local } of this.#conditions.values()) {
			body.local("local.get", 0);
			body.memory("i32.load", condition.word);
			body.constant("i32", condition.mask);
			body.op("i32.and");
			body.constant("i32", condition.bits);
			body.op("i32.xor");
			body.local("local.set", local);
		}
	}

	/** Fills the places that were left open. */
	finish(): void {
		for (const act of this.#later) act();
	}
}
