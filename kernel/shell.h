/*
 * The shell's parts: shell.c takes lines apart and runs commands, line.c edits them, commands*.c are the commands.
 */
#pragma once

#include <kernel.h>

/* Reads and runs commands for ever. */
_Noreturn void shell_run(void);
/* Removes every command whose structure or function lies in the range: a module is going. */
void shell_forget_range(const void *base, size_t size);

/* The built-in commands. */
void add_file_commands(void);
void add_module_commands(void);
void add_system_commands(void);
void add_power_commands(void);

#define LINE_MAX 200

/* Shows `prompt` and lets the user edit a line, which is returned without its end. Interrupts must be on. */
void line_read(const char *prompt, char to[LINE_MAX]);
