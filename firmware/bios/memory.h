/* The memory map: what RAM there is, and what of it the BIOS keeps. */
#pragma once
#include "types.h"

/** INT 15h AX=E820h address types (ACPI, "System Address Map Interfaces"). */
enum MemoryType { MEMORY_USABLE = 1, MEMORY_RESERVED = 2, MEMORY_ACPI = 3, MEMORY_NVS = 4 };

struct MemoryRange {
	u64 base;
	u64 length;
	u32 type;
} PACKED;

#define MEMORY_RANGES 10
extern struct MemoryRange memory_map[MEMORY_RANGES];
extern u8 memory_ranges;

/** Bytes of RAM below 4 GiB, the tables at its top included; and bytes above 4 GiB. */
extern u32 memory_low;
extern u64 memory_high;
/** Where ACPI's tables are, ACPI_BYTES of them, then a page that stays writable (FACS). */
extern u32 memory_acpi, memory_nvs;
#define ACPI_BYTES 0xf000
#define NVS_BYTES 0x1000

/** Reads the sizes from CMOS and draws up the map. */
void memory_init(void);
/** KiB above 1 MiB for AH=88h, at most 64 MiB - 1 KiB. */
u16 memory_extended_kib(void);
/** Opens and closes writing to C0000h-FFFFFh; E0000h-E3FFFh stays open, our variables are there. */
void shadow_lock(void);
