/* What only exists outside of 64-bit mode and has no other program: SALC, INTO, BOUND, with the flags that they look at. */
#include "kit32.h"

__asm__(".text\n"
	"salc_clear: mov $0x11223344, %eax; clc; .byte 0xd6; mov %eax, seen; ret\n"
	"salc_set: mov $0x11223344, %eax; stc; .byte 0xd6; mov %eax, seen; setc seen + 4; ret\n"
	"into_clear: xor %eax, %eax; into; ret\n"
	".globl after_into; into_set: mov $0x7fffffff, %eax; inc %eax; into; after_into: ret\n"
	"bound_inside: mov $5, %eax; bound %eax, limits; ret\n"
	".globl bound_at; bound_below: mov $1, %eax; bound_at: bound %eax, limits; ret\n"
	"bound_above: mov $10, %eax; bound %eax, limits; ret\n"
	".section .user, \"ax\"\n"
	"u_salc: stc; .byte 0xd6; int $0x80\n"
	"u_into: mov $0x7fffffff, %eax; inc %eax; into; int $0x80\n"
	".previous\n"
	".data; limits: .long 2, 9; .globl seen; seen: .long 0, 0; .text");
void salc_clear(long);
void salc_set(long);
void into_clear(long);
void into_set(long);
void bound_inside(long);
void bound_below(long);
void bound_above(long);
extern u8 u_salc[], u_into[];
extern volatile u32 seen[2];

void main(void)
{
	install_tables();
	report("SALC, CF clear", attempt(salc_clear, 0));
	value("  EAX", seen[0]);
	report("SALC, CF set", attempt(salc_set, 0));
	value("  EAX", seen[0]);
	value("  CF", seen[1]);
	run_user((u32)u_salc, 0);
	value("SALC of ring 3: AL", trap.eax & 0xff);
	report("INTO, OF clear", attempt(into_clear, 0));
	report("INTO, OF set", attempt(into_set, 0));
	report("INTO of ring 3, its gate for ring 0", run_user((u32)u_into, 0));
	set_gate(4, KERNEL_CODE, stub(4), INTERRUPT_GATE | DPL3);
	report("INTO of ring 3, its gate for ring 3", run_user((u32)u_into, 0));
	report("BOUND, inside", attempt(bound_inside, 0));
	report("BOUND, below", attempt(bound_below, 0));
	report("BOUND, above", attempt(bound_above, 0));
	print("done\n");
}
