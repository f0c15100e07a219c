// The instructions around a place: what ran before it, as far as that can be known, the one there, and what follows.

import { type CodeSize, disassemble, disassemble1, type Line } from "../x86/disassembler/index.ts";
import type { LinearMemory } from "./backtrace.ts";
import { hex } from "./registers.ts";
import type { SymbolTable } from "./symbols.ts";

const BEFORE = 5;
const AFTER = 6;
/** The longest instruction. */
export const LONGEST = 15;
/** A function's start further away than this is not gone back to. */
const FARTHEST = 4096n;
const BYTES_WIDTH = 30;

/**
 * Lines of code around `rip`, the one there marked by an arrow; empty where no memory is mapped there.
 * @param rip a linear address
 */
export function codeAround(
	memory: LinearMemory,
	rip: bigint,
	mode: CodeSize,
	symbols: SymbolTable,
): string[] {
	const bytes = memory.read(rip, AFTER * LONGEST);
	if (bytes.length === 0) return [];
	const name = (address: bigint) => symbols.describe(address);
	const before = [...linesBefore(memory, rip, mode, symbols)].slice(-BEFORE);
	const after = [...disassemble(bytes, rip, mode, name)].slice(0, AFTER);
	return [...before, ...after].map((line) => formatLine(line, line.address === rip));
}

function formatLine({ address, bytes, text }: Line, isHere: boolean): string {
	return `${isHere ? "=>" : "  "} ${formatAddress(address)}  ${formatBytes(bytes)} ${text}`;
}

/** Eight digits where they suffice, else sixteen. */
export function formatAddress(address: bigint): string {
	return hex(address, address >> 32n ? 16 : 8);
}

/** An instruction's bytes, as a column. */
export function formatBytes(bytes: Uint8Array): string {
	const code = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
	return code.padEnd(BYTES_WIDTH);
}

/**
 * Instructions have no fixed length, so going backwards needs a known start: the function's, or the
 * farthest place from which decoding arrives exactly at `rip`.
 */
function linesBefore(memory: LinearMemory, rip: bigint, mode: CodeSize, symbols: SymbolTable): Line[] {
	const place = symbols.find(rip);
	const name = (address: bigint) => symbols.describe(address);
	if (place && place.offset > 0n && place.offset <= FARTHEST) {
		const start = place.symbol.address;
		const lines = [...disassemble(memory.read(start, Number(place.offset)), start, mode, name)];
		if (!lines.some(({ text }) => text === "(bad)")) return lines;
	}
	for (let distance = BEFORE * 4; distance > 0; distance--) {
		const start = rip - BigInt(distance);
		const lines = chain(memory.read(start, distance), start, mode);
		if (lines) return lines;
	}
	return [];
}

/** The lines of `bytes`, if every one is an instruction and the last ends where they end. */
function chain(bytes: Uint8Array, start: bigint, mode: CodeSize): Line[] | undefined {
	const lines: Line[] = [];
	for (let at = 0; at < bytes.length; ) {
		const line = disassemble1(bytes.subarray(at), start + BigInt(at), mode);
		if (line.text === "(bad)") return undefined;
		lines.push(line);
		at += line.bytes.length;
	}
	return lines.length ? lines : undefined;
}
