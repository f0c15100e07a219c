/*
 * load, unload, modules and symbols.
 */
#include "shell.h"
#include "symbols.h"

static void load(int argc, char **argv) {
	if (argc < 2) kprintf("usage: load NAME...\n");
	for (int i = 1; i < argc; i++) {
		if (load_module(argv[i])) kprintf("%s: loaded\n", argv[i]);
		else kprintf("load: %s: %s\n", argv[i], module_error());
	}
}

static void unload(int argc, char **argv) {
	if (argc < 2) kprintf("usage: unload NAME...\n");
	for (int i = 1; i < argc; i++) {
		if (unload_module(argv[i])) kprintf("%s: unloaded\n", argv[i]);
		else kprintf("unload: %s: %s\n", argv[i], module_error());
	}
}

static void show_module(const module *m, void *context) {
	++*(size_t *)context;
	kprintf("%-16s %p  %6lu bytes, %lu sections, %lu functions\n", m->name, (void *)m->base, m->size, m->section_count,
		m->symbol_count);
}

static void modules(int argc, char **argv) {
	(void)argc, (void)argv;
	size_t count = 0;
	module_each(show_module, &count);
	if (count == 0) kprintf("no modules are loaded\n");
}

static void show_address(uint64_t address) {
	char name[96];
	if (symbol_describe(address, name, sizeof name)) kprintf("%016lx %s\n", address, name);
	else kprintf("%016lx has no symbol\n", address);
}

/* With a number: what is there. With a text: every symbol that contains it. */
static void symbols(int argc, char **argv) {
	uint64_t address;
	if (argc < 2) kprintf("%lu symbols; symbols TEXT shows those with TEXT in their name\n", symbols_count());
	else if (parse_number(argv[1], &address)) show_address(address);
	else
		for (size_t i = 0; i < symbols_count(); i++) {
			const struct symbol *s = symbols_get(i);
			if (strstr(s->name, argv[1])) kprintf("%016lx %c %s\n", s->address, s->type, s->name);
		}
}

void add_module_commands(void) {
	static struct command commands[] = {
		{ "load", "NAME...", "load modules from /system/modules", load, NULL },
		{ "unload", "NAME...", "unload modules", unload, NULL },
		{ "modules", "", "list the loaded modules", modules, NULL },
		{ "symbols", "[TEXT|0xN]", "look up the kernel's symbols", symbols, NULL },
	};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) shell_add_command(&commands[i]);
}
