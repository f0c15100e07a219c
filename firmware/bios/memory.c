/*
 * RAM's size is in CMOS, as QEMU and Bochs put it there. The map that INT 15h AX=E820h hands out:
 *
 *   0        9FC00h   usable
 *   9FC00h   A0000h   reserved   the EBDA
 *   E0000h   100000h  reserved   this BIOS
 *   1 MiB    acpi     usable
 *   acpi     nvs      ACPI       tables, may be reused once read
 *   nvs      low      NVS        the FACS
 *   FEC00000h..FED00000h, FFFC0000h..4 GiB  reserved   APICs' and ROM's addresses
 *   4 GiB    ...      usable
 */
#include "memory.h"
#include "bda.h"
#include "cmos.h"
#include "log.h"
#include "pci.h"

#define MIB 0x100000u

struct MemoryRange memory_map[MEMORY_RANGES];
u8 memory_ranges;
u32 memory_low, memory_acpi, memory_nvs;
u64 memory_high;

static void add(u64 base, u64 end, u32 type)
{
	if (base < end)
		memory_map[memory_ranges++] = (struct MemoryRange){base, end - base, type};
}

static void read_sizes(void)
{
	u32 above16 = cmos_read16(CMOS_ABOVE_16M);
	if (above16)
		memory_low = 16 * MIB + (above16 << 16);
	else
		memory_low = MIB + ((u32)cmos_read16(CMOS_EXTENDED_KIB) << 10);
	u32 above4g = cmos_read16(CMOS_ABOVE_4G) | cmos_read(CMOS_ABOVE_4G + 2) << 16;
	memory_high = (u64)above4g << 16;
}

void memory_init(void)
{
	read_sizes();
	memory_nvs = memory_low - NVS_BYTES;
	memory_acpi = memory_nvs - ACPI_BYTES;
	memory_ranges = 0;
	add(0, EBDA_SEGMENT << 4, MEMORY_USABLE);
	add(EBDA_SEGMENT << 4, 0xa0000, MEMORY_RESERVED);
	add(0xe0000, MIB, MEMORY_RESERVED);
	add(MIB, memory_acpi, MEMORY_USABLE);
	add(memory_acpi, memory_nvs, MEMORY_ACPI);
	add(memory_nvs, memory_low, MEMORY_NVS);
	add(0xfec00000, 0xfed00000, MEMORY_RESERVED);
	add(0xfffc0000, 0x100000000ull, MEMORY_RESERVED);
	add(0x100000000ull, 0x100000000ull + memory_high, MEMORY_USABLE);
	log("RAM: %u KiB below 4 GiB, %u MiB above\n", memory_low >> 10, (u32)(memory_high >> 20));
}

u16 memory_extended_kib(void)
{
	u32 kib = (memory_acpi - MIB) >> 10;
	return kib > 0xfc00 ? 0xfc00 : kib;
}

/* 82441FX, "PAM — Programmable Attribute Map Registers": a nibble for each 16 KiB, bit 0 read, bit 1 write. */
void shadow_lock(void)
{
	struct PciAddress host = {0, 0};
	pci_write8(host, 0x59, 0x10);             /* F0000h: read only */
	for (u8 pam = 0x5a; pam <= 0x5d; pam++)
		pci_write8(host, pam, 0x11);      /* C0000h-DFFFFh: option ROMs */
	pci_write8(host, 0x5e, 0x13);             /* E0000h: our RAM; E4000h: read only */
	pci_write8(host, 0x5f, 0x11);
}
