/**
 * x87 instructions in a region are calls of core/x87, where nothing can come of them but their result: the x87 is there, all
 * exceptions are masked and none is pending, and memory that they touch can be reached. While regions run only FLDCW, of what
 * does not bail, could change the first of that, and it bails where it would.
 */
import * as S from "../../core/state.ts";
import type { Value } from "../../x86/builder.ts";
import type { WasmValue } from "../values.ts";
import { callCore } from "./core-calls.ts";
import type { Instruction } from "./discover.ts";
import type { RegionContext } from "./frame.ts";
import type { Condition } from "./vectors.ts";

const CR0_EM_TS = 0xc;
const EXCEPTIONS = 0x3f;
const FSW_ES = 0x80;

const PRESENT: Condition = { word: S.CR0, mask: CR0_EM_TS, bits: 0 };
const MASKED: Condition = { word: S.FCW, mask: EXCEPTIONS, bits: EXCEPTIONS };
const QUIET: Condition = { word: S.FSW, mask: FSW_ES, bits: 0 };

/** What must hold, by the check that an instruction's row names; undefined for others. */
export const CONDITIONS: Record<string, readonly Condition[] | undefined> = {
	requireX87: [PRESENT],
	requireNoPending: [PRESENT, MASKED, QUIET],
};

/** Of WAIT, which does nothing then. */
export const WAIT = "waitForFpu";
export const WAITED: readonly Condition[] = [PRESENT, QUIET];

/** They change the x87 and, those that store, memory that their operand names. */
const CALLED = new Set([
	"arithmeticF32",
	"arithmeticF64",
	"arithmeticInteger",
	"arithmeticRegisters",
	"changeSign",
	"clearExceptions",
	"compareF32",
	"compareF64",
	"compareInteger",
	"compareRegisters",
	"compareToFlags",
	"cosineX87",
	"examine",
	"exchangeRegisters",
	"extract",
	"freeRegister",
	"initializeX87",
	"loadConstant",
	"loadControlWord",
	"loadF32",
	"loadF64",
	"loadF80",
	"loadInteger",
	"loadRegister",
	"moveIf",
	"noOperation",
	"partialArcTangent",
	"partialRemainder",
	"rotateStack",
	"roundToInteger",
	"scale",
	"sineAndCosine",
	"sineX87",
	"squareRootX87",
	"storeControlWord",
	"storeDouble",
	"storeF80",
	"storeRounded",
	"storeSingle",
	"storeStatusWord",
	"storeToRegister",
	"storeUnchecked",
	"tangentX87",
	"testTop",
	"twoToXLessOne",
	"yLog2X",
	"yLog2XPlusOne",
]);
const WITH_FLAGS = new Set(["compareToFlags", "moveIf"]);

export const isX87 = (name: string): boolean => CALLED.has(name);

/** Calls one, which answers STATUS_NEXT. */
export function callX87(
	context: RegionContext,
	instruction: Instruction,
	name: string,
	values: Value[],
): void {
	const { body, flags, pageBase } = context;
	if (name === "loadControlWord") leaveUnmasking(context, instruction, values[0]);
	if (WITH_FLAGS.has(name)) flags.settle();
	// FIP follows from where the page is.
	body.local("local.get", 0);
	body.local("local.get", pageBase);
	body.memory("i64.store", S.PAGE_BASE);
	callCore(context, name, 32, values, instruction.record);
}

function leaveUnmasking(context: RegionContext, instruction: Instruction, control: Value): void {
	context.bail(instruction)(() => (control.and(EXCEPTIONS).ne(EXCEPTIONS) as WasmValue).emit());
}
