/** A small WebAssembly writer: modules. Binary format: WebAssembly Core Specification, chapter 5. */
import { STORAGE } from "../core/state.ts";
import type { Body } from "./body.ts";
import { lebSize, Writer } from "./bytes.ts";
import type { Callee, Signature } from "./items.ts";
import { unsignedLeb } from "./opcodes.ts";
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

export { Body } from "./body.ts";
export { type Callee, Label, type Signature, type Stencil, type Temp } from "./items.ts";
export type { OpName, ValueType } from "./opcodes.ts";

/** What memory holds at least, in pages of 64 KiB. */
const LEAST_PAGES = STORAGE >> 16;

const code = new Writer(new Uint8Array(1 << 14));

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
		const shared = [[...text("env"), ...text("memory"), 2, 0, ...unsignedLeb(LEAST_PAGES)]];
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
