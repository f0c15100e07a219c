/*
 * PCI on a 440FX board: bus 0 only.
 *
 * Addresses: ports from C000h, memory from E0000000h (QEMU and Gantry never put RAM there), each
 * range naturally aligned, in device order. So the first large BAR, the VGA's, lies at E0000000h.
 * Interrupts: INTA#..INTD# of device d reach PIRQ[(d - 1 + pin - 1) mod 4] as on the PIIX boards;
 * PIRQA#, B# go to IRQ 10, C#, D# to IRQ 11 (82371SB, "PIRQRC"), level triggered (ELCR).
 */
#include "pci.h"
#include "log.h"

#define IO_BASE 0xc000
#define MEMORY_BASE 0xe0000000u
#define MEMORY_END 0xfec00000u

#define VENDOR_INTEL 0x8086
#define DEVICE_PIIX3_ISA 0x7000
#define DEVICE_PIIX3_IDE 0x7010
#define DEVICE_PIIX4_PM 0x7113

#define PIIX_PIRQRCA 0x60
#define PORT_ELCR2 0x4d1
#define ELCR2_IRQ9_10_11 0x0e
#define PIIX_IDETIM 0x40
#define IDETIM_DECODE_ENABLE 0x8000

#define PIIX4_PMBASE 0x40
#define PIIX4_PMREGMISC 0x80
#define PMREGMISC_PMIOSE 0x01
#define PIIX4_SMBBA 0x90
#define PIIX4_SMBHSTCFG 0xd2
#define SMBHSTCFG_ENABLE_IRQ9 0x09
#define PM_PORTS 0xb000
#define SMBUS_PORTS 0xb100
#define IRQ_SCI 9

static const u8 pirq_to_irq[4] = {10, 10, 11, 11};
static u32 next_io = IO_BASE, next_memory = MEMORY_BASE;
u16 pm_base;

bool pci_next(struct PciAddress *at, bool first)
{
	u32 devfn = at->devfn;
	if (first)
		devfn = 0;
	else if ((devfn & 7) == 0 && !(pci_read8(*at, PCI_HEADER_TYPE) & HEADER_MULTIFUNCTION))
		devfn += 8;
	else
		devfn++;
	while (devfn < 0x100) {
		at->devfn = devfn;
		at->bus = 0;
		if (pci_read16(*at, PCI_VENDOR_ID) != NO_DEVICE)
			return true;
		devfn += devfn & 7 ? 1 : 8;
	}
	return false;
}

bool pci_find_class(u16 class, struct PciAddress *found)
{
	for (bool first = true; pci_next(found, first); first = false)
		if (pci_read16(*found, PCI_CLASS) == class)
			return true;
	return false;
}

u8 pci_irq(u8 devfn, u8 pin)
{
	return pirq_to_irq[((devfn >> 3) - 1 + (pin - 1)) & 3];
}

static u32 place(u32 *next, u32 size)
{
	u32 base = (*next + size - 1) & ~(size - 1);
	*next = base + size;
	return base;
}

/** Sizes and places one BAR. @returns how many BARs it was: 2 for a 64-bit one */
static int assign_bar(struct PciAddress a, u8 reg)
{
	u32 flags = pci_read32(a, reg);
	bool rom = reg == PCI_ROM_BAR;
	bool io = !rom && (flags & BAR_IO);
	bool wide = !rom && !io && (flags & BAR_TYPE_MASK) == BAR_64;
	u32 mask = rom ? ~0x7ffu : io ? ~3u : ~15u;

	pci_write32(a, reg, mask);
	u32 writable = pci_read32(a, reg) & mask;
	if (io)
		writable |= 0xffff0000;
	u32 size = writable ? ~writable + 1 : 0;
	u32 base = 0;
	if (size && !(io && size > 0x100) && !(!io && size > MEMORY_END - MEMORY_BASE))
		base = place(io ? &next_io : &next_memory, size);
	pci_write32(a, reg, base);
	if (wide)
		pci_write32(a, reg + 4, 0);
	if (base)
		log("PCI %02x.%u BAR %02x: %s %08x, %x bytes\n", a.devfn >> 3, a.devfn & 7, reg,
		    io ? "ports" : "memory", base, size);
	return wide ? 2 : 1;
}

/** The four legacy channels' BARs of an IDE function in compatibility mode are not decoded. */
static bool is_legacy_ide(struct PciAddress a)
{
	return pci_read16(a, PCI_CLASS) == CLASS_IDE && !(pci_read8(a, PCI_CLASS_REVISION + 1) & 0x05);
}

static void assign_bars(struct PciAddress a)
{
	int bars = pci_read8(a, PCI_HEADER_TYPE) & 0x7f ? 2 : 6;
	for (int bar = is_legacy_ide(a) ? 4 : 0; bar < bars;)
		bar += assign_bar(a, PCI_BAR0 + 4 * bar);
	if (bars == 6)
		assign_bar(a, PCI_ROM_BAR);
}

static void init_isa_bridge(struct PciAddress a)
{
	for (int i = 0; i < 4; i++)
		pci_write8(a, PIIX_PIRQRCA + i, pirq_to_irq[i]);
	outb(PORT_ELCR2, ELCR2_IRQ9_10_11);
}

static void init_ide(struct PciAddress a)
{
	pci_write16(a, PIIX_IDETIM, IDETIM_DECODE_ENABLE);
	pci_write16(a, PIIX_IDETIM + 2, IDETIM_DECODE_ENABLE);
}

/* 82371AB, "Power Management Configuration". */
static void init_power_management(struct PciAddress a)
{
	pci_write8(a, PCI_INTERRUPT_LINE, IRQ_SCI);
	pci_write32(a, PIIX4_PMBASE, PM_PORTS | 1);
	pci_write8(a, PIIX4_PMREGMISC, PMREGMISC_PMIOSE);
	pci_write32(a, PIIX4_SMBBA, SMBUS_PORTS | 1);
	pci_write8(a, PIIX4_SMBHSTCFG, SMBHSTCFG_ENABLE_IRQ9);
	pm_base = PM_PORTS;
}

static void init_function(struct PciAddress a)
{
	u32 id = pci_read32(a, PCI_VENDOR_ID);
	u8 pin = pci_read8(a, PCI_INTERRUPT_PIN);
	log("PCI %02x.%u %04x:%04x class %04x\n", a.devfn >> 3, a.devfn & 7, id & 0xffff, id >> 16,
	    pci_read16(a, PCI_CLASS));
	if (a.devfn == 0)
		return; /* the host bridge decodes nothing by BARs */
	assign_bars(a);
	if (pin)
		pci_write8(a, PCI_INTERRUPT_LINE, pci_irq(a.devfn, pin));
	if (id == (DEVICE_PIIX3_ISA << 16 | VENDOR_INTEL))
		init_isa_bridge(a);
	else if (id == (DEVICE_PIIX3_IDE << 16 | VENDOR_INTEL))
		init_ide(a);
	else if (id == (DEVICE_PIIX4_PM << 16 | VENDOR_INTEL))
		init_power_management(a);
	pci_write16(a, PCI_COMMAND, pci_read16(a, PCI_COMMAND) | COMMAND_IO | COMMAND_MEMORY);
}

void pci_init(void)
{
	struct PciAddress at = {0, 0};
	for (bool first = true; pci_next(&at, first); first = false)
		init_function(at);
}
