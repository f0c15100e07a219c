/*
 * INT 10h AH=12h (alternate select) and AH=1Ah, 1Bh (what adapter, in what state).
 */
#include "bda.h"
#include "bytes.h"
#include "far.h"
#include "vga.h"
#include "video.h"

#define SELECT_DONE 0x12
#define INFO_DONE_1A 0x1a
#define INFO_DONE_1B 0x1b
#define MODE_SET_KEEP_PALETTE 0x08
#define MODE_SET_GREY 0x02
#define CONTROL_NO_CURSOR_EMULATION 0x01

/** AH=1Bh's static table: modes 0-7 and 0Dh-13h; 200 and 400 line text left out as we do. */
static const struct {
	u32 modes;
	u8 reserved[3];
	u8 scan_lines;
	u8 character_blocks, active_blocks;
	u16 functions;
	u16 reserved2;
	u8 save_functions, reserved3;
} PACKED capabilities = {0x000fe0ff, {0}, 0x04, 8, 2, 0x0eff, 0, 0, 0};
_Static_assert(sizeof(capabilities) == 16, "the static functionality table");

/** AH=1Bh's result at ES:DI. */
struct State {
	struct Far capabilities;
	u8 mode;
	u16 columns, page_bytes, page_start;
	u16 cursor[8];
	u8 cursor_end, cursor_start, active_page;
	u16 crtc_port;
	u8 mode_select, cga_palette, rows;
	u16 character_height;
	u8 display, alternate_display;
	u16 colours;
	u8 pages, scan_lines, primary_block, secondary_block, flags;
	u8 reserved[3];
	u8 memory, save_state;
	u8 reserved2[13];
} PACKED;
_Static_assert(sizeof(struct State) == 64, "the dynamic state table");

#define SCAN_200 0
#define SCAN_350 1
#define SCAN_400 2
#define SCAN_480 3
#define MEMORY_256K 3

static u8 scan_lines(const struct VideoMode *m)
{
	if (m->kind == VIDEO_TEXT)
		return SCAN_400;
	u16 lines = m->rows * m->character_height;
	return lines == 480 ? SCAN_480 : lines == 350 ? SCAN_350 : SCAN_200;
}

static u16 colours(const struct VideoMode *m)
{
	switch (m->kind) {
	case VIDEO_LINEAR:
		return 256;
	case VIDEO_CGA4:
		return 4;
	case VIDEO_CGA2:
		return 2;
	default:
		return m->palette == PALETTE_MONO ? 0 : m->number == 0x11 ? 2 : 16;
	}
}

static void fill_from_data_area(struct State *s)
{
	s->mode = bda->video_mode;
	s->columns = bda->columns;
	s->page_bytes = bda->page_bytes;
	s->page_start = bda->page_start;
	for (int i = 0; i < 8; i++)
		s->cursor[i] = bda->cursor[i].row << 8 | bda->cursor[i].column;
	s->cursor_end = bda->cursor_end;
	s->cursor_start = bda->cursor_start;
	s->active_page = bda->active_page;
	s->crtc_port = bda->crtc_port;
	s->mode_select = bda->mode_select;
	s->cga_palette = bda->cga_palette;
	s->rows = bda->last_row + 1;
	s->character_height = bda->character_height;
	s->display = bda->display_combination;
}

static void state(struct Registers *r)
{
	struct State s;
	const struct VideoMode *m = video_mode_current();
	zero(&s, sizeof(s));
	s.capabilities = (struct Far){(u32)&capabilities, DATA_SEGMENT};
	fill_from_data_area(&s);
	if (m) {
		s.colours = colours(m);
		s.pages = m->page_bytes ? (m->kind == VIDEO_TEXT ? 0x8000 : 0x10000) / m->page_bytes : 1;
		if (s.pages > 8)
			s.pages = 8;
		s.scan_lines = scan_lines(m);
	}
	s.flags = attribute_read(AR_MODE) & AR_MODE_BLINK ? 0x21 : 0x01;
	s.memory = MEMORY_256K;
	far_copy(r->es, r->di, DATA_SEGMENT, (u32)&s, sizeof(s));
	r->al = INFO_DONE_1B;
}

void info_service(struct Registers *r)
{
	if (r->ah == 0x1b) {
		if (r->bx == 0)
			state(r);
		return;
	}
	if (r->al == 0) {
		r->bl = bda->display_combination;
		r->bh = 0;
	} else if (r->al == 1) {
		bda->display_combination = r->bl;
	} else {
		return;
	}
	r->al = INFO_DONE_1A;
}

static void mode_set_control(u8 bits, bool set)
{
	bda->mode_set_control = set ? bda->mode_set_control | bits : bda->mode_set_control & ~bits;
}

void select_service(struct Registers *r)
{
	u8 off = r->al & 1;
	switch (r->bl) {
	case 0x10: /* EGA information */
		r->bh = bda->crtc_port == VGA_CRTC_MONO;
		r->bl = MEMORY_256K;
		r->ch = bda->video_switches >> 4;
		r->cl = bda->video_switches & 15;
		return;
	case 0x31: /* load the default palette when a mode is set? */
		mode_set_control(MODE_SET_KEEP_PALETTE, off);
		break;
	case 0x32: { /* may the CPU reach video memory? */
		u8 misc = inb(VGA_MISC_READ);
		outb(VGA_MISC_WRITE, off ? misc & ~MISC_RAM_ENABLE : misc | MISC_RAM_ENABLE);
		break;
	}
	case 0x33: /* grey summing */
		mode_set_control(MODE_SET_GREY, !off);
		break;
	case 0x34: /* cursor emulation */
		bda->video_control = (bda->video_control & ~CONTROL_NO_CURSOR_EMULATION) | off;
		break;
	case 0x36: { /* refresh */
		u8 clocking = vga_read(VGA_SEQUENCER, SR_CLOCKING);
		vga_write(VGA_SEQUENCER, SR_CLOCKING,
			  off ? clocking | SR_CLOCKING_SCREEN_OFF : clocking & ~SR_CLOCKING_SCREEN_OFF);
		break;
	}
	default:
		return;
	}
	r->al = SELECT_DONE;
}
