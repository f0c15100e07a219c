/*
 * ls and cat.
 */
#include "output.h"
#include "shell.h"

static bool show_entry(const struct file_info *info, void *context) {
	(void)context;
	const struct date *d = &info->modified;
	kprintf("%04u-%02u-%02u %02u:%02u ", d->year, d->month, d->day, d->hour, d->minute);
	if (info->is_directory) kprintf("         - %s/\n", info->name);
	else kprintf("%10lu %s\n", info->size, info->name);
	return true;
}

static void list(int argc, char **argv) {
	const char *path = argc > 1 ? argv[1] : "/";
	struct file_info info;
	bool found = file_stat(path, &info);
	if (found && !info.is_directory) show_entry(&info, NULL);
	else if (!found || !file_list(path, show_entry, NULL)) kprintf("ls: %s: %s\n", path, file_error());
}

static void show(int argc, char **argv) {
	if (argc < 2) kprintf("usage: cat PATH...\n");
	for (int i = 1; i < argc; i++) {
		size_t size;
		char *bytes = file_read(argv[i], &size);
		if (bytes) text_write(bytes, size);
		else kprintf("cat: %s: %s\n", argv[i], file_error());
		kfree(bytes);
	}
}

void add_file_commands(void) {
	static struct command commands[] = {
		{ "ls", "[PATH]", "list a directory of the CD", list, NULL },
		{ "cat", "PATH...", "show files", show, NULL },
	};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) shell_add_command(&commands[i]);
}
