/* Faults in a function of its own, called from init: the report must name both. */
#include <kernel.h>

static __attribute__((noinline)) void touch(volatile int *where) { *where = 1; }

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	volatile uintptr_t nowhere = 0x90000000;
	touch((int *)nowhere);
	return nowhere == 0;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
