/** Functions of core/ that a region may call: all else is left to the interpreter. */
import type { Value, Width } from "../../x86/builder.ts";
import { typeOf, WasmValue } from "../values.ts";
import type { RegionContext } from "./frame.ts";

/** They compute from their arguments alone. */
export const PURE = new Set([
	"checksum",
	"depositBits",
	"extractBits",
	"multiplyHighSigned",
	"multiplyHighUnsigned",
	"rotateCarryLeft",
	"rotateCarryLeftCarry",
	"rotateCarryRight",
	"rotateCarryRightCarry",
	"shiftDoubleLeft",
	"shiftDoubleLeftCarry",
	"shiftDoubleRight",
	"shiftDoubleRightCarry",
	"swapBytes",
]);

/** Those whose answer is a vector. */
export const PURE_VECTORS = new Set([
	"aesDecrypt",
	"aesDecryptLast",
	"aesEncrypt",
	"aesEncryptLast",
	"aesInverseMix",
	"aesKeyAssist",
	"carrylessMultiply",
	"reciprocal",
	"reciprocalRoot",
	"sha1Message1",
	"sha1Message2",
	"sha1NextE",
	"sha1Rounds",
	"sha256Message1",
	"sha256Message2",
	"sha256Rounds",
	"shiftEach",
	"smallestWord",
	"sumsOfBlocks",
]);

/** They touch nothing but what regions leave in the state block, and nothing goes wrong with them in ring 0. */
export const STATE_ONLY = new Set(["clearDirection", "clearInterruptFlag", "setDirection", "swapGs"]);

/** Calls one: it gets the processor and, if it asks for it, the instruction's record. */
export function callCore(
	{ module, body }: RegionContext,
	name: string,
	width: Width,
	values: Value[],
	record = 0,
): WasmValue {
	const parameters = ["i32" as const, "i32" as const, ...values.map((value) => typeOf(value.width))];
	const callee = module.import("core", name, { parameters, results: [typeOf(width)] });
	body.local("local.get", 0);
	body.constant("i32", record);
	for (const value of values) (value as WasmValue).emit();
	body.call(callee);
	return WasmValue.pop(body, width);
}
