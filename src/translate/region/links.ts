/** The way from region to region: one function that looks up where to go, and goes there. */
import * as S from "../../core/state.ts";
import { Body, Module, type Signature, type Temp } from "../wasm.ts";

/**
 * A region: (cpu, RIP, instructions that may run, depth of calls) to (RIP, instructions left). State is in the state
 * block before and after, flags may be pending. REGION_LEFT tells whether the instruction at RIP must be interpreted.
 */
export const REGION: Signature = { parameters: ["i32", "i64", "i32", "i32"], results: ["i64", "i32"] };

/**
 * Where a module imports a function, V8 compiles a way from there to JavaScript, half of what making a small module costs, though
 * these are no functions of JavaScript's. It does not where a parameter is a vector, which JavaScript has none of.
 */
const notForJavaScript = ({ parameters, results }: Signature): Signature => ({
	parameters: [...parameters, "v128"],
	results,
});
/** The argument in that parameter's place. */
export function passNothing(body: Body): void {
	body.constant("i32", 0);
	body.simd("i32x4.splat");
}

/** The links' functions: to the region at RIP, and to core/'s `settleFlags`. */
export const CHAIN = notForJavaScript(REGION);
const SETTLE_FLAGS: Signature = { parameters: ["i32", "i32", "i64", "i64"], results: [] };
export const SETTLE = notForJavaScript(SETTLE_FLAGS);

export const CPU = 0;
export const RIP = 1;
export const REMAINING = 2;
export const DEPTH = 3;

/** A region's own parameters, for a region that is called `deeper`. */
export function passOn(body: Body, deeper = 0): void {
	for (const local of [CPU, RIP, REMAINING, DEPTH]) body.local("local.get", local);
	if (!deeper) return;
	body.constant("i32", deeper);
	body.op("i32.add");
}

/** Returns from a region, RIP and what remains being in their locals. */
export function answer(body: Body): void {
	body.local("local.get", RIP);
	body.local("local.get", REMAINING);
	body.op("return");
}

/** REC_HEAT on the stack: leaves whether it names a region. */
export function testRegion(body: Body): void {
	body.constant("i32", S.HOT);
	body.op("i32.sub");
	body.constant("i32", S.QUEUED - S.HOT);
	body.op("i32.lt_u");
}

/** Leaves JUMP_ENTRY * hash(linear) on the stack; core/blocks.ts has the same hash. @param low emits the linear address's low half */
export function jumpCacheEntry(body: Body, low: () => void): void {
	low();
	low();
	body.constant("i32", 13);
	body.op("i32.shr_u");
	body.op("i32.xor");
	body.constant("i32", S.JUMP_ENTRIES - 1);
	body.op("i32.and");
	body.constant("i32", S.JUMP_ENTRY);
	body.op("i32.mul");
}

/**
 * Looks RIP up in the first of its two places in the jump cache. What calls the region waits for its place, so few loads lead there; the comparisons are
 * branches, which a host foresees.
 * @param flat the code segment's base is known to be 0
 * @param none emits what leaves if no region is known, as often as needed
 * @returns the entry's address: its JUMP_REGION is the place
 */
export function probeJumpCache(body: Body, flat: boolean, none: (entry: Temp, linear: Temp) => void): Temp {
	body.local("local.get", RIP);
	if (!flat) {
		body.constant("i32", S.CPU);
		body.memory("i64.load", S.CS + S.SEG_BASE);
		body.op("i64.add");
	}
	const linear = body.set("i64");
	body.get(linear);
	body.op("i32.wrap_i64");
	const low = body.set("i32");
	jumpCacheEntry(body, () => body.get(low));
	const entry = body.set("i32");
	compareJump(body, entry, linear, () => none(entry, linear));
	return entry;
}

/** Compares an entry with a linear address. @param other emits what leaves if it is another's */
function compareJump(body: Body, entry: Temp, linear: Temp, other: () => void): void {
	const unless = (equal: () => void) => {
		equal();
		body.open("if");
		other();
		body.end();
	};
	unless(() => {
		body.get(entry);
		body.memory("i64.load", S.JUMP_CACHE);
		body.get(linear);
		body.op("i64.ne");
	});
	unless(() => {
		body.get(entry);
		body.memory("i32.load", S.JUMP_CACHE + S.JUMP_REGION_KEY);
		body.constant("i32", S.CPU);
		body.memory("i32.load", S.JUMP_KEY);
		body.op("i32.ne");
	});
}

/** Leaves the place in the table of the region that `probeJumpCache` found. */
export function regionOf(body: Body, entry: Temp): void {
	body.get(entry);
	body.memory("i32.load", S.JUMP_CACHE + S.JUMP_REGION);
}

/**
 * The module that exports `chain`, and `chainFlat` for 64-bit mode: the region at RIP is called in its caller's place, if
 * there is one; else it answers RIP. And `settle`.
 */
export function buildLinks(): Uint8Array<ArrayBuffer> {
	const module = new Module();
	for (const [name, flat] of [
		["chain", false],
		["chainFlat", true],
	] as const)
		module.define(module.declare(name, CHAIN, true), chain(flat));
	module.define(module.declare("settle", SETTLE, true), settle(module));
	return module.encode();
}

function settle(module: Module): Body {
	const body = new Body(SETTLE.parameters);
	SETTLE_FLAGS.parameters.forEach((_, local) => body.local("local.get", local));
	body.tailCall(module.import("core", "settleFlags", SETTLE_FLAGS));
	return body;
}

function chain(flat: boolean): Body {
	const body = new Body(CHAIN.parameters);
	const go = (entry: Temp) => {
		passOn(body);
		regionOf(body, entry);
		body.tailCallIndirect(REGION);
	};
	const entry = probeJumpCache(body, flat, (first, linear) => {
		body.get(first);
		body.constant("i32", S.JUMP_OTHER);
		body.op("i32.xor");
		const second = body.set("i32");
		compareJump(body, second, linear, () => answer(body));
		go(second);
	});
	go(entry);
	return body;
}
