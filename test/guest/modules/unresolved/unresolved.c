/* Calls what the kernel does not have. */
#include <kernel.h>

void launch_the_missiles(void);

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	launch_the_missiles();
	return true;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
