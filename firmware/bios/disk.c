/*
 * Finding the drives, and their geometry.
 *
 * INT 13h AH=02h addresses at most 1024 cylinders. A drive that reports no more is addressed as it
 * reports; a larger one by "assisted LBA": 63 sectors, and as few heads of 16, 32, 64, 128, 255 as do.
 */
#include "disk.h"
#include "ata.h"
#include "bda.h"
#include "io.h"
#include "log.h"

#define CYLINDERS_MAX 1024
#define IDENTIFY_CYLINDERS 1
#define IDENTIFY_HEADS 3
#define IDENTIFY_SECTORS 6
#define IDENTIFY_MODEL 27
#define IDENTIFY_CAPABILITIES 49
#define CAPABILITY_LBA 0x0200
#define IDENTIFY_LBA28_SECTORS 60
#define IDENTIFY_COMMANDS_2 83
#define COMMANDS_2_LBA48 0x0400
#define IDENTIFY_LBA48_SECTORS 100
#define RESET_POLLS 2000000

struct Disk hard_disks[DISKS_MAX], cd_drives[DISKS_MAX];
u8 hard_disk_count, cd_drive_count;
u8 disk_buffer[2048] __attribute__((aligned(4)));

static const u16 channel_ports[2][2] = {{0x1f0, 0x3f6}, {0x170, 0x376}};

static u16 word(int index)
{
	return disk_buffer[2 * index] | disk_buffer[2 * index + 1] << 8;
}

static u64 words(int index, int count)
{
	u64 value = 0;
	while (count--)
		value = value << 16 | word(index + count);
	return value;
}

static void read_model(char *model)
{
	for (int i = 0; i < 20; i++) {
		model[2 * i] = word(IDENTIFY_MODEL + i) >> 8;
		model[2 * i + 1] = word(IDENTIFY_MODEL + i);
	}
	int end = 40;
	while (end && (model[end - 1] == ' ' || model[end - 1] == 0))
		end--;
	model[end] = 0;
}

static void choose_geometry(struct Disk *disk)
{
	disk->logical_cylinders = disk->cylinders;
	disk->logical_heads = disk->heads;
	disk->logical_sectors = disk->sectors;
	if (disk->cylinders && disk->cylinders <= CYLINDERS_MAX)
		return;
	u32 blocks = disk->blocks >> 32 ? 0xffffffff : disk->blocks;
	u32 heads = 16;
	while (heads < 256 && blocks / 63 / heads > CYLINDERS_MAX)
		heads *= 2;
	if (heads > 255)
		heads = 255;
	u32 cylinders = blocks / 63 / heads;
	disk->logical_cylinders = cylinders > CYLINDERS_MAX ? CYLINDERS_MAX : cylinders;
	disk->logical_heads = heads;
	disk->logical_sectors = 63;
}

static bool add_hard_disk(struct Disk *disk)
{
	if (!(word(IDENTIFY_CAPABILITIES) & CAPABILITY_LBA))
		return false;
	disk->block_bytes = 512;
	disk->cylinders = word(IDENTIFY_CYLINDERS);
	disk->heads = word(IDENTIFY_HEADS);
	disk->sectors = word(IDENTIFY_SECTORS);
	disk->lba48 = word(IDENTIFY_COMMANDS_2) & COMMANDS_2_LBA48;
	disk->blocks = words(IDENTIFY_LBA28_SECTORS, 2);
	if (disk->lba48 && words(IDENTIFY_LBA48_SECTORS, 4))
		disk->blocks = words(IDENTIFY_LBA48_SECTORS, 4);
	choose_geometry(disk);
	if (hard_disk_count == DISKS_MAX)
		return false;
	hard_disks[hard_disk_count++] = *disk;
	bda->disk_count = hard_disk_count;
	return true;
}

static bool add_cd(struct Disk *disk)
{
	disk->block_bytes = 2048;
	if (cd_drive_count == DISKS_MAX)
		return false;
	cd_drives[cd_drive_count++] = *disk;
	return true;
}

static void probe(u16 base, u16 control, u8 device)
{
	struct Disk disk = {.base = base, .control = control, .device = device};
	outb(base + ATA_DEVICE, DEVICE_OBSOLETE | device << 4);
	for (int i = 0; i < 4; i++)
		inb(control);
	/* After a reset the task file holds the signature: 14h EBh for packet devices. */
	disk.packet = inb(base + ATA_LBA_MID) == 0x14 && inb(base + ATA_LBA_HIGH) == 0xeb;
	outb(base + ATA_COUNT, 0x55);
	outb(base + ATA_LBA_LOW, 0xaa);
	if (inb(base + ATA_COUNT) != 0x55 || inb(base + ATA_LBA_LOW) != 0xaa)
		return; /* no drive there */
	if (!ata_identify(&disk))
		return;
	read_model(disk.model);
	if (disk.packet ? add_cd(&disk) : add_hard_disk(&disk))
		log("IDE %x.%u: %s %s, %u blocks\n", base, device, disk.packet ? "CD-ROM" : "disk", disk.model,
		    (u32)disk.blocks);
}

static void probe_channel(u16 base, u16 control)
{
	if (inb(base + ATA_STATUS) == 0xff)
		return; /* no channel */
	outb(control, CONTROL_BASE | CONTROL_NIEN | CONTROL_SRST);
	for (int i = 0; i < 50; i++) /* 5 microseconds at least */
		inb(control);
	outb(control, CONTROL_BASE | CONTROL_NIEN);
	for (u32 i = 0; i < RESET_POLLS && (inb(base + ATA_STATUS) & STATUS_BSY); i++)
		;
	probe(base, control, 0);
	probe(base, control, 1);
	outb(base + ATA_DEVICE, DEVICE_OBSOLETE);
	outb(control, CONTROL_BASE);
}

void disk_init(void)
{
	for (int i = 0; i < 2; i++)
		probe_channel(channel_ports[i][0], channel_ports[i][1]);
}

struct Disk *disk_by_number(u8 drive)
{
	if (drive >= DRIVE_CD)
		return drive - DRIVE_CD < cd_drive_count ? &cd_drives[drive - DRIVE_CD] : NULL;
	if (drive >= DRIVE_HARD)
		return drive - DRIVE_HARD < hard_disk_count ? &hard_disks[drive - DRIVE_HARD] : NULL;
	return NULL;
}

enum DiskStatus disk_transfer(struct Disk *disk, struct Transfer *t)
{
	/* A small offset, so that no block wraps in its segment. */
	t->segment += t->offset >> 4;
	t->offset &= 15;
	t->done = 0;
	if (!disk->packet) {
		if (t->block + t->count > disk->blocks)
			return DISK_NOT_FOUND;
		return ata_transfer(disk, t);
	}
	return t->write ? DISK_WRITE_PROTECTED : atapi_read(disk, t);
}
