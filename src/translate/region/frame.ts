/** The compiler's reading of a variant: operands are known, registers are the region's locals. */
import * as S from "../../core/state.ts";
import type { Bit, Exception, Value, Width } from "../../x86/builder.ts";
import type { Operand, Variant } from "../../x86/expand.ts";
import type { Lanes, Vector, VectorBuilder } from "../../x86/vector.ts";
import { extentOf, inOrder, nowhere, type Place, readOnly } from "../place.ts";
import { WasmValue } from "../values.ts";
import type { Body, Module } from "../wasm.ts";
import type { Accesses, HostPlace, LeaveIf } from "./accesses.ts";
import { callCore, PURE, STATE_ONLY } from "./core-calls.ts";
import type { Instruction } from "./discover.ts";
import type { RegionFlags } from "./flags.ts";
import { REGISTER_COUNT, type RegionRegisters } from "./registers.ts";
import type { RegionSegments } from "./segments.ts";
import { emitString, isString } from "./strings.ts";
import { VectorFrame } from "./vector-frame.ts";
import type { Condition } from "./vectors.ts";
import { CONDITIONS, callX87, isX87, WAIT, WAITED } from "./x87.ts";

/** What PUSHF never shows: RF and VM (SDM 2B, "PUSHF"). */
const HIDDEN_FLAGS = 0x30000;

/** What a region is compiled for: facts that hold wherever its code runs. */
export interface RegionMode {
	/** Of the code segment. */
	size: 16 | 32 | 64;
	/** Which TLB its accesses go through: its address. */
	tlb: number;
	/** SS has no base and no limit. */
	flatStack: boolean;
	/** PUSH and POP count in RSP, ESP or SP. */
	stackWidth: 16 | 32 | 64;
}

/** What the region gives its instructions. */
export interface RegionContext {
	module: Module;
	body: Body;
	view: DataView;
	mode: RegionMode;
	registers: RegionRegisters;
	flags: RegionFlags;
	segments: RegionSegments;
	accesses: Accesses;
	/** Local with RIP of the page's first byte. */
	pageBase: number;
	/** The instruction may have to be interpreted: answers what leaves the region before it where a condition holds. */
	bail(instruction: Instruction): LeaveIf;
	/** Goes to the RIP on the stack, the instruction done: out of the region, or through a call and back. */
	leave(instruction: Instruction): void;
	/** Leaves the region before a relative branch to where the code segment does not reach. */
	checkBranch(instruction: Instruction): void;
	/** Goes on at the relative branch's target, when the condition on the stack holds if there is one. */
	branch(instruction: Instruction, conditional: boolean): void;
}

/** A comparison's flags are looked at; what it reads itself counts as if it had a register. */
const isComparison = ({ name }: Variant): boolean => name.startsWith("CMP ") || name.startsWith("TEST ");
const ITSELF = 1 << 16;

const bytesOf = (width: Width): number => width / 8;

export class RegionFrame extends VectorFrame implements VectorBuilder {
	readonly width: Width;
	readonly operandSize: Width;
	readonly long: boolean;
	readonly opcode: number;
	readonly flags: RegionFlags;
	readonly #body: Body;
	readonly #variant: Variant;
	#done = false;
	/** Values that go to a register only where a condition holds. */
	#kept?: Map<Value, Bit>;

	constructor(context: RegionContext, instruction: Instruction) {
		super(context, instruction);
		this.#variant = instruction.variant!;
		this.#body = context.body;
		this.flags = context.flags;
		this.width = this.#variant.operands[0]?.width ?? this.#variant.operandSize;
		this.operandSize = this.#variant.operandSize;
		this.long = context.mode.size === 64;
		this.opcode = this.#variant.opcode;
	}

	/** Emits it. True where control does not reach the next instruction. */
	emit(): boolean {
		const { privileged, check } = this.#variant.options;
		if (check) this.#requireAll(CONDITIONS[check]);
		if (privileged) this.#bailOutsideRing0();
		this.checkExtension();
		if (isComparison(this.#variant)) this.context.accesses.compared(this.#registers() | ITSELF);
		const places = this.#variant.operands.map((operand) => this.#place(operand));
		inOrder(this.#variant, places, this);
		return this.#done;
	}

	#requireAll(conditions: readonly Condition[] | undefined): void {
		if (!conditions) throw this.inexpressible("what is looked at before it runs");
		for (const condition of conditions) this.require(condition);
	}

	#place(operand: Operand): Place<Lanes> {
		const { width, kind, access } = operand;
		const memory = this.#variant.form === "memory" && "EMW".includes(kind);
		if (access === "-") return nowhere;
		if (operand.vector) return memory ? this.#vectorMemory(operand) : this.vectorRegister(operand);
		if (access === "e") return readOnly(() => this.#offset());
		if (CONDITIONS[this.#variant.options.check ?? ""] && "am".includes(access))
			return readOnly(() => this.#reachable(operand));
		if (access === "a" && this.long) return readOnly(() => this.#linear(1, false));
		if (memory || kind === "O") return this.#memoryPlace(operand);
		if (kind === "I") return readOnly(() => this.#immediate(width));
		if (kind === "fixed") return this.#fixedPlace(operand);
		if (kind === "B" && !this.long) throw this.inexpressible("a prefix that legacy modes may not know");
		if ("GERZB".includes(kind))
			return this.#registerPlace(kind === "G" ? S.REC_REG : kind === "B" ? S.REC_VVVV : S.REC_RM, width);
		throw this.inexpressible(operand.notation);
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
			write: (value) => {
				const condition = this.#kept?.get(value);
				if (condition) this.if(condition, () => registers.write(at, width, value));
				else registers.write(at, width, value);
			},
		};
	}

	#memoryPlace({ width, access, kind }: Operand): Place {
		const writes = access.includes("w");
		const size = bytesOf(width);
		const linear =
			kind === "O" ? this.#inSegment(this.#immediate(64), size, writes) : this.#linear(size, writes);
		const into = isComparison(this.#variant) ? ITSELF : this.#registers();
		const host = this.#host(linear, size, writes, this.#made(), into);
		return {
			memory: true,
			read: () => {
				const value = host.load(width);
				value.loaded = true;
				return value;
			},
			write: (value) => host.store(value),
		};
	}

	#vectorMemory({ vector, access }: Operand): Place<Vector> {
		const bits = vector!;
		const writes = access.includes("w");
		const linear = this.#linear(bits / 8, writes);
		this.checkAlignment(linear, bits / 8);
		const host = this.#host(linear, bits / 8, writes);
		return {
			memory: true,
			read: (half = 0) => host.loadVector(bits, 16 * half),
			write: (value, half = 0) => host.storeVector(value, bits, 16 * half),
		};
	}

	/** base + (index << scale) + displacement, cut to the address size. */
	#offset(): WasmValue {
		const { registers, pageBase, view } = this.context;
		const base = this.#u16(S.REC_BASE);
		const index = this.#u16(S.REC_INDEX);
		const displacement = this.#i64(S.REC_DISPLACEMENT);
		let sum: Value | undefined;
		const plus = (value: Value) => {
			sum = sum ? sum.add(value) : value;
		};
		if (base === S.PAGE_BASE) plus(this.#pageBase(pageBase));
		else if (base !== S.ZERO) plus(registers.read(base, 64));
		if (index !== S.ZERO)
			plus(registers.read(index, 64).shl(view.getUint8(this.instruction.record + S.REC_SCALE)));
		if (displacement !== 0n || !sum) plus(this.constant(64, displacement));
		return this.#cut(sum as WasmValue, this.#i64(S.REC_MASK));
	}

	#pageBase(local: number): Value {
		const value = this.#local(local) as WasmValue;
		value.origin = { root: "page", delta: 0 };
		return value;
	}

	/**
	 * An address cut to 32 bits stays what it is known by where all addresses are: two of them then differ by
	 * the same number modulo 2^32, which is enough inside a page.
	 */
	#cut(sum: WasmValue, mask: bigint): WasmValue {
		if (mask === -1n) return sum;
		const cut = sum.and(this.constant(64, mask)) as WasmValue;
		if (!this.long && mask === 0xffffffffn) cut.origin = sum.origin;
		return cut;
	}

	#local(index: number): Value {
		this.#body.local("local.get", index);
		return WasmValue.pop(this.#body, 64);
	}

	#linear(size: number, writes: boolean): WasmValue {
		return this.#inSegment(this.#offset(), size, writes);
	}

	#inSegment(offset: Value, size: number, writes: boolean): WasmValue {
		const info = this.#u16(S.REC_INFO);
		if (!(info & S.INFO_SEGMENTED)) return offset as WasmValue;
		return this.#within(info & S.INFO_SEGMENT, offset as WasmValue, size, writes);
	}

	/** The linear address of an offset in a segment; the interpreter's where the segment's limit is in question. */
	#within(segment: number, offset: WasmValue, size: number, writes: boolean): WasmValue {
		const { segments } = this.context;
		if (this.long) return segments.base(segment).add(offset) as WasmValue;
		const beyond = segments.top(segment, writes).ltU(offset.add(size)) as WasmValue;
		this.context.bail(this.instruction)(() => beyond.emit());
		return this.#cut(segments.base(segment).add(offset) as WasmValue, 0xffffffffn);
	}

	/** The address of memory that core/ reads or writes: what cannot be reached directly bails. */
	#reachable(operand: Operand): WasmValue {
		const writes = operand.access === "m";
		const size = extentOf(operand, this.operandSize);
		const linear = this.#linear(size, writes);
		this.#host(linear, size, writes);
		return linear;
	}

	#host(linear: WasmValue, size: number, writes: boolean, made = 0, into = 0): HostPlace {
		const bail = () => this.context.bail(this.instruction);
		return this.context.accesses.at(linear, size, writes, made, into, bail);
	}

	/** The registers among its operands, a bit each. */
	#registers(): number {
		const { operands, form } = this.#variant;
		return operands.reduce((mask, { kind }) => {
			if (kind === "G") return mask | (1 << (this.#u16(S.REC_REG) >> 3));
			return kind === "E" && form === "register" ? mask | (1 << (this.#u16(S.REC_RM) >> 3)) : mask;
		}, 0);
	}

	/** The registers that the address is made of, a bit each. */
	#made(): number {
		const places = [this.#u16(S.REC_BASE), this.#u16(S.REC_INDEX)];
		return places.reduce((mask, at) => (at < 8 * REGISTER_COUNT ? mask | (1 << (at >> 3)) : mask), 0);
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
		// Whichever way is taken, the locals hold the flags in the end.
		const { flags, registers } = this.context;
		flags.write();
		const before = flags.known;
		const registersBefore = otherwise && registers.known;
		(condition as WasmValue).emit();
		this.#body.open("if");
		registers.conditionally(true);
		then();
		flags.write();
		if (otherwise) {
			flags.known = before;
			if (registersBefore) registers.known = registersBefore;
			this.#body.else();
			otherwise();
			flags.write();
		}
		registers.conditionally(false);
		this.#body.end();
		flags.forget();
		registers.forget();
	}

	fault(_exception: Exception): void {
		this.bail();
	}

	faultIf(condition: Bit, _exception: Exception): void {
		this.bailIf(condition);
	}

	bail(): void {
		this.context.bail(this.instruction)(() => this.#body.constant("i32", 1));
		this.#body.op("unreachable");
		this.#done = true;
	}

	bailIf(condition: Bit): void {
		this.context.bail(this.instruction)(() => (condition as WasmValue).emit());
	}

	/** Outside 64-bit mode the page lies inside the code segment, which the region has checked. */
	next(): Value {
		return this.#local(this.context.pageBase).add(this.instruction.next);
	}

	branch(condition?: Bit): void {
		if (condition) (condition as WasmValue).emit();
		this.context.branch(this.instruction, condition !== undefined);
		this.#done = true;
	}

	jump(target: Value): void {
		(target.zext(64) as WasmValue).emit();
		this.context.leave(this.instruction);
		this.#done = true;
	}

	orKeep(condition: Bit, value: Value, old: Value): Value {
		const chosen = this.select(condition, value, old);
		// A register that is not written keeps its upper half, which a 32-bit write clears.
		if (this.long && value.width === 32) {
			this.#kept ??= new Map();
			this.#kept.set(chosen, condition);
		}
		return chosen;
	}

	checkTarget(target?: Value): void {
		if (!target) {
			this.context.checkBranch(this.instruction);
			return;
		}
		if (this.long) this.faultIf(target.shl(16).sar(16).ne(target), "GP");
		else this.faultIf(this.#limit().ltU(target.zext(32)), "GP");
	}

	#limit(): Value {
		this.#body.local("local.get", 0);
		this.#body.memory("i32.load", S.CS + S.SEG_LIMIT);
		return WasmValue.pop(this.#body, 32);
	}

	push(value: Value): void {
		const size = bytesOf(value.width);
		const top = this.#stackPointer(-size);
		this.#stack(top, size, true).store(value);
		this.#setStackPointer(top);
	}

	pop(width: Width, check?: (value: Value) => void): Value {
		const size = bytesOf(width);
		const value = this.#stack(this.#stackPointer(0), size, false).load(width);
		check?.(value);
		this.#setStackPointer(this.#stackPointer(size));
		return value;
	}

	leave(): void {
		const width = this.operandSize;
		const saved = this.#stack(this.#stackPointer(0, 5), bytesOf(width), false).load(width);
		this.#setStackPointer(this.#stackPointer(bytesOf(width), 5));
		this.setRegister(5, width, saved);
	}

	/** RSP, or another register, moved by a number, as wide as the stack is. */
	#stackPointer(by: number, register = 4): WasmValue {
		const { stackWidth } = this.context.mode;
		const moved = this.register(register, 64).add(by) as WasmValue;
		return stackWidth === 64 ? moved : this.#cut(moved, (1n << BigInt(stackWidth)) - 1n);
	}

	#setStackPointer(top: WasmValue): void {
		const { stackWidth } = this.context.mode;
		if (stackWidth === 16) this.setRegister(4, 16, top.zext(16));
		else this.context.registers.write(S.RSP, 64, top);
	}

	#stack(top: WasmValue, size: number, writes: boolean): HostPlace {
		const { mode } = this.context;
		const linear = mode.flatStack ? top : this.#within(2, top, size, writes);
		return this.#host(linear, size, writes);
	}

	usually(unusual: () => Bit): boolean {
		this.bailIf(unusual());
		return true;
	}

	core(name: string, ...values: Value[]): void {
		if (isX87(name)) callX87(this.context, this.instruction, name, values);
		else if (name === WAIT) this.#requireAll(WAITED);
		else if (STATE_ONLY.has(name)) {
			// Elsewhere IOPL decides, and the virtual interrupt flag.
			if (name === "clearInterruptFlag") this.#bailOutsideRing0();
			callCore(this.context, name, 32, []);
			if (name === "swapGs") this.#gsChanged();
		} else if (isString(name) && this.context.mode.size !== 16)
			this.#done = emitString(this, this.context, this.instruction, name);
		else if (name === "pushFlags") this.#pushFlags();
		else throw this.inexpressible(name);
	}

	/** The interpreter raises the exception. */
	#bailOutsideRing0(): void {
		this.context.bail(this.instruction)(() => {
			this.#body.local("local.get", 0);
			this.#body.memory("i32.load", S.CPL);
		});
	}

	/** Addresses made with the base of before tell nothing about those that follow. */
	#gsChanged(): void {
		this.context.segments.reloadBase((S.GS - S.SEGMENTS) / S.SEGMENT_SIZE);
		this.context.accesses.forget();
	}

	/** In virtual-8086 mode the privilege is asked first. */
	#pushFlags(): void {
		if (this.context.mode.size === 16) throw this.inexpressible("PUSHF that may be forbidden");
		const flags = this.compute("readFlags", 32, []).and(~HIDDEN_FLAGS);
		this.push(flags.zext(this.operandSize));
	}

	compute(name: string, width: Width, values: Value[]): Value {
		if (name === "readCount") return this.#count();
		if (name === "decrementCount") return this.#countDown();
		if (name === "releaseStack") return this.#release(values[0]);
		if (name === "readFlags") this.flags.settle();
		else if (!PURE.has(name) && name !== "readStatusWord") throw this.inexpressible(name);
		return callCore(this.context, name, width, values);
	}

	/** CX, ECX or RCX by the address size. */
	#count(): Value {
		return this.register(1, 64).and(this.constant(64, this.#i64(S.REC_MASK)));
	}

	#countDown(): Value {
		const mask = this.#i64(S.REC_MASK);
		const left = this.register(1, 64).sub(1).and(this.constant(64, mask));
		if (mask === 0xffffn) this.setRegister(1, 16, left.zext(16));
		else this.setRegister(1, 64, left);
		return left;
	}

	#release(bytes: Value): Value {
		const { stackWidth } = this.context.mode;
		const top = this.register(4, 64).add(bytes.zext(64).and(0xffff)) as WasmValue;
		this.#setStackPointer(stackWidth === 64 ? top : this.#cut(top, (1n << BigInt(stackWidth)) - 1n));
		return this.constant(32, 0);
	}
}
