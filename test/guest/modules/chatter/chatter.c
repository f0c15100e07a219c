/* Says more to the kernel's log than it holds. */
#include <kernel.h>

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	for (int i = 0; i < 2000; i++) dprintf("chatter: line %d of many\n", i);
	return true;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
