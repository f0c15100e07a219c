/*
 * Memory outside our data segment. FS is 0 in every service, so that the interrupt vectors and the
 * BIOS data area are ordinary objects in the named address space __seg_fs; GS is loaded for each far
 * access. Neither survives as a promise beyond one statement: a caller's own FS and GS are in his
 * `struct Registers`.
 */
#pragma once
#include "types.h"

/** Our own segments, see bios.ld. */
#define DATA_SEGMENT 0xe000
#define CODE_SEGMENT 0xf000

struct Far {
	u16 offset;
	u16 segment;
} PACKED;

static inline void load_gs(u16 segment)
{
	asm volatile("movw %w0, %%gs" : : "r"(segment) : "memory");
}

static inline u8 peek8(u16 segment, u16 offset)
{
	load_gs(segment);
	return *(volatile u8 __seg_gs *)(u32)offset;
}

static inline u16 peek16(u16 segment, u16 offset)
{
	load_gs(segment);
	return *(volatile u16 __seg_gs *)(u32)offset;
}

static inline u32 peek32(u16 segment, u16 offset)
{
	load_gs(segment);
	return *(volatile u32 __seg_gs *)(u32)offset;
}

static inline void poke8(u16 segment, u16 offset, u8 value)
{
	load_gs(segment);
	*(volatile u8 __seg_gs *)(u32)offset = value;
}

static inline void poke16(u16 segment, u16 offset, u16 value)
{
	load_gs(segment);
	*(volatile u16 __seg_gs *)(u32)offset = value;
}

static inline void poke32(u16 segment, u16 offset, u32 value)
{
	load_gs(segment);
	*(volatile u32 __seg_gs *)(u32)offset = value;
}

/** Copies upwards between far places; neither offset may wrap. */
static inline void far_copy(u16 to, u16 to_offset, u16 from, u16 from_offset, u16 bytes)
{
	u32 di = to_offset, si = from_offset, cx = bytes;
	asm volatile("pushw %%es\n\tpushw %%ds\n\tmovw %w3, %%es\n\tmovw %w4, %%ds\n\t"
		     "rep movsb\n\tpopw %%ds\n\tpopw %%es"
		     : "+D"(di), "+S"(si), "+c"(cx)
		     : "a"(to), "d"(from)
		     : "memory");
}

static inline void far_fill8(u16 to, u16 offset, u8 value, u16 bytes)
{
	u32 di = offset, cx = bytes;
	asm volatile("pushw %%es\n\tmovw %w2, %%es\n\trep stosb\n\tpopw %%es"
		     : "+D"(di), "+c"(cx)
		     : "d"(to), "a"(value)
		     : "memory");
}

static inline void far_fill16(u16 to, u16 offset, u16 value, u16 words)
{
	u32 di = offset, cx = words;
	asm volatile("pushw %%es\n\tmovw %w2, %%es\n\trep stosw\n\tpopw %%es"
		     : "+D"(di), "+c"(cx)
		     : "d"(to), "a"(value)
		     : "memory");
}

/** One of the 256 real-mode interrupt vectors. */
#define vectors ((volatile struct Far __seg_fs *)0)

static inline void set_vector(u8 number, u16 segment, u16 offset)
{
	vectors[number].offset = offset;
	vectors[number].segment = segment;
}

/**
 * Copies between any two places below 4 GiB, by a short stay in protected mode.
 * Interrupts must be off. Does nothing and returns false in virtual-8086 mode.
 */
bool physical_copy(u32 to, u32 from, u32 bytes);

/** Gives DS, ES, FS and GS a limit of 4 GiB, or 64 KiB again. For POST only. */
void big_real_mode(bool big);

/** The physical address of an object in our data segment. */
static inline u32 physical(const volatile void *object)
{
	return (DATA_SEGMENT << 4) + (u32)object;
}
