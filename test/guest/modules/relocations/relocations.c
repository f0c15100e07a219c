/*
 * Loads only if every relocation of relocations.S came out right: the test's report is the return value
 * of init, and a line a failure.
 */
#include <kernel.h>

extern uint64_t relocation_table[];
extern char relocation_page[];
void relocation_text(void);

static bool good = true;

static void expect(const char *what, uint64_t is, uint64_t should) {
	if (is == should) return;
	kprintf("relocations: %s is %lx, should be %lx\n", what, is, should);
	good = false;
}

/* The sign-extended low half of an entry. */
static uint64_t low(size_t index) { return (int64_t)(int32_t)relocation_table[index]; }

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	uint64_t table = (uint64_t)relocation_table, text = (uint64_t)relocation_text;
	expect("64 to the kernel", relocation_table[0], symbol_address("kmalloc"));
	expect("64 to the module", relocation_table[1], table + 8);
	expect("32", relocation_table[2], table + 16);
	expect("32 above 2 GiB", relocation_table[3], table + 0x80000000);
	expect("32S", low(4), symbol_address("kmalloc"));
	expect("PC32", low(5), text - (table + 40));
	expect("PLT32", low(6), text - 4 - (table + 48));
	expect("absolute", relocation_table[7], 0x123456789abcdef0);
	expect("weak", relocation_table[8], 0);
	expect("alignment", (uint64_t)relocation_page & 4095, 0);
	for (int i = 0; i < 100; i++) expect("NOBITS", relocation_page[i], 0);
	if (good) kprintf("relocations: all as they should be\n");
	return good;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
