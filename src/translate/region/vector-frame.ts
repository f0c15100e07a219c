/** The compiler's reading of vector instructions: what semantics of theirs see, beside what all do (frame.ts). */
import * as S from "../../core/state.ts";
import type { Bit, Value, Width } from "../../x86/builder.ts";
import type { Operand } from "../../x86/expand.ts";
import type { Bytes, Doubt, Fact, Floats, Lanes, Vector } from "../../x86/vector.ts";
import type { Place } from "../place.ts";
import { typeOf, WasmValue } from "../values.ts";
import { convertedVector, type IntegerShape, WasmVector, zeroVector } from "../vectors.ts";
import type { ValueType } from "../wasm.ts";
import { PURE_VECTORS } from "./core-calls.ts";
import type { Instruction } from "./discover.ts";
import type { RegionContext } from "./frame.ts";
import { Inexpressible } from "./source.ts";
import type { Condition, RegionVectors } from "./vectors.ts";

const FIELDS: Record<string, number> = {
	V: S.REC_REG,
	H: S.REC_VVVV,
	L: S.REC_IS4,
	W: S.REC_RM,
	U: S.REC_RM,
};

export abstract class VectorFrame {
	readonly length: 128 | 256;
	readonly isVex: boolean;
	half?: number;

	constructor(
		protected readonly context: RegionContext,
		protected readonly instruction: Instruction,
	) {
		const { length, encoding } = instruction.variant!;
		this.length = length;
		this.isVex = encoding.vex !== undefined;
	}

	protected inexpressible(what: string): Inexpressible {
		return new Inexpressible(this.instruction, what);
	}

	protected get vectors(): RegionVectors {
		return this.context.registers.vectors;
	}

	/** Leaves the region where the extension is off; the interpreter raises what is due. */
	protected checkExtension(): void {
		const { operands, options, encoding, long } = this.instruction.variant!;
		const vector = options.vector || operands.some((operand) => operand.vector);
		if (!vector && (!encoding.vex || long)) return;
		const word = !vector ? S.VEX_FAULT : encoding.vex ? S.AVX_FAULT : S.SSE_FAULT;
		this.require({ word, mask: -1, bits: 0 });
	}

	/** Leaves the region unless the condition holds, which nothing can change while regions run. */
	protected require(condition: Condition): void {
		this.vectors.require(condition, () => this.context.bail(this.instruction));
	}

	// --- operands -------------------------------------------------------------------------------------------

	protected vectorRegister({ kind, vector }: Operand): Place<Vector> {
		const at = kind === "fixed" ? S.VECTORS : this.#register(FIELDS[kind]);
		const register = (at - S.VECTORS) / S.VECTOR_SIZE;
		const clears = this.isVex && vector !== 256;
		return {
			memory: false,
			read: (half = 0) => this.vectors.read(register, half),
			write: (value, half = 0) => {
				this.vectors.write(register, half, value, this.isVex);
				if (clears) this.vectors.write(register, 1, zeroVector(this.context.body), true);
			},
		};
	}

	/** While it is tried whether the instruction can be expressed, records hold nothing. */
	#register(field: number): number {
		return Math.max(this.context.view.getUint16(this.instruction.record + field, true), S.VECTORS);
	}

	/** A 16-byte operand must be aligned, without a VEX prefix; else the interpreter raises #GP. */
	protected checkAlignment(linear: WasmValue, size: number): void {
		const { options, encoding } = this.instruction.variant!;
		if (size < 16 || !(options.aligned ?? !encoding.vex)) return;
		const { origin } = linear;
		if (size === 16 && origin && this.vectors.isAligned(origin.root, origin.delta)) return;
		const misplaced = linear.zext(32).and(size - 1) as WasmValue;
		this.context.bail(this.instruction)(() => misplaced.emit());
	}

	// --- what semantics see ---------------------------------------------------------------------------------

	get mxcsr(): Value {
		const { body } = this.context;
		body.local("local.get", 0);
		body.memory("i32.load", S.MXCSR);
		return WasmValue.pop(body, 32);
	}

	mxcsrIs(mask: number, bits: number): Bit {
		this.require({ word: S.MXCSR, mask, bits });
		return this.#one();
	}

	sure(doubts: Doubt[]): Bit {
		const { body } = this.context;
		for (const { raised, settled } of doubts) {
			const leave = this.context.bail(this.instruction);
			if (!settled) {
				leave(() => (raised as WasmValue).emit());
				continue;
			}
			(raised as WasmValue).emit();
			body.open("if");
			const unsettled = settled().isZero() as WasmValue;
			leave(() => unsettled.emit());
			body.end();
		}
		return this.#one();
	}

	readonly isThorough = true;

	amended(unusual: Value, result: Vector, amend: () => Vector): Vector {
		const { body, flags } = this.context;
		const variable = body.variable("v128");
		(result as WasmVector).emit();
		body.local("local.set", variable);
		// What leaves inside wants the flags written down; they must be on either way.
		flags.write();
		(unusual as WasmValue).emit();
		body.open("if");
		const before = this.vectors.known;
		(amend() as WasmVector).emit();
		body.local("local.set", variable);
		this.vectors.known = before;
		body.end();
		body.local("local.get", variable);
		const amended = WasmVector.pop(body);
		amended.identity = (result as WasmVector).identity;
		return amended;
	}

	#one(): Bit {
		return WasmValue.constant(this.context.body, 32, 1);
	}

	knows(vector: Vector, fact: Fact): boolean {
		return this.vectors.knows(vector, fact);
	}

	learn(vector: Vector, fact: Fact): void {
		this.vectors.learn(vector, fact);
	}

	vector(bytes: Bytes): Vector {
		return new WasmVector(this.context.body, bytes);
	}

	splat(shape: IntegerShape, value: Value): Vector {
		return WasmVector.splat(this.context.body, shape, value);
	}

	converted(shape: Floats, value: Value): Vector {
		return convertedVector(this.context.body, shape, value);
	}

	control(immediate: Value, bytes: (immediate: number) => Bytes): Vector {
		return this.vector(bytes(Number(immediate.known! & 0xffn)));
	}

	/** What is left to the interpreter has left by now. */
	either<T extends Lanes>(condition: Value, then: () => T, otherwise: () => T): T {
		if (condition.known === undefined) throw this.inexpressible("one of two computations");
		return condition.known ? then() : otherwise();
	}

	computeVector(name: string, operands: Lanes[]): Vector {
		if (!PURE_VECTORS.has(name)) throw this.inexpressible(name);
		const { body, module } = this.context;
		const types = operands.map((operand): ValueType => ("width" in operand ? typeOf(operand.width) : "v128"));
		const callee = module.import("core", name, { parameters: ["i32", "i32", ...types], results: ["v128"] });
		body.local("local.get", 0);
		body.constant("i32", 0);
		for (const operand of operands) (operand as WasmValue | WasmVector).emit();
		body.call(callee);
		return WasmVector.pop(body);
	}

	computeFrom(name: string, _width: Width, _operands: Lanes[]): Value {
		throw this.inexpressible(name);
	}

	coreWith(name: string): void {
		if (name !== "zeroUpper") throw this.inexpressible(name);
		this.vectors.zeroUpper(this.context.mode.size === 64 ? 16 : 8);
	}
}
