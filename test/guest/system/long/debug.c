/* Debug registers: breakpoints on execution and data, single steps, ICEBP, general detect. SDM 3B, "Debug Registers". */
#include "kit64.h"

#define DR7_BASE 0x400ul
#define L0 1ul
#define GD (1ul << 13)
#define ON_WRITE (1ul << 16)
#define ON_ACCESS (3ul << 16)
#define LENGTH_4 (3ul << 18)
#define LENGTH_1 0ul

#define ON_PORT (2ul << 16)
#define LENGTH_8 (2ul << 18)
#define TWO_LENGTH_2 (1ul << 22)
#define TWO_ON_WRITE (1ul << 20)
#define L1 4ul
#define CR4_DE 8ul

static u32 watched[4] __attribute__((aligned(16)));
static u8 page_end[8192] __attribute__((aligned(4096)));

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
	"write_dr6: mov $0x100000000, %rax; mov %rax, %dr6; ret\n"
	".globl rep_start; rep_store: lea watched - 8(%rip), %rdi; mov $5, %ecx; xor %eax, %eax; cld\n"
	"rep_start: rep stosl; nop; ret\n"
	".globl stepped_rep; step_rep: lea watched(%rip), %rdi; mov $3, %ecx; xor %eax, %eax; pushfq; orl $0x100, (%rsp); popfq\n"
	"stepped_rep: rep stosl; nop; ret\n"
	"push_watched: mov %rsp, saved; lea watched + 8(%rip), %rsp; push $7; mov saved, %rsp; ret\n"
	"call_watched: mov %rsp, saved; lea watched + 8(%rip), %rsp; call 1f; 1: mov saved, %rsp; ret\n"
	"add_watched: addl $1, watched; nop; ret\n"
	"wide_load: mov watched, %rax; nop; ret\n"
	"load_ss: mov watched, %ss; nop; nop; ret\n"
	"step_int: pushfq; orl $0x100, (%rsp); popfq; int $0x81; ret\n"
	"out_port: mov $0x80, %dx; xor %eax, %eax; out %al, %dx; nop; ret\n"
	"in_port: mov $0x81, %dx; in %dx, %al; nop; ret\n"
	"cross_page: movl $1, page_end + 4094; nop; ret\n"
	"unaligned: movl $1, watched + 2; nop; ret\n"
	".globl loop_marked; loop_code: mov $3, %ecx; 1: nop; loop_marked: nop; loop 1b; ret\n"
	".bss; saved: .quad 0; .text\n");
void rep_store(long);
void step_rep(long);
void push_watched(long);
void call_watched(long);
void add_watched(long);
void wide_load(long);
void load_ss(long);
void step_int(long);
void out_port(long);
void in_port(long);
void cross_page(long);
void unaligned(long);
void loop_code(long);
extern u8 loop_marked[], rep_start[];
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

static void more_data(void)
{
	const u64 at = (u64)watched;
	arm(at, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, read-modify-write", add_watched);
	arm(at, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, in the middle of REP STOS", rep_store);
	value("  RCX left", trap.rcx);
	arm(at + 3, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, its low address bits are ignored", store_watched);
	arm(at, L0 | ON_ACCESS | LENGTH_8);
	observe("access breakpoint of 8 bytes", wide_load);
	arm(at + 4, L0 | ON_ACCESS | LENGTH_4);
	observe("access breakpoint, the upper half of a quadword", wide_load);
	arm(at, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, half of it", unaligned);
	arm(at, L0 | ON_WRITE | LENGTH_8);
	observe("write breakpoint, PUSH", push_watched);
	arm(at, L0 | ON_WRITE | LENGTH_8);
	observe("write breakpoint, CALL", call_watched);
	arm((u64)page_end + 4096, L0 | ON_WRITE | LENGTH_4);
	observe("write breakpoint, a write across pages", cross_page);
	arm(at, L0 | ON_WRITE | LENGTH_4);
	__asm__ volatile("mov %0, %%dr1; mov %1, %%dr7" : : "r"(at + 2), "r"(DR7_BASE | L0 | ON_WRITE | LENGTH_4 | L1 | TWO_ON_WRITE | TWO_LENGTH_2));
	attempt(store_watched, 0);
	u64 status;
	__asm__ volatile("mov %%dr6, %0" : "=r"(status));
	arm(0, 0);
	manual_value("two write breakpoints at once: DR6", status & 0xf00f, 3); /* QEMU tells of the first */
	watched[0] = KERNEL_DATA;
	arm(at, L0 | ON_ACCESS | LENGTH_4);
	manual("access breakpoint, MOV SS", attempt(load_ss, 0), 1, 0, (u64)load_ss + 8);
	arm(at, 0);
	observe("no breakpoint is enabled", store_watched);
	observe("single steps through REP STOS", step_rep);
	value("  RCX left", trap.rcx);
	observe("single step of INT 81h", step_int);
}

volatile u32 hits;
volatile u64 last_flags;

/* The handler returns with RF set: the breakpoint's instruction runs, once. */
__asm__(".text; count_hit: pushq %rax; incl hits; mov 24(%rsp), %rax; mov %rax, last_flags; orl $0x10000, 24(%rsp); popq %rax; iretq");
extern u8 count_hit[];

static void resume(void)
{
	set_gate(1, KERNEL_CODE, (u64)count_hit, 0x8e, 0);
	arm((u64)loop_marked, L0);
	attempt(loop_code, 0);
	value("hits of an execution breakpoint in a loop, resumed with RF", hits);
	value("  RF in the frame", last_flags >> 16 & 1);
	hits = 0;
	arm((u64)rep_start, L0);
	attempt(rep_store, 0);
	manual_value("hits of an execution breakpoint on REP STOS", hits, 1); /* QEMU stops at each iteration */
	arm(0, 0);
	set_gate(1, KERNEL_CODE, stub(1), 0x8e, 0);
}

static void ports(void)
{
	__asm__ volatile("mov %%cr4, %%rax; or $8, %%rax; mov %%rax, %%cr4" : : : "rax");
	arm(0x80, L0 | ON_PORT);
	observe("port breakpoint, OUT", out_port);
	arm(0x80, L0 | ON_PORT);
	observe("port breakpoint, the port beside it", in_port);
	arm(0x80, L0 | ON_PORT | LENGTH_4);
	observe("port breakpoint of 4 bytes, IN", in_port);
	__asm__ volatile("mov %%cr4, %%rax; and $~8, %%rax; mov %%rax, %%cr4" : : : "rax");
}

static void general_detect(void)
{
	arm(0, GD);
	/* QEMU does not detect. */
	manual("general detect, MOV from DR0", attempt(read_dr, 0), 1, 0, (u64)read_dr);
	u64 status, control;
	__asm__ volatile("mov %%dr6, %0; mov %%dr7, %1" : "=r"(status), "=r"(control));
	manual_value("  DR6", status & 0xf00f, 0x2000);
	manual_value("  DR7 in the handler", control, DR7_BASE);
	arm(0, 0);
	report("DR6 with upper bits", attempt(write_dr6, 0));
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
	more_data();
	resume();
	ports();
	general_detect();
	print("done\n");
}
