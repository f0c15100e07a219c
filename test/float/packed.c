/* One operation on every lane of XMM or, with a VEX prefix, YMM registers. */
#include "sequences.h"

#define CLOBBER "xmm0", "xmm1", "xmm2", "memory"
#define SHORT(text) __asm__ volatile("movaps (%1), %%xmm0\n movaps (%2), %%xmm1\n movaps (%3), %%xmm2\n" text "\n movaps %%xmm0, (%0)" : : "r"(r), "r"(a), "r"(b), "r"(c) : CLOBBER)
#define WIDE(text) __asm__ volatile("vmovaps (%1), %%ymm0\n vmovaps (%2), %%ymm1\n vmovaps (%3), %%ymm2\n" text "\n vmovaps %%ymm0, (%0)\n vzeroupper" : : "r"(r), "r"(a), "r"(b), "r"(c) : CLOBBER)
#define ALL_OF(how, v, from, x, three)                                                                       \
	case ADD: how(v "add" from three); break;                                                               \
	case SUB: how(v "sub" from three); break;                                                               \
	case MUL: how(v "mul" from three); break;                                                               \
	case DIV: how(v "div" from three); break;                                                               \
	case SQRT: how(v "sqrt" from " %%" x "0, %%" x "0"); break;                                              \
	case FMA: how("vfmadd213" from " %%" x "2, %%" x "1, %%" x "0"); break;                                  \
	case COMPARE: how(v "cmplt" from three); break;                                                         \
	case COMPARE_QUIET: how(v "cmpneq" from three); break;                                                  \
	case INTEGRAL: how(v "round" from " $4, %%" x "0, %%" x "0"); break;                                     \
	case MIN: how(v "min" from three); break;                                                               \
	case MAX: how(v "max" from three); break;

#define TWO " %%xmm1, %%xmm0"
#define THREE " %%ymm1, %%ymm0, %%ymm0"

#define PARAMETERS u32 op, const union operand *a, const union operand *b, const union operand *c, union operand *r

static void singles(PARAMETERS)
{
	switch (op) {
	ALL_OF(SHORT, "", "ps", "xmm", TWO)
	case CONVERT: SHORT("cvtps2pd %%xmm0, %%xmm0"); break;
	case CONVERT_SMALL: SHORT("vcvtps2ph $4, %%xmm0, %%xmm0"); break;
	case TO_I32: SHORT("cvtps2dq %%xmm0, %%xmm0"); break;
	case TRUNCATE_I32: SHORT("cvttps2dq %%xmm0, %%xmm0"); break;
	case FROM_INTEGER: SHORT("cvtdq2ps %%xmm0, %%xmm0"); break;
	}
}

static void doubles(PARAMETERS)
{
	switch (op) {
	ALL_OF(SHORT, "", "pd", "xmm", TWO)
	case CONVERT: SHORT("cvtpd2ps %%xmm0, %%xmm0"); break;
	case TO_I32: SHORT("cvtpd2dq %%xmm0, %%xmm0"); break;
	case TRUNCATE_I32: SHORT("cvttpd2dq %%xmm0, %%xmm0"); break;
	case FROM_INTEGER: SHORT("cvtdq2pd %%xmm0, %%xmm0"); break;
	}
}

static void wide_singles(PARAMETERS)
{
	switch (op) {
	ALL_OF(WIDE, "v", "ps", "ymm", THREE)
	case CONVERT: WIDE("vcvtps2pd %%xmm0, %%ymm0"); break;
	case CONVERT_SMALL: WIDE("vcvtps2ph $4, %%ymm0, %%xmm0"); break;
	case TO_I32: WIDE("vcvtps2dq %%ymm0, %%ymm0"); break;
	case TRUNCATE_I32: WIDE("vcvttps2dq %%ymm0, %%ymm0"); break;
	case FROM_INTEGER: WIDE("vcvtdq2ps %%ymm0, %%ymm0"); break;
	}
}

static void wide_doubles(PARAMETERS)
{
	switch (op) {
	ALL_OF(WIDE, "v", "pd", "ymm", THREE)
	case CONVERT: WIDE("vcvtpd2ps %%ymm0, %%xmm0"); break;
	case TO_I32: WIDE("vcvtpd2dq %%ymm0, %%xmm0"); break;
	case TRUNCATE_I32: WIDE("vcvttpd2dq %%ymm0, %%xmm0"); break;
	case FROM_INTEGER: WIDE("vcvtdq2pd %%xmm0, %%ymm0"); break;
	}
}

void packed_step(const struct job *job, struct step *step)
{
	static void (*const by_format[])(PARAMETERS) = { singles, doubles, wide_singles, wide_doubles };
	const u32 mxcsr = mxcsr_of(job);
	u32 after;
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	by_format[job->format - SINGLES](job->operation, &step->a, &step->b, &step->c, &step->result);
	__asm__ volatile("stmxcsr %0" : "=m"(after));
	step->flags = after & 0x3f;
}
