/* The 8042 controller and the keyboard behind it. */
#pragma once
#include "types.h"

#define PORT_8042_DATA 0x60
#define PORT_8042_STATUS 0x64
#define PORT_8042_COMMAND 0x64
#define STATUS_8042_OUTPUT_FULL 0x01
#define STATUS_8042_INPUT_FULL 0x02
#define STATUS_8042_AUX 0x20

#define CMD_8042_READ_MODE 0x20
#define CMD_8042_WRITE_MODE 0x60
#define CMD_8042_DISABLE_AUX 0xa7
#define CMD_8042_ENABLE_AUX 0xa8
#define CMD_8042_SELF_TEST 0xaa
#define CMD_8042_DISABLE_KEYBOARD 0xad
#define CMD_8042_ENABLE_KEYBOARD 0xae
#define CMD_8042_WRITE_AUX 0xd4

#define MODE_8042_IRQ1 0x01
#define MODE_8042_IRQ12 0x02
#define MODE_8042_SYSTEM 0x04
#define MODE_8042_DISABLE_AUX 0x20
#define MODE_8042_TRANSLATE 0x40

/** Tests the controller, sets up the keyboard, empties the buffer at 40:1E. */
void keyboard_init(void);
/** Sends a byte to the keyboard and waits for its acknowledgement. */
bool keyboard_send(u8 byte);
/** Shows the lock flags of 40:17 on the keyboard. */
void keyboard_update_leds(void);
/** Appends a key (scan code << 8 | character) to the buffer. @returns false if it is full */
bool keyboard_put(u16 key);

/** Controller primitives; each gives up after a while. */
bool i8042_command(u8 command);
bool i8042_write_data(u8 byte);
/** @returns the byte, or -1 */
int i8042_read_data(void);
