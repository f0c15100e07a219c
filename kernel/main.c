/*
 * Pocket Rocket from the loader's jump to the prompt. What comes first is what the rest stands on.
 */
#include "boot.h"
#include "disk.h"
#include "input.h"
#include "interrupt.h"
#include "memory.h"
#include "output.h"
#include "shell.h"
#include "symbols.h"

#define VERSION "0.1"

_Noreturn void main(void);

static void greet(void) {
	kprintf("\033[92mPocket Rocket " VERSION "\033[0m, x86-64, module ABI %d. ", KMOD_ABI);
	kprintf("Type \033[97mhelp\033[0m for the commands.\n");
	if (!atapi_place()) kprintf("No CD-ROM drive was found.\n");
}

_Noreturn void main(void) {
	serial_init();         /* so that a panic is seen */
	boot_init();           /* what the loader told */
	descriptors_init();    /* GDT and TSS */
	interrupts_init();     /* IDT; from here on exceptions are reported */
	frames_init();         /* physical memory */
	paging_init();         /* the kernel's own page tables */
	heap_init();
	frames_reclaim_loader();
	console_init();        /* the screen */
	timer_init();
	keyboard_init();
	serial_start_input();
	interrupts_on();
	pci_init();
	atapi_init();          /* the CD-ROM drive */
	path_init();           /* its files */
	symbols_init();        /* what modules are linked against */
	greet();
	shell_run();
}
