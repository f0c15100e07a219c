/*
 * RCPPS, RCPSS, RSQRTPS, RSQRTSS: approximations whose bits are the processor's own affair. The SDM promises a relative
 * error of at most 1.5 * 2^-12, and says what becomes of zeros, denormals, infinities and NaNs.
 */
#include "kit64.h"

#define CR4_OSFXSR 0x200ul
#define FRACTION 0x7fffff

typedef unsigned __int128 u128;

static u32 reciprocal(u32 x)
{
	u32 result;
	__asm__("movd %1, %%xmm0; rcpss %%xmm0, %%xmm1; movd %%xmm1, %0" : "=r"(result) : "r"(x));
	return result;
}

static u32 reciprocal_root(u32 x)
{
	u32 result;
	__asm__("movd %1, %%xmm0; rsqrtss %%xmm0, %%xmm1; movd %%xmm1, %0" : "=r"(result) : "r"(x));
	return result;
}

/* A float is significand * 2^scale. */
static u64 significand(u32 x) { return (x & FRACTION) | 0x800000; }
static int scale(u32 x) { return (int)(x >> 23 & 0xff) - 127 - 23; }

/* |product * 2^scale - 1| <= bound * 2^-26, all of it in whole numbers. */
static int near_one(u128 product, int scale, u32 below, u32 above)
{
	const u128 one = (u128)1 << -scale;
	return product << 26 >= one * ((1ul << 26) - below) && product << 26 <= one * ((1ul << 26) + above);
}

/* |x r - 1| <= 1.5 * 2^-12 */
static int reciprocal_is_near(u32 x, u32 r)
{
	const u32 bound = 3 << 13;
	return near_one((u128)significand(x) * significand(r), scale(x) + scale(r), bound, bound);
}

/* |sqrt(x) r - 1| <= b, so x r r lies between (1 - b)^2 and (1 + b)^2; b = 3 * 2^-13 */
static int root_is_near(u32 x, u32 r)
{
	const u128 product = (u128)significand(x) * significand(r) * significand(r);
	return near_one(product, scale(x) + 2 * scale(r), (6 << 13) - 9, (6 << 13) + 9);
}

/* Every exponent whose reciprocal is a normal number, and fractions from one end to the other. */
static void bounds(void)
{
	u64 wrong = 0, wrong_root = 0, wrong_sign = 0, values = 0;
	for (u32 exponent = 1; exponent <= 0xfb; exponent++)
		for (u32 step = 0; step < 24; step++) {
			const u32 x = exponent << 23 | ((step * 349525 + exponent * 71) & FRACTION);
			const u32 r = reciprocal(x);
			wrong += !reciprocal_is_near(x, r);
			wrong_sign += reciprocal(x | 1u << 31) != (r | 1u << 31);
			wrong_root += !root_is_near(x, reciprocal_root(x));
			values++;
		}
	value("values", values);
	value("RCPSS beyond the bound", wrong);
	value("RCPSS with another sign", wrong_sign);
	value("RSQRTSS beyond the bound", wrong_root);
}

static void lanes(void)
{
	static const u32 x[4] __attribute__((aligned(16))) = { 0x3f800000, 0x40490fdb, 0x7f000000, 0x00800000 };
	u32 r[4], root[4];
	u64 wrong = 0, wrong_root = 0;
	__asm__ volatile("rcpps (%2), %%xmm2; movups %%xmm2, (%0); rsqrtps (%2), %%xmm3; movups %%xmm3, (%1)"
			 : : "r"(r), "r"(root), "r"(x) : "memory");
	/* The third's reciprocal would be a denormal. */
	for (int i = 0; i < 4; i++) {
		wrong += i != 2 && r[i] != reciprocal(x[i]);
		wrong_root += root[i] != reciprocal_root(x[i]);
	}
	value("RCPPS, lanes other than RCPSS has", wrong);
	value("RSQRTPS, lanes other than RSQRTSS has", wrong_root);
	u64 kept[2];
	__asm__ volatile("movups (%1), %%xmm1; rcpss (%1), %%xmm1; movups %%xmm1, (%0)" : : "r"(kept), "r"(x) : "memory");
	value("RCPSS leaves the upper half", kept[1]);
}

static void specials(void)
{
	static const struct { const char *name; u32 x; } cases[] = {
		{ "0", 0 }, { "-0", 0x80000000 }, { "infinity", 0x7f800000 }, { "-infinity", 0xff800000 },
		{ "a quiet NaN", 0x7fc12345 }, { "a signalling NaN", 0xff812345 },
	};
	for (u32 i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print(cases[i].name);
		value(", RCPSS", reciprocal(cases[i].x));
		print(cases[i].name);
		value(", RSQRTSS", reciprocal_root(cases[i].x));
	}
	value("-2, RSQRTSS", reciprocal_root(0xc0000000));
	/* "Treated as a 0.0 of the same sign": QEMU 7.2 divides by it. */
	manual_value("the least denormal, RCPSS", reciprocal(1), 0x7f800000);
	manual_value("the least denormal, RSQRTSS", reciprocal_root(1), 0x7f800000);
	manual_value("the greatest negative denormal, RCPSS", reciprocal(0x807fffff), 0xff800000);
	manual_value("the greatest negative denormal, RSQRTSS", reciprocal_root(0x807fffff), 0xff800000);
}

void main(void)
{
	write_cr4(read_cr4() | CR4_OSFXSR);
	bounds();
	lanes();
	specials();
	print("done\n");
	finish();
}
