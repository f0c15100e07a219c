/*
 * INT 16h: the keyboard buffer. AH=00h-02h for programs from before the enhanced keyboard, 10h-12h for the rest.
 * A read with nothing to read sets `again`, so the gate waits on the caller's stack.
 */
#include "bda.h"
#include "keyboard.h"
#include "registers.h"

#define CAPABILITY_ENHANCED 0x30 /* AH=09h: AH=0Ah and 10h-12h exist */
#define KEYBOARD_ID_ENHANCED 0x41ab
#define SET_TYPEMATIC 0xf3
#define LAST_OLD_SCANCODE 0x84

static bool peek(u16 *key)
{
	u16 head = bda->keyboard_head;
	if (head == bda->keyboard_tail)
		return false;
	*key = *(volatile u16 __seg_fs *)(u32)(0x400 + head);
	return true;
}

static void take(void)
{
	u16 next = bda->keyboard_head + 2;
	bda->keyboard_head = next >= bda->keyboard_end ? bda->keyboard_start : next;
}

/** Turns an enhanced key into its older equivalent. @returns false if it has none */
static bool to_old(u16 *key)
{
	u8 scancode = *key >> 8, character = *key;
	if (scancode == 0xe0)
		*key = character == '/' ? 0x352f : 0x1c00 | character;
	else if (character == 0xe0 && scancode)
		*key &= 0xff00;
	else if (scancode > LAST_OLD_SCANCODE)
		return false;
	return *key >> 8 <= LAST_OLD_SCANCODE;
}

/** The next key that the caller may see; the others are dropped if he is an old one. */
static bool next_key(u16 *key, bool enhanced)
{
	while (peek(key)) {
		if (enhanced || to_old(key))
			return true;
		take();
	}
	return false;
}

static void read_key(struct Registers *r, bool enhanced)
{
	u16 key;
	if (!next_key(&key, enhanced)) {
		r->again = 1;
		return;
	}
	take();
	r->ax = key;
}

static void check_key(struct Registers *r, bool enhanced)
{
	u16 key;
	bool available = next_key(&key, enhanced);
	if (available)
		r->ax = key;
	set_zero(r, !available);
	/* A program that only polls with interrupts off would wait for ever. */
	r->flags |= FLAGS_IF;
}

/** AH=12h: left and right Ctrl and Alt apart, and the lock keys held down. */
static u8 enhanced_flags(void)
{
	u8 held = bda->shift_flags2, right = bda->keyboard_mode;
	return (held & 0x73) | (held & HELD_SYSREQ ? 0x80 : 0) | (right & (KEYBOARD_RIGHT_CTRL | KEYBOARD_RIGHT_ALT));
}

void int16(struct Registers *r)
{
	switch (r->ah) {
	case 0x00:
	case 0x10:
		read_key(r, r->ah == 0x10);
		break;
	case 0x01:
	case 0x11:
		check_key(r, r->ah == 0x11);
		break;
	case 0x02:
		r->al = bda->shift_flags;
		keyboard_update_leds();
		break;
	case 0x03: /* AL=05h: BH delay, BL rate */
		if (r->al == 0x05 && keyboard_send(SET_TYPEMATIC))
			keyboard_send((r->bh & 3) << 5 | (r->bl & 31));
		break;
	case 0x05:
		r->al = keyboard_put(r->cx) ? 0 : 1;
		break;
	case 0x09:
		r->al = CAPABILITY_ENHANCED;
		break;
	case 0x0a:
		r->bx = KEYBOARD_ID_ENHANCED;
		break;
	case 0x12:
		r->al = bda->shift_flags;
		r->ah = enhanced_flags();
		break;
	default:
		r->ah = 0x86;
		break;
	}
}
