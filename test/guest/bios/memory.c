/* The memory map and sizes: INT 12h, INT 15h AH=88h, E801h, E820h, 87h, A20. */
#include "guest.h"

struct Range {
	u32 base, base_high, length, length_high, type;
};
static struct Range range;
static u8 descriptors[48];
static u8 source[64], back[64];

static void sizes(void)
{
	struct Registers r = {};
	bios(0x12, &r);
	say("int12 %u\n", r.ax);
	r.eax = 0x8800;
	bios(0x15, &r);
	say("88 %u\n", r.ax);
	r.eax = 0xe801;
	bios(0x15, &r);
	say("e801 %u %u %u %u carry %u\n", r.ax, r.bx, r.cx, r.dx, carry(&r));
}

static void map(void)
{
	struct Registers r = {};
	do {
		r.eax = 0xe820;
		r.edx = 0x534d4150;
		r.ecx = sizeof(range);
		r.edi = (u32)&range;
		bios(0x15, &r);
		say("e820 %08x%08x %08x%08x %u eax %08x ecx %u carry %u\n", range.base_high, range.base, range.length_high,
		    range.length, range.type, r.eax, r.ecx, carry(&r));
	} while (r.ebx && !carry(&r));
	r.eax = 0xe820;
	r.ebx = 0;
	r.edx = 0;
	r.ecx = sizeof(range);
	bios(0x15, &r);
	say("e820 without SMAP: carry %u\n", carry(&r));
}

static void set_base(u8 *descriptor, u32 base)
{
	descriptor[0] = descriptor[1] = 0xff;
	descriptor[2] = base;
	descriptor[3] = base >> 8;
	descriptor[4] = base >> 16;
	descriptor[5] = 0x93;
	descriptor[7] = base >> 24;
}

static void move(u32 to, u32 from)
{
	struct Registers r = {.eax = 0x8700, .ecx = sizeof(source) / 2, .esi = (u32)descriptors};
	set_base(descriptors + 0x10, from);
	set_base(descriptors + 0x18, to);
	bios(0x15, &r);
	say("87 ah %02x carry %u\n", r.ah, carry(&r));
}

static void block_move(void)
{
	for (u32 i = 0; i < sizeof(source); i++)
		source[i] = i * 7 + 1;
	move(0x1234567, (u32)source);
	move((u32)back, 0x1234567);
	say("moved %08x %08x\n", hash(0, (u32)source, sizeof(source)), hash(0, (u32)back, sizeof(back)));
}

static void a20(u8 al)
{
	struct Registers r = {.eax = 0x2400 | al};
	bios(0x15, &r);
	say("24%02x ah %02x al %02x carry %u", al, r.ah, al == 2 ? r.al : 0, carry(&r));
	poke8(0x0000, 0x0600, 0x11);
	poke8(0xffff, 0x0610, 0x22);
	say(" wraps %u\n", peek8(0, 0x600) == 0x22);
}

void main(void)
{
	sizes();
	map();
	block_move();
	a20(2);
	a20(0);
	a20(2);
	a20(1);
	a20(2);
}
