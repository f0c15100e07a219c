/**
 * The stencils' format, shared by the one who makes them (translate/draft/stencils.ts) and the one who copies them (draft.ts). A
 * stencil is code with holes where a record's fields belong. Offsets count from STENCILS.
 *
 *   0      u32[16][4][8]          where the stencils of conditions lie, by KIND_* (0: the flags are settled), width, and bits 3..1 of the
 *                                 condition's code
 *   2048   u32[4] for each case   where a variant's lie: one that leaves the flags behind, one that does not; then those two for where its memory is
 *                                 known to be there; 0 where it has none
 *   then   stencils               a header, and pieces: u8 length, so many bytes, u8 HOLE_*, u8 what it takes besides; the last
 *                                 one's hole is HOLE_END
 */

/**
 * The header: u8 STENCIL_*, u8 END_*, u8 temporaries of type i32, u8 of i64, u16 kind and width of the flags that it leaves in locals, u8 ACCESS_*, u8
 * CHANGES_*, u16 the registers that it changes by their numbers, i8 what it adds to RSP besides.
 */
export const STENCIL_HEADER: u32 = 11;
export const STENCIL_END: u32 = 1;
export const STENCIL_TEMPORARIES: u32 = 2;
export const STENCIL_KIND: u32 = 4;
export const STENCIL_ACCESS: u32 = 6;
export const STENCIL_CHANGES: u32 = 7;
export const STENCIL_REGISTERS: u32 = 8;
export const STENCIL_STACK: u32 = 10;
/** It sets all arithmetic flags, or would if it left them behind. */
export const STENCIL_SETS_FLAGS: u32 = 1;
/** It has a HOLE_CONDITION. */
export const STENCIL_READS_FLAGS: u32 = 2;
/** It may turn out that the interpreter must execute it. */
export const STENCIL_BAILS: u32 = 4;
/** It wants its linear address in LOCAL_ADDRESS, or (LEA) its offset. */
export const STENCIL_LINEAR: u32 = 8;
export const STENCIL_OFFSET: u32 = 16;
/** It wants no flags to be pending, and leaves none so. */
export const STENCIL_SETTLED: u32 = 32;

/** The one access to memory that it makes: its bytes, whether it writes, and whether it is at RSP or ends there; 0 where it makes none, or more. */
export const ACCESS_SIZE: u32 = 15;
export const ACCESS_WRITES: u32 = 16;
export const ACCESS_AT_STACK: u32 = 32;
export const ACCESS_BELOW_STACK: u32 = 64;
/** It changes the register of REC_RM, that of REC_REG. */
export const CHANGES_RM: u32 = 1;
export const CHANGES_REG: u32 = 2;

/** How many kinds, widths and pairs of conditions there are places for. */
export const CONDITION_KINDS: u32 = 16;
export const CONDITION_WIDTHS: u32 = 4;
export const CONDITION_PAIRS: u32 = 8;
/** Where the index of the cases begins. */
export const STENCIL_CASES: u32 = 2048;

/** How it goes on. */
export const END_NEXT: u32 = 0;
/** To its relative target; the same if the i32 on the stack is not zero. */
export const END_JUMP: u32 = 1;
export const END_BRANCH: u32 = 2;
/** The return address is pushed; to its relative target and back. */
export const END_CALL: u32 = 3;
/** To the i64 on the stack: by JMP, CALL (the return address is pushed), RET. */
export const END_INDIRECT: u32 = 4;
export const END_CALL_INDIRECT: u32 = 5;
export const END_RETURN: u32 = 6;

/** The last piece. */
export const HOLE_END: u32 = 0;
/** Nothing: a piece longer than 255 bytes. */
export const HOLE_NOTHING: u32 = 1;
/** A register's offset in the state block. */
export const HOLE_RM: u32 = 2;
export const HOLE_REG: u32 = 3;
/** The immediate, sign-extended from so many bits. */
export const HOLE_IMMEDIATE8: u32 = 4;
export const HOLE_IMMEDIATE16: u32 = 5;
export const HOLE_IMMEDIATE32: u32 = 6;
export const HOLE_IMMEDIATE64: u32 = 7;
/** The offset in the page of the instruction after. */
export const HOLE_NEXT: u32 = 8;
/** Addresses of the TLB's fields in its first entry. */
export const HOLE_TLB_READ: u32 = 9;
export const HOLE_TLB_WRITE: u32 = 10;
export const HOLE_TLB_ADDEND: u32 = 11;
/** The rest of the block, if the i32 on the stack is not zero; else the interpreter executes this instruction. */
export const HOLE_UNLESS_BAIL: u32 = 12;
/** The condition of Jcc, SETcc and CMOVcc that has the number behind. */
export const HOLE_CONDITION: u32 = 13;
/** The local that has the host address of its group's first byte, and how far from there its memory is. */
export const HOLE_HOST: u32 = 14;
export const HOLE_DELTA: u32 = 15;

/**
 * A draft's locals: the parameters (cpu, RIP, instructions that may run, depth), RIP of the page's first byte, an address, flags as PENDING_* of
 * state.ts has them, groups' host addresses, then temporaries.
 */
export const LOCAL_RIP: u32 = 1;
export const LOCAL_REMAINING: u32 = 2;
export const LOCAL_DEPTH: u32 = 3;
export const LOCAL_PAGE: u32 = 4;
export const LOCAL_ADDRESS: u32 = 5;
export const LOCAL_A: u32 = 6;
export const LOCAL_B: u32 = 7;
export const LOCAL_KIND: u32 = 8;
/** Host addresses of two groups of accesses (core/draft/groups.ts). */
export const LOCAL_HOST: u32 = 9;
/** Of the types i32 and i64 in turn; the first between stencils is a place, or how often a block was entered. */
export const LOCAL_TEMPORARIES: u32 = 11;
export const LOCAL_PLACE: u32 = 11;

/** Functions that drafts import, in this order; what they compute with comes behind. */
export const CALL_CHAIN: u32 = 0;
export const CALL_SETTLE: u32 = 1;
export const CALL_HOT: u32 = 2;
export const CALL_WINDOW: u32 = 3;

/** Instructions of a block. */
export const LONGEST_BLOCK: u32 = 64;
/** What a draft's function holds at most. It goes forward only, so it runs no more until it has asked for the budget again. */
export const LONGEST_RUN: u32 = 512;
/** What an entry of so long a block counts, in the interpreter (translate/interpreter.ts) as in a draft. */
export const LARGEST_STEP: u32 = 1 + (LONGEST_BLOCK >> 4);
