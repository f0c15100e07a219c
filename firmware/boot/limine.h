// The Limine boot protocol as a 32-bit loader sees it: every pointer is a number. Identifiers, layouts and
// constants are those of the public PROTOCOL.md, base revisions 0 to 3, part x86-64.
#pragma once

#include <stdint.h>

#define LIMINE_COMMON_MAGIC_0 0xc7b1dd30df4c8b88ull
#define LIMINE_COMMON_MAGIC_1 0x0a82e883a194f07bull
#define LIMINE_BASE_REVISION_0 0xf9562b2d5c95a6c8ull
#define LIMINE_BASE_REVISION_1 0x6a7b384944536bdcull
#define LIMINE_REQUESTS_START {0xf6b8f4b39de7d1aeull, 0xfab91a6940fcb9cfull, 0x785c6ed015d3e316ull, 0x181e920a7852b9d9ull}
#define LIMINE_REQUESTS_END {0xadc0e0531bb10d03ull, 0x9572709f31764c62ull}

#define LIMINE_BOOTLOADER_INFO {0xf55038d8e2a1202full, 0x279426fcf5f59740ull}
#define LIMINE_EXECUTABLE_CMDLINE {0x4b161536e598651eull, 0xb390ad4a2f1f303aull}
#define LIMINE_FIRMWARE_TYPE {0x8c2f75d90bef28a8ull, 0x7045a4688eac00c3ull}
#define LIMINE_STACK_SIZE {0x224ef0460a8e8926ull, 0xe1cb0fc25f46ea3dull}
#define LIMINE_HHDM {0x48dcf1cb8ad2b852ull, 0x63984e959a98244bull}
#define LIMINE_FRAMEBUFFER {0x9d5827dcd881dd75ull, 0xa3148604f6fab11bull}
#define LIMINE_PAGING_MODE {0x95c1a0edab0944cbull, 0xa4e5cb3842f7488aull}
#define LIMINE_MEMMAP {0x67cf3d9d378a806full, 0xe304acdfc50c3c62ull}
#define LIMINE_ENTRY_POINT {0x13d86c035a1cd3e1ull, 0x2b0caa89d8f3026aull}
#define LIMINE_EXECUTABLE_FILE {0xad97e90e83f1ed67ull, 0x31eb5d1c5ff23b69ull}
#define LIMINE_MODULE {0x3e7e279702be32afull, 0xca1c4f3bd1280ceeull}
#define LIMINE_RSDP {0xc5e77b6b397e7b43ull, 0x27637845accdcf3cull}
#define LIMINE_SMBIOS {0x9e9046f11e095391ull, 0xaa4a520fefbde5eeull}
#define LIMINE_BOOT_TIME {0x502746e184c088aaull, 0xfbc5ec83e6327893ull}
#define LIMINE_EXECUTABLE_ADDRESS {0x71ba76863cc55f63ull, 0xb2644a48c516a487ull}

#define LIMINE_MEMMAP_USABLE 0
#define LIMINE_MEMMAP_RESERVED 1
#define LIMINE_MEMMAP_ACPI_RECLAIMABLE 2
#define LIMINE_MEMMAP_ACPI_NVS 3
#define LIMINE_MEMMAP_BAD_MEMORY 4
#define LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE 5
#define LIMINE_MEMMAP_EXECUTABLE_AND_MODULES 6
#define LIMINE_MEMMAP_FRAMEBUFFER 7

#define LIMINE_FIRMWARE_TYPE_X86BIOS 0
#define LIMINE_FRAMEBUFFER_RGB 1
#define LIMINE_MEDIA_TYPE_OPTICAL 1
#define LIMINE_INTERNAL_MODULE_REQUIRED 1
#define LIMINE_INTERNAL_MODULE_COMPRESSED 2
#define LIMINE_PAGING_MODE_X86_64_4LVL 0

// What every request begins with. Further members, if the request has any, are in `more`.
struct limine_request {
	uint64_t id[4];
	uint64_t revision;
	uint64_t response;
	uint64_t more[];
};

struct limine_memmap_entry {
	uint64_t base;
	uint64_t length;
	uint64_t type;
};

struct limine_list_response { // memory map, framebuffers, modules
	uint64_t revision;
	uint64_t count;
	uint64_t entries;
};

struct limine_value_response { // HHDM, RSDP, boot time, paging mode, ... : one number or pointer
	uint64_t revision;
	uint64_t value;
};

struct limine_pair_response { // bootloader info, SMBIOS, executable address
	uint64_t revision;
	uint64_t first;
	uint64_t second;
};

struct limine_file {
	uint64_t revision;
	uint64_t address;
	uint64_t size;
	uint64_t path;
	uint64_t string;
	uint32_t media_type;
	uint32_t unused;
	uint32_t tftp_ip;
	uint32_t tftp_port;
	uint32_t partition_index;
	uint32_t mbr_disk_id;
	uint8_t gpt_disk_uuid[16];
	uint8_t gpt_part_uuid[16];
	uint8_t part_uuid[16];
};

struct limine_internal_module {
	uint64_t path;
	uint64_t string;
	uint64_t flags;
};

struct limine_color_masks { // size and shift of red, green, blue
	uint8_t red_size, red_shift, green_size, green_shift, blue_size, blue_shift;
};

struct limine_framebuffer {
	uint64_t address;
	uint64_t width;
	uint64_t height;
	uint64_t pitch;
	uint16_t bpp;
	uint8_t memory_model;
	struct limine_color_masks masks;
	uint8_t unused[7];
	uint64_t edid_size;
	uint64_t edid;
	uint64_t mode_count;
	uint64_t modes;
};

struct limine_video_mode {
	uint64_t pitch;
	uint64_t width;
	uint64_t height;
	uint16_t bpp;
	uint8_t memory_model;
	struct limine_color_masks masks;
	uint8_t unused[7];
};

_Static_assert(sizeof(struct limine_file) == 112, "limine_file");
_Static_assert(sizeof(struct limine_framebuffer) == 80, "limine_framebuffer");
_Static_assert(sizeof(struct limine_video_mode) == 40, "limine_video_mode");
