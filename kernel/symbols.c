/*
 * kernel.sym: a line a symbol, "ffffffff80001234 T name", sorted by address. It is made from the
 * kernel's ELF file when the ISO is built, and serves two ends: modules are linked against its
 * global symbols, and backtraces name functions with all of them.
 */
#include "symbols.h"
#include "boot.h"
#include "memory.h"
#include "loader.h"

#define SYMBOL_FILE "/boot/kernel.sym"
#define ADDRESS_DIGITS 16
#define NAME_AT 19 /* digits, blank, type, blank */

static struct symbol *symbols; /* with the names behind it in the same block */
static size_t count;

size_t symbols_count(void) { return count; }
const struct symbol *symbols_get(size_t index) { return &symbols[index]; }

static size_t count_lines(const char *text, size_t size) {
	size_t lines = 0;
	for (size_t i = 0; i < size; i++) lines += text[i] == '\n';
	return lines;
}

/* Reads one line into a symbol and ends its name with NUL. False for a line of another form. */
static bool parse_line(char *line, char *end, struct symbol *symbol) {
	if (end - line <= NAME_AT || line[ADDRESS_DIGITS] != ' ' || line[NAME_AT - 1] != ' ') return false;
	char number[2 + ADDRESS_DIGITS + 1] = "0x";
	memcpy(number + 2, line, ADDRESS_DIGITS);
	number[2 + ADDRESS_DIGITS] = 0;
	if (!parse_number(number, &symbol->address)) return false;
	symbol->type = line[ADDRESS_DIGITS + 1];
	symbol->name = line + NAME_AT;
	*end = 0;
	return true;
}

/* One heap block for the table and a copy of the text, whose line ends become the names' ends. */
static void parse(const char *text, size_t size) {
	size_t lines = count_lines(text, size);
	symbols = kmalloc(lines * sizeof *symbols + size);
	if (!symbols) panic("no memory for %lu symbols", lines);
	char *copy = (char *)&symbols[lines], *end = copy + size;
	memcpy(copy, text, size);
	for (char *line = copy; line < end;) {
		char *stop = line;
		while (stop < end && *stop != '\n') stop++;
		if (stop < end && parse_line(line, stop, &symbols[count])) count++;
		line = stop + 1;
	}
	symbols_sort(symbols, count);
}

void symbols_init(void) {
	if (boot_info.symbols) {
		parse(boot_info.symbols, boot_info.symbols_size);
	} else {
		size_t size;
		char *text = file_read(SYMBOL_FILE, &size);
		if (text) parse(text, size);
		kfree(text);
	}
	dprintf("symbols: %lu from %s\n", count, boot_info.symbols ? "the boot loader" : SYMBOL_FILE);
}

/* Insertion: linear for a table that is sorted, as kernel.sym is, and short enough in modules. */
void symbols_sort(struct symbol *table, size_t length) {
	for (size_t i = 1; i < length; i++) {
		struct symbol moving = table[i];
		size_t at = i;
		for (; at > 0 && table[at - 1].address > moving.address; at--) table[at] = table[at - 1];
		table[at] = moving;
	}
}

const struct symbol *symbol_before(const struct symbol *table, size_t length, uint64_t address) {
	size_t low = 0, high = length; /* table[0..low) are not above, table[high..) are above */
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (table[middle].address <= address) low = middle + 1;
		else high = middle;
	}
	return low ? &table[low - 1] : NULL;
}

uint64_t symbol_address(const char *name) {
	for (size_t i = 0; i < count; i++) {
		bool global = symbols[i].type >= 'A' && symbols[i].type <= 'Z';
		if (global && strcmp(symbols[i].name, name) == 0) return symbols[i].address;
	}
	return 0;
}

const struct symbol *symbol_at(uint64_t address, const module **owner) {
	*owner = module_at(address);
	if (*owner) return symbol_before((*owner)->symbols, (*owner)->symbol_count, address);
	if (address < (uint64_t)text_start || address >= (uint64_t)data_end) return NULL;
	return symbol_before(symbols, count, address);
}

bool symbol_describe(uint64_t address, char *to, size_t size) {
	const module *m;
	const struct symbol *symbol = symbol_at(address, &m);
	if (symbol && m) snprintf(to, size, "%s.ko:%s+0x%lx", m->name, symbol->name, address - symbol->address);
	else if (symbol) snprintf(to, size, "%s+0x%lx", symbol->name, address - symbol->address);
	else if (m) snprintf(to, size, "%s.ko+0x%lx", m->name, address - (uint64_t)m->base);
	else snprintf(to, size, "%016lx", address);
	return symbol || m;
}
