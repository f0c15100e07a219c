/** What a body is a list of, and how each becomes bytes. Binary format: WebAssembly Core Specification, chapter 5. */
import type { Writer } from "./bytes.ts";
import { OP, unsignedLeb, type ValueType } from "./opcodes.ts";
import { SIMD, type SimdName } from "./simd.ts";

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
	/** Its local, once the body is encoded. */
	index: number;
	/** Where it is read last. */
	last: number;
}

/** What is settled when the body is encoded. */
export type Thing =
	| Temp
	| Label
	| Label[]
	| Callee
	| Signature
	| number[]
	| (() => number)
	| Pick<Hole, "wants" | "which">;

// A body is a list of numbers: bytes as they are, and marks below zero that are followed by a thing's place in the list of things.
export const GET = -1;
export const SET = -2;
export const OPEN = -3;
export const END = -4;
export const BRANCH = -5;
export const TABLE = -6;
export const CALL = -7;
export const INDIRECT = -8;
export const OFFSET = -9;
export const GROUP = -10;
export const HOLE = -11;

/** Where in a stencil something is put in each time it is copied. */
export interface Hole {
	/** What, and which: numbers that its maker gave it. */
	wants: number;
	which: number;
	/** How many of the stencil's bytes lie before it. */
	at: number;
}

/** A piece of a body, without the operands that its holes want. */
export interface Stencil {
	bytes: Uint8Array;
	/** In the order of their places. */
	holes: Hole[];
	/** How many locals it needs of a type. */
	locals: (type: ValueType) => number;
}

export interface Signature {
	parameters: ValueType[];
	results: ValueType[];
}

export const simdOpcode = (name: SimdName): number[] => [OP.simd, ...unsignedLeb(SIMD[name])];

/** The block type of a block that leaves nothing on the stack. */
export const NO_RESULT = 0x40;

/** @param open the labels around it */
export function encodeThing(
	code: Writer<Uint8Array>,
	mark: number,
	thing: Thing,
	open: Label[],
	typeOf: (signature: Signature) => number,
): void {
	switch (mark) {
		case GET:
		case SET:
			code.push(mark === GET ? OP["local.get"] : OP["local.set"]);
			code.leb((thing as Temp).index);
			break;
		case BRANCH:
			code.leb(depthOf(thing as Label, open));
			break;
		case CALL:
			code.leb((thing as Callee).index);
			break;
		case INDIRECT:
			code.leb(typeOf(thing as Signature));
			break;
		case OFFSET:
			code.leb((thing as () => number)());
			break;
		default: {
			const labels = thing as Label[];
			code.push(OP.br_table);
			code.leb(labels.length - 1);
			for (const label of labels) code.leb(depthOf(label, open));
		}
	}
}

function depthOf({ is: label }: Label, open: Label[]): number {
	if (open[label.depth] !== label) throw new Error(`branch to ${label.name}, which is not around it`);
	return open.length - 1 - label.depth;
}
