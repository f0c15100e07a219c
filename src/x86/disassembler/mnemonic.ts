/**
 * What an instruction is called. A row's name covers all operand sizes ("CWD", "Jcc"); a reader wants the one that
 * assemblers know ("cqo", "jne").
 */
import type { CodeSize, Instruction } from "./decode.ts";

const CONDITIONS = "o no b ae e ne be a s ns p np l ge le g".split(" ");

/** Names by operand size: 16, 32, 64. */
const BY_SIZE: Record<string, string> = {
	CBW: "cbw cwde cdqe",
	CWD: "cwd cdq cqo",
	PUSHA: "pusha pushad",
	POPA: "popa popad",
	PUSHF: "pushf pushfd pushfq",
	POPF: "popf popfd popfq",
	IRET: "iret iretd iretq",
	SYSRET: "sysret sysret sysretq",
	SYSEXIT: "sysexit sysexit sysexitq",
	FXSAVE: "fxsave fxsave fxsave64",
	FXRSTOR: "fxrstor fxrstor fxrstor64",
	XSAVE: "xsave xsave xsave64",
	XRSTOR: "xrstor xrstor xrstor64",
	XSAVEOPT: "xsaveopt xsaveopt xsaveopt64",
	XSAVEC: "xsavec xsavec xsavec64",
	CMPXCHG8B: "cmpxchg8b cmpxchg8b cmpxchg16b",
};
const MOVES_DOUBLEWORD = new Set(["MOVD", "VMOVD", "PEXTRD", "VPEXTRD", "PINSRD", "VPINSRD"]);
/** By address size. */
const JRCXZ: Record<CodeSize, string> = { 16: "jcxz", 32: "jecxz", 64: "jrcxz" };
/** Say the width of what they move by their last letter. */
const STRINGS = new Set(["MOVS", "CMPS", "STOS", "LODS", "SCAS", "INS", "OUTS"]);
const LETTERS: Record<number, string> = { 8: "b", 16: "w", 32: "d", 64: "q" };
/** These go to another segment by memory or by an immediate: Mp, Ap. */
const FAR = new Set(["JMP", "CALL"]);

/** The row's name without its operands. */
export const rowName = ({ variant }: Instruction): string => variant.name.split(" ")[0];

export function mnemonic(instruction: Instruction): string {
	const { variant, operandSize, addressSize } = instruction;
	const name = rowName(instruction);
	if (name === "JrCXZ") return JRCXZ[addressSize];
	if (name.endsWith("cc")) return name.slice(0, -2).toLowerCase() + CONDITIONS[variant.opcode & 15];
	// MOVD of a quadword is MOVQ, and so on.
	if (MOVES_DOUBLEWORD.has(name) && operandSize === 64) return `${name.slice(0, -1)}q`.toLowerCase();
	const bySize = BY_SIZE[name]?.split(" ")[Math.log2(operandSize / 16)];
	if (bySize) return bySize;
	if (STRINGS.has(name)) return name.toLowerCase() + LETTERS[stringWidth(instruction)];
	const isFar = FAR.has(name) && variant.operands.some(({ notation }) => notation.endsWith("p"));
	return isFar ? `${name.toLowerCase()} far` : name.toLowerCase();
}

/** Whether the mnemonic alone says the operand size. */
export function saysSize(instruction: Instruction): boolean {
	const name = rowName(instruction);
	return name in BY_SIZE || STRINGS.has(name);
}

function stringWidth({ variant }: Instruction): number {
	return variant.operands.find(({ kind }) => kind === "X" || kind === "Y")!.width;
}

/** REP, REPE or REPNE before a string instruction; LOCK. What prefixes mean nothing are not shown. */
export function prefixWords(instruction: Instruction): string[] {
	const { repeat, lock } = instruction.prefixes;
	const words = lock ? ["lock"] : [];
	const name = rowName(instruction);
	if (!repeat || !STRINGS.has(name)) return words;
	const compares = name === "CMPS" || name === "SCAS";
	return [...words, repeat === 0xf3 ? (compares ? "repe" : "rep") : "repne"];
}
