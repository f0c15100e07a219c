/*
 * INT 19h boots, INT 18h goes on with the next device.
 *
 * The order is in CMOS as Bochs and QEMU put it there: 3Dh's low nibble first, then its high nibble,
 * then 38h's high nibble. 1 diskette, 2 hard disk, 3 CD-ROM, 4 network.
 */
#include "cmos.h"
#include "disk.h"
#include "eltorito.h"
#include "far.h"
#include "io.h"
#include "log.h"

#define BOOT_HARD_DISK 2
#define BOOT_CD 3
#define BOOT_DEVICES 3
#define BOOT_ADDRESS 0x7c00
#define BOOT_SIGNATURE 0xaa55

void start_boot_code(u32 target, u32 dl);

static u8 next_device;

static bool boot_hard_disk(void)
{
	struct Disk *disk = disk_by_number(DRIVE_HARD);
	struct Transfer t = {0, 1, 0, BOOT_ADDRESS, false, 0};
	if (!disk) {
		log("boot: no hard disk\n");
		return false;
	}
	if (disk_transfer(disk, &t) != DISK_OK || peek16(0, BOOT_ADDRESS + 510) != BOOT_SIGNATURE) {
		print("Hard disk: no boot sector.\n");
		return false;
	}
	log("boot: hard disk\n");
	post_code(0xb0);
	start_boot_code(BOOT_ADDRESS, DRIVE_HARD);
	return true;
}

static bool boot_cd(void)
{
	u32 entry;
	for (u8 i = 0; i < cd_drive_count; i++) {
		if (!eltorito_load(&cd_drives[i], &entry))
			continue;
		log("boot: CD, entry %04x:%04x\n", entry >> 16, entry & 0xffff);
		post_code(0xb1);
		start_boot_code(entry, DRIVE_CD + i);
	}
	return false;
}

static u8 device_at(u8 index)
{
	u8 order = cmos_read(CMOS_BOOT_ORDER);
	switch (index) {
	case 0:
		/* An empty CMOS: first the disk, then the CD. */
		return order ? order & 15 : BOOT_HARD_DISK;
	case 1:
		return order ? order >> 4 : BOOT_CD;
	default:
		return cmos_read(CMOS_BOOT_THIRD) >> 4;
	}
}

void boot_next(void)
{
	while (next_device < BOOT_DEVICES) {
		u8 device = device_at(next_device++);
		if (device == BOOT_HARD_DISK)
			boot_hard_disk();
		else if (device == BOOT_CD)
			boot_cd();
	}
	print("No bootable disk or CD. Insert one and reset.\n");
	post_code(0xbf);
	for (;;)
		wait_for_interrupt();
}

void boot_first(void)
{
	next_device = 0;
	boot_next();
}
