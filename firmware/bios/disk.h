/* Disks behind the two IDE channels, as INT 13h sees them: numbers 80h.. for hard disks, E0h.. for CDs. */
#pragma once
#include "types.h"

struct Disk {
	u16 base;     /* command block ports */
	u16 control;  /* device control and alternate status port */
	u8 device;    /* 0 master, 1 slave */
	bool packet;  /* ATAPI */
	bool lba48;
	u16 block_bytes; /* 512 or 2048 */
	u64 blocks;
	/* as IDENTIFY says */
	u16 cylinders, heads, sectors;
	/* as INT 13h AH=02h..08h addresses it */
	u16 logical_cylinders, logical_heads, logical_sectors;
	char model[41];
};

#define DRIVE_HARD 0x80
#define DRIVE_CD 0xe0
#define DISKS_MAX 4

extern struct Disk hard_disks[DISKS_MAX], cd_drives[DISKS_MAX];
extern u8 hard_disk_count, cd_drive_count;

/** INT 13h status codes. */
enum DiskStatus {
	DISK_OK = 0x00,
	DISK_BAD_COMMAND = 0x01,
	DISK_NOT_FOUND = 0x04,
	DISK_CONTROLLER = 0x20,
	DISK_TIMEOUT = 0x80,
	DISK_NOT_READY = 0xaa,
	DISK_LOCKED = 0xb1,
	DISK_WRITE_PROTECTED = 0x03,
	DISK_NOT_REMOVABLE = 0xb2,
};

/** Where a transfer's data goes to or comes from. */
struct Transfer {
	u64 block;
	u16 count;
	u16 segment, offset;
	bool write;
	u16 done; /* blocks that were transferred */
};

/** One sector's scratch space for POST and the boot code. */
extern u8 disk_buffer[2048];

/** Finds the drives. */
void disk_init(void);
/** The drive with an INT 13h number, or NULL. */
struct Disk *disk_by_number(u8 drive);
/** Reads or writes whole blocks of either kind of drive. */
enum DiskStatus disk_transfer(struct Disk *disk, struct Transfer *t);

/** IDENTIFY DEVICE or IDENTIFY PACKET DEVICE into disk_buffer. @returns false if the drive refuses */
bool ata_identify(struct Disk *disk);
enum DiskStatus ata_transfer(struct Disk *disk, struct Transfer *t);
enum DiskStatus atapi_read(struct Disk *disk, struct Transfer *t);
/** TEST UNIT READY until ready or no medium; fills in `blocks`. */
enum DiskStatus atapi_ready(struct Disk *disk);
enum DiskStatus atapi_eject(struct Disk *disk);
enum DiskStatus atapi_lock(struct Disk *disk, bool lock);

/** Moves a transfer's pointer by whole blocks, keeping the offset small. */
void transfer_advance(struct Transfer *t, u16 bytes);
