/**
 * String instructions in a region. One that is not repeated is a load or a store like any other; a repeated one is a call of
 * core/, which does all of it where all can be reached directly, or nothing, and then the interpreter does it. Up to
 * 1,024 iterations are one instruction, however they are done (core/strings.ts), so longer ones are left to the interpreter.
 */
import * as S from "../../core/state.ts";
import type { Builder, Value, Width } from "../../x86/builder.ts";
import type { HostPlace } from "./accesses.ts";

/** What they need besides what semantics see. */
export interface StringFrame extends Builder {
	/** REC_INFO: prefixes. */
	readonly info: number;
	/** Whether RSI, RDI and RCX are as wide as the mode's addresses, and both ends are linear addresses as they are. */
	readonly isPlain: boolean;
	/** RSI, RDI or RCX, cut to the mode's addresses. */
	address(register: number): Value;
	setAddress(register: number, value: Value): void;
	flat(linear: Value, width: Width, writes: boolean): HostPlace;
	/** Calls a function of core/ that reaches memory through the TLB that the region goes through. */
	direct(name: string, values: Value[]): Value;
	bailIf(condition: Value): void;
	directionDown(): Value;
	/** Leaves the region before the instruction, always. */
	bail(): void;
}

const RAX = 0;
const RCX = 1;
const RSI = 6;
const RDI = 7;

type Verb = (f: StringFrame, width: Width) => void;

/** One element up, or several. */
function advance(f: StringFrame, register: number, width: Width, count?: Value): void {
	const by = count ? count.shl(Math.log2(width / 8)) : width / 8;
	f.setAddress(register, f.address(register).add(by));
}

const bytes = (f: StringFrame, width: Width) => f.constant(32, width / 8);
const element = (f: StringFrame, register: number, width: Width) =>
	f.flat(f.address(register), width, false).load(width);

const move: Verb = (f, width) => {
	const value = element(f, RSI, width);
	f.flat(f.address(RDI), width, true).store(value);
	advance(f, RSI, width);
	advance(f, RDI, width);
};

const store: Verb = (f, width) => {
	f.flat(f.address(RDI), width, true).store(f.register(RAX, width));
	advance(f, RDI, width);
};

const load: Verb = (f, width) => {
	f.setRegister(RAX, width, element(f, RSI, width));
	advance(f, RSI, width);
};

const scan: Verb = (f, width) => {
	compare(f, f.register(RAX, width), element(f, RDI, width));
	advance(f, RDI, width);
};

const compareBoth: Verb = (f, width) => {
	const second = element(f, RDI, width);
	compare(f, element(f, RSI, width), second);
	advance(f, RSI, width);
	advance(f, RDI, width);
};

const compare = (f: StringFrame, a: Value, b: Value) => f.flags.subtraction(a.sub(b), a, b);

// --- repeated ---------------------------------------------------------------------------------------------------

const moves: Verb = (f, width) => {
	const count = f.address(RCX);
	f.bailIf(f.direct("moveDirectly", [f.address(RDI), f.address(RSI), count, bytes(f, width)]).isZero());
	advance(f, RSI, width, count);
	advance(f, RDI, width, count);
	f.setAddress(RCX, f.constant(64, 0));
};

const stores: Verb = (f, width) => {
	const count = f.address(RCX);
	const value = f.register(RAX, 64);
	f.bailIf(f.direct("storeDirectly", [f.address(RDI), value, count, bytes(f, width)]).isZero());
	advance(f, RDI, width, count);
	f.setAddress(RCX, f.constant(64, 0));
};

/** How far a repeated comparison goes: at least one iteration. */
function iterations(f: StringFrame, name: string, first: Value, second: Value, width: Width): Value {
	const whileEqual = f.constant(32, f.info & S.INFO_REP ? 1 : 0);
	const done = f.direct(name, [first, second, f.address(RCX), bytes(f, width), whileEqual]);
	f.bailIf(done.isZero());
	return done.zext(64);
}

/** The element that was looked at last. */
function last(f: StringFrame, register: number, width: Width, done: Value): Value {
	const at = f.address(register).add(done.sub(1).shl(Math.log2(width / 8)));
	return f.flat(at, width, false).load(width);
}

const scans: Verb = (f, width) => {
	const done = iterations(f, "scanDirectly", f.address(RDI), f.register(RAX, 64), width);
	compare(f, f.register(RAX, width), last(f, RDI, width, done));
	finish(f, width, done, [RDI]);
};

const comparisons: Verb = (f, width) => {
	const done = iterations(f, "compareDirectly", f.address(RSI), f.address(RDI), width);
	const second = last(f, RDI, width, done);
	compare(f, last(f, RSI, width, done), second);
	finish(f, width, done, [RSI, RDI]);
};

function finish(f: StringFrame, width: Width, done: Value, indices: number[]): void {
	for (const index of indices) advance(f, index, width, done);
	f.setAddress(RCX, f.address(RCX).sub(done));
}

/** By core/'s functions: once, and repeated. */
const VERBS: Record<string, [once: Verb, repeated: Verb | undefined]> = {
	moveString: [move, moves],
	storeString: [store, stores],
	loadString: [load, undefined],
	scanString: [scan, scans],
	compareString: [compareBoth, comparisons],
};

const verbOf = (name: string) => VERBS[name.replace(/Byte$/, "")];

export const isString = (name: string): boolean => verbOf(name) !== undefined;

/** @param name of core/'s function that does the whole instruction */
export function emitString(f: StringFrame, name: string): void {
	const width = name.endsWith("Byte") ? 8 : f.operandSize;
	const [once, repeated] = verbOf(name);
	const verb = f.info & (S.INFO_REP | S.INFO_REPNE) ? repeated : once;
	if (!verb || !f.isPlain) {
		f.bail();
		return;
	}
	if (verb === once) f.bailIf(f.directionDown());
	verb(f, width);
}
