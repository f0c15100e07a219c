// Tables that the firmware left in memory: ACPI's root pointer, SMBIOS entry points, and the IO APICs that the MADT
// names.
#include "boot.h"

#define EBDA_SEGMENT 0x40e
// ACPI specification, "Root System Description Pointer", "Multiple APIC Description Table".
#define RSDP_LENGTH 20 // what ACPI 1.0 sums; later members have their own checksum
#define RSDP_RSDT 16
#define SDT_LENGTH 4
#define SDT_HEADER 36
#define MADT_ENTRIES 44
#define MADT_IO_APIC 1
// 82093AA, "Register Description".
#define IOREGSEL 0x00
#define IOWIN 0x10
#define IOAPICVER 1
#define IOREDTBL 0x10
#define REDTBL_DELIVERY_MODE 0x700
#define REDTBL_LOWEST_PRIORITY 0x100
#define REDTBL_MASK 0x10000

static bool sums_to_zero(const uint8_t *bytes, uint32_t length)
{
	uint8_t sum = 0;
	while (length--)
		sum = (uint8_t)(sum + *bytes++);
	return sum == 0;
}

// The first 16-byte boundary in [from, to) that holds `signature` and a structure whose bytes sum to zero. Its
// length is `length`, or, if that is 0, in the byte at `length_at`.
static const uint8_t *scan(uint32_t from, uint32_t to, const char *signature, uint32_t length, uint32_t length_at)
{
	uint32_t compared = length_of(signature);
	for (uint32_t at = from; at + 32 <= to; at += 16) {
		const uint8_t *bytes = (const uint8_t *)at;
		if (*bytes != (uint8_t)*signature || memcmp(bytes, signature, compared))
			continue;
		if (sums_to_zero(bytes, length ? length : bytes[length_at]))
			return bytes;
	}
	return NULL;
}

const void *find_rsdp(void)
{
	uint32_t ebda = (uint32_t)*(const volatile uint16_t *)EBDA_SEGMENT << 4;
	const uint8_t *rsdp = NULL;
	if (ebda >= 0x400 && ebda < 0xa0000)
		rsdp = scan(ebda, ebda + 1024, "RSD PTR ", RSDP_LENGTH, 0);
	if (!rsdp)
		rsdp = scan(0xe0000, 0x100000, "RSD PTR ", RSDP_LENGTH, 0);
	return rsdp;
}

// DSP0134, "SMBIOS 2.1 (32-bit) Entry Point", "SMBIOS 3.0 (64-bit) Entry Point".
const void *find_smbios(bool entry64)
{
	return entry64 ? scan(0xf0000, 0x100000, "_SM3_", 0, 6) : scan(0xf0000, 0x100000, "_SM_", 0, 5);
}

static const uint8_t *find_table(const char *signature)
{
	const uint8_t *rsdp = find_rsdp();
	const uint8_t *rsdt = rsdp ? *(const uint8_t *const *)(rsdp + RSDP_RSDT) : NULL;
	if (!rsdt || memcmp(rsdt, "RSDT", 4))
		return NULL;
	uint32_t length = *(const uint32_t *)(rsdt + SDT_LENGTH);
	for (uint32_t at = SDT_HEADER; at + 4 <= length; at += 4) {
		const uint8_t *table = *(const uint8_t *const *)(rsdt + at);
		if (!memcmp(table, signature, 4))
			return table;
	}
	return NULL;
}

// Masks the redirection entries that could interrupt: delivery modes "fixed" and "lowest priority".
static void mask_ioapic(volatile uint8_t *ioapic)
{
	volatile uint32_t *select = (volatile uint32_t *)(ioapic + IOREGSEL);
	volatile uint32_t *window = (volatile uint32_t *)(ioapic + IOWIN);
	*select = IOAPICVER;
	uint32_t last = (*window >> 16) & 0xff;
	for (uint32_t i = 0; i <= last; i++) {
		*select = IOREDTBL + 2 * i;
		uint32_t entry = *window;
		if ((entry & REDTBL_DELIVERY_MODE) <= REDTBL_LOWEST_PRIORITY)
			*window = entry | REDTBL_MASK;
	}
}

void ioapics_mask(void)
{
	const uint8_t *madt = find_table("APIC");
	if (!madt)
		return;
	const uint8_t *end = madt + *(const uint32_t *)(madt + SDT_LENGTH);
	for (const uint8_t *entry = madt + MADT_ENTRIES; entry + 2 <= end && entry[1]; entry += entry[1])
		if (entry[0] == MADT_IO_APIC)
			mask_ioapic(*(volatile uint8_t *const *)(entry + 4));
}
