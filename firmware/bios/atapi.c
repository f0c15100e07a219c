/*
 * ATAPI CD-ROM drives: packet commands (ATA/ATAPI-6, "PACKET"; MMC-3), polled.
 */
#include "ata.h"
#include "bytes.h"
#include "far.h"
#include "io.h"

#define CDB_BYTES 12
#define BLOCK_BYTES 2048
#define SCSI_TEST_UNIT_READY 0x00
#define SCSI_REQUEST_SENSE 0x03
#define SCSI_START_STOP 0x1b
#define SCSI_PREVENT_ALLOW 0x1e
#define SCSI_READ_CAPACITY 0x25
#define SCSI_READ_10 0x28
#define START_STOP_EJECT 0x02
#define SENSE_NOT_READY 0x02
#define ASC_NO_MEDIUM 0x3a
#define READY_TRIES 20
#define READ_TRIES 3
#define BLOCKS_A_COMMAND 16

static void put_be32(u8 *to, u32 value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		to[i] = value;
}

static u32 get_be32(const u8 *from)
{
	return (u32)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

static enum DiskStatus send(struct Disk *disk, u8 *cdb)
{
	if (!ata_begin(disk, 0))
		return DISK_TIMEOUT;
	outb(disk->base + ATA_FEATURES, 0); /* no DMA, no overlap */
	outb(disk->base + ATA_LBA_MID, BLOCK_BYTES & 0xff);
	outb(disk->base + ATA_LBA_HIGH, BLOCK_BYTES >> 8);
	outb(disk->base + ATA_COMMAND, CMD_PACKET);
	u8 status = ata_wait(disk);
	if (status & STATUS_BSY)
		return DISK_TIMEOUT;
	if ((status & STATUS_ERR) || !(status & STATUS_DRQ))
		return DISK_CONTROLLER;
	outsw(disk->base + ATA_DATA, DATA_SEGMENT, (u32)cdb, CDB_BYTES / 2);
	return DISK_OK;
}

/** Takes data until the drive ends the command; what exceeds `room` is read and dropped. */
static enum DiskStatus receive(struct Disk *disk, u16 segment, u16 offset, u32 room)
{
	for (;;) {
		u8 status = ata_wait(disk);
		if (status & STATUS_BSY)
			return DISK_TIMEOUT;
		if (status & (STATUS_ERR | STATUS_DF))
			return DISK_CONTROLLER;
		if (!(status & STATUS_DRQ))
			return room ? DISK_CONTROLLER : DISK_OK;
		u16 bytes = inb(disk->base + ATA_LBA_MID) | inb(disk->base + ATA_LBA_HIGH) << 8;
		u16 taken = bytes > room ? room : bytes;
		insw(disk->base + ATA_DATA, segment, offset, (taken + 1) / 2);
		for (u16 i = (taken + 1) / 2; i < (bytes + 1) / 2; i++)
			inw(disk->base + ATA_DATA);
		room -= taken;
		segment += taken >> 4;
		offset += taken & 15;
	}
}

/** One packet command with `bytes` of data in. */
static enum DiskStatus packet(struct Disk *disk, u8 *cdb, u16 segment, u16 offset, u32 bytes)
{
	enum DiskStatus status = send(disk, cdb);
	if (status == DISK_OK)
		status = receive(disk, segment, offset, bytes);
	ata_end(disk);
	return status;
}

static enum DiskStatus simple(struct Disk *disk, u8 command, u8 byte4)
{
	u8 cdb[CDB_BYTES];
	zero(cdb, CDB_BYTES);
	cdb[0] = command;
	cdb[4] = byte4;
	return packet(disk, cdb, 0, 0, 0);
}

static bool medium_absent(struct Disk *disk)
{
	u8 cdb[CDB_BYTES], sense[18];
	zero(cdb, CDB_BYTES);
	cdb[0] = SCSI_REQUEST_SENSE;
	cdb[4] = sizeof(sense);
	if (packet(disk, cdb, DATA_SEGMENT, (u32)sense, sizeof(sense)) != DISK_OK)
		return false;
	return (sense[2] & 15) == SENSE_NOT_READY && sense[12] == ASC_NO_MEDIUM;
}

static enum DiskStatus read_capacity(struct Disk *disk)
{
	u8 cdb[CDB_BYTES], capacity[8];
	zero(cdb, CDB_BYTES);
	cdb[0] = SCSI_READ_CAPACITY;
	enum DiskStatus status = packet(disk, cdb, DATA_SEGMENT, (u32)capacity, sizeof(capacity));
	if (status == DISK_OK)
		disk->blocks = (u64)get_be32(capacity) + 1;
	return status;
}

enum DiskStatus atapi_ready(struct Disk *disk)
{
	for (int i = 0; i < READY_TRIES; i++) {
		if (simple(disk, SCSI_TEST_UNIT_READY, 0) == DISK_OK)
			return read_capacity(disk);
		if (medium_absent(disk))
			return DISK_NOT_READY;
	}
	return DISK_NOT_READY;
}

static enum DiskStatus read_blocks(struct Disk *disk, struct Transfer *t, u16 count)
{
	u8 cdb[CDB_BYTES];
	enum DiskStatus status = DISK_CONTROLLER;
	for (int i = 0; i < READ_TRIES && status != DISK_OK; i++) {
		zero(cdb, CDB_BYTES);
		cdb[0] = SCSI_READ_10;
		put_be32(cdb + 2, t->block + t->done);
		cdb[7] = count >> 8;
		cdb[8] = count;
		status = packet(disk, cdb, t->segment, t->offset, (u32)count * BLOCK_BYTES);
		if (status != DISK_OK && medium_absent(disk))
			return DISK_NOT_READY;
	}
	return status;
}

enum DiskStatus atapi_read(struct Disk *disk, struct Transfer *t)
{
	while (t->done < t->count) {
		u16 count = t->count - t->done;
		if (count > BLOCKS_A_COMMAND)
			count = BLOCKS_A_COMMAND;
		enum DiskStatus status = read_blocks(disk, t, count);
		if (status != DISK_OK)
			return status;
		for (u16 i = 0; i < count; i++)
			transfer_advance(t, BLOCK_BYTES);
	}
	return DISK_OK;
}

enum DiskStatus atapi_eject(struct Disk *disk)
{
	return simple(disk, SCSI_START_STOP, START_STOP_EJECT);
}

enum DiskStatus atapi_lock(struct Disk *disk, bool lock)
{
	return simple(disk, SCSI_PREVENT_ALLOW, lock);
}
