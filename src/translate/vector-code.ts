/** What the interpreter's code of vector instructions is made of: vector registers, controls, calls to core/ with vectors. */
import * as S from "../core/state.ts";
import type { Bit, Value, Width } from "../x86/builder.ts";
import type { Operand, Variant } from "../x86/expand.ts";
import type { Bytes, Doubt, Floats, Lanes, Vector } from "../x86/vector.ts";
import type { Place } from "./place.ts";
import { RecordCode } from "./record-code.ts";
import { typeOf, WasmValue } from "./values.ts";
import {
	controlTable,
	convertedVector,
	type IntegerShape,
	loadVector,
	storeVector,
	WasmVector,
	zeroVector,
} from "./vectors.ts";

const FIELDS: Record<string, number> = {
	V: S.REC_REG,
	H: S.REC_VVVV,
	L: S.REC_IS4,
	W: S.REC_RM,
	U: S.REC_RM,
};
const UPPER = 16;

export class VectorCode extends RecordCode {
	/** Under a VEX prefix the bits above what is written become zero; without one they stay. */
	protected vectorRegister({ encoding }: Variant, { kind, vector }: Operand): Place<Vector> {
		const address = () => {
			this.cpu();
			if (kind === "fixed") return;
			this.body.local("local.get", this.record);
			this.body.memory("i32.load16_u", FIELDS[kind]);
			this.body.op("i32.add");
		};
		const base = kind === "fixed" ? S.VECTORS : 0;
		return {
			memory: false,
			read: (half = 0) => {
				address();
				return loadVector(this.body, 128, base + UPPER * half);
			},
			write: (value, half = 0) => {
				storeVector(address, value, 128, base + UPPER * half);
				if (encoding.vex && vector !== 256) storeVector(address, zeroVector(this.body), 128, base + UPPER);
			},
		};
	}

	/** The exception that a word of the state block names. */
	protected raiseVector(fault: Value): void {
		this.cpu();
		(fault as WasmValue).emit();
		this.body.memory("i32.store", S.FAULT_VECTOR);
		this.cpu();
		this.body.constant("i32", 0);
		this.body.memory("i32.store", S.FAULT_HAS_ERROR);
	}

	get mxcsr(): Value {
		return this.state32(S.MXCSR);
	}

	mxcsrIs(mask: number, bits: number): Bit {
		return this.mxcsr.and(mask).eq(bits);
	}

	/** No closer look: what runs often is compiled. */
	sure(doubts: Doubt[]): Bit {
		const any = doubts.map(({ raised }) => raised.ne(0)).reduce((one, other) => one.or(other));
		return any.isZero();
	}

	readonly isThorough = false;

	amended(): Vector {
		throw new Error("the interpreter amends nothing");
	}

	/** What one execution finds out says nothing of another. */
	knows(): boolean {
		return false;
	}

	learn(): void {}

	converted(shape: Floats, value: Value): Vector {
		return convertedVector(this.body, shape, value);
	}

	vector(bytes: Bytes): Vector {
		return new WasmVector(this.body, bytes);
	}

	splat(shape: IntegerShape, value: Value): Vector {
		return WasmVector.splat(this.body, shape, value);
	}

	control(immediate: Value, bytes: (immediate: number) => Bytes): Vector {
		(immediate.zext(32).shl(4) as WasmValue).emit();
		return loadVector(this.body, 128, controlTable(this.module, bytes));
	}

	either<T extends Lanes>(condition: Value, then: () => T, otherwise: () => T): T {
		(condition as WasmValue).emit();
		// The type of both arms is that of the first.
		this.body.open("if");
		const first = then();
		const type = "width" in first ? typeOf(first.width) : "v128";
		const variable = this.body.variable(type);
		this.#assign(variable, first);
		this.body.else();
		this.#assign(variable, otherwise());
		this.body.end();
		this.body.local("local.get", variable);
		return ("width" in first
			? WasmValue.pop(this.body, first.width)
			: WasmVector.pop(this.body)) as Lanes as T;
	}

	#assign(variable: number, value: Lanes): void {
		(value as WasmValue | WasmVector).emit();
		this.body.local("local.set", variable);
	}

	computeVector(name: string, operands: Lanes[], mayFault = false): Vector {
		this.callWith(name, operands, ["v128"]);
		const result = WasmVector.pop(this.body);
		if (mayFault) this.exitIf(this.state32(S.FAULT_VECTOR), S.STATUS_FAULT);
		return result;
	}

	computeFrom(name: string, width: Width, operands: Lanes[], mayFault = false): Value {
		this.callWith(name, operands, [typeOf(width)]);
		const result = WasmValue.pop(this.body, width);
		if (mayFault) this.exitIf(this.state32(S.FAULT_VECTOR), S.STATUS_FAULT);
		return result;
	}
}
