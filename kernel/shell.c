/*
 * The shell: a list of commands, and lines taken apart into words. Words are separated by blanks; double
 * quotes keep blanks.
 */
#include "shell.h"

#define PROMPT "rocket> "
#define MAX_WORDS 16

static struct command *commands; /* in order of name */

/* The link where a command of that name is, or would be. */
static struct command **place_of(const char *name) {
	struct command **link = &commands;
	while (*link && strcmp((*link)->name, name) < 0) link = &(*link)->next;
	return link;
}

bool shell_add_command(struct command *command) {
	struct command **link = place_of(command->name);
	if (*link && strcmp((*link)->name, command->name) == 0) return false;
	command->next = *link;
	*link = command;
	return true;
}

void shell_remove_command(struct command *command) {
	for (struct command **link = &commands; *link; link = &(*link)->next)
		if (*link == command) {
			*link = command->next;
			return;
		}
}

static bool within(const void *pointer, const void *base, size_t size) {
	return (uintptr_t)pointer - (uintptr_t)base < size;
}

void shell_forget_range(const void *base, size_t size) {
	for (struct command **link = &commands; *link;) {
		bool gone = within(*link, base, size) || within((void *)(*link)->run, base, size);
		if (gone) *link = (*link)->next;
		else link = &(*link)->next;
	}
}

/* Cuts the line into words in place. */
static int split(char *line, char *words[MAX_WORDS]) {
	int count = 0;
	for (;;) {
		while (*line == ' ') line++;
		if (!*line || count == MAX_WORDS) return count;
		char end = *line == '"' ? *line++ : ' ';
		words[count++] = line;
		while (*line && *line != end) line++;
		if (*line) *line++ = 0;
	}
}

static void run(char *line) {
	char *words[MAX_WORDS];
	int count = split(line, words);
	if (count == 0) return;
	struct command *command = *place_of(words[0]);
	if (command && strcmp(command->name, words[0]) == 0) command->run(count, words);
	else kprintf("%s: no such command; try help\n", words[0]);
}

static void help(int argc, char **argv) {
	(void)argc, (void)argv;
	for (const struct command *c = commands; c; c = c->next) {
		char usage[40];
		snprintf(usage, sizeof usage, "%s %s", c->name, c->arguments);
		kprintf("  %-18s %s\n", usage, c->help);
	}
}

void shell_run(void) {
	static struct command help_command = { "help", "", "show this list", help, NULL };
	static char line[LINE_MAX];
	shell_add_command(&help_command);
	add_file_commands();
	add_module_commands();
	add_system_commands();
	add_power_commands();
	for (;;) {
		line_read(PROMPT, line);
		run(line);
	}
}
