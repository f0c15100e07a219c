/*
 * The processor's own instructions, and the frame that trap.S builds.
 */
#pragma once

#include <stdint.h>

static inline void interrupts_on(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void interrupts_off(void) { __asm__ volatile("cli" ::: "memory"); }
/* STI holds interrupts off for one more instruction, so none can slip in before HLT. SDM 2B, "STI". */
static inline void wait_for_interrupt(void) { __asm__ volatile("sti; hlt" ::: "memory"); }
static inline _Noreturn void halt_forever(void) {
	for (;;) __asm__ volatile("cli; hlt");
}

static inline uint64_t read_cr0(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}
static inline uint64_t read_cr2(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}
static inline uint64_t read_cr3(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}
static inline uint64_t read_cr4(void) {
	uint64_t value;
	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}
static inline void write_cr0(uint64_t value) { __asm__ volatile("mov %0, %%cr0" ::"r"(value) : "memory"); }
static inline void write_cr3(uint64_t value) { __asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory"); }
static inline void invalidate_page(uint64_t address) { __asm__ volatile("invlpg (%0)" ::"r"(address) : "memory"); }

static inline uint64_t read_msr(uint32_t msr) {
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}
static inline void write_msr(uint32_t msr, uint64_t value) {
	__asm__ volatile("wrmsr" ::"a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr) : "memory");
}

#define CR0_WP (1u << 16)
#define MSR_EFER 0xc0000080
#define EFER_NXE (1u << 11)

/* What trap.S pushes, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error; /* error is 0 where the processor pushes none */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Loads the kernel's own GDT, segments and TSS. Interrupts are off. */
void descriptors_init(void);

#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS 0x18

/* Interrupt stack table slots: faults that can come while RSP is unusable. SDM 3A, "Interrupt Stack Table". */
#define IST_DOUBLE_FAULT 1
#define IST_NMI 2
#define IST_MACHINE_CHECK 3
