/*
 * Long, reproducible sequences of floating-point operations, executed by whatever processor this is compiled for: the recorder
 * (recorder.c) runs them on a real one, the guest program (guest.c) on Gantry's. Both answer one checksum a chunk, over results and
 * exception flags. ../float/sequences.ts lists the sequences that exist.
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

/* As in sequences.ts. */
enum format { SINGLE, DOUBLE, EXTENDED, SINGLES, DOUBLES, WIDE_SINGLES, WIDE_DOUBLES };
enum operation {
	ADD, SUB, MUL, DIV, SQRT, FMA, COMPARE, COMPARE_QUIET, CONVERT, CONVERT_SMALL, TO_I32, TO_I64, TRUNCATE_I32, TRUNCATE_I64, INTEGRAL,
	FROM_INTEGER, MIN, MAX
};

#define CHUNK 4096 /* operand pairs */

/*
 * Which sequence. Environment, bits 0..1: rounding; 4: DAZ and FTZ. Of EXTENDED: 0 24 bits, 4 53 bits, 8 64 bits, 12 64 bits with
 * overflow and underflow unmasked.
 */
struct job {
	u32 format, operation, environment, chunk;
};

/* 32 bytes: a scalar in the first of them, an extended number's significand in [0] and its sign and exponent in [1]. */
union operand {
	u64 words[4];
	u32 halves[8];
} __attribute__((aligned(32)));

struct step {
	union operand a, b, c, result;
	u32 flags;
};

void draw_step(const struct job *job, struct step *step);
void begin_drawing(const struct job *job);
void scalar_step(const struct job *job, struct step *step);
void extended_step(const struct job *job, struct step *step);
void packed_step(const struct job *job, struct step *step);

/* `each`, where there is one, sees every step. */
u32 checksum(const struct job *job, void (*each)(const struct step *step));

static inline u32 mxcsr_of(const struct job *job)
{
	return 0x1f80 | (job->environment & 3) << 13 | (job->environment & 4 ? 0x8040 : 0);
}

#endif
