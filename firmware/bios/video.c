/*
 * INT 10h: the dispatcher, and setting a mode.
 *
 * Not done: text of 200 or 350 lines (AH=12h BL=30h refuses), the bell (a 07h is swallowed), the
 * light pen, text output in VBE modes.
 */
#include "video.h"
#include "bda.h"
#include "log.h"
#include "optionrom.h"
#include "vga.h"

#define MODE_KEEP_MEMORY 0x80
#define CONTROL_256K 0x60
#define CONTROL_KEEP_MEMORY 0x80
#define SWITCHES_VGA_COLOUR 0xf9
#define MODE_SET_VGA_400 0x11
#define MODE_SET_KEEP_PALETTE 0x08
#define DISPLAY_VGA_COLOUR 0x08
#define CURSOR_UNDERLINE_START 6
#define CURSOR_UNDERLINE_END 7

static void program(const struct VideoMode *m)
{
	vga_write(VGA_SEQUENCER, 0, 1); /* synchronous reset while clocks change */
	outb(VGA_MISC_WRITE, m->misc);
	for (int i = 0; i < 4; i++)
		vga_write(VGA_SEQUENCER, i + 1, m->sequencer[i]);
	vga_write(VGA_SEQUENCER, 0, 3);

	u16 crtc = vga_crtc();
	vga_write(crtc, CR_VSYNC_END, m->crtc[CR_VSYNC_END] & ~CR_VSYNC_END_PROTECT);
	for (int i = 0; i < 25; i++)
		vga_write(crtc, i, m->crtc[i]);
	for (int i = 0; i < 9; i++)
		vga_write(VGA_GRAPHICS, i, m->graphics[i]);
	for (int i = 0; i < 20; i++)
		attribute_write(i, m->attribute[i]);
	attribute_write(AR_COLOUR_SELECT, 0);
	outb(VGA_PEL_MASK, 0xff);
}

static void clear(const struct VideoMode *m)
{
	switch (m->kind) {
	case VIDEO_TEXT:
		far_fill16(m->segment, 0, 0x0720, 0x4000);
		break;
	case VIDEO_CGA4:
	case VIDEO_CGA2:
		far_fill16(m->segment, 0, 0, 0x2000);
		break;
	default:
		far_fill16(m->segment, 0, 0, 0x8000);
		break;
	}
}

static u8 cga_mode_select(u8 number)
{
	static const u8 values[] = {0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29};
	return number < sizeof(values) ? values[number] : 0;
}

static void set_data_area(const struct VideoMode *m, bool keep)
{
	bda->video_mode = m->number;
	bda->columns = m->columns;
	bda->page_bytes = m->page_bytes;
	bda->page_start = 0;
	bda->crtc_port = vga_crtc();
	bda->mode_select = cga_mode_select(m->number);
	bda->cga_palette = m->number == 6 ? 0x3f : 0x30;
	bda->last_row = m->rows - 1;
	bda->character_height = m->character_height;
	bda->video_control = CONTROL_256K | (keep ? CONTROL_KEEP_MEMORY : 0);
	bda->active_page = 0;
	for (int page = 0; page < 8; page++) {
		bda->cursor[page].column = 0;
		bda->cursor[page].row = 0;
	}
	u16 video = m->palette == PALETTE_MONO ? EQUIPMENT_VIDEO_MONO : EQUIPMENT_VIDEO_COLOUR80;
	bda->equipment = (bda->equipment & ~EQUIPMENT_VIDEO_MASK) | video;
}

bool video_set_mode(u8 number)
{
	const struct VideoMode *m = video_mode_find(number & ~MODE_KEEP_MEMORY);
	bool keep = number & MODE_KEEP_MEMORY;
	if (!m)
		return false;
	vbe_leave();
	program(m);
	if (!(bda->mode_set_control & MODE_SET_KEEP_PALETTE))
		palette_load(m->palette);
	if (!keep)
		clear(m);
	set_data_area(m, keep);
	fonts_load_default(m);
	if (m->kind == VIDEO_TEXT)
		cursor_shape(CURSOR_UNDERLINE_START, CURSOR_UNDERLINE_END);
	cursor_move(0, 0, 0);
	return true;
}

void video_init(void)
{
	if (optionrom_run_video())
		return;
	bda->video_switches = SWITCHES_VGA_COLOUR;
	bda->mode_set_control = MODE_SET_VGA_400 | 0x40;
	bda->display_combination = DISPLAY_VGA_COLOUR;
	set_vector(0x42, vectors[0x10].segment, vectors[0x10].offset);
	vbe_init();
	video_set_mode(3);
}

/** AH=00h. AL returns 30h for text modes, 20h, or 3Fh for mode 6 (as VGA BIOSes do). */
static void set_mode(struct Registers *r)
{
	u8 number = r->al & ~MODE_KEEP_MEMORY;
	video_set_mode(r->al);
	r->al = number > 7 ? 0x20 : number == 6 ? 0x3f : 0x30;
}

/** AH=03h. */
static void get_cursor(struct Registers *r)
{
	u8 page = r->bh & 7;
	r->ax = 0;
	r->cl = bda->cursor_end;
	r->ch = bda->cursor_start;
	r->dl = bda->cursor[page].column;
	r->dh = bda->cursor[page].row;
}

/** AH=0Bh: BH=0 the border (or the background of CGA graphics), BH=1 the CGA's colour set. */
static void cga_palette(struct Registers *r)
{
	u8 select = bda->cga_palette;
	if (r->bh == 0) {
		select = (select & ~0x1f) | (r->bl & 0x1f);
		u8 colour = (r->bl & 7) | (r->bl & 8) << 1;
		if (bda->video_mode > 3)
			attribute_write(0, colour);
		attribute_write(AR_OVERSCAN, colour);
		u8 bright = r->bl & 0x10;
		for (int i = 1; i < 4; i++)
			attribute_write(i, (attribute_read(i) & ~0x10) | bright);
	} else if (r->bh == 1) {
		select = (select & ~0x20) | (r->bl & 1) << 5;
		for (int i = 1; i < 4; i++)
			attribute_write(i, (attribute_read(i) & ~1) | (r->bl & 1));
	}
	bda->cga_palette = select;
}

/** AH=1Ch: AL=0 asks the size in units of 64 bytes, 1 saves to and 2 restores from ES:BX. */
static void state_service(struct Registers *r)
{
	if (r->al == 0)
		r->bx = (video_state_bytes(r->cx) + 63) / 64;
	else if (r->al == 1)
		video_state_save(r->cx, r->es, r->bx);
	else if (r->al == 2)
		video_state_restore(r->cx, r->es, r->bx);
	else
		return;
	r->al = 0x1c;
}

void int10(struct Registers *r)
{
	switch (r->ah) {
	case 0x00:
		set_mode(r);
		break;
	case 0x01:
		cursor_shape(r->ch, r->cl);
		break;
	case 0x02:
		cursor_move(r->bh & 7, r->dl, r->dh);
		break;
	case 0x03:
		get_cursor(r);
		break;
	case 0x04: /* no light pen */
		r->ax = r->bx = r->cx = r->dx = 0;
		break;
	case 0x05:
		page_select(r->al);
		break;
	case 0x06:
	case 0x07:
	case 0x08:
	case 0x09:
	case 0x0a:
	case 0x0e:
	case 0x13:
		text_service(r);
		break;
	case 0x0b:
		cga_palette(r);
		break;
	case 0x0c:
	case 0x0d:
		pixel_service(r);
		break;
	case 0x0f:
		r->al = bda->video_mode | (bda->video_control & CONTROL_KEEP_MEMORY);
		r->ah = bda->columns;
		r->bh = bda->active_page;
		break;
	case 0x10:
		palette_service(r);
		break;
	case 0x11:
		font_service(r);
		break;
	case 0x12:
		select_service(r);
		break;
	case 0x1a:
	case 0x1b:
		info_service(r);
		break;
	case 0x1c:
		state_service(r);
		break;
	case 0x4f:
		vbe_service(r);
		break;
	}
}
