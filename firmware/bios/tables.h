/* What ACPI, SMBIOS and the other scanned tables have in common: bytes that must sum to zero. */
#pragma once
#include "far.h"
#include "types.h"

/** @returns the byte that makes `bytes` at `table` sum to zero; its own place must hold zero */
static inline u8 checksum_of(const void *table, u16 bytes)
{
	const u8 *p = table;
	u8 sum = 0;
	while (bytes--)
		sum += *p++;
	return -sum;
}

/** The same for a table in segment F000h. */
static inline u8 checksum_in_code(const void *table, u16 bytes)
{
	u8 sum = 0;
	for (u16 i = 0; i < bytes; i++)
		sum += peek8(CODE_SEGMENT, (u32)table + i);
	return -sum;
}
