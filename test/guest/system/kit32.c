/* See kit32.h. */
#include "kit32.h"

#define DEBUG_PORT 0xe9
#define COM1 0x3f8                      /* where a host has no debug port */
#define VECTORS 256
#define STUB_SIZE 16

extern u8 trap_stubs[];

u64 gdt[GDT_ENTRIES] __attribute__((aligned(16)));
u64 ldt[8] __attribute__((aligned(16)));
struct tss tss __attribute__((aligned(128)));
static u64 idt[VECTORS] __attribute__((aligned(16)));
static u8 trap_stack[8192] __attribute__((aligned(16)));
u8 user_stack[4096] __attribute__((aligned(4096)));

static void print_byte(u8 byte)
{
	out8(DEBUG_PORT, byte);
	out8(COM1, byte);
}

void print(const char *text)
{
	while (*text)
		print_byte(*text++);
}

void print_hex(u32 value, int digits)
{
	while (digits--)
		print_byte("0123456789abcdef"[value >> (4 * digits) & 15]);
}

static int has_error_code(u32 vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

static void print_field(const char *name, u32 value, int digits)
{
	print(name);
	print_hex(value, digits);
}

static void print_trap(const struct trap *result)
{
	if (!result) {
		print("ok\n");
		return;
	}
	if (result->vector >= 32) {
		print_field("int ", result->vector, 2);
		print("h");
	} else {
		print("#");
		print_byte('0' + result->vector / 10);
		print_byte('0' + result->vector % 10);
	}
	if (has_error_code(result->vector))
		print_field(" error ", result->error, 4);
	if (result->vector == 14)
		print_field(" cr2 ", result->cr2, 8);
	print_field(" eip ", result->eip, 8);
	print_field(" cs ", result->cs, 4);
	print("\n");
}

void report(const char *name, const struct trap *result)
{
	print(name);
	print(": ");
	print_trap(result);
}

void manual(const char *name, const struct trap *result, int vector, u32 error, u32 eip)
{
	int same = result ? (int)result->vector == vector && result->eip == eip &&
				    (!has_error_code(vector) || result->error == error)
			  : vector < 0;
	print("~ ");
	print(name);
	print(same ? ": as the manual says, " : ": NOT as the manual says, ");
	print_trap(result);
}

void value(const char *name, u32 number)
{
	print(name);
	print_field(": ", number, 8);
	print("\n");
}

void manual_value(const char *name, u32 number, u32 expected)
{
	print("~ ");
	print(name);
	print_field(number == expected ? ": as the manual says, " : ": NOT as the manual says, ", number, 8);
	print("\n");
}

u32 stub(int vector)
{
	return (u32)trap_stubs + STUB_SIZE * vector;
}

u64 gate_descriptor(u32 offset, u16 selector, u8 access, u8 parameters)
{
	return (offset & 0xffff) | (u32)selector << 16 | (u64)(parameters | (u32)access << 8 | (offset & 0xffff0000)) << 32;
}

void set_gate(int vector, u16 selector, u32 handler, u8 access)
{
	idt[vector] = gate_descriptor(handler, selector, access, 0);
}

u64 segment_descriptor(u32 base, u32 limit, u16 attributes)
{
	u32 low = (limit & 0xffff) | base << 16;
	u32 high = (base >> 16 & 0xff) | (u32)attributes << 8 | (limit & 0xf0000) | (base & 0xff000000);
	return low | (u64)high << 32;
}

struct pointer {
	u16 limit;
	u32 base;
} __attribute__((packed));

void install_tables(void)
{
	gdt[KERNEL_CODE / 8] = segment_descriptor(0, 0xfffff, 0xc09b);
	gdt[KERNEL_DATA / 8] = segment_descriptor(0, 0xfffff, 0xc093);
	gdt[USER_CODE / 8] = segment_descriptor(0, 0xfffff, 0xc0fb);
	gdt[USER_DATA / 8] = segment_descriptor(0, 0xfffff, 0xc0f3);
	tss.esp0 = (u32)trap_stack + sizeof trap_stack;
	tss.ss0 = KERNEL_DATA;
	tss.io_map = sizeof tss;
	gdt[TSS_SELECTOR / 8] = segment_descriptor((u32)&tss, sizeof tss - 1, 0x89);
	gdt[LDT_SELECTOR / 8] = segment_descriptor((u32)ldt, sizeof ldt - 1, 0x82);
	for (int vector = 0; vector < VECTORS; vector++)
		set_gate(vector, KERNEL_CODE, stub(vector), vector == 0x80 ? INTERRUPT_GATE | DPL3 : INTERRUPT_GATE);
	struct pointer to_gdt = { sizeof gdt - 1, (u32)gdt }, to_idt = { sizeof idt - 1, (u32)idt };
	__asm__ volatile("lgdt %0; lidt %1" : : "m"(to_gdt), "m"(to_idt));
	__asm__ volatile("ljmp %0, $1f; 1: mov %1, %%ss; mov %1, %%ds; mov %1, %%es" : : "i"(KERNEL_CODE), "r"(KERNEL_DATA));
	__asm__ volatile("lldt %w0; ltr %w1" : : "r"(LDT_SELECTOR), "r"(TSS_SELECTOR));
}

static void enter(long frame)
{
	enter_user((const struct frame *)frame);
}

struct trap *run_frame(struct frame *frame)
{
	return attempt(enter, (long)frame);
}

struct trap *run_user(u32 eip, u32 eax)
{
	const u16 data = USER_DATA | 3;
	struct frame frame = { eip, USER_CODE | 3, 2, (u32)user_stack + sizeof user_stack - 64, data, data, data, 0, 0, eax };
	return run_frame(&frame);
}
