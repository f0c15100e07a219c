/**
 * A small WebAssembly writer: module sections, and function bodies made of instructions in which
 * labels have identity (a branch names its label, its depth is worked out here) and values live in
 * temporaries that are assigned once. Binary format: WebAssembly Core Specification, chapter 5.
 */

import { OP, type OpName, signedLeb, TYPE_CODE, unsignedLeb, type ValueType } from "./opcodes.ts";

export type { OpName, ValueType } from "./opcodes.ts";

/** Where a branch goes: the end of a block or the start of a loop. */
export class Label {
	/** How many labels are around it, while the body is encoded. */
	depth = -1;
	/** The label that is meant, where that was found out later. */
	is: Label = this;

	constructor(readonly name: string) {}
}

/** A function that can be called; its index is known when the module is encoded. */
export interface Callee {
	readonly name: string;
	readonly signature: Signature;
	index: number;
}

/** A local that is assigned once and read any number of times. */
export interface Temp {
	readonly type: ValueType;
	uses: number;
	index: number;
}

/** What a body is made of: bytes as they are, and what is settled when the body is encoded. */
type Item =
	| number
	| { get: Temp }
	| { set: Temp }
	| { label: Label; opens: "block" | "loop" | "if"; result?: ValueType }
	| { end: true }
	| { branch: "br" | "br_if"; label: Label }
	| { table: Label[] }
	| { callee: Callee; tail: boolean }
	| { indirect: Signature; tail: boolean }
	| { memory: OpName; offset: () => number }
	| { group: Item[] };

/** A function's body under construction. */
export class Body {
	#items: Item[] = [];
	#variables: ValueType[] = [];
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

	constant(type: ValueType, value: bigint | number): void {
		const items = this.#items as number[];
		items.push(OP[`${type}.const`]);
		signedLeb(value, items);
	}

	/** A load or store; alignment is never promised. @param offset may be settled later */
	memory(name: OpName, offset: number | (() => number)): void {
		if (typeof offset !== "number") {
			this.#items.push({ memory: name, offset });
			return;
		}
		this.#items.push(OP[name], 0);
		unsignedLeb(offset, this.#items as number[]);
	}

	call(callee: Callee): void {
		this.#items.push({ callee, tail: false });
	}

	/** Calls in this function's place: what the callee answers is the answer. */
	tailCall(callee: Callee): void {
		this.#items.push({ callee, tail: true });
	}

	/** A place that is filled later: what `later` emits goes here. */
	reserve(): (later: () => void) => void {
		const group: Item[] = [];
		this.#items.push({ group });
		return (later) => {
			const outer = this.#items;
			this.#items = group;
			later();
			this.#items = outer;
		};
	}

	/** A call through the imported table; the function's index in it is on the stack. */
	callIndirect(signature: Signature): void {
		this.#indirect(signature, false);
	}

	tailCallIndirect(signature: Signature): void {
		this.#indirect(signature, true);
	}

	#indirect(indirect: Signature, tail: boolean): void {
		this.indirectSignatures.push(indirect);
		this.#items.push({ indirect, tail });
	}

	local(name: "local.get" | "local.set" | "local.tee", index: number): void {
		this.#items.push(OP[name]);
		unsignedLeb(index, this.#items as number[]);
	}

	/** Moves what is on the stack to a new temporary. */
	set(type: ValueType): Temp {
		const temp: Temp = { type, uses: 0, index: -1 };
		this.#items.push({ set: temp });
		return temp;
	}

	/** A temporary that `assign` gives its value, at a place that is filled later. */
	temporary(type: ValueType): Temp {
		return { type, uses: 0, index: -1 };
	}

	assign(temp: Temp): void {
		this.#items.push({ set: temp });
	}

	get(temp: Temp): void {
		temp.uses++;
		this.#items.push({ get: temp });
	}

	open(opens: "block" | "loop" | "if", label = new Label(opens), result?: ValueType): Label {
		this.#items.push({ label, opens, result });
		return label;
	}

	/** An `if` both of whose arms leave a value on the stack. */
	openIf(result: ValueType): void {
		this.open("if", new Label("if"), result);
	}

	end(): void {
		this.#items.push({ end: true });
	}

	else(): void {
		this.#items.push(OP.else);
	}

	branch(branch: "br" | "br_if", label: Label): void {
		this.#items.push({ branch, label });
	}

	/** br_table over the labels; the last is the default. */
	table(labels: Label[]): void {
		this.#items.push({ table: labels });
	}

	/**
	 * The body as the code section wants it, size not included.
	 * @param typeOf a signature's index in the type section
	 */
	encode(typeOf: (signature: Signature) => number = () => 0): number[] {
		const items = foldAdjacent(flatten(this.#items, []));
		const first = this.parameters.length + this.#variables.length;
		const temps = allocate(items, first);
		const out: number[] = [];
		const locals = runs([...this.#variables, ...temps]);
		unsignedLeb(locals.length, out);
		for (const [count, type] of locals) {
			unsignedLeb(count, out);
			out.push(TYPE_CODE[type]);
		}
		encodeItems(items, out, typeOf);
		out.push(OP.end);
		return out;
	}
}

function flatten(items: Item[], out: Item[]): Item[] {
	for (const item of items) {
		if (typeof item === "object" && "group" in item) flatten(item.group, out);
		else out.push(item);
	}
	return out;
}

/** Equal types that lie behind one another are declared together. */
function runs(types: ValueType[]): [number, ValueType][] {
	const out: [number, ValueType][] = [];
	for (const type of types) {
		const last = out.at(-1);
		if (last?.[1] === type) last[0]++;
		else out.push([1, type]);
	}
	return out;
}

/** `set t` directly before the only `get t` leaves the value on the stack instead; a value never read is dropped. */
function foldAdjacent(items: Item[]): Item[] {
	const out: Item[] = [];
	let last: Item | undefined;
	for (const item of items) {
		if (
			typeof item === "object" &&
			"get" in item &&
			item.get.uses === 1 &&
			typeof last === "object" &&
			"set" in last &&
			last.set === item.get
		)
			out.pop();
		else out.push(item);
		last = out[out.length - 1];
	}
	return out.map((item) =>
		typeof item === "object" && "set" in item && item.set.uses === 0 ? OP.drop : item,
	);
}

/** Gives temporaries locals, reusing one after its last read. Temporaries do not live around loops. */
function allocate(items: Item[], first: number): ValueType[] {
	const lastRead = new Map<Temp, number>();
	items.forEach((item, position) => {
		if (typeof item === "object" && "get" in item) lastRead.set(item.get, position);
	});
	const slots: { type: ValueType; busyUntil: number }[] = [];
	items.forEach((item, position) => {
		if (typeof item !== "object" || !("set" in item)) return;
		const until = lastRead.get(item.set) ?? position;
		let slot = slots.findIndex((s) => s.type === item.set.type && s.busyUntil < position);
		if (slot < 0) slot = slots.push({ type: item.set.type, busyUntil: 0 }) - 1;
		slots[slot].busyUntil = until;
		item.set.index = first + slot;
	});
	return slots.map((slot) => slot.type);
}

function encodeItems(items: Item[], out: number[], typeOf: (signature: Signature) => number): void {
	const open: Label[] = [];
	const depth = ({ is: label }: Label) => {
		if (open[label.depth] !== label) throw new Error(`branch to ${label.name}, which is not around it`);
		return open.length - 1 - label.depth;
	};
	for (const item of items) {
		if (typeof item === "number") out.push(item);
		else if ("get" in item) encodeLocal("local.get", item.get, out);
		else if ("set" in item) encodeLocal("local.set", item.set, out);
		else if ("opens" in item) {
			out.push(OP[item.opens], item.result ? TYPE_CODE[item.result] : 0x40);
			item.label.depth = open.push(item.label) - 1;
		} else if ("end" in item) {
			out.push(OP.end);
			open.pop();
		} else if ("branch" in item) {
			out.push(OP[item.branch]);
			unsignedLeb(depth(item.label), out);
		} else if ("memory" in item) {
			out.push(OP[item.memory], 0);
			unsignedLeb(item.offset(), out);
		} else if ("indirect" in item) {
			out.push(item.tail ? OP.return_call_indirect : OP.call_indirect);
			unsignedLeb(typeOf(item.indirect), out);
			out.push(0);
		} else if ("callee" in item) {
			out.push(item.tail ? OP.return_call : OP.call);
			unsignedLeb(item.callee.index, out);
		} else if ("table" in item) {
			out.push(OP.br_table);
			unsignedLeb(item.table.length - 1, out);
			for (const label of item.table) unsignedLeb(depth(label), out);
		} else throw new Error("a group was not flattened");
	}
}

function encodeLocal(name: "local.get" | "local.set", temp: Temp, out: number[]): void {
	out.push(OP[name]);
	unsignedLeb(temp.index, out);
}

export interface Signature {
	parameters: ValueType[];
	results: ValueType[];
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
	#elements: { slot: number; callees: Callee[] } | undefined;

	/** Functions that the table holds from `slot` on once the module is instantiated. */
	elements(slot: number, callees: Callee[]): void {
		this.#elements = { slot, callees };
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
		const imports = [...this.#imports.values()];
		[...imports, ...this.#functions].forEach((callee, index) => {
			callee.index = index;
		});
		const types = [...imports, ...this.#functions].map((callee) => unsignedLeb(this.#type(callee.signature)));
		const code = this.#functions.map((f) => sized(f.body!.encode((signature) => this.#type(signature))));
		const shared = [[...text("env"), ...text("memory"), 2, 0, 1]];
		if (this.#elements || this.#functions.some((f) => f.body!.indirectSignatures.length))
			shared.push([...text("env"), ...text("table"), 1, 0x70, 0, 0]);
		const sections: [number, number[][]][] = [
			[1, this.#types.map(encodeType)],
			[2, [...shared, ...imports.map((i, n) => [...text(i.module), ...text(i.name), 0, ...types[n]])]],
			[3, types.slice(imports.length)],
			[
				7,
				this.#functions.filter((f) => f.exported).map((f) => [...text(f.name), 0, ...unsignedLeb(f.index)]),
			],
			[9, this.#elements ? [encodeElements(this.#elements)] : []],
			[10, code],
		];
		const out = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
		for (const [id, items] of sections) {
			if (!items.length) continue;
			out.push(id);
			for (const byte of sized(unsignedLeb(items.length).concat(...items))) out.push(byte);
		}
		return Uint8Array.from(out);
	}

	#type(signature: Signature): number {
		const key = typeKey(signature);
		const known = this.#types.indexOf(key);
		return known >= 0 ? known : this.#types.push(key) - 1;
	}
}

/** An active segment of table 0. */
function encodeElements({ slot, callees }: { slot: number; callees: Callee[] }): number[] {
	const indices = callees.flatMap((callee) => unsignedLeb(callee.index));
	return [0, OP["i32.const"], ...signedLeb(slot), OP.end, ...unsignedLeb(callees.length), ...indices];
}

function sized(content: number[]): number[] {
	return unsignedLeb(content.length).concat(content);
}

function typeKey(signature: Signature): string {
	return `${signature.parameters.join(" ")}>${signature.results.join(" ")}`;
}

function encodeType(key: string): number[] {
	const list = (names: string) => names.split(" ").filter(Boolean) as ValueType[];
	const [parameters, results] = key.split(">").map(list);
	const types = (names: ValueType[]) => [names.length, ...names.map((name) => TYPE_CODE[name])];
	return [0x60, ...types(parameters), ...types(results)];
}

function text(value: string): number[] {
	const bytes = [...new TextEncoder().encode(value)];
	return [...unsignedLeb(bytes.length), ...bytes];
}
