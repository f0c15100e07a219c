/**
 * A function's body in a small WebAssembly writer: instructions in which labels have identity (a branch names its label, its
 * depth is worked out here) and values live in temporaries that are assigned once.
 */
import { Writer } from "./bytes.ts";
import {
	BRANCH,
	CALL,
	type Callee,
	END,
	encodeThing,
	GET,
	GROUP,
	HOLE,
	type Hole,
	INDIRECT,
	Label,
	NO_RESULT,
	OFFSET,
	OPEN,
	SET,
	type Signature,
	type Stencil,
	simdOpcode,
	TABLE,
	type Temp,
	type Thing,
} from "./items.ts";
import {
	OP,
	type OpName,
	type ScalarType,
	signedLeb,
	TRUNCATE,
	TYPE_CODE,
	unsignedLeb,
	type ValueType,
} from "./opcodes.ts";
import { encodeLocals, IMPORTED_TABLE } from "./sections.ts";
import type { SimdName } from "./simd.ts";

// What bodies are encoded in, one at a time: items with all groups in place; bytes.
const flat = new Writer(new Int32Array(1 << 14));
const code = new Writer(new Uint8Array(1 << 14));

/** A local that temporaries take turns in. */
interface Slot {
	type: ValueType;
	/** Where it is read last. */
	busyUntil: number;
	index: number;
}

function freeSlot(slots: Slot[], type: ValueType, at: number): Slot | undefined {
	for (let i = 0; i < slots.length; i++)
		if (slots[i].busyUntil < at && slots[i].type === type) return slots[i];
	return undefined;
}

/** A function's body under construction. */
export class Body {
	#items: number[] = [];
	readonly #things: Thing[] = [];
	/** Whether the engine's baseline compiler may be left to rotate, for which it calls a function. */
	readonly rotates: boolean = true;
	readonly #variables: ValueType[] = [];
	/** Signatures that calls through the table need. */
	readonly indirectSignatures: Signature[] = [];

	/** @param parameters types of the parameters, which are locals 0.. */
	constructor(readonly parameters: ValueType[]) {}

	/** A local that may be assigned more than once. */
	variable(type: ValueType): number {
		return this.parameters.length + this.#variables.push(type) - 1;
	}

	op(name: OpName): void {
		this.#items.push(OP[name]);
	}

	truncate(name: keyof typeof TRUNCATE): void {
		this.#items.push(OP.saturating, TRUNCATE[name]);
	}

	constant(type: ScalarType, value: bigint | number): void {
		this.#items.push(type === "i32" ? OP["i32.const"] : OP["i64.const"]);
		signedLeb(value, this.#items);
	}

	/** A load or store; alignment is never promised. @param offset may be settled later */
	memory(name: OpName, offset: number | (() => number)): void {
		this.#items.push(OP[name], 0);
		this.#offset(offset);
	}

	#offset(offset: number | (() => number)): void {
		if (typeof offset === "number") unsignedLeb(offset, this.#items);
		else this.#mark(OFFSET, offset);
	}

	/** A vector instruction; `immediates` are lanes, bytes of a constant, or those of a shuffle. */
	simd(name: SimdName, immediates: readonly number[] = []): void {
		this.#items.push(...simdOpcode(name), ...immediates);
	}

	/** A vector load or store, of one lane if there is one. */
	simdMemory(name: SimdName, offset: number | (() => number), lane?: number): void {
		this.#items.push(...simdOpcode(name), 0);
		this.#offset(offset);
		if (lane !== undefined) this.#items.push(lane);
	}

	call(callee: Callee): void {
		this.#items.push(OP.call);
		this.#mark(CALL, callee);
	}

	/** Calls in this function's place: what the callee answers is the answer. */
	tailCall(callee: Callee): void {
		this.#items.push(OP.return_call);
		this.#mark(CALL, callee);
	}

	/** What a stencil is copied without. */
	hole(wants: number, which = 0): void {
		this.#mark(HOLE, { wants, which });
	}

	constantHole(type: ScalarType, wants: number): void {
		this.#items.push(type === "i32" ? OP["i32.const"] : OP["i64.const"]);
		this.hole(wants);
	}

	memoryHole(name: OpName, wants: number): void {
		this.#items.push(OP[name], 0);
		this.hole(wants);
	}

	localHole(name: "local.get", wants: number): void {
		this.#items.push(OP[name]);
		this.hole(wants);
	}

	/** A place that is filled later: what `later` emits goes here. */
	reserve(): (later: () => void) => void {
		const group: number[] = [];
		this.#mark(GROUP, group);
		return (later) => {
			const outer = this.#items;
			this.#items = group;
			later();
			this.#items = outer;
		};
	}

	/** A call through a table, the imported one by default; the function's index in it is on the stack. */
	callIndirect(signature: Signature, table = IMPORTED_TABLE): void {
		this.#items.push(OP.call_indirect);
		this.#indirect(signature, table);
	}

	tailCallIndirect(signature: Signature): void {
		this.#items.push(OP.return_call_indirect);
		this.#indirect(signature, IMPORTED_TABLE);
	}

	#indirect(signature: Signature, table: number): void {
		this.indirectSignatures.push(signature);
		this.#mark(INDIRECT, signature);
		this.#items.push(table);
	}

	local(name: "local.get" | "local.set" | "local.tee", index: number): void {
		this.#items.push(OP[name]);
		unsignedLeb(index, this.#items);
	}

	/** Moves what is on the stack to a new temporary. */
	set(type: ValueType): Temp {
		const temp = this.temporary(type);
		this.assign(temp);
		return temp;
	}

	/** A temporary that `assign` gives its value, at a place that is filled later. */
	temporary(type: ValueType): Temp {
		return { type, uses: 0, index: -1, last: -1 };
	}

	assign(temp: Temp): void {
		this.#mark(SET, temp);
	}

	get(temp: Temp): void {
		temp.uses++;
		this.#mark(GET, temp);
	}

	open(opens: "block" | "loop" | "if", label = new Label(opens), result?: ValueType): Label {
		this.#items.push(OP[opens], result ? TYPE_CODE[result] : NO_RESULT);
		this.#mark(OPEN, label);
		return label;
	}

	/** An `if` both of whose arms leave a value on the stack. */
	openIf(result: ValueType): void {
		this.open("if", new Label("if"), result);
	}

	end(): void {
		this.#items.push(END, 0);
	}

	else(): void {
		this.#items.push(OP.else);
	}

	branch(branch: "br" | "br_if", label: Label): void {
		this.#items.push(OP[branch]);
		this.#mark(BRANCH, label);
	}

	/** br_table over the labels; the last is the default. */
	table(labels: Label[]): void {
		this.#mark(TABLE, labels);
	}

	#mark(mark: number, thing: Thing): void {
		this.#items.push(mark, this.#things.push(thing) - 1);
	}

	/**
	 * The body as the code section wants it, size not included.
	 * @param typeOf a signature's index in the type section
	 */
	encode(typeOf: (signature: Signature) => number = () => 0): Uint8Array {
		flat.length = 0;
		code.length = 0;
		this.#flatten(this.#items);
		const first = this.parameters.length + this.#variables.length;
		const temps = this.#encodeItems(typeOf, (slot) => first + slot);
		code.push(OP.end);
		const locals = encodeLocals([...this.#variables, ...temps]);
		const body = new Uint8Array(locals.length + code.length);
		body.set(locals);
		body.set(code.cells.subarray(0, code.length), locals.length);
		return body;
	}

	/**
	 * The body as a piece of others, which have the locals.
	 * @param indexOf the local that the nth temporary of a type is
	 */
	stencil(indexOf: (type: ValueType, nth: number) => number): Stencil {
		flat.length = 0;
		code.length = 0;
		this.#flatten(this.simplified(this.#items, this.#things));
		const holes: Hole[] = [];
		const temps = this.#encodeItems(
			() => 0,
			(_, type, nth) => indexOf(type, nth),
			holes,
		);
		return {
			bytes: code.cells.slice(0, code.length),
			holes,
			locals: (type) => temps.filter((temp) => temp === type).length,
		};
	}

	/**
	 * One list of all groups. `set t` directly before the only `get t` leaves the value on the stack instead; a value
	 * that is never read is dropped.
	 */
	#flatten(items: number[]): void {
		let set = -1; // where `flat` ends with a SET: its temporary's place
		for (let i = 0; i < items.length; i++) {
			const item = items[i];
			if (item >= 0) {
				flat.push(item);
				set = -1;
				continue;
			}
			const at = items[++i];
			if (item === GET && at >= 0 && set >= 0 && this.#things[at] === this.#things[set]) {
				if ((this.#things[at] as Temp).uses === 1) {
					flat.length -= 2;
					set = -1;
					continue;
				}
			}
			set = -1;
			if (item === GROUP) this.#flatten(this.#things[at] as number[]);
			else if (item === SET && (this.#things[at] as Temp).uses === 0) flat.push(OP.drop);
			else {
				flat.push(item);
				flat.push(at);
				if (item === SET) set = at;
				else if (item === GET) (this.#things[at] as Temp).last = flat.length - 1;
			}
		}
	}

	/** For stencils, whose code nobody optimises: the same in fewer items. */
	protected simplified(items: number[], _things: readonly unknown[]): number[] {
		return items;
	}

	/** How many items there are. */
	protected get size(): number {
		return this.#items.length;
	}

	/**
	 * Writes the code. Temporaries get locals, one after another the same: temporaries do not live around loops.
	 * @param indexOf a new local's index, of how many, and of how many of its type, it is the next
	 * @returns the locals' types
	 */
	#encodeItems(
		typeOf: (signature: Signature) => number,
		indexOf: (slot: number, type: ValueType, nth: number) => number,
		holes: Hole[] = [],
	): ValueType[] {
		const open: Label[] = [];
		const slots: Slot[] = [];
		const { cells: items, length } = flat;
		for (let i = 0; i < length; i++) {
			const item = items[i];
			if (item >= 0) {
				code.push(item);
				continue;
			}
			const thing = this.#things[items[++i]];
			if (item === OPEN) (thing as Label).depth = open.push(thing as Label) - 1;
			else if (item === END) {
				code.push(OP.end);
				open.pop();
			} else if (item === HOLE) holes.push({ ...(thing as Hole), at: code.length });
			else {
				if (item === SET) allocate(thing as Temp, slots, i, indexOf);
				encodeThing(code, item, thing, open, typeOf);
			}
		}
		return slots.map((slot) => slot.type);
	}
}

/** Gives a temporary that is set at a place a local whose last reader is past. */
function allocate(
	temp: Temp,
	slots: Slot[],
	at: number,
	indexOf: (slot: number, type: ValueType, nth: number) => number,
): void {
	let slot = freeSlot(slots, temp.type, at);
	if (!slot) {
		const nth = slots.filter(({ type }) => type === temp.type).length;
		slot = { type: temp.type, busyUntil: 0, index: indexOf(slots.length, temp.type, nth) };
		slots.push(slot);
	}
	slot.busyUntil = temp.last;
	temp.index = slot.index;
}
