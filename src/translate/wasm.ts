/**
 * A small WebAssembly writer: module sections, and function bodies made of instructions in which
 * labels have identity (a branch names its label, its depth is worked out here) and values live in
 * temporaries that are assigned once. Binary format: WebAssembly Core Specification, chapter 5.
 */

import { lebSize, Writer } from "./bytes.ts";
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
	runs,
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
import {
	type Elements,
	encodeData,
	encodeElements,
	encodeTable,
	encodeType,
	IMPORTED_TABLE,
	OWN_TABLE,
	text,
	typeKey,
} from "./sections.ts";
import type { SimdName } from "./simd.ts";

export { type Callee, Label, type Signature, type Stencil, type Temp } from "./items.ts";
export type { OpName, ValueType } from "./opcodes.ts";

// What bodies and then the module are encoded in, one at a time: a body's items with all groups in place; bytes.
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
		const temps = this.#allocate((slot) => first + slot);
		const locals = runs([...this.#variables, ...temps]);
		code.leb(locals.length);
		for (const [count, type] of locals) {
			code.leb(count);
			code.push(TYPE_CODE[type]);
		}
		this.#encodeItems(typeOf);
		code.push(OP.end);
		return code.cells.slice(0, code.length);
	}

	/**
	 * The body as a piece of others, which have the locals.
	 * @param indexOf the local that the nth temporary of a type is
	 */
	stencil(indexOf: (type: ValueType, nth: number) => number): Stencil {
		flat.length = 0;
		code.length = 0;
		this.#flatten(this.simplified(this.#items, this.#things));
		const temps = this.#allocate((_, type, nth) => indexOf(type, nth));
		const holes: Hole[] = [];
		this.#encodeItems(() => 0, holes);
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
	 * Gives temporaries locals, reusing one after its last read. Temporaries do not live around loops.
	 * @param indexOf a new local's index, of how many, and of how many of its type, it is the next
	 */
	#allocate(indexOf: (slot: number, type: ValueType, nth: number) => number): ValueType[] {
		const things = this.#things;
		const { cells: items, length } = flat;
		for (let i = 0; i < length; i++)
			if (items[i] < 0 && items[i++] === GET) (things[items[i]] as Temp).last = i;
		const slots: Slot[] = [];
		for (let i = 0; i < length; i++) {
			if (items[i] >= 0 || items[i++] !== SET) continue;
			const temp = things[items[i]] as Temp;
			let slot = freeSlot(slots, temp.type, i);
			if (!slot) {
				const nth = slots.filter(({ type }) => type === temp.type).length;
				slot = { type: temp.type, busyUntil: 0, index: indexOf(slots.length, temp.type, nth) };
				slots.push(slot);
			}
			slot.busyUntil = temp.last;
			temp.index = slot.index;
		}
		return slots.map((slot) => slot.type);
	}

	#encodeItems(typeOf: (signature: Signature) => number, holes: Hole[] = []): void {
		const open: Label[] = [];
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
			else encodeThing(code, item, thing, open, typeOf);
		}
	}
}

interface Defined extends Callee {
	readonly exported: boolean;
	body?: Body;
}

/** A module: imports, functions, exports, and one imported memory ("env" "memory"). */
export class Module {
	#types: string[] = [];
	#imports = new Map<string, Callee & { module: string }>();
	#functions: Defined[] = [];
	#elements: Elements[] = [];
	#ownTable: Callee[] | undefined;
	#data: { address: number; bytes: Uint8Array }[] = [];

	/** Bytes that memory holds at `address` once the module is instantiated. */
	data(address: number, bytes: Uint8Array): void {
		this.#data.push({ address, bytes });
	}

	/** Functions that the table holds from `slot` on once the module is instantiated. */
	elements(slot: number, callees: Callee[]): void {
		this.#elements.push({ table: IMPORTED_TABLE, slot, callees });
	}

	/** A table that only this module has, OWN_TABLE, which holds these functions. The module imports a table too. */
	ownTable(callees: Callee[]): void {
		this.#ownTable = callees;
		this.#elements.push({ table: OWN_TABLE, slot: 0, callees });
	}

	/** An imported function; asking again gives the same. */
	import(module: string, name: string, signature: Signature): Callee {
		const known = this.#imports.get(`${module}.${name}`);
		if (known && typeKey(known.signature) !== typeKey(signature)) {
			throw new Error(
				`${module}.${name} is used as ${typeKey(known.signature)} and as ${typeKey(signature)}`,
			);
		}
		const callee = known ?? { module, name, signature, index: -1 };
		this.#imports.set(`${module}.${name}`, callee);
		return callee;
	}

	/** Declares a function; its body follows by `define`. */
	declare(name: string, signature: Signature, exported = false): Callee {
		const callee: Defined = { name, signature, exported, index: -1 };
		this.#functions.push(callee);
		return callee;
	}

	define(callee: Callee, body: Body): void {
		(callee as Defined).body = body;
	}

	encode(): Uint8Array<ArrayBuffer> {
		this.#number();
		const bodies = this.#functions.map(({ body }) => body!.encode((signature) => this.#type(signature)));
		this.#begin(bodies.reduce((sum, { length }) => sum + lebSize(length) + length, 0));
		for (const body of bodies) {
			code.leb(body.length);
			code.append(body);
		}
		section(11, this.#data.map(encodeData));
		return code.cells.slice(0, code.length);
	}

	/** What comes before the functions' bodies, where these are elsewhere: so many bytes, each behind its size. */
	encodeBefore(bodies: number): Uint8Array {
		this.#number();
		this.#begin(bodies);
		return code.cells.slice(0, code.length);
	}

	#number(): void {
		let index = 0;
		for (const callee of [...this.#imports.values(), ...this.#functions]) {
			callee.index = index++;
			this.#type(callee.signature);
		}
	}

	/** Writes all sections up to that of the code, which has so many bytes of bodies. */
	#begin(bodies: number): void {
		const imports = [...this.#imports.values()];
		const functions = this.#functions;
		const typesOf = (callees: Callee[]) => callees.map(({ signature }) => unsignedLeb(this.#type(signature)));
		const [importTypes, types] = [imports, functions].map(typesOf);
		const shared = [[...text("env"), ...text("memory"), 2, 0, 1]];
		if (this.#elements.length || functions.some(({ body }) => body?.indirectSignatures.length))
			shared.push([...text("env"), ...text("table"), 1, 0x70, 0, 0]);
		const exported = functions.filter((f) => f.exported);
		code.length = 0;
		code.append([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
		section(1, this.#types.map(encodeType));
		section(2, [
			...shared,
			...imports.map((i, n) => [...text(i.module), ...text(i.name), 0, ...importTypes[n]]),
		]);
		section(3, types);
		section(4, this.#ownTable ? [encodeTable(this.#ownTable.length)] : []);
		section(
			7,
			exported.map((f) => [...text(f.name), 0, ...unsignedLeb(f.index)]),
		);
		section(9, this.#elements.map(encodeElements));
		code.push(10);
		code.leb(lebSize(functions.length) + bodies);
		code.leb(functions.length);
	}

	#type(signature: Signature): number {
		const key = typeKey(signature);
		const known = this.#types.indexOf(key);
		return known >= 0 ? known : this.#types.push(key) - 1;
	}
}

/** A section of so many items, if there are some. */
function section(id: number, items: ArrayLike<number>[]): void {
	if (!items.length) return;
	code.push(id);
	code.leb(items.reduce((sum, { length }) => sum + length, lebSize(items.length)));
	code.leb(items.length);
	for (const item of items) code.append(item);
}
