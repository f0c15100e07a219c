/*
 * The global descriptor table and the task state segment.
 *
 * 64-bit mode ignores bases and limits, so there is one code and one data segment; everything runs in
 * ring 0. The TSS is there for its interrupt stack table only. SDM 3A, "Task Management in 64-bit Mode".
 */
#include "processor.h"
#include <kernel.h>

#define IST_STACK_SIZE 8192
#define IST_COUNT 3

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map_base;
} __attribute__((packed));

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* Access byte and flags, SDM 3A, "Segment Descriptors"; A is set so that the processor need not write it. */
#define CODE64 0x00209b0000000000 /* present, ring 0, execute and read, L */
#define DATA 0x0000930000000000   /* present, ring 0, read and write */
#define TSS_AVAILABLE 0x89ul     /* present, ring 0, 64-bit TSS */

static uint8_t ist_stacks[IST_COUNT][IST_STACK_SIZE] __attribute__((aligned(16)));
static struct tss tss;
static uint64_t gdt[5] = { 0, CODE64, DATA };

static void fill_tss_descriptor(void) {
	uint64_t base = (uint64_t)&tss, limit = sizeof tss - 1;
	gdt[SELECTOR_TSS / 8] =
		(limit & 0xffff) | (base & 0xffffff) << 16 | TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
}

/* A far return is the way to load CS in 64-bit mode. */
static void load_segments(void) {
	__asm__ volatile("pushq %0\n\t"
	                 "leaq 1f(%%rip), %%rax\n\t"
	                 "pushq %%rax\n\t"
	                 "lretq\n"
	                 "1:\n\t"
	                 "movl %1, %%eax\n\t"
	                 "movl %%eax, %%ds\n\t"
	                 "movl %%eax, %%es\n\t"
	                 "movl %%eax, %%ss\n\t"
	                 "movl %%eax, %%fs\n\t"
	                 "movl %%eax, %%gs\n\t" ::"i"(SELECTOR_CODE),
	                 "i"(SELECTOR_DATA)
	                 : "rax", "memory");
}

void descriptors_init(void) {
	for (int i = 0; i < IST_COUNT; i++) tss.ist[i] = (uint64_t)&ist_stacks[i][IST_STACK_SIZE];
	tss.io_map_base = sizeof tss;
	fill_tss_descriptor();
	struct table_register gdtr = { sizeof gdt - 1, (uint64_t)gdt };
	__asm__ volatile("lgdt %0" ::"m"(gdtr));
	load_segments();
	__asm__ volatile("ltr %w0" ::"r"(SELECTOR_TSS));
}
