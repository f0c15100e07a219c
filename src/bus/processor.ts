/** Why `Processor.run` came back. */
export type Stop =
	/** The instruction limit was reached, or `stop()` was asked for. */
	| "limit"
	/** HLT (or a wait state) with no interrupt to deliver: only an event can wake it. */
	| "halt"
	/** Triple fault: see `shutdown`. The processor does nothing more until `reset`. */
	| "shutdown";

/** General registers, segments and control state, all widths, as plain data. */
export interface Registers {
	/** RAX RCX RDX RBX RSP RBP RSI RDI R8..R15, the encoding's order, each 0..2^64-1. */
	general: bigint[];
	rip: bigint;
	rflags: bigint;
	/** ES CS SS DS FS GS, the encoding's order. */
	segments: Segment[];
	ldtr: Segment;
	tr: Segment;
	gdtr: { base: bigint; limit: number };
	idtr: { base: bigint; limit: number };
	cr0: bigint;
	cr2: bigint;
	cr3: bigint;
	cr4: bigint;
	cr8: bigint;
	efer: bigint;
	/** DR0..DR3, DR6, DR7 at their own index; 4 and 5 are unused. */
	debug: bigint[];
}

export interface Segment {
	selector: number;
	base: bigint;
	/** In bytes, scaled: 0xffffffff for a flat segment. */
	limit: number;
	/** Descriptor bytes 5 and 6 without the limit: type, S, DPL, P in bits 0..7, AVL L D G in bits 12..15. */
	attributes: number;
}

/** The exception or interrupt that last reached its handler. */
export interface Delivered {
	/** How many have, in this process. */
	count: number;
	vector: number;
	/** Undefined where the exception pushes none. */
	errorCode?: number;
	/** RIP of the handler's first instruction. */
	handler: bigint;
}

/** One exception or interrupt that the processor tried to deliver. */
export interface Delivery {
	vector: number;
	/** Undefined where the exception pushes none. */
	errorCode?: number;
	/** Where: linear RIP (CS base not added) and CS when it was raised. */
	rip: bigint;
	cs: number;
	cr2: bigint;
	/** Undefined where it was delivered; else why not, in the SDM's words: "IDT entry 14 is not present". */
	failure?: string;
}

/** When warm code is drafted, which is to be cheap where there is much of it, and is not worth a module where there is little. */
export interface DraftPolicy {
	/** Entries after which a block is warm. */
	after: number;
	/** How many warm blocks there must be at first; later more. */
	blocks: number;
}

/** What the compiler has done so far. */
export interface RegionStats {
	/** Regions made, and of those the ones that are there now. */
	compiled: number;
	live: number;
	/** WebAssembly bytes, likewise. */
	bytes: number;
	liveBytes: number;
	modules: number;
	evicted: number;
	/** How often all code was dropped. */
	drops: number;
	/** Functions of drafts made: what comes before regions, counted in the bytes and modules but not in the regions. */
	drafts: number;
}

/** How often compiled code was left for one cause: an instruction as its row has it, or words. */
export interface RegionExit {
	cause: string;
	count: number;
}

/**
 * The CPU as the machine sees it: a thing that retires instructions against the bus. One core.
 */
export interface Processor {
	/** Instructions retired since power-on, exact at any moment, also inside a device's handler. */
	readonly retired: number;
	/** What the compiler of hot code has done so far. */
	readonly regionStats: Readonly<RegionStats>;
	/** Why compiled code was left for the interpreter. */
	readonly regionExits: RegionExit[];
	/** Runs until `retired` reaches `limit`, or another reason to stop. */
	run(limit: number): Stop;
	/** Makes a running `run` return before the instruction that would be number `at` (now, if it has passed). */
	stopAt(at: number): void;
	/** The INTR pin: while high and IF is set, an interrupt is acknowledged from the bus. */
	interrupt(high: boolean): void;
	/** The NMI pin's edge. */
	nmi(): void;
	/** The IGNNE# pin: a pending x87 exception stops no instruction, until none is pending any more. */
	ignoreFloatError(): void;
	/** The A20 gate: false forces address bit 20 to zero. */
	a20(enabled: boolean): void;
	/** The RESET pin: the state after power-on, RIP at the reset vector. */
	reset(): void;
	/** Registers now; a copy. */
	registers(): Registers;
	/** Sets registers; hidden parts of segments are taken as given. For loaders (`-kernel`), snapshots and tests. */
	setRegisters(registers: Registers): void;
	/** The address translation of now, without side effects: the physical address, or undefined. */
	translate(linear: bigint): number | undefined;
	/** The last deliveries before a shutdown, oldest first; empty if it never shut down. */
	readonly shutdown: readonly Delivery[];
	readonly delivered: Delivered;
	/** Every mutable bit that is not RAM, for snapshots and hashing. */
	save(): Uint8Array;
	load(state: Uint8Array): void;
}
