/*
 * What changes under hot code: the base of GS by SWAPGS, with the same offsets read and written before and after it, and IF by
 * CLI, where it is allowed and where it is not. SDM 2A and 2B.
 */
#include "kit64.h"

#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define TURNS 3000

struct window { u64 sum, count, next, pad; };
static struct window windows[2] = { { 1, 2, 3, 4 }, { 0x100, 0x200, 0x300, 0x400 } };

/* RDI turns; of each four the first stays in its window, the others swap once, twice and inside a loop of their own. */
u64 turn(u64 turns);
u64 countdown(u64 turns);
__asm__(".text\n"
	"turn: xor %eax, %eax\n"
	"1: add %gs:0, %rax\n"
	"   mov %rdi, %gs:16\n"
	"   incq %gs:8\n"
	"   test $3, %dil; jz 4f\n"
	"   swapgs\n"
	"   xor %gs:0, %rax\n"
	"   add %gs:16, %rax\n"
	"   addq %rdi, %gs:0\n"
	"   test $1, %dil; jz 2f\n"
	"   swapgs\n"
	"   sub %gs:16, %rax\n"
	"   addq $3, %gs:8\n"
	"2: test $2, %dil; jz 4f\n"
	"   mov $2, %ecx\n"
	"3: rol $1, %rax; add %gs:8, %rax; swapgs; incq %gs:8; dec %ecx; jnz 3b\n"
	"4: dec %rdi; jnz 1b\n"
	"   ret\n"
	/* Counts how often IF was seen set and clear: 1 in RAX's low half, 1 in its upper half. */
	"countdown: mov $1, %ecx; shl $32, %rcx; xor %eax, %eax\n"
	"1: sti; pushfq; pop %rdx; bt $9, %rdx; jnc 2f; inc %rax\n"
	"2: test $1, %dil; jz 3f; cli\n"
	"3: pushfq; pop %rdx; bt $9, %rdx; jc 4f; add %rcx, %rax\n"
	"4: cli; dec %rdi; jnz 1b\n"
	"   ret\n"
	".section .user, \"ax\"\n"
	"user_cli: mov $3000, %ecx\n"
	"1: cli; lea (%rbx, %rcx), %rbx; dec %ecx; jnz 1b; pushfq; pop %rdx; int $0x80\n"
	".previous");
extern u8 user_cli[];

static void show(const char *name, const struct trap *result)
{
	report(name, result);
	value("  RCX", trap.rcx);
	value("  RDX", trap.rdx);
}

static void in_user_code(const char *name, u64 flags)
{
	struct frame frame = { user(user_cli), USER_CODE | 3, flags | 2, USER_STACK_TOP - 64, USER_DATA | 3, 0 };
	show(name, run_frame(&frame));
}

void main(void)
{
	install_tables();
	map_user();
	write_msr(MSR_GS_BASE, (u64)&windows[0]);
	write_msr(MSR_KERNEL_GS_BASE, (u64)&windows[1]);
	value("turns", turn(TURNS));
	value("once more", turn(TURNS + 1));
	for (int i = 0; i < 2; i++) {
		value("window", i);
		value("  sum", windows[i].sum);
		value("  count", windows[i].count);
		value("  next", windows[i].next);
	}
	value("GS base", read_msr(MSR_GS_BASE) == (u64)&windows[0]);
	out8(0x21, 0xff); /* nothing interrupts */
	out8(0xa1, 0xff);
	value("IF, seen set and clear", countdown(TURNS));
	in_user_code("CLI with IOPL 3", RFLAGS_IOPL | RFLAGS_IF);
	in_user_code("CLI with IOPL 0", RFLAGS_IF);
	print("done\n");
}
