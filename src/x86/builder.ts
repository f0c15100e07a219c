/**
 * What semantics are written against: typed values and the machine around them. The interpreter's
 * and the compiler's builders implement it, so a semantic function is read in both ways.
 */

export type Width = 8 | 16 | 32 | 64;

/** A value of the guest's, of one width. Arithmetic wraps at that width. Comparisons give a `Bit`. */
export interface Value {
	readonly width: Width;
	/** Its value, sign-extended, where it is known now. */
	readonly known?: bigint;
	add(other: Value | number): Value;
	sub(other: Value | number): Value;
	mul(other: Value | number): Value;
	/** Quotients, cut towards zero; undefined by zero, and for the smallest signed value by -1. */
	divU(other: Value): Value;
	divS(other: Value): Value;
	and(other: Value | number): Value;
	or(other: Value | number): Value;
	xor(other: Value | number): Value;
	not(): Value;
	neg(): Value;
	/** Shifts. The count is of any width; the result is undefined unless it is below 32 (64 for a 64-bit value). */
	shl(count: Value | number): Value;
	shr(count: Value | number): Value;
	sar(count: Value | number): Value;
	/** Rotations of 32- and 64-bit values; other widths are composed from shifts. */
	rotl(count: Value | number): Value;
	rotr(count: Value | number): Value;
	/** Leading and trailing zero bits, of the whole width when the value is zero. */
	clz(): Value;
	ctz(): Value;
	popcnt(): Value;
	eq(other: Value | number): Bit;
	ne(other: Value | number): Bit;
	ltU(other: Value | number): Bit;
	leU(other: Value | number): Bit;
	ltS(other: Value | number): Bit;
	isZero(): Bit;
	isNegative(): Bit;
	/** To another width, wider or narrower. */
	zext(width: Width): Value;
	sext(width: Width): Value;
}

/** 0 or 1, as a 32-bit value. */
export type Bit = Value;

/** The arithmetic flags. */
export interface Flags {
	addition(sum: Value, a: Value, b: Value, withCarry?: boolean): void;
	subtraction(difference: Value, a: Value, b: Value, withBorrow?: boolean): void;
	/** AND, OR, XOR, TEST: CF and OF cleared. */
	logic(result: Value): void;
	/** INC and DEC: CF is kept. */
	increment(result: Value): void;
	decrement(result: Value): void;
	/** SF, ZF and PF from a result, CF and OF as given, AF cleared. */
	result(result: Value, carry: Bit, overflow: Bit): void;
	/** IMUL that keeps the low half of a product: CF and OF tell what `lost` computes, whether the other half mattered. */
	product(low: Value, a: Value, b: Value, lost: () => Bit): void;
	/** CF and OF alone; CF alone; ZF alone. */
	setCarryOverflow(carry: Bit, overflow: Bit): void;
	setCarry(carry: Bit): void;
	setZero(zero: Bit): void;
	/**
	 * ZF, PF and CF as a comparison of two floating-point numbers leaves them, the others cleared. `bits` gives the three, where
	 * RFLAGS has them; what is written against values that are known to be ordered asks the numbers themselves.
	 */
	order(numbers: Ordered, bits: () => Value): void;
	readonly carry: Bit;
	readonly overflow: Bit;
	/** The condition of Jcc, SETcc and CMOVcc: bits 3..0 of the opcode. */
	condition(code: number): Bit;
}

/** Two numbers neither of which is a NaN. */
export interface Ordered {
	/** Their encodings, 32 or 64 bits. */
	a: Value;
	b: Value;
	/** Compared as floating-point numbers. */
	compare(how: "lt" | "le" | "eq"): Bit;
}

export type Exception = "DE" | "DB" | "BP" | "OF" | "BR" | "UD" | "NM" | "GP" | "SS";

export interface Builder {
	/** Width of the first operand, or of the operand-size attribute where there is none. */
	readonly width: Width;
	/** Width of the operand-size attribute. */
	readonly operandSize: Width;
	/** Whether this reading is for 64-bit mode; only in rows marked `modal`. */
	readonly long: boolean;
	/** Which of the row's encodings this is: the low bits of the opcode. */
	readonly opcode: number;
	readonly flags: Flags;
	/** Which half of a 256-bit instruction this is, where its semantics are run for each. */
	half?: number;
	constant(width: Width, value: number | bigint): Value;
	/** Register `number` (RAX is 0, the encoding's order); an 8-bit one is the low byte. */
	register(number: number, width: Width): Value;
	setRegister(number: number, width: Width, value: Value): void;
	select(condition: Bit, whenTrue: Value, whenFalse: Value): Value;
	/**
	 * `value` where the condition holds, else what the destination held: memory is written back in either case,
	 * a register is not touched (its upper half stays).
	 */
	orKeep(condition: Bit, value: Value, old: Value): Value;
	if(condition: Bit, then: () => void, otherwise?: () => void): void;
	/** Raises the exception (error code 0 where it has one) when the condition holds; the instruction has no effect then. */
	faultIf(condition: Bit, exception: Exception): void;
	fault(exception: Exception): void;
	/** RIP of the instruction after. */
	next(): Value;
	/** Takes the relative branch (its operand is Jb or Jz), when the condition holds if there is one. */
	branch(condition?: Bit): void;
	/** #GP(0) unless the code segment has the target (of the relative branch if none is given) and it is canonical. */
	checkTarget(target?: Value): void;
	/** Goes to an address in the code segment, which `checkTarget` has let pass. */
	jump(target: Value): void;
	push(value: Value): void;
	/** RSP becomes RBP's value, then RBP is popped. */
	leave(): void;
	/** @param check looks at the value before RSP moves, and may fault */
	pop(width: Width, check?: (value: Value) => void): Value;
	/** Calls a function of core/ that does the rest of the instruction and answers a status. */
	core(name: string, ...values: Value[]): void;
	/**
	 * An instruction that core/ does whole, and a region in its usual case only: the interpreter calls the function of core/; a
	 * region leaves the instruction to it where `unusual` holds.
	 * @returns whether the semantics are to go on, with the usual case
	 */
	usually(unusual: () => Bit, name: string, ...values: Value[]): boolean;
	/** Calls a function of core/ that computes a value; `mayFault` where it can leave an exception behind. */
	compute(name: string, width: Width, values: Value[], mayFault?: boolean): Value;
}

/**
 * The meaning of an instruction. It gets one value an operand that is read or whose address is taken,
 * in order, and returns what is written to the written operands: nothing, one value, or several in order.
 */
export type Semantics = (b: Builder, ...operands: Value[]) => Value | Value[] | void;
