import type { Semantics } from "../builder.ts";
import type { Row } from "../row.ts";
import * as s from "../semantics/arithmetic.ts";
import * as bits from "../semantics/bits.ts";
import * as shift from "../semantics/shift.ts";

/** The eight verbs that share one pattern of encodings: 00..3F by column, 80..83 by ModRM.reg. */
const pattern = (digit: number, name: string, semantics: Semantics): Row[] => {
	const base = digit * 8;
	const op = (offset: number) => (base + offset).toString(16).toUpperCase().padStart(2, "0");
	const compare = name === "CMP";
	const rw = compare ? "r r" : "rw r";
	const lock = { lock: !compare, cold: name === "ADC" || name === "SBB" };
	const { cold } = lock;
	const byte = { ...lock, cold: !compare };
	return [
		[`${op(0)} /r`,         `${name} Eb, Gb`,   rw, semantics, byte],
		[`${op(1)} /r`,         `${name} Ev, Gv`,   rw, semantics, lock],
		[`${op(2)} /r`,         `${name} Gb, Eb`,   rw, semantics, { cold: !compare }],
		[`${op(3)} /r`,         `${name} Gv, Ev`,   rw, semantics, { cold }],
		[`${op(4)} ib`,         `${name} AL, Ib`,   rw, semantics, { cold }],
		[`${op(5)} iz`,         `${name} rAX, Iz`,  rw, semantics, { cold }],
		[`80 /${digit} ib`,     `${name} Eb, Ib`,   rw, semantics, byte],
		[`81 /${digit} iz`,     `${name} Ev, Iz`,   rw, semantics, lock],
		[`82 /${digit} ib`,     `${name} Eb, Ib`,   rw, semantics, { ...lock, only: "legacy", cold: true }],
		[`83 /${digit} ib`,     `${name} Ev, Ibs`,  rw, semantics, lock],
	];
};

/** /6 is another SHL. */
const isSeldom = (digit: number, name: string): boolean => digit === 6 || name.startsWith("R");

const shifts = (digit: number, name: string, semantics: Semantics): Row[] => [
	[`C0 /${digit} ib`,       `${name} Eb, Ib`,   "rw r", semantics, { cold: true }],
	[`C1 /${digit} ib`,       `${name} Ev, Ib`,   "rw r", semantics, { cold: isSeldom(digit, name) }],
	[`D0 /${digit}`,          `${name} Eb, 1`,    "rw r", semantics, { cold: true }],
	[`D1 /${digit}`,          `${name} Ev, 1`,    "rw r", semantics, { cold: isSeldom(digit, name) }],
	[`D2 /${digit}`,          `${name} Eb, CL`,   "rw r", semantics, { cold: true }],
	[`D3 /${digit}`,          `${name} Ev, CL`,   "rw r", semantics, { cold: isSeldom(digit, name) }],
];

const bitTests = (digit: number, name: string, semantics: Semantics): Row[] => {
	const access = name === "BT" ? "r r" : "rw r";
	const opcode = (0x83 + digit * 8).toString(16).toUpperCase();
	const lock = { lock: name !== "BT", cold: true };
	return [
		[`0F ${opcode} /r`,     `${name} Rv, Gv`,   access, semantics, { cold: true }],
		[`0F ${opcode} /r`,     `${name} M, Gv`,    "a r",  bits.bitString(name.toLowerCase()), lock],
		[`0F BA /${digit} ib`,  `${name} Ev, Ib`,   access, semantics, lock],
	];
};

export const arithmetic: Row[] = [
	...pattern(0, "ADD", s.add),
	...pattern(1, "OR",  s.or),
	...pattern(2, "ADC", s.adc),
	...pattern(3, "SBB", s.sbb),
	...pattern(4, "AND", s.and),
	...pattern(5, "SUB", s.sub),
	...pattern(6, "XOR", s.xor),
	...pattern(7, "CMP", s.cmp),

	["84 /r",         "TEST Eb, Gb",       "r r",    s.test],
	["85 /r",         "TEST Ev, Gv",       "r r",    s.test],
	["A8 ib",         "TEST AL, Ib",       "r r",    s.test],
	["A9 iz",         "TEST rAX, Iz",      "r r",    s.test],
	["F6 /0 ib",      "TEST Eb, Ib",       "r r",    s.test],
	["F6 /1 ib",      "TEST Eb, Ib",       "r r",    s.test, { cold: true }],
	["F7 /0 iz",      "TEST Ev, Iz",       "r r",    s.test],
	["F7 /1 iz",      "TEST Ev, Iz",       "r r",    s.test, { cold: true }],

	["FE /0",         "INC Eb",            "rw",     s.inc, { lock: true, cold: true }],
	["FF /0",         "INC Ev",            "rw",     s.inc, { lock: true }],
	["FE /1",         "DEC Eb",            "rw",     s.dec, { lock: true, cold: true }],
	["FF /1",         "DEC Ev",            "rw",     s.dec, { lock: true }],
	["40+r",          "INC Zv",            "rw",     s.inc, { only: "legacy" }],
	["48+r",          "DEC Zv",            "rw",     s.dec, { only: "legacy" }],
	["F6 /2",         "NOT Eb",            "rw",     s.not, { lock: true, cold: true }],
	["F7 /2",         "NOT Ev",            "rw",     s.not, { lock: true }],
	["F6 /3",         "NEG Eb",            "rw",     s.neg, { lock: true, cold: true }],
	["F7 /3",         "NEG Ev",            "rw",     s.neg, { lock: true }],

	["F6 /4",         "MUL Eb",            "r",      s.mul, { cold: true }],
	["F7 /4",         "MUL Ev",            "r",      s.mul],
	["F6 /5",         "IMUL Eb",           "r",      s.imul1, { cold: true }],
	["F7 /5",         "IMUL Ev",           "r",      s.imul1, { cold: true }],
	["0F AF /r",      "IMUL Gv, Ev",       "rw r",   s.imul2],
	["69 /r iz",      "IMUL Gv, Ev, Iz",   "w r r",  s.imul3],
	["6B /r ib",      "IMUL Gv, Ev, Ibs",  "w r r",  s.imul3],
	["F6 /6",         "DIV Eb",            "r",      s.div, { cold: true }],
	["F7 /6",         "DIV Ev",            "r",      s.div, { cold: true }],
	["F6 /7",         "IDIV Eb",           "r",      s.idiv, { cold: true }],
	["F7 /7",         "IDIV Ev",           "r",      s.idiv, { cold: true }],
	["98",            "CBW",               "",       s.cbw, { sized: true }],
	["99",            "CWD",               "",       s.cwd, { sized: true }],
	["0F C0 /r",      "XADD Eb, Gb",       "rw rw",  s.xadd, { lock: true, cold: true }],
	["0F C1 /r",      "XADD Ev, Gv",       "rw rw",  s.xadd, { lock: true, cold: true }],
	["0F B0 /r",      "CMPXCHG Eb, Gb",    "rw r",   s.cmpxchg, { lock: true, cold: true }],
	["0F B1 /r",      "CMPXCHG Ev, Gv",    "rw r",   s.cmpxchg, { lock: true, cold: true }],

	["27",            "DAA",               "",       s.bcd("decimalAdjustAdd"), { only: "legacy", cold: true }],
	["2F",            "DAS",               "",       s.bcd("decimalAdjustSubtract"), { only: "legacy", cold: true }],
	["37",            "AAA",               "",       s.bcd("asciiAdjustAdd"), { only: "legacy", cold: true }],
	["3F",            "AAS",               "",       s.bcd("asciiAdjustSubtract"), { only: "legacy", cold: true }],
	["D4 ib",         "AAM Ib",            "r",      s.bcd("asciiAdjustMultiply"), { only: "legacy", cold: true }],
	["D5 ib",         "AAD Ib",            "r",      s.bcd("asciiAdjustDivide"), { only: "legacy", cold: true }],

	...shifts(0, "ROL", shift.rol),
	...shifts(1, "ROR", shift.ror),
	...shifts(2, "RCL", shift.rcl),
	...shifts(3, "RCR", shift.rcr),
	...shifts(4, "SHL", shift.shl),
	...shifts(5, "SHR", shift.shr),
	...shifts(6, "SHL", shift.shl),
	...shifts(7, "SAR", shift.sar),
	["0F A4 /r ib",   "SHLD Ev, Gv, Ib",   "rw r r", shift.shld, { cold: true }],
	["0F A5 /r",      "SHLD Ev, Gv, CL",   "rw r r", shift.shld, { cold: true }],
	["0F AC /r ib",   "SHRD Ev, Gv, Ib",   "rw r r", shift.shrd, { cold: true }],
	["0F AD /r",      "SHRD Ev, Gv, CL",   "rw r r", shift.shrd, { cold: true }],

	...bitTests(4, "BT",  bits.bt),
	...bitTests(5, "BTS", bits.bts),
	...bitTests(6, "BTR", bits.btr),
	...bitTests(7, "BTC", bits.btc),
	["0F BC /r",      "BSF Gv, Ev",        "rw r",   bits.bsf, { cold: true }],
	["0F BD /r",      "BSR Gv, Ev",        "rw r",   bits.bsr, { cold: true }],
	["0F C8+r",       "BSWAP Zv",          "rw",     bits.bswap],
];
