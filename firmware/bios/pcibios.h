/* INT 1Ah AH=B1h, and what its 16-bit and 32-bit forms share. */
#pragma once
#include "pci.h"
#include "registers.h"

enum PciStatus {
	PCI_SUCCESSFUL = 0x00,
	PCI_FUNC_NOT_SUPPORTED = 0x81,
	PCI_BAD_VENDOR_ID = 0x83,
	PCI_DEVICE_NOT_FOUND = 0x86,
	PCI_BAD_REGISTER_NUMBER = 0x87,
	PCI_SET_FAILED = 0x88,
	PCI_BUFFER_TOO_SMALL = 0x89,
};
#define PCI_VERSION 0x0210
#define PCI_MECHANISM_1 0x01

void pci_service(struct Registers *r);

/** The `index`th function on bus 0 whose 32-bit register, shifted right, is `value`; -1 if there is none. */
static inline int pci_search(u8 reg, u8 shift, u32 value, u16 index)
{
	for (u32 devfn = 0; devfn < 0x100; devfn++) {
		struct PciAddress a = {devfn, 0};
		if (devfn & 7) {
			struct PciAddress first = {devfn & 0xf8, 0};
			if (!(pci_read8(first, PCI_HEADER_TYPE) & HEADER_MULTIFUNCTION))
				continue;
		}
		if (pci_read16(a, PCI_VENDOR_ID) == NO_DEVICE)
			continue;
		if (pci_read32(a, reg) >> shift == value && index-- == 0)
			return devfn;
	}
	return -1;
}
