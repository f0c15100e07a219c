/*
 * ATA hard disks by programmed input/output, polled: 28-bit commands where they reach, 48-bit else.
 * DMA, multiple mode and drives without LBA are not used.
 */
#include "ata.h"
#include "far.h"
#include "io.h"

#define POLLS 4000000
#define LBA28_END 0x10000000ull
#define SECTOR_WORDS 256

u8 ata_wait(struct Disk *disk)
{
	for (u32 i = 0; i < POLLS; i++) {
		u8 status = inb(disk->base + ATA_STATUS);
		if (!(status & STATUS_BSY))
			return status;
	}
	return STATUS_BSY;
}

bool ata_begin(struct Disk *disk, u8 device_bits)
{
	outb(disk->control, CONTROL_BASE | CONTROL_NIEN);
	outb(disk->base + ATA_DEVICE, DEVICE_OBSOLETE | disk->device << 4 | device_bits);
	for (int i = 0; i < 4; i++) /* 400 ns until the selection shows */
		inb(disk->control);
	return !(ata_wait(disk) & STATUS_BSY);
}

void ata_end(struct Disk *disk)
{
	inb(disk->base + ATA_STATUS); /* takes INTRQ back */
	outb(disk->control, CONTROL_BASE);
}

bool ata_identify(struct Disk *disk)
{
	bool ok = ata_begin(disk, 0);
	if (ok) {
		outb(disk->base + ATA_COMMAND, disk->packet ? CMD_IDENTIFY_PACKET : CMD_IDENTIFY);
		u8 status = ata_wait(disk);
		ok = !(status & (STATUS_BSY | STATUS_ERR)) && (status & STATUS_DRQ);
	}
	if (ok)
		insw(disk->base + ATA_DATA, DATA_SEGMENT, (u32)disk_buffer, SECTOR_WORDS);
	ata_end(disk);
	return ok;
}

void transfer_advance(struct Transfer *t, u16 bytes)
{
	t->segment += bytes >> 4;
	t->done++;
}

static void write_address(struct Disk *disk, u64 block, u16 count)
{
	outb(disk->base + ATA_COUNT, count);
	outb(disk->base + ATA_LBA_LOW, block);
	outb(disk->base + ATA_LBA_MID, block >> 8);
	outb(disk->base + ATA_LBA_HIGH, block >> 16);
}

static enum DiskStatus start(struct Disk *disk, struct Transfer *t)
{
	bool ext = t->block + t->count > LBA28_END || t->count > 256;
	if (ext && !disk->lba48)
		return DISK_NOT_FOUND;
	if (!ata_begin(disk, DEVICE_LBA | (ext ? 0 : (t->block >> 24) & 15)))
		return DISK_TIMEOUT;
	if (ext)
		write_address(disk, t->block >> 24, t->count >> 8);
	write_address(disk, t->block, t->count);
	u8 read = ext ? CMD_READ_SECTORS_EXT : CMD_READ_SECTORS;
	u8 write = ext ? CMD_WRITE_SECTORS_EXT : CMD_WRITE_SECTORS;
	outb(disk->base + ATA_COMMAND, t->write ? write : read);
	return DISK_OK;
}

static enum DiskStatus move_sectors(struct Disk *disk, struct Transfer *t)
{
	while (t->done < t->count) {
		u8 status = ata_wait(disk);
		if (status & STATUS_BSY)
			return DISK_TIMEOUT;
		if (status & (STATUS_ERR | STATUS_DF))
			return DISK_CONTROLLER;
		if (!(status & STATUS_DRQ))
			return DISK_CONTROLLER;
		if (t->write)
			outsw(disk->base + ATA_DATA, t->segment, t->offset, SECTOR_WORDS);
		else
			insw(disk->base + ATA_DATA, t->segment, t->offset, SECTOR_WORDS);
		transfer_advance(t, 512);
	}
	u8 status = ata_wait(disk);
	return status & (STATUS_BSY | STATUS_ERR | STATUS_DF) ? DISK_CONTROLLER : DISK_OK;
}

enum DiskStatus ata_transfer(struct Disk *disk, struct Transfer *t)
{
	if (t->count == 0)
		return DISK_OK;
	enum DiskStatus status = start(disk, t);
	if (status == DISK_OK)
		status = move_sectors(disk, t);
	ata_end(disk);
	return status;
}
