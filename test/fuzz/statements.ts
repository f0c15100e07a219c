/** The statements of a random program: each ends where the next begins, however often it went round inside. */
import { CONDITION_NOT_ZERO, Label } from "./assembler.ts";
import { supervisorOperation } from "./handlers.ts";
import { COPIES, FIRST_SERVICE, PORT_TIMER, SERVICES } from "./layout.ts";
import { SystemPieces } from "./system.ts";

const JMP = 0xeb;
const CALL = 0xe8;
const LOOP = 0xe2;

/** A function of the program: where it begins, and how many words it takes off the stack when it returns. */
export interface Callee {
	label: Label;
	pops: number;
}

type Statement = (this: Statements, depth: number) => void;

export class Statements extends SystemPieces {
	/** Position-independent: nothing outside of it is called or changed. */
	closed = false;
	/** Functions that may be called from here: those that come later, so that no call goes round. */
	callees: Callee[] = [];
	#copies = COPIES;

	/** Some statements. */
	override block(depth: number, count = this.b.random.between(1, 3)): void {
		for (; count > 0; count--) this.#one(depth);
	}

	#one(depth: number): void {
		const { random } = this.b;
		const plain = depth <= 0 || random.chance(0.3);
		const list = plain ? PLAIN : this.closed ? CLOSED : ALL;
		const [, statement] = pickWeighted(random.below(list.total), list.choices);
		statement.call(this, depth - 1);
	}

	// --- branches --------------------------------------------------------------------------------------------

	/** One way or the other, on whatever the flags are. */
	condition(depth: number): void {
		const { code, random } = this.b;
		const [otherwise, end] = [new Label(), new Label()];
		code.branch(0x70 + random.below(16), otherwise);
		this.block(depth, 1);
		if (random.chance(0.4)) code.place(otherwise);
		else {
			code.branch(JMP, end);
			code.place(otherwise);
			this.block(depth, 1);
		}
		code.place(end);
	}

	/** A short branch over a few instructions. */
	skip(): void {
		const { b } = this;
		const end = new Label();
		const kind = b.random.below(20);
		const opcode = kind < 2 ? 0xe3 : kind === 2 ? JMP : 0x70 + b.random.below(16);
		b.code.branch(opcode, end, true);
		b.straight(b.random.between(1, 5));
		b.code.place(end);
	}

	/** Cases in a table, found by the low bits of AX. */
	choose(depth: number): void {
		const { b } = this;
		const cases = Array.from({ length: 4 }, () => new Label());
		const end = new Label();
		this.#throughTable(4, b.table(cases));
		for (const label of cases) {
			b.code.place(label);
			this.block(Math.min(depth, 1), 1);
			if (b.random.chance(0.8)) b.code.branch(JMP, end);
		}
		b.code.place(end);
	}

	/** JMP (/4) or CALL (/2) through a table of four. */
	#throughTable(digit: number, table: number): void {
		const { b } = this;
		if (b.code.bits === 16) {
			b.code.emit(0x89, 0xc3);
			b.code.emit(0x83, 0xe3, 3);
			b.code.emit(0x01, 0xdb);
			const { prefix, bytes } = b.displacement(table);
			b.code.emit(...prefix, 0xff, 0x87 | (digit << 3), ...bytes);
			return;
		}
		b.code.emit(0x83, 0xe0, 3);
		const { prefix, bytes } = b.displacement(table);
		b.code.emit(...prefix, 0xff, 0x04 | (digit << 3), b.word === 8 ? 0xc5 : 0x85, ...bytes);
	}

	// --- loops -----------------------------------------------------------------------------------------------

	/** Counted in a register that the body leaves alone, in memory, or by LOOP. */
	loop(depth: number): void {
		const { b } = this;
		const kind = b.random.below(10);
		const free = b.operands.roles.counters.filter((register) => !b.operands.reserved.has(register));
		if (kind < 6 && free.length) this.#registerLoop(depth, b.random.pick(free));
		else if (kind < 8) this.#loopInstruction();
		else this.#memoryLoop(depth);
	}

	#count(): number {
		const { random } = this.b;
		return random.chance(0.1) ? random.between(8, 30) : random.between(1, 6);
	}

	#registerLoop(depth: number, counter: number): void {
		const { b } = this;
		const { code, operands, random } = b;
		const top = new Label();
		code.move(counter, this.#count());
		operands.reserved.add(counter);
		code.place(top);
		this.block(depth);
		operands.reserved.delete(counter);
		const rex = code.bits === 64 ? [0x48 | (counter > 7 ? 1 : 0)] : [];
		if (random.chance(0.5)) code.emit(...rex, 0x83, 0xe8 | (counter & 7), 1);
		else code.emit(...rex, 0xff, 0xc8 | (counter & 7));
		code.branch(random.chance(0.8) ? 0x70 + CONDITION_NOT_ZERO : 0x7f, top, code.isNear(top));
	}

	#memoryLoop(depth: number): void {
		const { b } = this;
		const top = new Label();
		const counter = b.variable();
		b.onMemory([0xc7], 0, counter, this.#immediate(this.#count()));
		b.code.place(top);
		this.block(depth);
		b.onMemory([0xff], 1, counter);
		b.code.branch(0x70 + CONDITION_NOT_ZERO, top, b.code.isNear(top));
	}

	#loopInstruction(): void {
		const { b } = this;
		const top = new Label();
		b.code.move(1, this.#count());
		b.operands.reserved.add(1);
		b.code.place(top);
		b.straight(b.random.between(1, 5));
		b.operands.reserved.delete(1);
		if (b.code.isNear(top)) b.code.branch(LOOP - b.random.below(3), top);
	}

	#immediate(value: number): number[] {
		return this.b.code.bits === 16 ? [value, 0] : [value, 0, 0, 0];
	}

	// --- calls -----------------------------------------------------------------------------------------------

	call(): void {
		const { b } = this;
		if (!this.callees.length) {
			this.straight();
			return;
		}
		const { label, pops } = b.random.pick(this.callees);
		for (let i = 0; i < pops; i++) b.code.push(b.random.below(3));
		if (b.random.chance(0.7)) b.code.branch(CALL, label);
		else {
			b.moveLabel(0, label);
			b.code.emit(0xff, 0xd0);
		}
	}

	callThroughTable(): void {
		const { b } = this;
		const plain = this.callees.filter(({ pops }) => pops === 0);
		if (!plain.length) {
			this.straight();
			return;
		}
		this.#throughTable(2, b.table(Array.from({ length: 4 }, () => b.random.pick(plain).label)));
	}

	/** A function that calls itself so many times. */
	recursion(): void {
		const { b } = this;
		const [self, out, end] = [new Label(), new Label(), new Label()];
		const depth = b.variable();
		b.onMemory([0xc7], 0, depth, this.#immediate(b.random.between(1, 12)));
		b.code.branch(CALL, self);
		b.code.branch(JMP, end);
		b.code.place(self);
		b.onMemory([0xff], 1, depth);
		b.code.branch(0x78, out);
		b.straight(b.random.between(0, 3));
		b.code.branch(CALL, self);
		if (b.random.chance(0.3)) b.code.branch(CALL, self);
		b.straight(b.random.between(0, 3));
		b.code.place(out);
		b.code.emit(0xc3);
		b.code.place(end);
	}

	/** To the next statement by RETF or IRET. */
	farReturn(): void {
		const { b } = this;
		const { code } = b;
		const end = new Label();
		const long = code.bits === 64;
		const iret = b.random.chance(0.5);
		if (iret && long) {
			code.emit(0x48, 0x89, 0xe1);
			code.emit(0x8c, 0xd0);
			code.push(0);
			code.push(1);
		}
		if (iret) code.emit(0x9c);
		code.emit(0x8c, 0xc8);
		code.push(0);
		b.moveLabel(0, end);
		code.push(0);
		code.emit(...(long ? [0x48] : []), iret ? 0xcf : 0xcb);
		code.place(end);
	}

	// --- code that changes ---------------------------------------------------------------------------------------

	/** A store into code: of this block, of another, in another page. */
	modify(): void {
		const { b } = this;
		const end = new Label();
		if (b.random.chance(0.7)) b.seldom(end);
		const kind = b.random.below(5);
		if (kind < 2) b.onPatch([0x80], 6, [b.random.pick([0x28, 0x10, 1, 8])]);
		else if (kind < 4) b.onPatch([0x80], 0, [b.random.below(256)]);
		else b.onPatch([0x88], b.random.below(3));
		if (b.random.chance(0.4)) b.patchable();
		b.code.place(end);
	}

	/** One of two pieces of code is copied to where it then runs. */
	copy(): void {
		const { b } = this;
		const { code, random } = b;
		const end = new Label();
		const [first, second, copied] = [new Label(), new Label(), new Label()];
		const lengths = [first, second].map((label) => this.#template(label));
		copied.at = this.#copies + random.below(40);
		this.#copies = copied.at + Math.max(...lengths) + 8;
		if (this.#copies > COPIES + 0x1e00) return;
		code.duplicate(first.at!, lengths[0], copied.at);
		b.seldom(end);
		const other = new Label();
		b.code.branch(0x70 + random.below(16), other);
		this.#copyTo(copied.at, first.at!, lengths[0]);
		code.place(other);
		this.#copyTo(copied.at, second.at!, lengths[1]);
		code.place(end);
		code.branch(CALL, copied);
	}

	/** Code that runs anywhere, passed over where it lies. @returns its length */
	#template(label: Label): number {
		const { b } = this;
		const over = new Label();
		b.code.branch(JMP, over);
		b.code.place(label);
		b.straight(b.random.between(1, 4));
		b.code.emit(0xc3);
		b.code.place(over);
		return b.code.at - label.at!;
	}

	#copyTo(to: number, from: number, length: number): void {
		const { b } = this;
		for (let done = 0; done < length; done += 4) {
			const size = b.code.bits === 16 ? [0x66] : [];
			b.onMemory([...size, 0x8b], 0, from + done);
			b.onMemory([...size, 0x89], 0, to + done);
		}
	}

	// --- what the system is asked for --------------------------------------------------------------------------------

	service(): void {
		const { b } = this;
		const { setup, random, code } = b;
		const inline = setup.cpl === 0 && !setup.segmented && random.chance(0.5);
		const end = new Label();
		b.seldom(end);
		if (inline) supervisorOperation(code, random, setup.paging, b.patches);
		else code.emit(0xcd, FIRST_SERVICE + random.below(SERVICES));
		code.place(end);
	}

	/** An alarm, and whether interrupts are let in; a wait for it where that is allowed. */
	timer(): void {
		const { b } = this;
		b.code.emit(0xe6, PORT_TIMER);
		const kind = b.random.below(4);
		if (kind === 0) {
			b.code.emit(0xfa);
			b.straight(b.random.between(1, 5));
		}
		b.code.emit(0xfb);
		if (kind === 1 && b.setup.cpl === 0) b.code.emit(0xf4);
	}
}

interface Choices {
	choices: [weight: number, statement: Statement][];
	total: number;
}

const weighted = (choices: Choices["choices"]): Choices => ({
	choices,
	total: choices.reduce((sum, [weight]) => sum + weight, 0),
});

function pickWeighted(at: number, choices: Choices["choices"]): Choices["choices"][number] {
	for (const choice of choices) {
		at -= choice[0];
		if (at < 0) return choice;
	}
	return choices[0];
}

const of = Statements.prototype;
const SIMPLE: Choices["choices"] = [
	[20, of.straight],
	[14, of.arithmetic],
];
const INSIDE: Choices["choices"] = [
	...SIMPLE,
	[16, of.condition],
	[10, of.skip],
	[22, of.loop],
	[8, of.stack],
	[3, of.flags],
	[4, of.segment],
	[4, of.string],
	[4, of.division],
	[5, of.anyStack],
	[2, of.thereAndBack],
	[2, of.frame],
];
const PLAIN = weighted(SIMPLE);
const CLOSED = weighted(INSIDE);
const ALL = weighted([
	...INSIDE,
	[10, of.call],
	[5, of.callThroughTable],
	[4, of.recursion],
	[5, of.choose],
	[2, of.farReturn],
	[3, of.farTransfer],
	[2, of.fastCall],
	[3, of.privileged],
	[5, of.modify],
	[3, of.copy],
	[4, of.service],
	[3, of.timer],
]);
