/* Text for people: the log (debug port) and the screen. POST codes for machines that show nothing else. */
#pragma once
#include "types.h"

/** Writes to the debug console. %s %c %d %u %x, width and zero fill as in %04x; %x and %u take u32. */
void log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** The same to the screen, by INT 10h teletype, and to the log. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Puts a code on port 80h. See README.md for the list. */
void post_code(u8 code);
