// The El Torito boot image: from the BIOS to a 64-bit kernel by the Limine boot protocol.
//
// The BIOS loads it whole to 7C00h and starts it. It needs nothing but BIOS services: INT 13h extensions for the CD
// it came from, INT 15h for the memory map, INT 10h for messages and the video mode, INT 1Ah for the time. boot_main
// is the table of contents.
//
//   00000500..00007bff  stack                      00020000..0002ffff  sectors on their way up
//   00007c00..0001ffff  this image and its bss
//   from the top of memory below 4 GiB down: the kernel's file and image, modules, responses, page tables, stack
//
// Reading order: start.S (modes), memory.c, iso9660.c, elf.c, requests.c and responses.c (the protocol), modules.c,
// vbe.c, paging.c. docs/boot.md says what is covered. A failure is one line on the screen and on COM1, "boot: ...".
#include "boot.h"

#define EFER_NXE 0x800

static uint64_t take_stack(void)
{
	uint8_t *stack = memory_take(stack_size, PAGE, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, "the kernel's stack");
	return (higher(stack) + stack_size) & ~15ull;
}

void boot_main(void)
{
	cpu_check();
	a20_enable();
	memory_detect();
	iso_mount();
	config_read();
	say("Loading /boot/kernel.elf");
	kernel_load();
	requests_find();
	requests_answer();

	static struct handoff handoff;
	handoff.entry = entry_point ? entry_point : kernel.entry;
	kernel_pointer(handoff.entry, 1);
	handoff.stack = take_stack();
	paging_build();
	memory_map_respond();
	interrupts_mask();
	handoff.hhdm = HHDM;
	handoff.pml4 = (uint32_t)pml4;
	handoff.efer = cpu_has_nx ? EFER_NXE : 0;
	handoff.pat = cpu_has_pat;
	handoff.drop_identity = base_revision != 0;
	enter_kernel(&handoff);
}
