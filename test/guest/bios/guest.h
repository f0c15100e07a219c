/* What the programs here share: a BIOS call, and reporting on COM1. */
#pragma once
#include "io.h"
#include "types.h"

#define WORDS(r)                                                                                   \
	union {                                                                                    \
		u32 e##r##x;                                                                       \
		u16 r##x;                                                                          \
		struct {                                                                           \
			u8 r##l, r##h;                                                             \
		};                                                                                 \
	}
#define WORD(n)                                                                                    \
	union {                                                                                    \
		u32 e##n;                                                                          \
		u16 n;                                                                             \
	}
struct Registers {
	WORDS(a);
	WORDS(b);
	WORDS(c);
	WORDS(d);
	WORD(si);
	WORD(di);
	WORD(bp);
	u16 ds, es, flags;
};

extern u8 boot_drive;

void bios(u8 number, struct Registers *r);
static inline bool carry(const struct Registers *r)
{
	return r->flags & 1;
}
static inline bool zero_flag(const struct Registers *r)
{
	return r->flags & 0x40;
}

/** Prints one line's worth: %s %u %x with zero-filled widths, as in %04x. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Ends QEMU with a status by port F4h. */
void finish(u8 status) __attribute__((noreturn));
u8 peek8(u16 segment, u16 offset);
u16 peek16(u16 segment, u16 offset);
u32 peek32(u16 segment, u16 offset);
void poke8(u16 segment, u16 offset, u8 value);
/** A hash of memory (FNV-1a). */
u32 hash(u16 segment, u16 offset, u32 bytes);
void clear(void *object, u32 bytes);
