// The page tables that the kernel starts with (PROTOCOL.md, "Entry memory layout", "Caching"):
//
//   ffffffff80000000..  the kernel's image, 4 KiB pages with its segments' permissions
//   ffff800000000000..  the higher-half direct map, read, write and execute:
//                         base revisions 0..2: the first 4 GiB, and the memory map's entries above (1 and 2:
//                         without reserved and bad memory); base revision 3: usable, reclaimable,
//                         executable/modules and framebuffer entries alone
//   0000000000001000..  base revision 0: the same as the direct map, without page 0
//   0..2 MiB            otherwise, for enter_kernel, which takes it away (start.S)
//
// The framebuffer is write-combining, everything else write-back.
#include "boot.h"

#define PRESENT 1ull
#define PAGE_SIZE 0x80ull        // in a page-directory entry: maps 2 MiB
#define PAT_4K 0x80ull           // SDM 3A, "Paging and Memory Typing": where the PAT bit is, by page size
#define PAT_2M 0x1000ull
#define PWT 8ull
#define PCD 16ull
#define ADDRESS 0x000ffffffffff000ull
#define LARGE 0x200000ull
#define FOUR_GIB 0x100000000ull

uint64_t *pml4;

static uint64_t *new_table(void)
{
	return memset(memory_take(PAGE, PAGE, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, "page tables"), 0, PAGE);
}

// The table below an entry; made if it is not there, split if the entry maps 2 MiB.
static uint64_t *below(uint64_t *entry)
{
	if ((*entry & PRESENT) && !(*entry & PAGE_SIZE))
		return (uint64_t *)(uint32_t)(*entry & ADDRESS);
	uint64_t *table = new_table();
	if (*entry & PRESENT) {
		uint64_t base = *entry & ADDRESS & ~(LARGE - 1), flags = *entry & ~(ADDRESS | PAGE_SIZE);
		if (*entry & PAT_2M)
			flags |= PAT_4K;
		for (uint32_t i = 0; i < 512; i++)
			table[i] = (base + i * PAGE) | flags;
	}
	*entry = (uint32_t)table | PRESENT | MAP_WRITE;
	return table;
}

static uint64_t caching(uint64_t flags, bool large)
{
	if (!(flags & MAP_WRITE_COMBINING))
		return 0;
	return cpu_has_pat ? (large ? PAT_2M : PAT_4K) | PWT : PCD | PWT; // entry 5, or uncached
}

// Maps whole pages; ends are moved outwards to page boundaries. 2 MiB pages wherever they fit.
static void map(uint64_t virtual, uint64_t physical, uint64_t size, uint64_t flags)
{
	uint64_t bits = PRESENT | (flags & MAP_WRITE) | (cpu_has_nx ? flags & MAP_NO_EXECUTE : 0);
	uint64_t end = (physical + size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	virtual -= physical & (PAGE - 1);
	physical &= ~(uint64_t)(PAGE - 1);
	while (physical < end) {
		uint64_t *directories = below(&pml4[virtual >> 39 & 511]);
		uint64_t *directory = below(&directories[virtual >> 30 & 511]);
		uint64_t *entry = &directory[virtual >> 21 & 511];
		bool large = !((virtual | physical) & (LARGE - 1)) && end - physical >= LARGE;
		if (large && !(*entry & PRESENT && !(*entry & PAGE_SIZE)))
			*entry = physical | bits | PAGE_SIZE | caching(flags, true);
		else {
			large = false;
			below(entry)[virtual >> 12 & 511] = physical | bits | caching(flags, false);
		}
		virtual += large ? LARGE : PAGE;
		physical += large ? LARGE : PAGE;
	}
}

static void map_kernel(void)
{
	for (uint64_t page = kernel.base; page < kernel.end; page += PAGE) {
		bool writable, executable;
		kernel_permissions(page, &writable, &executable);
		uint64_t flags = (writable ? MAP_WRITE : 0) | (executable ? 0 : MAP_NO_EXECUTE);
		map(page, (uint32_t)kernel.image + (page - kernel.base), PAGE, flags);
	}
}

static bool is_mapped(const struct limine_memmap_entry *entry)
{
	switch (entry->type) {
	case LIMINE_MEMMAP_USABLE:
	case LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE:
	case LIMINE_MEMMAP_EXECUTABLE_AND_MODULES:
		return true;
	case LIMINE_MEMMAP_FRAMEBUFFER:
		return false; // comes last, with its own caching
	case LIMINE_MEMMAP_RESERVED:
	case LIMINE_MEMMAP_BAD_MEMORY:
		return base_revision == 0;
	default:
		return base_revision <= 2;
	}
}

// `offset` is the direct map's, or 0 for the identity map. Building takes memory and so moves entries about: this
// goes by a copy of the map. What is taken was usable and is reclaimable then; both are mapped.
static void map_memory(uint64_t offset)
{
	static struct limine_memmap_entry entries[MEMORY_MAP_LIMIT];
	uint32_t count = memory_map_count;
	memcpy(entries, memory_map, count * sizeof *entries);
	if (base_revision <= 2)
		map(offset, 0, FOUR_GIB, MAP_WRITE);
	for (uint32_t i = 0; i < count; i++) {
		struct limine_memmap_entry entry = entries[i];
		uint64_t end = entry.base + entry.length;
		if (base_revision <= 2 && entry.base < FOUR_GIB)
			entry.base = FOUR_GIB;
		if (entry.base < end && is_mapped(&entry))
			map(offset + entry.base, entry.base, end - entry.base, MAP_WRITE);
	}
	for (uint32_t i = 0; i < count; i++)
		if (entries[i].type == LIMINE_MEMMAP_FRAMEBUFFER)
			map(offset + entries[i].base, entries[i].base, entries[i].length, MAP_WRITE | MAP_WRITE_COMBINING);
}

void paging_build(void)
{
	pml4 = new_table();
	map_memory(HHDM);
	if (base_revision == 0) {
		map_memory(0);
		below(&below(&below(&pml4[0])[0])[0])[0] = 0; // page 0 stays unmapped
	} else
		map(0, 0, LARGE, MAP_WRITE);
	map_kernel();
}
