/*
 * Where formatted text goes.
 */
#pragma once

#include <kernel.h>

/* Takes `length` characters of output. */
typedef void (*text_sink)(const char *text, size_t length, void *context);

/* Formats into a sink, in pieces. The formats are those that kernel.h lists. */
void format_to(text_sink sink, void *context, const char *format, va_list arguments);
