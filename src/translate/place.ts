/** Where an operand is: how it is read and written. */
import type { Builder, Value } from "../x86/builder.ts";
import type { Variant } from "../x86/expand.ts";

export interface Place {
	memory: boolean;
	read(): Value;
	write(value: Value): void;
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
export function inOrder(variant: Variant, places: Place[], b: Builder): void {
	const { row, operands } = variant;
	const values = operands.flatMap(({ access }, i) => ("w-".includes(access) ? [] : [places[i].read()]));
	const result = row[3](b, ...values);
	const results = result === undefined ? [] : Array.isArray(result) ? result : [result];
	const targets = places.filter((_, i) => operands[i].access.includes("w"));
	if (results.length !== targets.length) {
		throw new Error(`${row[1]}: ${targets.length} operands are written, ${results.length} values given`);
	}
	const writes = targets.map((target, i) => ({ target, value: results[i] })).reverse();
	writes.sort((a, b) => Number(b.target.memory) - Number(a.target.memory));
	for (const { target, value } of writes) target.write(value);
}
