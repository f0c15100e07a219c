/*
 * ACPI, as far as switching off goes: RSDP, RSDT or XSDT, FADT, and the _S5_ package in the DSDT or an SSDT.
 * Source: ACPI specification 2.0, "System Description Tables", "Power Management Control Registers",
 * "_S5 (Soft Off)", "ACPI Machine Language", "Definition Block Loading".
 */
#include "boot.h"
#include "power.h"

#define PM1_CNT_SCI_EN 0x0001
#define PM1_CNT_SLP_TYP_SHIFT 10
#define PM1_CNT_SLP_EN 0x2000

#define FADT_DSDT 40
#define FADT_SMI_CMD 48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CNT_BLK 64
#define FADT_PM1B_CNT_BLK 68
#define FADT_SIZE 72 /* up to what is read here */

#define AML_NAME_OP 0x08
#define AML_ROOT_PREFIX '\\'
#define AML_PACKAGE_OP 0x12
#define AML_BYTE_PREFIX 0x0a
#define AML_ZERO_OP 0x00
#define AML_ONE_OP 0x01

#define PATIENCE 1000000

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision; /* 2 and up: the rest is there */
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
} __attribute__((packed));

struct table {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

static uint32_t field32(const struct table *table, size_t offset) {
	uint32_t value;
	memcpy(&value, (const uint8_t *)table + offset, sizeof value);
	return value;
}

/* A table whose bytes add up to 0; NULL for anything else. */
static const struct table *checked(uint64_t physical) {
	const struct table *table = direct(physical);
	uint8_t sum = 0;
	if (!physical || table->length < sizeof *table) return NULL;
	for (uint32_t i = 0; i < table->length; i++) sum += ((const uint8_t *)table)[i];
	return sum == 0 ? table : NULL;
}

/* The RSDT or XSDT; *width is the size of its entries. */
static const struct table *find_list(size_t *width) {
	const struct rsdp *rsdp = direct(boot_info.rsdp);
	if (!boot_info.rsdp || memcmp(rsdp->signature, "RSD PTR ", 8) != 0) return NULL;
	*width = rsdp->revision >= 2 && rsdp->xsdt ? 8 : 4;
	return checked(*width == 8 ? rsdp->xsdt : rsdp->rsdt);
}

/* The table of that signature that comes `skip` others of it later; NULL past the last. */
static const struct table *find_table(const char *signature, size_t skip) {
	size_t width;
	const struct table *list = find_list(&width);
	if (!list) return NULL;
	for (size_t at = sizeof *list; at + width <= list->length; at += width) {
		uint64_t address = 0;
		memcpy(&address, (const uint8_t *)list + at, width);
		const struct table *table = checked(address);
		if (table && memcmp(table->signature, signature, 4) == 0 && skip-- == 0) return table;
	}
	return NULL;
}

/* Reads the integer that SLP_TYPa is, at *aml. */
static bool aml_byte(const uint8_t *aml, const uint8_t *end, uint8_t *value) {
	if (aml < end && (*aml == AML_ZERO_OP || *aml == AML_ONE_OP)) return *value = *aml, true;
	if (aml + 1 < end && *aml == AML_BYTE_PREFIX) return *value = aml[1], true;
	return false;
}

/* Name (_S5_, Package { SLP_TYPa, SLP_TYPb, ... }). The top bits of PkgLength's first byte tell its length. */
static bool parse_s5(const uint8_t *aml, const uint8_t *end, uint8_t *type) {
	if (aml + 2 >= end || *aml != AML_PACKAGE_OP) return false;
	aml += 1 + 1 + (aml[1] >> 6) + 1; /* the opcode, PkgLength, NumElements */
	return aml_byte(aml, end, type);
}

static bool is_named(const uint8_t *name, const uint8_t *start) {
	if (name > start && name[-1] == AML_ROOT_PREFIX) name--;
	return name > start && name[-1] == AML_NAME_OP;
}

static bool find_s5_in(const struct table *table, uint8_t *type) {
	const uint8_t *start = (const uint8_t *)table + sizeof *table, *end = (const uint8_t *)table + table->length;
	for (const uint8_t *at = start; at + 4 < end; at++)
		if (memcmp(at, "_S5_", 4) == 0 && is_named(at, start) && parse_s5(at + 4, end, type)) return true;
	return false;
}

/* In the DSDT, or in one of the SSDTs that add to its name space. */
static bool find_s5(const struct table *fadt, uint8_t *type) {
	const struct table *table = checked(field32(fadt, FADT_DSDT));
	for (size_t i = 0; table; table = find_table("SSDT", i++))
		if (find_s5_in(table, type)) return true;
	return false;
}

/* The firmware may have left the machine in legacy mode; then writes to PM1 control are ignored. */
static void enable_acpi(const struct table *fadt, uint16_t pm1a) {
	uint16_t command = field32(fadt, FADT_SMI_CMD);
	uint8_t enable = field32(fadt, FADT_ACPI_ENABLE);
	if (inw(pm1a) & PM1_CNT_SCI_EN || !command || !enable) return;
	outb(command, enable);
	for (int i = 0; i < PATIENCE && !(inw(pm1a) & PM1_CNT_SCI_EN); i++) {}
}

void power_off(void) {
	const struct table *fadt = find_table("FACP", 0);
	if (!fadt || fadt->length < FADT_SIZE) return;
	uint8_t type;
	if (!find_s5(fadt, &type)) return;
	uint16_t pm1a = field32(fadt, FADT_PM1A_CNT_BLK), pm1b = field32(fadt, FADT_PM1B_CNT_BLK);
	uint16_t value = (type & 7) << PM1_CNT_SLP_TYP_SHIFT | PM1_CNT_SLP_EN;
	enable_acpi(fadt, pm1a);
	outw(pm1a, value);
	if (pm1b) outw(pm1b, value);
	/* The power goes a moment later; whoever returns at once would call it a failure. */
	for (int i = 0; i < PATIENCE; i++) (void)inw(pm1a);
}
