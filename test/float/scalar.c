/* One operation on singles or doubles in XMM registers, with its MXCSR flags. */
#include "sequences.h"

#define XMM "xmm0", "xmm1", "xmm2", "cc"
/* A result in XMM0. */
#define SS(text) __asm__ volatile("movd %1, %%xmm0\n movd %2, %%xmm1\n movd %3, %%xmm2\n" text "\n movd %%xmm0, %k0" : "=r"(r) : "r"(a), "r"(b), "r"(c) : XMM)
#define SD(text) __asm__ volatile("movq %1, %%xmm0\n movq %2, %%xmm1\n movq %3, %%xmm2\n" text "\n movq %%xmm0, %0" : "=r"(r) : "r"(a), "r"(b), "r"(c) : XMM)
/* A result in a general register. */
#define TO(load, text) __asm__ volatile(load " %1, %%xmm0\n" text : "=r"(r) : "r"(a) : XMM)
/* ZF, PF and CF. */
#define ORDER(load, text) __asm__ volatile(load " %1, %%xmm0\n " load " %2, %%xmm1\n" text " %%xmm1, %%xmm0\n pushfq\n pop %0\n and $0x45, %0" : "=r"(r) : "r"(a), "r"(b) : XMM)
#define SIGNED32 "\n movslq %k0, %0"

static u64 single(u32 op, u32 a, u32 b, u32 c)
{
	u64 r = 0;
	switch (op) {
	case ADD: SS("addss %%xmm1, %%xmm0"); break;
	case SUB: SS("subss %%xmm1, %%xmm0"); break;
	case MUL: SS("mulss %%xmm1, %%xmm0"); break;
	case DIV: SS("divss %%xmm1, %%xmm0"); break;
	case SQRT: SS("sqrtss %%xmm0, %%xmm0"); break;
	case FMA: SS("vfmadd213ss %%xmm2, %%xmm1, %%xmm0"); break;
	case COMPARE: ORDER("movd", "comiss"); break;
	case COMPARE_QUIET: ORDER("movd", "ucomiss"); break;
	case CONVERT: TO("movd", "cvtss2sd %%xmm0, %%xmm0\n movq %%xmm0, %0"); break;
	case CONVERT_SMALL: SS("vcvtps2ph $4, %%xmm0, %%xmm0"); return r & 0xffff;
	case TO_I32: TO("movd", "cvtss2si %%xmm0, %k0" SIGNED32); break;
	case TO_I64: TO("movd", "cvtss2si %%xmm0, %0"); break;
	case TRUNCATE_I32: TO("movd", "cvttss2si %%xmm0, %k0" SIGNED32); break;
	case TRUNCATE_I64: TO("movd", "cvttss2si %%xmm0, %0"); break;
	case INTEGRAL: SS("roundss $4, %%xmm0, %%xmm0"); break;
	case MIN: SS("minss %%xmm1, %%xmm0"); break;
	case MAX: SS("maxss %%xmm1, %%xmm0"); break;
	}
	return r;
}

static u64 doubled(u32 op, u64 a, u64 b, u64 c)
{
	u64 r = 0;
	switch (op) {
	case ADD: SD("addsd %%xmm1, %%xmm0"); break;
	case SUB: SD("subsd %%xmm1, %%xmm0"); break;
	case MUL: SD("mulsd %%xmm1, %%xmm0"); break;
	case DIV: SD("divsd %%xmm1, %%xmm0"); break;
	case SQRT: SD("sqrtsd %%xmm0, %%xmm0"); break;
	case FMA: SD("vfmadd213sd %%xmm2, %%xmm1, %%xmm0"); break;
	case COMPARE: ORDER("movq", "comisd"); break;
	case COMPARE_QUIET: ORDER("movq", "ucomisd"); break;
	case CONVERT: TO("movq", "cvtsd2ss %%xmm0, %%xmm0\n movd %%xmm0, %k0"); break;
	case TO_I32: TO("movq", "cvtsd2si %%xmm0, %k0" SIGNED32); break;
	case TO_I64: TO("movq", "cvtsd2si %%xmm0, %0"); break;
	case TRUNCATE_I32: TO("movq", "cvttsd2si %%xmm0, %k0" SIGNED32); break;
	case TRUNCATE_I64: TO("movq", "cvttsd2si %%xmm0, %0"); break;
	case INTEGRAL: SD("roundsd $4, %%xmm0, %%xmm0"); break;
	case MIN: SD("minsd %%xmm1, %%xmm0"); break;
	case MAX: SD("maxsd %%xmm1, %%xmm0"); break;
	}
	return r;
}

static u64 from_integer(u32 format, u64 a)
{
	u64 r = 0;
	if (format == SINGLE)
		__asm__ volatile("cvtsi2ss %1, %%xmm0\n movd %%xmm0, %k0" : "=r"(r) : "r"(a) : XMM);
	else
		__asm__ volatile("cvtsi2sd %1, %%xmm0\n movq %%xmm0, %0" : "=r"(r) : "r"(a) : XMM);
	return r;
}

void scalar_step(const struct job *job, struct step *step)
{
	const u64 a = step->a.words[0], b = step->b.words[0], c = step->c.words[0];
	const u32 op = job->operation, mxcsr = mxcsr_of(job);
	u32 after;
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	step->result.words[0] = op == FROM_INTEGER     ? from_integer(job->format, a)
				: job->format == SINGLE ? single(op, a, b, c)
							: doubled(op, a, b, c);
	__asm__ volatile("stmxcsr %0" : "=m"(after));
	step->flags = after & 0x3f;
}
