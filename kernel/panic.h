/*
 * What panic.c and backtrace.c share.
 */
#pragma once

#include <kernel.h>

/* Prints to every output: the screen, COM1, port E9h. */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Prints who called whom, from the instruction at `rip` with that RBP and RSP; RSP is 0 if `rip` is known
 * to lie in a function with a frame. Reads nothing that could fault; allocates nothing.
 */
void backtrace(uint64_t rip, uint64_t rbp, uint64_t rsp);
