/*
 * What the 64-bit system programs stand on: a transcript on port E9h, descriptor tables of their own, pages with
 * chosen rights, and exceptions as results.
 *
 *	report("write to a read-only page", attempt(write_byte, PAGE));
 *
 * prints "write to a read-only page: #14 error 0003 cr2 0000000040000000 rip ... cs 0008 ss 0010".
 */
#ifndef KIT64_H
#define KIT64_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

/* Selectors, laid out as SYSCALL, SYSRET, SYSENTER and SYSEXIT want them. */
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_CODE32 0x18
#define USER_DATA 0x20
#define USER_CODE 0x28
#define TSS_SELECTOR 0x30
#define LDT_SELECTOR 0x40
#define FREE_SELECTOR 0x50              /* and the 13 after it: for tests to fill */
#define SYSENTER_CODE 0xc0              /* kernel code, kernel data, user code 32, user data, user code 64, user data */
#define GDT_ENTRIES 32

#define PTE_P 0x001ul
#define PTE_W 0x002ul
#define PTE_U 0x004ul
#define PTE_A 0x020ul
#define PTE_D 0x040ul
#define PTE_PS 0x080ul
#define PTE_G 0x100ul
#define PTE_NX (1ul << 63)

#define RFLAGS_IF 0x200ul
#define RFLAGS_IOPL 0x3000ul
#define RFLAGS_NT 0x4000ul
#define RFLAGS_AC 0x40000ul

#define CR0_WP 0x10000ul
#define CR4_TSD 0x4ul
#define CR4_PGE 0x80ul
#define CR4_UMIP 0x800ul
#define CR4_FSGSBASE 0x10000ul
#define CR4_SMEP 0x100000ul
#define CR4_SMAP 0x200000ul

/* Test pages: 4 KiB pages that start out unmapped. */
#define PAGES 0x40000000ul
/* Where the .user section is mapped for CPL 3; a stack follows it. */
#define USER_BASE 0x50000000ul
#define USER_STACK_TOP 0x50020000ul

struct trap {
	u64 rax, rcx, rdx, rbx, unused_rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 vector, error, rip, cs, rflags, rsp, ss, cr2;
	/* In the handler: the stack pointer below the error code, flags, SS, CS. */
	u64 handler_rsp, handler_flags, handler_ss, handler_cs;
};

struct frame {
	u64 rip, cs, rflags, rsp, ss, rax;
};

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, io_map;
	u8 bitmap[0x102];
} __attribute__((packed));

extern struct trap trap;
extern u64 gdt[GDT_ENTRIES];
extern u64 ldt[8];
extern struct tss tss;
extern u64 page_map[512];
extern u8 user_start[], user_end[];

void main(void);
void finish(void);
struct trap *attempt(void (*body)(long), long argument);
void enter_user(const struct frame *frame);

void print(const char *text);
void print_hex(u64 value, int digits);
/* "name: ok", or the exception and where it was raised. */
void report(const char *name, const struct trap *result);
/*
 * The same where QEMU 7.2 does not do what the manual says: the line begins with "~", says whether the result is
 * the manual's, and is left out of comparisons with QEMU. A negative vector is no exception.
 */
void manual(const char *name, const struct trap *result, int vector, u64 error, u64 rip);
void manual_value(const char *name, u64 number, u64 expected);
/* "name: VALUE" in hexadecimal. */
void value(const char *name, u64 number);

/* Loads the GDT, LDT, TSS and IDT. Gates are interrupt gates of DPL 0, 80h's is of DPL 3. */
void install_tables(void);
void set_gate(int vector, u16 selector, u64 handler, u8 access, u8 ist);
u64 stub(int vector);
void set_system_descriptor(u64 *entry, u64 base, u32 limit, u8 access);
u64 segment_descriptor(u32 base, u32 limit, u16 attributes);

/* The entry that maps a linear address with a 4 KiB page; tables on the way there are made, with all rights. */
u64 *page_entry(u64 linear);
void map_page(u64 linear, u64 physical, u64 bits);
/* A zeroed page of physical memory. */
u64 new_page(void);

/* Maps .user at USER_BASE with a stack; call once. */
void map_user(void);
/* See levels64.S. Overwrites FREE_SELECTOR's descriptor. */
void switch_levels(u64 cr3, u64 cr4);
/* Where code in .user runs. */
#define user(label) (USER_BASE + (u64)((label) - user_start))
/* Runs user code in 64-bit mode, until an exception or INT 80h. */
struct trap *run_user(u64 rip, u64 rax);
struct trap *run_frame(struct frame *frame);

static inline void out8(u16 port, u8 byte) { __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port)); }
static inline u64 read_cr0(void) { u64 v; __asm__ volatile("mov %%cr0, %0" : "=r"(v)); return v; }
static inline void write_cr0(u64 v) { __asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory"); }
static inline u64 read_cr4(void) { u64 v; __asm__ volatile("mov %%cr4, %0" : "=r"(v)); return v; }
static inline void write_cr4(u64 v) { __asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory"); }
static inline u64 read_cr3(void) { u64 v; __asm__ volatile("mov %%cr3, %0" : "=r"(v)); return v; }
static inline void write_cr3(u64 v) { __asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory"); }
static inline void flush(void) { __asm__ volatile("mov %0, %%cr3" : : "r"(read_cr3()) : "memory"); }
static inline void invlpg(u64 linear) { __asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory"); }
static inline u64 read_msr(u32 msr)
{
	u32 low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (u64)high << 32;
}
static inline void write_msr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

#endif
