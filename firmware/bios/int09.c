/*
 * INT 09h, the keyboard's interrupt: scan codes to keys in the buffer at 40:1E.
 *
 * Returns in AL what irq1 in vectors.S must do after EOI: one of the AFTER_ codes.
 */
#include "bda.h"
#include "cmos.h"
#include "keyboard.h"
#include "registers.h"
#include "scancodes.h"

#define AFTER_NOTHING 0
#define AFTER_PRINT_SCREEN 0x05
#define AFTER_BREAK 0x1b
#define AFTER_SYSREQ_PRESSED 0x15
#define AFTER_SYSREQ_RELEASED 0x16
#define AFTER_PAUSE 0x50

#define RELEASED 0x80
#define SCAN_CTRL 0x1d
#define SCAN_LEFT_SHIFT 0x2a
#define SCAN_RIGHT_SHIFT 0x36
#define SCAN_PRINT_SCREEN 0x37
#define SCAN_ALT 0x38
#define SCAN_CAPS_LOCK 0x3a
#define SCAN_NUM_LOCK 0x45
#define SCAN_SCROLL_LOCK 0x46
#define SCAN_HOME 0x47
#define SCAN_INSERT 0x52
#define SCAN_DELETE 0x53
#define SCAN_SYSREQ 0x54
#define WARM_BOOT 0x1234
#define PULSE_RESET 0xfe

static void flags(u8 set, u8 bits)
{
	bda->shift_flags = set ? bda->shift_flags | bits : bda->shift_flags & ~bits;
}

static void flags2(u8 set, u8 bits)
{
	bda->shift_flags2 = set ? bda->shift_flags2 | bits : bda->shift_flags2 & ~bits;
}

static void mode(u8 set, u8 bits)
{
	bda->keyboard_mode = set ? bda->keyboard_mode | bits : bda->keyboard_mode & ~bits;
}

static void lock_key(bool pressed, u8 held, u8 toggle)
{
	if (pressed && !(bda->shift_flags2 & held)) {
		bda->shift_flags = bda->shift_flags ^ toggle;
		keyboard_update_leds();
	}
	flags2(pressed, held);
}

/** Ctrl is down while either of the two is. */
static void ctrl_key(bool pressed, bool right)
{
	if (right)
		mode(pressed, KEYBOARD_RIGHT_CTRL);
	else
		flags2(pressed, HELD_LEFT_CTRL);
	flags((bda->keyboard_mode & KEYBOARD_RIGHT_CTRL) || (bda->shift_flags2 & HELD_LEFT_CTRL), SHIFT_CTRL);
}

static void alt_key(bool pressed, bool right)
{
	if (right)
		mode(pressed, KEYBOARD_RIGHT_ALT);
	else
		flags2(pressed, HELD_LEFT_ALT);
	flags((bda->keyboard_mode & KEYBOARD_RIGHT_ALT) || (bda->shift_flags2 & HELD_LEFT_ALT), SHIFT_ALT);
	if (!(bda->shift_flags & SHIFT_ALT) && bda->alt_keypad) {
		keyboard_put(bda->alt_keypad);
		bda->alt_keypad = 0;
	}
}

/** @returns true if the key was a shift or lock key */
static bool shift_key(u8 scancode, bool pressed, bool extended)
{
	switch (scancode) {
	case SCAN_LEFT_SHIFT:
		if (!extended) /* E0 2A is only the keyboard's way to undo Num Lock */
			flags(pressed, SHIFT_LEFT);
		return true;
	case SCAN_RIGHT_SHIFT:
		if (!extended)
			flags(pressed, SHIFT_RIGHT);
		return true;
	case SCAN_CTRL:
		ctrl_key(pressed, extended);
		return true;
	case SCAN_ALT:
		alt_key(pressed, extended);
		return true;
	case SCAN_CAPS_LOCK:
		lock_key(pressed, HELD_CAPS_LOCK, SHIFT_CAPS_LOCK);
		return true;
	}
	return false;
}

static u8 pause_or_num_lock(bool pressed)
{
	if ((bda->shift_flags & SHIFT_CTRL) && pressed) {
		if (bda->shift_flags2 & HELD_PAUSE)
			return AFTER_NOTHING;
		flags2(true, HELD_PAUSE);
		return AFTER_PAUSE;
	}
	lock_key(pressed, HELD_NUM_LOCK, SHIFT_NUM_LOCK);
	return AFTER_NOTHING;
}

static u8 break_or_scroll_lock(bool pressed, bool extended)
{
	if (!extended && !(bda->shift_flags & SHIFT_CTRL)) {
		lock_key(pressed, HELD_SCROLL_LOCK, SHIFT_SCROLL_LOCK);
		return AFTER_NOTHING;
	}
	if (!pressed)
		return AFTER_NOTHING;
	bda->keyboard_head = bda->keyboard_start;
	bda->keyboard_tail = bda->keyboard_start;
	bda->break_flag = BREAK_PRESSED;
	keyboard_put(0);
	return AFTER_BREAK;
}

static void reboot(void)
{
	bda->warm_boot = WARM_BOOT;
	cmos_write(CMOS_SHUTDOWN, 0);
	i8042_command(PULSE_RESET);
	for (;;)
		asm volatile("cli\n\thlt");
}

/** Alt and the keypad's digits make a character by its number. */
static bool alt_digit(u8 scancode)
{
	static const s8 digits[] = {7, 8, 9, -1, 4, 5, 6, -1, 1, 2, 3, 0};
	if (scancode < SCAN_HOME || scancode > SCAN_INSERT || digits[scancode - SCAN_HOME] < 0)
		return false;
	bda->alt_keypad = bda->alt_keypad * 10 + digits[scancode - SCAN_HOME];
	return true;
}

static bool is_letter(u16 key)
{
	u8 c = key;
	return c >= 'a' && c <= 'z';
}

static u16 translate(u8 scancode, const struct Key *key, bool extended)
{
	u8 shift = bda->shift_flags;
	bool shifted = shift & (SHIFT_LEFT | SHIFT_RIGHT);
	if (shift & SHIFT_ALT)
		return key->alt;
	if (shift & SHIFT_CTRL)
		return key->ctrl;
	if ((shift & SHIFT_CAPS_LOCK) && is_letter(key->plain))
		shifted = !shifted;
	bool keypad = scancode >= SCAN_HOME && scancode <= SCAN_DELETE;
	if ((shift & SHIFT_NUM_LOCK) && keypad && !extended)
		shifted = !shifted;
	return shifted ? key->shift : key->plain;
}

static void ordinary_key(u8 scancode, bool extended)
{
	u8 shift = bda->shift_flags;
	if (scancode == SCAN_DELETE && (shift & (SHIFT_CTRL | SHIFT_ALT)) == (SHIFT_CTRL | SHIFT_ALT))
		reboot();
	if ((shift & SHIFT_ALT) && !extended && alt_digit(scancode))
		return;
	if (scancode == SCAN_INSERT && !(shift & (SHIFT_CTRL | SHIFT_ALT)))
		bda->shift_flags = bda->shift_flags ^ SHIFT_INSERT;
	const struct Key *key = extended ? extended_key(scancode) : NULL;
	if (!key && scancode < KEYS)
		key = &keys[scancode];
	u16 code = key ? translate(scancode, key, extended) : 0;
	if (code)
		keyboard_put(code);
}

static u8 handle(u8 scancode, bool pressed, bool extended)
{
	if (shift_key(scancode, pressed, extended))
		return AFTER_NOTHING;
	if (scancode == SCAN_NUM_LOCK && !extended)
		return pause_or_num_lock(pressed);
	if (scancode == SCAN_SCROLL_LOCK)
		return break_or_scroll_lock(pressed, extended);
	if (scancode == SCAN_SYSREQ)
		return pressed ? AFTER_SYSREQ_PRESSED : AFTER_SYSREQ_RELEASED;
	if (!pressed)
		return AFTER_NOTHING;
	if (bda->shift_flags2 & HELD_PAUSE) { /* any key ends a pause and is swallowed */
		flags2(false, HELD_PAUSE);
		return AFTER_NOTHING;
	}
	if (scancode == SCAN_PRINT_SCREEN && extended) {
		if (bda->shift_flags & SHIFT_CTRL)
			keyboard_put(0x7200);
		return bda->shift_flags & SHIFT_CTRL ? AFTER_NOTHING : AFTER_PRINT_SCREEN;
	}
	ordinary_key(scancode, extended);
	return AFTER_NOTHING;
}

/** After E1 (the Pause key: E1 1D 45) the next two codes belong to it. */
static u8 pause_sequence(u8 code)
{
	if ((code & ~RELEASED) == SCAN_CTRL)
		return AFTER_NOTHING;
	mode(false, KEYBOARD_LAST_E1);
	if ((code & RELEASED) || (bda->shift_flags2 & HELD_PAUSE))
		return AFTER_NOTHING;
	flags2(true, HELD_PAUSE);
	return AFTER_PAUSE;
}

void keyboard_scancode(struct Registers *r)
{
	u8 code = r->al;
	r->al = AFTER_NOTHING;
	if (code == 0xe0 || code == 0xe1) {
		mode(true, code == 0xe0 ? KEYBOARD_LAST_E0 : KEYBOARD_LAST_E1);
		return;
	}
	if (bda->keyboard_mode & KEYBOARD_LAST_E1) {
		r->al = pause_sequence(code);
		return;
	}
	bool extended = bda->keyboard_mode & KEYBOARD_LAST_E0;
	mode(false, KEYBOARD_LAST_E0);
	r->al = handle(code & ~RELEASED, !(code & RELEASED), extended);
}
