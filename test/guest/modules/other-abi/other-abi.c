/* Built for ABI 99: this kernel finds no mod_init_v100. */
#include <kernel.h>

bool EXPORTED MOD_INIT_SYM(99)(void) {
	return true;
}

void EXPORTED MOD_EXIT_SYM(99)(void) {}
