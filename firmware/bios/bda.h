/*
 * The BIOS data area at 0040:0000, as IBM's PC/AT and VGA technical references lay it out.
 */
#pragma once
#include "types.h"
#include "far.h"

struct BiosDataArea {
	u16 com_port[4];
	u16 lpt_port[3];
	u16 ebda_segment;
	u16 equipment;
	u8 post_status;
	u16 memory_kib;
	u8 reserved_15[2];
	/* 40:17 keyboard */
	u8 shift_flags, shift_flags2;
	u8 alt_keypad;
	u16 keyboard_head, keyboard_tail;
	u16 keyboard_buffer[16];
	/* 40:3E diskette */
	u8 diskette_recalibrate, diskette_motor, diskette_timeout, diskette_status;
	u8 diskette_controller[7];
	/* 40:49 video */
	u8 video_mode;
	u16 columns;
	u16 page_bytes;
	u16 page_start;
	struct {
		u8 column, row;
	} cursor[8];
	u8 cursor_end, cursor_start;
	u8 active_page;
	u16 crtc_port;
	u8 mode_select, cga_palette;
	/* 40:67 where INIT with a shutdown byte goes on */
	struct Far resume;
	u8 last_interrupt;
	u32 ticks;
	u8 midnight;
	u8 break_flag;
	u16 warm_boot;
	/* 40:74 hard disk */
	u8 disk_status, disk_count, disk_control, disk_port;
	u8 lpt_timeout[4], com_timeout[4];
	u16 keyboard_start, keyboard_end;
	/* 40:84 EGA and VGA */
	u8 last_row;
	u16 character_height;
	u8 video_control, video_switches, mode_set_control, display_combination;
	u8 diskette_rate, disk_controller_status, disk_controller_error, disk_interrupt;
	u8 diskette_info, diskette_media[2], diskette_start[2], diskette_cylinder[2];
	/* 40:96 enhanced keyboard */
	u8 keyboard_mode, keyboard_leds;
	/* 40:98 INT 15h AH=83h, 86h */
	struct Far wait_flag;
	u32 wait_microseconds;
	u8 wait_active;
	u8 network[7];
	struct Far video_save_table;
} PACKED;

#define bda ((volatile struct BiosDataArea __seg_fs *)0x400)

_Static_assert(OFFSET(struct BiosDataArea, keyboard_buffer) == 0x1e, "40:1E");
_Static_assert(OFFSET(struct BiosDataArea, video_mode) == 0x49, "40:49");
_Static_assert(OFFSET(struct BiosDataArea, resume) == 0x67, "40:67");
_Static_assert(OFFSET(struct BiosDataArea, ticks) == 0x6c, "40:6C");
_Static_assert(OFFSET(struct BiosDataArea, last_row) == 0x84, "40:84");
_Static_assert(OFFSET(struct BiosDataArea, keyboard_mode) == 0x96, "40:96");
_Static_assert(OFFSET(struct BiosDataArea, wait_flag) == 0x98, "40:98");
_Static_assert(OFFSET(struct BiosDataArea, video_save_table) == 0xa8, "40:A8");

/** The extended BIOS data area: the last KiB below 640 KiB. Its first byte is its size in KiB. */
#define EBDA_SEGMENT 0x9fc0
#define CONVENTIONAL_KIB 639

/* equipment (INT 11h) */
#define EQUIPMENT_FPU 0x0002
#define EQUIPMENT_MOUSE 0x0004
#define EQUIPMENT_VIDEO_COLOUR80 0x0020
#define EQUIPMENT_VIDEO_MASK 0x0030
#define EQUIPMENT_VIDEO_MONO 0x0030
#define EQUIPMENT_COM_SHIFT 9
#define EQUIPMENT_LPT_SHIFT 14

/* shift_flags */
#define SHIFT_RIGHT 0x01
#define SHIFT_LEFT 0x02
#define SHIFT_CTRL 0x04
#define SHIFT_ALT 0x08
#define SHIFT_SCROLL_LOCK 0x10
#define SHIFT_NUM_LOCK 0x20
#define SHIFT_CAPS_LOCK 0x40
#define SHIFT_INSERT 0x80
/* shift_flags2: left Ctrl and Alt, and keys held down */
#define HELD_LEFT_CTRL 0x01
#define HELD_LEFT_ALT 0x02
#define HELD_SYSREQ 0x04
#define HELD_PAUSE 0x08
#define HELD_SCROLL_LOCK 0x10
#define HELD_NUM_LOCK 0x20
#define HELD_CAPS_LOCK 0x40
#define HELD_INSERT 0x80
/* keyboard_mode */
#define KEYBOARD_LAST_E1 0x01
#define KEYBOARD_LAST_E0 0x02
#define KEYBOARD_RIGHT_CTRL 0x04
#define KEYBOARD_RIGHT_ALT 0x08
#define KEYBOARD_ENHANCED 0x10
/* break_flag */
#define BREAK_PRESSED 0x80
