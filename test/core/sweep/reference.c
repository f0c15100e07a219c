/* What the processor of this machine makes of long, reproducible sequences of operands, as hashes: `hashes.json`.
 *
 *   reference                         the whole file
 *   reference FORMAT OP ENV COUNT     the hash after COUNT operands, and the last of them with its result
 *
 * sweep.ts draws the same operands and computes with src/core/float. Formats: 0 single, 1 double, 2 double
 * extended. Environments: bits 0..1 rounding; singles and doubles: 4 DAZ and FTZ; double extended: 0 24 bits,
 * 4 53 bits, 8 64 bits, 12 64 bits with overflow and underflow unmasked.
 * The flags of every operation go into the hash, for the x87 C1 and the condition codes as well. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t u64;
typedef uint32_t u32;

enum { ADD, SUB, MUL, DIV, SQRT, FMA, COMPARE, COMPARE_QUIET, CONVERT, CONVERT_SMALL, TO_I32, TO_I64, TRUNCATE_I32, TRUNCATE_I64, INTEGRAL, FROM_I64, OPS };
static const u32 COUNT = 1 << 18;

static u64 seed;
static u64 next(void) {
	u64 z = (seed += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static u64 hash;
static void mix(u64 value) {
	hash = (((hash << 5) | (hash >> 59)) ^ value) * 0x9e3779b97f4a7c15u;
}

/* Fractions with few bits, many bits, or bits at both ends: ties are then frequent. */
static u64 fraction(u64 bits, u64 r) {
	u64 mask = (1ull << bits) - 1, x = next() & mask;
	switch (r & 7) {
	case 0: return 0;
	case 1: return 1;
	case 2: return mask;
	case 3: return 1ull << (bits - 1);
	case 4: return (x << ((r >> 8) % bits)) & mask;
	case 5: return x >> ((r >> 8) % bits);
	default: return x;
	}
}

static u64 exponent(u64 bits, u64 r) {
	u64 maximum = (1ull << bits) - 1, bias = maximum >> 1;
	switch (r & 15) {
	case 0: return 0;
	case 1: return maximum;
	case 2: return 1 + (r >> 8) % 3;
	case 3: return maximum - 1 - (r >> 8) % 3;
	case 4: return (r >> 8) & maximum;
	case 5: return bias + 60 + (r >> 8) % 8;
	case 6: return (r >> 8) % 70;
	case 7: return maximum - 1 - (r >> 8) % 70;
	case 8: return bias / 2 + (r >> 8) % 80;
	case 9: return bias + bias / 2 - (r >> 8) % 80;
	default: return bias - 8 + (r >> 8) % 24;
	}
}

static u64 significand; /* of the last double extended */
static u64 draw(int format) {
	u64 r = next(), s = r >> 63, f, e;
	if (format == 0) {
		f = fraction(23, r), e = exponent(8, r >> 16);
		return s << 31 | e << 23 | f;
	}
	if (format == 1) {
		f = fraction(52, r), e = exponent(11, r >> 16);
		return s << 63 | e << 52 | f;
	}
	f = fraction(63, r), e = exponent(15, r >> 16);
	u64 integer = e != 0;
	if (((r >> 40) & 15) == 0) integer ^= 1;
	significand = integer << 63 | f;
	return s << 15 | e;
}

static u64 operandA, operandB, operandC, significandA, significandB, result, resultHigh, flags;

static void single(int op, u32 mxcsr) {
	u32 a = operandA, b = operandB, c = operandC, r = 0, out;
	u64 wide = 0;
	mxcsr &= ~0x3fu;
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
#define SSE(text) __asm__ volatile("movd %1, %%xmm0\n movd %2, %%xmm1\n movd %3, %%xmm2\n" text "\n movd %%xmm0, %0" : "=r"(r) : "r"(a), "r"(b), "r"(c) : "xmm0", "xmm1", "xmm2", "cc")
#define INT(text) __asm__ volatile("movd %1, %%xmm0\n" text : "=r"(wide) : "r"(a) : "xmm0")
#define COM(text) __asm__ volatile("movd %1, %%xmm0\n movd %2, %%xmm1\n" text " %%xmm1, %%xmm0\n pushfq\n pop %0" : "=r"(wide) : "r"(a), "r"(b) : "xmm0", "xmm1", "cc")
	switch (op) {
	case ADD: SSE("addss %%xmm1, %%xmm0"); break;
	case SUB: SSE("subss %%xmm1, %%xmm0"); break;
	case MUL: SSE("mulss %%xmm1, %%xmm0"); break;
	case DIV: SSE("divss %%xmm1, %%xmm0"); break;
	case SQRT: SSE("sqrtss %%xmm0, %%xmm0"); break;
	case FMA: SSE("vfmadd213ss %%xmm2, %%xmm0, %%xmm1\n movaps %%xmm1, %%xmm0"); break;
	case COMPARE: COM("comiss"); break;
	case COMPARE_QUIET: COM("ucomiss"); break;
	case CONVERT: INT("cvtss2sd %%xmm0, %%xmm0\n movq %%xmm0, %0"); break;
	case CONVERT_SMALL: SSE("vcvtps2ph $4, %%xmm0, %%xmm0"); r &= 0xffff; break;
	case TO_I32: INT("cvtss2si %%xmm0, %k0\n movslq %k0, %0"); break;
	case TO_I64: INT("cvtss2si %%xmm0, %0"); break;
	case TRUNCATE_I32: INT("cvttss2si %%xmm0, %k0\n movslq %k0, %0"); break;
	case TRUNCATE_I64: INT("cvttss2si %%xmm0, %0"); break;
	case INTEGRAL: SSE("roundss $4, %%xmm0, %%xmm0"); break;
	case FROM_I64: __asm__ volatile("cvtsi2ss %1, %%xmm0\n movd %%xmm0, %0" : "=r"(r) : "r"(operandC) : "xmm0"); break;
	}
	__asm__ volatile("stmxcsr %0" : "=m"(out));
	result = op == COMPARE || op == COMPARE_QUIET ? (wide & 0x45) : op == CONVERT || (op >= TO_I32 && op <= TRUNCATE_I64) ? wide : r;
	flags = out & 0x3f;
}
#undef SSE
#undef INT
#undef COM

static void doubled(int op, u32 mxcsr) {
	u64 a = operandA, b = operandB, c = operandC, r = 0;
	u32 out;
	mxcsr &= ~0x3fu;
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
#define SSE(text) __asm__ volatile("movq %1, %%xmm0\n movq %2, %%xmm1\n movq %3, %%xmm2\n" text "\n movq %%xmm0, %0" : "=r"(r) : "r"(a), "r"(b), "r"(c) : "xmm0", "xmm1", "xmm2", "cc")
#define INT(text) __asm__ volatile("movq %1, %%xmm0\n" text : "=r"(r) : "r"(a) : "xmm0")
#define COM(text) __asm__ volatile("movq %1, %%xmm0\n movq %2, %%xmm1\n" text " %%xmm1, %%xmm0\n pushfq\n pop %0\n and $0x45, %0" : "=r"(r) : "r"(a), "r"(b) : "xmm0", "xmm1", "cc")
	switch (op) {
	case ADD: SSE("addsd %%xmm1, %%xmm0"); break;
	case SUB: SSE("subsd %%xmm1, %%xmm0"); break;
	case MUL: SSE("mulsd %%xmm1, %%xmm0"); break;
	case DIV: SSE("divsd %%xmm1, %%xmm0"); break;
	case SQRT: SSE("sqrtsd %%xmm0, %%xmm0"); break;
	case FMA: SSE("vfmadd213sd %%xmm2, %%xmm0, %%xmm1\n movapd %%xmm1, %%xmm0"); break;
	case COMPARE: COM("comisd"); break;
	case COMPARE_QUIET: COM("ucomisd"); break;
	case CONVERT: INT("cvtsd2ss %%xmm0, %%xmm0\n movd %%xmm0, %k0"); break;
	case TO_I32: INT("cvtsd2si %%xmm0, %k0\n movslq %k0, %0"); break;
	case TO_I64: INT("cvtsd2si %%xmm0, %0"); break;
	case TRUNCATE_I32: INT("cvttsd2si %%xmm0, %k0\n movslq %k0, %0"); break;
	case TRUNCATE_I64: INT("cvttsd2si %%xmm0, %0"); break;
	case INTEGRAL: SSE("roundsd $4, %%xmm0, %%xmm0"); break;
	case FROM_I64: __asm__ volatile("cvtsi2sd %1, %%xmm0\n movq %%xmm0, %0" : "=r"(r) : "r"(operandC) : "xmm0"); break;
	}
	__asm__ volatile("stmxcsr %0" : "=m"(out));
	result = r;
	flags = out & 0x3f;
}
#undef SSE

/* Sixteen bytes in memory, ten of them the number. */
struct extended { u64 significand; uint16_t exponent; uint16_t pad[3]; };

static void extended(int op, uint16_t control) {
	struct extended a = { significandA, operandA, { 0 } }, b = { significandB, operandB, { 0 } }, r = { 0, 0, { 0 } };
	uint16_t status = 0;
	int64_t integer = (int64_t)operandC, stored = 0;
	/* The result is stored with everything masked: a pending exception would trap. */
#define X87(text) __asm__ volatile("fninit\n fldt %3\n fldt %2\n fnclex\n fldcw %4\n" text "\n fnstsw %1\n fnclex\n fninit" : "=m"(r), "=m"(status), "+m"(a), "+m"(b) : "m"(control), "m"(integer), "m"(stored) : "memory", "cc")
#define STORE "\n fnstsw %1\n fnclex\n fstpt %0\n"
#define ONE(text) __asm__ volatile("fninit\n fldt %3\n fldt %2\n fnclex\n fldcw %4\n" text STORE "fninit" : "=m"(r), "=m"(status), "+m"(a), "+m"(b) : "m"(control) : "memory", "cc")
#define INTO(text) __asm__ volatile("fninit\n fldt %2\n fnclex\n fldcw %3\n" text "\n fnstsw %1\n fninit" : "=m"(stored), "=m"(status) : "m"(a), "m"(control) : "memory", "cc")
	switch (op) {
	case ADD: ONE("fadd %%st(1), %%st"); break;
	case SUB: ONE("fsub %%st(1), %%st"); break;
	case MUL: ONE("fmul %%st(1), %%st"); break;
	case DIV: ONE("fdiv %%st(1), %%st"); break;
	case SQRT: ONE("fsqrt"); break;
	case COMPARE: ONE("fcom %%st(1)"); break;
	case COMPARE_QUIET: ONE("fucom %%st(1)"); break;
	case CONVERT: INTO("fstpl %0"); break;
	case CONVERT_SMALL: INTO("fstps %0"); break;
	case TO_I32: INTO("fistpl %0"); break;
	case TO_I64: INTO("fistpll %0"); break;
	case TRUNCATE_I32: INTO("fisttpl %0"); break;
	case TRUNCATE_I64: INTO("fisttpll %0"); break;
	case INTEGRAL: ONE("frndint"); break;
	case FROM_I64: __asm__ volatile("fninit\n fldcw %3\n fildll %2\n" STORE "fninit" : "=m"(r), "=m"(status) : "m"(integer), "m"(control) : "memory"); break;
	}
	flags = status & 0x473f;
	if (op != COMPARE && op != COMPARE_QUIET) flags &= 0x23f; /* C1 alone */
	int converted = op >= CONVERT && op <= TRUNCATE_I64;
	if (op == TO_I32 || op == TRUNCATE_I32) stored = (int32_t)stored;
	if (op == COMPARE || op == COMPARE_QUIET) r.significand = r.exponent = 0, flags &= ~0x200;
	result = converted ? (u64)stored : r.significand;
	resultHigh = converted ? 0 : r.exponent;
}

static int exists(int format, int op, int env) {
	if (format == 2) {
		if (op == FMA) return 0;
		if (op > SQRT) return (env & 12) == 8;
		return 1;
	}
	if (format == 1 && op == CONVERT_SMALL) return 0;
	return env < 8;
}

static void run(int format, int op, int env, u32 count) {
	static const uint16_t precision[4] = { 0x03f, 0x23f, 0x33f, 0x327 };
	seed = (u64)((format * 64 + op) * 64 + env) << 32;
	hash = 0;
	for (u32 i = 0; i < count; i++) {
		resultHigh = 0;
		operandA = draw(format);
		significandA = significand;
		operandB = draw(format);
		significandB = significand;
		operandC = draw(format);
		if (op == FROM_I64) operandC = (u64)((int64_t)next() >> (operandC & 63));
		if (format == 0) single(op, 0x1f80 | (env & 3) << 13 | (env & 4 ? 0x8040 : 0));
		else if (format == 1) doubled(op, 0x1f80 | (env & 3) << 13 | (env & 4 ? 0x8040 : 0));
		else extended(op, precision[env >> 2] | (env & 3) << 10);
		mix(result);
		mix(resultHigh << 16 | flags);
	}
}

int main(int argc, char **argv) {
	u32 mxcsr = 0x1f80;
	if (argc == 5) {
		run(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]), strtoul(argv[4], 0, 0));
		printf("%016lx\n", hash);
		printf("a %04lx:%016lx b %04lx:%016lx c %016lx -> %04lx:%016lx flags %04lx\n", operandA, significandA, operandB, significandB, operandC, resultHigh, result, flags);
		return 0;
	}
	printf("{\n\t\"count\": %u,\n\t\"hashes\": {", COUNT);
	const char *comma = "";
	for (int format = 0; format < 3; format++)
		for (int op = 0; op < OPS; op++)
			for (int env = 0; env < 16; env++) {
				if (!exists(format, op, env)) continue;
				run(format, op, env, COUNT);
				printf("%s\n\t\t\"%d %d %d\": \"%016lx\"", comma, format, op, env, hash);
				comma = ",";
			}
	printf("\n\t}\n}\n");
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
	return 0;
}
