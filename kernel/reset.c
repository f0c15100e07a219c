/*
 * Reset and the debug exit: what needs no tables.
 */
#include "interrupt.h"
#include "power.h"

#define PORT_8042_STATUS 0x64
#define PORT_8042_COMMAND 0x64
#define STATUS_INPUT_FULL 0x02
#define COMMAND_PULSE_RESET 0xfe
#define PORT_RESET_CONTROL 0xcf9 /* 82371SB datasheet, "Reset Control Register" */
#define RESET_HARD 0x02
#define RESET_CPU 0x04
#define PORT_DEBUG_EXIT 0xf4

#define PATIENCE 100000

void reboot(void) {
	interrupts_off();
	for (int i = 0; i < PATIENCE && inb(PORT_8042_STATUS) & STATUS_INPUT_FULL; i++) {}
	outb(PORT_8042_COMMAND, COMMAND_PULSE_RESET);
	for (int i = 0; i < PATIENCE; i++) (void)inb(PORT_8042_STATUS);
	outb(PORT_RESET_CONTROL, RESET_HARD);
	outb(PORT_RESET_CONTROL, RESET_HARD | RESET_CPU);
	for (int i = 0; i < PATIENCE; i++) (void)inb(PORT_8042_STATUS);
	interrupts_on();
}

void debug_exit(uint8_t status) { outb(PORT_DEBUG_EXIT, status); }
