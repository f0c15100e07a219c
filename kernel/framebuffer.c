/*
 * A display on the loader's linear framebuffer: 16 colours, glyphs of 8 by 16 dots.
 */
#include "boot.h"
#include "output.h"

#define GLYPH_WIDTH 8
#define GLYPH_HEIGHT 16
#define CURSOR_TOP 13 /* the cursor covers rows 13 and 14, as the BIOS programs a VGA */
#define CURSOR_END 15

/* Made by firmware/font/font.ts: a byte a row, bit 7 leftmost, code page 437. */
extern const unsigned char console_font[256][GLYPH_HEIGHT];

/* The VGA's default palette, 8 bits a colour. */
static const uint32_t palette[16] = {
	0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
	0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff,
};

static struct framebuffer *const screen = &boot_info.framebuffer;
static uint32_t pixels[16]; /* the palette as the framebuffer stores it */

static uint32_t to_pixel(uint32_t rgb) {
	uint32_t red = rgb >> 16 & 0xff, green = rgb >> 8 & 0xff, blue = rgb & 0xff;
	return red >> (8 - screen->red_size) << screen->red_shift | green >> (8 - screen->green_size) << screen->green_shift |
	       blue >> (8 - screen->blue_size) << screen->blue_shift;
}

static uint8_t *put_pixel(uint8_t *at, uint32_t pixel) {
	for (int i = 0; i < screen->bytes_per_pixel; i++) *at++ = pixel >> (8 * i);
	return at;
}

/* One row of dots, lit where `bits` has ones, in any depth. */
static void draw_row(uint8_t *at, uint8_t bits, uint32_t lit, uint32_t dark) {
	for (int x = 0; x < GLYPH_WIDTH; x++, bits <<= 1) at = put_pixel(at, bits & 0x80 ? lit : dark);
}

/* The same in 32 bits, two dots a store. pairs[] is indexed by two bits of the glyph, the left dot in the high one. */
static void draw_row_32(uint8_t *at, uint8_t bits, const uint64_t pairs[4]) {
	volatile uint64_t *two = (volatile uint64_t *)at;
	two[0] = pairs[bits >> 6];
	two[1] = pairs[bits >> 4 & 3];
	two[2] = pairs[bits >> 2 & 3];
	two[3] = pairs[bits & 3];
}

static uint8_t *row_at(unsigned column, unsigned row, unsigned y) {
	uint8_t *base = direct(screen->physical);
	return base + (size_t)(row * GLYPH_HEIGHT + y) * screen->pitch + column * GLYPH_WIDTH * screen->bytes_per_pixel;
}

static void draw(unsigned column, unsigned row, uint16_t cell) {
	const unsigned char *glyph = console_font[cell & 0xff];
	uint32_t lit = pixels[cell >> 8 & 15], dark = pixels[cell >> 12];
	const uint64_t l = lit, d = dark, pairs[4] = { d << 32 | d, l << 32 | d, d << 32 | l, l << 32 | l };
	uint8_t *at = row_at(column, row, 0);
	for (unsigned y = 0; y < GLYPH_HEIGHT; y++, at += screen->pitch)
		if (screen->bytes_per_pixel == 4) draw_row_32(at, glyph[y], pairs);
		else draw_row(at, glyph[y], lit, dark);
}

/* The whole screen, and what of it makes no cell at the right and at the bottom: the loader may have left something there. */
static void clear(uint16_t blank) {
	uint32_t dark = pixels[blank >> 12];
	for (unsigned y = 0; y < screen->height; y++) {
		uint8_t *at = (uint8_t *)direct(screen->physical) + (size_t)y * screen->pitch;
		size_t count = screen->width;
		if (screen->bytes_per_pixel == 4) __asm__ volatile("rep stosl" : "+D"(at), "+c"(count) : "a"(dark) : "memory");
		else for (; count; count--) at = put_pixel(at, dark);
	}
}

static void cursor(unsigned column, unsigned row, uint16_t cell) {
	uint32_t lit = pixels[cell >> 8 & 15];
	for (unsigned y = CURSOR_TOP; y < CURSOR_END; y++) draw_row(row_at(column, row, y), 0xff, lit, lit);
}

const struct display *framebuffer_display(void) {
	static struct display display = { .draw = draw, .clear = clear, .cursor = cursor };
	if (!screen->width) return NULL;
	for (int i = 0; i < 16; i++) pixels[i] = to_pixel(palette[i]);
	display.columns = screen->width / GLYPH_WIDTH;
	display.rows = screen->height / GLYPH_HEIGHT;
	dprintf("framebuffer: %ux%u, %u bits\n", screen->width, screen->height, screen->bytes_per_pixel * 8);
	return &display;
}
