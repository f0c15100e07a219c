/**
 * The decode tables' format, shared by the one who writes them (translate/tables.ts) and the one who
 * reads them (decode.ts). Offsets count from TABLES.
 */

/** Opcode maps: one byte, 0F, 0F 38, 0F 3A, then the same under a VEX prefix (the first of those is empty). */
export const MAPS: u32 = 8;
export const VEX_MAPS: u32 = 4;
/** Places in the block of an opcode: prefix (4) by mode (2) by size (4) by memory (2) by reg (8). A VEX map's size is VEX.W * 2 + VEX.L. */
export const BLOCK: u32 = 512;
export const BLOCK_SIZES: u32 = 4;
/** A place's value from here on names an rm table. */
export const RM_TABLE: u32 = 0x8000;
/** u32: where the rm tables and the blocks begin. */
export const RM_OFFSET: u32 = 4096;
export const BLOCK_OFFSET: u32 = 4100;
/** u32: where the cases begin. */
export const CASES_OFFSET: u32 = 4104;
export const DESCRIPTORS: u32 = 4112;

/** Not the decoder's: for each descriptor but the first FIRST_VARIANT, u16 the row that it was made from, u16 which of the row's variants it is. */
export const CASE_SIZE: u32 = 4;

/** A descriptor: u16 case, u8 kind of reg, u8 kind of rm, u8 immediate, u8 flags, u8 log2 of the operand size in bytes, u8 VVVV_*. */
export const DESCRIPTOR_SIZE: u32 = 8;
export const DESC_REG: u32 = 2;
export const DESC_RM: u32 = 3;
export const DESC_IMMEDIATE: u32 = 4;
export const DESC_FLAGS: u32 = 5;
export const DESC_SIZE: u32 = 6;
export const DESC_VVVV: u32 = 7;

export const REGISTER_NONE: u32 = 0;
export const REGISTER_BYTE: u32 = 1;
export const REGISTER_FULL: u32 = 2;
/** The number itself: of a control or debug register. */
export const REGISTER_NUMBER: u32 = 3;
/** The number of a segment register: REX.R is ignored. */
export const REGISTER_SEGMENT: u32 = 5;
export const REGISTER_VECTOR: u32 = 4;

/** What VEX.vvvv names: nothing (it must be 1111b), a general register, a vector register. */
export const VVVV_NONE: u32 = 0;
export const VVVV_GENERAL: u32 = 1;
export const VVVV_VECTOR: u32 = 2;
/** Bits 7..4 of the immediate name a vector register besides. */
export const VVVV_IMMEDIATE: u32 = 4;
/** The index of the address is a vector register (VSIB). */
export const VVVV_INDEX: u32 = 8;

/** MM0..MM7: REX does not extend them. */
export const REGISTER_MMX: u32 = 6;

export const IMMEDIATE_NONE: u32 = 0;
export const IMMEDIATE_8: u32 = 1;
export const IMMEDIATE_16: u32 = 2;
export const IMMEDIATE_32: u32 = 3;
export const IMMEDIATE_64: u32 = 4;
/** moffs: as wide as the address size. */
export const IMMEDIATE_OFFSET: u32 = 5;
/** ENTER's: a word and a byte, kept in bits 0..15 and 16..23. */
export const IMMEDIATE_16_8: u32 = 6;
/** A far pointer: offset in bits 0..31, selector in bits 32..47. */
export const IMMEDIATE_FAR16: u32 = 7;
export const IMMEDIATE_FAR32: u32 = 8;

export const HAS_MODRM: u32 = 1;
export const ENDS_BLOCK: u32 = 2;
export const LOCKABLE: u32 = 4;
export const REGISTER_IN_OPCODE: u32 = 8;
/** The immediate is relative to the next instruction. */
export const RELATIVE: u32 = 16;
/** The immediate is an address (moffs). */
export const OFFSET_ONLY: u32 = 32;
export const SIZE_AS_DECODED: u32 = 255;
