/* Debug registers: breakpoints on execution and data, single steps, ICEBP, general detect. SDM 3B, "Debug Registers". */
#include "kit64.h"

#define DR7_BASE 0x400ul
#define L0 1ul
#define GD (1ul << 13)
#define ON_WRITE (1ul << 16)
#define ON_ACCESS (3ul << 16)
#define LENGTH_4 (3ul << 18)
#define LENGTH_1 0ul

static u32 watched[4] __attribute__((aligned(16)));

__asm__(".text\n"
	".globl marked\n"
	"marked_code: nop; nop; marked: nop; nop; ret\n"
	"store_watched: movl $1, watched; nop; ret\n"
	"load_watched: mov watched, %eax; nop; ret\n"
	"store_byte_above: movb $1, watched + 3; nop; ret\n"
	"store_next: movl $1, watched + 4; nop; ret\n"
	"step: pushfq; orl $0x100, (%rsp); popfq; nop; nop; ret\n"
	".globl after_icebp; icebp: .byte 0xf1; after_icebp: nop; ret\n"
	"read_dr: mov %dr0, %rax; ret\n"
	"write_dr6: mov $0x100000000, %rax; mov %rax, %dr6; ret\n");
void marked_code(long);
void store_watched(long);
void load_watched(long);
void store_byte_above(long);
void store_next(long);
void step(long);
void icebp(long);
void read_dr(long);
void write_dr6(long);
extern u8 marked[], after_icebp[];

static void arm(u64 address, u64 control)
{
	__asm__ volatile("mov %0, %%dr0; mov %1, %%dr6; mov %2, %%dr7" : : "r"(address), "r"(0xffff0ff0ul), "r"(DR7_BASE | control));
}

static void observe(const char *name, void (*body)(long))
{
	report(name, attempt(body, 0));
	u64 status;
	__asm__ volatile("mov %%dr6, %0" : "=r"(status));
	value("  DR6", status & 0xf00f);
	arm(0, 0);
}

void main(void)
{
	install_tables();
	observe("single step", step);
	struct trap *result = attempt(icebp, 0);
	manual("ICEBP", result, 1, 0, (u64)after_icebp);
	arm(0, 0);
	arm((u64)marked, L0);
	observe("execution breakpoint", marked_code);
	arm((u64)watched, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, write", store_watched);
	arm((u64)watched, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, read", load_watched);
	arm((u64)watched, L0 | ON_ACCESS | LENGTH_4);
	observe("access breakpoint, read", load_watched);
	arm((u64)watched, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, its last byte", store_byte_above);
	arm((u64)watched, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, beside it", store_next);
	print("done\n");
}
