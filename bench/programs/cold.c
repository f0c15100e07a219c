/*
 * Code that is run too seldom for translating it to pay at once: 2,000 blocks 1,600 times, as a busy
 * system's, and 50,000 blocks twice, as when systems start. The blocks are cold.ts's.
 */
#include "bench.h"

#define ARENA 65536

extern void cold_2000(u64 *state, u8 *arena_middle);
extern void cold_50000(u64 *state, u8 *arena_middle);

static u8 arena[ARENA] __attribute__((aligned(4096)));
static u64 state[16];

KERNEL u32 passes(void (*pass)(u64 *, u8 *), int count)
{
	u64 seed = 88172645463325252ull;
	for (u32 i = 0; i < ARENA; i++)
		arena[i] = i * 167 + (i >> 8);
	for (int i = 0; i < 14; i++)
		state[i] = seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	while (count--)
		pass(state, arena + ARENA / 2);
	u64 sum = 0;
	for (int i = 0; i < 14; i++)
		sum = sum * 31 + state[i];
	for (u32 i = 0; i < ARENA; i++)
		sum = sum * 31 + arena[i];
	return sum ^ sum >> 32;
}

void kmain(void)
{
	mark("start", 0);
	if (is_next_selected())
		mark("often", passes(cold_2000, 1600));
	if (is_next_selected())
		mark("twice", passes(cold_50000, 2));
	mark("end", 0);
}
