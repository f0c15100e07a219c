/* PCI configuration mechanism #1 (PCI 2.1, "Configuration Mechanism #1"), and what POST found with it. */
#pragma once
#include "types.h"
#include "io.h"

#define PORT_CONFIG_ADDRESS 0xcf8
#define PORT_CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u

#define PCI_VENDOR_ID 0x00
#define PCI_DEVICE_ID 0x02
#define PCI_COMMAND 0x04
#define PCI_CLASS_REVISION 0x08
#define PCI_CLASS 0x0a
#define PCI_HEADER_TYPE 0x0e
#define PCI_BAR0 0x10
#define PCI_ROM_BAR 0x30
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_INTERRUPT_PIN 0x3d

#define COMMAND_IO 0x0001
#define COMMAND_MEMORY 0x0002
#define COMMAND_MASTER 0x0004
#define HEADER_MULTIFUNCTION 0x80
#define BAR_IO 0x1
#define BAR_64 0x4
#define BAR_TYPE_MASK 0x6
#define ROM_ENABLE 0x1
#define NO_DEVICE 0xffff

#define CLASS_IDE 0x0101
#define CLASS_VGA 0x0300

/** Device number in bits 7..3 of devfn, function in 2..0: as INT 1Ah takes them in BX. */
struct PciAddress {
	u8 devfn, bus;
};

static inline u16 pci_select(struct PciAddress a, u8 reg)
{
	outl(PORT_CONFIG_ADDRESS, CONFIG_ENABLE | a.bus << 16 | a.devfn << 8 | (reg & 0xfc));
	return PORT_CONFIG_DATA + (reg & 3);
}

static inline u8 pci_read8(struct PciAddress a, u8 reg)
{
	return inb(pci_select(a, reg));
}
static inline u16 pci_read16(struct PciAddress a, u8 reg)
{
	return inw(pci_select(a, reg));
}
static inline u32 pci_read32(struct PciAddress a, u8 reg)
{
	return inl(pci_select(a, reg));
}
static inline void pci_write8(struct PciAddress a, u8 reg, u8 value)
{
	outb(pci_select(a, reg), value);
}
static inline void pci_write16(struct PciAddress a, u8 reg, u16 value)
{
	outw(pci_select(a, reg), value);
}
static inline void pci_write32(struct PciAddress a, u8 reg, u32 value)
{
	outl(pci_select(a, reg), value);
}

/** Gives every function its addresses and interrupt line, and sets up the south bridge. */
void pci_init(void);
/** The first function after `*at` on bus 0 (begin with devfn 0 and `first` true). @returns false at the end */
bool pci_next(struct PciAddress *at, bool first);
/** The first function of a class (base class and subclass). */
bool pci_find_class(u16 class, struct PciAddress *found);
/** The IRQ that POST gave to a device's pin (1 = INTA#). */
u8 pci_irq(u8 devfn, u8 pin);
/** Power management ports (PIIX4 function 3); 0 where there is no such function. */
extern u16 pm_base;
