/*
 * As long/matrix.c in 32-bit paging and in PAE paging: every right of a page by every access, with CR0.WP, SMEP, SMAP and EFLAGS.AC,
 * in pages of 4 KiB, 4 MiB and 2 MiB. SDM 3A, "Determination of Access Rights". Lines are matrix.c's.
 */
#include "kit32.h"

#define P 1
#define W 2
#define U 4
#define A 0x20
#define D 0x40
#define PS 0x80
#define NX (1ull << 63)
#define MSR_EFER 0xc0000080
#define EFER_NXE 0x800

#define BASE 0x40000000u
#define RETURN_AT 0
#define TRAP_AT 16
#define DATA_AT 32
#define PAGE_PHYSICAL 0x400000u         /* 4 MiB aligned, beyond the image */

static u32 directory[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u32 low_table[1024] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));
static u64 wide_directory[512] __attribute__((aligned(4096)));
static u64 wide_table[512] __attribute__((aligned(4096)));
static u64 wide_low_directory[512] __attribute__((aligned(4096)));
static u64 wide_low_tables[2][512] __attribute__((aligned(4096)));

__asm__(".section .user, \"ax\"\n"
	"m_read:  movb (%eax), %bl; int $0x80\n"
	"m_write: movb $1, (%eax); int $0x80\n"
	"m_jump:  jmp *%eax\n"
	".previous");
extern u8 m_read[], m_write[], m_jump[];

static void read_byte(long at) { __asm__ volatile("movb (%0), %%al" : : "r"(at) : "eax", "memory"); }
static void write_byte(long at) { __asm__ volatile("movb $1, (%0)" : : "r"(at) : "memory"); }
static void call(long at) { __asm__ volatile("call *%0" : : "r"(at) : "memory"); }

struct size {
	const char *name;
	int wide;
	void *leaf, *above;             /* `above`: null where nothing above has rights */
	u32 bits, root;
};

static const struct {
	const char *name;
	u32 cr0, cr4;
	int ac;
} settings[] = {
	{ "WP clear", 0, 0, 0 },
	{ "WP", CR0_WP, 0, 0 },
	{ "WP clear, SMEP", 0, CR4_SMEP, 0 },
	{ "WP, SMEP", CR0_WP, CR4_SMEP, 0 },
	{ "WP clear, SMAP", 0, CR4_SMAP, 0 },
	{ "WP, SMAP", CR0_WP, CR4_SMAP, 0 },
	{ "WP clear, SMAP, AC", 0, CR4_SMAP, 1 },
	{ "WP, SMAP, AC", CR0_WP, CR4_SMAP, 1 },
	{ "WP, SMEP, SMAP", CR0_WP, CR4_SMEP | CR4_SMAP, 0 },
};

static void apply(int i)
{
	write_cr0((read_cr0() & ~CR0_WP) | settings[i].cr0);
	write_cr4((read_cr4() & ~(CR4_SMEP | CR4_SMAP)) | settings[i].cr4);
	if (settings[i].ac)
		__asm__ volatile("stac");
}

static void restore(void)
{
	__asm__ volatile("pushf; andl $~0x40000, (%%esp); popf" : : : "memory", "cc");
	write_cr4(read_cr4() & ~(CR4_SMEP | CR4_SMAP));
}

static void set_entry(const struct size *size, void *entry, u64 value)
{
	if (size->wide)
		*(volatile u64 *)entry = value;
	else
		*(volatile u32 *)entry = value;
}

static u64 entry_of(const struct size *size, const void *entry)
{
	return size->wide ? *(const volatile u64 *)entry : *(const volatile u32 *)entry;
}

static void print_rights(u64 entry)
{
	const char rights[] = { entry & P ? 'P' : '-', entry & W ? 'W' : '-', entry & U ? 'U' : '-', entry & NX ? 'N' : '-', ' ', 0 };
	print(rights);
}

static void print_result(const struct trap *result, u32 address)
{
	if (!result || result->vector == 0x80 || result->vector == 3) {
		print("..");
	} else if (result->vector == 14) {
		print_hex(result->error, 2);
		if (result->cr2 != address)
			print("!");
	} else {
		print("#");
		print_hex(result->vector, 2);
	}
	print(" ");
}

static void probe(const struct size *size, u64 above, u64 leaf)
{
	if (size->above)
		set_entry(size, size->above, (entry_of(size, size->above) & 0xfffff000) | above);
	set_entry(size, size->leaf, leaf | size->bits | PAGE_PHYSICAL);
	write_cr3(size->root);
	print_rights(leaf);
	if (size->above)
		print_rights(above);
	print_result(attempt(read_byte, BASE + DATA_AT), BASE + DATA_AT);
	print_result(attempt(write_byte, BASE + DATA_AT), BASE + DATA_AT);
	print_result(attempt(call, BASE + RETURN_AT), BASE + RETURN_AT);
	print_result(run_user((u32)m_read, BASE + DATA_AT), BASE + DATA_AT);
	print_result(run_user((u32)m_write, BASE + DATA_AT), BASE + DATA_AT);
	print_result(run_user((u32)m_jump, BASE + TRAP_AT), BASE + TRAP_AT);
	print(entry_of(size, size->leaf) & A ? "A" : "-");
	print(entry_of(size, size->leaf) & D ? "D\n" : "-\n");
}

static u64 rights_of(int bits)
{
	return (bits & 1 ? P : 0) | (bits & 2 ? W : 0) | (bits & 4 ? U : 0) | (bits & 8 ? NX : 0);
}

static void matrix(const struct size *size)
{
	const int count = size->wide ? 16 : 8;
	for (u32 i = 0; i < sizeof settings / sizeof *settings; i++) {
		print(size->name);
		print(", ");
		print(settings[i].name);
		print("\n");
		apply(i);
		for (int above = size->above ? 1 : 7; above < (size->above ? count : 8); above += 2)
			for (int leaf = 0; leaf < count; leaf++)
				if (leaf & 1 || leaf == 6)
					probe(size, rights_of(above), rights_of(leaf));
		restore();
	}
}

/* The program itself is the supervisor's; only .user and its stack are the user's: under SMEP and SMAP nothing else will do. */
static u32 own_rights(u32 page)
{
	const int users = (page >= (u32)user_start && page < (u32)user_end) || page == (u32)user_stack;
	return page | P | W | (users ? U : 0);
}

static void narrow(void)
{
	for (u32 i = 0; i < 1024; i++)
		low_table[i] = own_rights(i << 12);
	directory[0] = (u32)low_table | U | W | P;
	directory[BASE >> 22] = (u32)table | U | W | P;
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((u32)directory);
	write_cr0(read_cr0() | CR0_PG);
	const struct size small = { "4 KiB", 0, table, &directory[BASE >> 22], 0, (u32)directory };
	const struct size large = { "4 MiB", 0, &directory[BASE >> 22], 0, PS, (u32)directory };
	matrix(&small);
	matrix(&large);
}

static void wide(void)
{
	write_cr0(read_cr0() & ~CR0_PG);
	for (u32 i = 0; i < 1024; i++)
		wide_low_tables[i >> 9][i & 511] = own_rights(i << 12);
	for (int i = 0; i < 2; i++)
		wide_low_directory[i] = (u32)wide_low_tables[i] | U | W | P;
	pointers[0] = (u32)wide_low_directory | P;
	pointers[1] = (u32)wide_directory | P;
	wide_directory[0] = (u32)wide_table | U | W | P;
	write_cr4(read_cr4() | CR4_PAE);
	__asm__ volatile("rdmsr; or %1, %%eax; wrmsr" : : "c"(MSR_EFER), "i"(EFER_NXE) : "eax", "edx");
	write_cr3((u32)pointers);
	write_cr0(read_cr0() | CR0_PG);
	const struct size small = { "PAE, 4 KiB", 1, wide_table, wide_directory, 0, (u32)pointers };
	const struct size large = { "PAE, 2 MiB", 1, wide_directory, 0, PS, (u32)pointers };
	matrix(&small);
	matrix(&large);
}

void main(void)
{
	install_tables();
	set_gate(3, KERNEL_CODE, stub(3), INTERRUPT_GATE | DPL3);
	*(volatile u8 *)(PAGE_PHYSICAL + RETURN_AT) = 0xc3;
	*(volatile u8 *)(PAGE_PHYSICAL + TRAP_AT) = 0xcc;
	narrow();
	wide();
	print("done\n");
}
