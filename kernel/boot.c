/*
 * The Limine requests, and their answers copied to `boot_info`.
 */
#include "boot.h"
#include "limine.h"
#include "memory.h"
#include "processor.h"

#define REQUEST __attribute__((used, aligned(8), section(".limine_requests")))

/* 2: no identity map, and the RSDP is a direct-map address. The loader writes 0 to the last word if it agrees. */
static volatile uint64_t base_revision[3] REQUEST = { LIMINE_BASE_REVISION_MAGIC, 2 };

static volatile LIMINE_REQUEST(struct limine_hhdm_response) hhdm REQUEST = { .id = LIMINE_HHDM_REQUEST };
static volatile LIMINE_REQUEST(struct limine_memmap_response) memmap REQUEST = { .id = LIMINE_MEMMAP_REQUEST };
static volatile LIMINE_REQUEST(struct limine_framebuffer_response)
	framebuffer REQUEST = { .id = LIMINE_FRAMEBUFFER_REQUEST };
static volatile LIMINE_REQUEST(struct limine_kernel_address_response)
	kernel_address REQUEST = { .id = LIMINE_KERNEL_ADDRESS_REQUEST };
static volatile LIMINE_REQUEST(struct limine_module_response) modules REQUEST = { .id = LIMINE_MODULE_REQUEST };
static volatile LIMINE_REQUEST(struct limine_rsdp_response) rsdp REQUEST = { .id = LIMINE_RSDP_REQUEST };

struct boot_info boot_info;

/* Responses hold direct-map addresses; some loaders hand out physical ones, which are all below the direct map. */
static uint64_t physical_of(const void *pointer) {
	uint64_t address = (uint64_t)pointer;
	return address >= boot_info.direct_map ? address - boot_info.direct_map : address;
}

static void copy_memory_map(void) {
	const struct limine_memmap_response *map = memmap.response;
	if (map->entry_count > BOOT_MAX_RANGES)
		panic("the memory map has %lu entries, more than %d", map->entry_count, BOOT_MAX_RANGES);
	for (size_t i = 0; i < map->entry_count; i++) {
		const struct limine_memmap_entry *entry = map->entries[i];
		boot_info.ranges[i] = (struct memory_range){ entry->base, entry->length, entry->type };
	}
	boot_info.range_count = map->entry_count;
}

static void copy_framebuffer(void) {
	if (!framebuffer.response || framebuffer.response->framebuffer_count == 0) return;
	const struct limine_framebuffer *from = framebuffer.response->framebuffers[0];
	bool whole_bytes = from->bpp % 8 == 0 && from->bpp >= 16 && from->bpp <= 32;
	if (from->memory_model != LIMINE_FRAMEBUFFER_RGB || !whole_bytes) return;
	boot_info.framebuffer = (struct framebuffer){
		.physical = physical_of(from->address),
		.width = from->width,
		.height = from->height,
		.pitch = from->pitch,
		.bytes_per_pixel = from->bpp / 8,
		.red_shift = from->red_mask_shift,
		.green_shift = from->green_mask_shift,
		.blue_shift = from->blue_mask_shift,
		.red_size = from->red_mask_size,
		.green_size = from->green_mask_size,
		.blue_size = from->blue_mask_size,
	};
}

static bool ends_with(const char *text, const char *end) {
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static void find_symbols(void) {
	if (!modules.response) return;
	for (size_t i = 0; i < modules.response->module_count; i++) {
		const struct limine_file *file = modules.response->modules[i];
		if (!ends_with(file->path, "kernel.sym")) continue;
		boot_info.symbols = direct(physical_of(file->address));
		boot_info.symbols_size = file->size;
	}
}

void boot_init(void) {
	/* Without these three nothing can be reported anywhere but on port E9h. */
	if (base_revision[2] != 0) panic("the boot loader does not know base revision 2");
	if (!hhdm.response || !memmap.response || !kernel_address.response)
		panic("the boot loader gave no memory map, direct map or kernel address");
	boot_info.direct_map = hhdm.response->offset;
	const struct limine_kernel_address_response *kernel = kernel_address.response;
	boot_info.kernel_physical = kernel->physical_base + (KERNEL_BASE - kernel->virtual_base);
	copy_memory_map();
	copy_framebuffer();
	find_symbols();
	if (rsdp.response) boot_info.rsdp = physical_of(rsdp.response->address);
}
