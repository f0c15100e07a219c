/*
 * The 8042 and the PS/2 keyboard. Keys arrive as scan code set 2 and are translated to set 1 by the controller.
 */
#include "keyboard.h"
#include "bda.h"
#include "io.h"
#include "log.h"
#include "pic.h"

#define POLLS 400000
#define ACK 0xfa
#define KEYBOARD_RESET 0xff
#define KEYBOARD_ENABLE 0xf4
#define KEYBOARD_SET_LEDS 0xed
#define SELF_TEST_PASSED 0x55
#define LEDS_MASK 0x07
#define LEDS_IN_UPDATE 0x40

static bool input_empty(void)
{
	for (u32 i = 0; i < POLLS; i++)
		if (!(inb(PORT_8042_STATUS) & STATUS_8042_INPUT_FULL))
			return true;
	return false;
}

bool i8042_command(u8 command)
{
	if (!input_empty())
		return false;
	outb(PORT_8042_COMMAND, command);
	return true;
}

bool i8042_write_data(u8 byte)
{
	if (!input_empty())
		return false;
	outb(PORT_8042_DATA, byte);
	return true;
}

int i8042_read_data(void)
{
	for (u32 i = 0; i < POLLS; i++)
		if (inb(PORT_8042_STATUS) & STATUS_8042_OUTPUT_FULL)
			return inb(PORT_8042_DATA);
	return -1;
}

static void flush(void)
{
	for (int i = 0; i < 32 && (inb(PORT_8042_STATUS) & STATUS_8042_OUTPUT_FULL); i++)
		inb(PORT_8042_DATA);
}

bool keyboard_send(u8 byte)
{
	return i8042_write_data(byte) && i8042_read_data() == ACK;
}

void keyboard_update_leds(void)
{
	u8 leds = bda->shift_flags >> 4 & LEDS_MASK;
	if ((bda->keyboard_leds & LEDS_MASK) == leds)
		return;
	bda->keyboard_leds = leds | LEDS_IN_UPDATE;
	/* Without the interrupt, or the acknowledgements would raise it. */
	i8042_command(CMD_8042_READ_MODE);
	int mode = i8042_read_data();
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(mode & ~MODE_8042_IRQ1);
	if (keyboard_send(KEYBOARD_SET_LEDS))
		keyboard_send(leds);
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(mode);
	bda->keyboard_leds = leds;
}

bool keyboard_put(u16 key)
{
	u16 tail = bda->keyboard_tail, next = tail + 2;
	if (next >= bda->keyboard_end)
		next = bda->keyboard_start;
	if (next == bda->keyboard_head)
		return false;
	*(volatile u16 __seg_fs *)(u32)(0x400 + tail) = key;
	bda->keyboard_tail = next;
	return true;
}

static void buffer_init(void)
{
	bda->keyboard_start = OFFSET(struct BiosDataArea, keyboard_buffer);
	bda->keyboard_end = bda->keyboard_start + 32;
	bda->keyboard_head = bda->keyboard_start;
	bda->keyboard_tail = bda->keyboard_start;
	bda->keyboard_mode = KEYBOARD_ENHANCED;
}

static bool controller_init(void)
{
	flush();
	i8042_command(CMD_8042_DISABLE_KEYBOARD);
	i8042_command(CMD_8042_DISABLE_AUX);
	flush();
	if (!i8042_command(CMD_8042_SELF_TEST) || i8042_read_data() != SELF_TEST_PASSED)
		return false;
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(MODE_8042_TRANSLATE | MODE_8042_DISABLE_AUX | MODE_8042_SYSTEM);
	i8042_command(CMD_8042_ENABLE_KEYBOARD);
	return true;
}

void keyboard_init(void)
{
	buffer_init();
	if (!controller_init()) {
		log("keyboard: the controller does not answer\n");
		return;
	}
	if (!keyboard_send(KEYBOARD_RESET) || i8042_read_data() < 0 || !keyboard_send(KEYBOARD_ENABLE))
		log("keyboard: none\n");
	i8042_command(CMD_8042_WRITE_MODE);
	i8042_write_data(MODE_8042_TRANSLATE | MODE_8042_DISABLE_AUX | MODE_8042_SYSTEM | MODE_8042_IRQ1);
	bda->equipment = bda->equipment | EQUIPMENT_MOUSE;
	pic_unmask(1);
	pic_unmask(2);
}
