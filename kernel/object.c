/*
 * A module file's structure, checked before anything is taken from it. The file is not trusted: every
 * offset, size, index and link is held against the file. Source: System V gABI, "Object Files".
 */
#include "loader.h"

static bool fits(const struct object *o, uint64_t offset, uint64_t size) {
	return offset <= o->size && size <= o->size - offset;
}

static bool truncated(const struct object *o, const char *what, uint64_t end) {
	return refuse("truncated: %s ends at byte %lu, the file at %lu", what, end, o->size);
}

static bool check_identity(const struct object *o, const Elf64_Ehdr *header) {
	if (o->size < 4 || memcmp(header->e_ident, "\177ELF", 4) != 0) return refuse("not an ELF file");
	if (o->size < sizeof *header) return truncated(o, "the ELF header", sizeof *header);
	uint8_t class = header->e_ident[EI_CLASS], data = header->e_ident[EI_DATA];
	if (class != ELFCLASS64) return refuse("wrong class %u, not ELFCLASS64", class);
	if (data != ELFDATA2LSB) return refuse("wrong data encoding %u, not ELFDATA2LSB", data);
	if (header->e_machine != EM_X86_64) return refuse("wrong machine %u, not EM_X86_64", header->e_machine);
	if (header->e_type != ET_REL) return refuse("wrong type %u, not ET_REL", header->e_type);
	return true;
}

static bool check_section_table(struct object *o, const Elf64_Ehdr *header) {
	if (header->e_shentsize != sizeof(Elf64_Shdr)) return refuse("bad section header size %u", header->e_shentsize);
	if (header->e_shnum == 0 || header->e_shoff == 0) return refuse("no section table");
	if (header->e_shnum > MODULE_MAX_SECTIONS)
		return refuse("too many sections: %u, at most %d", header->e_shnum, MODULE_MAX_SECTIONS);
	uint64_t size = (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
	if (!fits(o, header->e_shoff, size)) return truncated(o, "the section table", header->e_shoff + size);
	if (header->e_shoff % _Alignof(Elf64_Shdr)) return refuse("the section table is not aligned");
	o->sections = (const Elf64_Shdr *)(o->bytes + header->e_shoff);
	o->section_count = header->e_shnum;
	return true;
}

static bool in_table(const struct object *o, uint32_t index) { return index > 0 && index < o->section_count; }

/* The contents of every section lie in the file, and alignments are powers of two. */
static bool check_sections(const struct object *o) {
	for (size_t i = 1; i < o->section_count; i++) {
		const Elf64_Shdr *s = &o->sections[i];
		if (s->sh_type == SHT_NULL) continue;
		if (s->sh_addralign & (s->sh_addralign - 1))
			return refuse("alignment %lu of %s is not a power of two", s->sh_addralign, object_section_name(o, i));
		if (s->sh_type != SHT_NOBITS && !fits(o, s->sh_offset, s->sh_size))
			return truncated(o, object_section_name(o, i), s->sh_offset + s->sh_size);
	}
	return true;
}

/* A string table that ends with NUL, so that every name inside it ends too. */
static bool string_table(const struct object *o, uint32_t index, const char *who, const char **text, size_t *size) {
	if (!in_table(o, index)) return refuse("section index %u out of range in %s", index, who);
	const Elf64_Shdr *s = &o->sections[index];
	if (s->sh_type != SHT_STRTAB || s->sh_size == 0) return refuse("section %u of %s is no string table", index, who);
	if (!fits(o, s->sh_offset, s->sh_size)) return truncated(o, "a string table", s->sh_offset + s->sh_size);
	*text = (const char *)o->bytes + s->sh_offset;
	*size = s->sh_size;
	if ((*text)[*size - 1] != 0) return refuse("the string table of %s does not end with NUL", who);
	return true;
}

static bool find_section_names(struct object *o, const Elf64_Ehdr *header) {
	if (header->e_shstrndx == SHN_UNDEF) return true;
	return string_table(o, header->e_shstrndx, "the ELF header", &o->section_names, &o->section_names_size);
}

static bool find_symbol_table(struct object *o) {
	for (size_t i = 1; i < o->section_count; i++) {
		const Elf64_Shdr *s = &o->sections[i];
		if (s->sh_type != SHT_SYMTAB) continue;
		if (s->sh_entsize != sizeof(Elf64_Sym) || s->sh_size % sizeof(Elf64_Sym) || s->sh_offset % _Alignof(Elf64_Sym))
			return refuse("the symbol table has a bad entry size or place");
		o->symbols = (const Elf64_Sym *)(o->bytes + s->sh_offset);
		o->symbol_count = s->sh_size / sizeof(Elf64_Sym);
		o->symbols_section = i;
		return string_table(o, s->sh_link, "the symbol table", &o->names, &o->names_size);
	}
	return refuse("no symbol table");
}

/* A symbol's name for messages; "number 7" if it has none. */
static const char *label(const struct object *o, size_t index) {
	static char number[24];
	const char *name = o->names + o->symbols[index].st_name;
	if (*name) return name;
	snprintf(number, sizeof number, "number %lu", index);
	return number;
}

/* Names lie in the string table; sections exist; values of defined symbols lie in their section. */
static bool check_symbol(const struct object *o, size_t index) {
	const Elf64_Sym *symbol = &o->symbols[index];
	if (symbol->st_name >= o->names_size) return refuse("the name of symbol %lu is out of range", index);
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) return true;
	if (symbol->st_shndx >= o->section_count)
		return refuse("section index %u out of range in symbol %s", symbol->st_shndx, label(o, index));
	if (symbol->st_value > o->sections[symbol->st_shndx].sh_size)
		return refuse("symbol %s lies outside its section", label(o, index));
	return true;
}

static bool check_symbols(const struct object *o) {
	for (size_t i = 1; i < o->symbol_count; i++)
		if (!check_symbol(o, i)) return false;
	return true;
}

/* Links of relocation sections: to the symbol table, and to the section that they change. */
static bool check_relocation_sections(const struct object *o) {
	for (size_t i = 1; i < o->section_count; i++) {
		const Elf64_Shdr *s = &o->sections[i];
		const char *name = object_section_name(o, i);
		if (s->sh_type == SHT_REL) return refuse("unsupported relocations without addend in %s", name);
		if (s->sh_type != SHT_RELA) continue;
		if (!in_table(o, s->sh_info)) return refuse("section index %u out of range in %s", s->sh_info, name);
		if (s->sh_link != o->symbols_section)
			return refuse("section index %u of %s is not the symbol table", s->sh_link, name);
		if (s->sh_entsize != sizeof(Elf64_Rela) || s->sh_size % sizeof(Elf64_Rela) || s->sh_offset % _Alignof(Elf64_Rela))
			return refuse("%s has a bad entry size or place", name);
	}
	return true;
}

const char *object_section_name(const struct object *object, size_t section) {
	static char number[24];
	uint32_t name = object->sections[section].sh_name;
	if (object->section_names && name > 0 && name < object->section_names_size) return object->section_names + name;
	snprintf(number, sizeof number, "section %lu", section);
	return number;
}

bool object_parse(struct object *object, const void *bytes, size_t size) {
	*object = (struct object){ .bytes = bytes, .size = size };
	const Elf64_Ehdr *header = bytes;
	bool tables = check_identity(object, header) && check_section_table(object, header) &&
	              find_section_names(object, header) && check_sections(object) && find_symbol_table(object);
	return tables && check_symbols(object) && check_relocation_sections(object);
}
