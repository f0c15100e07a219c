/*
 * The outputs: the screen, COM1, port E9h and the ring buffer behind `dmesg`.
 */
#pragma once

#include <kernel.h>

/* A grid of character cells. A cell is as in VGA text memory: character in the low byte, attribute in the high one. */
struct display {
	uint16_t columns, rows;
	void (*draw)(unsigned column, unsigned row, uint16_t cell);
	/* Draws a blank cell everywhere: much sooner done than one by one. */
	void (*clear)(uint16_t blank);
	/* Shows the cursor over the cell, which `draw` of the same cell takes away. */
	void (*cursor)(unsigned column, unsigned row, uint16_t cell);
};

/* Each returns its display, or NULL if the machine has no such thing. */
const struct display *framebuffer_display(void);
const struct display *vga_text_display(void);

#define COLOUR_BLACK 0
#define COLOUR_RED 4
#define COLOUR_GREY 7
#define COLOUR_WHITE 15
#define ATTRIBUTE(foreground, background) ((background) << 4 | (foreground))

/* Chooses the display and clears it. Until then `console_write` is without effect. */
void console_init(void);
/* Interprets \n \r \b \t and the ECMA-48 sequences for colour, cursor and erasing. */
void console_write(const char *text, size_t length);
/* Makes the screen show what was written. Whoever is going to wait or to halt calls it first. */
void console_refresh(void);
/* Sets the attribute for what follows, on the screen only. */
void console_attribute(uint8_t attribute);
/* Characters in a row, for those who must not wrap. */
unsigned console_columns(void);

/* Programs COM1; input starts with serial_start_input, once interrupts are set up. */
void serial_init(void);
void serial_start_input(void);
/* Sends, with \r before every \n. Waits for the transmitter, but not for ever: a port may be absent. */
void serial_write(const char *text, size_t length);

/* Waits until the last byte is on the wire: before the machine goes down, or it would go down with it. */
void serial_drain(void);

/* To the screen and to COM1, without formats. */
void text_write(const char *text, size_t length);
/* The same, and the screen is up to date before COM1 gets a byte: who reads the text there may look at the screen. */
void text_show(const char *text, size_t length);
/* To port E9h and the ring buffer. */
void debug_write(const char *text, size_t length);
/* What the ring buffer holds, oldest first, to the screen and to COM1. */
void log_show(void);
