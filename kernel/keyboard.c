/*
 * The 8042 and a PS/2 keyboard, in scan code set 1 (the 8042 translates), US layout.
 * Sources: IBM PS/2 technical reference, "Keyboard and Auxiliary Device Controller"; "Keyboard".
 */
#include "input.h"
#include "interrupt.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define PORT_COMMAND 0x64
#define STATUS_OUTPUT_FULL 0x01
#define STATUS_INPUT_FULL 0x02
#define STATUS_AUXILIARY 0x20
#define COMMAND_READ_BYTE 0x20
#define COMMAND_WRITE_BYTE 0x60
#define COMMAND_DISABLE_AUXILIARY 0xa7
#define COMMAND_DISABLE_KEYBOARD 0xad
#define COMMAND_ENABLE_KEYBOARD 0xae
#define BYTE_IRQ1 0x01
#define BYTE_IRQ12 0x02
#define BYTE_TRANSLATE 0x40

#define SCAN_EXTENDED 0xe0
#define SCAN_RELEASED 0x80
#define SCAN_CONTROL 0x1d
#define SCAN_LEFT_SHIFT 0x2a
#define SCAN_RIGHT_SHIFT 0x36
#define SCAN_CAPS_LOCK 0x3a

#define PATIENCE 100000 /* reads of the status register */

static const char plain[0x3a] = {
	0,   27,  '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '-',  '=', '\b', '\t', 'q', 'w', 'e', 'r',
	't', 'y', 'u', 'i', 'o', 'p', '[', ']', '\n', 0,  'a', 's', 'd',  'f', 'g',  'h',  'j', 'k', 'l', ';',
	'\'', '`', 0,  '\\', 'z', 'x', 'c', 'v', 'b', 'n', 'm', ',', '.', '/', 0,    '*',  0,   ' ',
};
static const char shifted[0x3a] = {
	0,   27,  '!', '@', '#', '$', '%', '^', '&', '*', '(', ')', '_',  '+', '\b', '\t', 'Q', 'W', 'E', 'R',
	'T', 'Y', 'U', 'I', 'O', 'P', '{', '}', '\n', 0,  'A', 'S', 'D',  'F', 'G',  'H',  'J', 'K', 'L', ':',
	'"', '~', 0,   '|', 'Z', 'X', 'C', 'V', 'B', 'N', 'M', '<', '>', '?', 0,    '*',  0,   ' ',
};

static bool shift, control, caps_lock, extended;

/* 0 where there is no key for it. The keypad without NumLock sends the same codes, not extended. */
static int key_of_cursor(uint8_t code) {
	switch (code) {
	case 0x47: return KEY_HOME;
	case 0x48: return KEY_UP;
	case 0x4b: return KEY_LEFT;
	case 0x4d: return KEY_RIGHT;
	case 0x4f: return KEY_END;
	case 0x50: return KEY_DOWN;
	case 0x53: return KEY_DELETE;
	default: return 0;
	}
}

static int key_of_character(uint8_t code) {
	bool letter = plain[code] >= 'a' && plain[code] <= 'z';
	char character = (shift != (letter && caps_lock)) ? shifted[code] : plain[code];
	return control && letter ? plain[code] & 0x1f : character;
}

static int key_of(uint8_t code, bool is_extended) {
	if (is_extended && code == 0x1c) return '\n'; /* keypad ENTER */
	if (is_extended && code == 0x35) return '/';  /* keypad / */
	if (code >= sizeof plain) return key_of_cursor(code);
	return is_extended ? 0 : key_of_character(code);
}

/* Returns whether the code was that of a key that only changes others. */
static bool modifier(uint8_t code, bool pressed, bool is_extended) {
	if (code == SCAN_CONTROL) control = pressed;
	else if (is_extended) return false; /* E0 2A and E0 36 are fake shifts around cursor keys */
	else if (code == SCAN_LEFT_SHIFT || code == SCAN_RIGHT_SHIFT) shift = pressed;
	else if (code == SCAN_CAPS_LOCK) caps_lock ^= pressed;
	else return false;
	return true;
}

static void scan_code(uint8_t byte) {
	if (byte == SCAN_EXTENDED) {
		extended = true;
		return;
	}
	bool was_extended = extended, pressed = !(byte & SCAN_RELEASED);
	uint8_t code = byte & ~SCAN_RELEASED;
	extended = false;
	if (modifier(code, pressed, was_extended) || !pressed) return;
	int key = key_of(code, was_extended);
	if (key) input_from_keyboard(key);
}

static void received(void) {
	uint8_t status = inb(PORT_STATUS);
	if (!(status & STATUS_OUTPUT_FULL)) return;
	uint8_t byte = inb(PORT_DATA);
	if (!(status & STATUS_AUXILIARY)) scan_code(byte);
}

static void wait_status(uint8_t mask, uint8_t value) {
	for (int i = 0; i < PATIENCE && (inb(PORT_STATUS) & mask) != value; i++) {}
}

static void command(uint8_t value) {
	wait_status(STATUS_INPUT_FULL, 0);
	outb(PORT_COMMAND, value);
}

static void drain(void) {
	for (int i = 0; i < 32 && inb(PORT_STATUS) & STATUS_OUTPUT_FULL; i++) (void)inb(PORT_DATA);
}

void keyboard_init(void) {
	command(COMMAND_DISABLE_KEYBOARD);
	command(COMMAND_DISABLE_AUXILIARY);
	drain();
	command(COMMAND_READ_BYTE);
	wait_status(STATUS_OUTPUT_FULL, STATUS_OUTPUT_FULL);
	uint8_t byte = inb(PORT_DATA);
	command(COMMAND_WRITE_BYTE);
	wait_status(STATUS_INPUT_FULL, 0);
	outb(PORT_DATA, (byte | BYTE_IRQ1 | BYTE_TRANSLATE) & ~BYTE_IRQ12);
	irq_handle(IRQ_KEYBOARD, received);
	command(COMMAND_ENABLE_KEYBOARD);
}
