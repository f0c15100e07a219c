/* VBE: the controller, modes, windows, scrolling and the palette, as programs see them through INT 10h. */
#include "guest.h"

static struct Registers r;
static u8 info[512];
#define OTHER 0x3000

static void vbe(u16 ax, u16 bx, u16 cx, u16 dx)
{
	r = (struct Registers){.eax = ax, .ebx = bx, .ecx = cx, .edx = dx, .edi = (u32)info, .es = 0};
	bios(0x10, &r);
}

static u16 dispi(u16 index)
{
	outw(0x1ce, index);
	return inw(0x1cf);
}

static u16 word(int at)
{
	return *(u16 *)(info + at);
}

static bool listed(u16 number)
{
	u16 offset = word(0x0e), segment = word(0x10);
	for (u16 mode; (mode = peek16(segment, offset)) != 0xffff; offset += 2)
		if (mode == number)
			return true;
	return false;
}

static void controller(void)
{
	clear(info, sizeof(info));
	info[0] = 'V';
	info[1] = 'B';
	info[2] = 'E';
	info[3] = '2';
	vbe(0x4f00, 0, 0, 0);
	say("4f00 ax %04x signature %08x version %04x memory %u capability %x\n", r.ax, *(u32 *)info, word(4), word(0x12),
	    info[0x0a] & 1);
}

static void mode_info(u16 number)
{
	vbe(0x4f00, 0, 0, 0);
	bool known = listed(number);
	clear(info, sizeof(info));
	vbe(0x4f01, 0, number, 0);
	say("4f01 %03x listed %u ax %04x attributes %02x %ux%u line %u bits %u model %u planes %u window %02x %u %u %04x", number,
	    known, r.ax, word(0) & 0x9b, word(0x12), word(0x14), word(0x10), info[0x19], info[0x1b], info[0x18], info[2] & 7,
	    word(4), word(6), word(8));
	say(" masks");
	for (int i = 0x1f; i < 0x27; i++)
		say(" %u", info[i]);
	say(" framebuffer %u\n", (*(u32 *)(info + 0x28) & 0xffff) == 0 && *(u32 *)(info + 0x28) >= 0x80000000);
}

static void set_mode(u16 bx)
{
	vbe(0x4f02, bx, 0, 0);
	say("4f02 %04x ax %04x", bx, r.ax);
	vbe(0x4f03, 0, 0, 0);
	say(" 4f03 ax %04x bx %04x dispi", r.ax, r.bx & 0x41ff);
	for (int i = 1; i < 4; i++)
		say(" %u", dispi(i));
	say(" on %u\n", dispi(4) & 1);
}

static void banks(void)
{
	set_mode(0x103);
	for (u16 bank = 0; bank < 4; bank++) {
		vbe(0x4f05, 0, 0, bank);
		for (u16 i = 0; i < 256; i++)
			poke8(0xa000, i * 11, i + bank);
		say("4f05 %u ax %04x\n", bank, r.ax);
	}
	for (u16 bank = 0; bank < 4; bank++) {
		vbe(0x4f05, 0, 0, bank);
		say("bank %u %08x\n", bank, hash(0xa000, 0, 0x1000));
	}
	vbe(0x4f05, 0x0100, 0, 0);
	say("4f05 get %u\n", r.dx);
	vbe(0x4f05, 0, 0, 0x7fff);
	say("4f05 too far: %04x\n", r.ax);
}

static void scrolling(void)
{
	set_mode(0x4105);
	vbe(0x4f06, 1, 0, 0);
	say("4f06 get ax %04x bx %u cx %u\n", r.ax, r.bx, r.cx);
	vbe(0x4f06, 0, 1280, 0);
	say("4f06 set ax %04x bx %u cx %u\n", r.ax, r.bx, r.cx);
	vbe(0x4f07, 0, 100, 50);
	say("4f07 set ax %04x offsets %u %u\n", r.ax, dispi(8), dispi(9));
	vbe(0x4f07, 1, 0, 0);
	say("4f07 get ax %04x %u %u\n", r.ax, r.cx, r.dx);
	vbe(0x4f08, 0x0800, 0, 0);
	say("4f08 set ax %04x bh %u\n", r.ax, r.bh);
	vbe(0x4f08, 1, 0, 0);
	say("4f08 get ax %04x bh %u\n", r.ax, r.bh);
	for (int i = 0; i < 64; i++)
		info[i] = i & 3 ? i : 0;
	vbe(0x4f09, 0, 16, 32);
	say("own: 4f09 set ax %04x\n", r.ax);
	clear(info, 64);
	vbe(0x4f09, 1, 16, 32);
	u32 sum = 0;
	for (int i = 0; i < 64; i++)
		sum = sum * 31 + (i % 4 == 3 ? 0 : info[i]);
	say("own: 4f09 get ax %04x %08x\n", r.ax, sum);
}

static void leaving(void)
{
	set_mode(0x4112);
	vbe(0x0003, 0, 0, 0);
	say("text again: on %u mode %02x\n", dispi(4) & 1, peek8(0x40, 0x49));
	vbe(0x4f02, 0x0013, 0, 0);
	say("4f02 13h: ax %04x on %u mode %02x\n", r.ax, dispi(4) & 1, peek8(0x40, 0x49));
	vbe(0x4f02, 0x01fe, 0, 0);
	say("4f02 unknown: ah %02x\n", r.ah);
	vbe(0x4fee, 0, 0, 0);
	say("unknown: %04x\n", r.ax);
}

void main(void)
{
	static const u16 modes[] = {0x100, 0x101, 0x103, 0x105, 0x107, 0x110, 0x111, 0x112, 0x113, 0x114, 0x115, 0x116,
				    0x117, 0x118, 0x119, 0x11a, 0x11b, 0x142, 0x143, 0x144, 0x145, 0x147, 0x18f, 0x192};
	controller();
	for (u32 i = 0; i < sizeof(modes) / 2; i++)
		mode_info(modes[i]);
	set_mode(0x4101);
	set_mode(0x4111);
	set_mode(0x4112);
	set_mode(0x4144);
	set_mode(0x118);
	banks();
	scrolling();
	leaving();
}
