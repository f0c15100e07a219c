// Sectors of the CD, by INT 13h extensions (AH=42h). The drive number is the one that the BIOS started us with.
#include "boot.h"

#define ATTEMPTS 3

// Enhanced Disk Drive Specification, "Extended Read": the disk address packet.
static struct {
	uint8_t size, zero;
	uint16_t count;
	uint16_t offset, segment;
	uint64_t sector;
} packet REAL_MODE;

static bool read_to_bounce(uint32_t sector, uint32_t count)
{
	packet.size = sizeof packet;
	packet.count = (uint16_t)count;
	packet.offset = 0;
	packet.segment = BOUNCE >> 4;
	packet.sector = sector;
	struct bios_registers r = {.eax = 0x4200, .edx = boot_drive, .esi = (uint32_t)&packet};
	bios_call(0x13, &r);
	return !(r.eflags & EFLAGS_CF);
}

void disk_read(uint32_t sector, uint32_t count, void *to)
{
	uint8_t *at = to;
	while (count) {
		uint32_t now = count < BOUNCE_SIZE / SECTOR ? count : BOUNCE_SIZE / SECTOR;
		uint32_t attempt = 0;
		while (!read_to_bounce(sector, now))
			if (++attempt == ATTEMPTS)
				fail("cannot read sector %u of drive %x", sector, (uint32_t)boot_drive);
		memcpy(at, (void *)BOUNCE, now * SECTOR);
		at += now * SECTOR;
		sector += now;
		count -= now;
	}
}
