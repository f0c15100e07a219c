/**
 * A small WebAssembly writer: module sections, and function bodies made of instructions in which
 * labels have identity (a branch names its label, its depth is worked out here) and values live in
 * temporaries that are assigned once. Binary format: WebAssembly Core Specification, chapter 5.
 */

export type ValueType = "i32" | "i64";

const TYPE_CODE: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e };

/** Instructions by their text-format name; only those that Gantry uses. */
export const OP = {
	unreachable: 0x00,
	block: 0x02,
	loop: 0x03,
	if: 0x04,
	else: 0x05,
	end: 0x0b,
	br: 0x0c,
	br_if: 0x0d,
	br_table: 0x0e,
	return: 0x0f,
	call: 0x10,
	call_indirect: 0x11,
	drop: 0x1a,
	select: 0x1b,
	"local.get": 0x20,
	"local.set": 0x21,
	"local.tee": 0x22,
	"i32.load": 0x28,
	"i64.load": 0x29,
	"i32.load8_s": 0x2c,
	"i32.load8_u": 0x2d,
	"i32.load16_s": 0x2e,
	"i32.load16_u": 0x2f,
	"i64.load32_u": 0x35,
	"i32.store": 0x36,
	"i64.store": 0x37,
	"i32.store8": 0x3a,
	"i32.store16": 0x3b,
	"i32.const": 0x41,
	"i64.const": 0x42,
	"i32.eqz": 0x45,
	"i32.eq": 0x46,
	"i32.ne": 0x47,
	"i32.lt_s": 0x48,
	"i32.lt_u": 0x49,
	"i32.gt_s": 0x4a,
	"i32.gt_u": 0x4b,
	"i32.le_s": 0x4c,
	"i32.le_u": 0x4d,
	"i32.ge_s": 0x4e,
	"i32.ge_u": 0x4f,
	"i64.eqz": 0x50,
	"i64.eq": 0x51,
	"i64.ne": 0x52,
	"i64.lt_s": 0x53,
	"i64.lt_u": 0x54,
	"i64.gt_s": 0x55,
	"i64.gt_u": 0x56,
	"i64.le_s": 0x57,
	"i64.le_u": 0x58,
	"i64.ge_s": 0x59,
	"i64.ge_u": 0x5a,
	"i32.clz": 0x67,
	"i32.ctz": 0x68,
	"i32.popcnt": 0x69,
	"i32.add": 0x6a,
	"i32.sub": 0x6b,
	"i32.mul": 0x6c,
	"i32.and": 0x71,
	"i32.or": 0x72,
	"i32.xor": 0x73,
	"i32.shl": 0x74,
	"i32.shr_s": 0x75,
	"i32.shr_u": 0x76,
	"i32.rotl": 0x77,
	"i32.rotr": 0x78,
	"i64.clz": 0x79,
	"i64.ctz": 0x7a,
	"i64.popcnt": 0x7b,
	"i64.add": 0x7c,
	"i64.sub": 0x7d,
	"i64.mul": 0x7e,
	"i64.and": 0x83,
	"i64.or": 0x84,
	"i64.xor": 0x85,
	"i64.shl": 0x86,
	"i64.shr_s": 0x87,
	"i64.shr_u": 0x88,
	"i64.rotl": 0x89,
	"i64.rotr": 0x8a,
	"i32.wrap_i64": 0xa7,
	"i64.extend_i32_s": 0xac,
	"i64.extend_i32_u": 0xad,
	"i32.extend8_s": 0xc0,
	"i32.extend16_s": 0xc1,
	"i64.extend8_s": 0xc2,
	"i64.extend16_s": 0xc3,
	"i64.extend32_s": 0xc4,
} as const;

export type OpName = keyof typeof OP;

export function unsignedLeb(value: number, out: number[] = []): number[] {
	do {
		const byte = value % 128;
		value = Math.floor(value / 128);
		out.push(value ? byte | 0x80 : byte);
	} while (value);
	return out;
}

export function signedLeb(value: bigint | number, out: number[] = []): number[] {
	let rest = BigInt(value);
	for (;;) {
		const byte = Number(rest & 0x7fn);
		rest >>= 7n;
		const done = (rest === 0n && !(byte & 0x40)) || (rest === -1n && (byte & 0x40) !== 0);
		out.push(done ? byte : byte | 0x80);
		if (done) return out;
	}
}

/** Where a branch goes: the end of a block or the start of a loop. */
export class Label {
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

type Item =
	| { bytes: number[] }
	| { get: Temp }
	| { set: Temp }
	| { label: Label; opens: "block" | "loop" | "if"; result?: ValueType }
	| { end: true }
	| { branch: "br" | "br_if"; label: Label }
	| { table: Label[] }
	| { callee: Callee }
	| { indirect: Signature }
	| { group: Item[] };

/** A function's body under construction. */
export class Body {
	#items: Item[] = [];
	#variables: ValueType[] = [];

	/** @param parameters types of the parameters, which are locals 0.. */
	constructor(readonly parameters: ValueType[]) {}

	/** A local that may be assigned more than once. */
	variable(type: ValueType): number {
		return this.parameters.length + this.#variables.push(type) - 1;
	}

	op(name: OpName): void {
		this.#items.push({ bytes: [OP[name]] });
	}

	constant(type: ValueType, value: bigint | number): void {
		this.#items.push({ bytes: [OP[`${type}.const`], ...signedLeb(value)] });
	}

	/** A load or store; alignment is never promised. */
	memory(name: OpName, offset: number): void {
		this.#items.push({ bytes: [OP[name], 0, ...unsignedLeb(offset)] });
	}

	call(callee: Callee): void {
		this.#items.push({ callee });
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
		this.#items.push({ indirect: signature });
	}

	/** The signatures that calls through the table need. */
	get indirectSignatures(): Signature[] {
		return this.#items.flatMap((item) => ("indirect" in item ? [item.indirect] : []));
	}

	local(name: "local.get" | "local.set" | "local.tee", index: number): void {
		this.#items.push({ bytes: [OP[name], ...unsignedLeb(index)] });
	}

	/** Moves what is on the stack to a new temporary. */
	set(type: ValueType): Temp {
		const temp: Temp = { type, uses: 0, index: -1 };
		this.#items.push({ set: temp });
		return temp;
	}

	get(temp: Temp): void {
		temp.uses++;
		this.#items.push({ get: temp });
	}

	open(opens: "block" | "loop" | "if", label = new Label(opens)): Label {
		this.#items.push({ label, opens });
		return label;
	}

	/** An `if` both of whose arms leave a value on the stack. */
	openIf(result: ValueType): void {
		this.#items.push({ label: new Label("if"), opens: "if", result });
	}

	end(): void {
		this.#items.push({ end: true });
	}

	else(): void {
		this.#items.push({ bytes: [OP.else] });
	}

	branch(branch: "br" | "br_if", label: Label): void {
		this.#items.push({ branch, label });
	}

	/** br_table over the labels; the last is the default. */
	table(labels: Label[]): void {
		this.#items.push({ table: labels });
	}

	/** The body as the code section wants it, size not included. */
	/** @param typeOf a signature's index in the type section */
	encode(typeOf: (signature: Signature) => number = () => 0): number[] {
		const items = foldAdjacent(flatten(this.#items));
		const first = this.parameters.length + this.#variables.length;
		const temps = allocate(items, first);
		const out: number[] = [];
		const locals = [...this.#variables.map((type) => [1, type] as const), ...temps];
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

const flatten = (items: Item[]): Item[] =>
	items.flatMap((item) => ("group" in item ? flatten(item.group) : [item]));

/** `set t` directly before the only `get t` leaves the value on the stack instead; a value never read is dropped. */
function foldAdjacent(items: Item[]): Item[] {
	const out: Item[] = [];
	for (const item of items) {
		const last = out[out.length - 1];
		if ("get" in item && last && "set" in last && last.set === item.get && item.get.uses === 1) out.pop();
		else out.push(item);
	}
	return out.map((item) => ("set" in item && item.set.uses === 0 ? { bytes: [OP.drop] } : item));
}

/** Gives temporaries locals, reusing one after its last read. Temporaries do not live around loops. */
function allocate(items: Item[], first: number): (readonly [number, ValueType])[] {
	const lastRead = new Map<Temp, number>();
	items.forEach((item, position) => {
		if ("get" in item) lastRead.set(item.get, position);
	});
	const slots: { type: ValueType; busyUntil: number }[] = [];
	items.forEach((item, position) => {
		if (!("set" in item)) return;
		const until = lastRead.get(item.set) ?? position;
		let slot = slots.findIndex((s) => s.type === item.set.type && s.busyUntil < position);
		if (slot < 0) slot = slots.push({ type: item.set.type, busyUntil: 0 }) - 1;
		slots[slot].busyUntil = until;
		item.set.index = first + slot;
	});
	return slots.map((slot) => [1, slot.type] as const);
}

function encodeItems(items: Item[], out: number[], typeOf: (signature: Signature) => number): void {
	const stack: Label[] = [];
	const depth = (label: Label) => {
		const position = stack.lastIndexOf(label);
		if (position < 0) throw new Error(`branch to ${label.name}, which is not around it`);
		return stack.length - 1 - position;
	};
	for (const item of items) {
		if ("bytes" in item) out.push(...item.bytes);
		else if ("get" in item) encodeLocal("local.get", item.get, out);
		else if ("set" in item) encodeLocal("local.set", item.set, out);
		else if ("opens" in item) {
			out.push(OP[item.opens], item.result ? TYPE_CODE[item.result] : 0x40);
			stack.push(item.label);
		} else if ("end" in item) {
			out.push(OP.end);
			stack.pop();
		} else if ("branch" in item) {
			out.push(OP[item.branch]);
			unsignedLeb(depth(item.label), out);
		} else if ("group" in item) throw new Error("a group was not flattened");
		else if ("indirect" in item) {
			out.push(OP.call_indirect);
			unsignedLeb(typeOf(item.indirect), out);
			out.push(0);
		} else if ("callee" in item) {
			out.push(OP.call);
			unsignedLeb(item.callee.index, out);
		} else {
			out.push(OP.br_table);
			unsignedLeb(item.table.length - 1, out);
			for (const label of item.table) unsignedLeb(depth(label), out);
		}
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
		if (this.#functions.some((f) => f.body!.indirectSignatures.length))
			shared.push([...text("env"), ...text("table"), 1, 0x70, 0, 0]);
		const sections: [number, number[][]][] = [
			[1, this.#types.map(encodeType)],
			[2, [...shared, ...imports.map((i, n) => [...text(i.module), ...text(i.name), 0, ...types[n]])]],
			[3, types.slice(imports.length)],
			[
				7,
				this.#functions.filter((f) => f.exported).map((f) => [...text(f.name), 0, ...unsignedLeb(f.index)]),
			],
			[10, code],
		];
		const out = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
		for (const [id, items] of sections) {
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
