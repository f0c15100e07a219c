/*
 * What the 32-bit system programs stand on: as kit64.h, for protected mode. Paging is off unless a program turns
 * it on.
 */
#ifndef KIT32_H
#define KIT32_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_CODE 0x18
#define USER_DATA 0x20
#define TSS_SELECTOR 0x28
#define LDT_SELECTOR 0x30
#define FREE_SELECTOR 0x38
#define GDT_ENTRIES 32

#define EFLAGS_IF 0x200
#define EFLAGS_IOPL 0x3000
#define EFLAGS_NT 0x4000
#define EFLAGS_VM 0x20000
#define CR0_PG 0x80000000
#define CR0_WP 0x10000
#define CR0_TS 8
#define CR4_VME 1
#define CR4_PSE 0x10
#define CR4_PAE 0x20
#define CR4_SMEP 0x100000
#define CR4_SMAP 0x200000

#define INTERRUPT_GATE 0x8e
#define TRAP_GATE 0x8f
#define TASK_GATE 0x85
#define CALL_GATE 0x8c
#define DPL3 0x60

struct trap {
	u32 eax, ecx, edx, ebx, unused_esp, ebp, esi, edi;
	u32 vector, error, eip, cs, eflags, esp, ss, es, ds, fs, gs, cr2;
	/* DS when the handler began; the handler's stack below the error code, its flags, SS and CS. */
	u32 handler_ds, handler_esp, handler_flags, handler_ss, handler_cs;
};

struct frame {
	u32 eip, cs, eflags, esp, ss, es, ds, fs, gs, eax;
};

struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi, es, cs, ss, ds, fs, gs, ldt;
	u16 trap, io_map;
	u8 redirection[32];
	u8 bitmap[0x102];
} __attribute__((packed));

extern struct trap trap;
extern u64 gdt[GDT_ENTRIES];
extern u64 ldt[8];
extern struct tss tss;
extern u8 user_start[], user_end[], image_end[];
extern u8 user_stack[4096];          /* a page of its own */

void main(void);
void finish(void);
struct trap *attempt(void (*body)(long), long argument);
void enter_user(const struct frame *frame);

void print(const char *text);
void print_hex(u32 value, int digits);
void report(const char *name, const struct trap *result);
void value(const char *name, u32 number);
/* See kit64.h. */
void manual(const char *name, const struct trap *result, int vector, u32 error, u32 eip);
void manual_value(const char *name, u32 number, u32 expected);

void install_tables(void);
void set_gate(int vector, u16 selector, u32 handler, u8 access);
u32 stub(int vector);
u64 segment_descriptor(u32 base, u32 limit, u16 attributes);
u64 gate_descriptor(u32 offset, u16 selector, u8 access, u8 parameters);

struct trap *run_user(u32 eip, u32 eax);
struct trap *run_frame(struct frame *frame);

static inline void out8(u16 port, u8 byte) { __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port)); }
static inline u32 read_cr0(void) { u32 v; __asm__ volatile("mov %%cr0, %0" : "=r"(v)); return v; }
static inline void write_cr0(u32 v) { __asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory"); }
static inline u32 read_cr4(void) { u32 v; __asm__ volatile("mov %%cr4, %0" : "=r"(v)); return v; }
static inline void write_cr4(u32 v) { __asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory"); }
static inline void write_cr3(u32 v) { __asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory"); }
static inline void invlpg(u32 linear) { __asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory"); }

#endif
