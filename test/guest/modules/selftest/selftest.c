/*
 * The kernel's exports, called as a module calls them, checked inside the guest. One line a failure; init
 * returns whether there was none.
 */
#include <kernel.h>

#define SLOTS 64

static bool good = true;

static void expect(bool condition, const char *what) {
	if (condition) return;
	kprintf("selftest: not so: %s\n", what);
	good = false;
}

static void expect_text(const char *should, const char *format, ...) PRINTF_LIKE(2, 3);
static void expect_text(const char *should, const char *format, ...) {
	char text[128];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (strcmp(text, should) == 0 && length == (int)strlen(should)) return;
	kprintf("selftest: %s gave \"%s\", should be \"%s\"\n", format, text, should);
	good = false;
}

static void check_formats(void) {
	expect_text("-5 5 007 7  |", "%d %u %03d %-3d|", -5, 5u, 7, 7);
	expect_text("-007", "%04d", -7);
	expect_text("beef BEEF 00ff", "%x %X %04x", 0xbeef, 0xbeef, 0xff);
	expect_text("-9223372036854775808 18446744073709551615", "%ld %lu", (long)(-0x7fffffffffffffff - 1), ~0ul);
	expect_text("-1 255", "%hhd %hhu", 255, 255);
	expect_text("abc   ab|x|%", "%-6s%.2s|%c|%%", "abc", "abc", 'x');
	expect_text("    42", "%*d", 6, 42);
	expect_text("0000000000001000", "%p", (void *)0x1000);
	char small[4];
	expect(snprintf(small, sizeof small, "%s", "abcdef") == 6 && strcmp(small, "abc") == 0,
		"snprintf cuts and counts");
}

static void check_strings(void) {
	char text[] = "0123456789";
	memmove(text + 2, text, 8);
	expect(strcmp(text, "0101234567") == 0, "memmove upwards");
	memmove(text, text + 2, 8);
	expect(strcmp(text, "0123456767") == 0, "memmove downwards");
	expect(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "") > 0 && strncmp("abc", "abd", 2) == 0,
		"strcmp");
	expect(strcasecmp("LoaD", "lOAd") == 0, "strcasecmp");
	expect(strcmp(strstr("pocket rocket", "rock"), "rocket") == 0 && !strstr("rock", "rocket"), "strstr");
	uint64_t number;
	expect(parse_number("0xffffffffffffffff", &number) && number == ~0ul, "parse_number, hexadecimal");
	expect(!parse_number("18446744073709551616", &number) && !parse_number("12x", &number) && !parse_number("", &number),
		"parse_number refuses");
}

static bool filled(const uint8_t *bytes, size_t size, uint8_t with) {
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != with) return false;
	return true;
}

/* Blocks of all sizes come, grow, shrink and go in a fixed order; each keeps its own contents. */
static void check_heap(void) {
	struct heap_usage before = heap_usage();
	uint8_t *blocks[SLOTS] = { 0 };
	size_t sizes[SLOTS] = { 0 };
	uint32_t random = 1;
	for (int step = 0; step < 4000; step++) {
		random = random * 1664525 + 1013904223;
		size_t slot = random >> 26, size = (random >> 8) % 5000 + 1;
		expect(filled(blocks[slot], sizes[slot], slot), "a block keeps its contents");
		uint8_t *block = step % 3 == 0 ? NULL : krealloc(blocks[slot], size);
		if (step % 3 == 0) kfree(blocks[slot]);
		else expect(filled(block, size < sizes[slot] ? size : sizes[slot], slot), "krealloc keeps the contents");
		blocks[slot] = block;
		sizes[slot] = block ? size : 0;
		if (block) memset(block, slot, size);
	}
	for (int slot = 0; slot < SLOTS; slot++) kfree(blocks[slot]);
	struct heap_usage after = heap_usage();
	expect(after.used == before.used && after.blocks == before.blocks && after.mapped == before.mapped,
		"the heap is as before");
}

static void check_alignment(void) {
	struct heap_usage before = heap_usage();
	void *blocks[16];
	for (int i = 0; i < 16; i++) {
		blocks[i] = kmalloc_aligned(100, 1ul << (i + 1));
		expect(((uintptr_t)blocks[i] & ((1ul << (i + 1)) - 1)) == 0, "kmalloc_aligned aligns");
	}
	for (int i = 0; i < 16; i++) kfree(blocks[(i * 7) % 16]);
	expect(heap_usage().used == before.used && heap_usage().mapped == before.mapped, "aligned blocks go back");
	expect((uintptr_t)&check_alignment < 0x80000000, "modules and the heap are in the lower half");
}

static void check_exhaustion(void) {
	struct heap_usage before = heap_usage();
	expect(!kmalloc(1ul << 40) && !kmalloc(0x60000000) && !kmalloc_aligned(16, 1ul << 40), "too much is NULL");
	uint8_t *big = kmalloc(8 << 20);
	expect(big && !krealloc(big, 1ul << 40), "krealloc of too much is NULL and keeps the block");
	big[(8 << 20) - 1] = 1;
	kfree(big);
	expect(heap_usage().mapped == before.mapped, "big blocks give their pages back");
}

static bool count_entry(const struct file_info *info, void *context) {
	if (strcmp(info->name, "boot") == 0 && info->is_directory) ++*(int *)context;
	return true;
}

static void check_files(void) {
	struct file_info info;
	size_t size;
	int found = 0;
	expect(file_stat("/boot//../boot/./kernel.sym", &info) && !info.is_directory && info.size > 0,
		"paths are cleaned");
	expect(file_stat("/../..", &info) && info.is_directory, "above the root is the root");
	expect(file_list("/", count_entry, &found) && found == 1, "the root lists boot once");
	char *bytes = file_read("/boot/kernel.sym", &size);
	expect(bytes && strlen(bytes) == size, "file_read ends with NUL");
	kfree(bytes);
	expect(!file_read("/boot", &size) && strcmp(file_error(), "is a directory") == 0, "a directory is no file");
	expect(!file_read("/readme.txt/x", &size) && strcmp(file_error(), "not a directory") == 0,
		"a file is no directory");
	expect(!file_list("/nowhere", count_entry, &found) && strcmp(file_error(), "no such file") == 0,
		"nothing is nowhere");
}

static void check_symbols(void) {
	char name[96];
	expect(symbol_describe(symbol_address("kfree"), name, sizeof name) && strcmp(name, "kfree+0x0") == 0,
		"kernel symbols");
	symbol_describe((uint64_t)check_symbols, name, sizeof name);
	expect(strcmp(name, "selftest.ko:check_symbols+0x0") == 0,
		"module symbols");
	expect(!symbol_describe(0x1234, name, sizeof name) && strcmp(name, "0000000000001234") == 0, "no symbol");
}

static void check_time(void) {
	uint64_t start = ticks();
	sleep_ticks(3);
	expect(ticks() >= start + 3, "sleep_ticks");
	struct date now = rtc_now();
	bool day = now.year >= 1990 && now.month >= 1 && now.month <= 12 && now.day >= 1 && now.day <= 31;
	expect(day && now.hour < 24 && now.minute < 60 && now.second < 61,
		"rtc_now");
}

static void check_pci(void) {
	const struct pci_function *bridge = pci_get(0);
	expect(pci_count() > 2 && bridge && bridge->class_code == 6 && !pci_get(pci_count()), "pci_get");
	expect(bridge && pci_read(bridge, 0) == ((uint32_t)bridge->product << 16 | bridge->vendor), "pci_read");
}

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	check_formats();
	check_strings();
	check_heap();
	check_alignment();
	check_exhaustion();
	check_files();
	check_symbols();
	check_time();
	check_pci();
	if (good) kprintf("selftest: all good\n");
	return good;
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {}
