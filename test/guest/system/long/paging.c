/*
 * Who may do what to which page: present, writable, user, NX, WP, SMEP, SMAP, reserved bits, accessed and dirty,
 * with 4 KiB, 2 MiB and 1 GiB pages. SDM 3A, "Paging".
 */
#include "kit64.h"

#define LARGE 0x60000000ul              /* a 2 MiB page, inside the third GiB half */
#define HUGE 0x80000000ul               /* a 1 GiB page */

/* The instruction that faults in read_byte and call has a name. */
__asm__(".text; read_byte: load: movb (%rdi), %al; ret\n"
	"call: call_it: call *%rdi; ret");
void read_byte(long address);
void call(long address);
extern u8 load[], call_it[];

static void write_byte(long address)
{
	__asm__ volatile("movb $0, (%0)" : : "r"(address) : "memory");
}

static void modify(long address)
{
	__asm__ volatile("addl $0, (%0)" : : "r"(address) : "memory");
}

static void read_crossing(long address)
{
	__asm__ volatile("movq -3(%0), %%rax" : : "r"(address) : "rax", "memory");
}

static void write_crossing(long address)
{
	__asm__ volatile("movq %%rax, -3(%0)" : : "r"(address) : "rax", "memory");
}

/* CPL 3: RAX holds the address. */
__asm__(".section .user, \"ax\"\n"
	".globl user_read, user_write, user_jump\n"
	"user_read:  movb (%rax), %al; int $0x80\n"
	"user_write: movb $1, (%rax); int $0x80\n"
	"user_jump:  jmp *%rax\n"
	".previous");
extern u8 user_read[], user_write[], user_jump[];

static void put(const char *text, const char *more, const struct trap *result)
{
	print(text);
	report(more, result);
}

static u64 physical;

/* Every access by both privilege levels to a page with the given rights. */
static void probe(const char *name, u64 bits)
{
	*(volatile u8 *)physical = 0xc3;        /* RET, for who calls it */
	map_page(PAGES, physical, bits);
	put(name, ", supervisor reads", attempt(read_byte, PAGES));
	put(name, ", supervisor writes", attempt(write_byte, PAGES));
	*(volatile u8 *)physical = 0xc3;
	put(name, ", supervisor calls", attempt(call, PAGES));
	put(name, ", user reads", run_user(user(user_read), PAGES));
	put(name, ", user writes", run_user(user(user_write), PAGES));
	*(volatile u8 *)physical = 0xcc;        /* INT3 */
	put(name, ", user jumps", run_user(user(user_jump), PAGES));
	value("  entry", *page_entry(PAGES) & 0xfff);
}

static void rights(void)
{
	probe("not present", 0);
	probe("read-only", PTE_P);
	probe("writable", PTE_P | PTE_W);
	probe("user read-only", PTE_P | PTE_U);
	probe("user writable", PTE_P | PTE_U | PTE_W);
	probe("user NX", PTE_P | PTE_U | PTE_W | PTE_NX);
	probe("NX", PTE_P | PTE_W | PTE_NX);
}

/* Rights are the conjunction over all levels. */
static void levels(void)
{
	u64 *directory_entry = &((u64 *)(page_map[0] & ~0xffful))[PAGES >> 30];
	probe("user writable below a directory", PTE_P | PTE_U | PTE_W);
	*directory_entry &= ~PTE_U;
	flush();
	probe("user writable below a supervisor directory", PTE_P | PTE_U | PTE_W);
	*directory_entry = (*directory_entry | PTE_U) & ~PTE_W;
	flush();
	probe("user writable below a read-only directory", PTE_P | PTE_U | PTE_W);
	*directory_entry |= PTE_W | PTE_NX;
	flush();
	probe("user writable below an NX directory", PTE_P | PTE_U | PTE_W);
	*directory_entry &= ~(PTE_NX | PTE_P);
	flush();
	put("below an absent directory", ", read", attempt(read_byte, PAGES));
	*directory_entry |= PTE_P;
	flush();
}

static void write_protect(void)
{
	write_cr0(read_cr0() & ~CR0_WP);
	probe("WP clear, read-only", PTE_P);
	probe("WP clear, user read-only", PTE_P | PTE_U);
	write_cr0(read_cr0() | CR0_WP);
}

static void smep_smap(void)
{
	write_cr4(read_cr4() | CR4_SMEP);
	probe("SMEP, user writable", PTE_P | PTE_U | PTE_W);
	write_cr4((read_cr4() & ~CR4_SMEP) | CR4_SMAP);
	probe("SMAP, user writable", PTE_P | PTE_U | PTE_W);
	__asm__ volatile("stac");
	put("SMAP with AC", ", supervisor reads", attempt(read_byte, PAGES));
	put("SMAP with AC", ", supervisor writes", attempt(write_byte, PAGES));
	__asm__ volatile("clac");
	put("SMAP after CLAC", ", supervisor reads", attempt(read_byte, PAGES));
	write_cr0(read_cr0() & ~CR0_WP);
	map_page(PAGES, physical, PTE_P | PTE_U);
	put("SMAP, WP clear, user read-only", ", supervisor writes", attempt(write_byte, PAGES));
	write_cr0(read_cr0() | CR0_WP);
	write_cr4(read_cr4() & ~CR4_SMAP);
}

static void accessed_dirty(void)
{
	u64 *entry = page_entry(PAGES);
	map_page(PAGES, physical, PTE_P | PTE_W);
	value("fresh", *entry & 0xfff);
	attempt(read_byte, PAGES);
	value("after a read", *entry & 0xfff);
	attempt(write_byte, PAGES);
	value("after a write", *entry & 0xfff);
	map_page(PAGES, physical, PTE_P | PTE_W);
	attempt(modify, PAGES);
	value("after a read-modify-write", *entry & 0xfff);
	map_page(PAGES, physical, PTE_P);
	attempt(write_byte, PAGES);
	value("after a write that faults", *entry & 0xfff & ~PTE_A);
	map_page(PAGES, physical, PTE_P | PTE_W);
	attempt(read_byte, PAGES);
	*entry &= ~PTE_D;
	attempt(write_byte, PAGES);
	value("a write after a read sets D", *entry & PTE_D);
}

static void reserved_bits(void)
{
	map_page(PAGES, physical, PTE_P | PTE_W | 1ul << 51);
	manual("reserved bit 51 in a table entry", attempt(read_byte, PAGES), 14, 9, (u64)load);
	u64 *directory = (u64 *)(((u64 *)(page_map[0] & ~0xffful))[LARGE >> 30] & ~0xffful);
	directory[LARGE >> 21 & 511] = PTE_P | PTE_W | PTE_PS | 1 << 13;
	flush();
	manual("reserved bit 13 in a 2 MiB entry", attempt(read_byte, LARGE), 14, 9, (u64)load);
	write_msr(0xc0000080, read_msr(0xc0000080) & ~0x800ul);
	map_page(PAGES, physical, PTE_P | PTE_W | PTE_NX);
	flush();
	manual("bit 63 with NXE clear", attempt(read_byte, PAGES), 14, 9, (u64)load);
	map_page(PAGES, physical, PTE_P | PTE_W);
	report("call with NXE clear", attempt(call, PAGES + 0xfff));
	write_msr(0xc0000080, read_msr(0xc0000080) | 0x800ul);
}

static void large_pages(void)
{
	u64 *pointers = (u64 *)(page_map[0] & ~0xffful);
	page_entry(LARGE - 0x200000);           /* makes the directory */
	u64 *directory = (u64 *)(pointers[LARGE >> 30] & ~0xffful);
	u64 *entry = &directory[LARGE >> 21 & 511];
	*entry = 0x400000 | PTE_P | PTE_PS;
	flush();
	report("2 MiB, read", attempt(read_byte, LARGE + 0x1ff000));
	value("  entry", *entry);
	report("2 MiB, write", attempt(write_byte, LARGE + 0x1ff000));
	*entry |= PTE_W;
	invlpg(LARGE);
	*(volatile u32 *)0x423450 = 0x12345678;
	value("2 MiB, what is read", *(volatile u32 *)(LARGE + 0x23450));
	report("2 MiB, write again", attempt(write_byte, LARGE + 0x1ff000));
	value("  entry", *entry);
	report("2 MiB, user reads", run_user(user(user_read), LARGE));
	pointers[HUGE >> 30] = PTE_P | PTE_PS | PTE_W;
	flush();
	value("1 GiB, what is read", *(volatile u32 *)(HUGE + 0x423450));
	report("1 GiB, write", attempt(write_byte, HUGE + 0x423450));
	value("  entry", pointers[HUGE >> 30]);
	*entry = 0;
	pointers[HUGE >> 30] = 0;
	flush();
	report("2 MiB gone", attempt(read_byte, LARGE));
	report("1 GiB gone", attempt(read_byte, HUGE));
}

static void crossings(void)
{
	u64 second = new_page();
	map_page(PAGES, physical, PTE_P | PTE_W);
	map_page(PAGES + 0x1000, second, PTE_P | PTE_W);
	report("read across two pages", attempt(read_crossing, PAGES + 0x1000));
	map_page(PAGES + 0x1000, 0, 0);
	report("read into a missing page", attempt(read_crossing, PAGES + 0x1000));
	report("write into a missing page", attempt(write_crossing, PAGES + 0x1000));
	map_page(PAGES + 0x1000, second, PTE_P);
	report("write into a read-only page", attempt(write_crossing, PAGES + 0x1000));
	map_page(PAGES, 0, 0);
	report("write from a missing page", attempt(write_crossing, PAGES + 0x1000));
	map_page(PAGES, physical, PTE_P | PTE_W);
	map_page(PAGES + 0x1000, 0, 0);
	((volatile u8 *)physical)[0xfff] = 0x48;        /* REX.W, and no more */
	report("an instruction that goes on in a missing page", attempt(call, PAGES + 0xfff));
}

static void canonical(void)
{
	report("read at 0000800000000000", attempt(read_byte, 0x800000000000));
	report("write at ffff7fffffffffff", attempt(write_byte, 0xffff7fffffffffff));
	report("read at ffff800000000000", attempt(read_byte, 0xffff800000000000));
	report("INVLPG of a non-canonical address", (invlpg(0x800000000000), (struct trap *)0));
	manual("call of a non-canonical address", attempt(call, 0x800000000000), 13, 0, (u64)call_it);
	page_map[511] = page_map[0];
	flush();
	value("a byte seen through the last 512 GiB", *(volatile u32 *)0xffffff8000423450);
	page_map[511] = 0;
	flush();
}

static void translations_cached(void)
{
	u64 other = new_page();
	*(volatile u32 *)physical = 1;
	*(volatile u32 *)other = 2;
	map_page(PAGES, physical, PTE_P | PTE_W);
	value("before the change", *(volatile u32 *)PAGES);
	*page_entry(PAGES) = other | PTE_P | PTE_W;
	invlpg(PAGES);
	value("after INVLPG", *(volatile u32 *)PAGES);
	*page_entry(PAGES) = physical | PTE_P | PTE_W;
	flush();
	value("after a write to CR3", *(volatile u32 *)PAGES);
	write_cr4(read_cr4() | CR4_PGE);
	*page_entry(PAGES) = other | PTE_P | PTE_W | PTE_G;
	invlpg(PAGES);
	value("global", *(volatile u32 *)PAGES);
	*page_entry(PAGES) = physical | PTE_P | PTE_W | PTE_G;
	write_cr4(read_cr4() & ~CR4_PGE);
	value("after CR4.PGE was cleared", *(volatile u32 *)PAGES);
}

void main(void)
{
	install_tables();
	map_user();
	set_gate(3, KERNEL_CODE, stub(3), 0xee, 0);
	physical = new_page();
	rights();
	levels();
	write_protect();
	smep_smap();
	accessed_dirty();
	large_pages();
	reserved_bits();
	crossings();
	canonical();
	translations_cached();
	print("done\n");
}
