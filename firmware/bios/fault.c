/*
 * Exceptions that nobody hooked. Returning would run the same instruction again for ever, so the
 * machine says where it is and stops.
 */
#include "io.h"
#include "log.h"
#include "pic.h"
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

/* Vectors 0Ch and 0Dh are shared: IRQ 4 and stack faults, IRQ 5 and general protection. */

void stack_fault(struct Registers *r)
{
	if (pic_in_service(4))
		unexpected_interrupt(r);
	else
		stop("Stack fault", r);
}

void general_protection(struct Registers *r)
{
	if (pic_in_service(5))
		unexpected_interrupt(r);
	else
		stop("General protection", r);
}
