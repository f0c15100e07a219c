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

const LOWER = [0];
const BOTH = [0, 1];

/**
 * Runs a variant's semantics over its operands: what is read comes first, then what is computed is written.
 * Memory is written before registers, for a register may be part of its address; of two registers the
 * destination is last (XADD of one with itself).
 * @throws where the row gives another number of values than it writes operands
 */
export function inOrder(variant: Variant, places: Place<Lanes>[], b: Builder): void {
	const { operands, options } = variant;
	const isWhole = ({ vector, access }: Operand) =>
		options.whole === true && vector === 256 && !"am".includes(access);
	const writes: { target: Place<Lanes>; value: Lanes; half: number }[] = [];
	for (const half of variant.length === 256 && !options.whole ? BOTH : LOWER) {
		const read: Lanes[] = [];
		operands.forEach((operand, i) => {
			if ("w-".includes(operand.access)) return;
			if (isWhole(operand)) read.push(places[i].read(0), places[i].read(1));
			else read.push(places[i].read(operand.vector === 256 ? half : 0));
		});
		b.half = half;
		const values = run(variant, read, b);
		let next = 0;
		operands.forEach((operand, i) => {
			if (!operand.access.includes("w")) return;
			for (const which of isWhole(operand) ? BOTH : [half])
				writes.push({ target: places[i], value: values[next++], half: which });
		});
		if (next !== values.length)
			throw new Error(`${variant.name}: ${next} values are written, ${values.length} given`);
	}
	writes.reverse();
	for (const inMemory of [true, false])
		for (const { target, value, half } of writes) if (target.memory === inMemory) target.write(value, half);
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
