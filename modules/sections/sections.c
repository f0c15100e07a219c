/*
 * sections.ko: the command `sections [NAME]`: where the loader has put each section of a module, and
 * which function begins there.
 *
 * It uses module_section_base, so it also shows how far such a pointer may be trusted: until the module
 * is unloaded.
 */
#include <kernel.h>

static void show(const module *m) {
	for (uint16_t index = 1; index < MODULE_MAX_SECTIONS; index++) {
		const uint8_t *base = module_section_base(m, index);
		if (!base) continue;
		char name[96];
		symbol_describe((uint64_t)base, name, sizeof name);
		kprintf("%2u %p %s\n", index, base, name);
	}
}

static void sections(int argc, char **argv) {
	const module *m = argc > 1 ? find_module(argv[1]) : find_module("sections");
	if (m) show(m);
	else kprintf("sections: %s: not loaded\n", argv[1]);
}

static struct command command = { "sections", "[NAME]", "show where a module lies", sections, NULL };

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	return shell_add_command(&command);
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {
	shell_remove_command(&command);
}
