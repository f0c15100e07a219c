/** What a WebAssembly module's sections are made of. Binary format: WebAssembly Core Specification, chapter 5, "Modules". */
import { OP, signedLeb, TYPE_CODE, unsignedLeb, type ValueType } from "./opcodes.ts";
import type { Callee, Signature } from "./wasm.ts";

/** Tables by index: what is imported comes first. */
export const IMPORTED_TABLE = 0;
export const OWN_TABLE = 1;

export interface Elements {
	table: number;
	slot: number;
	callees: Callee[];
}

/** An active segment of a table. */
export function encodeElements({ table, slot, callees }: Elements): number[] {
	const indices = callees.flatMap((callee) => unsignedLeb(callee.index));
	const offset = [OP["i32.const"], ...signedLeb(slot), OP.end];
	// A table other than the first is named, and so is what the segment holds.
	const start = table === IMPORTED_TABLE ? [0, ...offset] : [2, table, ...offset, FUNCTION_ELEMENTS];
	return [...start, ...unsignedLeb(callees.length), ...indices];
}

const FUNCTION_ELEMENTS = 0;

/** A table of functions that never grows. */
export function encodeTable(length: number): number[] {
	return [FUNCTION_REFERENCE, BOUNDED, ...unsignedLeb(length), ...unsignedLeb(length)];
}

const FUNCTION_REFERENCE = 0x70;
const BOUNDED = 1;

/** An active segment of memory 0. */
export function encodeData({ address, bytes }: { address: number; bytes: Uint8Array }): number[] {
	return [0, OP["i32.const"], ...signedLeb(address), OP.end, ...unsignedLeb(bytes.length), ...bytes];
}

/** A function's locals; equal types that lie behind one another are declared together. */
export function encodeLocals(types: ValueType[]): number[] {
	const runs: [count: number, type: ValueType][] = [];
	for (const type of types) {
		const last = runs.at(-1);
		if (last?.[1] === type) last[0]++;
		else runs.push([1, type]);
	}
	const out = unsignedLeb(runs.length);
	for (const [count, type] of runs) unsignedLeb(count, out).push(TYPE_CODE[type]);
	return out;
}

export function typeKey(signature: Signature): string {
	return `${signature.parameters.join(" ")}>${signature.results.join(" ")}`;
}

export function encodeType(key: string): number[] {
	const list = (names: string) => names.split(" ").filter(Boolean) as ValueType[];
	const [parameters, results] = key.split(">").map(list);
	const types = (names: ValueType[]) => [names.length, ...names.map((name) => TYPE_CODE[name])];
	return [0x60, ...types(parameters), ...types(results)];
}

/** A name behind its length; ASCII. */
export function text(value: string): number[] {
	const bytes = unsignedLeb(value.length);
	for (let i = 0; i < value.length; i++) bytes.push(value.charCodeAt(i));
	return bytes;
}
