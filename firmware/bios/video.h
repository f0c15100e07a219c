/*
 * The video services' shared picture: what modes there are and which one is set.
 */
#pragma once
#include "registers.h"
#include "types.h"

enum VideoKind {
	VIDEO_TEXT,
	VIDEO_CGA4,   /* 2 bits a pixel, even and odd lines apart */
	VIDEO_CGA2,   /* 1 bit a pixel, likewise */
	VIDEO_PLANAR, /* EGA and VGA planes */
	VIDEO_LINEAR, /* mode 13h, a byte a pixel */
};

enum VideoPalette { PALETTE_CGA16, PALETTE_EGA64, PALETTE_MONO, PALETTE_VGA256 };

struct VideoMode {
	u8 number, kind, palette;
	u8 columns, rows, character_height;
	u16 segment, page_bytes;
	u8 misc;
	u8 sequencer[4];   /* SR1..SR4 */
	u8 crtc[25];       /* CR0..CR18h */
	u8 attribute[20];  /* AR0..AR13h */
	u8 graphics[9];    /* GR0..GR8 */
};

/** The mode with a number, or NULL. */
const struct VideoMode *video_mode_find(u8 number);
/** The mode that is set, or NULL in VBE modes. */
const struct VideoMode *video_mode_current(void);

/** Finds the adapter; runs its own ROM, or takes INT 10h and sets mode 3. */
void video_init(void);
/** INT 10h AH=00h. Bit 7 leaves video memory as it is. @returns false if there is no such mode */
bool video_set_mode(u8 number);

/* cursor.c */
void cursor_shape(u8 start, u8 end);
void cursor_move(u8 page, u8 column, u8 row);
void page_select(u8 page);

/* text.c */
struct Cell {
	u8 character, attribute;
};
struct Cell cell_read(u8 page, u8 column, u8 row);
void cell_write(u8 page, u8 column, u8 row, struct Cell cell, bool with_attribute);
struct Window {
	u8 left, top, right, bottom;
};
void scroll(u8 page, struct Window w, u8 lines, u8 attribute, bool down);
void text_service(struct Registers *r); /* AH=06h..0Ah, 0Eh, 13h */

/* graphics.c */
void glyph_draw(const struct VideoMode *m, u8 page, u8 column, u8 row, struct Cell cell);
u8 glyph_read(const struct VideoMode *m, u8 page, u8 column, u8 row);
void graphics_scroll(const struct VideoMode *m, u8 page, struct Window w, u8 lines, u8 colour, bool down);
void pixel_service(struct Registers *r); /* AH=0Ch, 0Dh */

/* fonts.c, palette.c, videoinfo.c, videostate.c, vbe.c */
void fonts_load_default(const struct VideoMode *m);
void font_service(struct Registers *r);    /* AH=11h */
void palette_load(enum VideoPalette palette);
void palette_service(struct Registers *r); /* AH=10h */
void select_service(struct Registers *r);  /* AH=12h */
void info_service(struct Registers *r);    /* AH=1Ah, 1Bh */
u16 video_state_bytes(u16 parts);
void video_state_save(u16 parts, u16 segment, u16 offset);
void video_state_restore(u16 parts, u16 segment, u16 offset);
void vbe_init(void);
void vbe_leave(void);
void vbe_service(struct Registers *r);     /* AH=4Fh */
