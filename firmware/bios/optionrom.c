/*
 * Video ROMs that are not ours. Either the board has put one at C0000h (entry.S kept it when it
 * shadowed that range), or the VGA function has one behind its ROM BAR, which is copied there.
 * Other expansion ROMs (network boot) are not run.
 */
#include "optionrom.h"
#include "far.h"
#include "log.h"
#include "pci.h"

#define VIDEO_ROM_SEGMENT 0xc000
#define VIDEO_ROM 0xc0000
#define ROM_SIGNATURE 0xaa55
#define ROM_SIZE 2  /* in 512 bytes */
#define ROM_ENTRY 3
#define ROM_BYTES_MAX 0x10000

void call_far(u32 target, u32 eax);

static bool present(void)
{
	if (peek16(VIDEO_ROM_SEGMENT, 0) != ROM_SIGNATURE)
		return false;
	u32 bytes = peek8(VIDEO_ROM_SEGMENT, ROM_SIZE) * 512;
	u8 sum = 0;
	for (u32 i = 0; i < bytes; i++)
		sum += peek8(VIDEO_ROM_SEGMENT, i);
	return bytes != 0 && sum == 0;
}

static void load_from_bar(struct PciAddress vga)
{
	u32 base = pci_read32(vga, PCI_ROM_BAR) & ~0x7ffu;
	if (base == 0)
		return;
	pci_write32(vga, PCI_ROM_BAR, base | ROM_ENABLE);
	physical_copy(VIDEO_ROM, base, 512);
	u32 bytes = peek8(VIDEO_ROM_SEGMENT, ROM_SIZE) * 512;
	if (peek16(VIDEO_ROM_SEGMENT, 0) == ROM_SIGNATURE && bytes <= ROM_BYTES_MAX)
		physical_copy(VIDEO_ROM, base, bytes);
	pci_write32(vga, PCI_ROM_BAR, base);
}

bool optionrom_run_video(void)
{
	struct PciAddress vga = {0, 0};
	bool pci = pci_find_class(CLASS_VGA, &vga);
	if (!present() && pci)
		load_from_bar(vga);
	if (!present())
		return false;
	log("video ROM at C000:0000\n");
	/* Expansion ROMs are initialized in big real mode (PCI Firmware Specification 3.0): they reach their registers. */
	big_real_mode(true);
	call_far(VIDEO_ROM_SEGMENT << 16 | ROM_ENTRY, vga.bus << 8 | vga.devfn);
	big_real_mode(false);
	return true;
}
