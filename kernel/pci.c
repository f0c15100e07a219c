/*
 * PCI by configuration mechanism 1: an address in CF8h, the data in CFCh.
 * Source: PCI Local Bus Specification 2.1, "Configuration Space" and "Configuration Mechanism #1".
 */
#include "disk.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE (1u << 31)

#define REG_ID 0x00
#define REG_CLASS 0x08
#define REG_HEADER 0x0c /* header type in bits 16..23 */
#define REG_BUSES 0x18  /* of a bridge: secondary bus in bits 8..15 */
#define HEADER_MULTIFUNCTION 0x80
#define HEADER_BRIDGE 1
#define NO_DEVICE 0xffff

#define MAX_FUNCTIONS 64

static struct pci_function functions[MAX_FUNCTIONS];
static size_t count;

static void scan_bus(uint8_t bus);

static void select(const struct pci_function *f, uint8_t offset) {
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | f->bus << 16 | f->device << 11 | f->function << 8 | (offset & 0xfc));
}

uint32_t pci_read(const struct pci_function *function, uint8_t offset) {
	select(function, offset);
	return inl(CONFIG_DATA);
}

void pci_write(const struct pci_function *function, uint8_t offset, uint32_t value) {
	select(function, offset);
	outl(CONFIG_DATA, value);
}

size_t pci_count(void) { return count; }
const struct pci_function *pci_get(size_t index) { return index < count ? &functions[index] : NULL; }

/* Returns the header type; -1 if nothing is there. */
static int scan_function(uint8_t bus, uint8_t device, uint8_t number) {
	struct pci_function f = { .bus = bus, .device = device, .function = number };
	uint32_t id = pci_read(&f, REG_ID);
	if ((id & 0xffff) == NO_DEVICE || count == MAX_FUNCTIONS) return -1;
	uint32_t class = pci_read(&f, REG_CLASS);
	f.vendor = id, f.product = id >> 16;
	f.class_code = class >> 24, f.subclass = class >> 16, f.interface = class >> 8;
	functions[count++] = f;
	uint8_t header = pci_read(&f, REG_HEADER) >> 16;
	uint8_t secondary = (header & 0x7f) == HEADER_BRIDGE ? pci_read(&f, REG_BUSES) >> 8 : 0;
	if (secondary > bus) scan_bus(secondary); /* 0 where the firmware has numbered nothing */
	return header;
}

static void scan_bus(uint8_t bus) {
	for (uint8_t device = 0; device < 32; device++) {
		int header = scan_function(bus, device, 0);
		if (header < 0 || !(header & HEADER_MULTIFUNCTION)) continue;
		for (uint8_t number = 1; number < 8; number++) scan_function(bus, device, number);
	}
}

void pci_init(void) {
	scan_bus(0);
	dprintf("pci: %lu functions\n", count);
}

/* PCI 2.1, appendix "Class Codes"; subclass 0xff stands for any. */
const char *pci_class_name(uint8_t class_code, uint8_t subclass) {
	static const struct {
		uint8_t class_code, subclass;
		const char *name;
	} names[] = {
		{ 0x01, 0x00, "SCSI controller" }, { 0x01, 0x01, "IDE controller" },      { 0x01, 0x06, "SATA controller" },
		{ 0x01, 0xff, "mass storage" },    { 0x02, 0x00, "Ethernet controller" }, { 0x02, 0xff, "network controller" },
		{ 0x03, 0x00, "VGA display" },     { 0x03, 0xff, "display controller" },  { 0x04, 0xff, "multimedia device" },
		{ 0x06, 0x00, "host bridge" },     { 0x06, 0x01, "ISA bridge" },          { 0x06, 0x04, "PCI bridge" },
		{ 0x06, 0xff, "bridge" },          { 0x0c, 0x03, "USB controller" },      { 0x0c, 0x05, "SMBus controller" },
		{ 0x0c, 0xff, "serial bus" },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].class_code == class_code && (names[i].subclass == subclass || names[i].subclass == 0xff))
			return names[i].name;
	return "device";
}
