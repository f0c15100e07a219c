/* Operands: fractions with few bits, many bits, or bits at both ends, so that ties are frequent; exponents near each other and at the ends. */
#include "sequences.h"

static u64 seed;

/* splitmix64 */
static inline u64 next(void)
{
	u64 z = (seed += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline __attribute__((always_inline)) u64 fraction(u32 bits, u64 r)
{
	const u64 mask = (1ul << bits) - 1, x = next() & mask;
	switch (r & 7) {
	case 0: return 0;
	case 1: return 1;
	case 2: return mask;
	case 3: return 1ul << (bits - 1);
	case 4: return x << ((u32)(r >> 8) % bits) & mask;
	case 5: return x >> ((u32)(r >> 8) % bits);
	default: return x;
	}
}

static inline __attribute__((always_inline)) u64 exponent(u32 bits, u32 r)
{
	const u32 maximum = (1u << bits) - 1, bias = maximum >> 1;
	switch (r & 15) {
	case 0: return 0;
	case 1: return maximum;
	case 2: return 1 + (r >> 8) % 3;
	case 3: return maximum - 1 - (r >> 8) % 3;
	case 4: return r >> 8 & maximum;
	case 5: return bias + 60 + (r >> 8) % 8;
	case 6: return (r >> 8) % 70;
	case 7: return maximum - 1 - (r >> 8) % 70;
	case 8: return bias / 2 + (r >> 8) % 80;
	case 9: return bias + bias / 2 - (r >> 8) % 80;
	default: return bias - 8 + (r >> 8) % 24;
	}
}

static u32 draw_single(void)
{
	const u64 r = next();
	return (u32)(r >> 63) << 31 | (u32)exponent(8, r >> 16) << 23 | (u32)fraction(23, r);
}

static u64 draw_double(void)
{
	const u64 r = next();
	return r >> 63 << 63 | exponent(11, r >> 16) << 52 | fraction(52, r);
}

/* The integer bit follows the exponent, or, one time in sixteen, does not. */
static void draw_extended(union operand *to)
{
	const u64 r = next(), e = exponent(15, r >> 16);
	const u64 integer = (e != 0) ^ ((r >> 40 & 15) == 0);
	to->words[0] = integer << 63 | fraction(63, r);
	to->words[1] = r >> 63 << 15 | e;
}

static void draw_operand(u32 format, union operand *to)
{
	static const u8 lanes[] = { 1, 1, 1, 4, 2, 8, 4 };
	if (format == EXTENDED) {
		draw_extended(to);
	} else if (format == SINGLE || format == SINGLES || format == WIDE_SINGLES) {
		for (u32 i = 0; i < lanes[format]; i++)
			to->halves[i] = draw_single();
	} else {
		for (u32 i = 0; i < lanes[format]; i++)
			to->words[i] = draw_double();
	}
}

/* Integers of every width up to the operand's. */
static void draw_integers(u32 format, union operand *to)
{
	if (format <= EXTENDED)
		to->words[0] = (u64)((long)next() >> (next() & 63));
	else
		for (int i = 0; i < 8; i++)
			to->halves[i] = (u32)((int)next() >> (next() & 31));
}

void begin_drawing(const struct job *job)
{
	seed = ((job->format * 64ul + job->operation) * 64 + job->environment) << 32 | job->chunk;
	seed = next();
}

void draw_step(const struct job *job, struct step *step)
{
	const u32 op = job->operation;
	if (op == FROM_INTEGER) {
		draw_integers(job->format, &step->a);
		return;
	}
	draw_operand(job->format, &step->a);
	if (op <= DIV || (op >= FMA && op <= COMPARE_QUIET) || op >= MIN)
		draw_operand(job->format, &step->b);
	if (op == FMA)
		draw_operand(job->format, &step->c);
}

static inline u64 mix(u64 hash, u64 value)
{
	return ((hash << 5 | hash >> 59) ^ value) * 0x9e3779b97f4a7c15u;
}

u32 checksum(const struct job *job, void (*each)(const struct step *step))
{
	static struct step step;
	void (*const execute)(const struct job *, struct step *) =
		job->format < EXTENDED ? scalar_step : job->format == EXTENDED ? extended_step : packed_step;
	const u32 lanes = job->format <= EXTENDED ? 1 : job->format == DOUBLES ? 2 : job->format == WIDE_SINGLES ? 8 : 4;
	const u32 words = job->format < EXTENDED ? 1 : job->format < WIDE_SINGLES ? 2 : 4;
	u64 hash = 0;
	begin_drawing(job);
	for (u32 i = 0; i < CHUNK / lanes; i++) {
		draw_step(job, &step);
		execute(job, &step);
		for (u32 word = 0; word < words; word++)
			hash = mix(hash, step.result.words[word]);
		hash = mix(hash, step.flags);
		if (each)
			each(&step);
	}
	return (u32)(hash ^ hash >> 32);
}
