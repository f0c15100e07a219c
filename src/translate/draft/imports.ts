/** What drafts import, in the order of core/stencil.ts: the way to other code, two functions of core/, and those that only compute. */
import { CHAIN } from "../region/links.ts";
import type { Callee, Module, Signature, ValueType } from "../wasm.ts";

const FIXED: [module: string, name: string, signature: Signature][] = [
	["links", "chainFlat", CHAIN],
	["core", "settlePending", { parameters: ["i32"], results: [] }],
	["core", "draftIsHot", { parameters: ["i32", "i32", "i32"], results: ["i32"] }],
	["core", "openWindow", { parameters: ["i64", "i64", "i32"], results: ["i32"] }],
];

/** cpu and record come first, as for all of core/'s. */
const of = (parameters: ValueType[], result: ValueType): Signature => ({
	parameters: ["i32", "i32", ...parameters],
	results: [result],
});
const PURE: Record<string, Signature> = {
	multiplyHighSigned: of(["i64", "i64"], "i64"),
	multiplyHighUnsigned: of(["i64", "i64"], "i64"),
	swapBytes: of(["i64"], "i64"),
};
const NAMES = Object.keys(PURE);

/** How many functions come before a module's own. */
export const IMPORTS = FIXED.length + NAMES.length;

/** A function of core/ that computes from its arguments alone, if stencils may call it. */
export function importPure(name: string): Callee | undefined {
	const at = NAMES.indexOf(name);
	return at < 0 ? undefined : { name, signature: PURE[name], index: FIXED.length + at };
}

export function importAll(module: Module): void {
	for (const [from, name, signature] of FIXED) module.import(from, name, signature);
	for (const name of NAMES) module.import("core", name, PURE[name]);
}
