/*
 * The registry of modules, and the life of one: load, init, exit, unload.
 *
 * A load first does everything that can fail, and enters the module into the registry last; so a load
 * that fails has nothing to undo but its heap blocks, which all hang on `struct module`.
 */
#include "loader.h"
#include "shell.h"
#include "symbols.h"

#define BUCKETS 16
#define PATH_FORMAT "/system/modules/%s.ko"

#define TEXT(name) TEXT_(name)
#define TEXT_(name) #name
#define INIT_NAME TEXT(MOD_INIT_SYM(KMOD_ABI))
#define EXIT_NAME TEXT(MOD_EXIT_SYM(KMOD_ABI))

static module *buckets[BUCKETS];
static char error[160];

const char *module_error(void) { return error; }

bool refuse(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error, sizeof error, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- The registry: a hash map by name. ---- */

/* FNV-1a. */
static module **bucket_of(const char *name) {
	uint32_t hash = 2166136261;
	for (; *name; name++) hash = (hash ^ (uint8_t)*name) * 16777619;
	return &buckets[hash % BUCKETS];
}

/* The link that points to the module, so that it can be unhooked; *link is NULL if there is none of that name. */
static module **link_to(const char *name) {
	module **link = bucket_of(name);
	while (*link && strcmp((*link)->name, name) != 0) link = &(*link)->next;
	return link;
}

module *find_module(const char *name) { return *link_to(name); }

module *module_at(uint64_t address) {
	for (size_t i = 0; i < BUCKETS; i++)
		for (module *m = buckets[i]; m; m = m->next)
			if (address - (uint64_t)m->base < m->size) return m;
	return NULL;
}

/* The loaded module with the smallest name after `name`. */
static const module *next_by_name(const char *name) {
	const module *best = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (const module *m = buckets[i]; m; m = m->next)
			if (strcmp(m->name, name) > 0 && (!best || strcmp(m->name, best->name) < 0)) best = m;
	return best;
}

void module_each(void (*each)(const module *m, void *context), void *context) {
	for (const module *m = next_by_name(""); m; m = next_by_name(m->name)) each(m, context);
}

/* ---- Symbols of a module, for backtraces. ---- */

static bool is_function(const struct object *o, const Elf64_Sym *symbol) {
	return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_shndx < o->section_count;
}

static void measure_functions(const struct object *o, size_t *count, size_t *text) {
	*count = 0, *text = 0;
	for (size_t i = 1; i < o->symbol_count; i++)
		if (is_function(o, &o->symbols[i])) ++*count, *text += strlen(o->names + o->symbols[i].st_name) + 1;
}

/* One heap block: the table, then the names. */
static bool keep_functions(const struct object *o, module *m) {
	size_t count, text;
	measure_functions(o, &count, &text);
	m->symbols = kmalloc(count * sizeof *m->symbols + text);
	if (!m->symbols) return refuse("out of memory: %lu symbols", count);
	char *names = (char *)&m->symbols[count];
	for (size_t i = 1; i < o->symbol_count; i++) {
		const Elf64_Sym *symbol = &o->symbols[i];
		uint8_t *base = is_function(o, symbol) ? module_section_base(m, symbol->st_shndx) : NULL;
		if (!base) continue;
		const char *name = o->names + symbol->st_name;
		char type = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL ? 't' : 'T';
		m->symbols[m->symbol_count++] = (struct symbol){ (uint64_t)base + symbol->st_value, names, type };
		memcpy(names, name, strlen(name) + 1);
		names += strlen(name) + 1;
	}
	symbols_sort(m->symbols, m->symbol_count);
	return true;
}

/* ---- Loading. ---- */

/* An entry point: a function by that name, defined in a section of code. NULL if there is none. */
static void *find_entry(const struct object *o, const module *m, const char *name) {
	for (size_t i = 1; i < o->symbol_count; i++) {
		const Elf64_Sym *symbol = &o->symbols[i];
		if (!is_function(o, symbol) || strcmp(o->names + symbol->st_name, name) != 0) continue;
		uint8_t *base = module_section_base(m, symbol->st_shndx);
		bool code = o->sections[symbol->st_shndx].sh_flags & SHF_EXECINSTR;
		if (base && code && symbol->st_value < o->sections[symbol->st_shndx].sh_size) return base + symbol->st_value;
	}
	return NULL;
}

static bool find_entries(const struct object *o, module *m) {
	m->init = (bool (*)(void))find_entry(o, m, INIT_NAME);
	if (!m->init) return refuse("no %s: it was built for another module ABI", INIT_NAME);
	m->exit = (void (*)(void))find_entry(o, m, EXIT_NAME);
	if (!m->exit) return refuse("no %s: it could not be unloaded", EXIT_NAME);
	return true;
}

/* Nulls what leads into the module before its memory goes, so that a stale pointer to `m` finds NULL. */
static void release(module *m) {
	shell_forget_range(m->base, m->size);
	m->init = NULL;
	m->exit = NULL;
	kfree(m->symbols);
	kfree(m->base);
	m->symbols = NULL, m->symbol_count = 0;
	m->base = NULL, m->size = 0;
	for (size_t i = 0; i < m->section_count; i++) m->sections[i].base = NULL;
	m->section_count = 0;
	kfree(m);
}

/* For debuggers that read port E9h: where each section lies. */
static void announce(const struct object *o, const module *m) {
	dprintf("module %s:", m->name);
	for (size_t i = 0; i < m->section_count; i++) {
		const struct module_section *section = &m->sections[i];
		if (section->size) dprintf(" %s 0x%lx", object_section_name(o, section->index), (uint64_t)section->base);
	}
	dprintf("\n");
}

/* Everything from the file's bytes to a module that is ready to run, but not registered. NULL if refused. */
static module *build(const char *name, const void *bytes, size_t size) {
	struct object object;
	if (!object_parse(&object, bytes, size)) return NULL;
	module *m = kmalloc(sizeof *m);
	if (!m) return refuse("out of memory: the registry's entry"), NULL;
	memset(m, 0, sizeof *m);
	strlcpy(m->name, name, sizeof m->name);
	bool placed = place_sections(&object, m) && find_entries(&object, m);
	if (placed && relocate(&object, m) && keep_functions(&object, m)) {
		announce(&object, m);
		return m;
	}
	release(m);
	return NULL;
}

static module *build_from_file(const char *name) {
	char path[sizeof PATH_FORMAT + MODULE_NAME_MAX];
	size_t size;
	snprintf(path, sizeof path, PATH_FORMAT, name);
	void *bytes = file_read(path, &size);
	if (!bytes) return refuse("%s: %s", file_error(), path), NULL;
	module *m = build(name, bytes, size);
	kfree(bytes);
	return m;
}

static bool is_name(const char *name) {
	size_t length = strlen(name);
	return length > 0 && length <= MODULE_NAME_MAX && !strchr(name, '/') && name[0] != '.';
}

static void unhook(module *m) {
	*link_to(m->name) = m->next;
	dprintf("module %s: unloaded\n", m->name);
	release(m);
}

bool load_module(const char *name) {
	if (!is_name(name)) return refuse("not a module's name");
	if (find_module(name)) return refuse("already loaded");
	module *m = build_from_file(name);
	if (!m) return false;
	*link_to(name) = m; /* before init, so that a fault in it is reported by the module's symbols */
	if (m->init()) return true;
	unhook(m);
	return refuse("init returned false");
}

bool unload_module(const char *name) {
	module *m = find_module(name);
	if (!m) return refuse("not loaded");
	m->exit();
	unhook(m);
	return true;
}
