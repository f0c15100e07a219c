/*
 * Runs sequences on the processor that this is loaded into. Jobs lie behind each other at JOBS, ended by one of format -1; each answer is
 * written to port ANSWER. Started by test/guest/system/start64.S.
 */
#include "sequences.h"

#define JOBS 0x2000000ul
#define ANSWER 0xe8
#define NONE 0xffffffffu

#define CR0_MP_NE 0x22ul
#define CR0_EM_TS 0x0cul
#define CR4_VECTORS 0x40600ul /* OSFXSR, OSXMMEXCPT, OSXSAVE */
#define X87_SSE_AVX 7

static void enable_vectors(void)
{
	u64 value;
	__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	__asm__ volatile("mov %0, %%cr0" : : "r"((value | CR0_MP_NE) & ~CR0_EM_TS));
	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	__asm__ volatile("mov %0, %%cr4" : : "r"(value | CR4_VECTORS));
	__asm__ volatile("xsetbv" : : "c"(0), "a"(X87_SSE_AVX), "d"(0));
}

static inline void answer(u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(ANSWER));
}

void main(void)
{
	enable_vectors();
	for (const struct job *job = (const struct job *)JOBS; job->format != NONE; job++)
		answer(checksum(job, 0));
}
