import type { GuestMemory } from "../bus/guest-memory.ts";
import type {
	Delivered,
	Delivery,
	DraftPolicy,
	Processor,
	RegionExit,
	RegionStats,
	Registers,
	Segment,
	Stop,
} from "../bus/processor.ts";
import * as S from "../core/state.ts";
import { controlMasks, cpuidLeaves, signature } from "../x86/cpuid.ts";
import { DEFAULT_MODEL, type Model, parseModel } from "../x86/models.ts";
import { rows } from "../x86/rows/index.ts";
import { Cases } from "./cases.ts";
import { type RegionCore, Regions } from "./region/regions.ts";
import { buildTables } from "./tables.ts";

/** What the processor is connected to. Values are unsigned. */
export interface ProcessorBus {
	readPort(port: number, size: number): number;
	/** Several elements from one port: how many the device had at hand, 0 where they are to be read one by one. */
	readPortMany?(port: number, size: number, into: Uint8Array): number;
	writePort(port: number, value: number, size: number): void;
	readMemory(address: number, size: number): number;
	writeMemory(address: number, value: number, size: number): void;
	/** The interrupt controller's answer to INTA. */
	acknowledge(): number;
	/** Guest time in nanoseconds, for RDTSC. */
	now(): number;
	/** FERR#: an x87 exception is pending and CR0.NE is clear. */
	floatError?(): void;
}

/** What the build made of core/ and of the rows. */
export interface ProcessorCode {
	core: WebAssembly.Module;
	interpreter: WebAssembly.Module;
	/** The decode tables. */
	tables: Uint8Array;
	/** What drafts are made of. */
	stencils: Uint8Array;
}

/** core.wasm's functions that are called from here. */
interface Core extends WebAssembly.Exports {
	reset(cpu: number): void;
	readFlags(cpu: number, record: number): number;
	writeFlags(cpu: number, flags: number, mask: number): void;
	translateQuietly(cpu: number, linear: bigint): bigint;
	stateReplaced(cpu: number): void;
	deliveredCount(): number;
	deliveredVector(): number;
	/** -1 where there was none. */
	deliveredError(): bigint;
	deliveredTo(): bigint;
	noticeWrite(physical: number, size: number): void;
	withdrawWrites(physical: number): void;
}

/**
 * Instructions in one go while code is new: then a region that loops is entered afresh, which is when the engine puts its optimised code
 * in place. Each end costs: every guest call under way is left, and goes on interpreted.
 */
const SHORT_RUN = 1_000_000;
/** As many as the budget has room for, and far more than are ever left until something is due. */
const LONGEST_RUN = 2 ** 30;
/** So many runs code is new. */
const NEW_FOR = 8;
/** The same once a block waits to be compiled: those around it may become hot, too. */
const LAST_WAIT = 20_000;
/** Of the x87's status word: an unmasked exception is pending. */
const FSW_ES = 0x80;
const STOPS: Stop[] = ["limit", "halt", "shutdown"];

export interface ProcessorOptions {
	/** Where RDRAND's generator starts. */
	seed?: number;
	/** Whether hot code is compiled. */
	compiler?: boolean;
	/** Entries after which a block is compiled. */
	hot?: number;
	/** When warm blocks are drafted. */
	drafts?: DraftPolicy;
	compileLightly?: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
	/** Which processor it is. */
	model?: Model;
}

const HOT_AFTER = 40_000;
/** Fewer blocks are a program that is narrow: what is warm there is soon hot, and its regions are all that it needs. */
const DRAFTS: DraftPolicy = { after: 32, blocks: 256 };

/** Why code was left that was not left at an instruction. */
const NO_INSTRUCTION: Record<number, string> = {
	[S.LEFT_JUMP]: "a jump to code that is not compiled",
	[S.LEFT_BUDGET]: "an event that is near",
};

/** The decode tables of a model: the built ones are those of the default model. */
function tablesFor(model: Model, built: Uint8Array): Uint8Array {
	const { features } = model;
	const usual = parseModel(DEFAULT_MODEL).features;
	const differs = rows.some(([, , , , options]) => {
		const feature = options?.feature;
		return feature !== undefined && features.has(feature) !== usual.has(feature);
	});
	return differs ? buildTables(rows, (feature) => features.has(feature)).bytes : built;
}

/** The processor: core.wasm and interpreter.wasm over one memory, and the state block as plain data. */
export class CoreProcessor implements Processor {
	readonly #cases: Cases;
	readonly #regions: Regions;
	readonly #core: Core;
	#run: (cpu: number) => void;
	readonly #view: DataView;
	readonly #bytes: Uint8Array;

	constructor(
		code: ProcessorCode,
		memory: GuestMemory,
		bus: ProcessorBus,
		{
			seed = 0,
			compiler = true,
			hot = HOT_AFTER,
			drafts = DRAFTS,
			compileLightly = (bytes) => new WebAssembly.Module(bytes),
			model = parseModel(DEFAULT_MODEL),
		}: ProcessorOptions = {},
	) {
		const tables = tablesFor(model, code.tables);
		this.#cases = new Cases(rows, tables);
		const variantOf = (op: number) => this.#cases.variant(op);
		const regions = new Regions(memory.wasm, variantOf, { enabled: compiler, drafts, compileLightly });
		this.#regions = regions;
		this.#bytes = new Uint8Array(memory.wasm.buffer);
		this.#view = new DataView(memory.wasm.buffer);
		this.#bytes.set(tables, S.TABLES);
		this.#bytes.set(code.stencils, S.STENCILS);
		this.#setModel(model);
		this.#core = new WebAssembly.Instance(code.core, {
			env: { memory: memory.wasm },
			bus: {
				...unsigned(bus),
				readPortMany: (port: number, size: number, to: number, count: number) => {
					const start = to >>> 0;
					return bus.readPortMany?.(port, size, this.#bytes.subarray(start, start + size * count)) ?? 0;
				},
				requestRegion: (block: number, page: number) => {
					regions.request(block >>> 0, page >>> 0);
					if (regions.waiting) this.#endWithin(LAST_WAIT);
				},
				requestDraft: (page: number, mode: number) => {
					regions.requestDraft(page >>> 0, mode);
					if (regions.waiting) this.#endWithin(LAST_WAIT);
				},
			},
		}).exports as Core;
		regions.attach(this.#core as unknown as RegionCore);
		const interpreter = () =>
			new WebAssembly.Instance(code.interpreter, {
				env: { memory: memory.wasm, table: regions.table },
				core: this.#core,
			}).exports.run as (cpu: number) => void;
		this.#run = interpreter();
		regions.renewed = () => {
			this.#run = interpreter();
		};
		this.#set32(S.ADDRESS_MASK, 0xffffffff);
		this.#set64(S.RANDOM, BigInt(seed));
		this.#set32(S.HOT_AFTER, hot);
		this.#set32(S.WARM_AFTER, compiler ? drafts.after : S.NEVER);
		this.#set32(S.ASK_MASK, -(2 ** Math.floor(Math.log2(Math.min(hot, drafts.after)))));
		this.#core.reset(S.CPU);
		memory.listener = {
			remapped: () => this.#core.stateReplaced(S.CPU),
			writing: (physical, size) => this.#core.noticeWrite(physical, size),
			withdrawWrites: (physical) => this.#core.withdrawWrites(physical),
		};
	}

	/** What the compiler has done. */
	get regionStats(): RegionStats {
		return this.#regions.stats;
	}

	get regionExits(): RegionExit[] {
		const counts = new Map<string, number>();
		for (let op = 0; op < S.LEFT_COUNTS_LENGTH; op++) {
			const count = this.#view.getUint32(S.LEFT_COUNTS + op * 4, true);
			if (!count) continue;
			const cause = NO_INSTRUCTION[op] ?? this.#cases.variant(op)!.name;
			counts.set(cause, (counts.get(cause) ?? 0) + count);
		}
		return [...counts].map(([cause, count]) => ({ cause, count }));
	}

	get retired(): number {
		const record = this.#get32(S.RECORD);
		const horizon = this.#view.getFloat64(S.CPU + S.HORIZON, true);
		const remaining = this.#view.getInt32(S.CPU + S.REMAINING, true);
		const unfinished = record === S.NO_RECORD ? 0 : this.#view.getInt16(record + S.REC_LEFT, true) + 1;
		return horizon - remaining - unfinished;
	}

	run(limit: number): Stop {
		this.#limit = limit;
		for (;;) {
			const { retired } = this;
			const budget = Math.min(this.#limit - retired, this.#new ? SHORT_RUN : LONGEST_RUN);
			if (budget <= 0) return "limit";
			this.#setBudget(retired + budget, budget);
			this.#run(S.CPU);
			this.#set32(S.RECORD, S.NO_RECORD);
			this.#new = Math.max(0, this.#new - 1);
			if (this.#regions.waiting) {
				this.#regions.compile();
				this.#new = NEW_FOR;
			}
			const stop = STOPS[this.#get32(S.STOP)];
			if (stop !== "limit") return stop;
		}
	}
	#limit = 0;
	/** Runs until the youngest code counts as old. */
	#new = 0;

	stopAt(at: number): void {
		this.#limit = Math.min(this.#limit, Math.max(at, this.retired));
		const horizon = this.#view.getFloat64(S.CPU + S.HORIZON, true);
		this.#endSooner(horizon - Math.max(at, this.retired));
	}

	/** The budget is to have no more than `most` left. */
	#endWithin(most: number): void {
		this.#endSooner(this.#view.getInt32(S.CPU + S.REMAINING, true) - most);
	}

	#endSooner(instructions: number): void {
		if (instructions <= 0) return;
		const horizon = this.#view.getFloat64(S.CPU + S.HORIZON, true);
		const remaining = this.#view.getInt32(S.CPU + S.REMAINING, true);
		this.#setBudget(horizon - instructions, remaining - instructions);
	}

	interrupt(high: boolean): void {
		this.#attention(S.ATTENTION_INTR, high);
	}

	ignoreFloatError(): void {
		if (this.#view.getUint16(S.CPU + S.FSW, true) & FSW_ES) this.#set32(S.IGNNE, 1);
	}

	nmi(): void {
		this.#attention(S.ATTENTION_NMI, true);
	}

	a20(enabled: boolean): void {
		const mask = enabled ? 0xffffffff : 0xffefffff;
		if (mask === this.#get32(S.ADDRESS_MASK)) return;
		this.#set32(S.ADDRESS_MASK, mask);
		this.#core.stateReplaced(S.CPU);
	}

	reset(): void {
		const retired = this.retired;
		this.#core.reset(S.CPU);
		this.#setBudget(retired, 0);
	}

	translate(linear: bigint): number | undefined {
		const physical = BigInt.asUintN(64, this.#core.translateQuietly(S.CPU, BigInt.asIntN(64, linear)));
		return physical >> 32n ? undefined : Number(physical);
	}

	registers(): Registers {
		const table = (at: number) => ({ base: this.#get64(at), limit: this.#get32(at + 8) });
		return {
			general: Array.from({ length: 16 }, (_, i) => this.#get64(S.REGISTERS + i * 8)),
			rip: this.#get64(S.RIP),
			rflags: BigInt(this.#core.readFlags(S.CPU, 0) >>> 0),
			segments: Array.from({ length: 6 }, (_, i) => this.#segment(S.SEGMENTS + i * S.SEGMENT_SIZE)),
			ldtr: this.#segment(S.LDTR),
			tr: this.#segment(S.TR),
			gdtr: table(S.GDTR),
			idtr: table(S.IDTR),
			cr0: this.#get64(S.CR0),
			cr2: this.#get64(S.CR2),
			cr3: this.#get64(S.CR3),
			cr4: this.#get64(S.CR4),
			cr8: this.#get64(S.CR8),
			efer: this.#get64(S.EFER),
			debug: Array.from({ length: 8 }, (_, i) => this.#get64(S.DR + i * 8)),
		};
	}

	setRegisters(registers: Registers): void {
		registers.general.forEach((value, i) => this.#set64(S.REGISTERS + i * 8, value));
		this.#set64(S.RIP, registers.rip);
		registers.segments.forEach((segment, i) => this.#setSegment(S.SEGMENTS + i * S.SEGMENT_SIZE, segment));
		this.#setSegment(S.LDTR, registers.ldtr);
		this.#setSegment(S.TR, registers.tr);
		for (const [at, table] of [
			[S.GDTR, registers.gdtr],
			[S.IDTR, registers.idtr],
		] as const) {
			this.#set64(at, table.base);
			this.#set32(at + 8, table.limit);
		}
		for (const [at, value] of [
			[S.CR0, registers.cr0],
			[S.CR2, registers.cr2],
			[S.CR3, registers.cr3],
			[S.CR4, registers.cr4],
		] as const)
			this.#set64(at, value);
		this.#set64(S.CR8, registers.cr8);
		this.#set64(S.EFER, registers.efer);
		registers.debug.forEach((value, i) => this.#set64(S.DR + i * 8, value));
		const virtual8086 = (registers.rflags >> 17n) & 1n;
		const isProtected = registers.cr0 & 1n;
		this.#set32(S.CPL, virtual8086 ? 3 : isProtected ? registers.segments[1].selector & 3 : 0);
		this.#core.writeFlags(S.CPU, Number(registers.rflags), 0xffffffff);
		this.#core.stateReplaced(S.CPU);
	}

	get shutdown(): readonly Delivery[] {
		if (!(this.#get32(S.ATTENTION) & S.ATTENTION_SHUTDOWN)) return [];
		return Array.from({ length: this.#get32(S.DELIVERY_COUNT) }, (_, i) =>
			this.#delivery(S.DELIVERIES + i * S.DELIVERY_SIZE),
		);
	}

	get delivered(): Delivered {
		const core = this.#core;
		const error = core.deliveredError();
		return {
			count: core.deliveredCount() >>> 0,
			vector: core.deliveredVector(),
			errorCode: error < 0n ? undefined : Number(error),
			handler: BigInt.asUintN(64, core.deliveredTo()),
		};
	}

	save(): Uint8Array {
		// One way to write the same flags down.
		this.#core.writeFlags(S.CPU, this.#core.readFlags(S.CPU, 0), 0x8d5);
		const copy = this.#bytes.slice(S.CPU, S.CPU + S.STATE_SIZE);
		const view = new DataView(copy.buffer);
		view.setFloat64(S.HORIZON, this.retired, true);
		// What only this process knows: budgets, where the jump cache stands, what ran last.
		for (const field of [S.REMAINING, S.JUMP_KEY, S.GENERATION, S.RECORD, S.STOP, S.LARGE_PAGES])
			view.setUint32(field, 0, true);
		view.setBigUint64(S.PAGE_BASE, 0n, true);
		return copy;
	}

	load(state: Uint8Array): void {
		this.#bytes.set(state, S.CPU);
		this.#set32(S.RECORD, S.NO_RECORD);
		this.#core.stateReplaced(S.CPU);
	}

	#setModel(model: Model): void {
		const { cr4, efer, xcr0 } = controlMasks(model);
		const leaves = cpuidLeaves(model);
		this.#view.setBigUint64(S.MODEL_CR4, cr4, true);
		this.#view.setBigUint64(S.MODEL_EFER, efer, true);
		this.#view.setBigUint64(S.MODEL_XCR0, xcr0, true);
		const hasAux = model.features.has("RDTSCP") || model.features.has("RDPID");
		const words = [signature(model), leaves.length, hasAux ? S.MODEL_TSC_AUX : 0];
		words.forEach((word, i) => this.#view.setUint32(S.MODEL_SIGNATURE + i * 4, word, true));
		leaves.forEach(({ leaf, subleaf, values }, i) => {
			const at = S.MODEL_LEAF_TABLE + i * S.MODEL_LEAF_SIZE;
			[leaf, subleaf, ...values].forEach((word, j) => this.#view.setUint32(at + j * 4, word >>> 0, true));
		});
	}

	#setBudget(horizon: number, remaining: number): void {
		this.#view.setFloat64(S.CPU + S.HORIZON, horizon, true);
		this.#view.setInt32(S.CPU + S.REMAINING, Math.max(remaining, -0x7fffffff), true);
	}

	#attention(bit: number, on: boolean): void {
		const before = this.#get32(S.ATTENTION);
		this.#set32(S.ATTENTION, on ? before | bit : before & ~bit);
	}

	#segment(at: number): Segment {
		return {
			selector: this.#get32(at + S.SEG_SELECTOR),
			base: this.#get64(at + S.SEG_BASE),
			limit: this.#get32(at + S.SEG_LIMIT),
			attributes: this.#get32(at + S.SEG_ATTRIBUTES),
		};
	}

	#setSegment(at: number, segment: Segment): void {
		this.#set32(at + S.SEG_SELECTOR, segment.selector);
		this.#set64(at + S.SEG_BASE, segment.base);
		this.#set32(at + S.SEG_LIMIT, segment.limit);
		this.#set32(at + S.SEG_ATTRIBUTES, segment.attributes);
	}

	#delivery(at: number): Delivery {
		const vector = this.#get32(at + S.DELIVERY_VECTOR);
		const failure = this.#get32(at + S.DELIVERY_FAILURE);
		return {
			vector,
			errorCode: this.#get32(at + S.DELIVERY_HAS_ERROR) ? this.#get32(at + S.DELIVERY_ERROR) : undefined,
			rip: this.#get64(at + S.DELIVERY_RIP),
			cs: this.#get32(at + S.DELIVERY_CS),
			cr2: this.#get64(at + S.DELIVERY_CR2),
			failure: failureText(failure & 0xff, failure >>> 8, vector),
		};
	}

	#get32(offset: number): number {
		const base = offset >= S.CPU ? 0 : S.CPU;
		return this.#view.getUint32(base + offset, true);
	}

	#set32(offset: number, value: number): void {
		this.#view.setUint32(S.CPU + offset, value, true);
	}

	#get64(offset: number): bigint {
		return this.#view.getBigUint64(S.CPU + offset, true);
	}

	#set64(offset: number, value: bigint): void {
		this.#view.setBigUint64(S.CPU + offset, value, true);
	}
}

/** Why a delivery failed, in words; `detail` is the vector, the selector or the offset it speaks of. */
function failureText(failure: number, detail: number, vector: number): string | undefined {
	const hex = (value: number) => `0x${value.toString(16)}`;
	switch (failure) {
		case S.FAILURE_IDT_LIMIT:
			return `IDT entry ${vector} lies outside the IDT's limit`;
		case S.FAILURE_IDT_READ:
			return `reading IDT entry ${vector} raised a page fault`;
		case S.FAILURE_GATE_TYPE:
			return `IDT entry ${vector} is not an interrupt or trap gate`;
		case S.FAILURE_GATE_NOT_PRESENT:
			return `IDT entry ${vector} is not present`;
		case S.FAILURE_GATE_DPL:
			return `IDT entry ${vector} has a DPL below CPL`;
		case S.FAILURE_CODE_SEGMENT:
			return `its gate's code segment ${hex(detail)} cannot be used`;
		case S.FAILURE_STACK_SEGMENT:
			return `the TSS's stack segment ${hex(detail)} cannot be used`;
		case S.FAILURE_TSS:
			return `reading the stack pointer at offset ${detail} of the TSS failed`;
		case S.FAILURE_PUSH:
			return "pushing the stack frame failed";
		case S.FAILURE_TASK:
			return `switching to the task ${hex(detail)} of its gate failed`;
		case S.FAILURE_RIP:
			return "the handler's address is not canonical or beyond its segment's limit";
		default:
			return undefined;
	}
}

/** WebAssembly hands over signed integers. */
function unsigned(bus: ProcessorBus): WebAssembly.ModuleImports {
	return {
		readPort: (port: number, size: number) => bus.readPort(port, size),
		writePort: (port: number, value: number, size: number) => bus.writePort(port, value >>> 0, size),
		readMemory: (address: number, size: number) => bus.readMemory(address >>> 0, size),
		writeMemory: (address: number, value: number, size: number) =>
			bus.writeMemory(address >>> 0, value >>> 0, size),
		acknowledge: () => bus.acknowledge(),
		now: () => bus.now(),
		floatError: () => bus.floatError?.(),
	};
}
