/*
 * What an interrupt service is given: the caller's registers, to be changed in place.
 *
 * The gate in entry.S builds this frame on the BIOS's own stack and gives it back to the processor
 * afterwards. `flags` is what IRET will load, so a service reports carry and zero there.
 * entry.S repeats the offsets; keep them in step.
 */
#pragma once
#include "types.h"

#define WITH_BYTES(letter)                                                                         \
	union {                                                                                    \
		u32 e##letter##x;                                                                  \
		u16 letter##x;                                                                     \
		struct {                                                                           \
			u8 letter##l, letter##h;                                                   \
		};                                                                                 \
	}
#define WITH_WORD(name)                                                                            \
	union {                                                                                    \
		u32 e##name;                                                                       \
		u16 name;                                                                          \
	}

struct Registers {
	WITH_BYTES(a);
	WITH_BYTES(b);
	WITH_BYTES(c);
	WITH_BYTES(d);
	WITH_WORD(si);
	WITH_WORD(di);
	WITH_WORD(bp);
	u32 esp; /* the caller's, as it will be after IRET */
	u16 ds, es, fs, gs, ss;
	u16 ip, cs, flags;
	u16 handler;
	u16 again; /* not zero: wait for an interrupt on the caller's stack, then call the service again */
};

#define FLAGS_CF 0x0001
#define FLAGS_ZF 0x0040
#define FLAGS_IF 0x0200

static inline void set_carry(struct Registers *r, bool carry)
{
	r->flags = (r->flags & ~FLAGS_CF) | (carry ? FLAGS_CF : 0);
}

static inline void set_zero(struct Registers *r, bool zero)
{
	r->flags = (r->flags & ~FLAGS_ZF) | (zero ? FLAGS_ZF : 0);
}
