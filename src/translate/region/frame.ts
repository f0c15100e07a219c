/** The compiler's reading of a variant: operands are known, registers are the region's locals. */
import * as S from "../../core/state.ts";
import type { Bit, Builder, Exception, Value, Width } from "../../x86/builder.ts";
import type { Operand, Variant } from "../../x86/expand.ts";
import { inOrder, nowhere, type Place, readOnly } from "../place.ts";
import { loadValue, storeValue, typeOf, WasmValue } from "../values.ts";
import type { Body, Module } from "../wasm.ts";
import type { Instruction } from "./discover.ts";
import type { RegionFlags } from "./flags.ts";
import type { RegionRegisters } from "./registers.ts";

/** Functions of core/ that compute from their arguments alone. */
export const PURE = new Set([
	"multiplyHighSigned",
	"multiplyHighUnsigned",
	"rotateCarryLeft",
	"rotateCarryLeftCarry",
	"rotateCarryRight",
	"rotateCarryRightCarry",
	"shiftDoubleLeft",
	"shiftDoubleLeftCarry",
	"shiftDoubleRight",
	"shiftDoubleRightCarry",
	"swapBytes",
]);

/** What the region gives its instructions. */
export interface RegionContext {
	module: Module;
	body: Body;
	view: DataView;
	registers: RegionRegisters;
	flags: RegionFlags;
	/** Local with RIP of the page's first byte; local with the TLB's address. */
	pageBase: number;
	tlb: number;
	/** The instruction must be interpreted: leaves the region before it. */
	bail(instruction: Instruction): void;
	/** Goes to the RIP on the stack, the instruction done: out of the region, or through a call and back. */
	leave(instruction: Instruction): void;
	/** Goes on at the relative branch's target, when the condition on the stack holds if there is one. */
	branch(instruction: Instruction, conditional: boolean): void;
}

/** What an instruction asks for that a region does not express. */
class Inexpressible extends Error {}

const bytesOf = (width: Width): number => width / 8;

export class RegionFrame implements Builder {
	readonly width: Width;
	readonly operandSize: Width;
	readonly long = true;
	readonly opcode: number;
	readonly flags: RegionFlags;
	readonly #body: Body;
	readonly #variant: Variant;
	#done = false;

	constructor(
		private readonly context: RegionContext,
		private readonly instruction: Instruction,
	) {
		this.#variant = instruction.variant!;
		this.#body = context.body;
		this.flags = context.flags;
		this.width = this.#variant.operands[0]?.width ?? this.#variant.operandSize;
		this.operandSize = this.#variant.operandSize;
		this.opcode = this.#variant.opcode;
	}

	/** Emits it. True where control does not reach the next instruction. */
	emit(): boolean {
		const places = this.#variant.operands.map((operand) => this.#place(operand));
		inOrder(this.#variant, places, this);
		return this.#done;
	}

	#place(operand: Operand): Place {
		const { width, kind, access } = operand;
		const memory = this.#variant.form === "memory" && "EM".includes(kind);
		if (access === "-") return nowhere;
		if (access === "e") return readOnly(() => this.#offset());
		if (access === "a") return readOnly(() => this.#offset());
		if (memory) return this.#memoryPlace(operand);
		if (kind === "I") return readOnly(() => this.#immediate(width));
		if (kind === "fixed") return this.#fixedPlace(operand);
		if ("GERZ".includes(kind)) return this.#registerPlace(kind === "G" ? S.REC_REG : S.REC_RM, width);
		throw new Inexpressible(operand.notation);
	}

	#u16(field: number): number {
		return this.context.view.getUint16(this.instruction.record + field, true);
	}

	#i64(field: number): bigint {
		return this.context.view.getBigInt64(this.instruction.record + field, true);
	}

	#immediate(width: Width): Value {
		return this.constant(width, this.#i64(S.REC_IMMEDIATE));
	}

	#fixedPlace({ register, width }: Operand): Place {
		if (register < 0) return readOnly(() => this.constant(width, 1));
		return {
			memory: false,
			read: () => this.register(register, width),
			write: (value) => this.setRegister(register, width, value),
		};
	}

	#registerPlace(field: number, width: Width): Place {
		const at = this.#u16(field);
		const { registers } = this.context;
		return {
			memory: false,
			read: () => registers.read(at, width),
			write: (value) => registers.write(at, width, value),
		};
	}

	#memoryPlace({ width, access }: Operand): Place {
		const writes = access.includes("w");
		const pointer = this.#pointer(this.#offset(), bytesOf(width), writes);
		return {
			memory: true,
			read: () => this.#load(pointer, width),
			write: (value) => storeValue(pointer, value),
		};
	}

	#offset(): WasmValue {
		const { registers, pageBase } = this.context;
		const base = this.#u16(S.REC_BASE);
		const index = this.#u16(S.REC_INDEX);
		const displacement = this.#i64(S.REC_DISPLACEMENT);
		let sum: Value | undefined;
		const plus = (value: Value) => {
			sum = sum ? sum.add(value) : value;
		};
		if (base === S.PAGE_BASE) plus(this.#local(pageBase));
		else if (base !== S.ZERO) plus(registers.read(base, 64));
		if (index !== S.ZERO)
			plus(registers.read(index, 64).shl(this.context.view.getUint8(this.instruction.record + S.REC_SCALE)));
		if (displacement !== 0n || !sum) plus(this.constant(64, displacement));
		const mask = this.#i64(S.REC_MASK);
		return (mask === -1n ? sum! : sum!.and(this.constant(64, mask))) as WasmValue;
	}

	#local(index: number): Value {
		this.#body.local("local.get", index);
		return WasmValue.pop(this.#body, 64);
	}

	/** A TLB probe; what misses is the interpreter's. */
	#pointer(linear: WasmValue, size: number, writes: boolean): WasmValue {
		const body = this.#body;
		body.local("local.get", this.context.tlb);
		const tlb = WasmValue.pop(body, 32);
		const entry = linear
			.shr(12 - Math.log2(S.TLB_ENTRY))
			.zext(32)
			.and((S.TLB_ENTRIES - 1) * S.TLB_ENTRY)
			.add(tlb) as WasmValue;
		const page = (size === 1 ? linear : linear.add(size - 1)).and(~4095) as WasmValue;
		entry.emit();
		body.memory("i64.load", writes ? S.TLB_WRITE : S.TLB_READ);
		page.emit();
		body.op("i64.ne");
		body.open("if");
		this.context.bail(this.instruction);
		body.end();
		(linear.zext(32) as WasmValue).emit();
		entry.emit();
		body.memory("i32.load", S.TLB_ADDEND);
		body.op("i32.add");
		return WasmValue.pop(body, 32);
	}

	#load(pointer: WasmValue, width: Width): Value {
		pointer.emit();
		return loadValue(this.#body, width);
	}

	// --- what semantics see --------------------------------------------------------------------------------

	constant(width: Width, value: number | bigint): Value {
		return WasmValue.constant(this.#body, width, value);
	}

	register(number: number, width: Width): Value {
		return this.context.registers.read(number * 8, width);
	}

	setRegister(number: number, width: Width, value: Value): void {
		this.context.registers.write(width === 8 && number === 4 ? 1 : number * 8, width, value);
	}

	select(condition: Bit, whenTrue: Value, whenFalse: Value): Value {
		for (const value of [whenTrue, whenFalse, condition]) (value as WasmValue).emit();
		this.#body.op("select");
		return WasmValue.pop(this.#body, whenTrue.width);
	}

	if(condition: Bit, then: () => void, otherwise?: () => void): void {
		const known = (condition as WasmValue).known;
		if (known !== undefined) {
			if (known) then();
			else otherwise?.();
			return;
		}
		(condition as WasmValue).emit();
		this.#body.open("if");
		then();
		if (otherwise) {
			this.flags.forget();
			this.#body.else();
			otherwise();
		}
		this.#body.end();
		this.flags.forget();
	}

	fault(_exception: Exception): void {
		this.context.bail(this.instruction);
		this.#done = true;
	}

	faultIf(condition: Bit, _exception: Exception): void {
		(condition as WasmValue).emit();
		this.#body.open("if");
		this.context.bail(this.instruction);
		this.#body.end();
	}

	next(): Value {
		return this.#local(this.context.pageBase).add(this.instruction.next);
	}

	branch(condition?: Bit): void {
		if (condition) (condition as WasmValue).emit();
		this.context.branch(this.instruction, condition !== undefined);
		this.#done = true;
	}

	jump(target: Value): void {
		(target as WasmValue).emit();
		this.context.leave(this.instruction);
		this.#done = true;
	}

	orKeep(): Value {
		throw new Inexpressible("a destination that may be kept");
	}

	/** A relative branch stays in the page or goes to one that is looked up, where it is checked. */
	checkTarget(target?: Value): void {
		if (target) this.faultIf(target.shl(16).sar(16).ne(target), "GP");
	}

	push(value: Value): void {
		const size = bytesOf(value.width);
		const top = this.register(4, 64).sub(size) as WasmValue;
		const pointer = this.#pointer(top, size, true);
		storeValue(pointer, value);
		this.setRegister(4, 64, top);
	}

	pop(width: Width, check?: (value: Value) => void): Value {
		const top = this.register(4, 64) as WasmValue;
		const pointer = this.#pointer(top, bytesOf(width), false);
		const value = this.#load(pointer, width);
		check?.(value);
		this.setRegister(4, 64, top.add(bytesOf(width)));
		return value;
	}

	core(name: string): void {
		throw new Inexpressible(name);
	}

	compute(name: string, width: Width, values: Value[]): Value {
		if (!PURE.has(name)) throw new Inexpressible(name);
		const parameters = ["i32" as const, "i32" as const, ...values.map((value) => typeOf(value.width))];
		const callee = this.context.module.import("core", name, { parameters, results: [typeOf(width)] });
		this.#body.local("local.get", 0);
		this.#body.constant("i32", 0);
		for (const value of values) (value as WasmValue).emit();
		this.#body.call(callee);
		return WasmValue.pop(this.#body, width);
	}
}
