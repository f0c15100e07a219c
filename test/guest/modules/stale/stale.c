/*
 * The command `stale NAME`: unloads a module while holding its descriptor, and looks at what is left.
 * The loader promises NULL where code and sections were.
 */
#include <kernel.h>

static void stale(int argc, char **argv) {
	module *m = argc > 1 ? find_module(argv[1]) : NULL;
	if (!m) return;
	bool before = m->init && m->exit && m->base && m->section_count && module_section_base(m, m->sections[0].index);
	uint16_t first = m->sections[0].index;
	bool unloaded = unload_module(argv[1]);
	bool nulled = !m->init && !m->exit && !m->base && !m->sections[0].base && !module_section_base(m, first);
	kprintf("stale: %s %s %s\n", before ? "complete," : "incomplete,", unloaded ? "unloaded," : "still there,",
		nulled ? "all NULL" : "not all NULL");
}

static struct command command = { "stale", "NAME", "unload, and look back", stale, NULL };

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	return shell_add_command(&command);
}

/* Leaves the command behind: the kernel takes it away. */
void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
