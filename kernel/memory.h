/*
 * The memory map, and who hands out memory.
 *
 *   virtual address                       what                                           access
 *   0000000000000000 - 0000000000000fff   nothing: a null pointer faults                 -
 *   0000000010000000 - 000000007fffffff   the heap; modules run here                     rwx
 *   boot_info.direct_map and up           all physical memory, 2 MiB pages               rw-
 *   ffffffff80000000 and up               the kernel: .text                              r-x
 *                                         .rodata                                        r--
 *                                         .data .bss                                     rw-
 *                                         guard page below the stack                     -
 *                                         the stack                                      rw-
 *
 * The heap ends at 2 GiB, so a module's own addresses fit every 32-bit relocation; the kernel is never
 * within 2 GiB of it, so PC-relative ones to the kernel never fit, and modules are built with
 * -mcmodel=large.
 *
 * Physical memory is handed out in frames of 4 KiB by frame.c (a bitmap); page.c owns the page tables;
 * heap.c maps frames into the heap's region as it grows and gives them back as it shrinks.
 */
#pragma once

#include <kernel.h>

#define PAGE_SIZE 4096ul
#define LARGE_PAGE_SIZE (2ul << 20)
#define KERNEL_BASE 0xffffffff80000000ul
#define HEAP_BASE 0x10000000ul
#define HEAP_LIMIT 0x80000000ul

#define ROUND_UP(value, unit) (((value) + (unit) - 1) / (unit) * (unit))
#define ROUND_DOWN(value, unit) ((value) / (unit) * (unit))

/* Page table entry bits. SDM 3A, "4-Level Paging". */
#define PAGE_PRESENT (1ul << 0)
#define PAGE_WRITE (1ul << 1)
#define PAGE_LARGE (1ul << 7)
#define PAGE_NO_EXECUTE (1ul << 63)
#define PAGE_ADDRESS 0x000ffffffffff000ul

/* From kernel.ld. */
extern char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], data_end[];
extern char kernel_stack_guard[], kernel_stack_bottom[], kernel_stack_top[];

/* Takes over the loader's memory map: usable ranges only. Needs the direct map up to the end of memory. */
void frames_init(void);
/* Adds the loader's own memory. Nothing of the loader's may be in use any more. */
void frames_reclaim_loader(void);
/* A frame's physical address, contents undefined; 0 if there is none. */
uint64_t frame_alloc(void);
void frame_free(uint64_t frame);
size_t frames_free(void);
size_t frames_total(void);

/* Builds the kernel's page tables and switches to them. */
void paging_init(void);
/* Maps one page. False if there is no frame for a table. */
bool page_map(uint64_t address, uint64_t frame, uint64_t flags);
/* Unmaps one page and returns the frame that was there; 0 if none was. */
uint64_t page_unmap(uint64_t address);
/* Whether a byte can be read without a fault. */
bool page_present(uint64_t address);

void heap_init(void);
