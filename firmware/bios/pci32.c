/*
 * The 32-bit PCI BIOS behind anchors.S's pci32_entry. Its caller chooses the segments, so nothing here has
 * an address: arguments, results and all else are in registers or on the stack.
 */
#include "pcibios.h"

/** The status in bits 7..0 of the high half; the low half is the result in ECX or BX. */
static u64 result(u8 status, u32 value)
{
	return (u64)status << 32 | value;
}

/** AL=02h: ecx and edx as the caller has them; AL=03h: ecx. @returns BX */
u64 pci32_find_device(u32 ecx, u32 edx, u32 index)
{
	if ((edx & 0xffff) == NO_DEVICE)
		return result(PCI_BAD_VENDOR_ID, 0);
	int devfn = pci_search(PCI_VENDOR_ID, 0, ecx << 16 | (edx & 0xffff), index);
	return devfn < 0 ? result(PCI_DEVICE_NOT_FOUND, 0) : result(PCI_SUCCESSFUL, devfn);
}

u64 pci32_find_class(u32 ecx, u32 edx, u32 index)
{
	(void)edx;
	int devfn = pci_search(PCI_CLASS_REVISION, 8, ecx & 0xffffff, index);
	return devfn < 0 ? result(PCI_DEVICE_NOT_FOUND, 0) : result(PCI_SUCCESSFUL, devfn);
}

/** AL=08h..0Ah. @param where function in bits 23..16, BX in 15..0 @returns ECX */
u64 pci32_read(u32 where, u32 reg, u32 ecx)
{
	struct PciAddress a = {where, where >> 8};
	u8 size = (where >> 16) - 8;
	if ((reg & 0xffff) > 0xff || (reg & ((1 << size) - 1)))
		return result(PCI_BAD_REGISTER_NUMBER, ecx);
	if (size == 0)
		return result(PCI_SUCCESSFUL, (ecx & ~0xffu) | pci_read8(a, reg));
	if (size == 1)
		return result(PCI_SUCCESSFUL, (ecx & ~0xffffu) | pci_read16(a, reg));
	return result(PCI_SUCCESSFUL, pci_read32(a, reg));
}

/** AL=0Bh..0Dh. @returns ECX as it was */
u64 pci32_write(u32 where, u32 reg, u32 ecx)
{
	struct PciAddress a = {where, where >> 8};
	u8 size = (where >> 16) - 11;
	if ((reg & 0xffff) > 0xff || (reg & ((1 << size) - 1)))
		return result(PCI_BAD_REGISTER_NUMBER, ecx);
	if (size == 0)
		pci_write8(a, reg, ecx);
	else if (size == 1)
		pci_write16(a, reg, ecx);
	else
		pci_write32(a, reg, ecx);
	return result(PCI_SUCCESSFUL, ecx);
}
