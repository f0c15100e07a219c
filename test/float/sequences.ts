// Which float sequences there are, and where the recorded checksum of each chunk lies. sequences.h says what they are.

import { readFileSync } from "node:fs";

/** As in sequences.h, in its order. */
export const FORMATS = [
	"single",
	"double",
	"double extended",
	"4 singles",
	"2 doubles",
	"8 singles",
	"4 doubles",
] as const;
export const OPERATIONS = [
	"add",
	"sub",
	"mul",
	"div",
	"sqrt",
	"fma",
	"compare",
	"compare quietly",
	"convert",
	"convert to the smallest",
	"to i32",
	"to i64",
	"truncate to i32",
	"truncate to i64",
	"to integral",
	"from integer",
	"min",
	"max",
] as const;

export const EXTENDED = 2;
const SINGLES = 3;
const SQRT = 4;
const FMA = 5;
const CONVERT_SMALL = 9;
const TO_I64 = 11;
const TRUNCATE_I64 = 13;
const MIN = 16;
const X87_64_BITS = 8;

/** Operand pairs of a chunk. */
export const CHUNK = 4096;

export interface Sequence {
	format: number;
	operation: number;
	environment: number;
	/** Where its first checksum lies. */
	first: number;
	chunks: number;
}

function exists(format: number, operation: number, environment: number): boolean {
	if (format === EXTENDED) {
		// Only arithmetic looks at the precision; what else there is is the same in all of them.
		if (operation === FMA || operation >= MIN) return false;
		return operation <= SQRT || (environment & 12) === X87_64_BITS;
	}
	if (environment >= 8) return false;
	if (operation === CONVERT_SMALL) return [0, 3, 5].includes(format);
	const toQuadwords = operation === TO_I64 || operation === TRUNCATE_I64;
	return !(toQuadwords && format >= SINGLES);
}

/** A million pairs for each, a quarter of that where every step has several. */
const chunksOf = (format: number): number => (format >= SINGLES ? 64 : 256);

function list(): Sequence[] {
	const found: Sequence[] = [];
	let first = 0;
	for (let format = 0; format < FORMATS.length; format++)
		for (let operation = 0; operation < OPERATIONS.length; operation++)
			for (let environment = 0; environment < 16; environment++) {
				if (!exists(format, operation, environment)) continue;
				const chunks = chunksOf(format);
				found.push({ format, operation, environment, first, chunks });
				first += chunks;
			}
	return found;
}

export const SEQUENCES: readonly Sequence[] = list();

/** One chunk of a sequence: `struct job`. */
export interface Job {
	sequence: Sequence;
	chunk: number;
}

const JOB_BYTES = 16;

/** Jobs as the programs read them. */
export function encodeJobs(jobs: readonly Job[]): Uint8Array {
	const words = jobs.flatMap(({ sequence: { format, operation, environment }, chunk }) => [
		format,
		operation,
		environment,
		chunk,
	]);
	return new Uint8Array(Uint32Array.from(words).buffer, 0, jobs.length * JOB_BYTES);
}

export const chunksOfSequence = (sequence: Sequence): Job[] =>
	Array.from({ length: sequence.chunks }, (_, chunk) => ({ sequence, chunk }));

export const CHECKSUMS = new URL("checksums.bin", import.meta.url);

let recorded: DataView | undefined;

/** What a real processor's results come to. */
export function recordedChecksum({ sequence, chunk }: Job): number {
	if (!recorded) {
		const bytes = readFileSync(CHECKSUMS);
		recorded = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	}
	return recorded.getUint32(4 * (sequence.first + chunk), true);
}

/** "add of single, rounding 1, environment 0, chunk 17", and what to give the recorder. */
export function nameOf({ sequence: { format, operation, environment }, chunk }: Job): string {
	return `${OPERATIONS[operation]} of ${FORMATS[format]}: recorder ${format} ${operation} ${environment} ${chunk}`;
}
