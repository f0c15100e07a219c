/*
 * What the machine is and does: mem, pci, uptime, date, dmesg, clear.
 */
#include "memory.h"
#include "output.h"
#include "shell.h"

static void memory(int argc, char **argv) {
	(void)argc, (void)argv;
	struct heap_usage heap = heap_usage();
	size_t kib = PAGE_SIZE / 1024;
	kprintf("physical: %lu KiB, %lu KiB free\n", frames_total() * kib, frames_free() * kib);
	kprintf("heap: used %lu bytes in %lu blocks\n", heap.used, heap.blocks);
	kprintf("heap: mapped %lu KiB at %016lx\n", heap.mapped / 1024, HEAP_BASE);
}

static void pci(int argc, char **argv) {
	(void)argc, (void)argv;
	for (size_t i = 0; i < pci_count(); i++) {
		const struct pci_function *f = pci_get(i);
		kprintf("%02x:%02x.%x %04x:%04x %02x%02x%02x %s\n", f->bus, f->device, f->function, f->vendor, f->product,
			f->class_code, f->subclass, f->interface, pci_class_name(f->class_code, f->subclass));
	}
}

static void uptime(int argc, char **argv) {
	(void)argc, (void)argv;
	uint64_t now = ticks(), seconds = now / TICKS_PER_SECOND;
	kprintf("up %lu days, %02lu:%02lu:%02lu.%02lu\n", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60,
		seconds % 60, now % TICKS_PER_SECOND);
}

static void date(int argc, char **argv) {
	(void)argc, (void)argv;
	struct date d = rtc_now();
	kprintf("%04u-%02u-%02u %02u:%02u:%02u UTC\n", d.year, d.month, d.day, d.hour, d.minute, d.second);
}

static void messages(int argc, char **argv) {
	(void)argc, (void)argv;
	log_show();
}

static void clear(int argc, char **argv) {
	(void)argc, (void)argv;
	kprintf("\033[2J\033[H");
}

void add_system_commands(void) {
	static struct command commands[] = {
		{ "mem", "", "show memory in use", memory, NULL },
		{ "pci", "", "list PCI functions", pci, NULL },
		{ "uptime", "", "show the time since boot", uptime, NULL },
		{ "date", "", "show the real-time clock", date, NULL },
		{ "dmesg", "", "show the kernel's messages", messages, NULL },
		{ "clear", "", "clear the screen", clear, NULL },
	};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) shell_add_command(&commands[i]);
}
