/*
 * Every right of a page by every access: the leaf's P, W, U and NX by its directory's, with CR0.WP, SMEP, SMAP, EFLAGS.AC and
 * protection keys, in pages of 4 KiB, 2 MiB and 1 GiB and in trees of four and five levels. SDM 3A, "Determination of Access
 * Rights" and "Accessed and Dirty Flags".
 *
 * A line is the leaf's rights, the directory's, then what a supervisor's and a user's read, write and execution raised: ".." or the
 * page fault's error code; "!" where CR2 is another address. Last the leaf's accessed and dirty flags, of pages that some access
 * reached: QEMU marks a page accessed where a protection key refuses it, and the manual leaves that open.
 */
#include "kit64.h"

#define CR4_PKE 0x400000ul
#define CR4_LA57 0x1000ul
#define KEY 1
#define KEY_BITS ((u64)KEY << 59)
#define ACCESS_DISABLE (1u << 2 * KEY)
#define WRITE_DISABLE (2u << 2 * KEY)

/* A PML4 entry of its own, so that every directory is the matrix's. */
#define BASE 0x10000000000ul
/* Inside the page: RET, INT3, data. */
#define RETURN_AT 0
#define TRAP_AT 16
#define DATA_AT 32

#define PAGE_PHYSICAL 0x400000ul        /* 2 MiB aligned, beyond the image */

/* Where it is is hidden from the compiler: it takes an access to address 0 for a mistake. */
static volatile u64 low_memory = RETURN_AT;
static u64 pointers[512] __attribute__((aligned(4096)));
static u64 directory[512] __attribute__((aligned(4096)));
static u64 table[512] __attribute__((aligned(4096)));
static u64 top_map[512] __attribute__((aligned(4096)));

__asm__(".section .user, \"ax\"\n"
	"m_read:  movb (%rax), %al; int $0x80\n"
	"m_write: movb $1, (%rax); int $0x80\n"
	"m_jump:  jmp *%rax\n"
	".previous");
extern u8 m_read[], m_write[], m_jump[];

static void read_byte(long at) { __asm__ volatile("movb (%0), %%al" : : "r"(at) : "rax", "memory"); }
static void write_byte(long at) { __asm__ volatile("movb $1, (%0)" : : "r"(at) : "memory"); }
static void call(long at) { __asm__ volatile("call *%0" : : "r"(at) : "memory"); }

/* A page's size: which entry is the leaf, and which lies above it. */
struct size {
	const char *name;
	u64 *leaf, *above;
	u64 physical, bits;
};

struct setting {
	const char *name;
	u64 cr0, cr4;
	int ac;
	u32 pkru;
};

static const struct setting settings[] = {
	{ "WP clear", 0, 0, 0, 0 },
	{ "WP", CR0_WP, 0, 0, 0 },
	{ "WP clear, SMEP", 0, CR4_SMEP, 0, 0 },
	{ "WP, SMEP", CR0_WP, CR4_SMEP, 0, 0 },
	{ "WP clear, SMAP", 0, CR4_SMAP, 0, 0 },
	{ "WP, SMAP", CR0_WP, CR4_SMAP, 0, 0 },
	{ "WP clear, SMAP, AC", 0, CR4_SMAP, 1, 0 },
	{ "WP, SMAP, AC", CR0_WP, CR4_SMAP, 1, 0 },
	{ "WP, SMEP, SMAP", CR0_WP, CR4_SMEP | CR4_SMAP, 0, 0 },
	{ "WP clear, write-disabled key", 0, CR4_PKE, 0, WRITE_DISABLE },
	{ "WP, write-disabled key", CR0_WP, CR4_PKE, 0, WRITE_DISABLE },
	{ "WP, access-disabled key", CR0_WP, CR4_PKE, 0, ACCESS_DISABLE },
	{ "WP, SMAP, access-disabled key", CR0_WP, CR4_PKE | CR4_SMAP, 0, ACCESS_DISABLE },
	{ "WP, key of another page disabled", CR0_WP, CR4_PKE, 0, ~0u << 4 },
};

static void apply(const struct setting *setting)
{
	write_cr0((read_cr0() & ~CR0_WP) | setting->cr0);
	write_cr4((read_cr4() & ~(CR4_SMEP | CR4_SMAP | CR4_PKE)) | setting->cr4);
	if (setting->cr4 & CR4_PKE)
		__asm__ volatile("wrpkru" : : "a"(setting->pkru), "c"(0), "d"(0));
	if (setting->cr4 & CR4_SMAP && setting->ac)
		__asm__ volatile("stac");
}

static void restore(void)
{
	__asm__ volatile("pushfq; andq $~0x40000, (%%rsp); popfq" : : : "memory", "cc");
	write_cr4(read_cr4() & ~(CR4_SMEP | CR4_SMAP | CR4_PKE));
	write_cr0(read_cr0() | CR0_WP);
}

static void print_rights(u64 entry)
{
	out8(0xe9, entry & PTE_P ? 'P' : '-');
	out8(0xe9, entry & PTE_W ? 'W' : '-');
	out8(0xe9, entry & PTE_U ? 'U' : '-');
	out8(0xe9, entry & PTE_NX ? 'N' : '-');
}

static int reached;

/* User code ends with an interrupt: that is no fault. */
static void print_result(const struct trap *result, u64 address)
{
	print(" ");
	if (!result || result->vector == 0x80 || result->vector == 3) {
		print("..");
		reached = 1;
	} else if (result->vector == 14) {
		print_hex(result->error, 2);
		if (result->cr2 != address)
			print("!");
	} else {
		print("#");
		print_hex(result->vector, 2);
	}
}

static void probe(const struct size *size, u64 above, u64 leaf)
{
	const u64 at = BASE;
	*size->above = (*size->above & 0x000ffffffffff000ul) | above;
	*size->leaf = leaf | size->bits | size->physical | KEY_BITS;
	flush();
	reached = 0;
	print_rights(leaf);
	print(" ");
	print_rights(above);
	print_result(attempt(read_byte, at + DATA_AT), at + DATA_AT);
	print_result(attempt(write_byte, at + DATA_AT), at + DATA_AT);
	print_result(attempt(call, at + RETURN_AT), at + RETURN_AT);
	print_result(run_user(user(m_read), at + DATA_AT), at + DATA_AT);
	print_result(run_user(user(m_write), at + DATA_AT), at + DATA_AT);
	print_result(run_user(user(m_jump), at + TRAP_AT), at + TRAP_AT);
	print(*size->leaf & PTE_A && reached ? " A" : " -");
	print(*size->leaf & PTE_D ? "D\n" : "-\n");
}

static u64 rights_of(int bits)
{
	return (bits & 1 ? PTE_P : 0) | (bits & 2 ? PTE_W : 0) | (bits & 4 ? PTE_U : 0) | (bits & 8 ? PTE_NX : 0);
}

/* Absent entries differ in nothing but what is left in them. */
static void all_rights(const struct size *size, int above_step)
{
	for (int above = 15; above > 0; above -= above_step)
		for (int leaf = 0; leaf < 16; leaf++)
			if ((leaf & 1 || leaf == 0 || leaf == 14) && (above & 1 || (above == 14 && leaf == 7)))
				probe(size, rights_of(above ^ 8), rights_of(leaf));
	*size->above |= PTE_P | PTE_W | PTE_U;
	*size->above &= ~PTE_NX;
}

static void matrix(const struct size *size, int above_step)
{
	for (u32 i = 0; i < sizeof settings / sizeof *settings; i++) {
		print(size->name);
		print(", ");
		print(settings[i].name);
		print("\n");
		apply(&settings[i]);
		all_rights(size, above_step);
		restore();
	}
}

void main(void)
{
	const u64 all = PTE_P | PTE_W | PTE_U;
	install_tables();
	map_user();
	set_gate(3, KERNEL_CODE, stub(3), 0xee, 0);
	*(volatile u8 *)(PAGE_PHYSICAL + RETURN_AT) = 0xc3;
	*(volatile u8 *)(PAGE_PHYSICAL + TRAP_AT) = 0xcc;
	page_map[BASE >> 39 & 511] = (u64)pointers | all;
	const struct size small = { "4 KiB", table, directory, PAGE_PHYSICAL, 0 };
	const struct size large = { "2 MiB", directory, pointers, PAGE_PHYSICAL, PTE_PS };
	const struct size huge = { "1 GiB", pointers, &page_map[BASE >> 39 & 511], 0, PTE_PS };
	pointers[0] = (u64)directory | all;
	directory[0] = (u64)table | all;
	matrix(&small, 1);
	directory[0] = 0;
	matrix(&large, 2);
	/* The first GiB begins with what the BIOS left; its first bytes become RET and INT3 for a while. */
	volatile u64 *first = (u64 *)low_memory, *second = (u64 *)(low_memory + TRAP_AT);
	const u64 kept[2] = { *first, *second };
	*(volatile u8 *)first = 0xc3;
	*(volatile u8 *)second = 0xcc;
	matrix(&huge, 2);
	*first = kept[0];
	*second = kept[1];
	pointers[0] = (u64)directory | all;
	directory[0] = (u64)table | all;
	const u64 four = read_cr3();
	top_map[0] = (u64)page_map | all;
	switch_levels((u64)top_map, read_cr4() | CR4_LA57);
	const struct size five = { "4 KiB of five levels", table, directory, PAGE_PHYSICAL, 0 };
	matrix(&five, 2);
	switch_levels(four, read_cr4() & ~CR4_LA57);
	print("done\n");
}
