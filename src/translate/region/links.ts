/** The way from region to region: one function that looks up where to go, and goes there. */
import * as S from "../../core/state.ts";
import { Body, Module, type Signature, type Temp } from "../wasm.ts";

/**
 * A region: (cpu, RIP, instructions that may run, depth of calls) to (RIP, instructions left). State is in the state
 * block before and after, flags may be pending. REGION_LEFT tells whether the instruction at RIP must be interpreted.
 */
export const REGION: Signature = { parameters: ["i32", "i64", "i32", "i32"], results: ["i64", "i32"] };

export const CPU = 0;
export const RIP = 1;
export const REMAINING = 2;
export const DEPTH = 3;

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

/** Leaves on the stack whether the jump cache knows RIP; the address of its entry is in the temporary that it answers. */
export function probeJumpCache(body: Body): Temp {
	body.local("local.get", RIP);
	body.local("local.get", CPU);
	body.memory("i64.load", S.CS + S.SEG_BASE);
	body.op("i64.add");
	const linear = body.set("i64");
	body.get(linear);
	body.op("i32.wrap_i64");
	const low = body.set("i32");
	jumpCacheEntry(body, () => body.get(low));
	const entry = body.set("i32");
	body.get(entry);
	body.memory("i64.load", S.JUMP_CACHE);
	body.get(linear);
	body.op("i64.eq");
	body.get(entry);
	body.memory("i32.load", S.JUMP_CACHE + 8);
	body.local("local.get", CPU);
	body.memory("i32.load", S.JUMP_KEY);
	body.op("i32.eq");
	body.op("i32.and");
	return entry;
}

/** Leaves REC_HEAT of the block that a jump cache's entry names. */
export function heatOf(body: Body, entry: Temp): void {
	body.get(entry);
	body.memory("i32.load", S.JUMP_CACHE + 12);
	body.memory("i32.load16_u", S.REC_HEAT);
}

/** The module that exports `chain`: the region at RIP is called in its caller's place, if there is one; else it answers RIP. */
export function buildLinks(): Uint8Array<ArrayBuffer> {
	const module = new Module();
	const chain = module.declare("chain", REGION, true);
	const body = new Body(REGION.parameters);
	const none = body.open("block");
	const entry = probeJumpCache(body);
	body.op("i32.eqz");
	body.branch("br_if", none);
	heatOf(body, entry);
	const heat = body.set("i32");
	body.get(heat);
	testRegion(body);
	body.op("i32.eqz");
	body.branch("br_if", none);
	for (const local of [CPU, RIP, REMAINING, DEPTH]) body.local("local.get", local);
	body.get(heat);
	body.constant("i32", S.HOT);
	body.op("i32.sub");
	body.tailCallIndirect(REGION);
	body.end();
	body.local("local.get", RIP);
	body.local("local.get", REMAINING);
	module.define(chain, body);
	return module.encode();
}
