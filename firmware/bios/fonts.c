/*
 * INT 10h AH=11h: character generators.
 *
 * In text modes glyphs live in plane 2, 32 bytes each, in eight blocks of 8 KiB. While they are loaded, the
 * planes are addressed one by one at A0000h. In graphics modes INT 43h points to the font.
 */
#include "fonts.h"
#include "bda.h"
#include "far.h"
#include "vga.h"
#include "video.h"

#define PLANE_SEGMENT 0xa000
#define GLYPH_STRIDE 32
#define VECTOR_UPPER_8X8 0x1f
#define VECTOR_FONT 0x43
#define GR_MISC_A0000_64K 0x04
#define PAGE_UNIT 0x0800

static struct Far rom(const void *font)
{
	return (struct Far){(u32)font, DATA_SEGMENT};
}

static void plane2_open(void)
{
	vga_write(VGA_SEQUENCER, 0, 1);
	vga_write(VGA_SEQUENCER, SR_MAP_MASK, 4);
	vga_write(VGA_SEQUENCER, SR_MEMORY_MODE, 7); /* no odd/even */
	vga_write(VGA_SEQUENCER, 0, 3);
	vga_write(VGA_GRAPHICS, GR_READ_MAP, 2);
	vga_write(VGA_GRAPHICS, GR_MODE, 0);
	vga_write(VGA_GRAPHICS, GR_MISC, GR_MISC_A0000_64K);
}

static void plane2_close(void)
{
	vga_write(VGA_SEQUENCER, 0, 1);
	vga_write(VGA_SEQUENCER, SR_MAP_MASK, 3);
	vga_write(VGA_SEQUENCER, SR_MEMORY_MODE, 3);
	vga_write(VGA_SEQUENCER, 0, 3);
	vga_write(VGA_GRAPHICS, GR_READ_MAP, 0);
	vga_write(VGA_GRAPHICS, GR_MODE, 0x10);
	vga_write(VGA_GRAPHICS, GR_MISC, inb(VGA_MISC_READ) & MISC_COLOUR ? 0x0e : 0x0a);
}

/** @param block 0..7; blocks 4..7 lie between 0..3 */
static void load(struct Far from, u16 count, u16 first, u8 block, u8 height)
{
	u16 to = (block & 3) << 14 | (block & 4) << 11;
	plane2_open();
	for (u16 i = 0; i < count; i++)
		far_copy(PLANE_SEGMENT, to + (first + i) * GLYPH_STRIDE, from.segment, from.offset + i * height, height);
	plane2_close();
}

/** Makes the cell `height` lines tall and fits as many rows on the screen. */
static void set_height(u8 height)
{
	u16 crtc = bda->crtc_port;
	vga_write(crtc, CR_MAX_SCAN_LINE, (vga_read(crtc, CR_MAX_SCAN_LINE) & 0xe0) | (height - 1));
	bda->character_height = height;
	cursor_shape(bda->cursor_start, bda->cursor_end);
	u8 overflow = vga_read(crtc, CR_OVERFLOW);
	u16 lines = (vga_read(crtc, CR_VDISPLAY_END) | (overflow & 0x02) << 7 | (overflow & 0x40) << 3) + 1;
	u8 rows = lines / height;
	u16 end = rows * height - 1;
	vga_write(crtc, CR_VDISPLAY_END, end);
	vga_write(crtc, CR_OVERFLOW, (overflow & ~0x42) | (end >> 7 & 0x02) | (end >> 3 & 0x40));
	bda->last_row = rows - 1;
	bda->page_bytes = (rows * bda->columns * 2 + PAGE_UNIT - 1) & ~(PAGE_UNIT - 1);
}

static struct Far rom_font(u8 height)
{
	return height == 8 ? rom(font_8_by_8) : height == 14 ? rom(font_8_by_14) : rom(font_8_by_16);
}

static void point(u8 vector, struct Far to)
{
	set_vector(vector, to.segment, to.offset);
}

void fonts_load_default(const struct VideoMode *m)
{
	if (m->kind == VIDEO_TEXT)
		load(rom_font(m->character_height), 256, 0, 0, m->character_height);
	point(VECTOR_FONT, rom_font(m->character_height));
	point(VECTOR_UPPER_8X8, rom(font_8_by_8[128]));
}

/** AL=00h user, 01h 8x14, 02h 8x8, 04h 8x16; AL=10h-14h change the cell's height as well. */
static void load_text(struct Registers *r)
{
	u8 kind = r->al & 0x0f, height = kind == 1 ? 14 : kind == 2 ? 8 : 16;
	if (kind == 0) {
		height = r->bh;
		if (height == 0 || height > GLYPH_STRIDE || r->cx > 256 || r->dx > 255)
			return;
		load((struct Far){r->bp, r->es}, r->cx, r->dx, r->bl & 7, height);
	} else {
		load(rom_font(height), 256, 0, r->bl & 7, height);
	}
	if (r->al & 0x10)
		set_height(height);
}

/** AL=20h-24h: fonts of graphics modes. BL gives the rows: 0 DL, 1 14, 2 25, 3 43. */
static void set_graphics_font(struct Registers *r)
{
	static const u8 rows[] = {0, 14, 25, 43};
	u8 height = 16;
	if (r->al == 0x20) {
		point(VECTOR_UPPER_8X8, (struct Far){r->bp, r->es});
		return;
	}
	if (r->al == 0x21) {
		height = r->cx;
		point(VECTOR_FONT, (struct Far){r->bp, r->es});
	} else {
		height = r->al == 0x22 ? 14 : r->al == 0x23 ? 8 : 16;
		point(VECTOR_FONT, rom_font(height));
	}
	bda->character_height = height;
	bda->last_row = (r->bl == 0 ? r->dl : r->bl < 4 ? rows[r->bl] : 25) - 1;
}

/** AL=30h: where a font is. */
static void get_information(struct Registers *r)
{
	struct Far at;
	switch (r->bh) {
	case 0:
	case 1:
		at.offset = vectors[r->bh ? VECTOR_FONT : VECTOR_UPPER_8X8].offset;
		at.segment = vectors[r->bh ? VECTOR_FONT : VECTOR_UPPER_8X8].segment;
		break;
	case 2:
	case 5: /* the 9x14 and 9x16 alternates are a list of differences: none */
		at = rom(font_8_by_14);
		break;
	case 3:
		at = rom(font_8_by_8);
		break;
	case 4:
		at = rom(font_8_by_8[128]);
		break;
	case 6:
	case 7:
		at = rom(font_8_by_16);
		break;
	default:
		return;
	}
	r->es = at.segment;
	r->bp = at.offset;
	r->cx = bda->character_height;
	r->dl = bda->last_row;
}

void font_service(struct Registers *r)
{
	switch (r->al) {
	case 0x00:
	case 0x01:
	case 0x02:
	case 0x04:
	case 0x10:
	case 0x11:
	case 0x12:
	case 0x14:
		load_text(r);
		break;
	case 0x03:
		vga_write(VGA_SEQUENCER, SR_CHARACTER_MAP, r->bl);
		break;
	case 0x20:
	case 0x21:
	case 0x22:
	case 0x23:
	case 0x24:
		set_graphics_font(r);
		break;
	case 0x30:
		get_information(r);
		break;
	}
}
