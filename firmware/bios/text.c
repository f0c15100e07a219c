/*
 * Characters: INT 10h AH=06h-0Ah, 0Eh, 13h, in text modes and, by way of graphics.c, in graphics.
 */
#include "bda.h"
#include "far.h"
#include "video.h"

#define BELL 0x07
#define BACKSPACE 0x08
#define LINE_FEED 0x0a
#define CARRIAGE_RETURN 0x0d

static u16 cell_offset(u8 page, u8 column, u8 row)
{
	return page * bda->page_bytes + (row * bda->columns + column) * 2;
}

struct Cell cell_read(u8 page, u8 column, u8 row)
{
	const struct VideoMode *m = video_mode_current();
	if (!m)
		return (struct Cell){0, 0};
	if (m->kind != VIDEO_TEXT)
		return (struct Cell){glyph_read(m, page, column, row), 0};
	u16 cell = peek16(m->segment, cell_offset(page, column, row));
	return (struct Cell){cell, cell >> 8};
}

void cell_write(u8 page, u8 column, u8 row, struct Cell cell, bool with_attribute)
{
	const struct VideoMode *m = video_mode_current();
	if (!m)
		return;
	if (m->kind != VIDEO_TEXT) {
		glyph_draw(m, page, column, row, cell);
		return;
	}
	u16 offset = cell_offset(page, column, row);
	poke8(m->segment, offset, cell.character);
	if (with_attribute)
		poke8(m->segment, offset + 1, cell.attribute);
}

static void text_scroll(const struct VideoMode *m, u8 page, struct Window w, u8 lines, u8 attribute, bool down)
{
	u8 columns = w.right - w.left + 1, rows = w.bottom - w.top + 1;
	for (u8 i = 0; i < rows; i++) {
		u8 row = down ? w.bottom - i : w.top + i;
		u16 to = cell_offset(page, w.left, row);
		if (i + lines < rows)
			far_copy(m->segment, to, m->segment, cell_offset(page, w.left, down ? row - lines : row + lines),
				 columns * 2);
		else
			far_fill16(m->segment, to, attribute << 8 | ' ', columns);
	}
}

/** Moves a window's contents by `lines`; 0 clears it. The window is cut to the screen. */
void scroll(u8 page, struct Window w, u8 lines, u8 attribute, bool down)
{
	const struct VideoMode *m = video_mode_current();
	if (!m)
		return;
	if (w.bottom > bda->last_row)
		w.bottom = bda->last_row;
	if (w.right >= bda->columns)
		w.right = bda->columns - 1;
	if (w.left > w.right || w.top > w.bottom)
		return;
	if (lines == 0 || lines > w.bottom - w.top + 1)
		lines = w.bottom - w.top + 1;
	if (m->kind == VIDEO_TEXT)
		text_scroll(m, page, w, lines, attribute, down);
	else
		graphics_scroll(m, page, w, lines, attribute, down);
}

/** Moves on after a character: wraps, and scrolls at the bottom. */
static void line_feed(u8 page, u8 column)
{
	u8 row = bda->cursor[page].row + 1;
	if (row > bda->last_row) {
		row = bda->last_row;
		/* New lines take the colour at the cursor, as the IBM BIOS does. */
		struct Cell under = cell_read(page, bda->cursor[page].column, row);
		const struct VideoMode *m = video_mode_current();
		u8 attribute = m && m->kind == VIDEO_TEXT ? under.attribute : 0;
		scroll(page, (struct Window){0, 0, bda->columns - 1, row}, 1, attribute, false);
	}
	cursor_move(page, column, row);
}

static void teletype(u8 page, struct Cell cell, bool with_attribute)
{
	u8 column = bda->cursor[page].column, row = bda->cursor[page].row;
	switch (cell.character) {
	case BELL:
		return;
	case BACKSPACE:
		if (column)
			cursor_move(page, column - 1, row);
		return;
	case CARRIAGE_RETURN:
		cursor_move(page, 0, row);
		return;
	case LINE_FEED:
		line_feed(page, column);
		return;
	}
	cell_write(page, column, row, cell, with_attribute);
	if (column + 1 < bda->columns)
		cursor_move(page, column + 1, row);
	else
		line_feed(page, 0);
}

/** AH=09h, 0Ah: CX copies from the cursor on, which stays. */
static void repeat(struct Registers *r)
{
	u8 page = r->bh & 7, column = bda->cursor[page].column, row = bda->cursor[page].row;
	struct Cell cell = {r->al, r->bl};
	for (u16 i = 0; i < r->cx && row <= bda->last_row; i++) {
		cell_write(page, column, row, cell, r->ah == 0x09);
		if (++column == bda->columns) {
			column = 0;
			row++;
		}
	}
}

/** AH=13h: AL bit 0 moves the cursor, bit 1 says that attributes alternate with characters. */
static void write_string(struct Registers *r)
{
	u8 page = r->bh & 7;
	u8 column = bda->cursor[page].column, row = bda->cursor[page].row;
	u16 from = r->bp;
	cursor_move(page, r->dl, r->dh == 0xff ? row : r->dh);
	for (u16 i = 0; i < r->cx; i++) {
		struct Cell cell = {peek8(r->es, from++), r->bl};
		if (r->al & 2)
			cell.attribute = peek8(r->es, from++);
		teletype(page, cell, true);
	}
	if (!(r->al & 1))
		cursor_move(page, column, row);
}

void text_service(struct Registers *r)
{
	u8 page = r->bh & 7;
	struct Cell cell;
	switch (r->ah) {
	case 0x06:
	case 0x07:
		scroll(bda->active_page, (struct Window){r->cl, r->ch, r->dl, r->dh}, r->al, r->bh, r->ah == 0x07);
		break;
	case 0x08:
		cell = cell_read(page, bda->cursor[page].column, bda->cursor[page].row);
		r->al = cell.character;
		r->ah = cell.attribute;
		break;
	case 0x09:
	case 0x0a:
		repeat(r);
		break;
	case 0x0e:
		/* The active page, whatever BH says: so does the PS/2's BIOS. */
		teletype(bda->active_page, (struct Cell){r->al, r->bl}, false);
		break;
	case 0x13:
		write_string(r);
		break;
	}
}
