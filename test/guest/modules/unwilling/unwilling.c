/* Takes a command name and memory, gives the memory back, and returns false. The command goes with the module. */
#include <kernel.h>

static void run(int argc, char **argv) {
	(void)argc, (void)argv;
	kprintf("unwilling: never\n");
}

static struct command command = { "unwilling", "", "cannot be there", run, NULL };

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	void *block = kmalloc(100000);
	shell_add_command(&command);
	kfree(block);
	dprintf("unwilling.ko: no\n");
	return false;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {
	dprintf("unwilling.ko: exit must not be called\n");
}
