/**
 * A bare processor with memory and nothing else, to put states into and take them out of: what tests of
 * single instructions run on. Only `openProcessor` knows how Gantry makes one.
 *
 * Physical memory        holds                                linear
 *   10000h               page tables                          nowhere
 *   20000h               GDT, IDT, LDT, TSS, handlers, stack  SYSTEM + the same, supervisor only
 *   40000h               code pages                           as the vectors say
 *   50000h               data pages                           as the vectors say
 */
import type { PhysicalMemory } from "../../src/bus/memory.ts";
import type { Processor, Registers, Segment } from "../../src/bus/processor.ts";
import {
	CPU,
	FLAGS_CARRIES,
	FLAGS_META,
	FLAGS_RESULT,
	MXCSR,
	REGISTERS,
	RIP,
	STATE_SIZE,
	X87_REGISTERS,
	XCR0,
} from "../../src/core/state.ts";
import { FEATURES } from "../../src/x86/features.ts";
import { type Model, parseModel } from "../../src/x86/models.ts";
import {
	AREA,
	background,
	CODE_SELECTOR,
	DATA_SELECTOR,
	DATA_SIZE,
	GS_BASE,
	LDT_ENTRIES,
	type Mode,
	READ_ONLY,
	type Selectors,
	STACK_SELECTOR,
	type Variant,
	WORLDS,
	type World,
} from "../vectors/states.ts";
import { openProcessor } from "./open.ts";
import { PageTables } from "./paging.ts";

const TABLES = 0x10000;
const GDT = 0x20000;
const IDT = 0x21000;
const LDT = 0x22000;
const TSS = 0x23000;
const HANDLERS = 0x24000;
const STACK = 0x26000;
const STACK_TOP = STACK + 0xff0;
const CODE = { high: 0x40000, low: 0x41000 } as const;
const DATA = { high: 0x50000, low: 0x58000 } as const;
/** Where long mode sees the system's tables; outside of it, at the top of 4 GiB. */
const SYSTEM_LONG = 0xffff_f000_0000_0000n;
const SYSTEM_LEGACY = 0xf000_0000n;

const HANDLER_SIZE = 16;
const KERNEL_CODE = 0x10;
const KERNEL_DATA = 0x18;
const TSS_SELECTOR = 0x40;
const LDT_SELECTOR = 0x50;
const PAGE = 4096;

const CR0_PE = 1n;
const CR0_NE = 0x20n;
const CR0_WP = 0x1_0000n;
const CR0_PG = 0x8000_0000n;
const CR4_PAE = 0x20n;
const CR4_VECTORS = 0x40600n; // OSFXSR OSXMMEXCPT OSXSAVE
const EFER_LONG = 0xd01n; // SCE LME LMA NXE
const EFER_LEGACY = 0x800n; // NXE

/** Exceptions that push an error code. SDM 3A, "Exception and Interrupt Reference". */
const WITH_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17, 21]);

/** Every row decodes, whether or not all that its feature promises is there. */
const EVERYTHING: Model = { ...parseModel("max"), features: new Set(FEATURES.map(({ name }) => name)) };
const X87_SSE_AVX = 7;

const HLT = 0xf4;
const JUMP_TO_NEXT = [0xeb, 0];
const JUMP_TO_ITSELF = [0xeb, 0xfe];
/** What programs change of the state block: general registers to RIP, flags, x87 and vectors. */
const PROGRAM_STATE: [from: number, to: number][] = [
	[REGISTERS, RIP + 8],
	[FLAGS_RESULT, FLAGS_RESULT + 8],
	[FLAGS_CARRIES, FLAGS_CARRIES + 8],
	[FLAGS_META, FLAGS_META + 8],
	[X87_REGISTERS, MXCSR + 4],
];

/** Puts what setRegisters does not know into the processor's saved state. */
export type Extend = (saved: Uint8Array) => void;

/** What an instruction left behind, exceptions already undone: registers are the interrupted program's. */
export interface Outcome {
	general: bigint[];
	rip: bigint;
	flags: number;
	/** CS SS DS ES. */
	selectors: number[];
	exception?: { vector: number; errorCode: number; cr2: bigint };
}

/** A descriptor from descriptor bytes 5 and 6, with a limit in the units that they say. */
const descriptor = (attributes: number, limit = 0xfffff, base = 0n): bigint =>
	BigInt(limit & 0xffff) |
	((base & 0xff_ffffn) << 16n) |
	(BigInt(attributes) << 40n) |
	(BigInt(limit >> 16) << 48n) |
	((base >> 24n) << 56n);

const systemDescriptor = (type: number, base: bigint, limit: number): [bigint, bigint] => [
	BigInt(limit) |
		((base & 0xff_ffffn) << 16n) |
		(BigInt(0x80 | type) << 40n) |
		(((base >> 24n) & 0xffn) << 56n),
	base >> 32n,
];

/** Descriptor bytes 5 and 6, as `Segment.attributes`. */
const CODE64 = 0xa0fb;
const CODE32 = 0xc0fb;
const DATA32 = 0xc0f3;
const KERNEL64 = 0xa09b;
const KERNEL32 = 0xc09b;
const KERNEL_DATA32 = 0xc093;

const flat = (selector: number, attributes: number): Segment => ({
	selector,
	base: 0n,
	limit: 0xffff_ffff,
	attributes,
});
const local = (selector: number): Segment => {
	const { base, limit, attributes } = LDT_ENTRIES[selector >> 3];
	return { selector, base: BigInt(base), limit, attributes };
};
const none = (base = 0n): Segment => ({ selector: 0, base, limit: 0, attributes: 0 });

export class Bench {
	readonly processor: Processor;
	readonly memory: PhysicalMemory;
	readonly #state: Uint8Array;
	readonly #legacy: boolean;
	readonly #system: bigint;
	readonly #background = background();
	readonly #cr3: bigint;
	readonly #saved = new Map<string, Uint8Array>();

	/** @param legacy protected mode instead of long mode, for 32- and 16-bit vectors */
	constructor(
		legacy = false,
		model: Model = EVERYTHING,
		/** Instructions run in a region that is made of each, and once more where the TLB knows what they touch. */
		private readonly compiled = false,
	) {
		const { processor, memory } = openProcessor(
			16 << 20,
			{},
			{ model, compiler: compiled, hot: compiled ? 1 : undefined },
		);
		this.processor = processor;
		this.memory = memory;
		this.#state = new Uint8Array(memory.wasm.buffer, CPU, STATE_SIZE);
		this.#legacy = legacy;
		this.#system = legacy ? SYSTEM_LEGACY : SYSTEM_LONG;
		this.#cr3 = this.#buildPageTables();
		this.#buildDescriptors();
		this.#buildHandlers();
		for (const world of ["high", "low"] as const) this.#resetPages(world);
	}

	/** Puts the instruction where its variant says. */
	loadCode(world: World, code: Uint8Array): void {
		const page = new Uint8Array(64).fill(0xcc);
		page.set(code);
		// A block must end inside the budget to be entered as a whole.
		if (this.compiled) page.set(JUMP_TO_NEXT, code.length);
		this.memory.write(CODE[world] + (WORLDS[world].code % PAGE), page);
	}

	/** Executes one instruction. What it changed in memory stays until `restore`. */
	execute(mode: Mode, variant: Variant, slots: BigUint64Array, flags: number, extend?: Extend): Outcome {
		const { world } = variant;
		this.memory.write(DATA[world] + AREA, new Uint8Array(slots.buffer, slots.byteOffset + 128, 128));
		const start = BigInt(WORLDS[world].code);
		const entered = this.#enter(mode, variant.segments, slots, start, flags, extend);
		let after = this.#step();
		if (this.compiled && this.#vectorOf(after.rip) === undefined) {
			this.restore(world);
			this.memory.write(DATA[world] + AREA, new Uint8Array(slots.buffer, slots.byteOffset + 128, 128));
			for (const [from, to] of PROGRAM_STATE) this.#state.set(entered.subarray(from, to), from);
			after = this.#step();
		}
		// A repeated string instruction may retire once for each repetition.
		for (let i = 0; i < 64 && after.rip === start && !this.#vectorOf(after.rip); i++) after = this.#step();
		return this.#outcome(after);
	}

	/**
	 * As setRegisters, but faster: the processor's saved state is made once for each combination of mode, segments and
	 * flags, and only the general registers and RIP are put into it.
	 */
	#enter(
		mode: Mode,
		segments: Selectors | undefined,
		slots: BigUint64Array,
		rip: bigint,
		flags: number,
		extend?: Extend,
	): Uint8Array {
		const key = `${mode} ${flags} ${segments}`;
		let saved = this.#saved.get(key);
		if (!saved) {
			this.processor.setRegisters({ ...this.#registers(mode, segments), rflags: BigInt(flags) });
			saved = this.processor.save();
			this.#saved.set(key, saved);
		}
		const words = new BigUint64Array(saved.buffer, 0, (RIP >> 3) + 1);
		for (let n = 0; n < 16; n++)
			words[(REGISTERS >> 3) + n] = mode === 64 ? slots[n] : slots[n] & 0xffff_ffffn;
		words[RIP >> 3] = rip;
		new DataView(saved.buffer).setUint32(XCR0, X87_SSE_AVX, true);
		extend?.(saved);
		this.processor.load(saved);
		return saved;
	}

	/** Executes bytes that end with their page, before one that is missing, with every general register zero. */
	executeAtPageEnd(mode: Mode, code: Uint8Array): { outcome: Outcome; next: bigint } {
		const world = mode === 16 ? "low" : "high";
		const page = WORLDS[world].code & ~0xfff;
		this.memory.write(CODE[world] + PAGE - code.length, code);
		const rip = BigInt(page + PAGE - code.length);
		this.#enter(mode, undefined, new BigUint64Array(32), rip, 0x202);
		return { outcome: this.#outcome(this.#step()), next: BigInt(page + PAGE) };
	}

	/** Puts bytes into the data pages. */
	writeData(world: World, offset: number, bytes: Uint8Array): void {
		this.memory.write(DATA[world] + offset, bytes);
	}

	/** The data pages as they are now. */
	data(world: World): Uint8Array {
		return this.memory.read(DATA[world], DATA_SIZE);
	}

	/** Undoes what an instruction did to the data pages. */
	restore(world: World): void {
		this.memory.write(DATA[world], this.#background);
	}

	#step(): Registers {
		const stop = this.processor.run(this.processor.retired + (this.compiled ? 2 : 1));
		if (stop === "shutdown") {
			const why = this.processor.shutdown
				.map((d) => `#${d.vector} at ${d.rip.toString(16)}: ${d.failure ?? "delivered"}`)
				.join(", ");
			throw new Error(`the processor shut down: ${why}`);
		}
		const registers = this.processor.registers();
		if (this.compiled && this.#vectorOf(registers.rip) === undefined)
			registers.rip -= BigInt(JUMP_TO_NEXT.length);
		return registers;
	}

	/** Which handler RIP is in. */
	#vectorOf(rip: bigint): number | undefined {
		const offset = rip - this.#system - BigInt(HANDLERS);
		return offset >= 0n && offset < BigInt(256 * HANDLER_SIZE) ? Number(offset) >> 4 : undefined;
	}

	#outcome(after: Registers): Outcome {
		const vector = this.#vectorOf(after.rip);
		const segments = [3, 0].map((n) => after.segments[n].selector);
		if (vector === undefined)
			return {
				general: after.general,
				rip: after.rip,
				flags: Number(after.rflags),
				selectors: [after.segments[1].selector, after.segments[2].selector, ...segments],
			};
		const size = this.#legacy ? 4 : 8;
		const words = this.#popFrame(after.general[4], size);
		const errorCode = WITH_ERROR_CODE.has(vector) ? Number(words.shift()! & 0xffff_ffffn) : 0;
		const [rip, cs, flags, rsp, ss] = words;
		const general = [...after.general];
		general[4] = rsp;
		return {
			general,
			rip,
			flags: Number(flags),
			selectors: [Number(cs & 0xffffn), Number(ss & 0xffffn), ...segments],
			exception: { vector, errorCode, cr2: after.cr2 },
		};
	}

	#popFrame(rsp: bigint, size: number): bigint[] {
		const physical = Number(rsp - this.#system);
		const bytes = this.memory.read(physical, 6 * size);
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		return Array.from({ length: 6 }, (_, i) =>
			size === 8 ? view.getBigUint64(8 * i, true) : BigInt(view.getUint32(4 * i, true)),
		);
	}

	#resetPages(world: World): void {
		this.memory.write(CODE[world], new Uint8Array(PAGE).fill(0xcc));
		this.memory.write(DATA[world], this.#background);
		this.memory.write(DATA[world] + READ_ONLY, this.#background.subarray(0, PAGE));
	}

	#buildPageTables(): bigint {
		const tables = new PageTables(this.memory, TABLES, this.#legacy);
		for (const world of ["high", "low"] as const) {
			tables.map(BigInt(WORLDS[world].code & ~0xfff), CODE[world], {
				user: true,
				write: true,
				execute: true,
			});
			for (let offset = 0; offset < DATA_SIZE; offset += PAGE)
				tables.map(BigInt(WORLDS[world].data + offset), DATA[world] + offset, { user: true, write: true });
			tables.map(BigInt(WORLDS[world].data + READ_ONLY), DATA[world] + READ_ONLY, { user: true });
		}
		for (let page = GDT; page < STACK + PAGE; page += PAGE)
			tables.map(this.#system + BigInt(page), page, { write: true, execute: true });
		return BigInt(tables.root);
	}

	#put64(address: number, values: bigint[]): void {
		this.memory.write(address, new Uint8Array(BigUint64Array.from(values).buffer));
	}

	/** The user's selectors are Linux's, as they were when the vectors were recorded. */
	#buildDescriptors(): void {
		const kernel = this.#legacy ? KERNEL32 : KERNEL64;
		const gdt = new Array<bigint>(12).fill(0n);
		gdt[1] = descriptor(KERNEL32);
		gdt[KERNEL_CODE >> 3] = descriptor(kernel);
		gdt[KERNEL_DATA >> 3] = descriptor(KERNEL_DATA32);
		gdt[CODE_SELECTOR[32] >> 3] = descriptor(CODE32);
		gdt[DATA_SELECTOR >> 3] = descriptor(DATA32);
		gdt[CODE_SELECTOR[64] >> 3] = descriptor(CODE64);
		[gdt[8], gdt[9]] = systemDescriptor(0x0b, this.#system + BigInt(TSS), 0x67);
		[gdt[10], gdt[11]] = systemDescriptor(0x02, this.#system + BigInt(LDT), LDT_ENTRIES.length * 8 - 1);
		this.#put64(GDT, gdt);
		this.#put64(
			LDT,
			LDT_ENTRIES.map(({ base, limit, attributes }) => descriptor(attributes, limit, BigInt(base))),
		);
		this.#buildTss();
	}

	#buildTss(): void {
		const top = this.#system + BigInt(STACK_TOP);
		const tss = new DataView(new ArrayBuffer(0x68));
		if (this.#legacy) {
			tss.setUint32(4, Number(top), true);
			tss.setUint16(8, KERNEL_DATA, true);
		} else {
			tss.setBigUint64(4, top, true);
		}
		tss.setUint16(0x66, 0x68, true); // no I/O bitmap
		this.memory.write(TSS, new Uint8Array(tss.buffer));
	}

	/** Every vector's handler is a HLT of its own; a region's budget would reach it, so there it is a loop. INT3 and INTO may be called by user code. */
	#buildHandlers(): void {
		const gates: bigint[] = [];
		for (let vector = 0; vector < 256; vector++) {
			const handler = this.#system + BigInt(HANDLERS + vector * HANDLER_SIZE);
			const access = (vector === 3 || vector === 4 ? 0xee : 0x8e) * 0x100;
			gates.push(
				(handler & 0xffffn) |
					(BigInt(KERNEL_CODE) << 16n) |
					(BigInt(access) << 32n) |
					(((handler >> 16n) & 0xffffn) << 48n),
			);
			if (!this.#legacy) gates.push(handler >> 32n);
		}
		this.#put64(IDT, gates);
		const handlers = new Uint8Array(256 * HANDLER_SIZE);
		for (let at = 0; at < handlers.length; at += 2)
			handlers.set(this.compiled ? JUMP_TO_ITSELF : [HLT, HLT], at);
		this.memory.write(HANDLERS, handlers);
	}

	/** ES CS SS DS FS GS. */
	#segments(
		mode: Mode,
		[ss, ds, es]: Selectors = [STACK_SELECTOR[mode], DATA_SELECTOR, DATA_SELECTOR],
	): Segment[] {
		const data = (selector: number) =>
			selector === 0 ? none() : selector === DATA_SELECTOR ? flat(selector, DATA32) : local(selector);
		const code = { 64: flat(0x33, CODE64), 32: flat(0x23, CODE32), 16: local(CODE_SELECTOR[16]) }[mode];
		return [data(es), code, data(ss), data(ds), none(), none(mode === 64 ? BigInt(GS_BASE) : 0n)];
	}

	#registers(mode: Mode, segments?: Selectors): Registers {
		const at = (offset: number) => this.#system + BigInt(offset);
		return {
			general: new Array<bigint>(16).fill(0n),
			rip: 0n,
			rflags: 2n,
			segments: this.#segments(mode, segments),
			ldtr: { selector: LDT_SELECTOR, base: at(LDT), limit: LDT_ENTRIES.length * 8 - 1, attributes: 0x82 },
			tr: { selector: TSS_SELECTOR, base: at(TSS), limit: 0x67, attributes: 0x8b },
			gdtr: { base: at(GDT), limit: 12 * 8 - 1 },
			idtr: { base: at(IDT), limit: 256 * (this.#legacy ? 8 : 16) - 1 },
			cr0: CR0_PE | CR0_NE | CR0_WP | CR0_PG,
			cr2: 0n,
			cr3: this.#cr3,
			cr4: CR4_PAE | CR4_VECTORS,
			cr8: 0n,
			efer: this.#legacy ? EFER_LEGACY : EFER_LONG,
			debug: [0n, 0n, 0n, 0n, 0n, 0n, 0xffff_0ff0n, 0x400n],
		};
	}
}
