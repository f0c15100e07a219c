/* INT 10h in text and graphics modes: what the services leave in registers, data area and video memory. */
#include "guest.h"

static struct Registers r;
static u8 table[256];

static void video(u16 ax, u16 bx, u16 cx, u16 dx)
{
	r = (struct Registers){.eax = ax, .ebx = bx, .ecx = cx, .edx = dx, .es = 0};
	bios(0x10, &r);
}

static void set_mode(u8 mode)
{
	video(mode, 0, 0, 0);
}

static void text(const char *s)
{
	for (; *s; s++)
		video(0x0e00 | (u8)*s, 0x0007, 0, 0);
}

static void data_area(const char *what)
{
	u8 mode = peek8(0x40, 0x49);
	say(mode == 0x0f ? "own: " : "");
	say("%s: mode %02x columns %u page %04x start %04x cursor %04x active %u crtc %03x rows %u height %u\n", what,
	    mode, peek16(0x40, 0x4a), peek16(0x40, 0x4c), peek16(0x40, 0x4e), peek16(0x40, 0x50),
	    peek8(0x40, 0x62), peek16(0x40, 0x63), peek8(0x40, 0x84), peek16(0x40, 0x85));
}

/* SeaBIOS's tables for modes 7, 0Dh, 0Fh and 11h are not IBM's; nor is its GR7 (unused) in text modes. */
static bool contested(u8 mode)
{
	return mode == 7 || mode == 0x0d || mode == 0x0f || mode == 0x11;
}

static void registers(u8 mode)
{
	u16 crtc = peek16(0x40, 0x63);
	say("%sregisters %02x: misc %02x", contested(mode) ? "own: " : "", mode, inb(0x3cc));
	say(" seq");
	for (int i = 1; i < 5; i++) {
		outb(0x3c4, i);
		say(" %02x", inb(0x3c5));
	}
	say(" crtc");
	for (int i = 0; i < 25; i++) {
		outb(crtc, i);
		/* The cursor's shape and place differ by taste: 0Ah, 0Bh. */
		say(" %02x", i == 10 || i == 11 ? 0 : inb(crtc + 1));
	}
	say(" gfx");
	for (int i = 0; i < 9; i++) {
		outb(0x3ce, i);
		say(" %02x", i == 7 && mode < 4 ? 0 : inb(0x3cf));
	}
	say(" attr");
	for (int i = 0; i < 21; i++) {
		inb(crtc + 6);
		outb(0x3c0, i);
		say(" %02x", inb(0x3c1));
	}
	inb(crtc + 6);
	outb(0x3c0, 0x20);
	say("\n");
}

static void palette(u16 count)
{
	u32 h = 0x811c9dc5;
	outb(0x3c7, 0);
	for (u16 i = 0; i < count * 3; i++)
		h = (h ^ inb(0x3c9)) * 0x01000193;
	say("palette %u entries %08x\n", count, h);
}

static void modes(void)
{
	static const u8 list[] = {0, 1, 2, 3, 4, 5, 6, 7, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13};
	for (u32 i = 0; i < sizeof(list); i++) {
		set_mode(list[i]);
		data_area("mode");
		registers(list[i]);
		palette(list[i] == 0x13 ? 248 : 64);
		video(0x0f00, 0, 0, 0);
		say("0f ax %04x bh %02x\n", r.ax, r.bh);
	}
}

static void screen(const char *what)
{
	say("%s: %08x cursor %04x\n", what, hash(0xb800, 0, 0x1000), peek16(0x40, 0x50));
}

static void text_mode(void)
{
	set_mode(3);
	screen("clear");
	text("Hello\r\nworld\b\b*");
	screen("teletype");
	video(0x0200, 0, 0, 0x0a14);
	video(0x0941, 0x001e, 100, 0);
	screen("09");
	video(0x0a42, 0x0000, 3, 0);
	screen("0a");
	video(0x0800, 0, 0, 0);
	say("08 %04x\n", r.ax);
	video(0x0602, 0x1700, 0x0205, 0x1440);
	screen("scroll up");
	video(0x0703, 0x2700, 0x0305, 0x1240);
	screen("scroll down");
	video(0x0600, 0x4f00, 0x0101, 0x0404);
	screen("clear window");
	video(0x0200, 0, 0, 0x184d);
	text("scrolls");
	screen("bottom");
	text("\r\n\n\n");
	screen("lines");
	video(0x0300, 0, 0, 0);
	say("03 cx %04x dx %04x\n", r.cx, r.dx);
	video(0x0100, 0, 0x0307, 0);
	say("01 %04x\n", peek16(0x40, 0x60));
	r = (struct Registers){.eax = 0x1301, .ebx = 0x0035, .ecx = 5, .edx = 0x0507, .ebp = (u32) "Gantry"};
	bios(0x10, &r);
	screen("13");
	video(0x0502, 0, 0, 0);
	data_area("page");
	video(0x0200, 0x0200, 0, 0x0203);
	video(0x0958, 0x0247, 2, 0);
	say("page 2 cell %04x\n", peek16(0xb800, 0x2000 + 2 * 160 + 6));
	video(0x0500, 0, 0, 0);
}

static void fonts(void)
{
	set_mode(3);
	video(0x1112, 0, 0, 0);
	data_area("8x8");
	registers(3);
	video(0x1130, 0x0300, 0, 0);
	say("1130 cx %u dl %u\n", r.cx, r.dl);
	set_mode(3);
	video(0x1111, 0, 0, 0);
	data_area("8x14");
	set_mode(0x12);
	video(0x1123, 0x0003, 0, 0);
	data_area("8x8 in graphics");
}

static void colours(void)
{
	set_mode(3);
	video(0x1000, 0x2a05, 0, 0);
	video(0x1007, 0x0005, 0, 0);
	say("1007 %02x\n", r.bh);
	video(0x1001, 0x0900, 0, 0);
	video(0x1008, 0, 0, 0);
	say("1008 %02x\n", r.bh);
	video(0x1010, 17, 0x0b0c, 0x0a00);
	video(0x1015, 17, 0, 0);
	say("1015 %02x %02x %02x\n", r.dh, r.ch, r.cl);
	video(0x1003, 0, 0, 0);
	registers(3);
	r = (struct Registers){.eax = 0x1009, .edx = (u32)table};
	bios(0x10, &r);
	say("1009 %08x\n", hash(0, (u32)table, 17));
	r = (struct Registers){.eax = 0x1017, .ebx = 0, .ecx = 64, .edx = (u32)table};
	bios(0x10, &r);
	say("1017 %08x\n", hash(0, (u32)table, 192));
	video(0x101a, 0, 0, 0);
	say("101a %04x\n", r.bx);
	video(0x101b, 0, 64, 0);
	palette(64);
}

static u32 planes(u16 bytes)
{
	u32 h = 0;
	for (int plane = 0; plane < 4; plane++) {
		outw(0x3ce, 4 | plane << 8);
		h = h * 31 + hash(0xa000, 0, bytes);
	}
	outw(0x3ce, 4);
	return h;
}

static void pixels(u8 mode, u16 width)
{
	set_mode(mode);
	for (u16 i = 0; i < 64; i++)
		video(0x0c00 | (i & 0x0f), 0, i * 5 % width, i);
	for (u16 i = 0; i < 8; i++)
		video(0x0c8f, 0, i * 5 % width, i);
	say("pixels %02x:", mode);
	for (u16 i = 0; i < 12; i++) {
		video(0x0d00, 0, i * 5 % width, i);
		say(" %x", r.al);
	}
	if (mode == 0x12 || mode == 0x0d)
		say(" planes %08x", planes(8000));
	else
		say(" memory %08x", hash(mode == 0x13 ? 0xa000 : 0xb800, 0, 0x4000));
	say("\n");
}

/* A box glyph is alike in every font: DBh is all ones, 20h all zeroes. */
static void glyphs(u8 mode)
{
	set_mode(mode);
	video(0x0200, 0, 0, 0x0203);
	video(0x09db, 0x000b, 5, 0);
	video(0x0200, 0, 0, 0x0302);
	video(0x09db, 0x0083, 2, 0);
	video(0x0200, 0, 0, 0x0203);
	video(0x0800, 0, 0, 0);
	u8 read = r.al;
	video(0x0601, 0x0500, 0x0102, 0x0809);
	video(0x0702, 0x0300, 0x0104, 0x0608);
	say("glyphs %02x read %02x", mode, read);
	if (mode == 0x12 || mode == 0x0d)
		say(" planes %08x\n", planes(16000));
	else
		say(" memory %08x\n", hash(mode == 0x13 ? 0xa000 : 0xb800, 0, 0x4000));
}

static void information(void)
{
	set_mode(3);
	video(0x1a00, 0, 0, 0);
	say("1a al %02x bx %04x\n", r.al, r.bx);
	video(0x1210, 0, 0, 0);
	video(0x1200, 0x0010, 0, 0);
	say("12 bx %04x cl %02x\n", r.bx, r.cl);
	video(0x1201, 0x0034, 0, 0);
	say("1234 al %02x\n", r.al);
	video(0x1200, 0x0034, 0, 0);
	r = (struct Registers){.eax = 0x1b00, .edi = (u32)table};
	clear(table, sizeof(table));
	bios(0x10, &r);
	say("1b al %02x mode %02x columns %u height %u dcc %02x colours %u pages %u lines %u\n", r.al, table[4],
	    table[5], table[0x23], table[0x25], table[0x27], table[0x29], table[0x2a]);
}

void main(void)
{
	modes();
	text_mode();
	fonts();
	colours();
	pixels(0x04, 320);
	pixels(0x06, 640);
	pixels(0x0d, 320);
	pixels(0x12, 640);
	pixels(0x13, 320);
	glyphs(0x04);
	glyphs(0x06);
	glyphs(0x0d);
	glyphs(0x12);
	glyphs(0x13);
	information();
}
