/*
 * Colours: INT 10h AH=10h, and what the palette RAM holds after a mode is set.
 *
 * The 256 colours of mode 13h: 16 of the CGA, 16 greys, then 24 hues at three brightnesses times three
 * saturations, then black. Levels are 6 bits.
 */
#include "bda.h"
#include "far.h"
#include "vga.h"
#include "video.h"

#define MODE_SET_GREY 0x02

static void dac_write(u8 red, u8 green, u8 blue)
{
	outb(VGA_DAC_DATA, red);
	outb(VGA_DAC_DATA, green);
	outb(VGA_DAC_DATA, blue);
}

/** Two bits a colour, strong in bits 2..0 and weak in bits 5..3. */
static void load_ega64(void)
{
	for (u8 i = 0; i < 64; i++)
		dac_write((i & 4 ? 0x2a : 0) + (i & 0x20 ? 0x15 : 0), (i & 2 ? 0x2a : 0) + (i & 0x10 ? 0x15 : 0),
			  (i & 1 ? 0x2a : 0) + (i & 8 ? 0x15 : 0));
}

/** IRGB as the CGA's monitor shows it: dark yellow is brown. */
static void cga_colour(u8 i)
{
	u8 weak = i & 8 ? 0x15 : 0;
	u8 green = (i & 2 ? 0x2a : 0) + weak;
	if (i == 6)
		green = 0x15;
	dac_write((i & 4 ? 0x2a : 0) + weak, green, (i & 1 ? 0x2a : 0) + weak);
}

/** 64 entries in which bit 4 means bright, as the attribute registers of 200-line modes give them. */
static void load_cga16(void)
{
	for (u8 i = 0; i < 64; i++)
		cga_colour((i & 7) | (i & 0x10) >> 1);
}

/** Bits 3 and 4 are video and intensity; both make a bright dot. */
static void load_mono(void)
{
	for (u8 i = 0; i < 64; i++) {
		u8 level = (i & 0x18) == 0x18 ? 0x3f : i & 0x18 ? 0x2a : 0;
		dac_write(level, level, level);
	}
}

/** 24 hues from blue by red and green back: each component ramps in steps of a quarter. */
static void load_hues(const u8 *levels)
{
	static const u8 phase[3] = {0, 8, 16}; /* where red, green, blue begin */
	for (u8 hue = 0; hue < 24; hue++) {
		u8 level[3];
		for (int c = 0; c < 3; c++) {
			/* Up in 4 steps, full for 8, down in 4, none for 8. */
			u8 at = (hue + 24 - phase[c]) % 24;
			level[c] = levels[at <= 4 ? at : at <= 12 ? 4 : at <= 16 ? 16 - at : 0];
		}
		dac_write(level[0], level[1], level[2]);
	}
}

static void load_vga256(void)
{
	static const u8 grey[16] = {0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63};
	static const u8 ramps[9][5] = {
		{0, 16, 31, 47, 63}, {31, 39, 47, 55, 63}, {45, 49, 54, 58, 63},
		{0, 7, 14, 21, 28},  {14, 17, 21, 24, 28}, {20, 22, 24, 26, 28},
		{0, 4, 8, 12, 16},   {8, 10, 12, 14, 16},  {11, 12, 13, 15, 16},
	};
	for (u8 i = 0; i < 16; i++)
		cga_colour(i);
	for (u8 i = 0; i < 16; i++)
		dac_write(grey[i], grey[i], grey[i]);
	for (u8 i = 0; i < 9; i++)
		load_hues(ramps[i]);
	for (u8 i = 0; i < 8; i++)
		dac_write(0, 0, 0);
}

/** Replaces colours by their brightness: 30, 59 and 11 hundredths of red, green and blue. */
static void sum_to_grey(u16 first, u16 count)
{
	for (u16 i = first; i < first + count && i < 256; i++) {
		outb(VGA_DAC_READ_INDEX, i);
		u16 sum = inb(VGA_DAC_DATA) * 77;
		sum += inb(VGA_DAC_DATA) * 151;
		sum += inb(VGA_DAC_DATA) * 28;
		u8 level = (sum + 0x80) >> 8;
		outb(VGA_DAC_WRITE_INDEX, i);
		dac_write(level, level, level);
	}
}

void palette_load(enum VideoPalette palette)
{
	outb(VGA_DAC_WRITE_INDEX, 0);
	switch (palette) {
	case PALETTE_CGA16:
		load_cga16();
		break;
	case PALETTE_EGA64:
		load_ega64();
		break;
	case PALETTE_MONO:
		load_mono();
		break;
	case PALETTE_VGA256:
		load_vga256();
		break;
	}
	if (palette != PALETTE_VGA256)
		for (int i = 64; i < 256; i++)
			dac_write(0, 0, 0);
	if (bda->mode_set_control & MODE_SET_GREY)
		sum_to_grey(0, 256);
}

static void set_blink(bool blink)
{
	u8 mode = attribute_read(AR_MODE);
	attribute_write(AR_MODE, blink ? mode | AR_MODE_BLINK : mode & ~AR_MODE_BLINK);
}

/** AL=13h: BL=0 chooses 4 pages of 64 or 16 of 16 (BH), BL=1 the page. */
static void select_page(struct Registers *r)
{
	u8 mode = attribute_read(AR_MODE);
	if (r->bl == 0)
		attribute_write(AR_MODE, r->bh & 1 ? mode | AR_MODE_P54_SELECT : mode & ~AR_MODE_P54_SELECT);
	else
		attribute_write(AR_COLOUR_SELECT, mode & AR_MODE_P54_SELECT ? r->bh & 15 : (r->bh & 3) << 2);
}

static void get_page(struct Registers *r)
{
	bool sixteen = attribute_read(AR_MODE) & AR_MODE_P54_SELECT;
	u8 select = attribute_read(AR_COLOUR_SELECT) & 15;
	r->bl = sixteen;
	r->bh = sixteen ? select : select >> 2;
}

static void dac_block(struct Registers *r, bool write)
{
	outb(write ? VGA_DAC_WRITE_INDEX : VGA_DAC_READ_INDEX, r->bl);
	for (u16 i = 0; i < r->cx * 3; i++)
		if (write)
			outb(VGA_DAC_DATA, peek8(r->es, r->dx + i));
		else
			poke8(r->es, r->dx + i, inb(VGA_DAC_DATA));
}

static void attribute_service(struct Registers *r)
{
	switch (r->al) {
	case 0x00:
		if (r->bl <= AR_COLOUR_SELECT)
			attribute_write(r->bl, r->bh);
		break;
	case 0x01:
		attribute_write(AR_OVERSCAN, r->bh);
		break;
	case 0x02:
		for (int i = 0; i < 16; i++)
			attribute_write(i, peek8(r->es, r->dx + i));
		attribute_write(AR_OVERSCAN, peek8(r->es, r->dx + 16));
		break;
	case 0x03:
		set_blink(r->bl & 1);
		break;
	case 0x07:
		if (r->bl <= AR_COLOUR_SELECT)
			r->bh = attribute_read(r->bl);
		break;
	case 0x08:
		r->bh = attribute_read(AR_OVERSCAN);
		break;
	case 0x09:
		for (int i = 0; i < 16; i++)
			poke8(r->es, r->dx + i, attribute_read(i));
		poke8(r->es, r->dx + 16, attribute_read(AR_OVERSCAN));
		break;
	}
}

void palette_service(struct Registers *r)
{
	switch (r->al) {
	case 0x10:
		outb(VGA_DAC_WRITE_INDEX, r->bl);
		dac_write(r->dh, r->ch, r->cl);
		break;
	case 0x12:
		dac_block(r, true);
		break;
	case 0x13:
		select_page(r);
		break;
	case 0x15:
		outb(VGA_DAC_READ_INDEX, r->bl);
		r->dh = inb(VGA_DAC_DATA);
		r->ch = inb(VGA_DAC_DATA);
		r->cl = inb(VGA_DAC_DATA);
		break;
	case 0x17:
		dac_block(r, false);
		break;
	case 0x18:
		outb(VGA_PEL_MASK, r->bl);
		break;
	case 0x19:
		r->bl = inb(VGA_PEL_MASK);
		break;
	case 0x1a:
		get_page(r);
		break;
	case 0x1b:
		sum_to_grey(r->bx, r->cx);
		break;
	default:
		attribute_service(r);
		break;
	}
}
