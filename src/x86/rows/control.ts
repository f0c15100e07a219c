import type { Row } from "../row.ts";
import * as s from "../semantics/control.ts";
import { core, nothing, undefinedOpcode } from "../semantics/data.ts";

const near = { force64: true, ends: true };
const counted = { force64: true, cold: true };
const far = { ends: true, cold: true };
const string = { cold: true, sized: true };

export const control: Row[] = [
	["70+cc cb",      "Jcc Jb",            "-",      s.jcc, { force64: true }],
	["0F 80+cc cz",   "Jcc Jz",            "-",      s.jcc, { force64: true }],
	["EB cb",         "JMP Jb",            "-",      s.jmp, near],
	["E9 cz",         "JMP Jz",            "-",      s.jmp, near],
	["FF /4",         "JMP Ev",            "r",      s.jmpIndirect, near],
	["E8 cz",         "CALL Jz",           "-",      s.call, near],
	["FF /2",         "CALL Ev",           "r",      s.callIndirect, near],
	["C3",            "RET",               "",       s.ret, near],
	["C2 iw",         "RET Iw",            "r",      s.retRelease, near],
	["E0 cb",         "LOOPNE Jb",         "-",      s.loopne, counted],
	["E1 cb",         "LOOPE Jb",          "-",      s.loope, counted],
	["E2 cb",         "LOOP Jb",           "-",      s.loop, counted],
	["E3 cb",         "JrCXZ Jb",          "-",      s.jrcxz, counted],

	["EA",            "JMP Ap",            "-",      core("jumpFarDirect"), { ...far, only: "legacy" }],
	["9A",            "CALL Ap",           "-",      core("callFarDirect"), { ...far, only: "legacy" }],
	["FF /5",         "JMP Mp",            "a",      core("jumpFar"), far],
	["FF /3",         "CALL Mp",           "a",      core("callFar"), far],
	["CB",            "RETF",              "",       core("returnFar"), far],
	["CA iw",         "RETF Iw",           "-",      core("returnFar"), far],
	["CF",            "IRET",              "",       core("interruptReturn"), far],
	["CC",            "INT3",              "",       core("breakpoint"), far],
	["CD ib",         "INT Ib",            "-",      core("softwareInterrupt"), far],
	["CE",            "INTO",              "",       core("overflowTrap"), { ...far, only: "legacy" }],
	["F1",            "INT1",              "",       core("debugTrap"), far],
	["62 /r",         "BOUND Gv, Ma",      "- a",    core("checkBounds"), { only: "legacy", cold: true, sized: true }],
	["0F 05",         "SYSCALL",           "",       core("systemCall"), { ...far, feature: "SYSCALL" }],
	["0F 07",         "SYSRET",            "",       core("systemReturn"), { ...far, privileged: true, feature: "SYSCALL" }],
	["0F 34",         "SYSENTER",          "",       core("systemEnter"), { ...far, feature: "SEP" }],
	["0F 35",         "SYSEXIT",           "",       core("systemExit"), { ...far, privileged: true, feature: "SEP" }],
	["0F 0B",         "UD2",               "",       undefinedOpcode, { cold: true }],
	["0F B9 /r",      "UD1 Gv, Ev",        "- -",    undefinedOpcode, { cold: true }],
	["0F FF /r",      "UD0 Gv, Ev",        "- -",    undefinedOpcode, { cold: true }],

	["A4",            "MOVS Yb, Xb",       "- -",    core("moveStringByte"), { cold: true }],
	["A5",            "MOVS Yv, Xv",       "- -",    core("moveString"), string],
	["A6",            "CMPS Xb, Yb",       "- -",    core("compareStringByte"), { cold: true }],
	["A7",            "CMPS Xv, Yv",       "- -",    core("compareString"), string],
	["AA",            "STOS Yb, AL",       "- -",    core("storeStringByte"), { cold: true }],
	["AB",            "STOS Yv, rAX",      "- -",    core("storeString"), string],
	["AC",            "LODS AL, Xb",       "- -",    core("loadStringByte"), { cold: true }],
	["AD",            "LODS rAX, Xv",      "- -",    core("loadString"), string],
	["AE",            "SCAS AL, Yb",       "- -",    core("scanStringByte"), { cold: true }],
	["AF",            "SCAS rAX, Yv",      "- -",    core("scanString"), string],
	["6C",            "INS Yb, DX",        "- -",    core("inputStringByte"), { cold: true }],
	["6D",            "INS Yz, DX",        "- -",    core("inputString"), string],
	["6E",            "OUTS DX, Xb",       "- -",    core("outputStringByte"), { cold: true }],
	["6F",            "OUTS DX, Xz",       "- -",    core("outputString"), string],
	["F4",            "HLT",               "",       core("halt"), { privileged: true, ends: true, cold: true }],
	["0F 08",         "INVD",              "",       nothing, { privileged: true, cold: true }],
	["0F 09",         "WBINVD",            "",       nothing, { privileged: true, cold: true }],
];
