/** The disassembler: what the rows say, read backwards. */
import { type CodeSize, decode } from "./decode.ts";
import { format, type NameAddress } from "./format.ts";

export type { CodeSize } from "./decode.ts";
export type { NameAddress } from "./format.ts";

export interface Line {
	address: bigint;
	bytes: Uint8Array;
	/** "(bad)" for a byte that begins no instruction. */
	text: string;
}

/** The instruction at the start of `bytes`. Where there is none the line has one byte. */
export function disassemble1(bytes: Uint8Array, address: bigint, mode: CodeSize, name?: NameAddress): Line {
	const instruction = decode(bytes, mode);
	if (!instruction) return { address, bytes: bytes.subarray(0, 1), text: "(bad)" };
	return { address, bytes: bytes.subarray(0, instruction.length), text: format(instruction, address, name) };
}

/** Every instruction of `bytes`, one behind the other. */
export function* disassemble(
	bytes: Uint8Array,
	address: bigint,
	mode: CodeSize,
	name?: NameAddress,
): Generator<Line> {
	for (let at = 0; at < bytes.length; ) {
		const line = disassemble1(bytes.subarray(at), address + BigInt(at), mode, name);
		yield line;
		at += line.bytes.length;
	}
}
