/*
 * Blocks that access memory at many places around one address: in pages that lie side by side or do not, that are taken away, protected, moved
 * and given new bytes to execute between two runs of the same block, by both privilege levels; by the stack pointer on its way down and up;
 * and by RIP.
 */
#include "kit64.h"

#define PAGE PAGES
#define COUNT 16
#define BYTES (COUNT * 4096ul)
#define WIDTH 15008                     /* of what `wide` accesses */
#define TLB_REACH (4ul << 20)           /* pages so far apart have one place in a TLB of some processors */
#define ROUNDS 300
#define SPLIT 4                         /* large pages, which hold the program and its stack */

__asm__(".text\n"
	"wide: mov (%rdi), %rax; add 2000(%rdi), %rax; xor %rax, 5000(%rdi); movzwl 9001(%rdi), %ecx; add %cl, 12345(%rdi)\n"
	"   lea 1(%rax, %rcx), %rax; mov %eax, 15000(%rdi); sbb 7777(%rdi), %rax; ret\n"
	/* The same places, only looked at; what comes before the last is to be seen where that faults. */
	"look: mov %rsi, %rcx; mov (%rdi), %rax; add 2000(%rdi), %rax; xor 5000(%rdi), %rax; inc %rcx; adc 9001(%rdi), %ax; sub 12345(%rdi), %al\n"
	"   rol $5, %rax; cmp 15000(%rdi), %eax; setb %cl; ret\n"
	/* Within a page, if it does not begin near one's end. */
	"narrow: mov (%rdi), %rax; add %rax, 8(%rdi); mov 24(%rdi), %ecx; adc %ecx, 20(%rdi); movb $1, 900(%rdi); sub 16(%rdi), %rax; ret\n"
	/* Its base changes on the way: what comes behind is somewhere else. */
	"moving: mov (%rdi), %rax; add 3000(%rdi), %rax; and $0xff0, %eax; lea (%rdi, %rax), %rdi; xor 3000(%rdi), %rax; add %rax, 8(%rdi); ret\n"
	"stack: push %rdi; push %rsi; mov 8(%rsp), %rax; push %rax; pop %rcx; add %rcx, (%rsp); pop %rdx; mov %rdx, -3000(%rsp)\n"
	"   add -3000(%rsp), %rax; pop %rdi; ret\n"
	/* RSP comes from memory, and goes back. */
	"pivot: mov %rsp, %rdx; mov %rdi, %rsp; pop %rax; pop %rcx; push %rax; add 4000(%rsp), %rax; pop %rsp; mov %rdx, %rsp; add %rcx, %rax; ret\n"
	"by_rip: mov far_one(%rip), %rax; add %rdi, %rax; mov %rax, far_two(%rip); xor far_three(%rip), %rax; mov %rax, far_one(%rip); ret\n"
	".data; far_one: .quad 3; .skip 3000; far_two: .quad 5; .skip 9000; far_three: .quad 7; .text\n"
	".section .user, \"ax\"\n"
	".globl user_wide\n"
	/* RAX: where. */
	"user_wide: mov %rax, %rdi; mov $40, %ecx\n"
	"1: mov (%rdi), %rax; add 2000(%rdi), %rax; xor %rax, 5000(%rdi); mov %eax, 9000(%rdi); add $8, %rdi; dec %ecx; jnz 1b; int $0x80\n"
	".previous");
u64 wide(u64 at), look(u64 at, u64 count), narrow(u64 at), moving(u64 at), stack(u64 a, u64 b), pivot(u64 at), by_rip(u64 number);
extern u8 user_wide[];

static u64 first_frame, frames[COUNT];

static void map_all(u64 bits)
{
	for (int i = 0; i < COUNT; i++) {
		map_page(PAGE + i * 4096, frames[i], bits);
		invlpg(PAGE + i * 4096);
	}
}

/* As they lie in physical memory: only then are they one piece. */
static void map_in_order(u64 bits)
{
	for (int i = 0; i < COUNT; i++)
		frames[i] = first_frame + i * 4096;
	map_all(bits);
}

static void fill(void)
{
	for (u64 i = 0; i < BYTES; i++)
		*(u8 *)(PAGE + i) = i * 167 + (i >> 7);
}

static u64 sum_of_all(void)
{
	u64 sum = 0;
	for (u64 i = 0; i < BYTES; i += 8)
		sum = sum * 31 + *(u64 *)(PAGE + i);
	return sum;
}

/* Each block at one place after another. */
static u64 everywhere(void)
{
	u64 sum = 0;
	for (u64 round = 0; round < ROUNDS; round++) {
		const u64 at = PAGE + round * 977 % (BYTES - WIDTH);
		sum = sum * 31 + wide(at) + look(at + 1, round) + narrow(at & ~4095ul) + narrow(at) + moving(at);
		sum ^= stack(sum, round) + pivot(at & ~7ul) + by_rip(sum);
	}
	return sum + sum_of_all();
}

static void places(void)
{
	map_in_order(PTE_P | PTE_W);
	fill();
	value("side by side", everywhere());
	/* The pages' order is another one in physical memory. */
	for (int i = 0; i < COUNT / 2; i++) {
		const u64 other = frames[i];
		frames[i] = frames[COUNT - 1 - i];
		frames[COUNT - 1 - i] = other;
	}
	map_all(PTE_P | PTE_W);
	value("the other way round", everywhere());
	for (u64 round = 0; round < ROUNDS; round++) {
		const int page = round % COUNT;
		const u64 other = frames[page];
		frames[page] = frames[(page + 5) % COUNT];
		frames[(page + 5) % COUNT] = other;
		map_page(PAGE + page * 4096, frames[page], PTE_P | PTE_W);
		map_page(PAGE + (page + 5) % COUNT * 4096, frames[(page + 5) % COUNT], PTE_P | PTE_W);
		if (round & 1)
			flush();
		else {
			invlpg(PAGE + page * 4096);
			invlpg(PAGE + (page + 5) % COUNT * 4096);
		}
		wide(PAGE + page % 12 * 4096);
		look(PAGE + page % 12 * 4096 + 3, round);
	}
	value("in an order that changes", sum_of_all());
}

static void do_wide(long at) { wide(at); }
static void do_look(long at) { look(at, 0x1234); }
static void do_narrow(long at) { narrow(at); }

/* Where it was raised; QEMU does not say that what reads and writes writes, so the error code is left out. */
static void show(const char *name, const struct trap *result)
{
	print(name);
	if (!result || result->vector != 14) {
		print(": done\n");
		return;
	}
	value(" faults at", result->cr2);
	value("  RIP", result->rip);
	value("  RAX", result->rax);
	value("  RCX", result->rcx);
	value("  flags", result->rflags & 0x8c5);
}

static void tell(const char *name, void (*body)(long), long at)
{
	show(name, attempt(body, at));
}

/* One page of those that a block accesses is not to be had; then it is again. */
static void rights(void)
{
	static const u64 bits[] = { 0, PTE_P, PTE_P | PTE_W | PTE_U };
	static const char *const names[] = { "absent", "read-only", "user" };
	map_in_order(PTE_P | PTE_W);
	for (int kind = 0; kind < 3; kind++) {
		for (int page = 0; page < 5; page++) {
			for (int again = 0; again < 4; again++)
				wide(PAGE + 8), look(PAGE + 8, 1), narrow(PAGE + 3000), pivot(PAGE);
			print(names[kind]);
			value(" is page", page);
			*page_entry(PAGE + page * 4096) = frames[page] | bits[kind];
			invlpg(PAGE + page * 4096);
			/* What has been looked at twice may be read; it may not be written for that. */
			tell("look", do_look, PAGE + 8);
			tell("look again", do_look, PAGE + 8);
			tell("wide", do_wide, PAGE + 8);
			tell("narrow", do_narrow, PAGE + 3000);
			*page_entry(PAGE + page * 4096) = frames[page] | PTE_P | PTE_W;
			invlpg(PAGE + page * 4096);
			tell("wide again", do_wide, PAGE + 8);
		}
	}
	value("after all", sum_of_all());
}

/* Accessed and dirty bits are set again where they were cleared. */
static void bits(void)
{
	u64 seen = 0;
	for (int round = 0; round < 40; round++) {
		for (int page = 0; page < 5; page++) {
			*page_entry(PAGE + page * 4096) &= ~(PTE_A | PTE_D);
			invlpg(PAGE + page * 4096);
		}
		if (round % 3)
			look(PAGE + 8 * round, round);
		if (round % 3 != 1)
			wide(PAGE + 8 * round);
		for (int page = 0; page < 5; page++)
			seen = seen * 5 + (*page_entry(PAGE + page * 4096) >> 5 & 3);
	}
	value("accessed and dirty", seen);
}

/* A page that is written through a wide block has code that runs in between. */
static void code(void)
{
	u64 sum = 0;
	u8 *const at = (u8 *)PAGE + 2 * 4096;
	u64 (*const run)(void) = (u64 (*)(void))at;
	for (int round = 0; round < 100; round++) {
		/* While the page has no code it may be written. */
		for (int again = 0; again < 3; again++)
			wide(PAGE + 2 * 4096 + 1 - 5000);
		at[0] = 0xb8;                   /* MOV EAX, imm32; RET */
		*(u32 *)(at + 1) = round;
		at[5] = 0xc3;
		sum += run();
		/* The store at 5000 is to the immediate, and behind it. */
		wide(PAGE + 2 * 4096 + 1 - 5000);
		at[5] = 0xc3;
		sum = sum * 31 + run();
	}
	value("code under a window", sum);
}

/* Pages that have one place in a TLB, in turns. */
static void conflicts(void)
{
	for (int i = 0; i < 4; i++)
		map_page(PAGE + TLB_REACH + i * 4096, frames[COUNT - 1 - i], PTE_P | PTE_W);
	u64 sum = 0;
	for (u64 round = 0; round < ROUNDS; round++) {
		wide(PAGE + 16 * (round & 7));
		sum += *(volatile u8 *)(PAGE + TLB_REACH + (round & 3) * 4096 + round);
		sum = sum * 31 + look(PAGE + 16 * (round & 7), sum);
		/* What only the other page's coming may have made forgotten: processors differ in whether this is seen. */
		*page_entry(PAGE + (round & 3) * 4096) &= ~PTE_A;
		sum += *(volatile u8 *)(PAGE + TLB_REACH + (round & 3) * 4096 + round);
		sum = sum * 31 + look(PAGE + 16 * (round & 7), sum);
		*page_entry(PAGE + (round & 3) * 4096) |= PTE_A;
	}
	value("in each other's way", sum + sum_of_all());
}

static void users(void)
{
	map_in_order(PTE_P | PTE_W | PTE_U);
	for (int round = 0; round < 20; round++) {
		run_user(user(user_wide), PAGE + 64 * round);
		wide(PAGE + 64 * round);
	}
	value("both levels", sum_of_all());
	for (int page = 0; page < 4; page++) {
		*page_entry(PAGE + page * 4096) &= ~PTE_U;
		invlpg(PAGE + page * 4096);
		wide(PAGE);
		show("a user's window over a supervisor's page", run_user(user(user_wide), PAGE));
		*page_entry(PAGE + page * 4096) |= PTE_U;
		invlpg(PAGE + page * 4096);
		show("and over its own", run_user(user(user_wide), PAGE));
	}
	value("after all", sum_of_all());
}

static void all(void)
{
	places();
	rights();
	bits();
	code();
	conflicts();
	users();
}

/* The program's own memory is in large pages; where there are none, INVLPG is for one page only. */
static void split_large_pages(void)
{
	u64 *const directory = (u64 *)(*(u64 *)(page_map[0] & ~0xffful) & ~0xffful);
	for (u64 i = 0; i < SPLIT; i++) {
		u64 *const table = (u64 *)new_page();
		for (u64 page = 0; page < 512; page++)
			table[page] = i << 21 | page << 12 | PTE_P | PTE_W;
		directory[i] = (u64)table | PTE_P | PTE_W | PTE_U;
	}
	flush();
}

void main(void)
{
	install_tables();
	map_user();
	write_cr0(read_cr0() | CR0_WP);
	first_frame = new_page();
	for (int i = 1; i < COUNT; i++)
		new_page();
	all();
	split_large_pages();
	all();
	print("done\n");
}
