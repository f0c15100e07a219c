/** Where an operand is: how it is read and written. */
import type { Builder, Value, Width } from "../x86/builder.ts";
import type { Operand, Variant } from "../x86/expand.ts";
import type { Lanes } from "../x86/vector.ts";

export interface Place<T extends Lanes = Value> {
	memory: boolean;
	/** @param half of a vector: 0, or 1 for its upper 128 bits */
	read(half?: number): T;
	write(value: T, half?: number): void;
}

export const readOnly = (read: () => Value): Place => ({
	memory: false,
	read,
	write() {
		throw new Error("this operand cannot be written");
	},
});

export const nowhere: Place = readOnly(() => {
	throw new Error("this operand is the semantics' own");
});

/**
 * Runs a variant's semantics over its operands: what is read comes first, then what is computed is written.
 * Memory is written before registers, for a register may be part of its address; of two registers the
 * destination is last (XADD of one with itself).
 * @throws where the row gives another number of values than it writes operands
 */
export function inOrder(variant: Variant, places: Place<Lanes>[], b: Builder): void {
	const writes: Write[] = [];
	const halves = variant.length === 256 && !variant.options.whole ? 2 : 1;
	for (let half = 0; half < halves; half++) runHalf(variant, places, half, b, writes);
	writeAll(writes, true);
	writeAll(writes, false);
}

interface Write {
	target: Place<Lanes>;
	value: Lanes;
	half: number;
}

/** Reads and computes; what is to be written goes to `writes`. */
function runHalf(variant: Variant, places: Place<Lanes>[], half: number, b: Builder, writes: Write[]): void {
	const { operands } = variant;
	const read: Lanes[] = [];
	for (let i = 0; i < operands.length; i++) {
		const { access, vector } = operands[i];
		if (access === "w" || access === "-") continue;
		if (isWhole(variant, operands[i])) read.push(places[i].read(0), places[i].read(1));
		else read.push(places[i].read(vector === 256 ? half : 0));
	}
	b.half = half;
	const values = run(variant, read, b);
	let next = 0;
	for (let i = 0; i < operands.length; i++) {
		if (!operands[i].access.includes("w")) continue;
		const target = places[i];
		if (isWhole(variant, operands[i])) {
			writes.push({ target, value: values[next++], half: 0 }, { target, value: values[next++], half: 1 });
		} else writes.push({ target, value: values[next++], half });
	}
	if (next !== values.length)
		throw new Error(`${variant.name}: ${next} values are written, ${values.length} given`);
}

const isWhole = ({ options }: Variant, { vector, access }: Operand): boolean =>
	options.whole === true && vector === 256 && access !== "a" && access !== "m";

/** From the last to the first, what is in memory or what is not. */
function writeAll(writes: Write[], memory: boolean): void {
	for (let i = writes.length - 1; i >= 0; i--) {
		const { target, value, half } = writes[i];
		if (target.memory === memory) target.write(value, half);
	}
}

/** The row's semantics over values that were read; what they give is written. */
function run({ row }: Variant, values: Lanes[], b: Builder): Lanes[] {
	// Rows have the type of general semantics; `packed` has seen to it that those of vectors get vectors.
	const result = row[3](b, ...(values as Value[]));
	return result === undefined ? [] : Array.isArray(result) ? result : [result];
}

/** Bytes at the address of M, for its segment's limit: Mp is an offset and a selector, Ma a pair, Menv the x87's environment. */
export function extentOf({ notation, width }: Operand, operandSize: Width): number {
	const bytes = width / 8;
	const environment = operandSize === 16 ? 14 : 28;
	const sizes: Record<string, number> = {
		Mw: 2,
		Md: 4,
		Mq: 8,
		Mt: 10,
		Mp: bytes + 2,
		Ma: 2 * bytes,
		Ms: 6,
		Menv: environment,
		Mstate: environment + 80,
		Mfx: 512,
	};
	return sizes[notation] ?? 1;
}
