/*
 * Page tables: four levels, 4 KiB and 2 MiB pages. SDM 3A, "4-Level Paging".
 */
#include "boot.h"
#include "limine.h"
#include "memory.h"
#include "processor.h"

#define ENTRIES 512
#define FOUR_GIB (4ul << 30)

static uint64_t root; /* physical address of the PML4 */

static uint64_t new_table(void) {
	uint64_t frame = frame_alloc();
	if (frame) memset(direct(frame), 0, PAGE_SIZE);
	return frame;
}

/* The entry's index in a table of `level`: 0 is a page table, 3 the PML4. */
static size_t index_at(uint64_t address, int level) { return address >> (12 + 9 * level) & (ENTRIES - 1); }

/* The entry for `address` at `level`. NULL if a table is absent and `create` is false, or no frame is left. */
static uint64_t *entry_at(uint64_t address, int level, bool create) {
	uint64_t *entries = direct(root);
	for (int at = 3; at > level; at--) {
		uint64_t *entry = &entries[index_at(address, at)];
		if (!(*entry & PAGE_PRESENT)) {
			uint64_t next = create ? new_table() : 0;
			if (!next) return NULL;
			*entry = next | PAGE_PRESENT | PAGE_WRITE;
		}
		if (*entry & PAGE_LARGE) return entry;
		entries = direct(*entry & PAGE_ADDRESS);
	}
	return &entries[index_at(address, level)];
}

bool page_map(uint64_t address, uint64_t frame, uint64_t flags) {
	uint64_t *entry = entry_at(address, 0, true);
	if (!entry) return false;
	*entry = frame | flags | PAGE_PRESENT;
	return true;
}

uint64_t page_unmap(uint64_t address) {
	uint64_t *entry = entry_at(address, 0, false);
	if (!entry || !(*entry & PAGE_PRESENT)) return 0;
	uint64_t frame = *entry & PAGE_ADDRESS;
	*entry = 0;
	invalidate_page(address);
	return frame;
}

bool page_present(uint64_t address) {
	int64_t extended = (int64_t)(address << 16) >> 16;
	if (!root || (uint64_t)extended != address) return false;
	uint64_t *entry = entry_at(address, 0, false);
	return entry && *entry & PAGE_PRESENT;
}

static void map_kernel_part(const char *from, const char *to, uint64_t flags) {
	for (uint64_t at = (uint64_t)from; at < (uint64_t)to; at += PAGE_SIZE) {
		if (at == (uint64_t)kernel_stack_guard) continue;
		if (!page_map(at, at - KERNEL_BASE + boot_info.kernel_physical, flags)) panic("no memory for page tables");
	}
}

static void map_direct(uint64_t end) {
	for (uint64_t at = 0; at < end; at += LARGE_PAGE_SIZE) {
		uint64_t *entry = entry_at((uint64_t)direct(at), 1, true);
		if (!entry) panic("no memory for page tables");
		*entry = at | PAGE_PRESENT | PAGE_WRITE | PAGE_LARGE | PAGE_NO_EXECUTE;
	}
}

/* At least 4 GiB, so that ACPI tables and the framebuffer are there whatever the memory map says. */
static uint64_t physical_end(void) {
	uint64_t end = FOUR_GIB;
	for (size_t i = 0; i < boot_info.range_count; i++) {
		uint64_t range_end = boot_info.ranges[i].base + boot_info.ranges[i].length;
		bool memory = boot_info.ranges[i].type != LIMINE_MEMMAP_RESERVED; /* a reserved range may lie anywhere */
		if (memory && range_end > end) end = range_end;
	}
	return ROUND_UP(end, LARGE_PAGE_SIZE);
}

void paging_init(void) {
	root = new_table();
	if (!root) panic("no memory for page tables");
	map_direct(physical_end());
	map_kernel_part(text_start, text_end, 0);
	map_kernel_part(rodata_start, rodata_end, PAGE_NO_EXECUTE);
	map_kernel_part(data_start, data_end, PAGE_WRITE | PAGE_NO_EXECUTE);
	write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_NXE);
	write_cr0(read_cr0() | CR0_WP);
	write_cr3(root);
}
