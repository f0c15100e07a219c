/** Where an operand is: how it is read and written. */
import type { Value } from "../x86/builder.ts";

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
