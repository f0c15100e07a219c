/* INT 13h on a hard disk (80h) and the CD that this was booted from. */
#include "guest.h"

struct Packet {
	u8 size, reserved;
	u16 count, offset, segment;
	u32 block, block_high;
} packet;
static u8 parameters[0x42];
#define BUFFER 0x2000

static void fill(u8 value)
{
	for (u32 i = 0; i < 0x4000; i++)
		poke8(BUFFER, i, value);
}

static void report(const char *what, const struct Registers *r)
{
	say("%s ah %02x carry %u\n", what, r->ah, carry(r));
}

static void chs(u8 function, u8 count, u16 cylinder, u8 head, u8 sector)
{
	struct Registers r = {.eax = function << 8 | count, .ebx = 0x10, .edx = 0x80 | head << 8, .es = BUFFER};
	r.cx = cylinder << 8 | (cylinder >> 2 & 0xc0) | sector;
	bios(0x13, &r);
	say("%02x %u/%u/%u ah %02x al %u carry %u hash %08x\n", function, cylinder, head, sector, r.ah,
	    carry(&r) ? 0 : r.al, carry(&r), hash(BUFFER, 0x10, count * 512));
}

static void extended(u8 drive, u8 function, u32 block, u16 count, u16 bytes)
{
	struct Registers r = {.eax = function << 8, .edx = drive, .esi = (u32)&packet};
	packet = (struct Packet){16, 0, count, 0x20, BUFFER, block, 0};
	bios(0x13, &r);
	say("%02x %02x %u+%u done %u carry %u hash %08x\n", drive, function, block, count, carry(&r) ? 0 : packet.count,
	    carry(&r), hash(BUFFER, 0x20, count * bytes));
}

static void drive_parameters(u8 drive)
{
	struct Registers r = {.eax = 0x4800, .edx = drive, .esi = (u32)parameters};
	clear(parameters, sizeof(parameters));
	parameters[0] = 0x1e;
	bios(0x13, &r);
	report("48", &r);
	say("48 size %x flags %x", parameters[0], parameters[2]);
	for (int i = 4; i < 24; i += 4)
		say(" %08x", *(u32 *)(parameters + i));
	say(" bytes %u\n", *(u16 *)(parameters + 24));
}

static void hard_disk(void)
{
	struct Registers r = {.eax = 0x0800, .edx = 0x80};
	bios(0x13, &r);
	say("08 ah %02x cx %04x dx %04x carry %u\n", r.ah, r.cx, r.dx, carry(&r));
	r = (struct Registers){.eax = 0x1500, .edx = 0x80};
	bios(0x13, &r);
	say("15 ah %02x cx %04x dx %04x carry %u\n", r.ah, r.cx, r.dx, carry(&r));
	fill(0xcc);
	chs(2, 1, 0, 0, 1);
	chs(2, 8, 0, 0, 60);
	chs(2, 4, 3, 5, 17);
	chs(2, 1, 0, 0, 0);
	chs(2, 1, 1023, 0, 1);
	chs(4, 1, 1, 0, 1);
	extended(0x80, 0x42, 0, 4, 512);
	extended(0x80, 0x42, 12345, 7, 512);
	extended(0x80, 0x42, 0x7fffffff, 1, 512);
	fill(0x5a);
	extended(0x80, 0x43, 777, 3, 512);
	chs(3, 2, 1, 1, 1);
	fill(0);
	extended(0x80, 0x42, 776, 5, 512);
	chs(2, 2, 1, 1, 1);
	r = (struct Registers){.eax = 0x0100, .edx = 0x80};
	bios(0x13, &r);
	report("01", &r);
}

static void presence(u8 drive)
{
	struct Registers r = {.eax = 0x4100, .ebx = 0x55aa, .edx = drive};
	bios(0x13, &r);
	say("41 drive %02x bx %04x carry %u subsets %x\n", drive, carry(&r) ? 0 : r.bx, carry(&r), carry(&r) ? 0 : r.cx & 5);
	r = (struct Registers){.eax = 0x0000, .edx = drive};
	bios(0x13, &r);
	say("00 drive %02x carry %u\n", drive, carry(&r));
}

static void cd(void)
{
	struct Registers r = {.eax = 0x4b01, .edx = boot_drive, .esi = (u32)parameters};
	say("boot drive %02x\n", boot_drive);
	fill(0xcc);
	extended(boot_drive, 0x42, 16, 1, 2048);
	extended(boot_drive, 0x42, 0, 5, 2048);
	extended(boot_drive, 0x43, 16, 1, 2048);
	drive_parameters(boot_drive);
	clear(parameters, sizeof(parameters));
	bios(0x13, &r);
	say("4b01 carry %u", carry(&r));
	for (int i = 0; i < 0x13; i++)
		say(" %02x", parameters[i]);
	say("\n");
	r = (struct Registers){.eax = 0x0201, .ebx = 0, .ecx = 1, .edx = boot_drive, .es = BUFFER};
	bios(0x13, &r);
	say("02 on the CD: carry %u\n", carry(&r));
}

void main(void)
{
	presence(0x80);
	presence(0x81);
	presence(boot_drive);
	presence(boot_drive + 1);
	hard_disk();
	drive_parameters(0x80);
	cd();
}
