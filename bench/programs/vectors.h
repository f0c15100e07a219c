/*
 * For programs that use floating point and vectors: which instructions there are, and leave to use them.
 * The same sources make a host's program (NATIVE), which prints what a real processor computes.
 */
#include "bench.h"

#define CPUID_1_ECX_AES (1u << 25)
#define CPUID_1_ECX_FMA (1u << 12)
#define CPUID_1_ECX_AVX (1u << 28)
#define CPUID_7_EBX_AVX2 (1u << 5)
#define CPUID_7_EBX_SHA (1u << 29)

/* What has been compiled for more than the SSE2 that every 64-bit processor has. */
#define USES(features) __attribute__((noinline, target(features))) static

struct cpuid { u32 eax, ebx, ecx, edx; };

static inline struct cpuid cpuid(u32 leaf)
{
	struct cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(0));
	return r;
}

static int has(u32 leaf_1_ecx, u32 leaf_7_ebx)
{
	return (cpuid(1).ecx & leaf_1_ecx) == leaf_1_ecx && (cpuid(7).ebx & leaf_7_ebx) == leaf_7_ebx;
}

/* SDM 3A, "Initialization of the SSE Extensions", "Enabling AVX": nothing before it may touch a vector register. */
static void enable_vectors(void)
{
#ifndef NATIVE
	const u64 mp = 1 << 1, em = 1 << 2, osfxsr = 1 << 9, osxmmexcpt = 1 << 10, osxsave = 1 << 18;
	const u32 xcr0_x87_sse_avx = 7;
	u64 cr0, cr4;
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"((cr0 | mp) & ~em));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 |= osfxsr | osxmmexcpt;
	if (has(CPUID_1_ECX_AVX, 0))
		cr4 |= osxsave;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
	if (cr4 & osxsave)
		__asm__ volatile("xsetbv" : : "a"(xcr0_x87_sse_avx), "d"(0), "c"(0));
	__asm__ volatile("fninit");
#endif
}
