/*
 * Power-on self test: the list of what happens between reset and INT 19h. The codes are listed in README.md.
 */
#include "acpi.h"
#include "apic.h"
#include "bda.h"
#include "disk.h"
#include "io.h"
#include "keyboard.h"
#include "log.h"
#include "memory.h"
#include "optionrom.h"
#include "pci.h"
#include "pic.h"
#include "ports.h"
#include "smbios.h"
#include "timer.h"
#include "video.h"

#define PORT_SYSTEM_CONTROL_A 0x92
#define SYSTEM_CONTROL_A20 0x02

extern const u16 vector_table[];
extern const char do_nothing[];

static void vectors_init(void)
{
	for (int i = 0; i < 0x100; i++)
		set_vector(i, CODE_SEGMENT, (u32)do_nothing);
	for (int i = 0x60; i < 0x68; i++) /* reserved for programs, which look for zero */
		set_vector(i, 0, 0);
	for (const u16 *entry = vector_table; *entry != 0xffff; entry += 2)
		set_vector(entry[0], CODE_SEGMENT, entry[1]);
}

static void data_area_init(void)
{
	for (u32 i = 0; i < sizeof(struct BiosDataArea); i++)
		((volatile u8 __seg_fs *)bda)[i] = 0;
	bda->ebda_segment = EBDA_SEGMENT;
	bda->memory_kib = CONVENTIONAL_KIB;
	far_fill8(EBDA_SEGMENT, 0, 0, 1024);
	poke8(EBDA_SEGMENT, 0, 1);
}

static void enable_a20(void)
{
	outb(PORT_SYSTEM_CONTROL_A, (inb(PORT_SYSTEM_CONTROL_A) & ~1) | SYSTEM_CONTROL_A20);
}

void post(void)
{
	post_code(0x10);
	log("Gantry BIOS\n");
	enable_a20();
	vectors_init();
	data_area_init();
	post_code(0x20);
	memory_init();
	post_code(0x30);
	pic_init();
	apic_init();
	timer_init();
	post_code(0x40);
	pci_init();
	post_code(0x50);
	video_init();
	print("Gantry BIOS, %u MiB\n", (memory_low >> 20) + (u32)(memory_high >> 20));
	post_code(0x60);
	keyboard_init();
	ports_init();
	post_code(0x70);
	disk_init();
	post_code(0x80);
	acpi_init();
	smbios_init();
	post_code(0x90);
	shadow_lock();
	post_code(0xa0);
}
