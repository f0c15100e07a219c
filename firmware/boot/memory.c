// The memory map, and taking memory out of it.
//
// It starts as INT 15h E820 tells it, tidied: usable entries are whole pages, above the first page, and overlap
// nothing (where the BIOS's ranges overlap, the less usable wins). Taking memory cuts it out of a usable entry and
// enters it under its new type, so that the map is right for the kernel at every moment. Memory is taken from the
// top down: what stays usable is one long stretch from 1 MiB up.
#include "boot.h"

#define E820_SIGNATURE 0x534d4150 // "SMAP", ACPI specification, "INT 15H, E820H - Query System Address Map"
#define FOUR_GIB 0x100000000ull
#define ONE_MIB 0x100000ull

struct limine_memmap_entry memory_map[MEMORY_MAP_LIMIT];
uint32_t memory_map_count;

static struct e820_range {
	uint64_t base, length;
	uint32_t type, attributes;
} ranges[64];

static uint64_t page_up(uint64_t address)
{
	return (address + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE - 1);
}

static void append(uint64_t base, uint64_t end, uint64_t type)
{
	if (base >= end)
		return;
	for (uint32_t i = 0; i < memory_map_count; i++) {
		struct limine_memmap_entry *entry = &memory_map[i];
		if (entry->type != type)
			continue;
		if (entry->base + entry->length == base) {
			entry->length += end - base;
			return;
		}
		if (entry->base == end) {
			entry->base = base;
			entry->length += end - base;
			return;
		}
	}
	if (memory_map_count == MEMORY_MAP_LIMIT)
		fail("the memory map has more than %u entries", MEMORY_MAP_LIMIT);
	memory_map[memory_map_count++] = (struct limine_memmap_entry){base, end - base, type};
}

// Makes [base, end), in whole pages, usable no longer.
static void cut(uint64_t base, uint64_t end)
{
	base = page_down(base);
	end = page_up(end);
	for (uint32_t i = 0; i < memory_map_count; i++) {
		struct limine_memmap_entry *entry = &memory_map[i];
		uint64_t first = entry->base, last = entry->base + entry->length;
		if (entry->type != LIMINE_MEMMAP_USABLE || last <= base || first >= end)
			continue;
		*entry = memory_map[--memory_map_count];
		append(first, base, LIMINE_MEMMAP_USABLE);
		append(end, last, LIMINE_MEMMAP_USABLE);
		i = (uint32_t)-1; // entries have moved: look again from the first
	}
}

void memory_add(uint64_t base, uint64_t end, uint64_t type)
{
	cut(base, end);
	append(base, end, type);
}

static uint32_t e820_read(void)
{
	static struct e820_range range REAL_MODE;
	uint32_t count = 0, continuation = 0;
	do {
		struct bios_registers r = {.eax = 0xe820, .ebx = continuation, .ecx = sizeof range, .edx = E820_SIGNATURE,
			.edi = (uint32_t)&range};
		bios_call(0x15, &r);
		if ((r.eflags & EFLAGS_CF) || r.eax != E820_SIGNATURE)
			break;
		if (range.length && count < sizeof ranges / sizeof *ranges)
			ranges[count++] = range;
		continuation = r.ebx;
	} while (continuation);
	return count;
}

static uint64_t limine_type(uint32_t e820_type)
{
	switch (e820_type) {
	case 1: return LIMINE_MEMMAP_USABLE;
	case 3: return LIMINE_MEMMAP_ACPI_RECLAIMABLE;
	case 4: return LIMINE_MEMMAP_ACPI_NVS;
	case 5: return LIMINE_MEMMAP_BAD_MEMORY;
	default: return LIMINE_MEMMAP_RESERVED;
	}
}

void memory_detect(void)
{
	uint32_t count = e820_read();
	if (!count)
		fail("the BIOS has no memory map (INT 15h, E820h)");
	for (uint32_t i = 0; i < count; i++) {
		uint64_t base = page_up(ranges[i].base), end = page_down(ranges[i].base + ranges[i].length);
		if (limine_type(ranges[i].type) != LIMINE_MEMMAP_USABLE || base >= end)
			continue;
		cut(base, end); // the part of it that another range has already given
		append(base, end, LIMINE_MEMMAP_USABLE);
	}
	for (uint32_t i = 0; i < count; i++)
		if (limine_type(ranges[i].type) != LIMINE_MEMMAP_USABLE)
			memory_add(ranges[i].base, ranges[i].base + ranges[i].length, limine_type(ranges[i].type));
	memory_add(0, PAGE, LIMINE_MEMMAP_RESERVED); // interrupt vectors and BIOS data
	memory_add(PAGE, page_up((uint32_t)image_end), LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE); // our stack, code and data
}

// Where `size` bytes fit highest below 4 GiB, or 0.
static uint64_t highest_fit(uint64_t size, uint32_t align)
{
	uint64_t best = 0;
	for (uint32_t i = 0; i < memory_map_count; i++) {
		uint64_t base = memory_map[i].base, end = base + memory_map[i].length;
		if (end > FOUR_GIB)
			end = FOUR_GIB;
		if (memory_map[i].type != LIMINE_MEMMAP_USABLE || base < ONE_MIB || base + size > end)
			continue;
		uint64_t at = (end - size) & ~(uint64_t)(align - 1);
		if (at >= base && at > best)
			best = at;
	}
	return best;
}

void *memory_take(uint64_t size, uint32_t align, uint64_t type, const char *what)
{
	size = page_up(size);
	uint64_t at = size < FOUR_GIB ? highest_fit(size, align) : 0;
	if (!at)
		fail("not enough memory for %s: %u KiB", what, (uint32_t)(size >> 10));
	memory_add(at, at + size, type);
	return (void *)(uint32_t)at;
}

void *answer(uint32_t size)
{
	static uint8_t *next;
	static uint32_t left;
	size = (size + 15) & ~15u;
	if (size > left) {
		left = size > PAGE ? (uint32_t)page_up(size) : PAGE;
		next = memory_take(left, PAGE, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, "responses");
		memset(next, 0, left);
	}
	void *taken = next;
	next += size;
	left -= size;
	return taken;
}

uint64_t higher(const void *pointer)
{
	return pointer ? HHDM + (uint32_t)pointer : 0;
}
