/**
 * What the code of any instruction is made of when its operands lie in a decoded record: loads of the record's fields
 * and of the state block, calls to core/, exceptions, the budget.
 */
import * as S from "../core/state.ts";
import type { Exception, Value, Width } from "../x86/builder.ts";
import type { Lanes } from "../x86/vector.ts";
import { loadValue, typeOf, WasmValue } from "./values.ts";
import type { WasmVector } from "./vectors.ts";
import type { Body, Callee, Module, OpName, ValueType } from "./wasm.ts";

/** How the code of a variant goes on; the loop's cases and the functions outside it differ only here. */
export interface Exits {
	/** The next record of the block. */
	next(): void;
	/** STATUS_* is on the stack, and is not STATUS_NEXT. */
	status(): void;
	/** To the RIP on the stack, an i64. */
	jump(): void;
	/** To the block that the record's branch leads to; RIP as an i64 is on the stack if it is not linked. */
	branch(target: () => void): void;
}

const VECTORS: Record<Exception, number> = {
	DE: 0,
	DB: 1,
	BP: 3,
	OF: 4,
	BR: 5,
	UD: 6,
	NM: 7,
	SS: 12,
	GP: 13,
};
const WITH_ERROR_CODE = new Set<Exception>(["SS", "GP"]);

export class RecordCode {
	constructor(
		protected readonly module: Module,
		readonly body: Body,
		protected readonly record: number,
		protected readonly exits: Exits,
	) {}

	protected readonly cpu = (): void => this.body.constant("i32", S.CPU);

	protected field(load: OpName, offset: number, width: Width = 32): Value {
		this.body.local("local.get", this.record);
		this.body.memory(load, offset);
		return WasmValue.pop(this.body, width);
	}

	/** The 64-bit state that the record's field points to. */
	protected stateAt(field: number): Value {
		this.body.local("local.get", this.record);
		this.body.memory("i32.load16_u", field);
		this.body.memory("i64.load", 0);
		return WasmValue.pop(this.body, 64);
	}

	protected state32(offset: number): Value {
		this.cpu();
		this.body.memory("i32.load", offset);
		return WasmValue.pop(this.body, 32);
	}

	protected state64(offset: number): Value {
		this.cpu();
		this.body.memory("i64.load", offset);
		return WasmValue.pop(this.body, 64);
	}

	protected loadFrom(address: () => void, offset: number, width: Width): Value {
		address();
		return loadValue(this.body, width, offset);
	}

	/** Leaves the address of the register that the record's field names. */
	protected registerAddress(field: number): void {
		this.body.local("local.get", this.record);
		this.body.memory("i32.load16_u", field);
	}

	/** The register that the record's field names. */
	protected readRegister(field: number, width: Width): Value {
		return this.loadFrom(() => this.registerAddress(field), 0, width);
	}

	protected writeRegister(field: number, width: Width, value: Value): void {
		this.storeRegister(() => this.registerAddress(field), 0, width, value);
	}

	/** A 32-bit result clears the register's upper half; narrower ones leave the rest as it is. */
	protected storeRegister(address: () => void, offset: number, width: Width, value: Value): void {
		if (value.width !== width) throw new Error(`a ${value.width}-bit value for a ${width}-bit register`);
		address();
		((width === 32 ? value.zext(64) : value) as WasmValue).emit();
		this.body.memory(width === 8 ? "i32.store8" : width === 16 ? "i32.store16" : "i64.store", offset);
	}

	/** The block leaves before its end: the instructions that follow were not executed. `i32.sub` takes them again. */
	protected giveBack(operation: "i32.add" | "i32.sub"): void {
		this.cpu();
		this.cpu();
		this.body.memory("i32.load", S.REMAINING);
		this.body.local("local.get", this.record);
		this.body.memory("i32.load16_s", S.REC_LEFT);
		this.body.op(operation);
		this.body.memory("i32.store", S.REMAINING);
	}

	protected exitIf(condition: Value, status: number): void {
		(condition as WasmValue).emit();
		this.body.open("if");
		this.body.constant("i32", status);
		this.exits.status();
		this.body.end();
	}

	protected raise(exception: Exception): void {
		const store = (offset: number, value: number) => {
			this.cpu();
			this.body.constant("i32", value);
			this.body.memory("i32.store", offset);
		};
		store(S.FAULT_VECTOR, VECTORS[exception] + 1);
		store(S.FAULT_ERROR, 0);
		store(S.FAULT_HAS_ERROR, WITH_ERROR_CODE.has(exception) ? 1 : 0);
	}

	protected callCore(
		name: string,
		values: Lanes[],
		results: ValueType[],
		width: Width = results[0] === "i64" ? 64 : 32,
	): Value | undefined {
		this.callWith(name, values, results);
		return results.length ? WasmValue.pop(this.body, width) : undefined;
	}

	/** What the function answers is left on the stack. */
	protected callWith(name: string, operands: Lanes[], results: ValueType[]): void {
		const types = operands.map((operand): ValueType => ("width" in operand ? typeOf(operand.width) : "v128"));
		const parameters: ValueType[] = ["i32", "i32", ...types];
		const callee: Callee = this.module.import("core", name, { parameters, results });
		this.cpu();
		this.body.local("local.get", this.record);
		for (const operand of operands) (operand as WasmValue | WasmVector).emit();
		this.body.call(callee);
	}
}
