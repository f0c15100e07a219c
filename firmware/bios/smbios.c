/*
 * SMBIOS 2.4: what machine this is. Structures 0, 1, 3, 16, 17, 19, 32 and 127.
 */
#include "smbios.h"
#include "log.h"
#include "memory.h"
#include "tables.h"

#define TABLE_BYTES_MAX 512
#define ANCHOR_BYTES 31
#define INTERMEDIATE 16
#define INTERMEDIATE_BYTES 15
#define BIOS_KIB 128

struct Anchor {
	char anchor[4];
	u8 checksum, length, major, minor;
	u16 largest;
	u8 revision, formatted[5];
	char dmi[5];
	u8 dmi_checksum;
	u16 table_bytes;
	u32 table;
	u16 structures;
	u8 bcd_revision;
} PACKED;
_Static_assert(sizeof(struct Anchor) == ANCHOR_BYTES, "the entry point structure");

extern const char smbios_anchor[], smbios_table[], bios32[], pir[], pir_end[];

static u16 table_bytes, structures, largest;

/** Appends a structure: its formatted part, then its strings, each ended by NUL, and one NUL more. */
static void append(u8 type, const void *body, u8 bytes, const char *const *strings)
{
	u16 start = table_bytes, at = (u32)smbios_table + start;
	if (start + 4 + bytes + 128 > TABLE_BYTES_MAX)
		return;
	poke8(CODE_SEGMENT, at, type);
	poke8(CODE_SEGMENT, at + 1, bytes + 4);
	poke16(CODE_SEGMENT, at + 2, structures);
	far_copy(CODE_SEGMENT, at + 4, DATA_SEGMENT, (u32)body, bytes);
	at += 4 + bytes;
	for (u8 i = 0; strings && strings[i]; i++) {
		for (const char *c = strings[i]; *c; c++)
			poke8(CODE_SEGMENT, at++, *c);
		poke8(CODE_SEGMENT, at++, 0);
	}
	if (!strings)
		poke8(CODE_SEGMENT, at++, 0);
	poke8(CODE_SEGMENT, at++, 0);
	table_bytes = at - (u32)smbios_table;
	if (table_bytes - start > largest)
		largest = table_bytes - start;
	structures++;
}

static void add_machine(void)
{
	static const struct {
		u8 vendor, version;
		u16 segment;
		u8 date, size;
		u64 characteristics;
		u8 extension[2], major, minor, ec_major, ec_minor;
	} PACKED bios = {1, 2, 0xe000, 3, BIOS_KIB / 64 - 1, 0x18090 /* PCI, shadowed, CD boot, select boot, EDD */,
			 {0x01, 0x00} /* ACPI */, 1, 0, 0xff, 0xff};
	static const char *const bios_text[] = {"Gantry", "1.0", "01/01/2026", NULL};
	static const struct {
		u8 manufacturer, product, version, serial, uuid[16], wake_up, sku, family;
	} PACKED system = {1, 2, 3, 0, {0}, 6 /* power switch */, 0, 0};
	static const char *const system_text[] = {"Gantry", "i440FX PC", "1.0", NULL};
	static const struct {
		u8 manufacturer, type, version, serial, asset, states[4];
	} PACKED chassis = {1, 1 /* other */, 0, 0, 0, {3, 3, 3, 2} /* safe, safe, safe, unknown */};
	static const char *const chassis_text[] = {"Gantry", NULL};
	append(0, &bios, sizeof(bios), bios_text);
	append(1, &system, sizeof(system), system_text);
	append(3, &chassis, sizeof(chassis), chassis_text);
}

static void add_memory(void)
{
	u32 kib = (memory_low >> 10) + (u32)(memory_high >> 10);
	struct {
		u8 location, use, correction;
		u32 capacity_kib;
		u16 error, devices;
	} PACKED array = {1, 3 /* system memory */, 3 /* none */, kib, 0xfffe, 1};
	struct {
		u16 array, error, total_width, data_width, mib;
		u8 form_factor, set, locator, bank, type;
		u16 detail;
	} PACKED device = {3, 0xfffe, 64, 64, kib >> 10, 9 /* DIMM */, 0, 1, 0, 7 /* RAM */, 0};
	static const char *const device_text[] = {"DIMM 0", NULL};
	struct {
		u32 start_kib, end_kib;
		u16 array;
		u8 width;
	} PACKED mapped = {0, (memory_low >> 10) - 1, 3, 1};
	append(16, &array, sizeof(array), NULL);
	append(17, &device, sizeof(device), device_text);
	append(19, &mapped, sizeof(mapped), NULL);
}

static void add_end(void)
{
	static const u8 boot_status[7];
	append(32, boot_status, sizeof(boot_status), NULL);
	append(127, NULL, 0, NULL);
}

static void write_anchor(void)
{
	struct Anchor a = {
		.anchor = {'_', 'S', 'M', '_'},
		.length = ANCHOR_BYTES,
		.major = 2,
		.minor = 4,
		.largest = largest,
		.dmi = {'_', 'D', 'M', 'I', '_'},
		.table_bytes = table_bytes,
		.table = (CODE_SEGMENT << 4) + (u32)smbios_table,
		.structures = structures,
		.bcd_revision = 0x24,
	};
	a.dmi_checksum = checksum_of((u8 *)&a + INTERMEDIATE, INTERMEDIATE_BYTES);
	a.checksum = checksum_of(&a, sizeof(a));
	far_copy(CODE_SEGMENT, (u32)smbios_anchor, DATA_SEGMENT, (u32)&a, sizeof(a));
}

static void fix_checksum(const char *table, u16 bytes, u8 at)
{
	poke8(CODE_SEGMENT, (u32)table + at, 0);
	poke8(CODE_SEGMENT, (u32)table + at, checksum_in_code(table, bytes));
}

void smbios_init(void)
{
	add_machine();
	add_memory();
	add_end();
	write_anchor();
	fix_checksum(bios32, 16, 10);
	fix_checksum(pir, pir_end - pir, 31);
}
