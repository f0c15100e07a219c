/*
 * Floating point as programs do it: scalar and packed, in double with SSE2, in double with AVX2 and fused
 * multiply-add, and in the x87's 80 bits. All of it is exact to the bit by IEEE 754, so one checksum holds for all processors.
 */
#include "vectors.h"

typedef double v2 __attribute__((vector_size(16)));
typedef double v4 __attribute__((vector_size(32)));
typedef long long mask2 __attribute__((vector_size(16)));

#define BODIES 5
#define SIZE 64
#define STEPS_BEFORE_IN 200

static u64 bits_of(double value)
{
	union { double value; u64 bits; } both = { value };
	return both.bits;
}

static u32 fold(u64 sum)
{
	return sum ^ sum >> 32;
}

#define real double
#define NBODY nbody_double
#define ROOT __builtin_sqrt
#include "nbody.h"
#undef real
#undef NBODY
#undef ROOT

#define real long double
#define NBODY nbody_x87
#define ROOT __builtin_sqrtl
#include "nbody.h"
#undef real
#undef NBODY
#undef ROOT

/* --- the Mandelbrot set: a short loop whose end depends on a comparison --- */

static inline double real_at(int column) { return column * (3.0 / 128) - 2.25; }
static inline double imaginary_at(int row) { return row * (2.5 / 128) - 1.25; }

KERNEL u64 mandelbrot(int rounds)
{
	u64 sum = 0;
	for (int round = 0; round < rounds; round++)
		for (int row = 0; row < 128; row++)
			for (int column = 0; column < 128; column++) {
				const double cr = real_at(column), ci = imaginary_at(row);
				double zr = 0, zi = 0;
				int step = 0;
				for (; step < STEPS_BEFORE_IN; step++) {
					const double rr = zr * zr, ii = zi * zi;
					if (rr + ii > 4)
						break;
					zi = 2 * zr * zi + ci;
					zr = rr - ii + cr;
				}
				sum = sum * 31 + step;
			}
	return sum;
}

/* Two points at once; a lane that is out counts no more. */
KERNEL u64 mandelbrot_packed(int rounds)
{
	u64 sum = 0;
	const v2 four = { 4, 4 };
	for (int round = 0; round < rounds; round++)
		for (int row = 0; row < 128; row++)
			for (int column = 0; column < 128; column += 2) {
				const v2 cr = { real_at(column), real_at(column + 1) };
				const v2 ci = { imaginary_at(row), imaginary_at(row) };
				v2 zr = { 0, 0 }, zi = { 0, 0 };
				mask2 steps = { 0, 0 };
				for (int step = 0; step < STEPS_BEFORE_IN; step++) {
					const v2 rr = zr * zr, ii = zi * zi;
					const mask2 in = rr + ii <= four;
					if (!__builtin_ia32_movmskpd((v2)in))
						break;
					steps -= in;
					zi = (zr + zr) * zi + ci;
					zr = rr - ii + cr;
				}
				sum = sum * 961 + steps[0] * 31 + steps[1];
			}
	return sum;
}

/* --- the product of two matrices, a row of the result at a time --- */

static double a[SIZE][SIZE] __attribute__((aligned(32)));
static double b[SIZE][SIZE] __attribute__((aligned(32)));
static double c[SIZE][SIZE] __attribute__((aligned(32)));

static void fill_matrices(void)
{
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++) {
			a[i][j] = (i * 7 + j * 3) % 17 * 0.125 + 1.0 / 3;
			b[i][j] = (i * 5 - j * 11) % 13 * 0.25 - 1.0 / 7;
			c[i][j] = 0;
		}
}

static u64 sum_matrix(void)
{
	u64 sum = 0;
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			sum = sum * 31 + bits_of(c[i][j]);
	return sum;
}

KERNEL u64 matrix_sse2(int rounds)
{
	fill_matrices();
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < SIZE; i++)
			for (int j = 0; j < SIZE; j += 4) {
				v2 left = *(v2 *)&c[i][j] * 0.5, right = *(v2 *)&c[i][j + 2] * 0.5;
				for (int k = 0; k < SIZE; k++) {
					left += a[i][k] * *(v2 *)&b[k][j];
					right += a[i][k] * *(v2 *)&b[k][j + 2];
				}
				*(v2 *)&c[i][j] = left;
				*(v2 *)&c[i][j + 2] = right;
			}
	return sum_matrix();
}

USES("avx2,fma") u64 matrix_avx2(int rounds)
{
	fill_matrices();
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < SIZE; i++)
			for (int j = 0; j < SIZE; j += 8) {
				v4 left = *(v4 *)&c[i][j] * 0.5, right = *(v4 *)&c[i][j + 4] * 0.5;
				for (int k = 0; k < SIZE; k++) {
					const v4 factor = { a[i][k], a[i][k], a[i][k], a[i][k] };
					left = __builtin_ia32_vfmaddpd256(factor, *(v4 *)&b[k][j], left);
					right = __builtin_ia32_vfmaddpd256(factor, *(v4 *)&b[k][j + 4], right);
				}
				*(v4 *)&c[i][j] = left;
				*(v4 *)&c[i][j + 4] = right;
			}
	return sum_matrix();
}

/* A polynomial by Horner's rule, with a division a step: the x87's stack in registers only. */
KERNEL u64 polynomial_x87(int rounds)
{
	long double sum = 0;
	for (int i = 0; i < rounds; i++) {
		const long double x = (i & 1023) * 0.0009765625L;
		long double value = 1.0L / 3;
		for (int k = 1; k <= 8; k++)
			value = value * x + 1.0L / k;
		sum += value;
	}
	return bits_of(sum);
}

void kmain(void)
{
	enable_vectors();
	mark("start", 0);
	PHASE("nbody", fold(nbody_double(480000)));
	PHASE("mandelbrot", fold(mandelbrot(16)));
	PHASE("mandelbrot-packed", fold(mandelbrot_packed(16)));
	PHASE("matrix-sse2", fold(matrix_sse2(240)));
	PHASE_WITH(has(CPUID_1_ECX_FMA, CPUID_7_EBX_AVX2), "matrix-avx2", fold(matrix_avx2(40)));
	PHASE("nbody-x87", fold(nbody_x87(40000)));
	PHASE("polynomial-x87", fold(polynomial_x87(400000)));
	mark("end", 0);
}
