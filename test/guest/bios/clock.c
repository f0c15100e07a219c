/* INT 1Ah, INT 08h/1Ch, INT 15h AH=86h and 83h, and the RTC. QEMU's clock starts at a fixed time. */
#include "guest.h"

static struct Registers r;

static void time(u16 ax)
{
	r = (struct Registers){.eax = ax};
	bios(0x1a, &r);
}

static u32 ticks(void)
{
	time(0x0000);
	return (u32)r.cx << 16 | r.dx;
}

void main(void)
{
	time(0x0200);
	say("02 hour %02x carry %u\n", r.ch, carry(&r));
	time(0x0400);
	say("04 cx %04x dx %04x carry %u\n", r.cx, r.dx, carry(&r));

	u32 start = ticks();
	say("ticks near %u\n", start / 10000);
	while (ticks() < start + 3)
		asm volatile("sti\n\thlt");
	say("ticks move\n");

	start = ticks();
	r = (struct Registers){.eax = 0x8600, .ecx = 3, .edx = 0x0d40}; /* 200 ms */
	bios(0x15, &r);
	u32 waited = ticks() - start;
	say("86 waited %s, carry %u\n", waited >= 3 && waited <= 5 ? "3 to 5 ticks" : "wrongly", carry(&r));

	u8 flag = 0;
	r = (struct Registers){.eax = 0x8300, .ebx = (u32)&flag, .ecx = 0, .edx = 20000, .es = 0};
	bios(0x15, &r);
	say("83 carry %u flag %02x\n", carry(&r), flag);
	start = ticks();
	while (!(*(volatile u8 *)&flag & 0x80) && ticks() < start + 20)
		asm volatile("sti\n\thlt");
	say("83 flag %02x\n", flag);

	r = (struct Registers){.eax = 0x0100, .ecx = 0x0012, .edx = 0x3456};
	bios(0x1a, &r);
	say("01 then 00: %u\n", ticks() - 0x123456 < 2);
	r = (struct Registers){.eax = 0x0300, .ecx = 0x2359, .edx = 0x5800};
	bios(0x1a, &r);
	time(0x0200);
	say("03 then 02: %04x\n", r.cx);
	r = (struct Registers){.eax = 0x0500, .ecx = 0x2031, .edx = 0x1224};
	bios(0x1a, &r);
	time(0x0400);
	say("05 then 04: %04x %04x\n", r.cx, r.dx);
}
