/* 5-level paging: how it is switched on, what linear addresses are then, and walks through all five levels. SDM 3A, "Paging". */
#include "kit64.h"

#define CR4_LA57 0x1000ul

static u64 top_map[512] __attribute__((aligned(4096)));

static void read_at(long at) { (void)*(volatile u8 *)at; }
static void write_at(long at) { *(volatile u8 *)at = 1; }
static void jump_to(long at) { ((void (*)(void))at)(); }
static void set_cr4(long v) { __asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory"); }

static void addresses(const char *mode)
{
	print(mode);
	print("\n");
	report("  read at 1 << 47", attempt(read_at, 1l << 47));
	report("  read at 1 << 55", attempt(read_at, 1l << 55));
	report("  read at 1 << 56", attempt(read_at, 1l << 56));
	report("  read at -1 << 56", attempt(read_at, (long)0xff00000000000000));
	/* Where it is not canonical the jump faults, in QEMU its target. */
	const int wide = (read_cr4() & CR4_LA57) != 0;
	struct trap *result = attempt(jump_to, 1l << 50);
	manual("  jump to 1 << 50", result, wide ? 14 : 13, wide ? 0x10 : 0, wide ? 1ul << 50 : trap.rip);
	manual_value("    at the jump", trap.rip == 1ul << 50, wide);
}

void main(void)
{
	install_tables();
	const u64 four = read_cr3();
	addresses("4 levels");
	report("CR4.LA57 in IA-32e mode", attempt(set_cr4, read_cr4() | CR4_LA57));
	top_map[0] = (u64)page_map | PTE_P | PTE_W | PTE_U;
	switch_levels((u64)top_map, read_cr4() | CR4_LA57);
	value("CR4.LA57", read_cr4() & CR4_LA57);
	addresses("5 levels");
	/* Another PML4, at 1 << 48, that leads to the same places. */
	top_map[1] = (u64)page_map | PTE_P | PTE_W;
	report("read through another PML4", attempt(read_at, (1l << 48) + (u64)top_map));
	value("  PML5E accessed", top_map[1] & PTE_A);
	top_map[1] = (u64)page_map | PTE_P;
	flush();
	report("write through a read-only PML5E", attempt(write_at, (1l << 48) + (u64)top_map));
	top_map[1] = (u64)page_map | PTE_P | PTE_W | PTE_PS;
	flush();
	struct trap *result = attempt(read_at, (1l << 48) + (u64)top_map);
	manual("a PML5E with PS", result, 14, 9, trap.rip); /* QEMU leaves P out */
	switch_levels(four, read_cr4() & ~CR4_LA57);
	addresses("4 levels again");
	print("done\n");
}
