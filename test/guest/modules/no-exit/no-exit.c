/* Could be loaded, but never unloaded. */
#include <kernel.h>

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	return true;
}
