// AssemblyScript: the processor's decoder (src/core/decode.ts) and nothing around it. The tables lie at TABLES.

import { decode } from "../../../src/core/decode";

const BYTES: usize = 0x40_0000;
const RECORD: usize = 0x40_0100;

export function bytesAt(): usize {
	return BYTES;
}

export function recordAt(): usize {
	return RECORD;
}

/** Decodes `count` bytes at the start of a page; answers the length. */
export function run(count: u32, mode: u32): u32 {
	return decode(RECORD, BYTES, count, 0, mode);
}
