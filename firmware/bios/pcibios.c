/*
 * INT 1Ah AH=B1h: PCI BIOS 2.1, 16-bit. The 32-bit form is pci32.c.
 */
#include "pcibios.h"
#include "far.h"

#define SIGNATURE_PCI 0x20494350
#define IRQS_FOR_PCI 0x0c00 /* 10 and 11 */
#define FIRST_CONFIG 0x08
#define LAST_CONFIG 0x0d

extern const char pci32_entry[];
extern const char pir_slots[], pir_end[];

static u8 finish_search(struct Registers *r, int devfn)
{
	if (devfn < 0)
		return PCI_DEVICE_NOT_FOUND;
	r->bh = 0;
	r->bl = devfn;
	return PCI_SUCCESSFUL;
}

/** AL=08h..0Dh: read or write a byte, word or dword. */
static u8 configuration(struct Registers *r)
{
	struct PciAddress a = {r->bl, r->bh};
	u8 size = (r->al - FIRST_CONFIG) % 3; /* log2 of the bytes */
	if (r->di > 0xff || (r->di & ((1 << size) - 1)))
		return PCI_BAD_REGISTER_NUMBER;
	switch (r->al) {
	case 0x08:
		r->cl = pci_read8(a, r->di);
		break;
	case 0x09:
		r->cx = pci_read16(a, r->di);
		break;
	case 0x0a:
		r->ecx = pci_read32(a, r->di);
		break;
	case 0x0b:
		pci_write8(a, r->di, r->cl);
		break;
	case 0x0c:
		pci_write16(a, r->di, r->cx);
		break;
	case 0x0d:
		pci_write32(a, r->di, r->ecx);
		break;
	}
	return PCI_SUCCESSFUL;
}

/** AL=0Eh: the slots of the $PIR table into the buffer that ES:DI describes (size, far pointer). */
static u8 routing_options(struct Registers *r)
{
	u16 room = peek16(r->es, r->di), bytes = pir_end - pir_slots;
	poke16(r->es, r->di, bytes);
	r->bx = IRQS_FOR_PCI;
	if (room < bytes)
		return PCI_BUFFER_TOO_SMALL;
	far_copy(peek16(r->es, r->di + 4), peek16(r->es, r->di + 2), CODE_SEGMENT, (u32)pir_slots, bytes);
	return PCI_SUCCESSFUL;
}

static u8 perform(struct Registers *r)
{
	switch (r->al) {
	case 0x01:
		r->edx = SIGNATURE_PCI;
		r->al = PCI_MECHANISM_1;
		r->bx = PCI_VERSION;
		r->cl = 0; /* the last bus */
		r->edi = (CODE_SEGMENT << 4) + (u32)pci32_entry;
		return PCI_SUCCESSFUL;
	case 0x02:
		if (r->dx == NO_DEVICE)
			return PCI_BAD_VENDOR_ID;
		return finish_search(r, pci_search(PCI_VENDOR_ID, 0, (u32)r->cx << 16 | r->dx, r->si));
	case 0x03:
		return finish_search(r, pci_search(PCI_CLASS_REVISION, 8, r->ecx & 0xffffff, r->si));
	case 0x0e:
		return routing_options(r);
	}
	if (r->al >= FIRST_CONFIG && r->al <= LAST_CONFIG)
		return configuration(r);
	return PCI_FUNC_NOT_SUPPORTED;
}

void pci_service(struct Registers *r)
{
	u8 status = perform(r);
	r->ah = status;
	set_carry(r, status != PCI_SUCCESSFUL);
}
