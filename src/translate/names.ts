/**
 * The name section of a WebAssembly module (WebAssembly Core Specification, appendix "Name Section"): what the engine's
 * stack traces and profiles call a module and its functions. It may be put behind a finished module as it is.
 */

const CUSTOM = 0;
const MODULE_NAME = 0;
const FUNCTION_NAMES = 1;

/** @param functions  index, counting imports, and name; by rising index */
export function nameSection(module: string, functions: [index: number, name: string][] = []): Uint8Array {
	const names = functions.flatMap(([index, name]) => [...leb(index), ...text(name)]);
	const parts = [
		...text("name"),
		...part(MODULE_NAME, text(module)),
		...(functions.length ? part(FUNCTION_NAMES, [...leb(functions.length), ...names]) : []),
	];
	return Uint8Array.from(part(CUSTOM, parts));
}

const part = (id: number, bytes: number[]): number[] => [id, ...leb(bytes.length), ...bytes];

function text(value: string): number[] {
	const bytes = new TextEncoder().encode(value);
	return [...leb(bytes.length), ...bytes];
}

function leb(value: number): number[] {
	return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
