/*
 * What an operating system's programs pay for: each phase is one kind of round trip, many times over,
 * reported as the time of one. Long mode, rings 0 and 3, 4 KiB pages, two address spaces.
 *
 * Memory: 1 GiB identity-mapped for the kernel by start64.S; from 1 GiB on what is made here:
 *
 *	40000000	ring 3's code, its stack above it
 *	40200000	the window, 512 pages that come by page fault
 *	40400000	four pages that are other memory in either address space
 */
#include "bench.h"

#define PRESENT 1
#define WRITABLE 2
#define USER 4
#define ANYONE (PRESENT | WRITABLE | USER)

#define USER_CODE 0x40000000ul
#define USER_STACK_TOP 0x40002000ul
#define PRIVATE ((volatile u64 *)0x40400000ul)
#define PRIVATE_PAGES 4
#define WINDOW_PAGES 512
#define FRAMES 16

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define SYSRET_BASE 0x18
#define TSS_SELECTOR 0x30

#define MSR_EFER 0xC0000080
#define MSR_STAR 0xC0000081
#define MSR_LSTAR 0xC0000082
#define MSR_FMASK 0xC0000084
#define MSR_KERNEL_GS_BASE 0xC0000102
#define EFER_SCE 1

typedef u64 table[512] __attribute__((aligned(4096)));

extern u64 pml4[512], pdpt[512];
static table user_directory, user_pages, window_pages, private_pages;
static table other_pml4, other_pdpt, other_directory, other_private_pages;
static u8 frames[FRAMES][4096] __attribute__((aligned(4096)));
static u8 user_frames[2][4096] __attribute__((aligned(4096)));
static u8 kernel_stack[8192] __attribute__((aligned(16)));
static u8 other_stack[8192] __attribute__((aligned(16)));

static u64 gdt[8] = {
	0, 0x00af9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff, 0x00affa000000ffff,
};
static struct { u16 offset_low, selector, attributes, offset_middle; u32 offset_high, zero; } idt[256];
static struct { u32 zero; u64 rsp0; u32 rest[23]; } __attribute__((packed)) tss;
static struct { void *kernel_rsp; u64 user_rsp; } percpu;

extern const u8 user_code[], user_syscalls[], user_faults[], user_code_end[];
void syscall_entry(void), page_fault_entry(void), interrupt_entry(void);
u64 enter_user(u64 rip, u64 rsp, u64 argument);
u64 leave_user(u64 value);
void interrupt_loop(u64 count);
void switch_to(u64 *own_rsp, u64 other_rsp, u64 other_cr3);

u64 interrupts;
static u64 faults;

static void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static u64 rdmsr(u32 msr)
{
	u32 low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static void set_cr3(const void *tables)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(tables) : "memory");
}

static u64 entry(const void *to)
{
	return (u64)to | ANYONE;
}

static void load_table(const char *which, const void *base, u16 limit)
{
	struct { u16 limit; u64 base; } __attribute__((packed)) pointer = { limit, (u64)base };
	if (which[0] == 'g')
		__asm__ volatile("lgdt %0" : : "m"(pointer));
	else
		__asm__ volatile("lidt %0" : : "m"(pointer));
}

static void set_gate(int vector, void (*handler)(void))
{
	u64 to = (u64)handler;
	idt[vector].offset_low = to;
	idt[vector].selector = KERNEL_CS;
	idt[vector].attributes = 0x8e00;
	idt[vector].offset_middle = to >> 16;
	idt[vector].offset_high = to >> 32;
}

/* The upper tables of one address space; what only it has are the four private pages. */
static void set_up_space(u64 *top, u64 *pointers, u64 *directory, u64 *privates, int first_frame)
{
	top[0] = entry(pointers);
	pointers[0] = pdpt[0];
	pointers[1] = entry(directory);
	directory[0] = entry(user_pages);
	directory[1] = entry(window_pages);
	directory[2] = entry(privates);
	for (int i = 0; i < PRIVATE_PAGES; i++)
		privates[i] = entry(frames[first_frame + i]);
}

static void set_up(void)
{
	for (u32 i = 0; i < (u32)(user_code_end - user_code); i++)
		user_frames[0][i] = user_code[i];
	user_pages[0] = entry(user_frames[0]);
	user_pages[1] = entry(user_frames[1]);
	set_up_space(pml4, pdpt, user_directory, private_pages, 0);
	set_up_space(other_pml4, other_pdpt, other_directory, other_private_pages, PRIVATE_PAGES);
	set_cr3(pml4);
	u64 base = (u64)&tss;
	gdt[TSS_SELECTOR / 8] = (sizeof tss - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
	load_table("gdt", gdt, sizeof gdt - 1);
	set_gate(14, page_fault_entry);
	set_gate(0x80, interrupt_entry);
	load_table("idt", idt, sizeof idt - 1);
	tss.rsp0 = (u64)(kernel_stack + sizeof kernel_stack);
	__asm__ volatile("ltr %w0" : : "r"(TSS_SELECTOR));
	percpu.kernel_rsp = kernel_stack + sizeof kernel_stack;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)SYSRET_BASE << 48 | (u64)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_FMASK, 0x200);
	wrmsr(MSR_KERNEL_GS_BASE, (u64)&percpu);
}

/* --- system calls, number 0 to 2 --- */

static u64 add_one(u64 value)
{
	return value + 1;
}

static u64 clear_window(void)
{
	for (int i = 0; i < WINDOW_PAGES; i++)
		window_pages[i] = 0;
	set_cr3(pml4);
	return 0;
}

u64 (*const syscalls[])() = { (u64(*)())add_one, (u64(*)())leave_user, (u64(*)())clear_window };

static u32 run_user(const u8 *routine, u64 argument)
{
	return enter_user(USER_CODE + (routine - user_code), USER_STACK_TOP, argument);
}

/* --- page faults: the handler gives the page one of a few frames --- */

void page_fault(u64 address)
{
	u64 page = address >> 12 & (WINDOW_PAGES - 1);
	window_pages[page] = entry(frames[page % FRAMES]);
	faults++;
}

KERNEL u32 page_faults(u32 rounds)
{
	for (int i = 0; i < FRAMES; i++)
		*(u64 *)frames[i] = i * 0x01010101;
	clear_window();
	u32 sum = run_user(user_faults, rounds);
	return sum + faults;
}

/* --- two threads, each in its own address space --- */

static u64 own_rsp, other_rsp;

KERNEL void work_in_private(u64 value)
{
	for (int page = 0; page < PRIVATE_PAGES; page++)
		PRIVATE[page * 512] += value + page;
}

static void other_thread(void)
{
	for (u64 i = 1;; i += 3) {
		work_in_private(i);
		switch_to(&other_rsp, own_rsp, (u64)pml4);
	}
}

static u32 sum_private(void)
{
	u64 sum = 0;
	for (int page = 0; page < PRIVATE_PAGES; page++)
		sum = sum * 31 + PRIVATE[page * 512];
	return sum;
}

/* `rounds` times there and back: two switches each. */
KERNEL u32 context_switches(u32 rounds)
{
	u64 *top = (u64 *)(other_stack + sizeof other_stack) - 1;
	for (int i = 0; i < 2 * PRIVATE_PAGES; i++)
		*(u64 *)frames[i] = i;
	*--top = (u64)other_thread;
	other_rsp = (u64)(top - 6);
	for (u32 i = 0; i < rounds; i++) {
		work_in_private(i);
		switch_to(&own_rsp, other_rsp, (u64)other_pml4);
	}
	u32 sum = sum_private();
	set_cr3(other_pml4);
	sum = sum * 31 + sum_private();
	set_cr3(pml4);
	return sum;
}

/* --- indirect calls --- */

static u32 call_0(u32 x) { return x + 7; }
static u32 call_1(u32 x) { return x ^ 0x5bd1e995; }
static u32 call_2(u32 x) { return x * 33; }
static u32 call_3(u32 x) { return x << 5 | x >> 27; }
static u32 call_4(u32 x) { return x - 0x1234; }
static u32 call_5(u32 x) { return ~x; }
static u32 call_6(u32 x) { return x >> 3 | x << 29; }
static u32 call_7(u32 x) { return x + (x << 4); }

KERNEL u32 indirect_calls(u32 count)
{
	static u32 (*const volatile targets[8])(u32) = {
		call_0, call_1, call_2, call_3, call_4, call_5, call_6, call_7,
	};
	u32 x = 1, order = 12345;
	while (count--) {
		order = order * 1664525 + 1013904223;
		x = targets[order >> 29](x);
	}
	return x;
}

/* --- a port that nothing answers --- */

KERNEL u32 port_reads(u32 count)
{
	u32 sum = 0;
	while (count--)
		sum += inb(0xed);
	return sum;
}

/* --- string instructions --- */

static u8 from[1 << 16], to[1 << 16];

static void fill_from(void)
{
	for (u32 i = 0; i < sizeof from; i++)
		from[i] = i * 7 + (i >> 8);
}

static u32 sum_to(void)
{
	u32 sum = 0;
	for (u32 i = 0; i < sizeof to; i++)
		sum = sum * 31 + to[i];
	return sum;
}

KERNEL u32 copies(u32 count, u32 size)
{
	fill_from();
	for (u32 i = 0; i < count; i++) {
		u32 at = i * 5 * size & (sizeof from - 1);
		const u8 *source = from + (at + size <= sizeof from ? at : 0);
		u8 *target = to + (i * size & (sizeof to - 1));
		u64 bytes = size;
		__asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(bytes) : : "memory");
	}
	return sum_to();
}

KERNEL u32 fills(u32 count)
{
	for (u32 i = 0; i < count; i++) {
		u64 quadwords = 512;
		u8 *target = to + (i * 4096 & (sizeof to - 1));
		__asm__ volatile("rep stosq" : "+D"(target), "+c"(quadwords) : "a"(i * 0x01010101ull) : "memory");
	}
	return sum_to();
}

#define PHASE_OF(name, count, work)                     \
	do {                                            \
		if (is_next_selected())                 \
			mark_each(name, work, count);   \
	} while (0)

void kmain(void)
{
	set_up();
	mark("start", 0);
	PHASE_OF("syscall", 2000000, run_user(user_syscalls, 2000000));
	PHASE_OF("fault", 600 * WINDOW_PAGES, page_faults(600));
	PHASE_OF("switch", 2 * 300000, context_switches(300000));
	PHASE_OF("indirect", 20000000, indirect_calls(20000000));
	interrupts = 0;
	PHASE_OF("interrupt", 1000000, (interrupt_loop(1000000), interrupts));
	PHASE_OF("port", 1000000, port_reads(1000000));
	PHASE_OF("copy", 400000, copies(400000, 4096));
	PHASE_OF("copy32", 4000000, copies(4000000, 32));
	PHASE_OF("fill", 400000, fills(400000));
	mark("end", 0);
}
