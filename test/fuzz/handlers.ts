/**
 * The guest's handlers. Each begins with a write to PORT_EVENT, at which the harness stops and compares.
 * A fault is passed over with the help of LENGTHS, or its page is mapped; where nothing is known of the
 * instruction, the program goes on at its escape. Services change what the processor keeps translations of.
 */
import type { Random } from "../harness/random.ts";
import { type Assembler, Label, little } from "./assembler.ts";
import type { Bits } from "./encode.ts";
import {
	ALIAS,
	ARENA,
	ARENA_SIZE,
	CODE,
	CODE_END,
	FIRST_SERVICE,
	HANDLERS,
	HOT_PAGE,
	LAZY,
	LENGTHS,
	PAGE,
	PAGE_TABLE,
	PORT_EVENT,
	PORT_TIMER,
	SERVICES,
	VARIABLES,
} from "./layout.ts";
import type { HandlerKind, Setup } from "./modes.ts";

const FAULTS = VARIABLES + 0xff0;
const PF = 14;
const WITH_ERROR = new Set([8, 10, 11, 12, 13, PF, 17, 21]);
/** #DB, NMI, #BP, #OF: RIP is already behind the instruction. */
const TRAPS = new Set([1, 2, 3, 4]);
const FIRST_OUTSIDE = 0x20;

const BITS: Record<HandlerKind, Bits> = { long: 64, protected: 32, real: 16 };
/** Where the return address lies behind the registers that `enter` pushes. */
const RETURN: Record<HandlerKind, number> = { long: 0x20, protected: 0x14, real: 0x0c };

const JE = 0x74;
const JNE = 0x75;
const JA = 0x77;
const JAE = 0x73;
const JMP = 0xeb;
const XOR = 6;

/** ModRM and address of an absolute operand. */
export function absolute(bits: Bits, reg: number, address: number): number[] {
	if (bits === 16) return [(reg << 3) | 6, ...little(address, 2)];
	if (bits === 32) return [(reg << 3) | 5, ...little(address, 4)];
	return [(reg << 3) | 4, 0x25, ...little(address, 4)];
}

/**
 * Something that only CPL 0 may do, in flat 32- or 64-bit code: a page comes or goes, code changes.
 * @param patches places in the code that may be changed
 */
export function supervisorOperation(
	code: Assembler,
	random: Random,
	paging: boolean,
	patches: number[],
): void {
	const kind = random.below(paging ? 10 : 2);
	if (kind === 0 || (kind === 1 && !patches.length)) code.emit(0xe6, PORT_TIMER);
	else if (kind === 1 || kind === 9) patch(code, random, patches, paging);
	else if (kind < 7) changeEntry(code, random, kind);
	else if (kind === 7) {
		code.emit(0x0f, 0x20, 0xe0); // CR4.PGE
		code.emit(0x35, ...little(0x80, 4));
		code.emit(0x0f, 0x22, 0xe0);
	} else {
		code.emit(0x0f, 0x20, 0xc0); // CR0.WP
		code.emit(0x35, ...little(0x10000, 4));
		code.emit(0x0f, 0x22, 0xc0);
	}
}

function patch(code: Assembler, random: Random, patches: number[], paging: boolean): void {
	if (!patches.length) return;
	const at = random.pick(patches) + (paging && random.chance(0.3) ? ALIAS : 0);
	code.emit(0x80, ...absolute(code.bits, XOR, at), random.pick([1, 2, 0x28, 0x10, random.below(256)]));
}

function changeEntry(code: Assembler, random: Random, kind: number): void {
	const arena = ARENA + PAGE * random.below(ARENA_SIZE / PAGE);
	const page = kind < 4 ? arena : HOT_PAGE;
	const bits = kind === 2 ? 1 : kind === 3 ? random.pick([2, 0x3000, 0x1000]) : 0x1000;
	const entry = PAGE_TABLE + (page >>> 12) * 8;
	code.emit(0x81, ...absolute(code.bits, XOR, entry), ...little(bits, 4));
	if (random.chance(0.6)) code.emit(0x0f, 0x01, ...absolute(code.bits, 7, page));
	else {
		code.emit(0x0f, 0x20, 0xd8);
		code.emit(0x0f, 0x22, 0xd8);
	}
}

/** Where the system is entered. */
export interface Entries {
	/** What a vector's gate holds. */
	gate(vector: number): number;
	systemCall: number;
	systemEnter: number;
}

export class Handlers {
	readonly #kind: HandlerKind;
	readonly #fault = new Label();
	readonly #passOver = new Label();
	readonly #escape = new Label();
	readonly #return = new Label();
	readonly #event = new Label();

	constructor(
		private readonly code: Assembler,
		private readonly random: Random,
		private readonly setup: Setup,
		private readonly escapeTo: number,
		private readonly patches: number[],
	) {
		this.#kind = setup.handlers;
	}

	/** Writes all handlers. */
	emit(): Entries {
		const { code } = this;
		code.bits = BITS[this.#kind];
		code.at = HANDLERS;
		const stubs = Array.from({ length: 0x20 }, (_, vector) => this.#stub(vector));
		const outside = this.#stub(FIRST_OUTSIDE);
		const services = Array.from({ length: SERVICES }, () => this.#service());
		this.#faults();
		code.place(this.#event);
		this.#enter();
		this.#leave();
		const gate = (vector: number) => {
			const at = stubs[vector] ?? services[vector - FIRST_SERVICE] ?? outside;
			return this.#kind === "real" ? ((HANDLERS << 12) | (at - HANDLERS)) >>> 0 : at;
		};
		return { gate, systemCall: this.#systemCall(), systemEnter: this.#systemEnter() };
	}

	/** Where SYSCALL leads: back at once, as whoever has called may go on. */
	#systemCall(): number {
		const { code, setup } = this;
		const { at } = code;
		code.emit(0xe6, PORT_EVENT);
		if (setup.cpl === 3) code.emit(0x48, 0x0f, 0x07);
		else {
			code.emit(0x41, 0x53); // PUSH R11, POPF, JMP RCX
			code.emit(0x9d);
			code.emit(0xff, 0xe1);
		}
		return at;
	}

	/** Where SYSENTER leads: back to EDX, with ECX as the stack pointer. */
	#systemEnter(): number {
		const { code, setup } = this;
		const { at } = code;
		const rex = setup.bits === 64 ? [0x48] : [];
		code.emit(0xe6, PORT_EVENT);
		if (setup.cpl === 3) code.emit(...rex, 0x0f, 0x35);
		else {
			code.emit(...rex, 0x89, 0xcc);
			code.emit(0xff, 0xe2);
		}
		return at;
	}

	#stub(vector: number): number {
		const { code } = this;
		const { at } = code;
		if (!WITH_ERROR.has(vector) || this.#kind === "real") code.emit(0x6a, 0);
		code.emit(0x6a, vector & 0x7f);
		code.branch(JMP, vector >= FIRST_OUTSIDE || TRAPS.has(vector) ? this.#event : this.#fault);
		return at;
	}

	#service(): number {
		const { code, random, setup } = this;
		const { at } = code;
		code.emit(0x6a, 0);
		code.emit(0x6a, 0);
		this.#enter();
		if (this.#kind === "real") code.emit(0xe6, PORT_TIMER);
		else
			for (let count = random.between(1, 2); count > 0; count--)
				supervisorOperation(code, random, setup.paging, this.patches);
		code.branch(JMP, this.#return);
		return at;
	}

	/** Says that it has been entered; pushes AX, BX, DS, and in real mode BP, which then points there. */
	#enter(): void {
		const { code } = this;
		code.emit(0xe6, PORT_EVENT);
		code.push(0);
		code.push(3);
		if (this.#kind === "long") return;
		code.emit(0x1e);
		if (this.#kind === "real") {
			code.push(5);
			code.emit(0x8b, 0xec);
			return;
		}
		code.move(0, 0x10);
		code.emit(0x8e, 0xd8);
	}

	#leave(): void {
		const { code } = this;
		code.place(this.#return);
		if (this.#kind === "real") {
			code.emit(0x31, 0xc0);
			code.emit(0x8e, 0xd8);
		}
		code.emit(0xff, ...absolute(code.bits, 0, FAULTS));
		if (this.#kind === "real") code.pop(5);
		if (this.#kind !== "long") code.emit(0x1f);
		code.pop(3);
		code.pop(0);
		const rex = this.#kind === "long" ? [0x48] : [];
		code.emit(...rex, 0x83, 0xc4, code.bits / 4);
		code.emit(...rex, 0xcf);
	}

	#faults(): void {
		const { code, setup } = this;
		code.place(this.#fault);
		this.#enter();
		if (this.#kind === "real") this.#passOver16();
		else {
			if (setup.paging) this.#mapLazyPage();
			this.#passOver32();
		}
		code.place(this.#escape);
		const at = RETURN[this.#kind];
		const slot = this.#kind === "real" ? [0x46, at] : [0x44, 0x24, at];
		const rex = this.#kind === "long" ? [0x48] : [];
		code.emit(...rex, 0xc7, ...slot, ...little(setup.rip(this.escapeTo), this.#kind === "real" ? 2 : 4));
		code.branch(JMP, this.#return);
	}

	/** A page fault in a page that is LAZY: the page becomes present and writable. */
	#mapLazyPage(): void {
		const { code } = this;
		const rex = this.#kind === "long" ? [0x48] : [];
		const table = [0xdd, ...little(PAGE_TABLE, 4)];
		code.emit(0x83, 0x7c, 0x24, RETURN[this.#kind] - 2 * (code.bits / 8), PF);
		code.branch(JNE, this.#passOver);
		code.emit(0x0f, 0x20, 0xd3);
		code.emit(...rex, 0xc1, 0xeb, 12);
		code.emit(...rex, 0x83, 0xfb, 0x5f);
		code.branch(JA, this.#passOver);
		code.emit(0xf7, 0x04, ...table, ...little(LAZY, 4));
		code.branch(JE, this.#passOver);
		code.emit(0x83, 0x0c, ...table, 3);
		code.emit(...rex, 0xc1, 0xe3, 12);
		code.emit(0x0f, 0x01, 0x3b);
		code.branch(JMP, this.#return);
	}

	#passOver32(): void {
		const { code, setup } = this;
		const at = RETURN[this.#kind];
		code.place(this.#passOver);
		code.emit(0x8b, 0x5c, 0x24, at);
		code.emit(0x81, 0xc3, ...little(setup.bases[1], 4));
		code.emit(0x81, 0xe3, ...little(0xfffff, 4));
		code.emit(0x81, 0xeb, ...little(CODE, 4));
		code.emit(0x81, 0xfb, ...little(CODE_END - CODE, 4));
		code.branch(JAE, this.#escape);
		code.emit(0x0f, 0xb6, 0x83, ...little(LENGTHS, 4));
		code.emit(0x85, 0xc0);
		code.branch(JE, this.#escape);
		code.emit(...(this.#kind === "long" ? [0x48] : []), 0x01, 0x44, 0x24, at);
		code.branch(JMP, this.#return);
	}

	#passOver16(): void {
		const { code, setup } = this;
		const at = RETURN.real;
		code.emit(0x8b, 0x5e, at);
		code.emit(0x81, 0xc3, ...little(setup.bases[1] - CODE, 2));
		code.emit(0x81, 0xfb, ...little(CODE_END - CODE, 2));
		code.branch(JAE, this.#escape);
		code.move(0, LENGTHS >>> 4);
		code.emit(0x8e, 0xd8);
		code.emit(0x8a, 0x07);
		code.emit(0x30, 0xe4);
		code.emit(0x85, 0xc0);
		code.branch(JE, this.#escape);
		code.emit(0x01, 0x46, at);
		code.branch(JMP, this.#return);
	}
}
