/*
 * The module loader's parts: object.c checks the file, place.c copies its sections, relocate.c applies
 * its relocations, module.c keeps the registry and runs the entry points.
 *
 * Every check fails through `refuse`, which notes why; the caller then undoes what it did. No part
 * touches the registry, and every heap block of a load hangs on the two structures below.
 */
#pragma once

#include "elf.h"
#include <kernel.h>

/* A module file that has passed object_parse: every offset in here lies inside the file. */
struct object {
	const uint8_t *bytes;
	size_t size;
	const Elf64_Shdr *sections;
	size_t section_count;
	const char *section_names; /* NULL if there are none */
	size_t section_names_size;
	const Elf64_Sym *symbols;
	size_t symbol_count;
	uint16_t symbols_section;
	const char *names; /* of symbols; ends with NUL */
	size_t names_size;
};

/* Notes a reason for module_error. Always false, so that a check can return it. */
bool refuse(const char *format, ...) PRINTF_LIKE(1, 2);

/* Checks the header, the section table, every section's place and the symbol table. Allocates nothing. */
bool object_parse(struct object *object, const void *bytes, size_t size);
/* A section's name for messages; "section 7" if it has none. */
const char *object_section_name(const struct object *object, size_t section);

/* Allocates m->base for every SHF_ALLOC section and fills it. The caller frees m->base. */
bool place_sections(const struct object *object, module *m);

/* Applies every relocation to the placed sections. */
bool relocate(const struct object *object, const module *m);
/* The run-time address of a symbol. `who` is what refers to it, for messages. */
bool resolve_symbol(const struct object *object, const module *m, uint32_t index, const char *who, uint64_t *value);

/* The loaded module whose sections hold `address`; NULL if none does. */
module *module_at(uint64_t address);
