/*
 * Short loops that are hot: blocks of one to twenty instructions that branch back to themselves, left after any number of turns, by a fault in
 * any of them and with the flags of any instruction before it; masks made of a bit, as CRCs use them; memory that is read, and written only
 * behind a branch, in pages that may not be.
 */
#include "kit64.h"

#define PAGE PAGES
#define ROUNDS 400

__asm__(".text\n"
	/* RDI bytes, words of four or eight from RSI up, as many as ECX says; what is behind them is not mapped. */
	"fill_bytes: movb $7, (%rsi); inc %rsi; dec %rdi; jnz fill_bytes; ret\n"
	"sum_words: xor %eax, %eax\n"
	"1: add (%rsi), %eax; add $4, %rsi; cmp %rdi, %rsi; jb 1b; ret\n"
	"sum_longs: xor %eax, %eax\n"
	"1: xor (%rsi), %rax; rol $1, %rax; add 8(%rsi), %rax; add $16, %rsi; sub $1, %rdi; jnz 1b; ret\n"
	"find: mov (%rsi), %cl; lea 1(%rsi), %rsi; cmp %dil, %cl; jne find; mov %rsi, %rax; ret\n"
	/* Downwards to RDI; RDI longs moved up by one, which overlap; RCX words from RDI to RSI. */
	"sum_down: xor %eax, %eax\n"
	"1: add (%rsi), %eax; rol $1, %eax; sub $4, %rsi; cmp %rdi, %rsi; jae 1b; ret\n"
	"move_up: mov -8(%rsi), %rax; mov %rax, (%rsi); lea -8(%rsi), %rsi; dec %rdi; jnz move_up; ret\n"
	"copy_words: mov %edx, %ecx\n"
	"1: movzwl (%rdi), %eax; add $2, %rdi; mov %ax, 6(%rsi); add $2, %rsi; dec %ecx; jnz 1b; ret\n"
	/* Carry goes from turn to turn, and out. */
	"carries: mov $0x9e3779b97f4a7c15, %rax; xor %edx, %edx; clc\n"
	"1: adc %rax, %rdx; lea -1(%rdi), %rdi; rcl $1, %rax; inc %edx; bt $0, %rdi; jc 1b; adc $0, %rdx; mov %rdx, %rax; ret\n"
	"long_one: xor %eax, %eax\n"
	"1: add %rdi, %rax; rol $3, %rax; xor %rsi, %rax; lea 5(%rax, %rdi), %rax; add $9, %rsi; not %rax; sub %rdi, %rsi; xor %rsi, %rax\n"
	"   add %rdi, %rax; ror $7, %rax; xor %rsi, %rax; lea 3(%rax, %rdi, 2), %rax; add $11, %rsi; neg %rax; dec %rdi; jnz 1b; ret\n"
	"counted: xor %eax, %eax; mov %rdi, %rcx\n"
	"1: add %rcx, %rax; loop 1b; ret\n"
	/* Each polynomial by the bit, 32 and 64 bits wide; the mask in a register, from memory, moved, kept and shown. */
	"crc: mov %edi, %eax; mov %esi, %ecx\n"
	"1: mov %eax, %edx; and $1, %eax; neg %eax; shr %edx; and $0xedb88320, %eax; xor %edx, %eax; dec %ecx; jnz 1b; ret\n"
	"crc64: mov %rdi, %rax; mov %esi, %ecx; mov $0xc96c5795d7870f42, %r8\n"
	"1: mov %rax, %rdx; and $1, %eax; neg %rax; shr %rdx; and %r8, %rax; xor %rdx, %rax; dec %ecx; jnz 1b; ret\n"
	"masks: mov %rdi, %rax; mov %esi, %ecx; xor %r9d, %r9d\n"
	"1: mov %rax, %rdx; and $1, %edx; mov %edx, %r10d; neg %edx; mov %edx, %r11d; sbb %r8d, %r8d; and polynomial(%rip), %edx\n"
	"   and %r11d, polynomial + 4(%rip); add %r8d, %r9d; xor %r11, %r9; add %r10, %r9; and %r10d, %r11d; sets %r10b; rol %r9; xor %rdx, %r9\n"
	"   movabs $0x5851f42d4c957f2d, %rdx; imul %rdx, %rax; add $0x1b, %rax; mov %eax, polynomial + 4(%rip); dec %ecx; jnz 1b\n"
	"   mov %r9, %rax; ret\n"
	"narrow: mov %rdi, %rax; mov %esi, %ecx; xor %edx, %edx\n"
	"1: mov %eax, %r8d; and $1, %r8w; neg %r8w; and $0x8005, %r8w; mov %eax, %r9d; and $1, %r9b; neg %r9b; and $0x31, %r9b\n"
	"   xor %r8w, %dx; xor %r9b, %dl; rol $3, %rdx; ror %rax; dec %ecx; jnz 1b; mov %rdx, %rax; ret\n"
	/* Two bits are no mask. */
	"no_mask: mov %edi, %eax; mov %esi, %ecx\n"
	"1: mov %eax, %edx; and $3, %edx; neg %edx; and $0x04c11db7, %edx; ror $5, %eax; xor %edx, %eax; dec %ecx; jnz 1b; ret\n"
	/* Sorts RSI pairs: each is read, and written only if it is the wrong way round. */
	"order: mov (%rdi), %eax; mov 4(%rdi), %ecx; cmp %ecx, %eax; jbe 1f; mov %ecx, (%rdi); mov %eax, 4(%rdi)\n"
	"1: add $8, %rdi; dec %rsi; jnz order; ret\n"
	".data; polynomial: .long 0x82f63b78, 0; .text\n");
u64 fill_bytes(u64 count, u64 from), sum_words(u64 to, u64 from), sum_longs(u64 pairs, u64 from), find(u64 byte, u64 from);
u64 sum_down(u64 to, u64 from), move_up(u64 longs, u64 last), copy_words(u64 from, u64 to, u64 count);
u64 carries(u64 turns), long_one(u64 turns, u64 seed), counted(u64 turns);
u64 crc(u64 value, u64 bits), crc64(u64 value, u64 bits), masks(u64 value, u64 turns), narrow(u64 value, u64 turns);
u64 no_mask(u64 value, u64 turns);
u64 order(u64 from, u64 pairs);

static u64 random_state = 1;
static u32 random32(void)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return random_state >> 33;
}

static void lengths(void)
{
	u64 sum = 0;
	for (int round = 0; round < ROUNDS; round++) {
		u64 n = 1 + round % 37;
		sum = sum * 31 + carries(n) + long_one(n, sum) + counted(n);
		fill_bytes(n, PAGE + round);
		sum += sum_words(PAGE + 4 * n, PAGE) ^ sum_longs(n, PAGE + 8 * (round % 5));
		move_up(n, PAGE + 8 * n + round % 8);
		copy_words(PAGE + round % 64, PAGE + 4096 + 8 * (round % 300) - 400, n);
		sum ^= sum_down(PAGE + round, PAGE + round + 4 * n) + sum_down(PAGE + 3700, PAGE + 4000 + 8 * (round % 37));
		*(u8 *)(PAGE + 600 + n) = 0xee;
		sum += find(0xee, PAGE + 600);
		*(u8 *)(PAGE + 600 + n) = 0;
	}
	value("loops of one to thirty-seven turns", sum);
}

static void mask(void)
{
	u64 sum = 0;
	for (int round = 0; round < ROUNDS; round++) {
		u64 number = (u64)random32() << 32 | random32();
		sum = sum * 31 + crc(number, 1 + round % 40) + crc64(number, 1 + round % 70);
		sum ^= masks(number, 1 + round % 23) + narrow(number, 1 + round % 65) + no_mask(number, 1 + round % 50);
	}
	value("masks of a bit", sum);
}

/* What follows faults in the middle of a turn: what the trap saw says in which, and with which flags. */
static void tell(const char *name, void (*body)(long), long argument)
{
	report(name, attempt(body, argument));
	value("  RAX", trap.rax);
	value("  RCX", trap.rcx);
	value("  RSI", trap.rsi);
	value("  RDI", trap.rdi);
	/* AF is not defined behind all of them. */
	value("  flags", trap.rflags & 0x8c5);
}

static void fill_over(long room) { fill_bytes(10000, PAGE + 4096 - room); }
static void sum_over(long room) { sum_words(~0ul, PAGE + 4096 - room); }
static void sum_longs_over(long room) { sum_longs(10000, PAGE + 4096 - room); }
static void find_over(long room) { find(0xdd, PAGE + 4096 - room); }
static void order_page(long pairs) { order(PAGE, pairs); }
static void move_over(long longs) { move_up(longs, PAGE + 4096 + 2000); }
static void copy_over(long words) { copy_words(PAGE, PAGE + 4000, words); }

static void faults(void)
{
	static const int rooms[] = { 1, 2, 3, 5, 64, 65, 66, 67, 1021, 4096 };
	for (u32 i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		tell("bytes to the page's end", fill_over, rooms[i]);
		tell("words across the page's end", sum_over, rooms[i]);
		tell("pairs across the page's end", sum_longs_over, rooms[i]);
		tell("a search to the page's end", find_over, rooms[i]);
	}
}

static void rights(void)
{
	u32 *pairs = (u32 *)PAGE;
	for (int i = 0; i < 1024; i++)
		pairs[i] = random32();
	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < 8; i++)
			pairs[(random32() & 1023)] = random32();
		order(PAGE, 512);
	}
	for (int i = 0; i < 1024; i++)
		pairs[i] = i;
	pairs[700] = 0xffffffff;
	*page_entry(PAGE + 4096) |= PTE_P;
	*page_entry(PAGE) &= ~PTE_W;
	__asm__ volatile("invlpg (%0)" : : "r"(PAGE) : "memory");
	tell("moved up, into a page that is read-only", move_over, 400);
	tell("copied within it", copy_over, 400);
	tell("in order, in a page that is read-only", order_page, 350);
	tell("out of order in one place", order_page, 512);
	*page_entry(PAGE) |= PTE_W;
	__asm__ volatile("invlpg (%0)" : : "r"(PAGE) : "memory");
	tell("the same, writable", order_page, 512);
	value("  put in order", pairs[700] == 701 && pairs[701] == 0xffffffff);
}

void main(void)
{
	install_tables();
	write_cr0(read_cr0() | CR0_WP);
	map_page(PAGE, new_page(), PTE_P | PTE_W);
	/* Far from the first in physical memory. */
	new_page();
	map_page(PAGE + 4096, new_page(), PTE_P | PTE_W);
	lengths();
	mask();
	*page_entry(PAGE + 4096) &= ~PTE_P;
	invlpg(PAGE + 4096);
	faults();
	rights();
	print("done\n");
}
