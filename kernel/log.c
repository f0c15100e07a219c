/*
 * kprintf and dprintf, and the ring buffer of what dprintf said.
 */
#include "output.h"
#include "print.h"

#define PORT_DEBUG 0xe9
#define RING_SIZE 16384

static char ring[RING_SIZE];
static size_t written; /* since boot; the next byte goes to written % RING_SIZE */

void text_write(const char *text, size_t length) {
	console_write(text, length);
	serial_write(text, length);
}

void text_show(const char *text, size_t length) {
	console_write(text, length);
	console_refresh();
	serial_write(text, length);
}

void debug_write(const char *text, size_t length) {
	for (size_t i = 0; i < length; i++) {
		outb(PORT_DEBUG, text[i]);
		ring[written++ % RING_SIZE] = text[i];
	}
}

/* Starts at a line's beginning where the oldest lines have been overwritten. */
void log_show(void) {
	size_t at = written > RING_SIZE ? written - RING_SIZE : 0;
	if (at > 0)
		while (at < written && ring[at++ % RING_SIZE] != '\n') {}
	for (; at < written; at++) text_write(&ring[at % RING_SIZE], 1);
}

static void to_text(const char *text, size_t length, void *context) {
	(void)context;
	text_write(text, length);
}

static void to_debug(const char *text, size_t length, void *context) {
	(void)context;
	debug_write(text, length);
}

void kprintf(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	format_to(to_text, NULL, format, arguments);
	va_end(arguments);
}

void dprintf(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	format_to(to_debug, NULL, format, arguments);
	va_end(arguments);
}
