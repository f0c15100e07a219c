/*
 * Keys, from the keyboard and from COM1 alike.
 */
#pragma once

#include <kernel.h>

/* Keys beyond ASCII. ENTER is '\n', on COM1 too. */
enum key {
	KEY_BACKSPACE = 0x08,
	KEY_DELETE = 0x100,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_UP,
	KEY_DOWN,
	KEY_HOME,
	KEY_END,
};

/* Both are called by interrupt handlers, with interrupts off. */
void input_from_keyboard(int key);
void input_from_serial(uint8_t byte);

/* Waits for a key. Interrupts must be on. */
int input_key(void);

void keyboard_init(void);
