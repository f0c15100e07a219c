/**
 * Statements around what random runs of instructions leave out: every form of PUSH and POP, stack frames, far
 * transfers, fast system calls, and what only the system does: control and debug registers, MSRs, descriptor tables.
 */
import { Label, little } from "./assembler.ts";
import { GDT } from "./layout.ts";
import { Pieces } from "./pieces.ts";
import { TSS_SELECTOR } from "./segments.ts";

const PUSHES = /^(PUSH|PUSHA|PUSHF)( |$)/;
const POPS = /^POP (Zv|Rv|M)$/;
/** POP by the number of the segment register. */
const POP_SEGMENT = [[0x07], undefined, [0x17], [0x1f], [0x0f, 0xa1], [0x0f, 0xa9]];
/** LES, LDS, LSS, LFS and LGS by the number of the segment register. */
const LOAD_POINTER = [[0xc4], undefined, [0x0f, 0xb2], [0xc5], [0x0f, 0xb4], [0x0f, 0xb5]];
const DS = 3;
/** What may be read and written back: PAT, EFER, STAR to FMASK, the bases of FS and GS, TSC_AUX. */
const MSRS = [
	0x277, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103,
];
const CONTROLS = [0, 2, 3, 4];

type Piece = (this: SystemPieces) => void;

export abstract class SystemPieces extends Pieces {
	/** REX.W where the natural operand is 64 bits wide and the instruction's is not. */
	get #wide(): number[] {
		return this.b.code.bits === 64 ? [0x48] : [];
	}

	/** Adds to the stack pointer. */
	#moveStack(bytes: number): void {
		this.b.code.emit(...this.#wide, 0x83, 0xc4, bytes & 0xff);
	}

	// --- the stack -------------------------------------------------------------------------------------------

	/** A push of any form, and the stack pointer back; or room, and a pop of any form. */
	anyStack(): void {
		const { b } = this;
		const { instructions, random, operands, code } = b;
		const pushes = random.chance(0.5);
		const name = random.pick(instructions.called(pushes ? PUSHES : POPS));
		const { bytes, form } = instructions.named(name, random, operands)!;
		const words = name.startsWith("PUSHA") ? 8 : 1;
		const size = (words * form.variant.operandSize) / 8;
		if (!pushes) this.#moveStack(-size);
		code.emit(...bytes);
		if (pushes) this.#moveStack(size);
	}

	/** All registers or a segment's there and back. */
	thereAndBack(): void {
		const { b } = this;
		const { code, random, setup } = b;
		const kind = random.below(3);
		if (kind === 0 && code.bits !== 64) {
			code.emit(0x60);
			b.straight(random.below(3));
			code.emit(0x61);
			return;
		}
		const number = random.pick(code.bits === 64 ? [4, 5] : [0, 2, 3, 4, 5]);
		if (kind === 1) {
			code.move(0, setup.registers.segments[number].selector);
			code.push(0);
			code.emit(...POP_SEGMENT[number]!);
			return;
		}
		this.#loadPointer(number);
	}

	/** A register and a segment register out of memory. */
	#loadPointer(number: number): void {
		const { b } = this;
		const { code, random, setup, operands } = b;
		const at = b.variable(b.word + 2);
		code.image.set(little(b.pointer(DS), b.word), at);
		code.image.set(little(setup.registers.segments[number].selector, 2), at + b.word);
		b.onMemory([...this.#wide, ...LOAD_POINTER[number]!], random.pick(operands.roles.data), at);
	}

	/** ENTER and LEAVE, of no level more often than not. */
	frame(): void {
		const { code, random } = this.b;
		const level = random.chance(0.7) ? 0 : random.below(5);
		code.emit(0xc8, random.below(8) * 8, 0, level);
		this.b.straight(random.below(3));
		code.emit(0xc9);
	}

	// --- far transfers -------------------------------------------------------------------------------------------

	/** JMP or CALL to another place of the same segment: in the instruction, or through memory. */
	farTransfer(): void {
		const { b } = this;
		const { code, random } = b;
		const [target, end] = [new Label(), new Label()];
		const calls = random.chance(0.6);
		const pops = calls && random.chance(0.3) ? b.word : 0;
		for (let pushed = 0; pushed < pops; pushed += b.word) code.push(0);
		if (code.bits !== 64 && random.chance(0.5)) b.farImmediate(calls ? 0x9a : 0xea, target);
		else b.onMemory([...this.#wide, 0xff], calls ? 3 : 5, b.farPointer(target));
		code.branch(0xeb, end, true);
		code.place(target);
		if (calls) code.emit(...this.#wide, ...(pops ? [0xca, pops, 0] : [0xcb]));
		code.place(end);
	}

	/** SYSCALL or SYSENTER, whose handlers come back at once (handlers.ts). */
	fastCall(): void {
		const { b } = this;
		const { code, random, setup } = b;
		const back = new Label();
		if (code.bits === 64 && random.chance(0.6)) {
			code.emit(0x0f, 0x05);
			return;
		}
		if (setup.segmented) return;
		b.moveLabel(2, back);
		code.emit(...this.#wide, 0x89, 0xe1);
		code.emit(0x0f, 0x34);
		code.place(back);
		code.emit(0xfb);
	}

	// --- the system's --------------------------------------------------------------------------------------------

	/** Something that needs CPL 0, and changes nothing for long. Elsewhere it faults, which is to be seen too. */
	privileged(): void {
		const { b } = this;
		const end = new Label();
		b.seldom(end);
		const list = b.setup.cpl === 0 && !b.setup.segmented ? [...ANYWHERE, ...FLAT] : ANYWHERE;
		b.random.pick(list).call(this);
		b.code.place(end);
	}

	controlRegister(): void {
		const { code, random } = this.b;
		const modrm = 0xc0 | (random.pick(CONTROLS) << 3);
		code.emit(0x0f, 0x20, modrm);
		code.emit(0x0f, 0x22, modrm);
	}

	modelRegister(): void {
		const { code, random } = this.b;
		this.#set32(1, random.pick(MSRS));
		code.emit(0x0f, 0x32);
		code.emit(0x0f, 0x30);
	}

	extendedControl(): void {
		const { code, random } = this.b;
		this.#set32(1, 0);
		const [read, write] = random.chance(0.5) ? [0xd0, 0xd1] : [0xee, 0xef];
		code.emit(0x0f, 0x01, read);
		if (write === 0xef) this.#set32(2, 0);
		code.emit(0x0f, 0x01, write);
	}

	machineStatus(): void {
		const { code } = this.b;
		code.emit(0x0f, 0x01, 0xe0);
		code.emit(0x0f, 0x01, 0xf0);
	}

	segmentBases(): void {
		const { code, random } = this.b;
		const digit = random.below(2) << 3;
		if (code.bits !== 64) return;
		if (random.chance(0.3)) {
			code.emit(0x0f, 0x01, 0xf8);
			code.emit(0x0f, 0x01, 0xf8);
			return;
		}
		code.emit(0xf3, 0x48, 0x0f, 0xae, 0xc0 | digit);
		code.emit(0xf3, 0x48, 0x0f, 0xae, 0xd0 | digit);
	}

	descriptorTable(): void {
		const { b } = this;
		const at = b.variable(10);
		const digit = b.random.below(2);
		b.onMemory([0x0f, 0x01], digit, at);
		b.onMemory([0x0f, 0x01], digit + 2, at);
	}

	localDescriptors(): void {
		const { code } = this.b;
		code.move(0, 0);
		code.emit(0x0f, 0x00, 0xd0);
	}

	task(): void {
		const { b } = this;
		b.onMemory([0x80], 4, GDT + TSS_SELECTOR + 5, [0xfd]);
		b.code.move(0, TSS_SELECTOR);
		b.code.emit(0x0f, 0x00, 0xd8);
	}

	invalidateContext(): void {
		const { b } = this;
		b.code.move(0, b.random.below(4));
		b.onMemory([0x66, 0x0f, 0x38, 0x82], 0, b.variable(16));
	}

	/** Breakpoints on code, data or a port for a few instructions. SDM 3B, "Debug Control Register (DR7)". */
	breakpoints(): void {
		const { b } = this;
		const { code, random } = b;
		const here = new Label();
		const number = random.below(4);
		const kind = random.pick([0, 0, 1, 1, 3]);
		if (kind === 0) b.moveLabel(0, here);
		else code.move(0, b.pointer(DS));
		code.emit(0x0f, 0x23, 0xc0 | (number << 3));
		const control =
			(1 << (2 * number)) | (kind << (16 + 4 * number)) | (random.below(4) << (18 + 4 * number));
		this.#set32(0, kind === 0 ? 1 << (2 * number) : control >>> 0);
		code.emit(0x0f, 0x23, 0xf8);
		b.straight(random.below(4));
		code.place(here);
		b.straight(random.between(1, 4));
		this.#set32(0, 0);
		code.emit(0x0f, 0x23, 0xf8);
		code.emit(0x0f, 0x21, 0xf0);
	}

	/** MONITOR and MWAIT, an alarm being set. */
	wait(): void {
		const { code } = this.b;
		code.emit(0xe6, 0xe1);
		code.emit(0xfb);
		this.#set32(1, 0);
		this.#set32(2, 0);
		code.emit(0x0f, 0x01, 0xc8);
		code.emit(0x0f, 0x01, 0xc9);
	}

	#set32(register: number, value: number): void {
		const { code } = this.b;
		code.emit(...(code.bits === 16 ? [0x66] : []), 0xb8 | register, ...little(value, 4));
	}
}

const of = SystemPieces.prototype;
const ANYWHERE: Piece[] = [
	of.controlRegister,
	of.modelRegister,
	of.extendedControl,
	of.machineStatus,
	of.segmentBases,
];
const FLAT: Piece[] = [
	of.descriptorTable,
	of.localDescriptors,
	of.task,
	of.invalidateContext,
	of.breakpoints,
	of.breakpoints,
	of.wait,
];
