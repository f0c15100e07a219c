/**
 * String instructions in a region. One that is not repeated is a load or a store like any other; a repeated one is a call of
 * core/, which does all of it where all can be reached directly, or nothing, and then the interpreter does it. It counts as one
 * instruction for each 1,024 iterations (core/strings.ts), however they are done, so what is more than one must be to spare.
 */
import * as S from "../../core/state.ts";
import type { Builder, Value, Width } from "../../x86/builder.ts";
import { WasmValue } from "../values.ts";
import type { HostPlace } from "./accesses.ts";
import { callCore } from "./core-calls.ts";
import type { Instruction } from "./discover.ts";
import type { RegionContext } from "./frame.ts";
import { REMAINING } from "./links.ts";

const RAX = 0;
const RCX = 1;
const RSI = 6;
const RDI = 7;
const CS = 1;
const DIRECTION = 0x400;
/** Instructions; a region has 300 or so with its callees (choose.ts), three times as many where loops take several turns (unroll.ts). */
const MOST_ON_THE_WAY = 1024;

/** One string instruction: where it works, and what it takes. */
class StringFrame {
	/** REC_INFO: prefixes. */
	readonly info: number;
	readonly #mask: bigint;

	constructor(
		readonly b: Builder,
		private readonly context: RegionContext,
		private readonly instruction: Instruction,
	) {
		this.info = context.view.getUint16(instruction.record + S.REC_INFO, true);
		this.#mask = b.long ? -1n : 0xffffffffn;
	}

	/** Whether RSI, RDI and RCX are as wide as the mode's addresses, and both ends are linear addresses as they are. */
	get isPlain(): boolean {
		const { info, context, instruction } = this;
		const isFlat = !(info & S.INFO_SEGMENTED) && (this.b.long || (info & S.INFO_SEGMENT) !== CS);
		return isFlat && context.view.getBigInt64(instruction.record + S.REC_MASK, true) === this.#mask;
	}

	/** RSI, RDI or RCX, cut to the mode's addresses. */
	address(register: number): WasmValue {
		return this.#cut(this.b.register(register, 64) as WasmValue);
	}

	setAddress(register: number, value: Value): void {
		this.context.registers.write(register * 8, 64, this.#cut(value as WasmValue));
	}

	/** It stays what it is known by: see RegionFrame. */
	#cut(address: WasmValue): WasmValue {
		if (this.b.long) return address;
		const cut = address.and(this.b.constant(64, this.#mask)) as WasmValue;
		cut.origin = address.origin;
		return cut;
	}

	at(linear: Value, width: Width, writes: boolean): HostPlace {
		const prepare = () => this.context.bail(this.instruction);
		return this.context.accesses.at(linear as WasmValue, width / 8, writes, 0, 0, prepare);
	}

	/** Calls a function of core/ that reaches memory through the TLB that the region goes through. */
	direct(name: string, values: Value[]): Value {
		const tlb = this.b.constant(32, this.context.mode.tlb);
		return callCore(this.context, name, 32, [tlb, ...values]);
	}

	bailIf(condition: Value): void {
		this.context.bail(this.instruction)(() => (condition as WasmValue).emit());
	}

	directionDown(): Value {
		const { body } = this.context;
		body.local("local.get", 0);
		body.memory("i32.load", S.FLAGS_SYSTEM);
		return WasmValue.pop(body, 32).and(DIRECTION);
	}

	/** Instructions that may run besides those of the region's way to where it asks next. */
	spare(): Value {
		const { body } = this.context;
		body.local("local.get", REMAINING);
		return WasmValue.pop(body, 32).sub(MOST_ON_THE_WAY);
	}

	/** Takes instructions from the budget. */
	charge(instructions: Value): void {
		const { body } = this.context;
		body.local("local.get", REMAINING);
		(instructions as WasmValue).emit();
		body.op("i32.sub");
		body.local("local.set", REMAINING);
	}
}

type Verb = (f: StringFrame, width: Width) => void;

/** One element up, or several. */
function advance(f: StringFrame, register: number, width: Width, count?: Value): void {
	const by = count ? count.shl(Math.log2(width / 8)) : width / 8;
	f.setAddress(register, f.address(register).add(by));
}

const bytes = (f: StringFrame, width: Width) => f.b.constant(32, width / 8);
const element = (f: StringFrame, register: number, width: Width) =>
	f.at(f.address(register), width, false).load(width);

const move: Verb = (f, width) => {
	const value = element(f, RSI, width);
	f.at(f.address(RDI), width, true).store(value);
	advance(f, RSI, width);
	advance(f, RDI, width);
};

const store: Verb = (f, width) => {
	f.at(f.address(RDI), width, true).store(f.b.register(RAX, width));
	advance(f, RDI, width);
};

const load: Verb = (f, width) => {
	f.b.setRegister(RAX, width, element(f, RSI, width));
	advance(f, RSI, width);
};

const scan: Verb = (f, width) => {
	compare(f, f.b.register(RAX, width), element(f, RDI, width));
	advance(f, RDI, width);
};

const compareBoth: Verb = (f, width) => {
	const second = element(f, RDI, width);
	compare(f, element(f, RSI, width), second);
	advance(f, RSI, width);
	advance(f, RDI, width);
};

const compare = (f: StringFrame, a: Value, b: Value) => f.b.flags.subtraction(a.sub(b), a, b);

// --- repeated ---------------------------------------------------------------------------------------------------

/** All of a repeated instruction, which counts as several where it is long. */
function repeat(f: StringFrame, name: string, values: Value[]): void {
	const instructions = f.direct(name, [...values, f.spare()]);
	f.bailIf(instructions.isZero());
	f.charge(instructions.sub(1));
}

const moves: Verb = (f, width) => {
	const count = f.address(RCX);
	repeat(f, "moveDirectly", [f.address(RDI), f.address(RSI), count, bytes(f, width)]);
	advance(f, RSI, width, count);
	advance(f, RDI, width, count);
	f.setAddress(RCX, f.b.constant(64, 0));
};

const stores: Verb = (f, width) => {
	const count = f.address(RCX);
	const value = f.b.register(RAX, 64);
	repeat(f, "storeDirectly", [f.address(RDI), value, count, bytes(f, width)]);
	advance(f, RDI, width, count);
	f.setAddress(RCX, f.b.constant(64, 0));
};

/** How far a repeated comparison goes: at least one iteration. */
function iterations(f: StringFrame, name: string, first: Value, second: Value, width: Width): Value {
	const whileEqual = f.b.constant(32, f.info & S.INFO_REP ? 1 : 0);
	const done = f.direct(name, [first, second, f.address(RCX), bytes(f, width), whileEqual]);
	f.bailIf(done.isZero());
	return done.zext(64);
}

/** The element that was looked at last. */
function last(f: StringFrame, register: number, width: Width, done: Value): Value {
	const at = f.address(register).add(done.sub(1).shl(Math.log2(width / 8)));
	return f.at(at, width, false).load(width);
}

const scans: Verb = (f, width) => {
	const done = iterations(f, "scanDirectly", f.address(RDI), f.b.register(RAX, 64), width);
	compare(f, f.b.register(RAX, width), last(f, RDI, width, done));
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

/**
 * @param name of core/'s function that does the whole instruction
 * @returns whether it is left to the interpreter in any case
 */
export function emitString(
	b: Builder,
	context: RegionContext,
	instruction: Instruction,
	name: string,
): boolean {
	const f = new StringFrame(b, context, instruction);
	const width = name.endsWith("Byte") ? 8 : b.operandSize;
	const [once, repeated] = verbOf(name);
	const verb = f.info & (S.INFO_REP | S.INFO_REPNE) ? repeated : once;
	if (!verb || !f.isPlain) {
		f.bailIf(b.constant(32, 1));
		context.body.op("unreachable");
		return true;
	}
	if (verb === once) f.bailIf(f.directionDown());
	verb(f, width);
	return false;
}
