// The boot loader's parts and what they promise each other. See main.c for the order in which they run.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limine.h"

#define PAGE 4096u
#define SECTOR 2048u
#define HHDM 0xffff800000000000ull
#define HIGHER_HALF 0xffffffff80000000ull
// Where sectors land before they are copied up: real-mode code reaches it, and 64 KiB of it stay in one DMA page.
#define BOUNCE 0x20000u
#define BOUNCE_SIZE 0x10000u

// start.S: real mode on demand. Interrupts are off outside bios_call.
struct bios_registers {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
	uint16_t ds, es;
	uint32_t eflags;
};
#define EFLAGS_CF 1u
#define EFLAGS_ZF 0x40u
void bios_call(uint32_t vector, struct bios_registers *registers);

// What enter_kernel needs; start.S knows the offsets.
struct handoff {
	uint64_t entry;
	uint64_t stack;       // top, HHDM
	uint64_t hhdm;
	uint32_t pml4;
	uint32_t efer;        // bits to set beside LME
	uint32_t pat;         // whether there is a PAT to program
	uint32_t drop_identity; // whether PML4[0] goes away before the kernel runs
};
_Noreturn void enter_kernel(const struct handoff *handoff);
// For what a BIOS call is given the address of: segment 0 reaches it.
#define REAL_MODE __attribute__((section(".bss.real_mode")))
extern uint8_t boot_drive;
extern uint8_t image_end[]; // end of .bss: nothing of the loader is above, but BOUNCE

// console.c: messages for a human, on the screen and, when things go wrong, on COM1.
// Formats: %s text, %u uint32_t in decimal, %x uint32_t and %X uint64_t in hexadecimal.
void say(const char *format, ...);
_Noreturn void fail(const char *format, ...);
void screen_is_graphic(void);

// string.c
void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);
size_t length_of(const char *text);
bool same(const char *a, const char *b);

// memory.c: the memory map, and memory taken out of it. Everything lies between 1 MiB and 4 GiB.
extern struct limine_memmap_entry memory_map[];
extern uint32_t memory_map_count;
#define MEMORY_MAP_LIMIT 128u
void memory_detect(void);
void memory_add(uint64_t base, uint64_t end, uint64_t type);
// Takes whole pages, not zeroed; fails with "not enough memory for WHAT". `align` is a power of two, at least PAGE.
void *memory_take(uint64_t size, uint32_t align, uint64_t type, const char *what);
// Zeroed bootloader-reclaimable memory for responses, 16-byte aligned; many fit into one page.
void *answer(uint32_t size);
// The pointer as the kernel has to see it; null stays null.
uint64_t higher(const void *pointer);

// disk.c, iso9660.c: the CD that we came from.
void disk_read(uint32_t sector, uint32_t count, void *to);
struct iso_file {
	uint32_t extent, size;
	bool directory;
	char name[256];
};
struct iso_cursor {
	uint32_t extent, size, at;
};
void iso_mount(void);
bool iso_find(const char *path, struct iso_file *found);
void iso_open(const struct iso_file *directory, struct iso_cursor *cursor);
bool iso_next(struct iso_cursor *cursor, struct iso_file *found);
// Reads the whole file into fresh memory of that type, page-aligned; the rest of the last page is zero.
void *iso_load(const struct iso_file *file, uint64_t type, const char *path);
// Whether the file is the El Torito catalog or image, which no kernel wants as a module.
bool iso_is_boot_code(const struct iso_file *file);

// config.c: /boot/boot.conf
extern const char *config_cmdline;
extern uint32_t config_width, config_height, config_bpp;
void config_read(void);

// elf.c: the kernel in memory.
struct kernel {
	uint8_t *file;
	uint32_t file_size;
	uint8_t *image;     // physical, contiguous
	uint64_t base, end; // virtual, page-aligned, after sliding
	uint64_t slide;
	uint64_t entry;
};
extern struct kernel kernel;
void kernel_load(void);
// Page-table permissions of one page of the image: writable, executable.
void kernel_permissions(uint64_t page, bool *writable, bool *executable);
// `size` bytes at a virtual address of the kernel's, or fails.
void *kernel_pointer(uint64_t address, uint64_t size);
// Entry n of the kernel's .limine_reqs section, or null at its end or without one.
struct limine_request *kernel_listed_request(uint32_t n);

// requests.c, responses.c
struct feature {
	uint64_t id[2];
	// The response, or null if there is none to give.
	void *(*respond)(struct limine_request *request);
};
extern const struct feature features[];
extern const uint32_t feature_count;
extern uint32_t base_revision;
extern uint64_t stack_size;
extern uint64_t entry_point;
void requests_find(void);
void requests_answer(void);
void memory_map_respond(void);
struct limine_file *file_response(const void *address, uint32_t size, const char *path, const char *string);

// modules.c
void *respond_modules(struct limine_request *request);

// vbe.c
struct video_mode {
	uint32_t number, address, pitch, width, height, bpp;
	struct limine_color_masks masks;
};
void *respond_framebuffer(struct limine_request *request);

// cpu.c
extern bool cpu_has_nx, cpu_has_pat;
void cpu_check(void);
void a20_enable(void);
void interrupts_mask(void);

// tables.c
const void *find_rsdp(void);
const void *find_smbios(bool entry64);
void ioapics_mask(void);

// paging.c
#define MAP_WRITE 2ull
#define MAP_WRITE_COMBINING (1ull << 32)
#define MAP_NO_EXECUTE (1ull << 63)
extern uint64_t *pml4;
void paging_build(void);
