/*
 * Relocations. S is the symbol's address, A the addend, P the place.
 * Source: System V psABI for AMD64, "Relocation Types".
 *
 *   R_X86_64_64      64 bits   S + A
 *   R_X86_64_PC32    32 bits   S + A - P     must fit as signed
 *   R_X86_64_PLT32   32 bits   S + A - P     there is no PLT in a kernel: the same as PC32
 *   R_X86_64_32      32 bits   S + A         must fit as unsigned
 *   R_X86_64_32S     32 bits   S + A         must fit as signed
 */
#include "loader.h"

struct relocation_type {
	const char *name; /* NULL for an unsupported type */
	uint8_t width;    /* bytes */
	bool relative;    /* P is subtracted */
	bool is_signed;
};

static const struct relocation_type types[] = {
	[R_X86_64_NONE] = { "R_X86_64_NONE", 0, false, false },
	[R_X86_64_64] = { "R_X86_64_64", 8, false, false },
	[R_X86_64_PC32] = { "R_X86_64_PC32", 4, true, true },
	[R_X86_64_PLT32] = { "R_X86_64_PLT32", 4, true, true },
	[R_X86_64_32] = { "R_X86_64_32", 4, false, false },
	[R_X86_64_32S] = { "R_X86_64_32S", 4, false, true },
};

static const char *symbol_name(const struct object *o, const Elf64_Sym *symbol) { return o->names + symbol->st_name; }

/* Symbol 0 stands for no symbol: its value is 0. A weak symbol that nobody defines is 0 too. gABI, "Symbol Table". */
bool resolve_symbol(const struct object *o, const module *m, uint32_t index, const char *who, uint64_t *value) {
	*value = 0;
	if (index >= o->symbol_count) return refuse("symbol index %u out of range in %s", index, who);
	if (index == 0) return true;
	const Elf64_Sym *symbol = &o->symbols[index];
	if (symbol->st_shndx == SHN_ABS) {
		*value = symbol->st_value;
		return true;
	}
	if (symbol->st_shndx != SHN_UNDEF) {
		const uint8_t *base = module_section_base(m, symbol->st_shndx);
		if (!base) return refuse("symbol %s lies in a section that is not loaded", symbol_name(o, symbol));
		*value = (uint64_t)base + symbol->st_value;
		return true;
	}
	*value = symbol_address(symbol_name(o, symbol));
	if (*value == 0 && ELF64_ST_BIND(symbol->st_info) != STB_WEAK)
		return refuse("unresolved symbol %s", symbol_name(o, symbol));
	return true;
}

static bool in_32_bits(const struct relocation_type *type, uint64_t value) {
	return type->is_signed ? (int64_t)value == (int32_t)value : value == (uint32_t)value;
}

/* Applies one relocation to `base`, where section number `target` was placed. */
static bool apply(const struct object *o, const module *m, size_t target, uint8_t *base, const Elf64_Rela *rela) {
	uint32_t number = ELF64_R_TYPE(rela->r_info);
	const char *section = object_section_name(o, target);
	const struct relocation_type *type = number < sizeof types / sizeof *types ? &types[number] : NULL;
	if (!type || !type->name) return refuse("unsupported relocation type %u at %s+0x%lx", number, section, rela->r_offset);
	uint64_t size = o->sections[target].sh_size, value;
	if (rela->r_offset > size || type->width > size - rela->r_offset)
		return refuse("relocation outside its section: %s+0x%lx of 0x%lx bytes", section, rela->r_offset, size);
	if (!resolve_symbol(o, m, ELF64_R_SYM(rela->r_info), section, &value)) return false;
	uint8_t *place = base + rela->r_offset;
	value += rela->r_addend;
	if (type->relative) value -= (uint64_t)place;
	if (type->width == 4 && !in_32_bits(type, value))
		return refuse("overflow in %s at %s+0x%lx: %lx", type->name, section, rela->r_offset, value);
	memcpy(place, &value, type->width);
	return true;
}

static bool relocate_section(const struct object *o, const module *m, const Elf64_Shdr *section) {
	const Elf64_Rela *relas = (const Elf64_Rela *)(o->bytes + section->sh_offset);
	uint8_t *base = module_section_base(m, section->sh_info);
	if (!base) return true; /* of a section that is not loaded, as debugging information */
	for (size_t i = 0; i < section->sh_size / sizeof *relas; i++)
		if (!apply(o, m, section->sh_info, base, &relas[i])) return false;
	return true;
}

bool relocate(const struct object *o, const module *m) {
	for (size_t i = 1; i < o->section_count; i++)
		if (o->sections[i].sh_type == SHT_RELA && !relocate_section(o, m, &o->sections[i])) return false;
	return true;
}
