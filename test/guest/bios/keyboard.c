/* INT 16h: what is stuffed is read, keys typed by the test are translated. Ends after F10. */
#include "guest.h"

static struct Registers r;

static void key(u16 ax, u16 cx)
{
	r = (struct Registers){.eax = ax, .ecx = cx};
	bios(0x16, &r);
}

static void stuffing(void)
{
	key(0x0100, 0);
	say("01 empty: zero %u\n", zero_flag(&r));
	static const u16 keys[] = {0x1e61, 0x48e0, 0xe00d};
	for (u32 i = 0; i < 3; i++) {
		key(0x0500, keys[i]);
		say("05 al %u\n", r.al);
	}
	key(0x1100, 0);
	say("11 %04x zero %u\n", r.ax, zero_flag(&r));
	key(0x1000, 0);
	say("10 %04x\n", r.ax);
	key(0x0100, 0);
	say("01 %04x zero %u\n", r.ax, zero_flag(&r));
	key(0x0000, 0);
	say("00 %04x\n", r.ax);
	key(0x0000, 0); /* the keypad's Enter becomes Enter */
	say("00 %04x\n", r.ax);
	key(0x0500, 0x8500);
	key(0x0500, 0x3b00);
	key(0x0000, 0); /* F11 has no old equivalent: dropped, but not by SeaBIOS */
	say("own: 00 %04x\n", r.ax);
	if (r.ax == 0x8500)
		key(0x0000, 0);
	u8 room = 0;
	do {
		key(0x0500, 0x1e61);
		room++;
	} while (r.al == 0);
	say("full after %u\n", room - 1);
	for (; room > 1; room--)
		key(0x0000, 0);
}

void main(void)
{
	stuffing();
	say("ready\n");
	do {
		key(0x1000, 0);
		u16 code = r.ax;
		key(0x1200, 0);
		/* Without Insert's state, which SeaBIOS keeps for the keypad only. */
		say("key %04x flags %04x\n", code, r.ax & 0xff7f);
		r.ax = code;
	} while (r.ax != 0x4400);
}
