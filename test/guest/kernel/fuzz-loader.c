/*
 * The module loader on the host, under AddressSanitizer, fed with damaged copies of modules. Whatever is in
 * the file, the loader may refuse it or place it, but not touch a byte that is not its own, nor keep a block.
 *
 *   fuzz-loader ROUNDS MODULE...
 *
 * Nothing is executed: `build` stops before init. The damage is a fixed sequence, so a failure repeats.
 */
#include "module.c"
#include "object.c"
#include "place.c"
#include "relocate.c"

int printf(const char *format, ...);
int atoi(const char *text);
void *malloc(size_t size);
void *aligned_alloc(size_t alignment, size_t size);
void free(void *block);
_Noreturn void abort(void);
int open(const char *path, int flags, ...);
long read(int file, void *to, size_t count);
int close(int file);

#define FILE_MAX 65536
#define MEMORY (16 << 20) /* what the stand-in for the heap has */

static size_t live;
static uint32_t random_state = 1;

void *kmalloc_aligned(size_t size, size_t alignment) {
	if (size > MEMORY || alignment > MEMORY) return NULL;
	live++;
	return aligned_alloc(alignment, ROUND_UP(size ? size : 1, alignment));
}
void *kmalloc(size_t size) { return kmalloc_aligned(size, 16); }
void kfree(void *block) {
	if (block) live--;
	free(block);
}

uint64_t symbol_address(const char *name) { return *name ? 0xffffffff80001234 : 0; }
void symbols_sort(struct symbol *symbols, size_t count) { (void)symbols, (void)count; }
void shell_forget_range(const void *base, size_t size) { (void)base, (void)size; }
void *file_read(const char *path, size_t *size) { return (void)path, (void)size, NULL; }
const char *file_error(void) { return ""; }
void dprintf(const char *format, ...) { (void)format; }
size_t strlcpy(char *to, const char *from, size_t size) {
	(void)size;
	memcpy(to, from, strlen(from) + 1);
	return strlen(from);
}

static uint32_t next_random(void) {
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

/* Values at which checks go wrong: zero, small, sign and size limits, and anything. */
static uint64_t nasty_value(void) {
	static const uint64_t values[] = { 0, 1, 2, 24, 63, 64, 65, 0x7f, 0xff, 0xfff1, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffff00, 0xffffffffffffffff };
	size_t choice = next_random() % (sizeof values / sizeof *values + 4);
	return choice < sizeof values / sizeof *values ? values[choice] : next_random() % 4096;
}

/* Half of the damage goes to the header and the section table, where the structure is. */
static size_t nasty_place(const uint8_t *bytes, size_t size) {
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	size_t table = header->e_shoff, length = header->e_shnum * sizeof(Elf64_Shdr);
	switch (next_random() % 4) {
	case 0: return next_random() % sizeof *header;
	case 1:
	case 2: return length && table <= size && length <= size - table ? table + next_random() % length : next_random() % size;
	default: return next_random() % size;
	}
}

static void damage(uint8_t *bytes, size_t size) {
	for (uint32_t count = 1 + next_random() % 3; count > 0; count--) {
		uint64_t value = nasty_value();
		size_t width = 1u << next_random() % 4, at = nasty_place(bytes, size) & ~(width - 1);
		if (at + width <= size) memcpy(bytes + at, &value, width);
	}
}

/* The file lies in a block of exactly its size, so that every byte read past its end is found. */
static bool attempt(const uint8_t *original, size_t size, bool whole) {
	uint8_t *bytes = malloc(size ? size : 1);
	memcpy(bytes, original, size);
	if (whole) damage(bytes, size);
	module *m = build("fuzz", bytes, size);
	free(bytes);
	if (m) release(m);
	if (live != 0) {
		printf("a block was kept after: %s\n", m ? "a load" : module_error());
		abort();
	}
	return m != NULL;
}

int main(int argc, char **argv) {
	static uint8_t original[FILE_MAX];
	size_t loaded = 0, refused = 0, rounds = argc > 1 ? atoi(argv[1]) : 0;
	for (int i = 2; i < argc; i++) {
		int file = open(argv[i], 0);
		long size = read(file, original, sizeof original);
		close(file);
		if (size <= 0 || !attempt(original, size, false)) {
			printf("%s: %s\n", argv[i], size > 0 ? module_error() : "cannot be read");
			return 1;
		}
		for (long length = 0; length < size; length++) ++*(attempt(original, length, false) ? &loaded : &refused);
		for (size_t round = 0; round < rounds; round++) ++*(attempt(original, size, true) ? &loaded : &refused);
	}
	printf("%lu loaded, %lu refused\n", loaded, refused);
	return 0;
}
