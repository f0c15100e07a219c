/**
 * Memory in a region: probes of the TLB. Accesses of one basic block whose addresses differ by known numbers
 * (the fields of a structure, the slots of a stack frame) share a probe, which stands before the first of them
 * and covers all: it asks whether the lowest and the highest byte lie in one page that may be touched so. A later
 * block that writes what was read compares the tag for writing only. What misses leaves the region, and the interpreter goes on.
 */
import * as S from "../../core/state.ts";
import type { Value, Width } from "../../x86/builder.ts";
import type { Vector } from "../../x86/vector.ts";
import { WasmValue } from "../values.ts";
import { loadVector, storeVector } from "../vectors.ts";
import type { Body, Label, OpName, Temp } from "../wasm.ts";
import type { RegionRegisters } from "./registers.ts";

/** A probe's accesses must span less than this, or it would miss at every page's end. */
const WIDEST = 512;

interface Group {
	root: string;
	/** Bytes covered, as offsets from the root. */
	low: number;
	high: number;
	writes: boolean;
	/** Other blocks may follow: it covers no more than it did. */
	closed: boolean;
	/** The registers that its addresses are made of, and those that get what is read; a bit each. */
	made: number;
	into: number;
	/** The innermost loop that it is in. */
	loop: unknown;
	/** Host address of the lowest byte. */
	pointer: Temp;
	/** Of a group that writes what was only read before: the one that reads it, whose page has the same address. */
	read?: Group;
	/** Its probe stands in a guard: it grows as long as that leads here. */
	isGuarded?: true;
}

/** Where accesses are asked for that come later, by what registers hold there. */
interface Guard {
	/** The registers, by the roots that name what they hold. */
	registers: ReadonlyMap<string, number>;
	/** Each with its register. */
	groups: { group: Group; register: number }[];
}

/** Leaves the region where the i32 that `condition` puts on the stack is not zero. */
export type LeaveIf = (condition: () => void) => void;

/** Host memory behind a probe. */
export interface HostPlace {
	load(width: Width): WasmValue;
	store(value: Value): void;
	/** So many bits of a vector, some bytes further on. */
	loadVector(bits: number, at: number): Vector;
	storeVector(value: Vector, bits: number, at: number): void;
}

const LOADS = { 8: "i32.load8_s", 16: "i32.load16_s", 32: "i32.load", 64: "i64.load" } as const;
const STORES = { 8: "i32.store8", 16: "i32.store16", 32: "i32.store", 64: "i64.store" } as const;

export class Accesses {
	#groups: Group[] = [];
	#unnamed = 0;
	readonly #fills: (() => void)[] = [];
	/** Local with the last TLB_ADDEND of an access by a loaded pointer. */
	#addend: number | undefined;
	/** The innermost loop under way; what is outside all of them counts as one. */
	loop: unknown;
	#loaded: ReadonlyMap<unknown, number> = new Map();
	readonly #compared = new Map<unknown, number>();
	#expects = false;
	#guard?: Guard;

	/**
	 * @param tlb address of the TLB that the region's accesses go through
	 * @param long addresses have 64 bits, not 32
	 */
	constructor(
		private readonly body: Body,
		private readonly tlb: number,
		private readonly long: boolean,
	) {}

	/**
	 * @param made the registers that the address is made of, a bit each
	 * @param into those that get what is read
	 * @param prepare makes it possible to leave the region here; answers what leaves it where a condition holds
	 */
	at(
		linear: WasmValue,
		size: number,
		writes: boolean,
		made: number,
		into: number,
		prepare: () => LeaveIf,
	): HostPlace {
		const group = this.#groupFor(linear, size, writes, prepare);
		group.made |= made;
		group.into |= into;
		return this.#place(group, linear.origin?.delta ?? 0);
	}

	#groupFor(linear: WasmValue, size: number, writes: boolean, prepare: () => LeaveIf): Group {
		const { root, delta } = linear.origin ?? { root: `?${++this.#unnamed}`, delta: 0 };
		const known = this.#groups.find((group) => covers(group, root, delta, size, writes));
		if (known) {
			known.low = Math.min(known.low, delta);
			known.high = Math.max(known.high, delta + size);
			known.writes ||= writes;
			return known;
		}
		const group =
			this.#guarded(root, delta, size, writes) ?? this.#probe(linear, root, delta, size, writes, prepare());
		this.#groups.push(group);
		return group;
	}

	/** Registers, a bit each, that are compared in the loop under way. */
	compared(registers: number): void {
		this.#compared.set(this.loop, (this.#compared.get(this.loop) ?? 0) | registers);
	}

	/**
	 * From here until `unguard`, accesses by a register, as it is now, are asked for here.
	 * @param otherwise where it goes on if one of the accesses is not possible
	 */
	guard(holder: Pick<RegionRegisters, "roots" | "peek">, otherwise: Label): void {
		const { body } = this;
		const guard: Guard = { registers: holder.roots, groups: [] };
		this.#guard = guard;
		const later = body.reserve();
		const leave: LeaveIf = (condition) => {
			condition();
			body.branch("br_if", otherwise);
		};
		this.#fills.push(() =>
			later(() => {
				for (const { group, register } of guard.groups)
					this.#emit(group, this.#wrapped(holder.peek(register), group.low), leave);
			}),
		);
	}

	unguard(): void {
		this.#guard = undefined;
	}

	#guarded(root: string, delta: number, size: number, writes: boolean): Group | undefined {
		const register = this.#guard?.registers.get(root);
		if (register === undefined) return undefined;
		const group: Group = { ...this.#group(root, delta, size, writes), isGuarded: true };
		this.#guard!.groups.push({ group, register });
		return group;
	}

	/** For a branch: what is known on both its ways, and does not grow any more. */
	get known(): readonly Group[] {
		for (const group of this.#groups) group.closed = !group.isGuarded;
		return [...this.#groups];
	}
	set known(groups: readonly Group[]) {
		this.#groups = [...groups];
	}

	forget(): void {
		this.#groups = [];
	}

	/**
	 * Emits the probes, all accesses being known.
	 * @param agree whether most pages have one TLB_ADDEND
	 * @param loaded registers that hold what was loaded in a loop, a bit each: where they are pointers, the next address waits for it
	 */
	finish(agree: boolean, loaded: ReadonlyMap<unknown, number>): void {
		this.#expects = agree;
		this.#loaded = loaded;
		for (const fill of this.#fills) fill();
	}

	#place(group: Group, delta: number): HostPlace {
		const { body } = this;
		const offset = () => delta - group.low;
		return {
			load(width) {
				body.get(group.pointer);
				body.memory(LOADS[width] as OpName, offset);
				return WasmValue.pop(body, width);
			},
			store(value) {
				body.get(group.pointer);
				(value as WasmValue).emit();
				body.memory(STORES[value.width] as OpName, offset);
			},
			loadVector(bits, at) {
				body.get(group.pointer);
				return loadVector(body, bits, () => offset() + at);
			},
			storeVector(value, bits, at) {
				storeVector(
					() => body.get(group.pointer),
					value,
					bits,
					() => offset() + at,
				);
			},
		};
	}

	#probe(
		linear: WasmValue,
		root: string,
		delta: number,
		size: number,
		writes: boolean,
		leave: LeaveIf,
	): Group {
		const later = this.body.reserve();
		const group = this.#group(root, delta, size, writes);
		if (writes) group.read = this.#groups.find((other) => covers(other, root, delta, size, false));
		this.#fills.push(() => later(() => this.#emit(group, this.#wrapped(linear, group.low - delta), leave)));
		return group;
	}

	#group(root: string, low: number, size: number, writes: boolean): Group {
		const pointer = this.body.temporary("i32");
		return { root, low, high: low + size, writes, closed: false, made: 0, into: 0, loop: this.loop, pointer };
	}

	#wrapped(linear: WasmValue, by: number): WasmValue {
		if (!by) return linear;
		const moved = linear.add(by);
		return (this.long ? moved : moved.and(this.#mask())) as WasmValue;
	}

	#mask(): WasmValue {
		return WasmValue.constant(this.body, 64, 0xffffffffn);
	}

	/**
	 * The lowest byte's TLB entry must have its page: then tag and address differ by the offset in the page, which
	 * must leave room for the highest byte.
	 */
	#emit(group: Group, low: WasmValue, leave: LeaveIf): void {
		const { body } = this;
		const entry = low
			.shr(12 - Math.log2(S.TLB_ENTRY))
			.zext(32)
			.and((S.TLB_ENTRIES - 1) * S.TLB_ENTRY) as WasmValue;
		leave(() => {
			entry.emit();
			body.memory("i64.load", this.tlb + (group.writes ? S.TLB_WRITE : S.TLB_READ));
			low.emit();
			body.op("i64.xor");
			body.constant("i64", 4096 - (group.high - group.low));
			body.op("i64.gt_u");
		});
		if (group.read) this.#pointIntoRead(group, group.read);
		else this.#point(group, low, entry);
		body.assign(group.pointer);
	}

	/** The TLB entry that both were found in has one TLB_ADDEND. */
	#pointIntoRead(group: Group, read: Group): void {
		const { body } = this;
		body.get(read.pointer);
		body.constant("i32", group.low - read.low);
		body.op("i32.add");
	}

	#point(group: Group, low: WasmValue, entry: WasmValue): void {
		const { body } = this;
		(low.zext(32) as WasmValue).emit();
		if (this.#expects && this.#isWaitedFor(group)) this.#expectAddend(entry);
		else this.#loadAddend(entry);
		body.op("i32.add");
	}

	/** In a loop, for the next address or for a branch. */
	#isWaitedFor({ made, into, loop }: Group): boolean {
		if (!loop) return false;
		return ((made & (this.#loaded.get(loop) ?? 0)) | (into & (this.#compared.get(loop) ?? 0))) !== 0;
	}

	#loadAddend(entry: WasmValue): void {
		entry.emit();
		this.body.memory("i32.load", this.tlb + S.TLB_ADDEND);
	}

	/**
	 * Where the guest's pages lie side by side, TLB_ADDEND is the same for all of them. A host that foresees the branch
	 * need not wait for it to know the address: that takes a load off the way from pointer to pointer.
	 */
	#expectAddend(entry: WasmValue): void {
		const { body } = this;
		this.#addend ??= body.variable("i32");
		this.#loadAddend(entry);
		body.local("local.get", this.#addend);
		body.op("i32.ne");
		body.open("if");
		body.constant("i32", S.CPU);
		this.#loadAddend(entry);
		body.local("local.tee", this.#addend);
		body.memory("i32.store", S.EXPECTED_ADDEND);
		body.end();
		body.local("local.get", this.#addend);
	}

	/** On entry. */
	load(): void {
		const { body } = this;
		if (this.#addend === undefined) return;
		body.constant("i32", S.CPU);
		body.memory("i32.load", S.EXPECTED_ADDEND);
		body.local("local.set", this.#addend);
	}
}

function covers(group: Group, root: string, delta: number, size: number, writes: boolean): boolean {
	if (group.root !== root) return false;
	if (group.closed) return delta >= group.low && delta + size <= group.high && (group.writes || !writes);
	return Math.max(group.high, delta + size) - Math.min(group.low, delta) <= WIDEST;
}
