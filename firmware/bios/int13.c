/*
 * INT 13h: hard disks (80h..) and CD-ROM drives (E0h..). There are no diskettes.
 *
 * AH=01h..15h address cylinder, head, sector (IBM PC/AT Technical Reference); AH=41h..4Eh are the
 * extensions (edd.c); AH=4Bh is El Torito's. Status goes to AH and, for hard disks, to 40:74.
 */
#include "int13.h"
#include "bda.h"
#include "eltorito.h"
#include "log.h"

void disk_result(struct Registers *r, enum DiskStatus status)
{
	r->ah = status;
	set_carry(r, status != DISK_OK);
	if (r->dl >= DRIVE_HARD)
		bda->disk_status = status;
}

/** AH=02h, 03h, 04h. */
static void transfer_chs(struct Registers *r, struct Disk *disk)
{
	u16 cylinder = r->ch | (r->cl & 0xc0) << 2;
	u8 head = r->dh, sector = r->cl & 0x3f;
	if (disk->packet || r->al == 0 || r->al > 128 || sector == 0) {
		r->al = 0;
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	if (cylinder >= disk->logical_cylinders || head >= disk->logical_heads || sector > disk->logical_sectors) {
		r->al = 0;
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	u32 block = ((u32)cylinder * disk->logical_heads + head) * disk->logical_sectors + sector - 1;
	if (r->ah == 0x04) { /* verify: the sectors are there */
		disk_result(r, block + r->al <= disk->blocks ? DISK_OK : DISK_NOT_FOUND);
		return;
	}
	struct Transfer t = {block, r->al, r->es, r->bx, r->ah == 0x03, 0};
	enum DiskStatus status = disk_transfer(disk, &t);
	r->al = t.done;
	disk_result(r, status);
}

/** The last cylinder is kept for diagnostics: AH=08h and 15h leave it out (PC/AT BIOS). */
static u16 reported_cylinders(const struct Disk *disk)
{
	return disk->logical_cylinders - 1;
}

/** AH=08h. */
static void parameters(struct Registers *r, struct Disk *disk)
{
	if (disk->packet) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	u16 last = reported_cylinders(disk) - 1;
	r->al = 0;
	r->ch = last;
	r->cl = (last >> 2 & 0xc0) | disk->logical_sectors;
	r->dh = disk->logical_heads - 1;
	disk_result(r, DISK_OK);
	r->dl = hard_disk_count;
}

/** AH=15h. */
static void disk_type(struct Registers *r, struct Disk *disk)
{
	if (disk->packet) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	u32 blocks = (u32)reported_cylinders(disk) * disk->logical_heads * disk->logical_sectors;
	r->cx = blocks >> 16;
	r->dx = blocks;
	bda->disk_status = DISK_OK;
	r->ah = 3; /* a hard disk */
	set_carry(r, false);
}

static void no_drive(struct Registers *r)
{
	if (r->ah == 0x15) { /* the type "none" is an answer */
		r->ah = 0;
		set_carry(r, false);
		return;
	}
	if (r->ah == 0x08 && r->dl < DRIVE_HARD) {
		r->ax = r->bx = r->cx = r->dx = 0;
		r->es = r->di = 0;
		set_carry(r, false);
		return;
	}
	disk_result(r, DISK_BAD_COMMAND);
}

void int13(struct Registers *r)
{
	if (r->ah == 0x4b) {
		eltorito_service(r);
		return;
	}
	struct Disk *disk = disk_by_number(r->dl);
	if (!disk) {
		if (r->ah == 0x01 || r->ah == 0x00)
			disk_result(r, r->dl < DRIVE_HARD && r->ah == 0 ? DISK_OK : DISK_BAD_COMMAND);
		else
			no_drive(r);
		return;
	}
	switch (r->ah) {
	case 0x00: /* reset */
	case 0x09: /* initialize drive parameters */
	case 0x0c: /* seek */
	case 0x0d: /* reset hard disks */
	case 0x10: /* ready? */
	case 0x11: /* recalibrate */
	case 0x14: /* diagnose controller */
		disk_result(r, DISK_OK);
		return;
	case 0x01: /* status of the last operation */
		r->ah = bda->disk_status;
		set_carry(r, r->ah != 0);
		bda->disk_status = DISK_OK;
		return;
	case 0x02:
	case 0x03:
	case 0x04:
		transfer_chs(r, disk);
		return;
	case 0x08:
		parameters(r, disk);
		return;
	case 0x15:
		disk_type(r, disk);
		return;
	}
	if (r->ah >= 0x41 && r->ah <= 0x4e)
		edd_service(r, disk);
	else
		disk_result(r, DISK_BAD_COMMAND);
}
