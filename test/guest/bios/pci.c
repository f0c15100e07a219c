/* INT 1Ah AH=B1h, BIOS32 and the tables that are found by scanning F0000h. */
#include "guest.h"

static struct Registers r;

static void pci(u16 ax, u32 bx, u32 cx, u32 dx, u32 si, u32 di)
{
	r = (struct Registers){.eax = ax, .ebx = bx, .ecx = cx, .edx = dx, .esi = si, .edi = di};
	bios(0x1a, &r);
}

static void configuration(void)
{
	pci(0xb101, 0, 0, 0, 0, 0);
	say("b101 ah %02x al %x edx %08x bx %04x cl %u carry %u\n", r.ah, r.al & 1, r.edx, r.bx, r.cl, carry(&r));
	pci(0xb102, 0, 0x7000, 0x8086, 0, 0);
	say("b102 bx %04x ah %02x carry %u\n", r.bx, r.ah, carry(&r));
	pci(0xb102, 0, 0x7000, 0x8086, 1, 0);
	say("b102 second: ah %02x carry %u\n", r.ah, carry(&r));
	pci(0xb103, 0, 0x030000, 0, 0, 0);
	say("b103 bx %04x ah %02x carry %u\n", r.bx, r.ah, carry(&r));
	pci(0xb108, 0x0008, 0, 0, 0, 0x0e);
	say("b108 cl %02x ah %02x\n", r.cl, r.ah);
	pci(0xb109, 0x0008, 0, 0, 0, 0x02);
	say("b109 cx %04x ah %02x\n", r.cx, r.ah);
	pci(0xb10a, 0x0009, 0, 0, 0, 0x00);
	say("b10a ecx %08x ah %02x\n", r.ecx, r.ah);
	pci(0xb109, 0x0008, 0, 0, 0, 0x03);
	say("own: b109 odd ah %02x carry %u\n", r.ah, carry(&r));
	pci(0xb10b, 0x0010, 0x5a, 0, 0, 0x3c);
	pci(0xb108, 0x0010, 0, 0, 0, 0x3c);
	say("b10b then b108: %02x\n", r.cl);
	for (u8 pirq = 0x60; pirq < 0x64; pirq++) {
		pci(0xb108, 0x0008, 0, 0, 0, pirq);
		say("pirq %02x: %u\n", pirq, r.cl);
	}
	pci(0xb108, 0x000b, 0, 0, 0, 0x3c);
	say("power management's line: %u\n", r.cl);
	pci(0xb10a, 0x000b, 0, 0, 0, 0x80);
	say("power management's ports: on %u\n", r.ecx & 1);
}

static bool starts(u16 at, const char *text)
{
	while (*text)
		if (peek8(0xf000, at++) != (u8)*text++)
			return false;
	return true;
}

static u8 sum(u16 at, u16 bytes)
{
	u8 total = 0;
	while (bytes--)
		total += peek8(0xf000, at++);
	return total;
}

static void tables(void)
{
	for (u32 at = 0; at < 0x10000; at += 16) {
		if (starts(at, "RSD PTR "))
			say("own: RSDP sum %02x revision %u\n", sum(at, 20), peek8(0xf000, at + 15));
		if (starts(at, "_32_"))
			say("own: BIOS32 sum %02x\n", sum(at, peek8(0xf000, at + 9) * 16));
		if (starts(at, "_SM_"))
			say("own: SMBIOS sums %02x %02x\n", sum(at, peek8(0xf000, at + 5)), sum(at + 16, 15));
		if (starts(at, "$PIR"))
			say("own: PIR sum %02x\n", sum(at, peek16(0xf000, at + 6)));
	}
}

static void locked(void)
{
	u8 before = peek8(0xf000, 0xfff5);
	poke8(0xf000, 0xfff5, ~before);
	say("F000h is read only: %u\n", peek8(0xf000, 0xfff5) == before);
	say("model %02x\n", peek8(0xf000, 0xfffe));
}

void main(void)
{
	configuration();
	tables();
	locked();
	r = (struct Registers){.eax = 0xc000};
	bios(0x15, &r);
	say("c0 ah %02x carry %u model %02x\n", r.ah, carry(&r), peek8(r.es, r.bx + 2));
	r = (struct Registers){};
	bios(0x11, &r);
	say("int11 video and mouse %04x\n", r.ax & 0x34);
	r = (struct Registers){.eax = 0x5300};
	bios(0x15, &r);
	say("4f keeps carry and AL:");
	r = (struct Registers){.eax = 0x4f1e};
	bios(0x15, &r);
	say(" %u %02x\n", carry(&r), r.al);
}
