import type { Row } from "../row.ts";
import { core } from "../semantics/data.ts";
import { fpu, fpuInteger } from "../semantics/x87.ts";

/** An instruction that waits: a pending exception is reported before it. */
const x87 = { cold: true, check: "requireNoPending", feature: "FPU" };
/** One that does not. */
const control = { cold: true, check: "requireX87", feature: "FPU" };
const fxsr = { ...control, sized: true, feature: "FXSR" };
const sized = { sized: true };

/** As core/x87/arithmetic.ts numbers them: destination op source. */
const ADD = 0;
const MUL = 1;
const SUB = 4;
const SUBR = 5;
const DIV = 6;
const DIVR = 7;

/** The eight arithmetic instructions with an operand in memory; FCOM and FCOMP are the third and fourth. */
const withMemory = (opcode: string, prefix: string, operand: string, kind: string): Row[] => {
	const isInteger = kind === "Integer";
	const semantics = isInteger ? fpuInteger : fpu;
	const arithmetic = (digit: number, name: string, op: number): Row => [`${opcode} /${digit}`, `${prefix}${name} ${operand}`, "r", semantics(`arithmetic${kind}`, op), x87];
	const comparison = (digit: number, name: string, pops: number): Row => [`${opcode} /${digit}`, `${prefix}${name} ${operand}`, "r", semantics(`compare${kind}`, pops), x87];
	return [
		arithmetic(0, "ADD", ADD), arithmetic(1, "MUL", MUL), comparison(2, "COM", 0), comparison(3, "COMP", 1),
		arithmetic(4, "SUB", SUB), arithmetic(5, "SUBR", SUBR), arithmetic(6, "DIV", DIV), arithmetic(7, "DIVR", DIVR),
	];
};

/** arithmeticRegisters(op, whether ST is the destination, pops). */
const toTop = (op: number) => fpu("arithmeticRegisters", op, 1, 0);
const toRegister = (op: number, pops: number) => fpu("arithmeticRegisters", op, 0, pops);

const arithmetic: Row[] = [
	...withMemory("D8", "F", "Md", "F32"),
	...withMemory("DA", "FI", "Md", "Integer"),
	...withMemory("DC", "F", "Mq", "F64"),
	...withMemory("DE", "FI", "Mw", "Integer"),
	["D8 C0+i",       "FADD ST, STi",      "- -",    toTop(ADD), x87],
	["D8 C8+i",       "FMUL ST, STi",      "- -",    toTop(MUL), x87],
	["D8 E0+i",       "FSUB ST, STi",      "- -",    toTop(SUB), x87],
	["D8 E8+i",       "FSUBR ST, STi",     "- -",    toTop(SUBR), x87],
	["D8 F0+i",       "FDIV ST, STi",      "- -",    toTop(DIV), x87],
	["D8 F8+i",       "FDIVR ST, STi",     "- -",    toTop(DIVR), x87],
	["DC C0+i",       "FADD STi, ST",      "- -",    toRegister(ADD, 0), x87],
	["DC C8+i",       "FMUL STi, ST",      "- -",    toRegister(MUL, 0), x87],
	["DC E0+i",       "FSUBR STi, ST",     "- -",    toRegister(SUBR, 0), x87],
	["DC E8+i",       "FSUB STi, ST",      "- -",    toRegister(SUB, 0), x87],
	["DC F0+i",       "FDIVR STi, ST",     "- -",    toRegister(DIVR, 0), x87],
	["DC F8+i",       "FDIV STi, ST",      "- -",    toRegister(DIV, 0), x87],
	["DE C0+i",       "FADDP STi, ST",     "- -",    toRegister(ADD, 1), x87],
	["DE C8+i",       "FMULP STi, ST",     "- -",    toRegister(MUL, 1), x87],
	["DE E0+i",       "FSUBRP STi, ST",    "- -",    toRegister(SUBR, 1), x87],
	["DE E8+i",       "FSUBP STi, ST",     "- -",    toRegister(SUB, 1), x87],
	["DE F0+i",       "FDIVRP STi, ST",    "- -",    toRegister(DIVR, 1), x87],
	["DE F8+i",       "FDIVP STi, ST",     "- -",    toRegister(DIV, 1), x87],
	["D9 E0",         "FCHS",              "",       fpu("changeSign", 0), x87],
	["D9 E1",         "FABS",              "",       fpu("changeSign", 1), x87],
	["D9 F4",         "FXTRACT",           "",       core("extract"), x87],
	["D9 F5",         "FPREM1",            "",       fpu("partialRemainder", 1), x87],
	["D9 F8",         "FPREM",             "",       fpu("partialRemainder", 0), x87],
	["D9 FA",         "FSQRT",             "",       core("squareRootX87"), x87],
	["D9 FC",         "FRNDINT",           "",       core("roundToInteger"), x87],
	["D9 FD",         "FSCALE",            "",       core("scale"), x87],
];

/** compareRegisters(whether quiet NaNs are quiet, pops). */
const comparison: Row[] = [
	["D8 D0+i",       "FCOM ST, STi",      "- -",    fpu("compareRegisters", 0, 0), x87],
	["D8 D8+i",       "FCOMP ST, STi",     "- -",    fpu("compareRegisters", 0, 1), x87],
	["DC D0+i",       "FCOM ST, STi",      "- -",    fpu("compareRegisters", 0, 0), x87],
	["DC D8+i",       "FCOMP ST, STi",     "- -",    fpu("compareRegisters", 0, 1), x87],
	["DE D0+i",       "FCOMP ST, STi",     "- -",    fpu("compareRegisters", 0, 1), x87],
	["DE D9",         "FCOMPP",            "",       fpu("compareRegisters", 0, 2), x87],
	["DD E0+i",       "FUCOM ST, STi",     "- -",    fpu("compareRegisters", 1, 0), x87],
	["DD E8+i",       "FUCOMP ST, STi",    "- -",    fpu("compareRegisters", 1, 1), x87],
	["DA E9",         "FUCOMPP",           "",       fpu("compareRegisters", 1, 2), x87],
	["DB E8+i",       "FUCOMI ST, STi",    "- -",    fpu("compareToFlags", 1, 0), { ...x87, feature: "CMOV" }],
	["DB F0+i",       "FCOMI ST, STi",     "- -",    fpu("compareToFlags", 0, 0), { ...x87, feature: "CMOV" }],
	["DF E8+i",       "FUCOMIP ST, STi",   "- -",    fpu("compareToFlags", 1, 1), { ...x87, feature: "CMOV" }],
	["DF F0+i",       "FCOMIP ST, STi",    "- -",    fpu("compareToFlags", 0, 1), { ...x87, feature: "CMOV" }],
	["D9 E4",         "FTST",              "",       core("testTop"), x87],
	["D9 E5",         "FXAM",              "",       core("examine"), x87],
];

const CF = 1;
const PF = 4;
const ZF = 0x40;
/** moveIf(flags of which one is set, or none where inverted). */
const fcmov = (flags: number, inverted = 0) => fpu("moveIf", flags, inverted);

const moves: Row[] = [
	["D9 /0",         "FLD Md",            "r",      fpu("loadF32"), x87],
	["DD /0",         "FLD Mq",            "r",      fpu("loadF64"), x87],
	["DB /5",         "FLD Mt",            "a",      fpu("loadF80"), x87],
	["D9 C0+i",       "FLD STi",           "-",      fpu("loadRegister"), x87],
	["DF /0",         "FILD Mw",           "r",      fpuInteger("loadInteger"), x87],
	["DB /0",         "FILD Md",           "r",      fpuInteger("loadInteger"), x87],
	["DF /5",         "FILD Mq",           "r",      fpuInteger("loadInteger"), x87],
	["DF /4",         "FBLD Mt",           "a",      fpu("loadDecimal"), x87],
	["D9 /2",         "FST Md",            "m",      fpu("storeSingle", 0), x87],
	["D9 /3",         "FSTP Md",           "m",      fpu("storeSingle", 1), x87],
	["DD /2",         "FST Mq",            "m",      fpu("storeDouble", 0), x87],
	["DD /3",         "FSTP Mq",           "m",      fpu("storeDouble", 1), x87],
	["DB /7",         "FSTP Mt",           "m",      fpu("storeF80"), x87],
	["DD D0+i",       "FST STi",           "-",      fpu("storeToRegister", 0), x87],
	["DD D8+i",       "FSTP STi",          "-",      fpu("storeToRegister", 1), x87],
	["D9 D8+i",       "FSTPNCE STi, ST",   "- -",    fpu("storeUnchecked"), x87],
	["DF D0+i",       "FSTP STi, ST",      "- -",    fpu("storeToRegister", 1), x87],
	["DF D8+i",       "FSTP STi, ST",      "- -",    fpu("storeToRegister", 1), x87],
	["DF /2",         "FIST Mw",           "m",      fpu("storeRounded", 16, 0, 0), x87],
	["DB /2",         "FIST Md",           "m",      fpu("storeRounded", 32, 0, 0), x87],
	["DF /3",         "FISTP Mw",          "m",      fpu("storeRounded", 16, 0, 1), x87],
	["DB /3",         "FISTP Md",          "m",      fpu("storeRounded", 32, 0, 1), x87],
	["DF /7",         "FISTP Mq",          "m",      fpu("storeRounded", 64, 0, 1), x87],
	["DF /1",         "FISTTP Mw",         "m",      fpu("storeRounded", 16, 1, 1), { ...x87, feature: "SSE3" }],
	["DB /1",         "FISTTP Md",         "m",      fpu("storeRounded", 32, 1, 1), { ...x87, feature: "SSE3" }],
	["DD /1",         "FISTTP Mq",         "m",      fpu("storeRounded", 64, 1, 1), { ...x87, feature: "SSE3" }],
	["DF /6",         "FBSTP Mt",          "m",      fpu("storeDecimal"), x87],
	["D9 C8+i",       "FXCH ST, STi",      "- -",    fpu("exchangeRegisters"), x87],
	["DD C8+i",       "FXCH ST, STi",      "- -",    fpu("exchangeRegisters"), x87],
	["DF C8+i",       "FXCH ST, STi",      "- -",    fpu("exchangeRegisters"), x87],
	["DA C0+i",       "FCMOVB ST, STi",    "- -",    fcmov(CF), { ...x87, feature: "CMOV" }],
	["DA C8+i",       "FCMOVE ST, STi",    "- -",    fcmov(ZF), { ...x87, feature: "CMOV" }],
	["DA D0+i",       "FCMOVBE ST, STi",   "- -",    fcmov(CF | ZF), { ...x87, feature: "CMOV" }],
	["DA D8+i",       "FCMOVU ST, STi",    "- -",    fcmov(PF), { ...x87, feature: "CMOV" }],
	["DB C0+i",       "FCMOVNB ST, STi",   "- -",    fcmov(CF, 1), { ...x87, feature: "CMOV" }],
	["DB C8+i",       "FCMOVNE ST, STi",   "- -",    fcmov(ZF, 1), { ...x87, feature: "CMOV" }],
	["DB D0+i",       "FCMOVNBE ST, STi",  "- -",    fcmov(CF | ZF, 1), { ...x87, feature: "CMOV" }],
	["DB D8+i",       "FCMOVNU ST, STi",   "- -",    fcmov(PF, 1), { ...x87, feature: "CMOV" }],
	["D9 E8",         "FLD1",              "",       fpu("loadConstant", 0), x87],
	["D9 E9",         "FLDL2T",            "",       fpu("loadConstant", 1), x87],
	["D9 EA",         "FLDL2E",            "",       fpu("loadConstant", 2), x87],
	["D9 EB",         "FLDPI",             "",       fpu("loadConstant", 3), x87],
	["D9 EC",         "FLDLG2",            "",       fpu("loadConstant", 4), x87],
	["D9 ED",         "FLDLN2",            "",       fpu("loadConstant", 5), x87],
	["D9 EE",         "FLDZ",              "",       fpu("loadConstant", 6), x87],
	["D9 F6",         "FDECSTP",           "",       fpu("rotateStack", -1), x87],
	["D9 F7",         "FINCSTP",           "",       fpu("rotateStack", 1), x87],
	["DD C0+i",       "FFREE STi",         "-",      fpu("freeRegister", 0), x87],
	["DF C0+i",       "FFREEP STi",        "-",      fpu("freeRegister", 1), x87],
	["D9 D0",         "FNOP",              "",       core("noOperation"), x87],
];

const transcendental: Row[] = [
	["D9 F0",         "F2XM1",             "",       core("twoToXLessOne"), x87],
	["D9 F1",         "FYL2X",             "",       core("yLog2X"), x87],
	["D9 F2",         "FPTAN",             "",       core("tangentX87"), x87],
	["D9 F3",         "FPATAN",            "",       core("partialArcTangent"), x87],
	["D9 F9",         "FYL2XP1",           "",       core("yLog2XPlusOne"), x87],
	["D9 FB",         "FSINCOS",           "",       core("sineAndCosine"), x87],
	["D9 FE",         "FSIN",              "",       core("sineX87"), x87],
	["D9 FF",         "FCOS",              "",       core("cosineX87"), x87],
];

const state: Row[] = [
	["D9 /5",         "FLDCW Mw",          "r",      core("loadControlWord"), x87],
	["D9 /7",         "FNSTCW Mw",         "m",      fpu("storeControlWord"), control],
	["DD /7",         "FNSTSW Mw",         "m",      fpu("storeStatusWord"), control],
	["DF E0",         "FNSTSW AX",         "w",      (b) => b.compute("readStatusWord", 32, []).zext(16), control],
	["DB E2",         "FNCLEX",            "",       core("clearExceptions"), control],
	["DB E3",         "FNINIT",            "",       core("initializeX87"), control],
	["DB E0",         "FNENI",             "",       core("formerControl"), control],
	["DB E1",         "FNDISI",            "",       core("formerControl"), control],
	["DB E4",         "FNSETPM",           "",       core("formerControl"), control],
	["D9 /4",         "FLDENV Menv",       "a",      fpu("loadEnvironment"), { ...x87, ...sized }],
	["D9 /6",         "FNSTENV Menv",      "m",      fpu("storeEnvironment"), { ...control, ...sized }],
	["DD /4",         "FRSTOR Mstate",     "a",      fpu("restoreState"), { ...x87, ...sized }],
	["DD /6",         "FNSAVE Mstate",     "m",      fpu("saveState"), { ...control, ...sized }],
	["9B",            "WAIT",              "",       core("waitForFpu"), { cold: true }],
	["NP 0F AE /0",   "FXSAVE Mfx",        "m",      fpu("fxsave"), fxsr],
	["NP 0F AE /1",   "FXRSTOR Mfx",       "a",      fpu("fxrstor"), fxsr],
];

export const floatingPoint: Row[] = [...arithmetic, ...comparison, ...moves, ...transcendental, ...state];
