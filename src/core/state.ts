/**
 * Where everything lies in the one WebAssembly memory: the only file with offsets. AssemblyScript
 * (core/) and TypeScript (translate/) both import it, so it holds nothing but integer constants.
 *
 *   0x0000_0000  the processor's state block
 *   0x0000_3000  AssemblyScript's own data (build/processor.ts, --memoryBase)
 *   0x0001_0000  scratch records, bounce buffer
 *   0x0004_0000  TLBs, jump cache, hash of code pages
 *   0x0010_0000  decode tables (built from the rows)
 *   0x0020_0000  stencils (built from the rows)
 *   0x0040_0000  page map: one u32 a 4 KiB page of the 4 GiB physical space
 *   0x0080_0000  code pages: which instruction starts where, by physical page
 *   0x0300_0000  decoded instructions
 *   0x0590_0000  drafts: a word for each record, then what is being drafted
 *   0x0600_0000  video memory, ROMs (handed out by PhysicalMemory.allocate)
 *   0x0800_0000  guest RAM, up to 3 GiB
 */
/**
 * What `cpu` is. Generated code has the state's places as constants: with registers in the first 128 bytes of memory the host's instructions
 * for them are short, and the engine need not check that memory is there.
 */
export const CPU: u32 = 0;

// --- the state block: offsets from `cpu` -----------------------------------------------------------

/** RAX RCX RDX RBX RSP RBP RSI RDI R8..R15, u64 each, in the encoding's order. */
export const REGISTERS: u32 = 0;
export const RAX: u32 = 0;
export const RCX: u32 = 8;
export const RDX: u32 = 16;
export const RBX: u32 = 24;
export const RSP: u32 = 32;
export const RBP: u32 = 40;
export const RSI: u32 = 48;
export const RDI: u32 = 56;
export const R11: u32 = 88;
/** Up to date between blocks only; inside a block it is PAGE_BASE + the record's offset. */
export const RIP: u32 = 128;
/** Always zero: the base or index of an address that has none. */
export const ZERO: u32 = 136;
/** What RIP would be at the first byte of the code page that runs now. */
export const PAGE_BASE: u32 = 144;

/**
 * Arithmetic flags, not computed until something reads them. RESULT is the last result,
 * sign-extended; CARRIES has the carry out of bit i at bit i, sign-extended; META holds 64 minus
 * the operand's width in bits 0..5, a byte that is xored to the result for PF in bits 8..15, and
 * a bit that is xored to its sign for SF in bit 63. So
 *   ZF = RESULT == 0            SF = (RESULT ^ META) < 0      CF = CARRIES < 0
 *   OF = ((CARRIES ^ CARRIES << 1) << META) < 0               AF = CARRIES bit 3
 */
export const FLAGS_RESULT: u32 = 152;
export const FLAGS_CARRIES: u32 = 160;
export const FLAGS_META: u32 = 168;
/** The other flags of RFLAGS at their own place (TF IF DF IOPL NT RF VM AC VIF VIP ID); u32. */
export const FLAGS_SYSTEM: u32 = 176;
export const CPL: u32 = 180;
/** Instructions until the run must stop, less those of the block that runs now; i32. */
export const REMAINING: u32 = 184;
/** The TLB of the present privilege; u32. */
export const TLB_BASE: u32 = 188;
/** ATTENTION_* bits: what must be looked at before the next block; u32. */
export const ATTENTION: u32 = 192;
/** MODE_* bits: what decoding depends on; u32. */
export const MODE: u32 = 196;
/** MODE, privilege and the jump cache's generation: what an entry must match; u32. */
export const JUMP_KEY: u32 = 200;
export const GENERATION: u32 = 204;
/** Retired instructions at the start of this run plus the run's budget; f64. */
export const HORIZON: u32 = 208;
/** STOP_* : why the run came back; u32. */
export const STOP: u32 = 216;
/** A flush of one page must flush all: a TLB entry came from a large page; u32. */
export const LARGE_PAGES: u32 = 220;
/** The record that runs, stored before calls that need to know where they are; u32. */
export const RECORD: u32 = 224;
/** Address bits that reach the bus: bit 20 is clear while A20 is masked; u32. */
export const ADDRESS_MASK: u32 = 228;

/** Segments: SEGMENT_SIZE bytes each, in the encoding's order, then LDTR and TR. */
export const SEGMENTS: u32 = 256;
export const SEGMENT_SIZE: u32 = 32;
export const ES: u32 = 256;
export const CS: u32 = 288;
export const SS: u32 = 320;
export const DS: u32 = 352;
export const FS: u32 = 384;
export const GS: u32 = 416;
export const LDTR: u32 = 448;
export const TR: u32 = 480;
/** Inside a segment: u64, u32 (scaled to bytes), u32 (as in `Segment.attributes`), u32. */
export const SEG_BASE: u32 = 0;
export const SEG_LIMIT: u32 = 8;
export const SEG_ATTRIBUTES: u32 = 12;
export const SEG_SELECTOR: u32 = 16;
/** u32, outside 64-bit mode: an access that ends beyond it must be looked at more closely; 0 for all accesses. */
export const SEG_READ_TOP: u32 = 20;
export const SEG_WRITE_TOP: u32 = 24;

export const GDTR: u32 = 512;
export const IDTR: u32 = 528;
export const CR0: u32 = 544;
export const CR2: u32 = 552;
export const CR3: u32 = 560;
export const CR4: u32 = 568;
export const CR8: u32 = 576;
export const EFER: u32 = 584;
/** DR0..DR7, u64 each. */
export const DR: u32 = 592;
export const STAR: u32 = 656;
export const LSTAR: u32 = 664;
export const CSTAR: u32 = 672;
export const FMASK: u32 = 680;
export const KERNEL_GS_BASE: u32 = 688;
export const SYSENTER_CS: u32 = 696;
export const SYSENTER_ESP: u32 = 704;
export const SYSENTER_EIP: u32 = 712;
/** What is added to the clock for RDTSC. */
export const TSC_OFFSET: u32 = 720;
export const PAT: u32 = 728;
export const MISC_ENABLE: u32 = 752;
export const MTRR_DEF_TYPE: u32 = 760;
/** MTRR_PHYSBASE0, MTRR_PHYSMASK0 .. 7, then the eleven fixed-range ones; u64 each. */
export const MTRR_VARIABLE: u32 = 768;
export const MTRR_FIXED: u32 = 896;
/** Seed of RDRAND's generator (splitmix64). */
export const RANDOM: u32 = 992;

/** The exception that an instruction has raised and that waits for delivery: vector + 1, or 0 for none; u32. */
export const FAULT_VECTOR: u32 = 1000;
export const FAULT_ERROR: u32 = 1004;
export const FAULT_HAS_ERROR: u32 = 1008;
/** The instruction after which the trap #DB is due: TF was set when it began; u32. */
export const STEPPING: u32 = 1012;
/** Bits of DR6 for the trap #DB that is due when the instruction has ended; u32. */
export const DEBUG_PENDING: u32 = 1016;
/** 64 less the bits of a linear address: 16, or 7 with 5-level paging; u32. */
export const CANONICAL_SHIFT: u32 = 1020;
/** Events that were being delivered when the processor shut down, oldest first: see DELIVERY_*. */
export const DELIVERIES: u32 = 1032;
export const DELIVERY_COUNT: u32 = 1028;
export const DELIVERY_SIZE: u32 = 48;
export const DELIVERY_LIMIT: u32 = 4;
export const DELIVERY_VECTOR: u32 = 0;
export const DELIVERY_ERROR: u32 = 4;
export const DELIVERY_HAS_ERROR: u32 = 8;
export const DELIVERY_CS: u32 = 12;
export const DELIVERY_RIP: u32 = 16;
export const DELIVERY_CR2: u32 = 24;
/** FAILURE_* in the low byte; the vector, selector or other number it speaks of above. */
export const DELIVERY_FAILURE: u32 = 32;
/** Rights of protection keys: two bits a key; u32. */
export const PKRU: u32 = 2072;

/**
 * The x87's registers by their physical number, 16 bytes each of which ten are the number; the first eight bytes are
 * MM0..MM7.
 */
export const X87_REGISTERS: u32 = 1280;
export const X87_REGISTER_SIZE: u32 = 16;
/** Control and status word; u16 in four bytes each. TOP is in the status word. */
export const FCW: u32 = 1408;
export const FSW: u32 = 1412;
/** The tag word, abridged as FXSAVE has it: bit n is set where physical register n is not empty; u8. */
export const FTW: u32 = 1416;
/** Of the last instruction but control instructions: opcode (eleven bits, u16), RIP; and operand's address (u64 each). */
export const FOP: u32 = 1420;
export const FIP: u32 = 1424;
export const FDP: u32 = 1432;
/** The IGNNE# pin: a pending exception does not stop the next instruction; u32. */
export const IGNNE: u32 = 1440;

/** YMM0..YMM15, 32 bytes each; the lower halves are XMM0..XMM15. */
export const VECTORS: u32 = 1536;
export const VECTOR_SIZE: u32 = 32;
export const MXCSR: u32 = 2048;
/** Which parts of the state are enabled: bit 0 x87, 1 SSE, 2 AVX, 9 PKRU; u64. */
export const XCR0: u32 = 2056;
export const TSC_AUX: u32 = 2080;
/**
 * What an instruction of SSE, of AVX, or any other under a VEX prefix raises in the present mode: vector + 1, or 0 where it
 * may run; u32 each. Worked out by `updateMode`.
 */
export const SSE_FAULT: u32 = 2084;
export const AVX_FAULT: u32 = 2088;
export const VEX_FAULT: u32 = 2092;
/** Saved by `Processor.save`. */
export const STATE_SIZE: u32 = 2112;

/** Sixty-four bytes for accesses that are not one piece of RAM: page crossings, devices. */
export const BOUNCE: u32 = 0x12000;
/** A paging-structure entry on its way back to memory. */
export const WALK_SCRATCH: u32 = 0x12080;
/** A copy of a record and the record that ends it: one instruction, or the last of a budget. */
export const SCRATCH: u32 = 0x11000;
/** A record of zeros, for accesses that no instruction makes. */
export const NO_RECORD: u32 = 0x12100;
/** A segment register's worth of scratch: the stack that is about to be entered. */
export const SCRATCH_SEGMENT: u32 = 0x12180;
/** Five selectors on their way to virtual-8086 mode. */
export const SCRATCH_SELECTORS: u32 = 0x121c0;
/** The processor's model: not state, written once when the processor is made (x86/cpuid.ts). u64 each: bits that can be set. */
export const MODEL: u32 = 0x13000;
export const MODEL_CR4: u32 = 0x13000;
export const MODEL_EFER: u32 = 0x13008;
export const MODEL_XCR0: u32 = 0x13010;
/** u32: what EDX holds after RESET; how many leaves CPUID has. */
export const MODEL_SIGNATURE: u32 = 0x13018;
export const MODEL_LEAVES: u32 = 0x1301c;
/** MODEL_* bits; u32. */
export const MODEL_FLAGS: u32 = 0x13020;
export const MODEL_TSC_AUX: u32 = 1;
/** CPUID's answers, in the order of leaf and subleaf: u32 leaf, i32 subleaf (-1 any), u32 EAX EBX ECX EDX. */
export const MODEL_LEAF_TABLE: u32 = 0x13040;
export const MODEL_LEAF_SIZE: u32 = 24;
/** Where an instruction that crosses a page is assembled. */
export const CROSSING: u32 = 0x120c0;
/**
 * Instructions that go from one page into the next, by the number of their page: a record, the record that ends it, then u64 linear
 * address and u32 what the jump cache's entries must match for it to hold.
 */
export const CROSSED: u32 = 0x20000;
export const CROSSED_SLOTS: u32 = 256;
export const CROSSED_SIZE: u32 = 128;
export const CROSSED_LINEAR: u32 = 96;
export const CROSSED_KEY: u32 = 104;

// --- reasons and modes ------------------------------------------------------------------------------

export const STOP_LIMIT: u32 = 0;
export const STOP_HALT: u32 = 1;
export const STOP_SHUTDOWN: u32 = 2;

export const ATTENTION_INTR: u32 = 1;
export const ATTENTION_NMI: u32 = 2;
/** STI, MOV SS, POP SS: no interrupt before the instruction after the next. */
export const ATTENTION_SHADOW: u32 = 4;
export const ATTENTION_STEP: u32 = 8;
export const ATTENTION_SHUTDOWN: u32 = 16;
export const ATTENTION_HALTED: u32 = 32;
/** An NMI is being handled: the next one waits for IRET. */
export const ATTENTION_NMI_BLOCKED: u32 = 64;

/** Bits 0..1: 0 is 16-bit code, 1 is 32-bit, 2 is 64-bit. */
export const MODE_SIZE: u32 = 3;
export const MODE_32: u32 = 1;
export const MODE_64: u32 = 2;
/** DS, ES and SS are flat and writable: an address needs no segment arithmetic. */
export const MODE_FLAT: u32 = 4;
/** Which TLB its accesses go through (TLB_SUPERVISOR ...), in bits 3..4: not the decoder's, but compiled code holds its address. */
export const MODE_TLB_SHIFT: u32 = 3;
/** Outside 64-bit mode: the stack counts in ESP, not in SP; compiled code relies on it. */
export const MODE_WIDE_STACK: u32 = 32;
/** Where the generation begins in JUMP_KEY. */
export const GENERATION_SHIFT: u32 = 6;

// --- what a core function called by a row answers ------------------------------------------------------

/** Go on with the next record. */
export const STATUS_NEXT: i32 = 0;
/** Done, but look up the next instruction afresh: time, interrupts, modes or code may have changed. */
export const STATUS_LEAVE: i32 = 1;
/** RIP has been set: look it up. */
export const STATUS_JUMP: i32 = 2;
/** An exception waits in FAULT_VECTOR. */
export const STATUS_FAULT: i32 = 3;
/** A string instruction has more to do: it is executed again, after interrupts were looked at. */
export const STATUS_AGAIN: i32 = 4;

// --- decoded instructions -------------------------------------------------------------------------

/** Cases of the interpreter's switch that are no instructions: look up RIP; undefined opcode; go on in another block. */
export const OP_RESUME: u32 = 0;
export const OP_UNDEFINED: u32 = 1;
export const OP_CONTINUE: u32 = 2;
export const FIRST_VARIANT: u32 = 3;

/** A record: one decoded instruction. Register fields are offsets in the state block, and addresses, as `CPU` is 0. */
export const RECORD_SIZE: u32 = 48;
export const REC_OP: u32 = 0; // u16, the case of the interpreter's switch
export const REC_RM: u32 = 2; // u16, ModRM.rm as a register, or the register in the opcode
export const REC_REG: u32 = 4; // u16, ModRM.reg as a register; for Sw, Cd and Dd its number
export const REC_BASE: u32 = 6; // u16
export const REC_INDEX: u32 = 8; // u16
/** u16, of a block's first record: how often it was entered, or from HOT on which region replaces it. */
export const REC_HEAT: u32 = 10;
export const REC_SCALE: u32 = 12; // u8, a shift count
export const REC_LENGTH: u32 = 13; // u8, bytes
export const REC_NEXT: u32 = 14; // u16, offset in the page of the instruction after
export const REC_IMMEDIATE: u32 = 16; // i64; a relative branch: its target's offset from the page's first byte
/** In the immediate's upper half, for under VEX it is a byte: u16 each, VEX.vvvv and the immediate's bits 7..4 as registers. */
export const REC_VVVV: u32 = 20;
export const REC_IS4: u32 = 22;
export const REC_MASK: u32 = 24; // i64, of the address size
export const REC_DISPLACEMENT: u32 = 32; // i64; relative to RIP: from the page's first byte
export const REC_INFO: u32 = 40; // u16, INFO_*
export const REC_LEFT: u32 = 42; // i16, instructions after this one in the block
export const REC_LINK: u32 = 44; // u32, the block that a branch inside the page goes to, or that an indirect call went to last; 0 until known

/** REC_HEAT of a block that has a region is HOT + the region's place in the table. */
export const HOT: u32 = 0xe000;
/** A block that is left to the interpreter for good. */
export const NEVER: u32 = 0xffff;

/** A block that waits for the compiler. */
export const QUEUED: u32 = 0xfffe;

/** How deep regions call one another. */
export const CALL_LIMIT: u32 = 128;

// --- flags on their way out of a region -------------------------------------------------------------------

/** What set a region's flags last, in bits 0..7; the operand's width in bits 8..15; 0: nothing, the state block has them. */
export const KIND_ADD: u32 = 1;
/** Carry or borrow in at KIND_CARRY_IN. */
export const KIND_ADC: u32 = 2;
export const KIND_SUB: u32 = 3;
export const KIND_SBB: u32 = 4;
/** a is the result, in the kinds from here on; CF of INC and DEC is in OVER_CARRY. */
export const KIND_LOGIC: u32 = 5;
export const KIND_INC: u32 = 6;
export const KIND_DEC: u32 = 7;
/** Bit 0 of b is CF, bit 1 OF. */
export const KIND_RESULT: u32 = 8;
/** IMUL of two operands, a and b; CF and OF tell whether the product fits. */
export const KIND_IMUL: u32 = 9;
/** A comparison of two floating-point numbers, whose encodings are a and b. */
export const KIND_ORDER: u32 = 10;
export const KIND_WIDTH_SHIFT: u32 = 8;
export const KIND_CARRY_IN_SHIFT: u32 = 16;

/** What has changed CF and OF since, in the same word: their values, and whether they count. */
export const OVER_CARRY: u32 = 0x1000000;
export const OVER_OVERFLOW: u32 = 0x2000000;
export const OVER_HAS_OVERFLOW: u32 = 0x4000000;
export const OVER_HAS_CARRY: u32 = 0x8000000;
export const OVER_SHIFT: u32 = 24;
/** Everything but OVER_*. */
export const KIND_MASK: u32 = 0xffffff;

/** Offsets from `cpu`, behind the state that is saved: between regions only; `settlePending` writes them down. */
export const PENDING_KIND: u32 = 0x2200; // u32
export const PENDING_A: u32 = 0x2208; // u64
export const PENDING_B: u32 = 0x2210; // u64
/** u32, nonzero: the instruction at RIP must be interpreted, for a region has left before it. */
export const REGION_LEFT: u32 = 0x2218;
/** What compiled code expects TLB_ADDEND to be (translate/region/accesses.ts): any value is right; u32. */
export const EXPECTED_ADDEND: u32 = 0x2220;
/** u32: entries after which a block is compiled, at most HOT. */
export const HOT_AFTER: u32 = 0x221c;
/** u32: the same for its draft; and bits of REC_HEAT: core/ is asked when one of them changes. */
export const WARM_AFTER: u32 = 0x2224;
export const ASK_MASK: u32 = 0x2228;

/** Number of the segment register in bits 0..2. */
export const INFO_SEGMENT: u32 = 7;
/** The address needs the segment: its base (FS and GS in 64-bit mode), or base, limit and rights. */
export const INFO_SEGMENTED: u32 = 8;
export const INFO_REP: u32 = 16;
export const INFO_REPNE: u32 = 32;
/** log2 of the operand size in bytes, in bits 6..7. */
export const INFO_OPERAND_SHIFT: u32 = 6;
/** log2 of the address size in bytes, in bits 8..9. */
export const INFO_ADDRESS_SHIFT: u32 = 8;
export const INFO_LOCK: u32 = 1024;

// --- TLB, jump cache, page map, code pages ------------------------------------------------------------

export const TLB: u32 = 0x40000;
export const TLB_ENTRIES: u32 = 1024;
export const TLB_ENTRY: u32 = 32;
export const TLB_BYTES: u32 = 32768;
/** Tags are the page's linear address, or one that belongs into another entry; a tag for each kind of access. */
export const TLB_READ: u32 = 0;
export const TLB_WRITE: u32 = 8;
export const TLB_EXECUTE: u32 = 16;
/** u32: host address less linear address. */
export const TLB_ADDEND: u32 = 24;
/** u32: the physical page, with TLB_GLOBAL. */
export const TLB_PHYSICAL: u32 = 28;
export const TLB_GLOBAL: u32 = 1;
export const TLB_SUPERVISOR: u32 = 0;
export const TLB_USER: u32 = 1;
/** Supervisor with SMAP lifted by EFLAGS.AC. */
export const TLB_SUPERVISOR_AC: u32 = 2;
/** CPL 3 with alignment checks: it stays empty, so that every access is looked at. */
export const TLB_USER_ALIGNED: u32 = 3;
/** Those that hold something. */
export const TLBS: u32 = 3;

export const JUMP_CACHE: u32 = 0x60000;
export const JUMP_ENTRIES: u32 = 8192;
/**
 * An address has two places: the one that the hash names, and what was there before goes to the other, whose distance is
 * JUMP_OTHER exclusive-ored. An entry: u64 linear RIP, u32 JUMP_KEY, u32 record; then for compiled code the record's region, in so few steps as can be: u32
 * JUMP_KEY, or what no processor has where there is no region, and u32 place in the table.
 */
export const JUMP_ENTRY: u32 = 32;
export const JUMP_OTHER: u32 = 131072;
export const JUMP_RECORD_KEY: u32 = 8;
export const JUMP_RECORD: u32 = 12;
export const JUMP_REGION_KEY: u32 = 16;
export const JUMP_REGION: u32 = 20;

/**
 * Windows (core/windows.ts), a set for the reads and one for the writes of each TLB: u64 first linear address, u64 bytes (a power of two, or 0 where it
 * is closed), u32 host address less linear address, u32 whether OPENED names it. Then a byte for each TLB's entries: 1 where a
 * window relies on it; and the windows that were opened.
 */
export const WINDOWS: u32 = 0xb0000;
export const WINDOW_SIZE: u32 = 32;
export const WINDOW_SET: u32 = 256;
export const WINDOW_BYTES: u32 = 8;
export const WINDOW_ADDEND: u32 = 16;
export const WINDOW_LISTED: u32 = 20;
export const WINDOWED: u32 = 0xc0000;
export const OPENED: u32 = 0xc1000;

/**
 * How often compiled code was left for the interpreter, by REC_OP of the instruction that it was left at; u32 each. The host's
 * alone: not state of the machine. What no instruction is the cause of has places that no case has.
 */
export const LEFT_COUNTS: u32 = 0xf0000;
export const LEFT_COUNTS_LENGTH: u32 = 8192;
/** Jumps to where no compiled code is known. */
export const LEFT_JUMP: u32 = 0;
/** Fewer instructions remain than the way ahead may take. */
export const LEFT_BUDGET: u32 = 2;

export const TABLES: u32 = 0x100000;
export const STENCILS: u32 = 0x200000;

export const PAGE_MAP: u32 = 0x400000;
/** Bits of a page map's word under the host address. */
export const PAGE_READ: u32 = 1;
export const PAGE_WRITE: u32 = 2;
/** Decoded instructions came from it: writes must be seen. */
export const PAGE_CODE: u32 = 4;
/** Backed by host memory at all (a ROM, shadow RAM that is write-only ...). */
export const PAGE_HOST: u32 = 8;
/** Written since `takeDirty` asked last. */
export const PAGE_DIRTY: u32 = 16;
/** Writes must be noticed once (`takeDirty` watches it). */
export const PAGE_WATCHED: u32 = 32;

/** Reads come from what is mapped (a ROM), writes go to the RAM beneath. */
export const PAGE_SHADOW: u32 = 64;

/** A code page: u32 physical page + 1, u32 mode, u32 next in its hash chain, 16 bytes of which 32-byte pieces hold code, then a u32 record for each byte. */
export const CODE_PAGES: u32 = 0x800000;
export const CODE_PAGES_END: u32 = 0x3000000;
export const CODE_PAGE_SIZE: u32 = 16448;
export const CODE_PAGE_ENTRIES: u32 = 64;
export const CODE_HASH: u32 = 0xa0000;
export const CODE_HASH_ENTRIES: u32 = 4096;

export const RECORDS: u32 = 0x3000000;
export const RECORDS_END: u32 = 0x5900000;

/**
 * For each record a u32, of use for a block's first one: in the lower half how often the block's draft was entered, in the upper
 * half what REC_HEAT is where the draft takes the block's place, or 0 where it has none.
 */
export const DRAFT_WORDS: u32 = 0x5900000;
export const DRAFT_HEAT_SHIFT: u32 = 16;
/** Records to a word: a record's distance from RECORDS, divided by this, is its word's from DRAFT_WORDS. */
export const RECORD_PER_WORD: u32 = 12;
/** For each byte of the page that is being drafted a u16: the block there, counted from 1; and of each block: u32 record, u16 offset, u16 function. */
export const DRAFT_LABELS: u32 = 0x5d00000;
export const DRAFT_BLOCKS: u32 = 0x5d02000;
/** How often the drafts' functions were entered, a u32 each, in turn. */
export const DRAFT_GATES: u32 = 0x5d0c000;
export const DRAFT_GATES_END: u32 = 0x5d10000;
/** The records by which the drafts under way are entered: u32 record, u32 function. */
export const DRAFT_DOORS: u32 = 0x5d10000;
export const DRAFT_DOORS_END: u32 = 0x5d8c000;
/** Their module: bodies, each behind its size, begin at DRAFT_CODE; what comes before them in a module ends there. */
export const DRAFT_MODULE: u32 = 0x5d8c000;
export const DRAFT_CODE: u32 = 0x5d90000;
export const DRAFT_CODE_END: u32 = 0x5fff000;
export const DRAFT_MODULE_END: u32 = 0x6000000;
export const STORAGE: u32 = 0x6000000;
export const RAM: u32 = 0x8000000;

// --- why an event could not be delivered ---------------------------------------------------------------

export const FAILURE_NONE: u32 = 0;
export const FAILURE_IDT_LIMIT: u32 = 1;
export const FAILURE_IDT_READ: u32 = 2;
export const FAILURE_GATE_TYPE: u32 = 3;
export const FAILURE_GATE_NOT_PRESENT: u32 = 4;
export const FAILURE_GATE_DPL: u32 = 5;
export const FAILURE_CODE_SEGMENT: u32 = 6;
export const FAILURE_STACK_SEGMENT: u32 = 7;
export const FAILURE_TSS: u32 = 8;
export const FAILURE_PUSH: u32 = 9;
export const FAILURE_RIP: u32 = 10;
export const FAILURE_TASK: u32 = 11;
