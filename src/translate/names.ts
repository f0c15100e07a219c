/**
 * The name section of a WebAssembly module (WebAssembly Core Specification, appendix "Name Section"): what the engine's
 * stack traces and profiles call a module and its functions. It may be put behind a finished module as it is.
 */
import { unsignedLeb } from "./opcodes.ts";
import { text } from "./sections.ts";

const CUSTOM = 0;
const MODULE_NAME = 0;
const FUNCTION_NAMES = 1;

/** @param functions  index, counting imports, and name; by rising index */
export function nameSection(module: string, functions: [index: number, name: string][] = []): Uint8Array {
	const parts = text("name").concat(part(MODULE_NAME, text(module)));
	const names = functions.map(([index, name]) => unsignedLeb(index).concat(text(name)));
	const list = unsignedLeb(functions.length).concat(...names);
	return Uint8Array.from(part(CUSTOM, functions.length ? parts.concat(part(FUNCTION_NAMES, list)) : parts));
}

const part = (id: number, bytes: number[]): number[] => [id].concat(unsignedLeb(bytes.length), bytes);
