/**
 * A variant's stencil: the interpreter's reading of it, with holes where a record's fields are loaded. What the interpreter would call
 * core/ for (a TLB miss, an exception) leaves the draft before the instruction, and the interpreter executes it.
 */
import * as S from "../../core/state.ts";
import * as T from "../../core/stencil.ts";
import type { Bit, Exception, Value, Width } from "../../x86/builder.ts";
import type { Variant } from "../../x86/expand.ts";
import { InterpreterFrame } from "../frame.ts";
import type { Exits } from "../record-code.ts";
import { isCall, isReturn } from "../region/discover.ts";
import { WasmValue } from "../values.ts";
import type { Module, OpName, Stencil, Temp, ValueType } from "../wasm.ts";
import { DraftBody } from "./body.ts";
import { DraftFlags, NotDrafted } from "./flags.ts";
import { importPure } from "./imports.ts";

export interface DraftedVariant {
	/** STENCIL_*, END_*, and the KIND_* and width that STENCIL_KIND has. */
	properties: number;
	end: number;
	kind: number;
	effects: Effects;
	stencil: Stencil;
}

/** What the drafter must know of an instruction to find accesses that lie together: the header's last fields. */
export interface Effects {
	access: number;
	changes: number;
	registers: number;
	stack: number;
}

const REGISTER_HOLES: Record<number, number> = { [S.REC_RM]: T.HOLE_RM, [S.REC_REG]: T.HOLE_REG };
const IMMEDIATE_HOLES: Record<number, number> = {
	8: T.HOLE_IMMEDIATE8,
	16: T.HOLE_IMMEDIATE16,
	32: T.HOLE_IMMEDIATE32,
	64: T.HOLE_IMMEDIATE64,
};
const LOADS: Record<number, OpName> = {
	8: "i32.load8_s",
	16: "i32.load16_s",
	32: "i32.load",
	64: "i64.load",
};
const TEMPORARIES: ValueType[] = ["i32", "i64"];
/** A local that is there before the stencil. */
const ADDRESS: Temp = { type: "i64", uses: 0, index: T.LOCAL_ADDRESS, last: -1 };

/**
 * @param leavesFlags whether the arithmetic flags that it sets go to the state block
 * @param inGroup its one access to memory is known to be possible, and where
 * @throws NotDrafted
 */
export function draftVariant(
	module: Module,
	variant: Variant,
	leavesFlags: boolean,
	inGroup = false,
): DraftedVariant {
	const body = new DraftBody();
	const flags = new DraftFlags(body, leavesFlags);
	const frame = new DraftFrame(module, body, variant, flags, inGroup);
	const stencil = frame.draft();
	const { end, effects } = frame;
	return { properties: frame.properties | flags.properties, end, kind: flags.kind, effects, stencil };
}

/** @param first which of the temporaries of each type are its own from on */
export const stencilOf = (body: DraftBody, first = 0): Stencil =>
	body.stencil((type, nth) => T.LOCAL_TEMPORARIES + 2 * (first + nth) + TEMPORARIES.indexOf(type));

const unlike = (what: string) => () => {
	throw new NotDrafted(what);
};
const EXITS: Exits = {
	next() {},
	// RIP stays on the stack.
	jump() {},
	status: unlike("it ends by a status"),
	branch: unlike("it branches by a link"),
};

/** The host address of an access in a group. */
class HostAddress extends WasmValue {
	override emit(): void {
		(this.body as DraftBody).host();
	}
}

class DraftFrame extends InterpreterFrame {
	properties = 0;
	end: number = T.END_NEXT;
	readonly effects: Effects = { access: 0, changes: 0, registers: 0, stack: 0 };
	/** Accesses to memory. */
	#accesses = 0;
	/** ACCESS_* of the access that a PUSH or a POP is about to make. */
	#atStack = 0;

	constructor(
		module: Module,
		private readonly draftBody: DraftBody,
		variant: Variant,
		private readonly draftFlags: DraftFlags,
		private readonly inGroup: boolean,
	) {
		super(module, draftBody, -1, variant, EXITS, draftFlags);
	}

	draft(): Stencil {
		const { options, operands, encoding, long } = this.variant;
		if (long === false || options.only === "legacy") throw new NotDrafted("another mode's");
		if (encoding.vex || options.vector || operands.some(({ vector }) => vector))
			throw new NotDrafted("a vector instruction");
		if (operands.some(({ kind }) => "SCDOAPQN".includes(kind))) throw new NotDrafted("its operands");
		this.emit();
		if (this.#accesses > 1) this.effects.access = 0;
		if (this.inGroup && !this.effects.access) throw new NotDrafted("not one access");
		if (options.ends && this.end === T.END_NEXT) this.end = endOf(this.variant);
		return stencilOf(this.draftBody);
	}

	// --- a record's fields ----------------------------------------------------------------------------------

	protected override field(_load: OpName, offset: number, width: Width = 32): Value {
		if (offset !== S.REC_IMMEDIATE) throw new NotDrafted(`field ${offset}`);
		this.body.constantHole(width === 64 ? "i64" : "i32", IMMEDIATE_HOLES[width]);
		return WasmValue.pop(this.body, width);
	}

	protected override stateAt(field: number): Value {
		throw new NotDrafted(`field ${field}`);
	}

	protected override readRegister(field: number, width: Width): Value {
		this.cpu();
		this.body.memoryHole(LOADS[width], REGISTER_HOLES[field]);
		return WasmValue.pop(this.body, width);
	}

	protected override writeRegister(field: number, width: Width, value: Value): void {
		this.effects.changes |= field === S.REC_RM ? T.CHANGES_RM : T.CHANGES_REG;
		this.#writeWhole((access) => this.body.memoryHole(access, REGISTER_HOLES[field]), width, value);
	}

	override setRegister(number: number, width: Width, value: Value): void {
		if (width === 8 && number === 4) throw new NotDrafted("it writes AH");
		if (!this.#atStack) this.effects.registers |= 1 << number;
		this.#writeWhole((access) => this.body.memory(access, number * 8), width, value);
	}

	/** All 64 bits are stored: a host that loads more than it has just stored must wait until that has reached its cache. */
	#writeWhole(access: (name: OpName) => void, width: Width, value: Value): void {
		const old = () => {
			this.cpu();
			access("i64.load");
			return WasmValue.pop(this.body, 64);
		};
		const kept = width < 32 ? old().and(this.constant(64, -(2n ** BigInt(width)))) : undefined;
		const written = (kept ? kept.or(value.zext(64)) : value.zext(64)) as WasmValue;
		this.cpu();
		written.emit();
		access("i64.store");
	}

	/** Worked out before, by what copies the stencil. */
	protected override offset(): WasmValue {
		this.properties |= T.STENCIL_OFFSET;
		return new WasmValue(this.body, 64, ADDRESS);
	}

	protected override inSegment(offset: Value): WasmValue {
		this.properties &= ~T.STENCIL_OFFSET;
		if (!this.inGroup) this.properties |= T.STENCIL_LINEAR;
		return offset as WasmValue;
	}

	override next(): Value {
		this.body.local("local.get", T.LOCAL_PAGE);
		this.body.constantHole("i64", T.HOLE_NEXT);
		this.body.op("i64.add");
		return WasmValue.pop(this.body, 64);
	}

	// --- memory ---------------------------------------------------------------------------------------------

	/** As in a region (region/accesses.ts): tag and address differ by the offset in the page, which must leave room. */
	protected override pointer(linear: WasmValue, size: number, access: string): WasmValue {
		const { body } = this;
		this.#accesses++;
		this.effects.access = size | this.#atStack | (access.includes("w") ? T.ACCESS_WRITES : 0);
		if (this.inGroup) return new HostAddress(body, 32, ADDRESS);
		const entry = linear
			.zext(32)
			.shr(12 - Math.log2(S.TLB_ENTRY))
			.and((S.TLB_ENTRIES - 1) * S.TLB_ENTRY) as WasmValue;
		this.#goOnIf(() => {
			entry.emit();
			body.memoryHole("i64.load", access.includes("w") ? T.HOLE_TLB_WRITE : T.HOLE_TLB_READ);
			linear.emit();
			body.op("i64.xor");
			body.constant("i64", 4096 - size);
			body.op("i64.le_u");
		});
		(linear.zext(32) as WasmValue).emit();
		entry.emit();
		body.memoryHole("i32.load", T.HOLE_TLB_ADDEND);
		body.op("i32.add");
		return WasmValue.pop(body, 32);
	}

	/** What is written is always memory here. */
	protected override written(): void {}

	/** The instruction is the interpreter's unless the i32 that `condition` emits is not zero. */
	#goOnIf(condition: () => void): void {
		if (this.draftFlags.isConditional) throw new NotDrafted("it may fault on one of its ways only");
		this.properties |= T.STENCIL_BAILS;
		condition();
		this.body.hole(T.HOLE_UNLESS_BAIL);
		this.draftBody.endStatement();
	}

	// --- what semantics see ---------------------------------------------------------------------------------

	override fault(): void {
		throw new NotDrafted("it always faults");
	}

	override faultIf(condition: Bit, _exception: Exception): void {
		this.#goOnIf(() => (condition.isZero() as WasmValue).emit());
	}

	override if(condition: Bit, then: () => void, otherwise?: () => void): void {
		this.draftFlags.conditionally(() => super.if(condition, then, otherwise));
	}

	override branch(condition?: Bit): void {
		if (condition) (condition as WasmValue).emit();
		this.end = isCall(this.variant) ? T.END_CALL : condition ? T.END_BRANCH : T.END_JUMP;
		this.left = true;
	}

	override push(value: Value): void {
		this.#onStack(T.ACCESS_BELOW_STACK, -value.width / 8, () => super.push(value));
	}

	override pop(width: Width, check?: (value: Value) => void): Value {
		let value: Value | undefined;
		this.#onStack(T.ACCESS_AT_STACK, width / 8, () => {
			value = super.pop(width, check);
		});
		return value!;
	}

	#onStack(where: number, change: number, act: () => void): void {
		this.#atStack = where;
		act();
		this.#atStack = 0;
		this.effects.stack += change;
	}

	override leave(): void {
		if (this.operandSize !== 64) throw new NotDrafted("a 16-bit LEAVE");
		const frame = this.register(5, 64) as WasmValue;
		const pointer = this.pointer(frame, 8, "r");
		const saved = this.loadFrom(() => pointer.emit(), 0, 64);
		this.setRegister(4, 64, frame.add(8));
		this.setRegister(5, 64, saved);
	}

	override usually(unusual: () => Bit): boolean {
		this.#goOnIf(() => (unusual().isZero() as WasmValue).emit());
		return true;
	}

	override coreWith(name: string): void {
		throw new NotDrafted(`core/'s ${name}`);
	}

	override compute(name: string, width: Width, values: Value[]): Value {
		const callee = importPure(name);
		if (!callee) throw new NotDrafted(`core/'s ${name}`);
		this.cpu();
		this.body.constant("i32", S.NO_RECORD);
		for (const value of values) (value as WasmValue).emit();
		this.body.call(callee);
		return WasmValue.pop(this.body, width);
	}
}

function endOf(variant: Variant): number {
	if (isReturn(variant)) return T.END_RETURN;
	return isCall(variant) ? T.END_CALL_INDIRECT : T.END_INDIRECT;
}
