/*
 * Places a module's SHF_ALLOC sections in one heap block, each at its own alignment, in file order.
 */
#include "loader.h"
#include "memory.h"

static bool is_placed(const Elf64_Shdr *section) {
	return (section->sh_flags & SHF_ALLOC) && section->sh_type != SHT_NULL;
}

static uint64_t alignment_of(const Elf64_Shdr *section) { return section->sh_addralign ? section->sh_addralign : 1; }

/* Adds a section's room to *size. False if the sum leaves 64 bits. */
static bool add_section(const Elf64_Shdr *section, uint64_t *size) {
	uint64_t align = alignment_of(section), start;
	if (__builtin_add_overflow(*size, align - 1, &start)) return false;
	start &= ~(align - 1);
	return !__builtin_add_overflow(start, section->sh_size, size);
}

/* The whole block's size and alignment. */
static bool measure(const struct object *o, uint64_t *size, uint64_t *alignment) {
	*size = 0, *alignment = 16;
	for (size_t i = 1; i < o->section_count; i++) {
		const Elf64_Shdr *section = &o->sections[i];
		if (!is_placed(section)) continue;
		if (!add_section(section, size)) return false;
		if (alignment_of(section) > *alignment) *alignment = alignment_of(section);
	}
	return true;
}

static void fill(const struct object *o, const Elf64_Shdr *section, uint8_t *to) {
	if (section->sh_type == SHT_NOBITS) memset(to, 0, section->sh_size);
	else memcpy(to, o->bytes + section->sh_offset, section->sh_size);
}

bool place_sections(const struct object *o, module *m) {
	uint64_t size, alignment, at = 0;
	if (!measure(o, &size, &alignment)) return refuse("out of memory: its sections have no 64-bit size");
	m->base = kmalloc_aligned(size, alignment);
	if (!m->base) return refuse("out of memory: %lu bytes for its sections", size);
	m->size = size;
	for (size_t i = 1; i < o->section_count; i++) {
		const Elf64_Shdr *section = &o->sections[i];
		if (!is_placed(section)) continue;
		at = ROUND_UP(at, alignment_of(section));
		fill(o, section, m->base + at);
		m->sections[m->section_count++] = (struct module_section){ i, m->base + at, section->sh_size };
		at += section->sh_size;
	}
	return true;
}

uint8_t *module_section_base(const module *m, uint16_t section) {
	for (size_t i = 0; m && i < m->section_count; i++)
		if (m->sections[i].index == section) return m->sections[i].base;
	return NULL;
}
