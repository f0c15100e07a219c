/* See kit64.h. */
#include "kit64.h"

#define DEBUG_PORT 0xe9
#define VECTORS 256
#define STUB_SIZE 32
#define GATE_INTERRUPT 0x8e
#define GATE_INTERRUPT_USER 0xee
#define TYPE_TSS 0x89
#define TYPE_LDT 0x82
#define USER_STACK_PAGES 2

struct gate {
	u16 offset_low, selector;
	u8 ist, access;
	u16 offset_middle;
	u32 offset_high, reserved;
};

extern u8 trap_stubs[];
extern u8 image_end[];

u64 gdt[GDT_ENTRIES] __attribute__((aligned(16)));
u64 ldt[8] __attribute__((aligned(16)));
struct tss tss __attribute__((aligned(16)));
static struct gate idt[VECTORS] __attribute__((aligned(16)));
static u8 trap_stack[8192] __attribute__((aligned(16)));
static u64 next_page;

void print(const char *text)
{
	while (*text)
		out8(DEBUG_PORT, *text++);
}

void print_hex(u64 value, int digits)
{
	while (digits--)
		out8(DEBUG_PORT, "0123456789abcdef"[value >> (4 * digits) & 15]);
}

static int has_error_code(u64 vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

static void print_trap(const struct trap *result)
{
	if (!result) {
		print("ok\n");
		return;
	}
	if (result->vector >= 32) {
		print("int ");
		print_hex(result->vector, 2);
		print("h");
	} else {
		print("#");
		out8(DEBUG_PORT, '0' + result->vector / 10 % 10);
		out8(DEBUG_PORT, '0' + result->vector % 10);
	}
	if (has_error_code(result->vector)) {
		print(" error ");
		print_hex(result->error, 4);
	}
	if (result->vector == 14) {
		print(" cr2 ");
		print_hex(result->cr2, 16);
	}
	print(" rip ");
	print_hex(result->rip, 16);
	print(" cs ");
	print_hex(result->cs, 4);
	print(" ss ");
	print_hex(result->ss, 4);
	print("\n");
}

void report(const char *name, const struct trap *result)
{
	print(name);
	print(": ");
	print_trap(result);
}

void manual(const char *name, const struct trap *result, int vector, u64 error, u64 rip)
{
	int same = result ? (int)result->vector == vector && result->rip == rip &&
				    (!has_error_code(vector) || result->error == error)
			  : vector < 0;
	print("~ ");
	print(name);
	print(same ? ": as the manual says, " : ": NOT as the manual says, ");
	print_trap(result);
}

void manual_value(const char *name, u64 number, u64 expected)
{
	print("~ ");
	print(name);
	print(number == expected ? ": as the manual says, " : ": NOT as the manual says, ");
	print_hex(number, 16);
	print("\n");
}

void value(const char *name, u64 number)
{
	print(name);
	print(": ");
	print_hex(number, 16);
	print("\n");
}

u64 stub(int vector)
{
	return (u64)trap_stubs + STUB_SIZE * vector;
}

void set_gate(int vector, u16 selector, u64 handler, u8 access, u8 ist)
{
	idt[vector] = (struct gate){ handler, selector, ist, access, handler >> 16, handler >> 32, 0 };
}

u64 segment_descriptor(u32 base, u32 limit, u16 attributes)
{
	return (limit & 0xffff) | (base & 0xfffffful) << 16 | (u64)attributes << 40 | (u64)(limit >> 16 & 15) << 48 |
	       (u64)(base >> 24) << 56;
}

void set_system_descriptor(u64 *entry, u64 base, u32 limit, u8 access)
{
	entry[0] = segment_descriptor(base, limit, access);
	entry[1] = base >> 32;
}

static void build_gdt(void)
{
	const u64 kernel_code = segment_descriptor(0, 0xfffff, 0xa09b), kernel_data = segment_descriptor(0, 0xfffff, 0xc093);
	const u64 user_code32 = segment_descriptor(0, 0xfffff, 0xc0fb), user_data = segment_descriptor(0, 0xfffff, 0xc0f3);
	const u64 user_code = segment_descriptor(0, 0xfffff, 0xa0fb);
	const u64 first[] = { 0, kernel_code, kernel_data, user_code32, user_data, user_code };
	const u64 sysenter[] = { kernel_code, kernel_data, user_code32, user_data, user_code, user_data };
	for (int i = 0; i < 6; i++) {
		gdt[i] = first[i];
		gdt[SYSENTER_CODE / 8 + i] = sysenter[i];
	}
	tss.rsp[0] = (u64)trap_stack + sizeof trap_stack;
	tss.io_map = sizeof tss;
	set_system_descriptor(&gdt[TSS_SELECTOR / 8], (u64)&tss, sizeof tss - 1, TYPE_TSS);
	set_system_descriptor(&gdt[LDT_SELECTOR / 8], (u64)ldt, sizeof ldt - 1, TYPE_LDT);
}

struct pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

void install_tables(void)
{
	build_gdt();
	for (int vector = 0; vector < VECTORS; vector++)
		set_gate(vector, KERNEL_CODE, stub(vector), vector == 0x80 ? GATE_INTERRUPT_USER : GATE_INTERRUPT, 0);
	struct pointer to_gdt = { sizeof gdt - 1, (u64)gdt }, to_idt = { sizeof idt - 1, (u64)idt };
	__asm__ volatile("lgdt %0; lidt %1" : : "m"(to_gdt), "m"(to_idt));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" : : "i"(KERNEL_CODE) : "rax", "memory");
	__asm__ volatile("mov %0, %%ss; mov %0, %%ds; mov %0, %%es" : : "r"(KERNEL_DATA));
	__asm__ volatile("lldt %w0; ltr %w1" : : "r"(LDT_SELECTOR), "r"(TSS_SELECTOR));
}

u64 new_page(void)
{
	if (!next_page)
		next_page = ((u64)image_end + 0xfff) & ~0xffful;
	u64 page = next_page;
	next_page += 4096;
	for (int i = 0; i < 512; i++)
		((volatile u64 *)page)[i] = 0;
	return page;
}

u64 *page_entry(u64 linear)
{
	u64 *table = page_map;
	for (int shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[linear >> shift & 511];
		if (!(*entry & PTE_P))
			*entry = new_page() | PTE_P | PTE_W | PTE_U;
		table = (u64 *)(*entry & 0x000ffffffffff000ul);
	}
	return &table[linear >> 12 & 511];
}

void map_page(u64 linear, u64 physical, u64 bits)
{
	*page_entry(linear) = physical | bits;
	invlpg(linear);
}

void map_user(void)
{
	u64 offset;
	for (offset = 0; offset < (u64)(user_end - user_start); offset += 4096)
		map_page(USER_BASE + offset, (u64)user_start + offset, PTE_P | PTE_W | PTE_U);
	for (offset = 1; offset <= USER_STACK_PAGES; offset++)
		map_page(USER_STACK_TOP - 4096 * offset, new_page(), PTE_P | PTE_W | PTE_U | PTE_NX);
}

static void enter(long frame)
{
	enter_user((const struct frame *)frame);
}

struct trap *run_frame(struct frame *frame)
{
	return attempt(enter, (long)frame);
}

struct trap *run_user(u64 rip, u64 rax)
{
	struct frame frame = { rip, USER_CODE | 3, 2, USER_STACK_TOP - 64, USER_DATA | 3, rax };
	return run_frame(&frame);
}
