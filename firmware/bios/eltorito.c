/*
 * El Torito, no-emulation mode: sector 17 is the boot record, it points to the catalog, the catalog's default entry
 * says which blocks to load where, in units of 512 bytes.
 */
#include "eltorito.h"
#include "far.h"
#include "int13.h"
#include "log.h"

#define BOOT_RECORD_SECTOR 17
#define BOOT_RECORD_CATALOG 0x47
#define VALIDATION_HEADER 1
#define VALIDATION_KEY 0xaa55
#define BOOTABLE 0x88
#define MEDIA_TYPE_MASK 0x0f
#define MEDIA_NO_EMULATION 0
#define DEFAULT_SEGMENT 0x7c0
#define VIRTUAL_SECTORS_A_BLOCK 4

struct ValidationEntry {
	u8 header, platform;
	u16 reserved;
	char id[24];
	u16 checksum, key;
} PACKED;

struct DefaultEntry {
	u8 boot_indicator, media_type;
	u16 load_segment;
	u8 system_type, unused;
	u16 sector_count;
	u32 load_rba;
} PACKED;

/** AH=4Bh's packet. */
struct SpecificationPacket {
	u8 size, media_type, drive, controller;
	u32 image;
	u16 device, user_buffer, load_segment, sector_count;
	u8 cylinders, sectors, heads;
} PACKED;
_Static_assert(sizeof(struct SpecificationPacket) == 0x13, "El Torito's specification packet");

static struct SpecificationPacket booted;

static bool read_block(struct Disk *disk, u32 block)
{
	struct Transfer t = {block, 1, DATA_SEGMENT, (u32)disk_buffer, false, 0};
	return disk_transfer(disk, &t) == DISK_OK;
}

static bool same(const u8 *a, const char *b)
{
	while (*b)
		if (*a++ != (u8)*b++)
			return false;
	return true;
}

static bool find_catalog(struct Disk *disk, u32 *block)
{
	if (!read_block(disk, BOOT_RECORD_SECTOR))
		return false;
	if (disk_buffer[0] != 0 || !same(disk_buffer + 1, "CD001\1EL TORITO SPECIFICATION"))
		return false;
	*block = *(u32 *)(disk_buffer + BOOT_RECORD_CATALOG);
	return true;
}

static bool valid(const struct ValidationEntry *v)
{
	u16 sum = 0;
	for (u32 i = 0; i < sizeof(*v) / 2; i++)
		sum += ((const u16 *)v)[i];
	return v->header == VALIDATION_HEADER && v->key == VALIDATION_KEY && sum == 0;
}

/** Loads `sectors` units of 512 bytes from `block` on. The last block may be wanted in part only. */
static bool load_image(struct Disk *disk, u32 block, u16 sectors, u16 segment)
{
	struct Transfer t = {block, sectors / VIRTUAL_SECTORS_A_BLOCK, segment, 0, false, 0};
	if (disk_transfer(disk, &t) != DISK_OK)
		return false;
	u16 rest = sectors % VIRTUAL_SECTORS_A_BLOCK;
	if (rest == 0)
		return true;
	if (!read_block(disk, block + t.count))
		return false;
	far_copy(t.segment, 0, DATA_SEGMENT, (u32)disk_buffer, rest * 512);
	return true;
}

static bool load_default(struct Disk *disk, const struct DefaultEntry *e, u32 *entry)
{
	u8 media = e->media_type & MEDIA_TYPE_MASK;
	if (e->boot_indicator != BOOTABLE || media != MEDIA_NO_EMULATION) {
		log("CD: the catalog's entry is not bootable without emulation\n");
		return false;
	}
	booted = (struct SpecificationPacket){
		.size = sizeof(booted),
		.media_type = media,
		.drive = DRIVE_CD + (disk - cd_drives),
		.controller = disk->base == 0x1f0 ? 0 : 1,
		.image = e->load_rba,
		.device = disk->device,
		.load_segment = e->load_segment ? e->load_segment : DEFAULT_SEGMENT,
		.sector_count = e->sector_count,
	};
	if (!load_image(disk, booted.image, booted.sector_count, booted.load_segment)) {
		log("CD: the boot image cannot be read\n");
		return false;
	}
	/* 07C0:0000 and 0000:7C00 are one place; code linked to 7C00h expects the second. */
	*entry = (u32)(booted.load_segment & 0xf000) << 16 | (u16)(booted.load_segment << 4);
	return true;
}

bool eltorito_load(struct Disk *disk, u32 *entry)
{
	u32 catalog;
	if (atapi_ready(disk) != DISK_OK) {
		log("CD: no medium\n");
		return false;
	}
	if (!find_catalog(disk, &catalog) || !read_block(disk, catalog)) {
		log("CD: no boot record\n");
		return false;
	}
	if (!valid((struct ValidationEntry *)disk_buffer)) {
		log("CD: the boot catalog is damaged\n");
		return false;
	}
	struct DefaultEntry e = *(struct DefaultEntry *)(disk_buffer + sizeof(struct ValidationEntry));
	return load_default(disk, &e, entry);
}

/** AL=00h ends emulation (there is none), AL=01h only reports; both fill the packet at DS:SI. */
void eltorito_service(struct Registers *r)
{
	if (booted.size == 0 || r->al > 1 || (r->dl != booted.drive && r->dl != 0x7f)) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	far_copy(r->ds, r->si, DATA_SEGMENT, (u32)&booted, sizeof(booted));
	disk_result(r, DISK_OK);
}
