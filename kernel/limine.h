/*
 * The parts of the Limine boot protocol that this kernel asks for.
 * Source: PROTOCOL.md of the Limine project, "Feature List".
 *
 * A request is a structure in the kernel's image that starts with a magic id; the loader finds it by
 * that id and stores a pointer to its response. A response that stays NULL was not given. Pointers in
 * responses are in the loader's direct map of physical memory, whose offset the HHDM response tells.
 */
#pragma once

#include <stdint.h>

#define LIMINE_COMMON_MAGIC 0xc7b1dd30df4c8b88, 0x0a82e883a194f07b
#define LIMINE_BASE_REVISION_MAGIC 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc

#define LIMINE_HHDM_REQUEST { LIMINE_COMMON_MAGIC, 0x48dcf1cb8ad2b852, 0x63984e959a98244b }
#define LIMINE_MEMMAP_REQUEST { LIMINE_COMMON_MAGIC, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62 }
#define LIMINE_FRAMEBUFFER_REQUEST { LIMINE_COMMON_MAGIC, 0x9d5827dcd881dd75, 0xa3148604f6fab11b }
#define LIMINE_KERNEL_ADDRESS_REQUEST { LIMINE_COMMON_MAGIC, 0x71ba76863cc55f63, 0xb2644a48c516a487 }
#define LIMINE_MODULE_REQUEST { LIMINE_COMMON_MAGIC, 0x3e7e279702be32af, 0xca1c4f3bd1280cee }
#define LIMINE_RSDP_REQUEST { LIMINE_COMMON_MAGIC, 0xc5e77b6b397e7b43, 0x27637845accdcf3c }

/* Memory map types. */
#define LIMINE_MEMMAP_USABLE 0
#define LIMINE_MEMMAP_RESERVED 1
#define LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE 5

#define LIMINE_FRAMEBUFFER_RGB 1

struct limine_hhdm_response {
	uint64_t revision;
	uint64_t offset;
};

struct limine_memmap_entry {
	uint64_t base;
	uint64_t length;
	uint64_t type;
};

struct limine_memmap_response {
	uint64_t revision;
	uint64_t entry_count;
	struct limine_memmap_entry **entries;
};

struct limine_framebuffer {
	void *address;
	uint64_t width;
	uint64_t height;
	uint64_t pitch;
	uint16_t bpp;
	uint8_t memory_model;
	uint8_t red_mask_size;
	uint8_t red_mask_shift;
	uint8_t green_mask_size;
	uint8_t green_mask_shift;
	uint8_t blue_mask_size;
	uint8_t blue_mask_shift;
};

struct limine_framebuffer_response {
	uint64_t revision;
	uint64_t framebuffer_count;
	struct limine_framebuffer **framebuffers;
};

struct limine_kernel_address_response {
	uint64_t revision;
	uint64_t physical_base;
	uint64_t virtual_base;
};

/* Only the start: what follows identifies the medium. */
struct limine_file {
	uint64_t revision;
	void *address;
	uint64_t size;
	char *path;
};

struct limine_module_response {
	uint64_t revision;
	uint64_t module_count;
	struct limine_file **modules;
};

struct limine_rsdp_response {
	uint64_t revision;
	void *address;
};

/* Every request has this shape; `type` is its response. */
#define LIMINE_REQUEST(type) \
	struct { \
		uint64_t id[4]; \
		uint64_t revision; \
		type *response; \
	}
