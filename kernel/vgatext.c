/*
 * A display on VGA text mode, 80 by 25, as the firmware left it: for a loader that gave no framebuffer.
 * Source: IBM VGA technical reference, "CRT Controller Registers".
 */
#include "boot.h"
#include "output.h"

#define COLUMNS 80
#define ROWS 25
#define TEXT_MEMORY 0xb8000
#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CURSOR_LOCATION_HIGH 0x0e
#define CURSOR_LOCATION_LOW 0x0f

static void draw(unsigned column, unsigned row, uint16_t cell) {
	volatile uint16_t *cells = direct(TEXT_MEMORY);
	cells[row * COLUMNS + column] = cell;
}

static void clear(uint16_t blank) {
	for (unsigned i = 0; i < ROWS * COLUMNS; i++) draw(i % COLUMNS, i / COLUMNS, blank);
}

static void cursor(unsigned column, unsigned row, uint16_t cell) {
	(void)cell;
	uint16_t at = row * COLUMNS + column;
	outb(CRTC_INDEX, CURSOR_LOCATION_HIGH);
	outb(CRTC_DATA, at >> 8);
	outb(CRTC_INDEX, CURSOR_LOCATION_LOW);
	outb(CRTC_DATA, at & 0xff);
}

const struct display *vga_text_display(void) {
	static const struct display display = { COLUMNS, ROWS, draw, clear, cursor };
	return &display;
}
