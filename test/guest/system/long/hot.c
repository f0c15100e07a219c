/*
 * Breakpoints in code that is hot: loops that have run thousands of times, and so are compiled where there is a compiler, meet
 * breakpoints on execution and data, single steps, and INT3 written into them; and go on as before when those are gone. SDM 3B, "Debug
 * Registers", "Single-Step Exception Condition".
 */
#include "kit64.h"

#define DR7_BASE 0x400ul
#define L0 1ul
#define ON_WRITE (1ul << 16)
#define ON_ACCESS (3ul << 16)
#define LENGTH_4 (3ul << 18)
#define DR6_CLEAR 0xffff0ff0ul
#define TIMES 10000
#define INT3 0xcc

static volatile u32 watched[4] __attribute__((aligned(16)));
volatile u32 hits, limit;
volatile u64 last_rip, status_seen;

__asm__(".text\n"
	".globl hot_mark, hot_after\n"
	"hot_loop: mov %edi, %ecx; xor %eax, %eax\n"
	"1:	add %ecx, %eax\n"
	"hot_mark: rol $3, %eax\n"
	"hot_after: mov %eax, watched(%rip)\n"
	"	xor watched + 8(%rip), %eax\n"
	"	dec %ecx; jnz 1b\n"
	"	mov %eax, hot_result(%rip); ret\n"
	/* Arms DR0 by itself, in the middle: RSI is the iteration. */
	"self_arming: mov %edi, %ecx; xor %eax, %eax; lea self_mark(%rip), %rdx; mov %rdx, %dr0\n"
	"1:	add %ecx, %eax\n"
	"	cmp $500, %ecx; jne 2f\n"
	"	mov $0x401, %edx; mov %rdx, %dr7\n"
	"2:	nop\n"
	"self_mark: rol $3, %eax\n"
	"	dec %ecx; jnz 1b\n"
	"	mov %eax, hot_result(%rip); ret\n"
	/* Handlers: count, remember, go on. */
	"on_execution: push %rax; incl hits; mov 8(%rsp), %rax; mov %rax, last_rip; mov %dr6, %rax; mov %rax, status_seen\n"
	"	orl $0x10000, 24(%rsp); pop %rax; iretq\n"
	"on_data: push %rax; incl hits; mov 8(%rsp), %rax; mov %rax, last_rip; mov %dr6, %rax; mov %rax, status_seen; pop %rax; iretq\n"
	/* Takes TF out of the flags when it has seen `limit` steps. */
	"on_step: push %rax; incl hits; mov 8(%rsp), %rax; mov %rax, last_rip; mov hits, %eax; cmp limit, %eax; jb 1f\n"
	"	andl $~0x100, 24(%rsp)\n"
	"1:	pop %rax; iretq\n"
	/* INT3 in the place of hot_mark's first byte: puts it back and goes on there. */
	"on_int3: push %rax; incl hits; mov 8(%rsp), %rax; dec %rax; mov %rax, 8(%rsp); mov %rax, last_rip; movb $0xc1, (%rax); pop %rax; iretq\n"
	"stepped: pushfq; orl $0x100, (%rsp); popfq; call hot_loop; ret\n"
	".bss; .globl hot_result; hot_result: .long 0; .text");
void hot_loop(long times);
void self_arming(long times);
void stepped(long times);
extern u8 hot_mark[], hot_after[], self_mark[], on_execution[], on_data[], on_step[], on_int3[];
extern volatile u32 hot_result;

static void arm(u64 address, u64 control)
{
	__asm__ volatile("mov %0, %%dr0; mov %1, %%dr6; mov %2, %%dr7" : : "r"(address), "r"(DR6_CLEAR), "r"(DR7_BASE | control));
}

static void tell(const char *name, void (*body)(long), long times)
{
	hits = 0;
	last_rip = 0;
	status_seen = 0;
	report(name, attempt(body, times));
	arm(0, 0);
	value("  hits", hits);
	value("  the last at", last_rip);
	value("  DR6", status_seen & 0xf00f);
	value("  result", hot_result);
}

static void execution(void)
{
	set_gate(1, KERNEL_CODE, (u64)on_execution, 0x8e, 0);
	arm((u64)hot_mark, L0);
	tell("execution breakpoint in the loop", hot_loop, TIMES);
	arm((u64)hot_mark, 0);
	tell("the same, not enabled", hot_loop, TIMES);
	arm((u64)hot_mark + 1, L0);
	tell("execution breakpoint inside an instruction", hot_loop, TIMES);
	tell("a loop without a breakpoint", self_arming, TIMES - 1);
	tell("a loop that arms its own breakpoint", self_arming, TIMES);
}

static void data(void)
{
	set_gate(1, KERNEL_CODE, (u64)on_data, 0x8e, 0);
	arm((u64)&watched[0], L0 | ON_WRITE | LENGTH_4);
	tell("write breakpoint in the loop", hot_loop, TIMES);
	arm((u64)&watched[1], L0 | ON_ACCESS | LENGTH_4);
	tell("access breakpoint beside what the loop touches", hot_loop, TIMES);
	arm((u64)&watched[2], L0 | ON_ACCESS | LENGTH_4);
	tell("access breakpoint on what the loop reads", hot_loop, TIMES);
	arm((u64)&watched[2], L0 | ON_WRITE | LENGTH_4);
	tell("write breakpoint on what the loop reads", hot_loop, TIMES);
}

static void steps(void)
{
	set_gate(1, KERNEL_CODE, (u64)on_step, 0x8e, 0);
	limit = 12345;
	tell("single steps through a part of the loop", stepped, TIMES);
	limit = ~0u;
	tell("single steps through all of a shorter one", stepped, 100);
}

static void patched(void)
{
	set_gate(3, KERNEL_CODE, (u64)on_int3, 0x8e, 0);
	*(volatile u8 *)hot_mark = INT3;
	tell("INT3 in the loop, taken out by its handler", hot_loop, TIMES);
	*(volatile u8 *)hot_mark = INT3;
	tell("and again", hot_loop, TIMES);
	tell("and gone", hot_loop, TIMES);
}

void main(void)
{
	install_tables();
	arm(0, 0);
	tell("the loop", hot_loop, TIMES);
	tell("the loop, hot", hot_loop, TIMES);
	for (int round = 0; round < 2; round++) {
		execution();
		data();
		steps();
		patched();
	}
	print("done\n");
}
