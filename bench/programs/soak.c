/*
 * A guest that writes code for ever, as one with a compiler of its own does: new functions, each another,
 * over and over into an arena, each called often enough to be worth translating. What a function returns is
 * known beforehand; a wrong answer is said, and ends the run.
 *
 * A line "beat CHECKSUM COUNT" after every few functions says how many there have been, modulo 2^32; a line
 * "lap CHECKSUM COUNT" that the arena was full once more.
 */
#include "bench.h"

#define ARENA (1 << 20)
#define CALLS 40
#define TURNS 100
#define FUNCTIONS_A_BEAT 256

static u8 arena[ARENA] __attribute__((aligned(4096)));
static u32 random_state = 2463534242u;

static u32 random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	return random_state ^= random_state << 5;
}

static u8 *emit32(u8 *at, u32 value)
{
	for (int i = 0; i < 4; i++)
		*at++ = value >> (8 * i);
	return at;
}

/* One step on EAX with an immediate: the instruction at `*at`, and its effect on `value`. */
static u32 emit_step(u8 **at, u32 kind, u32 immediate, u32 value)
{
	static const u8 opcodes[] = { 0x05, 0x35, 0x2d };	/* ADD, XOR, SUB EAX, imm32 */
	u8 *p = *at;
	if (kind == 3) {
		*p++ = 0xc1;					/* ROL EAX, imm8 */
		*p++ = 0xc0;
		*p++ = immediate = 1 + immediate % 31;
		*at = p;
		return value << immediate | value >> (32 - immediate);
	}
	*p++ = opcodes[kind];
	*at = emit32(p, immediate);
	return kind == 0 ? value + immediate : kind == 1 ? value ^ immediate : value - immediate;
}

/*
 * A function of EAX = EDI that takes its steps TURNS times; `*expected` is what it makes of `argument`.
 * Returns its end.
 */
static u8 *emit_function(u8 *at, u32 argument, u32 *expected)
{
	u32 kinds[24], immediates[24], steps = 4 + random() % 20;
	u8 *begin;
	*at++ = 0x89;						/* MOV EAX, EDI */
	*at++ = 0xf8;
	*at++ = 0xb9;						/* MOV ECX, TURNS */
	at = emit32(at, TURNS);
	begin = at;
	for (u32 i = 0; i < steps; i++)
		argument = emit_step(&at, kinds[i] = random() & 3, immediates[i] = random(), argument);
	*at++ = 0xff;						/* DEC ECX */
	*at++ = 0xc9;
	*at++ = 0x0f;						/* JNZ begin */
	*at++ = 0x85;
	at = emit32(at, begin - (at + 4));
	*at++ = 0xc3;						/* RET */
	for (u32 turn = 1; turn < TURNS; turn++) {
		u8 nowhere[8], *p;
		for (u32 i = 0; i < steps; i++) {
			p = nowhere;
			argument = emit_step(&p, kinds[i], immediates[i], argument);
		}
	}
	*expected = argument;
	return at;
}

void kmain(void)
{
	u8 *at = arena;
	u32 sum = 0, laps = 0;
	mark("start", 0);
	for (u32 count = 1;; count++) {
		u32 expected, argument = random();
		u8 *function = at;
		at = emit_function(at, argument, &expected);
		for (int call = 0; call < CALLS; call++) {
			u32 result = ((u32(*)(u32))function)(argument);
			if (result != expected) {
				mark("wrong", result);
				return;
			}
			sum += result;
		}
		at = (u8 *)(((u64)at + 63 + random() % 512) & ~15ull);
		if (at > arena + ARENA - 1024) {
			at = arena;
			mark_each("lap", sum, ++laps);
		}
		if (count % FUNCTIONS_A_BEAT == 0)
			mark_each("beat", sum, count);
	}
}
