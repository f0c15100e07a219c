/* Port instructions. The string forms take a real-mode far pointer, because that is what callers pass. */
#pragma once
#include "types.h"

static inline u8 inb(u16 port)
{
	u8 value;
	asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u16 inw(u16 port)
{
	u16 value;
	asm volatile("inw %w1, %w0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u32 inl(u16 port)
{
	u32 value;
	asm volatile("inl %w1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(u16 port, u8 value)
{
	asm volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 port, u16 value)
{
	asm volatile("outw %w0, %w1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	asm volatile("outl %0, %w1" : : "a"(value), "Nd"(port));
}

/** Reads `words` 16-bit words from a port to segment:offset; the offset must not wrap. */
static inline void insw(u16 port, u16 segment, u16 offset, u16 words)
{
	u32 di = offset, cx = words;
	asm volatile("pushw %%es\n\tmovw %w3, %%es\n\trep insw\n\tpopw %%es"
		     : "+D"(di), "+c"(cx)
		     : "d"(port), "a"(segment)
		     : "memory");
}

/** Writes `words` 16-bit words from segment:offset to a port. */
static inline void outsw(u16 port, u16 segment, u16 offset, u16 words)
{
	u32 si = offset, cx = words;
	asm volatile("pushw %%ds\n\tmovw %w3, %%ds\n\trep outsw\n\tpopw %%ds"
		     : "+S"(si), "+c"(cx)
		     : "d"(port), "a"(segment)
		     : "memory");
}

static inline void cli(void)
{
	asm volatile("cli" ::: "memory");
}

/** Lets interrupts in and waits for one; returns with interrupts off. Only POST and boot may use it. */
static inline void wait_for_interrupt(void)
{
	asm volatile("sti\n\thlt\n\tcli" ::: "memory");
}
