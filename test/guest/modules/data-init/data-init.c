/* mod_init_v100 is a variable: nothing that could be called. */
#include <kernel.h>

int EXPORTED MOD_INIT_SYM(KMOD_ABI) = 1;

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
