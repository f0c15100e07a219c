import type { Semantics } from "../builder.ts";
import type { Row } from "../row.ts";
import { core, nothing } from "../semantics/data.ts";
import { random } from "../semantics/extensions.ts";

const cold = { cold: true };
const ends = { cold: true, ends: true };
const privileged = { cold: true, privileged: true };
const both = { cold: true, ends: true, privileged: true };

const readBase = (segment: number): Semantics => (b) =>
	b.compute("readSegmentBase", 64, [b.constant(32, segment)], true).zext(b.width);
const writeBase = (segment: number): Semantics => (b, value) =>
	b.core("writeSegmentBase", b.constant(32, segment), value.zext(64));

export const system: Row[] = [
	["E4 ib",         "IN AL, Ib",         "- -",    core("inputImmediate8"), ends],
	["E5 ib",         "IN rAX, Ib",        "- -",    core("inputImmediate"), { ...ends, sized: true }],
	["EC",            "IN AL, DX",         "- -",    core("inputDx8"), ends],
	["ED",            "IN rAX, DX",        "- -",    core("inputDx"), { ...ends, sized: true }],
	["E6 ib",         "OUT Ib, AL",        "- -",    core("outputImmediate8"), ends],
	["E7 ib",         "OUT Ib, rAX",       "- -",    core("outputImmediate"), { ...ends, sized: true }],
	["EE",            "OUT DX, AL",        "- -",    core("outputDx8"), ends],
	["EF",            "OUT DX, rAX",       "- -",    core("outputDx"), { ...ends, sized: true }],
	["FA",            "CLI",               "",       core("clearInterruptFlag"), cold],
	["FB",            "STI",               "",       core("setInterruptFlag"), ends],

	["0F 00 /0",      "SLDT Rv",           "w",      (b) => b.compute("ldtSelector", 32, [], true).zext(b.width), cold],
	["0F 00 /0",      "SLDT Mw",           "w",      (b) => b.compute("ldtSelector", 32, [], true).zext(16), cold],
	["0F 00 /1",      "STR Rv",            "w",      (b) => b.compute("taskSelector", 32, [], true).zext(b.width), cold],
	["0F 00 /1",      "STR Mw",            "w",      (b) => b.compute("taskSelector", 32, [], true).zext(16), cold],
	["0F 00 /2",      "LLDT Ew",           "r",      core("loadLdt"), ends],
	["0F 00 /3",      "LTR Ew",            "r",      core("loadTask"), ends],
	["0F 00 /4",      "VERR Ew",           "r",      core("verifyRead"), cold],
	["0F 00 /5",      "VERW Ew",           "r",      core("verifyWrite"), cold],
	["0F 02 /r",      "LAR Gv, Ew",        "- r",    core("loadAccessRights"), { ...cold, sized: true }],
	["0F 03 /r",      "LSL Gv, Ew",        "- r",    core("loadSegmentLimit"), { ...cold, sized: true }],
	["63 /r",         "ARPL Ew, Gw",       "rw r",   (b, dst, src) => {
		const raised = dst.and(3).ltU(src.and(3));
		b.compute("requireProtected", 32, [], true);
		b.flags.setZero(raised);
		return b.select(raised, dst.and(~3).or(src.and(3)), dst);
	}, { only: "legacy", cold: true }],

	["0F 01 /0",      "SGDT Ms",           "m",      core("storeGdt"), cold],
	["0F 01 /1",      "SIDT Ms",           "m",      core("storeIdt"), cold],
	["0F 01 /2",      "LGDT Ms",           "a",      core("loadGdt"), both],
	["0F 01 /3",      "LIDT Ms",           "a",      core("loadIdt"), both],
	["0F 01 /4",      "SMSW Rv",           "w",      (b) => b.compute("machineStatus", 64, [], true).zext(b.width), cold],
	["0F 01 /4",      "SMSW Mw",           "w",      (b) => b.compute("machineStatus", 64, [], true).zext(16), cold],
	["0F 01 /6",      "LMSW Ew",           "r",      core("loadMachineStatus"), both],
	["0F 01 /7",      "INVLPG M",          "a",      core("invalidatePage"), both],
	["NP 0F 01 EE",   "RDPKRU",            "",       core("readPkru"), { ...cold, feature: "PKU" }],
	["NP 0F 01 EF",   "WRPKRU",            "",       core("writePkru"), { ...ends, feature: "PKU" }],
	["NP 0F 01 C8",   "MONITOR",           "",       core("monitor"), { ...cold, feature: "MONITOR" }],
	["NP 0F 01 C9",   "MWAIT",             "",       core("monitorWait"), { ...ends, feature: "MONITOR" }],
	["66 0F 38 82 /r", "INVPCID Gy, M",    "r a",    (b, type, address) => b.core("invalidateContext", type.zext(64), address), { ...both, modal: true, feature: "INVPCID" }],
	["F3 0F AE /0",   "RDFSBASE Ry",       "w",      readBase(4), { ...cold, only: "64", feature: "FSGSBASE" }],
	["F3 0F AE /1",   "RDGSBASE Ry",       "w",      readBase(5), { ...cold, only: "64", feature: "FSGSBASE" }],
	["F3 0F AE /2",   "WRFSBASE Ry",       "r",      writeBase(4), { ...cold, only: "64", feature: "FSGSBASE" }],
	["F3 0F AE /3",   "WRGSBASE Ry",       "r",      writeBase(5), { ...cold, only: "64", feature: "FSGSBASE" }],
	["NP 0F AE /4",   "XSAVE M",           "a",      core("xsave"), { ...cold, feature: "XSAVE", sized: true }],
	["NP 0F AE /5",   "XRSTOR M",          "a",      core("xrestore"), { ...ends, feature: "XSAVE", sized: true }],
	["NP 0F AE /6",   "XSAVEOPT M",        "a",      core("xsaveOptimised"), { ...cold, feature: "XSAVEOPT", sized: true }],
	["NP 0F C7 /4",   "XSAVEC M",          "a",      core("xsaveCompacted"), { ...cold, feature: "XSAVEC", sized: true }],
	["NP 0F 01 D0",   "XGETBV",            "",       core("readExtendedControl"), { ...cold, feature: "XSAVE" }],
	["NP 0F 01 D1",   "XSETBV",            "",       core("writeExtendedControl"), { ...ends, feature: "XSAVE" }],
	["0F 01 F8",      "SWAPGS",            "",       core("swapGs"), { ...privileged, only: "64" }],
	["NP 0F 01 CA",   "CLAC",              "",       core("clearAccess"), { ...both, feature: "SMAP" }],
	["NP 0F 01 CB",   "STAC",              "",       core("setAccess"), { ...both, feature: "SMAP" }],
	["0F 06",         "CLTS",              "",       core("clearTaskSwitched"), both],
	["0F 20 /r",      "MOV Ry, Cd",        "w n",    (b, number) => b.compute("readControl", 64, [number], true).zext(b.width), { ...cold, modal: true }],
	["0F 22 /r",      "MOV Cd, Ry",        "n r",    (b, number, value) => b.core("writeControl", number, value.zext(64)), { ...ends, modal: true }],
	["0F 21 /r",      "MOV Ry, Dd",        "w n",    (b, number) => b.compute("readDebug", 64, [number], true).zext(b.width), { ...privileged, modal: true }],
	["0F 23 /r",      "MOV Dd, Ry",        "n r",    (b, number, value) => b.core("writeDebug", number, value.zext(64)), { ...both, modal: true }],
	["0F 30",         "WRMSR",             "",       core("writeMsr"), { ...both, feature: "MSR" }],
	["0F 32",         "RDMSR",             "",       core("readMsr"), { ...privileged, feature: "MSR" }],
	["0F 31",         "RDTSC",             "",       core("readTimestamp"), { ...cold, feature: "TSC" }],
	["0F 33",         "RDPMC",             "",       core("readPerformance"), cold],
	["0F A2",         "CPUID",             "",       core("identify"), cold],
	["NFx 0F C7 /6",  "RDRAND Rv",         "w",      random, { ...cold, feature: "RDRAND" }],
	["NP 0F C3 /r",   "MOVNTI My, Gy",     "w r",    (_, src) => src, cold],
	["NP 0F AE /5",   "LFENCE",            "",       nothing, cold],
	["NP 0F AE /6",   "MFENCE",            "",       nothing, cold],
	["NP 0F AE /7",   "SFENCE",            "",       nothing, cold],
	["NP 0F AE /7",   "CLFLUSH Mb",        "r",      nothing, cold],
	["66 0F AE /7",   "CLFLUSHOPT Mb",     "r",      nothing, { ...cold, feature: "CLFLUSHOPT" }],
	["66 0F AE /6",   "CLWB Mb",           "r",      nothing, { ...cold, feature: "CLWB" }],
	["0F 01 F9",      "RDTSCP",            "",       core("readTimestampAndProcessor"), { ...cold, feature: "RDTSCP" }],
	["F3 0F C7 /7",   "RDPID Ry",          "w",      (b) => b.compute("processorNumber", 64, []).zext(b.width), { ...cold, modal: true, feature: "RDPID" }],
	["NFx 0F C7 /7",  "RDSEED Rv",         "w",      random, { ...cold, feature: "RDSEED" }],
];
