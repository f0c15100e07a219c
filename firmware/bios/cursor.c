/*
 * The cursor and the pages: INT 10h AH=01h, 02h, 05h.
 */
#include "bda.h"
#include "vga.h"
#include "video.h"

#define CURSOR_OFF 0x20
#define MODE_SET_VGA_ACTIVE 0x01
#define CGA_HEIGHT 8

static void write_word(u8 index, u16 value)
{
	vga_write(bda->crtc_port, index, value >> 8);
	vga_write(bda->crtc_port, index + 1, value);
}

/**
 * Programs give the shape in the CGA's 8 lines; on taller characters it is scaled, and a two-line
 * underline stays two lines.
 */
void cursor_shape(u8 start, u8 end)
{
	u8 height = bda->character_height;
	start &= 0x3f;
	end &= 0x1f;
	bda->cursor_start = start;
	bda->cursor_end = end;
	if ((bda->mode_set_control & MODE_SET_VGA_ACTIVE) && height > CGA_HEIGHT && end < CGA_HEIGHT &&
	    start < CURSOR_OFF) {
		if (end == start + 1)
			start = (end + 1) * height / CGA_HEIGHT - 2;
		else
			start = (start + 1) * height / CGA_HEIGHT - 1;
		end = (end + 1) * height / CGA_HEIGHT - 1;
	}
	vga_write(bda->crtc_port, CR_CURSOR_START, start);
	vga_write(bda->crtc_port, CR_CURSOR_END, end);
}

static void show(u8 page)
{
	u16 cell = bda->page_start / 2 + bda->cursor[page].row * bda->columns + bda->cursor[page].column;
	write_word(CR_CURSOR_HIGH, cell);
}

void cursor_move(u8 page, u8 column, u8 row)
{
	bda->cursor[page].column = column;
	bda->cursor[page].row = row;
	if (page == bda->active_page)
		show(page);
}

void page_select(u8 page)
{
	const struct VideoMode *m = video_mode_current();
	if (!m || page > 7)
		return;
	bda->active_page = page;
	bda->page_start = page * bda->page_bytes;
	/* Text is addressed by cells of two bytes, planes by bytes. */
	write_word(CR_START_HIGH, m->kind == VIDEO_TEXT ? bda->page_start / 2 : bda->page_start);
	show(page);
}
