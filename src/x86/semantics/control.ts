import type { Builder, Semantics, Value } from "../builder.ts";

export const jcc: Semantics = (b) => b.branch(b.flags.condition(b.opcode & 15));
export const jmp: Semantics = (b) => b.branch();
export const jmpIndirect: Semantics = (b, target) => {
	b.checkTarget(target);
	b.jump(target);
};

const returnAddress = (b: Builder): Value => b.next().zext(b.operandSize);

export const call: Semantics = (b) => {
	b.checkTarget();
	b.push(returnAddress(b));
	b.branch();
};

export const callIndirect: Semantics = (b, target) => {
	b.checkTarget(target);
	b.push(returnAddress(b));
	b.jump(target);
};

const popTarget = (b: Builder): Value => b.pop(b.operandSize, (target) => b.checkTarget(target));
export const ret: Semantics = (b) => b.jump(popTarget(b));

/** RET Iw: the arguments are released after the return address was read. */
export const retRelease: Semantics = (b, bytes) => {
	const target = popTarget(b);
	b.compute("releaseStack", 32, [bytes.zext(32)]);
	b.jump(target);
};

/** LOOP, LOOPE, LOOPNE, JrCXZ count in CX, ECX or RCX by the address size: core/ knows which. */
const counted =
	(condition: (b: Builder, left: Value) => Value): Semantics =>
	(b) => {
		const left = b.compute("decrementCount", 64, []);
		b.branch(condition(b, left));
	};
const ZERO = 4; // the condition code of JE
export const loop = counted((_, left) => left.ne(0));
export const loope = counted((b, left) => left.ne(0).and(b.flags.condition(ZERO)));
export const loopne = counted((b, left) => left.ne(0).and(b.flags.condition(ZERO | 1)));
export const jrcxz: Semantics = (b) => b.branch(b.compute("readCount", 64, []).isZero());
