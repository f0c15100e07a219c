/* One operation on the x87's stack, with its status word. */
#include "sequences.h"

#define CONTROL_MASKED 0x3f
#define CONTROL_OVERFLOW_UNDERFLOW 0x27 /* unmasked */
#define STATUS_FLAGS 0x3f
#define STATUS_C1 0x200
#define STATUS_C0_C2_C3 0x4500
#define ST1 "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "memory", "cc"

/* Sixteen bytes in memory, ten of them the number. The result is stored with everything masked: a pending exception would trap. */
#define LOAD "fninit\n fldt %3\n fldt %2\n fnclex\n fldcw %4\n"
#define ST(text) __asm__ volatile(LOAD text "\n fnstsw %1\n fnclex\n fstpt %0\n fninit" : "=m"(*r), "=m"(status) : "m"(*a), "m"(*b), "m"(control) : ST1)
#define INTO(text) __asm__ volatile(LOAD text "\n fnstsw %1\n fnclex\n fninit" : "=m"(*r), "=m"(status) : "m"(*a), "m"(*b), "m"(control) : ST1)
#define FROM(text) __asm__ volatile("fninit\n fldcw %3\n" text "\n fnstsw %1\n fstpt %0\n fninit" : "=m"(*r), "=m"(status) : "m"(*a), "m"(control) : ST1)

struct extended { u8 bytes[16]; };

static u16 control_of(u32 environment)
{
	static const u16 precision[] = { CONTROL_MASKED, 0x200 | CONTROL_MASKED, 0x300 | CONTROL_MASKED, 0x300 | CONTROL_OVERFLOW_UNDERFLOW };
	return precision[environment >> 2] | (environment & 3) << 10;
}

static u16 execute(u32 op, u16 control, const struct extended *a, const struct extended *b, struct extended *r)
{
	u16 status = 0;
	switch (op) {
	case ADD: ST("fadd %%st(1), %%st"); break;
	case SUB: ST("fsub %%st(1), %%st"); break;
	case MUL: ST("fmul %%st(1), %%st"); break;
	case DIV: ST("fdiv %%st(1), %%st"); break;
	case SQRT: ST("fsqrt"); break;
	case COMPARE: ST("fcom %%st(1)"); break;
	case COMPARE_QUIET: ST("fucom %%st(1)"); break;
	case INTEGRAL: ST("frndint"); break;
	case CONVERT: INTO("fstpl %0"); break;
	case CONVERT_SMALL: INTO("fstps %0"); break;
	case TO_I32: INTO("fistpl %0"); break;
	case TO_I64: INTO("fistpll %0"); break;
	case TRUNCATE_I32: INTO("fisttpl %0"); break;
	case TRUNCATE_I64: INTO("fisttpll %0"); break;
	case FROM_INTEGER: FROM("fildll %2"); break;
	}
	return status;
}

void extended_step(const struct job *job, struct step *step)
{
	const u32 op = job->operation;
	const int compares = op == COMPARE || op == COMPARE_QUIET;
	step->result.words[0] = step->result.words[1] = 0;
	const u16 status = execute(op, control_of(job->environment), (const struct extended *)&step->a, (const struct extended *)&step->b,
				   (struct extended *)&step->result);
	/* The numbers themselves are not changed by a comparison, and C1 is not its. */
	step->flags = status & (STATUS_FLAGS | (compares ? STATUS_C0_C2_C3 : STATUS_C1));
	step->result.words[1] &= 0xffff;
}
