/* VGA registers (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem"). */
#pragma once
#include "io.h"
#include "types.h"

#define VGA_ATTRIBUTE 0x3c0
#define VGA_ATTRIBUTE_READ 0x3c1
#define VGA_MISC_WRITE 0x3c2
#define VGA_SEQUENCER 0x3c4
#define VGA_PEL_MASK 0x3c6
#define VGA_DAC_READ_INDEX 0x3c7
#define VGA_DAC_WRITE_INDEX 0x3c8
#define VGA_DAC_DATA 0x3c9
#define VGA_MISC_READ 0x3cc
#define VGA_GRAPHICS 0x3ce
#define VGA_CRTC_MONO 0x3b4
#define VGA_CRTC_COLOUR 0x3d4
#define VGA_STATUS_OFFSET 6 /* from the CRTC's index port */

#define MISC_COLOUR 0x01
#define MISC_RAM_ENABLE 0x02
#define ATTRIBUTE_SCREEN_ON 0x20
#define AR_MODE 0x10
#define AR_MODE_BLINK 0x08
#define AR_MODE_P54_SELECT 0x80
#define AR_OVERSCAN 0x11
#define AR_COLOUR_SELECT 0x14
#define SR_CLOCKING 0x01
#define SR_CLOCKING_SCREEN_OFF 0x20
#define SR_MAP_MASK 0x02
#define SR_CHARACTER_MAP 0x03
#define SR_MEMORY_MODE 0x04
#define GR_SET_RESET 0x00
#define GR_ENABLE_SET_RESET 0x01
#define GR_ROTATE 0x03
#define ROTATE_XOR 0x18
#define GR_READ_MAP 0x04
#define GR_MODE 0x05
#define GR_MISC 0x06
#define GR_BIT_MASK 0x08
#define CR_MAX_SCAN_LINE 0x09
#define CR_CURSOR_START 0x0a
#define CR_CURSOR_END 0x0b
#define CR_START_HIGH 0x0c
#define CR_CURSOR_HIGH 0x0e
#define CR_VSYNC_END 0x11
#define CR_VSYNC_END_PROTECT 0x80
#define CR_VDISPLAY_END 0x12
#define CR_OVERFLOW 0x07
#define CR_OFFSET 0x13

static inline void vga_write(u16 port, u8 index, u8 value)
{
	outw(port, index | value << 8);
}

static inline u8 vga_read(u16 port, u8 index)
{
	outb(port, index);
	return inb(port + 1);
}

/** 3B4h or 3D4h, as the miscellaneous output register says. */
static inline u16 vga_crtc(void)
{
	return inb(VGA_MISC_READ) & MISC_COLOUR ? VGA_CRTC_COLOUR : VGA_CRTC_MONO;
}

/** Points the attribute controller's flip-flop at the index. */
static inline void attribute_reset(void)
{
	inb(vga_crtc() + VGA_STATUS_OFFSET);
}

static inline void attribute_write(u8 index, u8 value)
{
	attribute_reset();
	outb(VGA_ATTRIBUTE, index);
	outb(VGA_ATTRIBUTE, value);
	outb(VGA_ATTRIBUTE, ATTRIBUTE_SCREEN_ON);
}

static inline u8 attribute_read(u8 index)
{
	attribute_reset();
	outb(VGA_ATTRIBUTE, index);
	u8 value = inb(VGA_ATTRIBUTE_READ);
	attribute_reset();
	outb(VGA_ATTRIBUTE, ATTRIBUTE_SCREEN_ON);
	return value;
}
