/*
 * hexdump.ko: the command `hexdump PATH [BYTES]`.
 *
 * It shows what a module usually is: a structure for the shell, a function that calls the kernel, and
 * entry points that add and remove the one and free what the other took.
 */
#include <kernel.h>

#define BYTES_PER_LINE 16
#define DEFAULT_BYTES 256

static void show_line(const uint8_t *bytes, size_t offset, size_t count) {
	kprintf("%08lx ", offset);
	for (size_t i = 0; i < BYTES_PER_LINE; i++) {
		if (i < count) kprintf(" %02x", bytes[offset + i]);
		else kprintf("   ");
	}
	kprintf("  ");
	for (size_t i = 0; i < count; i++) {
		uint8_t byte = bytes[offset + i];
		kprintf("%c", byte >= ' ' && byte < 0x7f ? byte : '.');
	}
	kprintf("\n");
}

static void hexdump(int argc, char **argv) {
	uint64_t limit = DEFAULT_BYTES;
	if (argc < 2 || (argc > 2 && !parse_number(argv[2], &limit))) {
		kprintf("usage: hexdump PATH [BYTES]\n");
		return;
	}
	size_t size;
	uint8_t *bytes = file_read(argv[1], &size);
	if (!bytes) {
		kprintf("hexdump: %s: %s\n", argv[1], file_error());
		return;
	}
	if (size > limit) size = limit;
	for (size_t at = 0; at < size; at += BYTES_PER_LINE)
		show_line(bytes, at, size - at < BYTES_PER_LINE ? size - at : BYTES_PER_LINE);
	kfree(bytes);
}

static struct command command = { "hexdump", "PATH [N]", "show a file's first bytes", hexdump, NULL };

bool EXPORTED MOD_INIT_SYM(KMOD_ABI)(void) {
	return shell_add_command(&command);
}

void EXPORTED MOD_EXIT_SYM(KMOD_ABI)(void) {
	shell_remove_command(&command);
}
