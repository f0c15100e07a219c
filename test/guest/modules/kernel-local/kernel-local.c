/* `tick` is in kernel.sym, but static in timer.c: not for modules. */
#include <kernel.h>

void tick(void);

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	tick();
	return true;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
