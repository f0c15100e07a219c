/*
 * What the boot loader told, copied out of the loader's memory so that the memory can be reused.
 */
#pragma once

#include <kernel.h>

#define BOOT_MAX_RANGES 128

struct memory_range {
	uint64_t base, length; /* physical, bytes */
	uint64_t type;         /* LIMINE_MEMMAP_... */
};

struct framebuffer {
	uint64_t physical;
	uint32_t width, height; /* pixels; width is 0 if there is no framebuffer */
	uint32_t pitch;         /* bytes from row to row */
	uint8_t bytes_per_pixel;
	uint8_t red_shift, green_shift, blue_shift;
	uint8_t red_size, green_size, blue_size; /* bits */
};

struct boot_info {
	uint64_t direct_map; /* virtual address of physical address 0 */
	uint64_t kernel_physical; /* where KERNEL_BASE is loaded */
	size_t range_count;
	struct memory_range ranges[BOOT_MAX_RANGES];
	struct framebuffer framebuffer;
	uint64_t rsdp;          /* physical; 0 if there is none */
	const char *symbols;    /* kernel.sym, if the loader brought it along, in the direct map; else NULL */
	size_t symbols_size;
};

extern struct boot_info boot_info;

/* Reads the loader's responses. Runs on the loader's page tables, before anything else. */
void boot_init(void);

/* The direct map: where physical memory is visible. */
static inline void *direct(uint64_t physical) { return (void *)(boot_info.direct_map + physical); }
