/*
 * Exceptions that nobody hooked. Returning would run the same instruction again for ever, so the
 * machine says where it is and stops.
 */
#include "io.h"
#include "log.h"
#include "registers.h"

static void stop(const char *what, struct Registers *r)
{
	print("\n%s at %04x:%04x, AX %04x BX %04x CX %04x DX %04x. Halted.\n", what, r->cs, r->ip, r->ax, r->bx,
	      r->cx, r->dx);
	post_code(0xee);
	for (;;)
		asm volatile("cli\n\thlt");
}

void divide_error(struct Registers *r)
{
	stop("Divide error", r);
}

void invalid_opcode(struct Registers *r)
{
	stop("Invalid opcode", r);
}
