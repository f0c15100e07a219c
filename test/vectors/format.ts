/**
 * A vector file: a gzip of a JSON header and of columns of outputs (README.md has the layout).
 *
 * One column holds one field of every state, so that what rarely changes costs nothing after
 * compression. Everything is relative to the input: flags as the bits that changed, registers only
 * where they changed, memory as runs of changed bytes.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import {
	drawState,
	emptyState,
	GENERAL,
	hashState,
	type Mode,
	Random,
	type State,
	selectorsOf,
	type Variant,
	WORLDS,
} from "./states.ts";

/** One encoding: its variants differ in registers, addressing forms and immediates. */
export interface Case {
	/** The instruction in SDM notation, operand size and kind: "ADD Ev, Gv 64 mem". */
	name: string;
	mode: Mode;
	seed: number;
	variants: Variant[];
	/** States drawn for each variant. */
	states: number;
}

export interface Header {
	format: 1;
	processor: string;
	cases: Case[];
	/** Hash of all inputs, see `hashState`. */
	inputs: number;
	/** Name and length of each column, in order. */
	columns: [name: string, length: number][];
}

/** Bytes that changed in the data pages: offset from their start. */
export interface Run {
	offset: number;
	bytes: Uint8Array;
}

export interface Exception {
	vector: number;
	errorCode: number;
	/** Page faults only, else 0. */
	cr2: bigint;
}

export interface Output {
	/** Bit n: general register n changed, to the value in `values[n]` (32 bits outside 64-bit mode). */
	changed: number;
	values: BigUint64Array;
	flags: number;
	/** Status flags that the SDM leaves undefined here; with RESULT_UNDEFINED, registers and memory too. */
	undefinedBits: number;
	rip: bigint;
	/** CS SS DS ES after. */
	selectors: Uint16Array;
	memory: Run[];
	exception?: Exception;
}

/** Bit 15 is no flag that vectors compare. */
export const RESULT_UNDEFINED = 0x8000;

const COLUMNS = [
	"outcome",
	"flags0",
	"flags1",
	"flags2",
	"undefined0",
	"undefined1",
	"changed0",
	"changed1",
	"values",
	"rip",
	"selectors",
	"runs",
	"offsets",
	"lengths",
	"bytes",
	"vector",
	"error",
	"cr2",
] as const;
type Column = (typeof COLUMNS)[number];

const FELL_THROUGH = 0;
const ELSEWHERE = 1;
const FAULTED = 2;
const SELECTORS_CHANGED = 4;

class Writer {
	#bytes: number[] = [];
	put(value: number): void {
		this.#bytes.push(value & 0xff);
	}
	put16(value: number): void {
		this.put(value);
		this.put(value >> 8);
	}
	putBig(value: bigint, size: number): void {
		for (let i = 0; i < size; i++) this.put(Number((value >> BigInt(8 * i)) & 0xffn));
	}
	take(): Uint8Array {
		return Uint8Array.from(this.#bytes);
	}
}

class Reader {
	#view: DataView;
	#at = 0;
	constructor(bytes: Uint8Array) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
	get(): number {
		return this.#view.getUint8(this.#at++);
	}
	get16(): number {
		return this.get() | (this.get() << 8);
	}
	get32(): bigint {
		this.#at += 4;
		return BigInt(this.#view.getUint32(this.#at - 4, true));
	}
	get64(): bigint {
		this.#at += 8;
		return this.#view.getBigUint64(this.#at - 8, true);
	}
	slice(length: number): Uint8Array {
		this.#at += length;
		return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at - length, length);
	}
}

const columnsOf = <T>(make: (name: Column) => T) =>
	Object.fromEntries(COLUMNS.map((name) => [name, make(name)])) as Record<Column, T>;

/** Collects outputs in the order of their states. */
export class VectorWriter {
	#columns = columnsOf(() => new Writer());

	add(input: State, variant: Variant, mode: Mode, output: Output): void {
		const c = this.#columns;
		const start = BigInt(WORLDS[variant.world].code);
		const next = start + BigInt(variant.code.length / 2);
		const normal = output.exception ? start : next;
		const selectorsIn = selectorsOf(variant, mode);
		const selectorsChanged = output.selectors.some((selector, i) => selector !== selectorsIn[i]);
		c.outcome.put(
			(output.exception ? FAULTED : FELL_THROUGH) |
				(output.rip === normal ? 0 : ELSEWHERE) |
				(selectorsChanged ? SELECTORS_CHANGED : 0),
		);
		if (output.rip !== normal) c.rip.putBig(output.rip, 8);
		if (selectorsChanged) for (const selector of output.selectors) c.selectors.put16(selector);
		const flags = output.flags ^ input.flags;
		c.flags0.put(flags);
		c.flags1.put(flags >> 8);
		c.flags2.put(flags >> 16);
		c.undefined0.put(output.undefinedBits);
		c.undefined1.put(output.undefinedBits >> 8);
		c.changed0.put(output.changed);
		c.changed1.put(output.changed >> 8);
		for (let n = 0; n < GENERAL; n++)
			if (output.changed & (1 << n)) c.values.putBig(output.values[n], mode === 64 ? 8 : 4);
		c.runs.put(output.memory.length);
		for (const run of output.memory) {
			c.offsets.put16(run.offset);
			c.lengths.put(run.bytes.length);
			for (const byte of run.bytes) c.bytes.put(byte);
		}
		if (output.exception) {
			c.vector.put(output.exception.vector);
			c.error.putBig(BigInt(output.exception.errorCode), 4);
			if (output.exception.vector === 14) c.cr2.putBig(output.exception.cr2, 8);
		}
	}

	/** The whole file. */
	finish(processor: string, cases: Case[]): Uint8Array {
		const columns = COLUMNS.map((name) => this.#columns[name].take());
		const header: Header = {
			format: 1,
			processor,
			cases,
			inputs: hashInputs(cases),
			columns: columns.map((bytes, i) => [COLUMNS[i], bytes.length]),
		};
		const json = new TextEncoder().encode(JSON.stringify(header));
		const length = new Uint8Array(4);
		new DataView(length.buffer).setUint32(0, json.length, true);
		return gzipSync(Buffer.concat([length, json, ...columns]), { level: 9 });
	}
}

function hashInputs(cases: Case[]): number {
	let hash = 0x811c9dc5;
	for (const { input } of states(cases)) hash = hashState(hash, input);
	return hash;
}

/** Every state of the cases in file order. The state object is reused. */
export function* states(cases: Case[]): Generator<{ of: Case; variant: Variant; input: State }> {
	const input = emptyState();
	for (const of of cases) {
		const random = new Random(of.seed);
		for (const variant of of.variants) {
			for (let i = 0; i < of.states; i++) {
				drawState(random, variant, input);
				yield { of, variant, input };
			}
		}
	}
}

/** A file's vectors: `next` must be called once for every state of `cases`, in the order of `states`. */
export class VectorFile {
	readonly header: Header;
	#columns: Record<Column, Reader>;
	readonly #output: Output = {
		changed: 0,
		values: new BigUint64Array(GENERAL),
		flags: 0,
		undefinedBits: 0,
		rip: 0n,
		selectors: new Uint16Array(4),
		memory: [],
	};

	/** @throws where the inputs drawn now are not those that were recorded */
	constructor(file: Uint8Array) {
		const bytes = gunzipSync(file);
		const length = bytes.readUInt32LE(0);
		this.header = JSON.parse(bytes.toString("utf8", 4, 4 + length)) as Header;
		let at = 4 + length;
		const found = new Map<string, Reader>();
		for (const [name, size] of this.header.columns) {
			found.set(name, new Reader(bytes.subarray(at, at + size)));
			at += size;
		}
		this.#columns = columnsOf((name) => found.get(name)!);
		if (hashInputs(this.header.cases) !== this.header.inputs)
			throw new Error("test/vectors/states.ts no longer draws the inputs that were recorded");
	}

	/** The output recorded for the next state. The object is reused. */
	next(input: State, variant: Variant, mode: Mode): Output {
		const c = this.#columns;
		const out = this.#output;
		const outcome = c.outcome.get();
		const start = WORLDS[variant.world].code;
		const normal = outcome & FAULTED ? start : start + variant.code.length / 2;
		out.rip = outcome & ELSEWHERE ? c.rip.get64() : BigInt(normal);
		const selectorsIn = selectorsOf(variant, mode);
		for (let i = 0; i < 4; i++)
			out.selectors[i] = outcome & SELECTORS_CHANGED ? c.selectors.get16() : selectorsIn[i];
		out.flags = input.flags ^ (c.flags0.get() | (c.flags1.get() << 8) | (c.flags2.get() << 16));
		out.undefinedBits = c.undefined0.get() | (c.undefined1.get() << 8);
		out.changed = c.changed0.get() | (c.changed1.get() << 8);
		for (let n = 0; n < GENERAL; n++)
			if (out.changed & (1 << n)) out.values[n] = mode === 64 ? c.values.get64() : c.values.get32();
		out.memory = Array.from({ length: c.runs.get() }, () => ({
			offset: c.offsets.get16(),
			bytes: c.bytes.slice(c.lengths.get()),
		}));
		out.exception = undefined;
		if (outcome & FAULTED) {
			const vector = c.vector.get();
			const errorCode = Number(c.error.get32());
			out.exception = { vector, errorCode, cr2: vector === 14 ? c.cr2.get64() : 0n };
		}
		return out;
	}
}
