/*
 * INT 13h extensions (T13 1572D, "BIOS Enhanced Disk Drive Services"): blocks by number, for hard disks and CDs.
 */
#include "bytes.h"
#include "far.h"
#include "int13.h"
#include "pci.h"
#include "tables.h"

#define EDD_VERSION 0x30
#define EDD_FIXED_DISK 0x0001
#define EDD_LOCKING 0x0002
#define EDD_PARAMETERS 0x0004
#define INFO_GEOMETRY_VALID 0x0002
#define INFO_REMOVABLE_LOCKABLE 0x0034 /* removable, changes are reported, can be locked */
#define PATH_KEY 0xbedd

/** The caller's packet for AH=42h, 43h, 44h, 47h. */
struct DiskAddressPacket {
	u8 size, reserved;
	u16 count;
	struct Far buffer;
	u64 block;
} PACKED;

/** AH=48h's result, version 3. */
struct DriveParameters {
	u16 size, flags;
	u32 cylinders, heads, sectors;
	u64 blocks;
	u16 block_bytes;
	u32 dpte; /* far pointer; none */
	u16 path_key;
	u8 path_bytes, reserved[3];
	char host_bus[4], interface[8];
	u8 bus, slot, function, channel;
	u32 reserved2;
	u8 device;
	u8 reserved3[7];
	u8 reserved4;
	u8 checksum;
} PACKED;
_Static_assert(sizeof(struct DriveParameters) == 0x42, "EDD-3's drive parameters");

static void get_packet(struct Registers *r, struct DiskAddressPacket *p)
{
	far_copy(DATA_SEGMENT, (u32)p, r->ds, r->si, sizeof(*p));
}

static void transfer(struct Registers *r, struct Disk *disk)
{
	struct DiskAddressPacket p;
	get_packet(r, &p);
	if (p.size < sizeof(p) || (p.buffer.segment & p.buffer.offset) == 0xffff) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	struct Transfer t = {p.block, p.count, p.buffer.segment, p.buffer.offset, r->ah == 0x43, 0};
	enum DiskStatus status = disk_transfer(disk, &t);
	poke16(r->ds, r->si + OFFSET(struct DiskAddressPacket, count), t.done);
	disk_result(r, status);
}

/** AH=44h verify, 47h seek: the blocks are there. */
static void check(struct Registers *r, struct Disk *disk)
{
	struct DiskAddressPacket p;
	get_packet(r, &p);
	if (disk->packet)
		atapi_ready(disk);
	disk_result(r, p.block + p.count <= disk->blocks ? DISK_OK : DISK_NOT_FOUND);
}

static void fill_path(struct DriveParameters *p, struct Disk *disk)
{
	struct PciAddress ide = {0, 0};
	pci_find_class(CLASS_IDE, &ide);
	p->path_key = PATH_KEY;
	p->path_bytes = sizeof(*p) - OFFSET(struct DriveParameters, path_key);
	put_text(p->host_bus, "PCI", 4);
	put_text(p->interface, disk->packet ? "ATAPI" : "ATA", 8);
	p->bus = ide.bus;
	p->slot = ide.devfn >> 3;
	p->function = ide.devfn & 7;
	p->channel = disk->base == 0x1f0 ? 0 : 1;
	p->device = disk->device;
	p->checksum = checksum_of(&p->path_key, p->path_bytes);
}

/** AH=48h. */
static void parameters(struct Registers *r, struct Disk *disk)
{
	u16 room = peek16(r->ds, r->si);
	if (room < 0x1a) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	struct DriveParameters p;
	zero(&p, sizeof(p));
	p.size = room < 0x1e ? 0x1a : room < sizeof(p) ? 0x1e : sizeof(p);
	p.block_bytes = disk->block_bytes;
	p.dpte = 0xffffffff;
	if (disk->packet) {
		p.flags = INFO_REMOVABLE_LOCKABLE | 0x40;
		p.cylinders = p.heads = p.sectors = 0xffffffff;
		p.blocks = 0xffffffffffffffffull;
	} else {
		p.flags = INFO_GEOMETRY_VALID;
		p.cylinders = disk->cylinders;
		p.heads = disk->heads;
		p.sectors = disk->sectors;
		p.blocks = disk->blocks;
	}
	fill_path(&p, disk);
	far_copy(r->ds, r->si, DATA_SEGMENT, (u32)&p, p.size);
	disk_result(r, DISK_OK);
}

/** AH=45h: AL 0 locks, 1 unlocks, 2 asks. */
static void lock(struct Registers *r, struct Disk *disk)
{
	if (!disk->packet) {
		disk_result(r, DISK_NOT_REMOVABLE);
		return;
	}
	if (r->al > 2) {
		disk_result(r, DISK_BAD_COMMAND);
		return;
	}
	static u8 locked;
	u8 bit = 1 << (disk - cd_drives);
	if (r->al < 2) {
		atapi_lock(disk, r->al == 0);
		locked = r->al == 0 ? locked | bit : locked & ~bit;
	}
	r->al = locked & bit ? 1 : 0;
	disk_result(r, DISK_OK);
}

void edd_service(struct Registers *r, struct Disk *disk)
{
	switch (r->ah) {
	case 0x41:
		if (r->bx != 0x55aa)
			break;
		r->bx = 0xaa55;
		r->cx = EDD_FIXED_DISK | EDD_LOCKING | EDD_PARAMETERS;
		disk_result(r, DISK_OK);
		r->ah = EDD_VERSION;
		return;
	case 0x42:
	case 0x43:
		transfer(r, disk);
		return;
	case 0x44:
	case 0x47:
		check(r, disk);
		return;
	case 0x45:
		lock(r, disk);
		return;
	case 0x46:
		disk_result(r, disk->packet ? atapi_eject(disk) : DISK_NOT_REMOVABLE);
		return;
	case 0x48:
		parameters(r, disk);
		return;
	case 0x49: /* was the medium changed? Not that we know. */
		disk_result(r, disk->packet ? DISK_OK : DISK_BAD_COMMAND);
		return;
	case 0x4e: /* AL 1, 4, 6 turn prefetch, DMA and the like off: they are off */
		if (r->al == 0x01 || r->al == 0x03 || r->al == 0x04 || r->al == 0x06) {
			disk_result(r, DISK_OK);
			return;
		}
		break;
	}
	disk_result(r, DISK_BAD_COMMAND);
}
