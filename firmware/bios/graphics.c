/*
 * Characters and pixels in graphics modes.
 *
 * Every kind is seen as lines of bytes: `line_offset` says where a line starts, `bytes_a_column`
 * how many bytes are eight pixels. Planar modes go through the VGA's set/reset logic, so that a byte
 * written is eight pixels of one colour.
 */
#include "bda.h"
#include "far.h"
#include "vga.h"
#include "video.h"

#define COLOUR_XOR 0x80
#define WRITE_MODE_0 0x00
#define WRITE_MODE_1 0x01
#define CGA_BANK 0x2000

static u16 bytes_a_line(const struct VideoMode *m)
{
	return m->kind == VIDEO_CGA4 ? 80 : m->kind == VIDEO_LINEAR ? 320 : m->columns;
}

static u8 bytes_a_column(const struct VideoMode *m)
{
	return m->kind == VIDEO_CGA4 ? 2 : m->kind == VIDEO_LINEAR ? 8 : 1;
}

static u16 line_offset(const struct VideoMode *m, u8 page, u16 line)
{
	if (m->kind == VIDEO_CGA4 || m->kind == VIDEO_CGA2)
		return (line & 1 ? CGA_BANK : 0) + (line >> 1) * 80;
	if (m->kind == VIDEO_LINEAR) /* one page, whatever the data area says */
		page = 0;
	return page * m->page_bytes + line * bytes_a_line(m);
}

/** Planes: the next writes give `colour` where `mask` is set. */
static void planes_colour(u8 colour, u8 mask, u8 function)
{
	vga_write(VGA_GRAPHICS, GR_SET_RESET, colour & 15);
	vga_write(VGA_GRAPHICS, GR_ENABLE_SET_RESET, 15);
	vga_write(VGA_GRAPHICS, GR_ROTATE, function);
	vga_write(VGA_GRAPHICS, GR_BIT_MASK, mask);
}

static void planes_done(void)
{
	vga_write(VGA_GRAPHICS, GR_SET_RESET, 0);
	vga_write(VGA_GRAPHICS, GR_ENABLE_SET_RESET, 0);
	vga_write(VGA_GRAPHICS, GR_ROTATE, 0);
	vga_write(VGA_GRAPHICS, GR_BIT_MASK, 0xff);
	vga_write(VGA_GRAPHICS, GR_MODE, WRITE_MODE_0);
}

static void touch(u16 segment, u16 offset)
{
	peek8(segment, offset); /* fills the latches */
	poke8(segment, offset, 0xff);
}

/* Glyphs. ------------------------------------------------------------------------------------- */

/** A character's bitmap: INT 43h; the upper half of CGA modes is at INT 1Fh. */
static struct Far glyph(const struct VideoMode *m, u8 character)
{
	bool upper = character >= 128 && (m->kind == VIDEO_CGA4 || m->kind == VIDEO_CGA2);
	u8 vector = upper ? 0x1f : 0x43;
	u16 index = upper ? character - 128 : character;
	return (struct Far){vectors[vector].offset + index * bda->character_height, vectors[vector].segment};
}

static void draw_planar(u16 segment, u16 offset, u8 bits, u8 colour)
{
	if (!(colour & COLOUR_XOR)) {
		planes_colour(0, 0xff, 0);
		touch(segment, offset);
	}
	planes_colour(colour, bits, colour & COLOUR_XOR ? ROTATE_XOR : 0);
	touch(segment, offset);
}

static void draw_linear(u16 segment, u16 offset, u8 bits, u8 colour)
{
	for (int i = 0; i < 8; i++, bits <<= 1)
		poke8(segment, offset + i, bits & 0x80 ? colour : 0);
}

/** Two bits a pixel: eight pixels are a word, leftmost in the first byte's top bits. */
static void draw_cga4(u16 segment, u16 offset, u8 bits, u8 colour)
{
	u16 pixels = 0;
	for (int i = 0; i < 8; i++)
		pixels = pixels << 2 | (bits << i & 0x80 ? colour & 3 : 0);
	pixels = pixels >> 8 | pixels << 8;
	poke16(segment, offset, colour & COLOUR_XOR ? peek16(segment, offset) ^ pixels : pixels);
}

static void draw_cga2(u16 segment, u16 offset, u8 bits, u8 colour)
{
	u8 pixels = colour & 1 ? bits : 0;
	poke8(segment, offset, colour & COLOUR_XOR ? peek8(segment, offset) ^ pixels : pixels);
}

void glyph_draw(const struct VideoMode *m, u8 page, u8 column, u8 row, struct Cell cell)
{
	static void (*const draw[])(u16, u16, u8, u8) = {
		[VIDEO_CGA4] = draw_cga4,
		[VIDEO_CGA2] = draw_cga2,
		[VIDEO_PLANAR] = draw_planar,
		[VIDEO_LINEAR] = draw_linear,
	};
	struct Far bitmap = glyph(m, cell.character);
	u16 height = bda->character_height;
	for (u16 i = 0; i < height; i++) {
		u8 bits = peek8(bitmap.segment, bitmap.offset + i);
		u16 offset = line_offset(m, page, row * height + i) + column * bytes_a_column(m);
		draw[m->kind](m->segment, offset, bits, cell.attribute);
	}
	if (m->kind == VIDEO_PLANAR)
		planes_done();
}

/** Eight pixels of a line as bits: set where not the background colour 0. */
static u8 read_bits(const struct VideoMode *m, u16 offset)
{
	u8 bits = 0;
	switch (m->kind) {
	case VIDEO_PLANAR:
		for (int plane = 0; plane < 4; plane++) {
			vga_write(VGA_GRAPHICS, GR_READ_MAP, plane);
			bits |= peek8(m->segment, offset);
		}
		break;
	case VIDEO_LINEAR:
		for (int i = 0; i < 8; i++)
			bits = bits << 1 | (peek8(m->segment, offset + i) != 0);
		break;
	case VIDEO_CGA4:
		for (int i = 0; i < 8; i++)
			bits = bits << 1 | ((peek8(m->segment, offset + i / 4) << (i & 3) * 2 & 0xc0) != 0);
		break;
	default:
		bits = peek8(m->segment, offset);
		break;
	}
	return bits;
}

/** Which character's bitmap is on the screen; 0 if none. */
u8 glyph_read(const struct VideoMode *m, u8 page, u8 column, u8 row)
{
	u8 seen[16], height = bda->character_height;
	if (height > sizeof(seen))
		height = sizeof(seen);
	for (u8 i = 0; i < height; i++)
		seen[i] = read_bits(m, line_offset(m, page, row * height + i) + column * bytes_a_column(m));
	for (u16 c = 0; c < 256; c++) {
		struct Far bitmap = glyph(m, c);
		u8 i = 0;
		while (i < height && peek8(bitmap.segment, bitmap.offset + i) == seen[i])
			i++;
		if (i == height)
			return c;
	}
	return 0;
}

/* Scrolling. ---------------------------------------------------------------------------------- */

static u8 fill_byte(const struct VideoMode *m, u8 colour)
{
	switch (m->kind) {
	case VIDEO_CGA4:
		return (colour & 3) * 0x55;
	case VIDEO_CGA2:
		return colour & 1 ? 0xff : 0;
	default:
		return colour;
	}
}

void graphics_scroll(const struct VideoMode *m, u8 page, struct Window w, u8 lines, u8 colour, bool down)
{
	u16 height = bda->character_height, move = lines * height;
	u16 top = w.top * height, count = (w.bottom - w.top + 1) * height;
	u16 left = w.left * bytes_a_column(m), bytes = (w.right - w.left + 1) * bytes_a_column(m);
	bool planar = m->kind == VIDEO_PLANAR;

	if (planar)
		vga_write(VGA_GRAPHICS, GR_MODE, WRITE_MODE_1); /* copies all planes by the latches */
	for (u16 i = 0; i + move < count; i++) {
		u16 to = down ? top + count - 1 - i : top + i;
		u16 from = down ? to - move : to + move;
		far_copy(m->segment, line_offset(m, page, to) + left, m->segment, line_offset(m, page, from) + left, bytes);
	}
	if (planar) {
		vga_write(VGA_GRAPHICS, GR_MODE, WRITE_MODE_0);
		planes_colour(colour, 0xff, 0);
	}
	for (u16 i = count - move; i < count; i++) {
		u16 line = down ? top + count - 1 - i : top + i;
		far_fill8(m->segment, line_offset(m, page, line) + left, fill_byte(m, colour), bytes);
	}
	if (planar)
		planes_done();
}

/* Pixels. ------------------------------------------------------------------------------------- */

static void pixel_write(const struct VideoMode *m, u8 page, u16 x, u16 y, u8 colour)
{
	u16 line = line_offset(m, page, y);
	u8 bits = m->kind == VIDEO_CGA4 ? 2 : 1, shift;
	switch (m->kind) {
	case VIDEO_LINEAR:
		poke8(m->segment, line + x, colour);
		break;
	case VIDEO_PLANAR:
		planes_colour(colour, 0x80 >> (x & 7), colour & COLOUR_XOR ? ROTATE_XOR : 0);
		touch(m->segment, line + x / 8);
		planes_done();
		break;
	default: {
		u16 offset = line + x * bits / 8;
		shift = 8 - bits - x * bits % 8;
		u8 mask = ((1 << bits) - 1) << shift, old = peek8(m->segment, offset), new = colour << shift & mask;
		poke8(m->segment, offset, colour & COLOUR_XOR ? old ^ new : (old & ~mask) | new);
	}
	}
}

static u8 pixel_read(const struct VideoMode *m, u8 page, u16 x, u16 y)
{
	u16 line = line_offset(m, page, y);
	u8 bits = m->kind == VIDEO_CGA4 ? 2 : 1, colour = 0;
	if (m->kind == VIDEO_LINEAR)
		return peek8(m->segment, line + x);
	if (m->kind != VIDEO_PLANAR)
		return peek8(m->segment, line + x * bits / 8) >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
	for (int plane = 3; plane >= 0; plane--) {
		vga_write(VGA_GRAPHICS, GR_READ_MAP, plane);
		colour = colour << 1 | (peek8(m->segment, line + x / 8) >> (7 - (x & 7)) & 1);
	}
	return colour;
}

void pixel_service(struct Registers *r)
{
	const struct VideoMode *m = video_mode_current();
	if (!m || m->kind == VIDEO_TEXT)
		return;
	if (r->ah == 0x0c)
		pixel_write(m, r->bh & 7, r->cx, r->dx, r->al);
	else
		r->al = pixel_read(m, r->bh & 7, r->cx, r->dx);
}
