/**
 * The interpreter's reading of a variant: operands lie behind the fields of a decoded record, and the
 * frame (fetch, run, write back) is written here once for all instructions.
 */
import * as S from "../core/state.ts";
import type { Bit, Exception, Value, Width } from "../x86/builder.ts";
import type { Operand, Variant } from "../x86/expand.ts";
import type { Lanes, Vector, VectorBuilder } from "../x86/vector.ts";
import { LazyFlags } from "./flags.ts";
import { extentOf, inOrder, nowhere, type Place, readOnly } from "./place.ts";
import type { Exits } from "./record-code.ts";
import { storeValue, typeOf, WasmValue } from "./values.ts";
import { VectorCode } from "./vector-code.ts";
import { loadVector, storeVector } from "./vectors.ts";
import type { Body, Module } from "./wasm.ts";

export class InterpreterFrame extends VectorCode implements VectorBuilder {
	readonly flags: LazyFlags;
	readonly width: Width;
	readonly operandSize: Width;
	readonly long: boolean;
	readonly opcode: number;
	readonly length: 128 | 256;
	readonly isVex: boolean;
	/** Host addresses of memory that is written and may be the bounce buffer. */
	#written: { pointer: WasmValue; size: number }[] = [];
	/** Answers of pushValue: nonzero where the push met code or a device. */
	#pushed: WasmValue[] = [];
	/** Values that go to a register only where a condition holds. */
	readonly #kept = new Map<Value, Bit>();
	/** A branch, jump, fault or core call has said how it goes on. */
	protected left = false;

	constructor(
		module: Module,
		body: Body,
		record: number,
		protected readonly variant: Variant,
		exits: Exits,
		flags?: LazyFlags,
	) {
		super(module, body, record, exits);
		this.flags = flags ?? new LazyFlags(body, this.cpu);
		this.width = variant.operands[0]?.width ?? variant.operandSize;
		this.operandSize = variant.operandSize;
		this.long = variant.long ?? false;
		this.opcode = variant.opcode;
		this.length = variant.length;
		this.isVex = variant.encoding.vex !== undefined;
	}

	/** Emits the whole variant. */
	emit(): void {
		const { operands, options } = this.variant;
		this.#checkExtension();
		if (options.privileged) this.faultIf(this.state32(S.CPL).ne(0), "GP");
		if (options.check) this.compute(options.check, 32, [], true);
		const places = operands.map((operand) => this.#place(operand));
		inOrder(this.variant, places, this);
		this.#finish();
	}

	/** #UD or #NM where the extension is off (SDM 2A, "Exceptions Type 1" and the others). */
	#checkExtension(): void {
		const { operands, options, encoding, long } = this.variant;
		if (options.vector || operands.some(({ vector }) => vector)) {
			const fault = this.state32(encoding.vex ? S.AVX_FAULT : S.SSE_FAULT);
			this.if(fault, () => {
				this.raiseVector(fault);
				this.body.constant("i32", S.STATUS_FAULT);
				this.exits.status();
			});
		} else if (encoding.vex && !long) this.faultIf(this.state32(S.VEX_FAULT), "UD");
	}

	#finish(): void {
		if (this.left) return;
		this.#flush(() => {
			this.body.constant("i32", S.STATUS_LEAVE);
			this.exits.status();
		});
		if (this.variant.options.ends) {
			this.body.constant("i32", S.STATUS_LEAVE);
			this.exits.status();
		} else this.exits.next();
	}

	/** Memory is going to be written, or the bounce buffer in its place. */
	protected written(pointer: WasmValue, size: number): void {
		this.#written.push({ pointer, size });
	}

	/** Writes that went to the bounce buffer reach their page or device now. */
	#flush(after?: () => void): void {
		for (const { pointer } of this.#written) {
			(pointer.eq(S.BOUNCE) as WasmValue).emit();
			this.body.open("if");
			this.callCore("flushBounce", [], []);
			after?.();
			this.body.end();
		}
		if (after)
			for (const pushed of this.#pushed) {
				pushed.emit();
				this.body.open("if");
				after();
				this.body.end();
			}
		this.#written = [];
	}

	// --- operands ---------------------------------------------------------------------------------

	#place(operand: Operand): Place<Lanes> {
		const { width, kind } = operand;
		const memory = this.variant.form === "memory" && "EMWQ".includes(kind);
		if (operand.access === "-") return nowhere;
		if (operand.access === "n") return readOnly(() => this.field("i32.load16_u", S.REC_REG));
		if (operand.access === "e") return readOnly(() => this.offset());
		if (operand.access === "a" || operand.access === "m")
			return readOnly(() => this.#linear(extentOf(operand, this.operandSize), operand.access === "m"));
		if (operand.vector)
			return memory ? this.#vectorMemory(operand) : this.vectorRegister(this.variant, operand);
		if (memory || kind === "O") return this.#memoryPlace(operand);
		if (kind === "I") return readOnly(() => this.#immediate(width));
		if (kind === "S") return readOnly(() => this.#selector());
		if (kind === "fixed") return this.#fixedPlace(operand);
		if ("PQN".includes(kind)) return this.#mediaPlace(kind === "P" ? S.REC_REG : S.REC_RM, width);
		return this.#registerPlace(kind === "G" ? S.REC_REG : kind === "B" ? S.REC_VVVV : S.REC_RM, width);
	}

	#immediate(width: Width): Value {
		return this.field(
			width === 64 ? "i64.load" : width === 32 ? "i32.load" : width === 16 ? "i32.load16_s" : "i32.load8_s",
			S.REC_IMMEDIATE,
			width,
		);
	}

	#selector(): Value {
		const number = this.field("i32.load16_u", S.REC_REG);
		this.faultIf(this.constant(32, 5).ltU(number), "UD");
		this.cpu();
		(number.mul(S.SEGMENT_SIZE) as WasmValue).emit();
		this.body.op("i32.add");
		this.body.memory("i32.load16_s", S.SEGMENTS + S.SEG_SELECTOR);
		return WasmValue.pop(this.body, 16);
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
		return {
			memory: false,
			read: () => this.readRegister(field, width),
			write: (value) => {
				const store = () => this.writeRegister(field, width, value);
				const condition = this.#kept.get(value);
				if (condition) this.if(condition, store);
				else store();
			},
		};
	}

	/** An MMX register: writing it sets the exponent of the x87 register beneath to ones. */
	#mediaPlace(field: number, width: Width): Place {
		const address = () => this.registerAddress(field);
		return {
			memory: false,
			read: () => this.loadFrom(address, 0, width),
			write: (value) => {
				this.storeRegister(address, 0, 64, value);
				address();
				this.body.constant("i32", 0xffff);
				this.body.memory("i32.store16", 8);
			},
		};
	}

	#memoryPlace({ width, access, kind }: Operand): Place {
		const size = width / 8;
		const writes = access.includes("w");
		const pointer = this.pointer(
			kind === "O" ? this.#offsetLinear(size, writes) : this.#linear(size, writes),
			size,
			access,
		);
		if (writes) this.written(pointer, size);
		return {
			memory: true,
			read: () => this.loadFrom(() => pointer.emit(), 0, width),
			write: (value) => storeValue(pointer, value),
		};
	}

	/** A 16-byte operand must be aligned, without a VEX prefix (SDM 1, "Memory Operands ... Alignment"). */
	#vectorMemory({ vector, access }: Operand): Place<Vector> {
		const { options, encoding } = this.variant;
		const bits = vector!;
		const size = bits / 8;
		const writes = access.includes("w");
		const linear = this.#linear(size, writes);
		if (size >= 16 && (options.aligned ?? !encoding.vex)) this.faultIf(linear.zext(32).and(size - 1), "GP");
		const pointer = this.pointer(linear, size, access);
		if (writes) this.written(pointer, size);
		return {
			memory: true,
			read: (half = 0) => {
				pointer.emit();
				return loadVector(this.body, bits, 16 * half);
			},
			write: (value, half = 0) => storeVector(() => pointer.emit(), value, bits, 16 * half),
		};
	}

	// --- addresses ----------------------------------------------------------------------------------

	/** base + (index << scale) + displacement, cut to the address size. */
	protected offset(): WasmValue {
		const base = this.stateAt(S.REC_BASE);
		const index = this.stateAt(S.REC_INDEX).shl(this.field("i32.load8_u", S.REC_SCALE));
		const sum = base.add(index).add(this.field("i64.load", S.REC_DISPLACEMENT, 64));
		return sum.and(this.field("i64.load", S.REC_MASK, 64)) as WasmValue;
	}

	#linear(size: number, writes = false): WasmValue {
		return this.inSegment(this.offset(), size, writes);
	}

	#offsetLinear(size: number, writes: boolean): WasmValue {
		return this.inSegment(this.field("i64.load", S.REC_IMMEDIATE, 64), size, writes);
	}

	/** The linear address; `segment` answers one that no TLB entry has where the segment forbids the access. */
	protected inSegment(offset: Value, size: number, writes: boolean): WasmValue {
		(this.field("i32.load16_u", S.REC_INFO).and(S.INFO_SEGMENTED) as WasmValue).emit();
		this.body.openIf("i64");
		const access = this.constant(32, size | (writes ? 0x10000 : 0));
		(this.callCore("segmented", [offset, access], ["i64"]) as WasmValue).emit();
		this.body.else();
		(offset as WasmValue).emit();
		this.body.end();
		return WasmValue.pop(this.body, 64);
	}

	/** The host address of `size` bytes at a linear address: a TLB probe, or core/'s slow path. */
	protected pointer(
		linear: WasmValue,
		size: number,
		access: Operand["access"],
		slow = slowPath(access),
	): WasmValue {
		const writes = access.includes("w");
		const entry = linear
			.shr(12 - Math.log2(S.TLB_ENTRY))
			.zext(32)
			.and((S.TLB_ENTRIES - 1) * S.TLB_ENTRY)
			.add(this.state32(S.TLB_BASE)) as WasmValue;
		// The last byte's page is compared with the first byte's entry, so a crossing misses too.
		const page = linear.add(size - 1).and(~4095) as WasmValue;
		entry.emit();
		this.body.memory("i64.load", writes ? S.TLB_WRITE : S.TLB_READ);
		page.emit();
		this.body.op("i64.eq");
		this.body.openIf("i32");
		(linear.zext(32) as WasmValue).emit();
		entry.emit();
		this.body.memory("i32.load", S.TLB_ADDEND);
		this.body.op("i32.add");
		this.body.else();
		const found = this.callCore(slow, [linear, this.constant(32, size)], ["i32"]) as WasmValue;
		this.exitIf(found.isZero(), S.STATUS_FAULT);
		found.emit();
		this.body.end();
		return WasmValue.pop(this.body, 32);
	}

	// --- what semantics see ---------------------------------------------------------------------------

	constant(width: Width, value: number | bigint): Value {
		return WasmValue.constant(this.body, width, value);
	}

	register(number: number, width: Width): Value {
		return this.loadFrom(this.cpu, S.REGISTERS + number * 8, width);
	}

	setRegister(number: number, width: Width, value: Value): void {
		// 4 as an 8-bit register is AH here: LAHF is the only one that asks.
		const offset = width === 8 && number === 4 ? S.RAX + 1 : S.REGISTERS + number * 8;
		this.storeRegister(this.cpu, offset, width, value);
	}

	select(condition: Bit, whenTrue: Value, whenFalse: Value): Value {
		for (const value of [whenTrue, whenFalse, condition]) (value as WasmValue).emit();
		this.body.op("select");
		return WasmValue.pop(this.body, whenTrue.width);
	}

	orKeep(condition: Bit, value: Value, old: Value): Value {
		const chosen = this.select(condition, value, old);
		this.#kept.set(chosen, condition);
		return chosen;
	}

	if(condition: Bit, then: () => void, otherwise?: () => void): void {
		(condition as WasmValue).emit();
		this.body.open("if");
		then();
		if (otherwise) {
			this.body.else();
			otherwise();
		}
		this.body.end();
	}

	fault(exception: Exception): void {
		this.raise(exception);
		this.body.constant("i32", S.STATUS_FAULT);
		this.exits.status();
		this.left = true;
	}

	faultIf(condition: Bit, exception: Exception): void {
		this.if(condition, () => {
			this.raise(exception);
			this.body.constant("i32", S.STATUS_FAULT);
			this.exits.status();
		});
	}

	next(): Value {
		return this.state64(S.PAGE_BASE).add(this.field("i32.load16_u", S.REC_NEXT).zext(64));
	}

	branch(condition?: Bit): void {
		const target = () => {
			const rip = this.#branchTarget();
			this.#checkLimit(rip, condition !== undefined);
			rip.emit();
		};
		// What a CALL pushed may lie over the code that its link leads to.
		this.#flush(() => {
			target();
			this.exits.jump();
		});
		if (condition) {
			this.if(condition, () => {
				this.giveBack("i32.add");
				this.exits.branch(target);
			});
			this.exits.next();
		} else this.exits.branch(target);
		this.left = true;
	}

	jump(target: Value): void {
		this.#flush();
		(this.#cutToOperandSize(target.zext(64)) as WasmValue).emit();
		this.exits.jump();
		this.left = true;
	}

	checkTarget(target?: Value): void {
		if (!this.long)
			this.#checkLimit(
				target ? (this.#cutToOperandSize(target.zext(64)) as WasmValue) : this.#branchTarget(),
			);
		else if (target) {
			const shift = this.state32(S.CANONICAL_SHIFT);
			this.faultIf(target.shl(shift).sar(shift).ne(target), "GP");
		}
	}

	#branchTarget(): WasmValue {
		const rip = this.state64(S.PAGE_BASE).add(this.field("i64.load", S.REC_IMMEDIATE, 64));
		return this.#cutToOperandSize(rip) as WasmValue;
	}

	/** #GP(0) for a target beyond the code segment's limit. @param given the block's rest was given back already */
	#checkLimit(rip: WasmValue, given = false): void {
		if (this.long) return;
		this.if(this.state32(S.CS + S.SEG_LIMIT).ltU(rip.zext(32)), () => {
			if (given) this.giveBack("i32.sub");
			this.raise("GP");
			this.body.constant("i32", S.STATUS_FAULT);
			this.exits.status();
		});
	}

	push(value: Value): void {
		if (!this.long) {
			const pushed = this.callCore(
				"pushValue",
				[value.zext(32), this.constant(32, value.width / 8)],
				["i32"],
			) as WasmValue;
			this.exitIf(pushed.sub(1).isZero(), S.STATUS_FAULT);
			this.#pushed.push(pushed);
			return;
		}
		const size = value.width / 8;
		const top = this.register(4, 64).add(-size) as WasmValue;
		const pointer = this.pointer(top, size, "w", "pushSlow");
		pointer.emit();
		(value as WasmValue).emit();
		this.body.memory(size === 8 ? "i64.store" : "i32.store16", 0);
		this.setRegister(4, 64, top);
		this.written(pointer, size);
	}

	pop(width: Width, check?: (value: Value) => void): Value {
		if (!this.long && check) {
			const value = this.compute("peekValue", 32, [this.constant(32, width / 8)], true).zext(width);
			check(value);
			this.compute("releaseStack", 32, [this.constant(32, width / 8)]);
			return value;
		}
		if (!this.long) {
			return this.compute("popValue", 32, [this.constant(32, width / 8)], true).zext(width);
		}
		const top = this.register(4, 64) as WasmValue;
		const pointer = this.pointer(top, width / 8, "r", "popSlow");
		const value = this.loadFrom(() => pointer.emit(), 0, width);
		check?.(value);
		this.setRegister(4, 64, top.add(width / 8));
		return value;
	}

	leave(): void {
		this.core("leave");
	}

	usually(_: () => Bit, name: string, ...values: Value[]): boolean {
		this.core(name, ...values);
		return false;
	}

	core(name: string, ...values: Value[]): void {
		this.coreWith(name, values);
	}

	coreWith(name: string, values: Lanes[]): void {
		// Whatever it touches must know which instruction it is, and what time.
		this.cpu();
		this.body.local("local.get", this.record);
		this.body.memory("i32.store", S.RECORD);
		const status = this.callCore(name, values, ["i32"]) as WasmValue;
		if (this.variant.options.ends) {
			status.emit();
			this.exits.status();
		} else {
			status.emit();
			this.body.open("if");
			status.emit();
			this.exits.status();
			this.body.end();
			this.exits.next();
		}
		this.left = true;
	}

	compute(name: string, width: Width, values: Value[], mayFault = false): Value {
		const value = this.callCore(name, values, [typeOf(width)], width) as WasmValue;
		if (mayFault) this.exitIf(this.state32(S.FAULT_VECTOR), S.STATUS_FAULT);
		return value;
	}

	#cutToOperandSize(rip: Value): Value {
		if (this.operandSize === 64) return rip;
		return rip.zext(this.operandSize).zext(64);
	}
}

/** core/'s answer to a probe that missed. */
function slowPath(access: Operand["access"]): string {
	if (!access.includes("w")) return "readSlow";
	return access === "rw" ? "updateSlow" : "writeSlow";
}
