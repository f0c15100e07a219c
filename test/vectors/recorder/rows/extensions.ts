/** Which rows of the instruction set are recorded, by file, and what the SDM leaves undefined of them. */

import type { Row } from "../../../../src/x86/row.ts";
import { avxRows } from "../../../../src/x86/rows/avx.ts";
import { cryptoRows } from "../../../../src/x86/rows/crypto.ts";
import { extensions } from "../../../../src/x86/rows/extensions.ts";
import { sseRows } from "../../../../src/x86/rows/sse.ts";
import { sse2Rows } from "../../../../src/x86/rows/sse2.ts";
import { sse4Rows } from "../../../../src/x86/rows/sse4.ts";
import type { Random } from "../../states.ts";
import { AF, OF, PF, SF } from "./undefined.ts";

export const FAMILIES: Record<string, readonly Row[]> = {
	general: extensions,
	sse: sseRows,
	sse2: sse2Rows,
	sse4: sse4Rows,
	crypto: cryptoRows,
	avx: avxRows,
};

/** CF PF AF ZF SF TF IF DF OF. */
export const ALL_FLAGS = 0xfd5;

const UNDEFINED: Record<string, number> = {
	LZCNT: OF | SF | PF | AF,
	TZCNT: OF | SF | PF | AF,
	ANDN: AF | PF,
	BEXTR: AF | SF | PF,
	BLSI: AF | PF,
	BLSR: AF | PF,
	BLSMSK: AF | PF,
	BZHI: AF | PF,
};

const mnemonic = (instruction: string) => instruction.split(" ")[0];
export const definedFlags = (instruction: string): number =>
	ALL_FLAGS & ~(UNDEFINED[mnemonic(instruction)] ?? 0);

/** Not a function of their operands, or different from processor to processor. */
const NOT_RECORDED = /^(RDRAND|RDSEED|RDTSCP|RDPID|RCP|RSQRT|LDMXCSR)/;
/** MMX registers are in the vectors of the x87. */
const MMX = / .*[PQN]q/;
export const isRecorded = (instruction: string): boolean =>
	!NOT_RECORDED.test(instruction) && !MMX.test(instruction);

/** The values of an immediate that matter most. */
export const immediateOf = (_instruction: string): ((random: Random) => number) | undefined => undefined;
